"""A charger whose contact and samples a test chooses."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import override

from custom_components.headroom.chargers.base import (
    Capabilities,
    ChargerError,
    ChargerInfo,
    ChargerLink,
    ConnectorData,
    ConnectorProfile,
    Contact,
    Failsafe,
)
from custom_components.headroom.engine.currents import PerPhase
from custom_components.headroom.engine.snapshot import ConnectorReading, ConnectorStatus
from custom_components.headroom.listeners import Listeners

START = datetime(2026, 7, 1, 12, tzinfo=UTC)
LEASE = timedelta(seconds=180)


class Link(ChargerLink):
    """It does as it is told by the test."""

    contacts = 1

    def __init__(self, *drawn: float) -> None:
        self.contact = Contact.FULL
        self.there = True
        self.resets = False
        self.reset_error: ChargerError | None = None
        self.answers_reset = asyncio.Event()
        self.hard_resets = 0
        self.failsafe = Failsafe.LEASE
        self.lease_until: datetime | None = START + LEASE
        self.data: dict[int, ConnectorData] = {}
        self.listeners = Listeners()
        for number, current in enumerate(drawn, start=1):
            self.say(number, current, START)

    def restart(self) -> None:
        """Lose contact and have it again."""
        self.contacts += 1

    def say(
        self,
        number: int,
        drawn: float | None,
        at: datetime,
        status: ConnectorStatus = ConnectorStatus.CHARGING,
    ) -> None:
        currents = None if drawn is None else PerPhase(drawn, 0, 0)
        self.data[number] = ConnectorData(status=status, drawn=currents, measured_at=at)
        self.listeners.notify()

    @property
    @override
    def online(self) -> bool:
        return self.there and self.contact is not Contact.NONE

    @property
    @override
    def info(self) -> ChargerInfo:
        return ChargerInfo()

    @property
    @override
    def capabilities(self) -> Capabilities:
        return Capabilities(failsafe=self.failsafe, resets=self.resets)

    @property
    @override
    def connectors(self) -> Mapping[int, ConnectorData]:
        return self.data

    @override
    def reading(self, connector: int) -> ConnectorReading:
        return ConnectorReading(online=self.online, lease_until=self.lease_until)

    @override
    def restrict(self, contact: Contact) -> None:
        self.contact = contact

    @override
    def subscribe(self, listener: Callable[[], None]) -> Callable[[], None]:
        return self.listeners.subscribe(listener)

    @override
    def update(self, connectors: Mapping[int, ConnectorProfile]) -> None:
        raise NotImplementedError

    @override
    def set_current(self, connector: int, current: float) -> None:
        raise NotImplementedError

    @override
    def maintain(self) -> None:
        raise NotImplementedError

    @override
    async def settled(self) -> None:
        raise NotImplementedError

    @override
    async def start(self, connector: int, badge: str) -> None:
        raise NotImplementedError

    @override
    async def stop(self, connector: int) -> None:
        raise NotImplementedError

    @override
    async def reset(self, *, hard: bool) -> None:
        self.hard_resets += hard
        await self.answers_reset.wait()
        if self.reset_error is not None:
            raise self.reset_error

    @override
    async def close(self) -> None:
        raise NotImplementedError
