"""A charging station: connectors, profiles and the talk with its central system."""

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from ..plant.outlet import Outlet
from .cabinet import Cabinet, Faults
from .clock import StationClock
from .connector import NO_ERROR, StationConnector, Transaction
from .link import Call, Link, LinkClosed, call
from .samples import meter_value, timestamp
from .v16.answers import Speaker
from .v16.settings import HEARTBEAT_INTERVAL, SAMPLE_INTERVAL

_LOGGER = logging.getLogger(__name__)


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
        badges: Mapping[int, str] | None = None,
        password: str | None = None,
    ) -> None:
        """Build a station. A connector with a badge starts its cars by itself."""
        self.id = id
        self._clock = StationClock(clock)
        self.cabinet = Cabinet(id, outlets, self._clock, badges=badges or {})
        self.wanted = True
        """Whether it may connect by itself."""
        self._password = password
        self._url = ""
        self._link: Link | None = None
        self._registered = False
        self._retry_boot_at: datetime | None = None
        self._told_station = False
        self._heartbeat_at = self._clock()
        self._sampled_at: dict[int, datetime] = {}

    @property
    def connectors(self) -> Mapping[int, StationConnector]:
        """Return the connectors by their numbers."""
        return self.cabinet.connectors

    @property
    def faults(self) -> Faults:
        """Return the misbehaviour, to be changed."""
        return self.cabinet.faults

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
        self.wanted = True
        self._link = await Link.open(
            f"{self._url.rstrip('/')}/{quote(self.id, safe='')}",
            user=self.id,
            password=self._password,
            speaker_of=lambda link: Speaker(self.cabinet, link),
        )
        self._told_station = False
        for connector in self.connectors.values():
            connector.told = None
        await self.report()

    async def disconnect(self) -> None:
        """Drop the connection and stay away until `reconnect`."""
        self.wanted = False
        await self._drop()

    async def _drop(self) -> None:
        link, self._link = self._link, None
        if link:
            await link.close()

    async def report(self) -> None:
        """Send everything that is due and return when it has been answered."""
        now = self._clock()
        for connector in self.connectors.values():
            connector.look(now)
        try:
            await self._report_online(now)
        except (LinkClosed, TimeoutError) as error:
            if self._link:
                _LOGGER.warning("%s lost its central system: %s", self.id, error)
            await self._drop()
            self._go_on_alone(now)

    def _go_on_alone(self, now: datetime) -> None:
        """Start cars offline, but never before a central system has accepted the station."""
        if self._registered:
            for connector in self.connectors.values():
                connector.proceed(now)

    async def _report_online(self, now: datetime) -> None:
        if not await self._register(now):
            return
        if self.cabinet.reset:
            await self._restart(now, self.cabinet.reset)
            return
        while self.cabinet.triggered:
            await self._send_triggered(*self.cabinet.triggered.popleft())
        if not self._told_station:
            self._told_station = True
            await self._send_status(0, "Available", NO_ERROR)
        for connector in self.connectors.values():
            await self._report_connector(connector, now)
        await self._heartbeat(now)

    async def _register(self, now: datetime) -> bool:
        if self._registered or (self._retry_boot_at and now < self._retry_boot_at):
            return self._registered
        await self._boot()
        return self._registered

    async def _boot(self) -> None:
        answer = await self._call(
            call.BootNotification(
                charge_point_vendor="Headroom",
                charge_point_model="Simulator",
                charge_point_serial_number=self.id[:25],
                firmware_version="1.0.0",
            )
        )
        if answer:
            self._clock.set_to(answer.current_time)
        self._heartbeat_at = self._clock()
        interval = max(answer.interval, 1) if answer else 10
        self._registered = answer is not None and answer.status == "Accepted"
        if self._registered:
            self.cabinet.settings.change(HEARTBEAT_INTERVAL, str(interval))
        else:
            self._retry_boot_at = self._clock() + timedelta(seconds=interval)

    async def _restart(self, now: datetime, kind: str) -> None:
        self.cabinet.reset = None
        for connector in self.connectors.values():
            connector.restart(now, f"{kind}Reset")
            await self._tell_transactions(connector)
        self._registered = False
        await self.reconnect()

    async def _report_connector(self, connector: StationConnector, now: datetime) -> None:
        await self._tell_status(connector)
        connector.proceed(now)
        await self._tell_transactions(connector)
        await self._tell_status(connector)
        interval = self.cabinet.settings.seconds(SAMPLE_INTERVAL)
        last = self._sampled_at.get(connector.number)
        due = last is None or now - last >= timedelta(seconds=interval)
        if connector.transaction and interval and due:
            await self._send_meter_values(connector, "Sample.Periodic")

    async def _tell_status(self, connector: StationConnector) -> None:
        news = (connector.status, connector.error)
        if news != connector.told:
            connector.told = news
            await self._send_status(connector.number, *news)

    async def _tell_transactions(self, connector: StationConnector) -> None:
        while connector.untold:
            transaction = connector.untold[0]
            if transaction.id is None and not await self._tell_start(connector, transaction):
                return
            if transaction.ended_at and not await self._tell_end(transaction, transaction.ended_at):
                return
            connector.untold.popleft()
            if transaction.ended_at:
                self.cabinet.profiles.end_transaction(connector.number)
                self._sampled_at.pop(connector.number, None)

    async def _tell_start(self, connector: StationConnector, transaction: Transaction) -> bool:
        answer = await self._call(
            call.StartTransaction(
                connector_id=connector.number,
                id_tag=transaction.badge,
                meter_start=transaction.meter_start,
                timestamp=timestamp(transaction.started_at),
            )
        )
        if answer is None:
            return False
        transaction.id = answer.transaction_id
        if answer.id_tag_info["status"] != "Accepted" and transaction is connector.transaction:
            connector.end(self._clock(), "DeAuthorized")
        return True

    async def _tell_end(self, transaction: Transaction, ended_at: datetime) -> bool:
        answer = await self._call(
            call.StopTransaction(
                transaction_id=transaction.id,
                meter_stop=transaction.meter_stop,
                timestamp=timestamp(ended_at),
                reason=transaction.reason,
                id_tag=transaction.badge,
            )
        )
        return answer is not None

    async def _heartbeat(self, now: datetime) -> None:
        interval = self.cabinet.settings.seconds(HEARTBEAT_INTERVAL)
        if interval and now - self._heartbeat_at >= timedelta(seconds=interval):
            await self._send_heartbeat()

    async def _send_heartbeat(self) -> None:
        answer = await self._call(call.Heartbeat())
        if answer:
            self._clock.set_to(answer.current_time)
        self._heartbeat_at = self._clock()

    async def _send_status(self, connector: int, status: str, error: str) -> None:
        await self._call(
            call.StatusNotification(
                connector_id=connector,
                error_code=error,
                status=status,
                timestamp=timestamp(self._clock()),
            )
        )

    async def _send_meter_values(self, connector: StationConnector, context: str) -> None:
        now = self._clock()
        running = connector.transaction
        value = meter_value(
            connector.outlet, now, self.cabinet.settings.measurands, context=context
        )
        await self._call(
            call.MeterValues(
                connector_id=connector.number,
                transaction_id=running.id if running else None,
                meter_value=[value],
            )
        )
        self._sampled_at[connector.number] = now

    async def _send_triggered(self, message: str, number: int | None) -> None:
        if message == "BootNotification":
            await self._boot()
        elif message == "Heartbeat":
            await self._send_heartbeat()
        for connector in self.cabinet.selected(number):
            if message == "StatusNotification":
                await self._send_status(connector.number, connector.status, connector.error)
            elif message == "MeterValues":
                await self._send_meter_values(connector, "Trigger")

    async def _call(self, message: Call) -> Any:  # noqa: ANN401 - the package ships no types
        if self._link is None:
            raise LinkClosed("not connected")
        return await self._link.call(message)
