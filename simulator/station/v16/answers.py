"""How a station answers the calls of its central system.

Answers only change state; what follows from them is sent by the next `Station.report`.
"""

from collections.abc import Mapping
from typing import Any

from ..cabinet import Cabinet
from ..link import ANSWER_TIMEOUT, ChargePoint, Link, answers, call_result

type _Answer = Any


class Speaker(ChargePoint):  # type: ignore[misc]  # the package ships no types
    """The `ocpp` package's side of a station."""

    def __init__(self, cabinet: Cabinet, link: Link) -> None:
        super().__init__(cabinet.name, link, response_timeout=ANSWER_TIMEOUT)
        self._cabinet = cabinet

    @answers("SetChargingProfile")
    def _set_charging_profile(
        self, connector_id: int, cs_charging_profiles: Mapping[str, Any], **_: object
    ) -> _Answer:
        status = self._cabinet.install(connector_id, cs_charging_profiles)
        return call_result.SetChargingProfile(status=status)

    @answers("ClearChargingProfile")
    def _clear_charging_profile(
        self,
        id: int | None = None,  # noqa: A002 - the protocol's name
        connector_id: int | None = None,
        charging_profile_purpose: str | None = None,
        stack_level: int | None = None,
        **_: object,
    ) -> _Answer:
        found = self._cabinet.profiles.clear(
            id=id, connector=connector_id, purpose=charging_profile_purpose, stack=stack_level
        )
        return call_result.ClearChargingProfile(status="Accepted" if found else "Unknown")

    @answers("GetCompositeSchedule")
    def _get_composite_schedule(
        self, connector_id: int, duration: int, charging_rate_unit: str = "A", **_: object
    ) -> _Answer:
        schedule = self._cabinet.composite(connector_id, duration, unit=charging_rate_unit)
        if schedule is None:
            return call_result.GetCompositeSchedule(status="Rejected")
        return call_result.GetCompositeSchedule(
            status="Accepted",
            connector_id=connector_id,
            schedule_start=schedule["start_schedule"],
            charging_schedule=schedule,
        )

    @answers("GetConfiguration")
    def _get_configuration(self, key: list[str] | None = None, **_: object) -> _Answer:
        known, unknown = self._cabinet.settings.read(key)
        return call_result.GetConfiguration(
            configuration_key=[
                {"key": s.key, "value": s.value, "readonly": s.readonly} for s in known
            ],
            unknown_key=unknown,
        )

    @answers("ChangeConfiguration")
    def _change_configuration(self, key: str, value: str, **_: object) -> _Answer:
        return call_result.ChangeConfiguration(status=self._cabinet.settings.change(key, value))

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
        accepted = self._cabinet.start_remotely(id_tag, connector_id, charging_profile)
        return call_result.RemoteStartTransaction(status=_accepted(yes=accepted))

    @answers("RemoteStopTransaction")
    def _remote_stop(self, transaction_id: int, **_: object) -> _Answer:
        accepted = self._cabinet.stop_remotely(transaction_id)
        return call_result.RemoteStopTransaction(status=_accepted(yes=accepted))

    @answers("Reset")
    def _reset(self, type: str, **_: object) -> _Answer:  # noqa: A002 - the protocol's name
        self._cabinet.reset = type
        return call_result.Reset(status="Accepted")

    @answers("UnlockConnector")
    def _unlock_connector(self, connector_id: int, **_: object) -> _Answer:
        return call_result.UnlockConnector(status=self._cabinet.unlock(connector_id))

    @answers("ChangeAvailability")
    def _change_availability(
        self,
        connector_id: int,
        type: str,  # noqa: A002 - the protocol's name
        **_: object,
    ) -> _Answer:
        status = self._cabinet.change_availability(connector_id, operative=type == "Operative")
        return call_result.ChangeAvailability(status=status)


def _accepted(*, yes: bool) -> str:
    return "Accepted" if yes else "Rejected"
