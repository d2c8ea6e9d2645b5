"""How a station answers the calls of OCPP 1.6.

Answers only change state; what follows from them is sent by the next `Station.report`.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from ocpp.v16 import ChargePoint, call_result  # type: ignore[import-untyped]  # it ships no types

from ..cabinet import BootReason, Cabinet, Restart
from ..connector import Reservation, Start, StopReason
from ..errands import FirmwareUpdate, LogKind, LogUpload
from ..link import ANSWER_TIMEOUT, Link, answers
from ..profiles import Profile, ProfileError
from ..times import parse_time, timestamp
from .profiles import PURPOSES, parse_profile
from .settings import Settings

type _Answer = Any

_RESETS: Final = {"Hard": StopReason.HARD_RESET, "Soft": StopReason.SOFT_RESET}


class Answers(ChargePoint):  # type: ignore[misc]  # the package ships no types
    """The `ocpp` package's side of a station."""

    def __init__(self, cabinet: Cabinet, link: Link) -> None:
        super().__init__(cabinet.name, link, response_timeout=ANSWER_TIMEOUT)
        self._cabinet = cabinet
        self._settings = Settings(cabinet)

    @answers("SetChargingProfile")
    def _set_charging_profile(
        self, connector_id: int, cs_charging_profiles: Mapping[str, Any], **_: object
    ) -> _Answer:
        try:
            self._cabinet.install(parse_profile(connector_id, cs_charging_profiles))
        except ProfileError:
            return call_result.SetChargingProfile(status="Rejected")
        return call_result.SetChargingProfile(status="Accepted")

    @answers("ClearChargingProfile")
    def _clear_charging_profile(
        self,
        id: int | None = None,  # noqa: A002 - the protocol's name
        connector_id: int | None = None,
        charging_profile_purpose: str | None = None,
        stack_level: int | None = None,
        **_: object,
    ) -> _Answer:
        purpose = PURPOSES.get(charging_profile_purpose or "")

        def matches(profile: Profile) -> bool:
            pairs = (
                (id, profile.id),
                (connector_id, profile.connector),
                (purpose, profile.purpose),
                (stack_level, profile.stack),
            )
            return all(wanted is None or wanted == actual for wanted, actual in pairs)

        found = self._cabinet.profiles.clear(matches)
        return call_result.ClearChargingProfile(status="Accepted" if found else "Unknown")

    @answers("GetCompositeSchedule")
    def _get_composite_schedule(
        self, connector_id: int, duration: int, charging_rate_unit: str = "A", **_: object
    ) -> _Answer:
        periods = self._cabinet.composite(connector_id, duration, unit=charging_rate_unit)
        if periods is None:
            return call_result.GetCompositeSchedule(status="Rejected")
        start = timestamp(self._cabinet.clock())
        schedule = {
            "start_schedule": start,
            "duration": duration,
            "charging_rate_unit": charging_rate_unit,
            "charging_schedule_period": [
                {"start_period": period.start, "limit": period.limit} for period in periods
            ],
        }
        return call_result.GetCompositeSchedule(
            status="Accepted",
            connector_id=connector_id,
            schedule_start=start,
            charging_schedule=schedule,
        )

    @answers("GetConfiguration")
    def _get_configuration(self, key: list[str] | None = None, **_: object) -> _Answer:
        known, unknown = self._settings.read(key)
        return call_result.GetConfiguration(
            configuration_key=[
                {"key": s.key, "value": s.value, "readonly": s.readonly} for s in known
            ],
            unknown_key=unknown,
        )

    @answers("ChangeConfiguration")
    def _change_configuration(self, key: str, value: str, **_: object) -> _Answer:
        return call_result.ChangeConfiguration(status=self._settings.change(key, value))

    @answers("TriggerMessage")
    def _trigger_message(
        self, requested_message: str, connector_id: int | None = None, **_: object
    ) -> _Answer:
        status = self._cabinet.trigger(requested_message, connector_id)
        return call_result.TriggerMessage(status=status)

    @answers("RemoteStartTransaction")
    def _remote_start(
        self,
        id_tag: str,
        connector_id: int | None = None,
        charging_profile: Mapping[str, Any] | None = None,
        **_: object,
    ) -> _Answer:
        try:
            profile = charging_profile and parse_profile(connector_id or 1, charging_profile)
        except ProfileError:
            return call_result.RemoteStartTransaction(status="Rejected")
        start = Start(id_tag, remote=True)
        accepted = self._cabinet.start_remotely(start, connector_id, profile or None)
        return call_result.RemoteStartTransaction(status=_accepted(yes=accepted))

    @answers("RemoteStopTransaction")
    def _remote_stop(self, transaction_id: int, **_: object) -> _Answer:
        accepted = self._cabinet.stop_remotely(transaction_id)
        return call_result.RemoteStopTransaction(status=_accepted(yes=accepted))

    @answers("Reset")
    def _reset(self, type: str, **_: object) -> _Answer:  # noqa: A002 - the protocol's name
        self._cabinet.restart = Restart(BootReason.REMOTE_RESET, _RESETS[type])
        return call_result.Reset(status="Accepted")

    @answers("UnlockConnector")
    def _unlock_connector(self, connector_id: int, **_: object) -> _Answer:
        connector = self._cabinet.connectors.get(connector_id)
        if connector is None:
            return call_result.UnlockConnector(status="NotSupported")
        connector.end(self._cabinet.clock(), StopReason.UNLOCKED)
        return call_result.UnlockConnector(status="Unlocked")

    @answers("ChangeAvailability")
    def _change_availability(
        self,
        connector_id: int,
        type: str,  # noqa: A002 - the protocol's name
        **_: object,
    ) -> _Answer:
        status = self._cabinet.change_availability(connector_id, operative=type == "Operative")
        return call_result.ChangeAvailability(status=status)

    @answers("SendLocalList")
    def _send_local_list(
        self,
        list_version: int,
        update_type: str,
        local_authorization_list: list[Mapping[str, Any]] | None = None,
        **_: object,
    ) -> _Answer:
        badges = {
            entry["id_tag"]: entry["id_tag_info"]["status"] if "id_tag_info" in entry else None
            for entry in local_authorization_list or ()
        }
        full = update_type == "Full"
        status = self._cabinet.local_list.update(list_version, badges, full=full)
        return call_result.SendLocalList(status=status)

    @answers("GetLocalListVersion")
    def _get_local_list_version(self, **_: object) -> _Answer:
        return call_result.GetLocalListVersion(list_version=self._cabinet.local_list.version)

    @answers("ReserveNow")
    def _reserve_now(
        self, connector_id: int, expiry_date: str, id_tag: str, reservation_id: int, **_: object
    ) -> _Answer:
        reservation = Reservation(reservation_id, id_tag, parse_time(expiry_date))
        return call_result.ReserveNow(status=self._cabinet.reserve(connector_id, reservation))

    @answers("CancelReservation")
    def _cancel_reservation(self, reservation_id: int, **_: object) -> _Answer:
        accepted = self._cabinet.cancel_reservation(reservation_id)
        return call_result.CancelReservation(status=_accepted(yes=accepted))

    @answers("UpdateFirmware")
    def _update_firmware(
        self,
        location: str,
        retrieve_date: str,
        retries: int = 0,
        retry_interval: int = 0,
        **_: object,
    ) -> _Answer:
        self._cabinet.firmware_update = FirmwareUpdate(
            location=location,
            at=parse_time(retrieve_date),
            retries=retries,
            pause=timedelta(seconds=retry_interval),
        )
        return call_result.UpdateFirmware()

    @answers("GetDiagnostics")
    def _get_diagnostics(
        self, location: str, retries: int = 0, retry_interval: int = 0, **_: object
    ) -> _Answer:
        errand = LogUpload(
            location=location,
            at=self._cabinet.clock(),
            retries=retries,
            pause=timedelta(seconds=retry_interval),
            kind=LogKind.PLAIN,
            file_name=f"{self._cabinet.name}.txt",
        )
        self._cabinet.log_upload = errand
        return call_result.GetDiagnostics(file_name=errand.file_name)

    @answers("GetLog")
    def _get_log(
        self,
        log: Mapping[str, str],
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
        return call_result.GetLog(**answer)


def _accepted(*, yes: bool) -> str:
    return "Accepted" if yes else "Rejected"
