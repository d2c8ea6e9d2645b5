"""One connection of a station that speaks OCPP 1.6J: its messages, and commands to it."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from contextlib import suppress
from datetime import datetime
from typing import Any, Final, Protocol

from aiohttp import web
from ocpp.v16 import call_result  # type: ignore[import-untyped]
from ocpp.v16.call import (  # type: ignore[import-untyped]
    ChangeConfiguration,
    ClearChargingProfile,
    GetConfiguration,
    TriggerMessage,
)

from ...engine.snapshot import ConnectorStatus
from ..base import ChargerError, ChargerInfo, ChargerRefused
from .config import CentralSystemConfig
from .fields import as_int, as_number, as_text, as_time, to_wire
from .library import SturdyChargePoint, answers
from .meter_values import Sample, read_samples
from .transport import WebSocket

_LOGGER = logging.getLogger(__name__)

_STATUSES: Final = {
    "Available": ConnectorStatus.AVAILABLE,
    "Preparing": ConnectorStatus.PREPARING,
    "Charging": ConnectorStatus.CHARGING,
    "SuspendedEV": ConnectorStatus.SUSPENDED_EV,
    "SuspendedEVSE": ConnectorStatus.SUSPENDED_EVSE,
    "Finishing": ConnectorStatus.FINISHING,
    "Reserved": ConnectorStatus.RESERVED,
    "Unavailable": ConnectorStatus.UNAVAILABLE,
    "Faulted": ConnectorStatus.FAULTED,
}
_ACCEPTED_TAG: Final = {"status": "Accepted"}


class StationEvents(Protocol):
    """What a connection tells its station. Connector 0 is the station as a whole."""

    def booted(self, info: ChargerInfo) -> None:
        """Tell that the charger has introduced itself."""

    def status_changed(
        self, connector: int, status: ConnectorStatus, error: str | None, at: datetime | None
    ) -> None:
        """Tell a connector's status; `at` is by the charger's clock."""

    async def metered(self, connector: int, transaction: int | None, samples: list[Sample]) -> None:
        """Tell what the charger measured."""

    async def started(
        self, connector: int, badge: str | None, meter_start: float | None, timestamp: str | None
    ) -> int:
        """Tell that a transaction has begun and return its id."""

    async def stopped(self, transaction: int) -> None:
        """Tell that a transaction has ended."""


class Connection(SturdyChargePoint):
    """A charger's websocket, from its handshake to its end.

    Its handlers take whatever fields come, `self` included.
    """

    def __init__(
        self,
        name: str,
        socket: web.WebSocketResponse,
        request: web.BaseRequest,
        *,
        events: StationEvents,
        config: CentralSystemConfig,
        now: Callable[[], datetime],
    ) -> None:
        self._socket = WebSocket(socket, request, heard=self._heard, complain=self.complain)
        super().__init__(name, self._socket)
        self._events = events
        self._config = config
        self._now = now
        self._tasks: set[asyncio.Task[None]] = set()
        self._unheard_pings = 0
        self._pinged_at = now()
        self.opened_at = now()
        self.closed = asyncio.Event()

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Do something beside the receiving of frames, at most until the connection ends."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._end_task)

    def abort(self) -> None:
        """Cut the connection; nothing of it acts any more."""
        self.end_requests()
        for task in self._tasks:
            task.cancel()
        self._socket.abort()

    async def serve(self) -> None:
        """Receive until the connection ends, then release everything."""
        try:
            with suppress(ConnectionError):
                await self.start()
        finally:
            self.abort()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            self.closed.set()

    def check_contact(self) -> None:
        """Ping when it is time to; cut the connection when nothing was heard for too long."""
        now = self._now()
        if self._pinged_at <= now < self._pinged_at + self._config.ping_interval:
            return
        if self._unheard_pings >= self._config.silence_limit:
            _LOGGER.info("Station %s has gone silent", self.id)
            self.abort()
            return
        self._unheard_pings += 1
        self._pinged_at = now
        self.spawn(self._ping())

    async def command(self, command: object) -> None:
        """Send a command. Raises ChargerError unless the charger accepts it."""
        status = await self.request(command, self._config.command_timeout)
        if status != "Accepted":
            raise ChargerRefused(f"{type(command).__name__}: {status}")

    async def clear(self, profile_id: int) -> None:
        """Remove a charging profile. Raises ChargerError unless it is gone."""
        clear = ClearChargingProfile(id=profile_id)
        status = await self.request(clear, self._config.command_timeout)
        if status not in {"Accepted", "Unknown"}:
            raise ChargerRefused(f"ClearChargingProfile: {status}")

    async def read_settings(self, keys: list[str] | None) -> object:
        """Return what the charger tells of some settings, or of all; None if it does not."""
        try:
            answer = await self.ask(
                GetConfiguration(keys), self._config.errand_timeout, ("configurationKey",)
            )
        except ChargerError as error:
            _LOGGER.debug("Station %s does not tell its settings: %r", self.id, error)
            return None
        return answer.configuration_key

    async def trigger(self, message: str, connector: int | None = None) -> bool:
        """Ask for a message and return whether the charger will send it."""
        try:
            trigger = TriggerMessage(message, connector)
            status = await self.request(trigger, self._config.errand_timeout)
        except ChargerError as error:
            _LOGGER.debug("Station %s sends no %s when asked: %r", self.id, message, error)
            return False
        return status == "Accepted"

    async def configure(self, key: str, value: str) -> bool:
        """Change a setting of the charger and return whether it took it."""
        try:
            change = ChangeConfiguration(key, value)
            status = await self.request(change, self._config.errand_timeout)
        except ChargerError as error:
            _LOGGER.debug("Station %s does not take %s: %r", self.id, key, error)
            return False
        return status in {"Accepted", "RebootRequired"}

    async def _ping(self) -> None:
        with suppress(ConnectionError):
            await self._socket.ping()

    def _end_task(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (fault := task.exception()) is not None:
            _LOGGER.error("Fault in the work for station %s", self.id, exc_info=fault)
            self.abort()

    def _heard(self) -> None:
        self._unheard_pings = 0

    @answers("BootNotification")
    def _on_boot(self, /, **payload: object) -> call_result.BootNotification:
        serial = as_text(payload.get("charge_point_serial_number"))
        self._events.booted(
            ChargerInfo(
                vendor=as_text(payload.get("charge_point_vendor")),
                model=as_text(payload.get("charge_point_model")),
                serial=serial or as_text(payload.get("charge_box_serial_number")),
                firmware=as_text(payload.get("firmware_version")),
            )
        )
        interval = int(self._config.heartbeat_interval.total_seconds())
        return call_result.BootNotification(to_wire(self._now()), interval, "Accepted")

    @answers("Heartbeat")
    def _on_heartbeat(self, /, **_: object) -> call_result.Heartbeat:
        return call_result.Heartbeat(to_wire(self._now()))

    @answers("Authorize")
    def _on_authorize(self, /, **_: object) -> call_result.Authorize:
        return call_result.Authorize(_ACCEPTED_TAG)

    @answers("StatusNotification")
    def _on_status(self, /, **payload: object) -> call_result.StatusNotification:
        error = as_text(payload.get("error_code"))
        self._events.status_changed(
            as_int(payload.get("connector_id")) or 0,
            _STATUSES.get(as_text(payload.get("status")) or "", ConnectorStatus.UNKNOWN),
            None if error == "NoError" else error,
            as_time(payload.get("timestamp")),
        )
        return call_result.StatusNotification()

    @answers("StartTransaction")
    async def _on_start(self, /, **payload: object) -> call_result.StartTransaction:
        transaction = await self._events.started(
            as_int(payload.get("connector_id")) or 0,
            as_text(payload.get("id_tag")),
            as_number(payload.get("meter_start")),
            as_text(payload.get("timestamp")),
        )
        return call_result.StartTransaction(transaction, _ACCEPTED_TAG)

    @answers("StopTransaction")
    async def _on_stop(self, /, **payload: object) -> call_result.StopTransaction:
        # An id that nobody knows is acknowledged all the same: else it is sent for ever.
        await self._events.stopped(as_int(payload.get("transaction_id")) or 0)
        return call_result.StopTransaction()

    @answers("MeterValues")
    async def _on_meter_values(self, /, **payload: object) -> call_result.MeterValues:
        await self._events.metered(
            as_int(payload.get("connector_id")) or 0,
            as_int(payload.get("transaction_id")),
            read_samples(payload.get("meter_value")),
        )
        return call_result.MeterValues()

    @answers("DataTransfer")
    def _on_data_transfer(self, /, **_: object) -> call_result.DataTransfer:
        return call_result.DataTransfer("UnknownVendorId")

    @answers("DiagnosticsStatusNotification")
    def _on_diagnostics(self, /, **_: object) -> call_result.DiagnosticsStatusNotification:
        return call_result.DiagnosticsStatusNotification()

    @answers("FirmwareStatusNotification")
    def _on_firmware(self, /, **_: object) -> call_result.FirmwareStatusNotification:
        return call_result.FirmwareStatusNotification()

    @answers("SecurityEventNotification")
    def _on_security_event(self, /, **_: object) -> call_result.SecurityEventNotification:
        return call_result.SecurityEventNotification()

    @answers("LogStatusNotification")
    def _on_log_status(self, /, **_: object) -> call_result.LogStatusNotification:
        return call_result.LogStatusNotification()

    @answers("SignedFirmwareStatusNotification")
    def _on_signed_firmware(self, /, **_: object) -> call_result.SignedFirmwareStatusNotification:
        return call_result.SignedFirmwareStatusNotification()

    @answers("SignCertificate")
    def _on_sign_certificate(self, /, **_: object) -> call_result.SignCertificate:
        return call_result.SignCertificate("Rejected")
