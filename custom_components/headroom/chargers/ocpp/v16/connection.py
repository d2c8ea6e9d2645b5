"""One connection of a station that speaks OCPP 1.6J: its messages, and commands to it."""

import logging
from collections.abc import Iterable
from datetime import timedelta
from typing import Final, override

from ocpp.v16 import call, call_result  # type: ignore[import-untyped]

from ....engine.snapshot import ConnectorStatus
from ...base import NOBODY, ChargerError, ChargerInfo, ChargerRefused, ChargerUnable
from ..commands import ClearCommand, LimitCommand
from ..fields import as_int, as_number, as_text, as_time, to_wire
from ..library import answers
from ..meter_values import highest_energy, read_samples
from ..schedule import COMPOSITE_SPAN, limit_now
from ..traits import Setting, Unit
from ..transactions import TransactionId
from .profiles import charging_profile
from .settings import read_settings
from .upkeep import Upkeep16

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


class Connection16(Upkeep16):
    """A charger that speaks OCPP 1.6J.

    Its handlers take whatever fields come, `self` included.
    """

    subprotocol = "ocpp1.6"
    longest_badge = 20
    _call = call
    _call_result = call_result
    _ocpp_version = "1.6"

    @override
    async def install(self, command: LimitCommand) -> None:
        profile = call.SetChargingProfile(command.target, charging_profile(command))
        await self.command(profile, self.patience(command))

    @override
    async def clear(self, command: ClearCommand) -> None:
        clear = call.ClearChargingProfile(id=command.profile_id)
        status = await self.request(clear, self._config.command_timeout)
        if status not in {"Accepted", "Unknown"}:
            raise ChargerRefused(f"ClearChargingProfile: {status}")

    @override
    async def read_settings(self, settings: Iterable[Setting]) -> dict[Setting, str]:
        return await read_settings(self._ask_settings, settings)

    @override
    async def configure(self, setting: Setting, value: str) -> bool:
        try:
            change = call.ChangeConfiguration(setting.value, value)
            status = await self.request(change, self._config.errand_timeout)
        except ChargerError as error:
            _LOGGER.debug("Station %s does not take %s: %r", self.id, setting, error)
            return False
        return status in {"Accepted", "RebootRequired"}

    @override
    async def trigger(self, message: str, connector: int | None = None) -> bool:
        for kind in self._triggers:
            try:
                status = await self.request(kind(message, connector), self._config.errand_timeout)
            except ChargerUnable:
                continue
            except ChargerError as error:
                _LOGGER.debug("Station %s sends no %s when asked: %r", self.id, message, error)
                return False
            if status != "NotImplemented":
                self._triggers = (kind,)
                return status == "Accepted"
        return False

    @override
    async def composite(self, connector: int, unit: Unit) -> float | None:
        question = call.GetCompositeSchedule(connector, COMPOSITE_SPAN, unit.value)
        try:
            answer = await self.ask(
                question, self._config.errand_timeout, ("status", "chargingSchedule")
            )
        except ChargerError as error:
            _LOGGER.debug("Station %s tells no composite schedule: %r", self.id, error)
            return None
        return limit_now(answer.charging_schedule, unit)

    @override
    async def start_session(self, connector: int, badge: str) -> None:
        await self.command(call.RemoteStartTransaction(badge, connector))

    @override
    async def stop_session(self, transaction: TransactionId) -> None:
        await self.command(call.RemoteStopTransaction(transaction))

    @override
    async def reset(self, *, hard: bool) -> None:
        await self.command(call.Reset("Hard" if hard else "Soft"))

    async def _ask_settings(self, keys: list[str] | None) -> object:
        """Return what the charger tells of some settings, or of all; None if it does not."""
        try:
            answer = await self.ask(
                call.GetConfiguration(keys), self._config.errand_timeout, ("configurationKey",)
            )
        except ChargerError as error:
            _LOGGER.debug("Station %s does not tell its settings: %r", self.id, error)
            return None
        return answer.configuration_key

    @answers("BootNotification")
    def _on_boot(self, /, **payload: object) -> call_result.BootNotification:
        if not self._events.admits:
            return self._answer_boot("Pending", self._config.pending_interval)
        serial = as_text(payload.get("charge_point_serial_number"))
        self._events.booted(
            ChargerInfo(
                vendor=as_text(payload.get("charge_point_vendor")),
                model=as_text(payload.get("charge_point_model")),
                serial=serial or as_text(payload.get("charge_box_serial_number")),
                firmware=as_text(payload.get("firmware_version")),
            )
        )
        return self._answer_boot("Accepted", self._config.heartbeat_interval)

    def _answer_boot(self, status: str, interval: timedelta) -> call_result.BootNotification:
        seconds = int(interval.total_seconds())
        return call_result.BootNotification(to_wire(self._now()), seconds, status)

    @answers("Heartbeat")
    def _on_heartbeat(self, /, **_: object) -> call_result.Heartbeat:
        return call_result.Heartbeat(to_wire(self._now()))

    @answers("Authorize")
    def _on_authorize(self, /, **payload: object) -> call_result.Authorize:
        if badge := as_text(payload.get("id_tag")):
            self._events.tapped(badge)
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
            NOBODY if payload.get("id_tag") == "" else as_text(payload.get("id_tag")),
            as_number(payload.get("meter_start")),
            as_text(payload.get("timestamp")),
        )
        return call_result.StartTransaction(transaction, _ACCEPTED_TAG)

    @answers("StopTransaction")
    async def _on_stop(self, /, **payload: object) -> call_result.StopTransaction:
        # An id that nobody knows is acknowledged all the same: else it is sent for ever.
        samples = read_samples(payload.get("transaction_data"))
        register = highest_energy(samples, as_number(payload.get("meter_stop")))
        await self._events.stopped(as_int(payload.get("transaction_id")) or 0, register)
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

    @answers("SignCertificate")
    def _on_sign_certificate(self, /, **_: object) -> call_result.SignCertificate:
        return call_result.SignCertificate("Rejected")
