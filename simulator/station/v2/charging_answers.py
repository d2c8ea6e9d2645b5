"""Answers about charging: profiles and transactions (2.0.1 E, F and K)."""

from collections.abc import Mapping
from itertools import groupby
from typing import Any

from ..connector import Start
from ..link import answers
from ..profiles import Profile, ProfileError
from ..times import timestamp
from .desk import Desk, accepted, because
from .profiles import check_phases, check_place, matching, parse_profile

type _Answer = Any
type _Words = Mapping[str, Any]


class ChargingAnswers(Desk):
    """Profiles and transactions."""

    @answers("SetChargingProfile")
    def _set_charging_profile(self, evse_id: int, charging_profile: _Words, **_: object) -> _Answer:
        try:
            profile = self._parse(evse_id, charging_profile)
            check_place(profile, self._cabinet)
            self._cabinet.install(profile)
        except ProfileError as error:
            return self._result.SetChargingProfile(
                status="Rejected", status_info=because(error.reason)
            )
        return self._result.SetChargingProfile(status="Accepted")

    @answers("ClearChargingProfile")
    def _clear_charging_profile(
        self,
        charging_profile_id: int | None = None,
        charging_profile_criteria: _Words | None = None,
        **_: object,
    ) -> _Answer:
        criteria = dict(charging_profile_criteria or {})
        if charging_profile_id is not None:
            criteria["charging_profile_id"] = [charging_profile_id]
        found = matching(self._cabinet.profiles, criteria, evse=criteria.get("evse_id"))
        self._cabinet.profiles.clear(lambda profile: profile in found)
        return self._result.ClearChargingProfile(status="Accepted" if found else "Unknown")

    @answers("GetChargingProfiles")
    def _get_charging_profiles(
        self,
        request_id: int,
        charging_profile: _Words,
        evse_id: int | None = None,
        **_: object,
    ) -> _Answer:
        found = matching(self._cabinet.profiles, charging_profile, evse=evse_id)
        by_evse = groupby(sorted(found, key=_evse), key=_evse)
        reports = [
            self._office.words.call.ReportChargingProfiles(
                request_id=request_id,
                charging_limit_source="CSO",
                evse_id=evse,
                charging_profile=[profile.source for profile in profiles],
                tbc=True,
            )
            for evse, profiles in by_evse
        ]
        if reports:
            reports[-1].tbc = False
        self._office.outbox.extend(reports)
        return self._result.GetChargingProfiles(status="Accepted" if found else "NoProfiles")

    @answers("GetCompositeSchedule")
    def _get_composite_schedule(
        self, duration: int, evse_id: int, charging_rate_unit: str = "A", **_: object
    ) -> _Answer:
        periods = self._cabinet.composite(evse_id, duration, unit=charging_rate_unit)
        if periods is None:
            return self._result.GetCompositeSchedule(
                status="Rejected", status_info=because("UnknownEvse")
            )
        return self._result.GetCompositeSchedule(
            status="Accepted",
            schedule={
                "evse_id": evse_id,
                "duration": duration,
                "schedule_start": timestamp(self._cabinet.clock()),
                "charging_rate_unit": charging_rate_unit,
                "charging_schedule_period": [
                    {"start_period": period.start, "limit": period.limit} for period in periods
                ],
            },
        )

    @answers("RequestStartTransaction")
    def _request_start(
        self,
        id_token: _Words,
        remote_start_id: int,
        evse_id: int | None = None,
        charging_profile: _Words | None = None,
        **_: object,
    ) -> _Answer:
        try:
            profile = self._parse_for_start(evse_id or 1, charging_profile)
        except ProfileError as error:
            return self._result.RequestStartTransaction(
                status="Rejected", status_info=because(error.reason)
            )
        start = Start(id_token["id_token"], remote=True, remote_id=remote_start_id)
        will = self._cabinet.start_remotely(start, evse_id, profile)
        return self._result.RequestStartTransaction(status=accepted(yes=will))

    @answers("RequestStopTransaction")
    def _request_stop(self, transaction_id: str, **_: object) -> _Answer:
        will = self._cabinet.stop_remotely(transaction_id)
        return self._result.RequestStopTransaction(status=accepted(yes=will))

    @answers("GetTransactionStatus")
    def _get_transaction_status(self, transaction_id: str | None = None, **_: object) -> _Answer:
        waiting = any(self._office.queues.values())
        if transaction_id is None:
            return self._result.GetTransactionStatus(messages_in_queue=waiting)
        running = self._cabinet.connector_of(transaction_id) is not None
        return self._result.GetTransactionStatus(
            messages_in_queue=waiting, ongoing_indicator=running
        )

    def _parse(self, evse: int, words: _Words) -> Profile:
        return parse_profile(evse, words, offline_limits=self._cabinet.offline_limits)

    def _parse_for_start(self, evse: int, words: _Words | None) -> Profile | None:
        if words is None:
            return None
        profile = self._parse(evse, words)
        check_phases(profile, self._cabinet)
        return profile


def _evse(profile: Profile) -> int:
    return profile.connector
