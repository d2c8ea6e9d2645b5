"""Answers about the station itself: device model, badges, firmware, logs and service."""

from collections.abc import Mapping
from datetime import timedelta
from itertools import count
from typing import Any, Final

from ocpp import exceptions  # type: ignore[import-untyped]  # the package ships no types

from ..cabinet import BootReason, Restart
from ..connector import Reservation, StopReason
from ..errands import FirmwareUpdate, LogKind
from ..link import answers
from ..times import parse_time, timestamp
from .desk import Desk, accepted, because
from .device_model import too_many

type _Answer = Any
type _Words = Mapping[str, Any]

_TRIGGERS: Final = {
    "BootNotification",
    "FirmwareStatusNotification",
    "Heartbeat",
    "LogStatusNotification",
    "MeterValues",
    "StatusNotification",
    "TransactionEvent",
}


class ServiceAnswers(Desk):
    """Everything but charging."""

    @answers("GetBaseReport")
    def _get_base_report(self, request_id: int, report_base: str, **_: object) -> _Answer:
        parts = self._office.model.report(report_base)
        if parts is None:
            return self._result.GetBaseReport(status="NotSupported")
        generated_at = timestamp(self._cabinet.clock())
        for number, part in zip(count(), parts, strict=False):
            self._office.outbox.append(
                self._office.words.call.NotifyReport(
                    request_id=request_id,
                    generated_at=generated_at,
                    seq_no=number,
                    report_data=part,
                    tbc=number < len(parts) - 1,
                )
            )
        return self._result.GetBaseReport(status="Accepted")

    @answers("GetVariables")
    def _get_variables(self, get_variable_data: list[_Words], **_: object) -> _Answer:
        _check_number(get_variable_data)
        results = [self._office.model.get(item) for item in get_variable_data]
        return self._result.GetVariables(get_variable_result=results)

    @answers("SetVariables")
    def _set_variables(self, set_variable_data: list[_Words], **_: object) -> _Answer:
        _check_number(set_variable_data)
        results = [self._office.model.set(item) for item in set_variable_data]
        return self._result.SetVariables(set_variable_result=results)

    @answers("TriggerMessage")
    def _trigger_message(
        self, requested_message: str, evse: _Words | None = None, **_: object
    ) -> _Answer:
        if requested_message not in _TRIGGERS:
            return self._result.TriggerMessage(status="NotImplemented")
        status = self._cabinet.trigger(requested_message, evse["id"] if evse else None)
        return self._result.TriggerMessage(status=status)

    @answers("Reset")
    def _reset(
        self,
        type: str,  # noqa: A002 - the protocol's name
        evse_id: int | None = None,
        **_: object,
    ) -> _Answer:
        if evse_id:
            return self._result.Reset(status="Rejected", status_info=because("UnsupportedRequest"))
        if type == "Immediate":
            self._cabinet.restart = Restart(BootReason.REMOTE_RESET, StopReason.HARD_RESET)
            return self._result.Reset(status="Accepted")
        self._cabinet.restart = Restart(
            BootReason.SCHEDULED_RESET, StopReason.SOFT_RESET, when_idle=True
        )
        return self._result.Reset(status="Scheduled" if self._cabinet.busy else "Accepted")

    @answers("ChangeAvailability")
    def _change_availability(
        self, operational_status: str, evse: _Words | None = None, **_: object
    ) -> _Answer:
        status = self._cabinet.change_availability(
            evse["id"] if evse else 0, operative=operational_status == "Operative"
        )
        return self._result.ChangeAvailability(status=status)

    @answers("UnlockConnector")
    def _unlock_connector(self, evse_id: int, connector_id: int, **_: object) -> _Answer:
        connector = self._cabinet.connectors.get(evse_id)
        if connector is None or connector_id != 1:
            return self._result.UnlockConnector(status="UnknownConnector")
        running = connector.transaction is not None
        status = "OngoingAuthorizedTransaction" if running else "Unlocked"
        return self._result.UnlockConnector(status=status)

    @answers("ClearCache")
    def _clear_cache(self, **_: object) -> _Answer:
        return self._result.ClearCache(status="Rejected")

    @answers("SendLocalList")
    def _send_local_list(
        self,
        version_number: int,
        update_type: str,
        local_authorization_list: list[_Words] | None = None,
        **_: object,
    ) -> _Answer:
        badges = {
            entry["id_token"]["id_token"]: entry.get("id_token_info", {}).get("status")
            for entry in local_authorization_list or ()
        }
        full = update_type == "Full"
        status = self._cabinet.local_list.update(version_number, badges, full=full)
        return self._result.SendLocalList(status=status)

    @answers("GetLocalListVersion")
    def _get_local_list_version(self, **_: object) -> _Answer:
        version = self._cabinet.local_list.version
        return self._result.GetLocalListVersion(version_number=version)

    @answers("ReserveNow")
    def _reserve_now(
        self,
        id: int,  # noqa: A002 - the protocol's name
        expiry_date_time: str,
        id_token: _Words,
        evse_id: int = 0,
        **_: object,
    ) -> _Answer:
        reservation = Reservation(id, id_token["id_token"], parse_time(expiry_date_time))
        return self._result.ReserveNow(status=self._cabinet.reserve(evse_id, reservation))

    @answers("CancelReservation")
    def _cancel_reservation(self, reservation_id: int, **_: object) -> _Answer:
        found = self._cabinet.cancel_reservation(reservation_id)
        return self._result.CancelReservation(status=accepted(yes=found))

    @answers("UpdateFirmware")
    def _update_firmware(
        self,
        request_id: int,
        firmware: _Words,
        retries: int = 0,
        retry_interval: int = 0,
        **_: object,
    ) -> _Answer:
        running = self._cabinet.firmware_update
        self._cabinet.firmware_update = FirmwareUpdate(
            location=firmware["location"],
            at=parse_time(firmware["retrieve_date_time"]),
            retries=retries,
            pause=timedelta(seconds=retry_interval),
            request=request_id,
        )
        return self._result.UpdateFirmware(status="AcceptedCanceled" if running else "Accepted")

    @answers("GetLog")
    def _get_log(
        self,
        log: _Words,
        log_type: str,
        request_id: int,
        retries: int = 0,
        retry_interval: int = 0,
        **_: object,
    ) -> _Answer:
        answer = self._cabinet.bring_log(
            LogKind(log_type),
            request_id,
            log["remote_location"],
            retries=retries,
            pause=timedelta(seconds=retry_interval),
        )
        return self._result.GetLog(**answer)


def _check_number(items: list[_Words]) -> None:
    if too_many(items):
        raise exceptions.OccurrenceConstraintViolationError
