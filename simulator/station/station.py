"""A charging station: a cabinet and its talk with a central system."""

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from ssl import SSLContext
from typing import Any, Final
from urllib.parse import quote

from ..plant.outlet import Outlet
from .cabinet import BootReason, Cabinet, Restart
from .clock import StationClock
from .connector import StationConnector, StopReason
from .dialect import Dialect
from .errand_runner import ErrandRunner
from .faults import Faults
from .garbage import Garbage
from .link import Call, Link, LinkClosed
from .protocol import Protocol
from .times import is_over
from .v2.dialect import Dialect21, Dialect201
from .v16.dialect import Dialect16

_LOGGER = logging.getLogger(__name__)

_DIALECTS: Final[Mapping[Protocol, type[Dialect]]] = {
    dialect.protocol: dialect for dialect in (Dialect16, Dialect201, Dialect21)
}
_RETRY_BOOT: Final = 10
"""s until the next try after an error."""


class Station:
    """A charging station without timers: `report` sends what is due.

    Its cabinet goes on limiting the outlets while it is offline.
    """

    def __init__(
        self,
        id: str,  # noqa: A002 - what it is called everywhere
        outlets: Sequence[Outlet],
        clock: Callable[[], datetime],
        *,
        protocol: Protocol = Protocol.OCPP_1_6,
        badges: Mapping[int, str] | None = None,
        password: str | None = None,
        tls: SSLContext | None = None,
        offline_limits: bool = False,
        switches_phases: bool = False,
    ) -> None:
        """Build a station. A connector with a badge starts its cars by itself.

        `offline_limits`: it knows maxOfflineDuration, as OCPP 2.1 has it.
        `switches_phases`: it uses the phases that its profiles name.
        """
        self.id = id
        self.faults = Faults()
        self._clock = StationClock(clock, self.faults)
        self.cabinet = Cabinet(
            id,
            outlets,
            self._clock,
            self.faults,
            badges=badges or {},
            offline_limits=offline_limits,
            switches_phases=switches_phases,
        )
        self.wanted = True
        """Whether it may connect by itself."""
        self._password = password
        self._tls = tls
        self._url = ""
        self._link: Link | None = None
        self._dialect = _DIALECTS[protocol](self.cabinet, self._ask)
        self._errands = ErrandRunner(self.cabinet, self._dialect)
        self._boot_reason = BootReason.POWER_UP
        self._registered = self._pending = False
        self._retry_boot_at: datetime | None = None
        self._told_station = False
        self._power_back_at: datetime | None = None
        self._heartbeat_at = self._clock()
        self._garbage = Garbage(self._clock())

    @property
    def protocol(self) -> Protocol:
        """Return the version that it speaks."""
        return self._dialect.protocol

    @property
    def connectors(self) -> Mapping[int, StationConnector]:
        """Return the connectors by their numbers."""
        return self.cabinet.connectors

    @property
    def online(self) -> bool:
        """Return whether it is connected."""
        return self._link is not None and self._link.is_open

    async def connect(self, url: str) -> None:
        """Connect to a central system and report. Raises LinkClosed if that fails."""
        self._url = url
        await self.reconnect()

    async def reconnect(self) -> None:
        """Connect again to the same central system and report. Raises LinkClosed."""
        await self._drop()
        if self._power_back_at:
            raise LinkClosed("no power")
        self.wanted = True
        link = await Link.open(
            f"{self._url.rstrip('/')}/{quote(self.id, safe='')}",
            self.protocol,
            user=self.id,
            password=self._password,
            tls=self._tls,
            ping_interval=self.cabinet.preferences.ping_interval,
            deaf=lambda: self.faults.silent,
        )
        self._link = link
        link.start(self._dialect.speaker(link))
        self._come_online()
        await self.report()

    def _come_online(self) -> None:
        self.cabinet.profiles.come_online(self._clock())
        if self.faults.forgets_on_reconnect:
            self.cabinet.profiles.clear()
        if self.faults.boots_on_reconnect:
            self._registered = False
        self._told_station = False
        for connector in self.connectors.values():
            connector.told = None

    async def disconnect(self) -> None:
        """Drop the connection and stay away until `reconnect`."""
        self.wanted = False
        await self._drop()

    async def _drop(self) -> None:
        profiles = self.cabinet.profiles
        profiles.offline_since = profiles.offline_since or self._clock()
        link, self._link = self._link, None
        if link:
            await link.close()

    async def report(self) -> None:
        """Send everything that is due and return when it has been answered."""
        now = self._clock()
        if await self._is_dark(now) or self.faults.silent:
            return
        for connector in self.connectors.values():
            connector.look(now)
        try:
            self._require_link()
            await self._report_online(now)
        except (LinkClosed, TimeoutError) as error:
            if self._link:
                _LOGGER.warning("%s lost its central system: %s", self.id, error)
            await self._drop()
            self._go_on_alone(now)

    async def _is_dark(self, now: datetime) -> bool:
        if self._power_back_at is None and self.faults.loses_power is not None:
            self._power_back_at = now + timedelta(seconds=self.faults.loses_power)
            self.faults.loses_power = None
            self.cabinet.limits.powered = False
            await self._drop()
        if self._power_back_at is None or now < self._power_back_at:
            return self._power_back_at is not None
        self._power_back_at = None
        self._power_up(now)
        return False

    def _power_up(self, now: datetime) -> None:
        self.cabinet.limits.powered = True
        self._begin_anew(BootReason.POWER_UP)
        if self.faults.forgets_without_power:
            self.cabinet.profiles.clear()
        if self.faults.ends_without_power:
            for connector in self.connectors.values():
                connector.restart(now, StopReason.POWER_LOSS)

    def _begin_anew(self, reason: BootReason) -> None:
        self._boot_reason = reason
        self._registered = False
        self.cabinet.limits.welcome = False

    def _go_on_alone(self, now: datetime) -> None:
        """Start cars offline, but never before a central system has accepted the station."""
        for connector in self.connectors.values():
            start = connector.proceed(now) if self._registered else None
            if start and (start.remote or self.cabinet.local_list.accepts_offline(start.badge)):
                connector.start(now, start)
            self._dialect.notice(connector, now, online=False)

    async def _report_online(self, now: datetime) -> None:
        if self.faults.garbage:
            await self._send_garbage(now)
        if not await self._register(now):
            if self._pending:
                await self._send_what_was_asked_for()
            return
        restart = self.cabinet.restart
        if restart and not (restart.when_idle and self.cabinet.busy):
            await self._restart(now, restart)
            return
        await self._send_what_was_asked_for()
        if not self._told_station:
            self._told_station = True
            await self._dialect.tell_station()
        now = self._clock()  # which may have been set in the meantime
        for connector in self.connectors.values():
            await self._report_connector(connector, now)
        await self._errands.run(now)
        await self._heartbeat(now)

    async def _send_what_was_asked_for(self) -> None:
        while self.cabinet.triggered:
            trigger = self.cabinet.triggered.popleft()
            match trigger.message:
                case "BootNotification":
                    await self._boot(BootReason.TRIGGERED)
                case "Heartbeat":
                    await self._send_heartbeat()
                case _:
                    await self._dialect.tell_triggered(trigger)
        while self._dialect.outbox:
            await self._ask(self._dialect.outbox.popleft())

    async def _register(self, now: datetime) -> bool:
        if self.faults.no_boot_on_reconnect:
            self._registered = self.cabinet.limits.welcome = True
        if not self._registered and not (self._retry_boot_at and now < self._retry_boot_at):
            await self._boot(self._boot_reason)
        return self._registered

    async def _boot(self, reason: BootReason) -> None:
        answer = await self._dialect.boot(reason)
        if answer:
            self._clock.set_to(answer.time)
        self._heartbeat_at = self._clock()
        interval = max(answer.interval, 1) if answer else _RETRY_BOOT
        self._registered = answer is not None and answer.status == "Accepted"
        self._pending = answer is not None and answer.status == "Pending"
        if self._registered:
            self.cabinet.limits.welcome = True
            self.cabinet.preferences.heartbeat_interval = interval
        else:
            self._retry_boot_at = self._clock() + timedelta(seconds=interval)

    async def _restart(self, now: datetime, restart: Restart) -> None:
        self.cabinet.restart = None
        if not self.faults.resumes_after_reset:
            await self._end_all(now, restart.stop)
        self._begin_anew(restart.boot)
        await self.reconnect()

    async def _end_all(self, now: datetime, reason: StopReason) -> None:
        for connector in self.connectors.values():
            connector.restart(now, reason)
            self._dialect.notice(connector, now, online=True)
            await self._dialect.tell(connector)

    async def _report_connector(self, connector: StationConnector, now: datetime) -> None:
        await self._tell_status(connector)
        await self._let_start(connector, now)
        self._dialect.notice(connector, now, online=True)
        await self._dialect.tell(connector)
        await self._tell_status(connector)

    async def _let_start(self, connector: StationConnector, now: datetime) -> None:
        start = connector.proceed(now)
        if start is None:
            return
        known = start.remote or self.cabinet.local_list.accepts_online(start.badge)
        if known or await self._dialect.authorizes(start.badge):
            connector.start(now, start)
        else:
            connector.refuse()

    async def _tell_status(self, connector: StationConnector) -> None:
        news = self._dialect.status_of(connector)
        if news != connector.told:
            connector.told = news
            await self._dialect.tell_status(connector)

    async def _heartbeat(self, now: datetime) -> None:
        interval = self.cabinet.preferences.heartbeat_interval
        if interval and is_over(self._heartbeat_at, interval, now):
            await self._send_heartbeat()

    async def _send_heartbeat(self) -> None:
        told = await self._dialect.heartbeat()
        if told:
            self._clock.set_to(told)
        self._heartbeat_at = self._clock()

    async def _send_garbage(self, now: datetime) -> None:
        frame = self._garbage.due(now)
        if frame is not None:
            await self._require_link().send(frame)

    async def _ask(self, message: Call) -> Any:  # noqa: ANN401 - the package ships no types
        return await self._require_link().call(message)

    def _require_link(self) -> Link:
        if self._link is None or not self._link.is_open:
            raise LinkClosed("not connected")
        return self._link
