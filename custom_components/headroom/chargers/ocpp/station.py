"""A charging station that speaks OCPP, through all its connections."""

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import override

from ...engine.snapshot import ConnectorReading, ConnectorStatus
from ...listeners import Listeners
from ..base import (
    Capabilities,
    ChargerInfo,
    ChargerOffline,
    ChargerRefused,
    ConnectorData,
    ConnectorProfile,
    Contact,
    Failsafe,
)
from ..maintenance import NoticeKind
from .clock import ChargerClock
from .config import CentralSystemConfig
from .connection import Connection
from .connector import StationConnector
from .effect import Effect
from .errands import ask_each, ask_everything
from .experience import Experience
from .external import ExternalLimits
from .ladder import Ladder
from .leaving import LeavingConnectors
from .limits import ConnectorLimits
from .meter_values import Sample
from .probe import Probe
from .sessions import Sessions
from .strategy import ANY, WayChoice
from .transactions import TransactionId, TransactionLedger
from .upkeep import COMMANDS, MaintainedStation
from .writer import LimitWriter

_LOGGER = logging.getLogger(__name__)

_LEASED = Capabilities(failsafe=Failsafe.LEASE, commands=COMMANDS)
_UNLEASED = Capabilities(failsafe=Failsafe.NONE, commands=COMMANDS)


class OcppStation(MaintainedStation):
    """One registered station; its connections come and go."""

    def __init__(
        self,
        station_id: str,
        connectors: Mapping[int, ConnectorProfile],
        *,
        config: CentralSystemConfig,
        now: Callable[[], datetime],
        random: Callable[[], float],
        ledger: TransactionLedger,
        save: Callable[[], Awaitable[None]],
        experience: Experience,
        choice: WayChoice = ANY,
    ) -> None:
        super().__init__(station_id, config=config, now=now)
        self._probe = Probe(station_id, experience, config, save)
        self._random = random
        self._sessions = Sessions(station_id, ledger, save, now)
        self._clock = ChargerClock(2 * config.meter_interval)
        self._info = ChargerInfo()
        self._choice = choice
        self._ladder = Ladder()
        self._laddered = 0
        """So many connectors stand on the ladder, also those that are leaving."""
        self._leaving = LeavingConnectors(station_id, config.lease)
        self._listeners = Listeners()
        self._connection: Connection | None = None
        self._writer: LimitWriter | None = None
        self._contact = Contact.FULL
        self._contacts = 0
        self.external = ExternalLimits()
        self.update(connectors)

    @property
    @override
    def online(self) -> bool:
        return self._connection is not None

    @property
    @override
    def contacts(self) -> int:
        return self._contacts

    @property
    @override
    def info(self) -> ChargerInfo:
        return self._info

    @property
    @override
    def capabilities(self) -> Capabilities:
        can = _LEASED if self._ladder.strategy.leases else _UNLEASED
        return replace(can, switches_phases=bool(self._probe.traits.switches_phases))

    @property
    @override
    def limitable(self) -> bool:
        return not self._ladder.exhausted

    @property
    @override
    def details(self) -> Mapping[str, object]:
        return {
            "traits": self._probe.traits,
            "strategy": self._ladder.strategy.name,
            "strategy_accepted": self._ladder.proven,
            "strategy_followed": self._probe.findings.followed,
            "strategies_without_effect": self._probe.findings.barred,
            "composite_limits": self._probe.composites,
            "external_limits": self.external.shown,
            "version": self._probe.version,
            **({} if self._connection is None else self._connection.details),
        }

    @property
    @override
    def connectors(self) -> Mapping[int, ConnectorData]:
        return {number: connector.data for number, connector in self._connectors.items()}

    @property
    @override
    def refused_settings(self) -> frozenset[str]:
        return self._probe.refused_settings

    @override
    def reading(self, connector: int) -> ConnectorReading:
        reading = self._connectors[connector].reading(
            online=self.online, starts_free=self.starts_free
        )
        return replace(reading, booted_at=self._boots.last)

    @override
    def subscribe(self, listener: Callable[[], None]) -> Callable[[], None]:
        return self._listeners.subscribe(listener)

    @override
    def update(self, connectors: Mapping[int, ConnectorProfile]) -> None:
        for number in self._connectors.keys() - connectors.keys():
            self._leaving.pause(self._connectors.pop(number), self._now())
        for number, profile in connectors.items():
            if (back := self._leaving.take_back(number)) is not None:
                self._connectors[number] = back
            if (known := self._connectors.get(number)) is not None:
                known.limits.profile = profile
        self._fit_ladder(len(connectors))
        for number, profile in connectors.items():
            if number not in self._connectors:
                self._add(number, profile)
        self._wake_writer()

    @override
    def set_current(self, connector: int, current: float) -> None:
        self._connectors[connector].limits.aim(current)
        self._wake_writer()

    @override
    async def set_phases(self, connector: int, count: int) -> None:
        """Name the number of phases in every limit of a connector, if the station takes that."""
        self._connected()
        limits = self._connectors[connector].limits
        before = limits.phases
        limits.use_phases(count, self._now())
        self._wake_writer()
        await self.settled()
        is_taken = limits.phases == count and limits.phases_taken
        if not is_taken and limits.phases is not None:
            limits.use_phases(before, self._now())
            self._wake_writer()
        await self._probe.keep_phases({n: c.limits.phases for n, c in self._connectors.items()})
        if not is_taken:
            raise ChargerRefused(f"it takes no limit for {count} phase(s)")

    @override
    def restrict(self, contact: Contact) -> None:
        if contact is self._contact:
            return
        self._contact = contact
        if contact is Contact.NONE and (connection := self._connection) is not None:
            self._detach(connection)
            connection.abort()
        self._wake_writer()

    def choose(self, choice: WayChoice) -> None:
        """Limit the station in one of these ways only, from now on."""
        if choice == self._choice:
            return
        self._choice = choice
        self._begin()
        for connector in self._connectors.values():
            connector.limits.hurry()
        self._wake_writer()

    @property
    def may_connect(self) -> bool:
        """Return whether the station is let in."""
        return self._contact is not Contact.NONE

    @property
    def admits(self) -> bool:
        """Return whether the station may begin to work once it has introduced itself.

        To some that is the end of a time without any limit, so they have to show that first.
        """
        return self._contact is Contact.FULL

    @override
    async def settled(self) -> None:
        if self._writer is not None:
            await self._writer.settled()

    @override
    def maintain(self) -> None:
        connection = self._connection
        if connection is None:
            return
        now = self._now()
        self._let_go()
        expired = [connector.limits.expire(now) for connector in self._connectors.values()]
        if any(expired):
            self._changed()
        self._wake_writer()
        waited = now - connection.opened_at
        if not self._boots.expects_none and waited >= self._config.boot_patience:
            self._boots.ask(now)
            connection.spawn(ask_everything(connection, self._connectors))
        silent = [
            n for n, c in self._connectors.items() if c.needs_trigger(now, connection.opened_at)
        ]
        if silent:
            connection.spawn(ask_each(connection, "MeterValues", silent))
        connection.check_contact()

    @override
    async def close(self) -> None:
        if (connection := self._connection) is not None:
            self._detach(connection)
            connection.abort()
            await connection.closed.wait()

    async def serve(self, connection: Connection) -> None:
        """Speak with the charger through a connection until it ends or a newer one comes."""
        try:
            self._attach(connection)
            await connection.serve()
        finally:
            self._detach(connection)

    def booted(self, info: ChargerInfo, *, after_loss: bool = True) -> None:
        """Take over what the charger says of itself and try again what it refused before.

        One that starts anew within a connection may have lost its limits and settings.
        """
        restarted = self._boots.note(self._now(), after_loss=after_loss)
        self._info = info
        self._notice(NoticeKind.BOOT, info.firmware or "")
        self._probe.meet(info)
        if restarted:
            self._ladder.proven = False
        if not self._ladder.proven or self._ladder.strategy.name != self._probe.findings.strategy:
            # What a station that was starting up took or refused before proves nothing.
            self._begin()
        for connector in self._connectors.values():
            connector.restart_clock()
            connector.limits.hurry()
        if restarted:
            self._forget_contact(restarted=True)
        self._wake_writer()
        if self._probe.is_over and self._connection is not None and self._writer is not None:
            self._probe.is_over = False
            self._connection.spawn(self._set_up(self._connection, self._writer))
        self._limits_changed()

    def status_changed(
        self, connector: int, status: ConnectorStatus, error: str | None, at: datetime | None
    ) -> None:
        """Take over a connector's status; that of the station only where it stands for it."""
        target = self._connectors.get(connector)
        if target is None:
            target = self._only_connector(connector)
            if target is None or not _may_mean(target, status):
                return
        target.report_status(status, error, at, self._now())
        self._changed()

    async def metered(
        self,
        connector: int,
        transaction: TransactionId | None,
        samples: list[Sample],
        badge: str | None = None,
        told_at: datetime | None = None,
    ) -> None:
        """Take over fresh samples, and the session that they belong to."""
        target = self._connectors.get(connector) or self._only_connector(connector)
        if target is None:
            return
        if transaction is not None:
            await self._sessions.go_on(target, transaction, samples, badge, told_at)
            self._wake_writer()
        now = self._now()
        for sample in samples:
            if self._clock.is_fresh(sample, now):
                await self._judge(target.report_sample(sample, now))
        self._changed()

    async def started(
        self,
        connector: int,
        badge: str | None,
        meter_start: float | None,
        timestamp: str | None,
        transaction: TransactionId | None = None,
    ) -> TransactionId:
        """Open a transaction and its session; return the transaction's id."""
        target = self._connectors.get(connector) or self._only_connector(connector)
        begun = await self._sessions.start(
            target,
            connector,
            badge=badge,
            meter_start=meter_start,
            timestamp=timestamp,
            transaction=transaction,
            asked_since=self._asked_since(badge),
        )
        self._wake_writer()
        self._changed()
        return begun

    @override
    async def stopped(self, transaction: TransactionId, register: float | None = None) -> None:
        """Close a transaction and its session; unknown ones need nothing."""
        await self._sessions.stop(self._connectors, transaction, register)
        self._wake_writer()
        self._changed()

    def _asked_since(self, badge: str | None) -> datetime | None:
        """Return since when the station would have asked for a badge, if it would have."""
        if badge is None or self._connection is None or self._taps.knows(badge):
            return None
        asks = self._probe.is_over and self._probe.asks_for_badges
        return self._connection.opened_at if asks else None

    async def _judge(self, effect: Effect) -> None:
        """Leave a strategy that was accepted but has no effect, unless a car ever followed it."""
        name, known = self._ladder.strategy.name, self._probe.findings
        is_believed = known.followed and known.strategy == name
        if effect is Effect.UNKNOWN or not self._ladder.proven or is_believed:
            return
        if effect is Effect.FOLLOWED:
            if self._choice == ANY:
                await self._probe.learn(strategy=name, followed=True)
        elif self._ladder.bar():
            _LOGGER.warning("Station %s accepts but does not apply %s", self._id, name)
            for connector in self._connectors.values():
                connector.limits.hurry()
            works = None if known.strategy == name else known.strategy
            await self._probe.learn(barred=(*known.barred, name), strategy=works)
            self._wake_writer()

    def _attach(self, connection: Connection) -> None:
        previous, self._connection = self._connection, connection
        self._contacts += 1
        if previous is not None:
            previous.abort()
        self._end_writer()
        self._boots.connect()
        self._probe.is_over = False
        self._ladder.proven = False
        is_other = self._probe.version != connection.subprotocol
        self._probe.version = connection.subprotocol
        if is_other or self._ladder.exhausted:
            self._begin()
        self._forget_contact()
        self._writer = LimitWriter(
            self._id,
            self._limits,
            connection.install,
            connection.clear,
            now=self._now,
            changed=self._limits_changed,
        )
        connection.spawn(self._writer.run())
        connection.spawn(self._set_up(connection, self._writer))
        _LOGGER.info("Station %s is connected", self._id)
        self._changed()

    def _detach(self, connection: Connection) -> None:
        if connection is not self._connection:
            return
        self._connection = None
        self._end_writer()
        _LOGGER.info("Contact with station %s is lost", self._id)
        self._changed()

    def _end_writer(self) -> None:
        if self._writer is not None:
            self._writer.end()
            self._writer = None

    async def _set_up(self, connection: Connection, writer: LimitWriter) -> None:
        """Ask for what is not urgent, after the limits."""
        await writer.settled()
        await ask_each(connection, "StatusNotification", tuple(self._connectors))
        if self._contact is Contact.LISTENING:
            await ask_each(connection, "MeterValues", tuple(self._connectors))
        await self._ask_for_firmware(connection)
        self._note_power_loss(await self._probe.ask(connection))
        unit = self._ladder.strategy.unit
        await self._probe.ask_composites(connection, self._connectors, unit)
        await self._probe.set_up(connection)

    def _add(self, number: int, profile: ConnectorProfile) -> None:
        added = StationConnector(number, profile, self._config, self._random, self._ladder)
        added.limits.use_phases(self._probe.phases_of(number), self._now())
        self._connectors[number] = added
        self._sessions.resume(added)
        if self._connection is not None:
            self._connection.spawn(ask_each(self._connection, "StatusNotification", [number]))

    def _forget_contact(self, *, restarted: bool = False) -> None:
        for connector in self._connectors.values():
            connector.forget_contact(self._now(), restarted=restarted)
        self._leaving.forget_contact(self._now(), restarted=restarted)

    def _let_go(self) -> None:
        self._leaving.let_go(self._now())
        self._fit_ladder(len(self._connectors))

    def _fit_ladder(self, connectors: int) -> None:
        """Begin anew when there are more or fewer connectors: not every strategy suits several."""
        count = connectors + len(self._leaving)
        if count != self._laddered:
            self._laddered = count
            self._begin()

    def _begin(self) -> None:
        """Go to the rung of the ladder that worked for stations of this kind."""
        self._ladder.begin(
            self._probe.traits,
            connectors=self._laddered,
            remembered=self._probe.findings.strategy,
            barred=self._probe.findings.barred,
            choice=self._choice,
        )

    def _limits_changed(self) -> None:
        """Remember what works."""
        self._let_go()
        name = self._ladder.strategy.name
        works = self._boots.expects_none and self._ladder.proven and self._choice == ANY
        is_news = works and self._probe.findings.strategy != name
        if is_news and self._connection is not None:
            _LOGGER.info("Station %s is limited by %s", self._id, name)
            self._connection.spawn(self._probe.learn(strategy=name, followed=False))
        self._changed()

    @override
    def _connected(self) -> Connection:
        if self._connection is None:
            raise ChargerOffline(self._id)
        return self._connection

    def _limits(self) -> Mapping[int, ConnectorLimits]:
        """Return what the writer is to send."""
        if self._contact is not Contact.FULL:
            return {}
        own = {number: connector.limits for number, connector in self._connectors.items()}
        return {**self._leaving.limits, **own}

    def _only_connector(self, connector: int) -> StationConnector | None:
        """Return the connector that the station as a whole, 0, stands for if it has but one."""
        if connector != 0 or len(self._connectors) != 1:
            return None
        return next(iter(self._connectors.values()))

    def _wake_writer(self) -> None:
        if self._writer is not None:
            self._writer.wake()

    @override
    def _changed(self) -> None:
        self._listeners.notify()


def _may_mean(connector: StationConnector, status: ConnectorStatus) -> bool:
    """Return whether the status of a station may be that of its only connector.

    A station is available as a whole although a car charges there.
    """
    if connector.data.status is not ConnectorStatus.UNKNOWN:
        return False
    return status is not ConnectorStatus.AVAILABLE or connector.transaction is None
