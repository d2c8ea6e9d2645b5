"""Limits and commands over the wire."""

from datetime import timedelta
from typing import Any

import pytest

from custom_components.headroom.chargers.base import (
    ChargerOffline,
    ChargerRefused,
    ChargerTimeout,
    ConnectorProfile,
    Failsafe,
)
from custom_components.headroom.chargers.ocpp.config import CentralSystemConfig
from custom_components.headroom.chargers.ocpp.server import CentralSystem
from custom_components.headroom.chargers.ocpp.station import OcppStation
from custom_components.headroom.engine.snapshot import ConnectorStatus
from tests.chargers.ocpp.charge_point import ACCEPTED, REJECTED, Refusal, Special
from tests.chargers.ocpp.conftest import PROFILE, Clock, until

from .charge_point import Payload, ScriptedStation, amps
from .conftest import Dial, settled

IMPATIENT = CentralSystemConfig(
    command_timeout=timedelta(milliseconds=500), errand_timeout=timedelta(milliseconds=500)
)
OFFLINE_END = {"maxOfflineDuration", "invalidAfterOfflineDuration"}


def takes(*wanted: tuple[str, Any], otherwise: Any = REJECTED) -> Any:
    """Accept profiles, or their schedules, with certain fields."""

    def answer(payload: Payload) -> Any:
        profile = payload["chargingProfile"]
        fields = profile | profile["chargingSchedule"][0]
        return ACCEPTED if all(fields.get(key) == value for key, value in wanted) else otherwise

    return answer


def strategy(station: OcppStation) -> str:
    return str(station.details["strategy"])


async def aim(station: OcppStation, current: float) -> float | None:
    station.set_current(1, current)
    await station.settled()
    return station.reading(1).confirmed


async def test_base_and_lease_come_before_anything_else(
    station: OcppStation, dial: Dial, version: str
) -> None:
    charge_point = await dial()
    await charge_point.until(lambda: len(charge_point.received) > 2)
    base, lease, after = charge_point.received[:3]
    assert base.payload == {
        "evseId": 1,
        "chargingProfile": {
            "id": 1001,
            "stackLevel": 0,
            "chargingProfilePurpose": "TxDefaultProfile",
            "chargingProfileKind": "Absolute",
            "chargingSchedule": [
                {
                    "id": 1001,
                    "startSchedule": "2020-01-01T00:00:00Z",
                    "chargingRateUnit": "A",
                    "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 6}],
                }
            ],
        },
    }
    native = {"maxOfflineDuration": 180, "invalidAfterOfflineDuration": True}
    assert lease.payload == {
        "evseId": 1,
        "chargingProfile": {
            "id": 2001,
            "stackLevel": 1,
            "chargingProfilePurpose": "TxDefaultProfile",
            "chargingProfileKind": "Absolute",
            "validTo": "2026-07-01T12:03:00Z",
            "chargingSchedule": [
                {
                    "id": 2001,
                    "startSchedule": "2026-07-01T11:59:00Z",
                    "duration": 240,
                    "chargingRateUnit": "A",
                    "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 6}],
                }
            ],
        }
        | (native if version == "2.1" else {}),
    }
    assert after.action == "TriggerMessage"


async def test_every_connection_starts_with_nothing_known(
    station: OcppStation, dial: Dial, charge_point: ScriptedStation
) -> None:
    assert await aim(station, 16) == 16.0
    charge_point.cut()
    await until(station, lambda: not station.online)
    assert station.reading(1).confirmed == 16.0
    again = await dial()
    await again.until_called("SetChargingProfile", 2)
    await station.settled()
    assert [command.limit for command in again.profiles] == [6, 16]


async def test_a_station_with_two_evses_is_limited_on_both(
    system: CentralSystem, dial: Dial
) -> None:
    station = system.register("CP2", {1: PROFILE, 2: ConnectorProfile(fallback=0, max_current=16)})
    station.set_current(2, 40)
    charge_point = await dial("CP2")
    await station.settled()
    sent = [(c.payload["evseId"], c.profile["id"], c.limit) for c in charge_point.profiles]
    assert sent == [(1, 1001, 6), (1, 2001, 6), (2, 1002, 0), (2, 2002, 16)]


async def test_a_setpoint_is_confirmed_in_tenths(
    station: OcppStation, charge_point: ScriptedStation, clock: Clock
) -> None:
    assert await aim(station, 13.849999) == 13.8
    assert charge_point.leases[1:] == [13.8]
    assert station.reading(1).lease_until == clock() + timedelta(seconds=180)
    assert station.capabilities.failsafe is Failsafe.LEASE


async def test_a_lease_is_renewed_at_half_its_life(
    station: OcppStation, charge_point: ScriptedStation, clock: Clock
) -> None:
    before = len(charge_point.profiles)
    clock.advance(90)
    station.maintain()
    await station.settled()
    assert len(charge_point.profiles) == before + 1
    assert charge_point.profiles[-1].profile["validTo"] == "2026-07-01T12:04:30Z"
    assert charge_point.commands("ClearChargingProfile") == []


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (REJECTED, "Rejected"),
        (
            REJECTED | {"statusInfo": {"reasonCode": "InvalidStackLevel"}},
            "Rejected (InvalidStackLevel)",
        ),
        (REJECTED | {"statusInfo": "x"}, "Rejected"),
        ({"status": ["Accepted"]}, "['Accepted']"),
        ({}, "None"),
        (Refusal("NotSupported"), "NotSupported"),
        (Refusal("InternalError", details=False), "SetChargingProfile"),
    ],
)
async def test_a_refused_lease_is_retried_and_its_reason_logged(
    station: OcppStation,
    charge_point: ScriptedStation,
    clock: Clock,
    caplog: pytest.LogCaptureFixture,
    answer: Any,
    words: str,
) -> None:
    charge_point.script["SetChargingProfile"] = answer
    assert await aim(station, 16) == 6.0
    charge_point.script["SetChargingProfile"] = ACCEPTED
    clock.advance(2)
    station.maintain()
    await station.settled()
    assert station.reading(1).confirmed == 16.0
    faults = [record.message for record in caplog.records if "its limit" in record.message]
    assert len(faults) == 2
    assert words in faults[0]


@pytest.mark.parametrize("config", [IMPATIENT])
@pytest.mark.parametrize(("current", "worst"), [(16, 16.0), (0, 6.0)])
async def test_without_an_answer_the_worse_current_counts(
    station: OcppStation, charge_point: ScriptedStation, current: float, worst: float
) -> None:
    charge_point.script["SetChargingProfile"] = Special.SILENCE
    assert await aim(station, current) == worst


async def test_watts_only(station: OcppStation, dial: Dial) -> None:
    charge_point = await dial()
    charge_point.script["SetChargingProfile"] = takes(("chargingRateUnit", "W"))
    await settled(charge_point)
    assert strategy(station) == "TxDefaultProfile at level 1 over TxDefaultProfile, Absolute, W"
    await charge_point.event(
        "Started", *[amps(8, phase) for phase in ("L1", "L2", "L3")], state="Charging"
    )
    assert await aim(station, 16) == 16.0
    assert charge_point.profiles[-1].limit == 16 * 3 * 230


async def test_a_limit_of_the_station_only(station: OcppStation, dial: Dial) -> None:
    charge_point = await dial()
    charge_point.script["SetChargingProfile"] = takes(
        ("chargingProfilePurpose", "ChargingStationMaxProfile"), otherwise=Refusal("NotSupported")
    )
    await settled(charge_point)
    assert charge_point.profiles[-1].payload["evseId"] == 0
    assert await aim(station, 16) == 16.0


async def test_a_limit_for_the_transaction_only(station: OcppStation, dial: Dial) -> None:
    charge_point = await dial()
    charge_point.script["SetChargingProfile"] = takes(
        ("chargingProfilePurpose", "TxProfile"), ("transactionId", "T1")
    )
    await settled(charge_point)
    await charge_point.event("Started", state="Charging")
    assert await aim(station, 16) == 16.0
    assert strategy(station) == "TxProfile at level 0 alone, Absolute, A"
    assert "validTo" not in charge_point.profiles[-1].profile
    assert not OFFLINE_END & charge_point.profiles[-1].profile.keys()
    await charge_point.event("Ended")
    assert station.reading(1).confirmed is None


async def test_relative_only(station: OcppStation, dial: Dial) -> None:
    charge_point = await dial()
    charge_point.script["SetChargingProfile"] = takes(
        ("chargingProfileKind", "Relative"), ("chargingProfilePurpose", "TxDefaultProfile")
    )
    await settled(charge_point)
    assert await aim(station, 16) == 16.0
    assert "startSchedule" not in charge_point.profiles[-1].profile["chargingSchedule"][0]


async def test_stack_level_0_is_heeded(station: OcppStation, dial: Dial) -> None:
    charge_point = await dial()
    charge_point.variables["SmartChargingCtrlr.ProfileStackLevel"] = "0"
    charge_point.script["SetChargingProfile"] = takes(("stackLevel", 0))
    await settled(charge_point)
    await charge_point.event("Started", state="Charging")
    assert await aim(station, 16) == 16.0
    assert strategy(station) == "TxProfile at level 0 over TxDefaultProfile, Absolute, A"


async def test_accepted_but_not_applied(
    station: OcppStation, charge_point: ScriptedStation, clock: Clock
) -> None:
    await charge_point.event("Started", state="Charging")
    await aim(station, 10)
    first = strategy(station)
    clock.advance(31)
    now = clock().isoformat()
    for _ in range(2):
        await charge_point.event("Updated", amps(20), timestamp=now)
    assert station.details["strategies_without_effect"] == (first,)
    await station.settled()
    cleared = charge_point.commands("ClearChargingProfile")
    assert all(command.payload.keys() == {"chargingProfileId"} for command in cleared)


@pytest.mark.parametrize("answer", [ACCEPTED, {"status": "Unknown"}])
async def test_old_limits_are_cleared_by_their_ids(
    station: OcppStation, dial: Dial, answer: Payload
) -> None:
    charge_point = await dial()
    charge_point.script["ClearChargingProfile"] = answer
    charge_point.script["SetChargingProfile"] = lambda payload: (
        REJECTED
        if payload["chargingProfile"]["stackLevel"] == 1
        and payload["chargingProfile"]["chargingProfilePurpose"] == "TxDefaultProfile"
        else ACCEPTED
    )
    await settled(charge_point)
    await station.settled()
    cleared = [command.payload for command in charge_point.commands("ClearChargingProfile")]
    assert cleared == [{"chargingProfileId": 1001}]


async def test_commands_of_people(station: OcppStation, charge_point: ScriptedStation) -> None:
    for _ in range(2):
        await station.start(1, "BADGE1")
    first, second = charge_point.commands("RequestStartTransaction")
    assert first.payload["idToken"] == {"idToken": "BADGE1", "type": "Central"}
    assert first.payload["evseId"] == 1
    assert second.payload["remoteStartId"] > first.payload["remoteStartId"] > 0
    await station.stop(1)
    assert charge_point.commands("RequestStopTransaction") == []
    await charge_point.event("Started")
    await station.stop(1)
    stop = charge_point.commands("RequestStopTransaction")[-1]
    assert stop.payload == {"transactionId": "T1"}
    charge_point.script["Reset"] = {"status": "Scheduled"}
    await station.reset(hard=True)
    await station.reset(hard=False)
    assert [c.payload["type"] for c in charge_point.commands("Reset")] == ["Immediate", "OnIdle"]


NO_SUCH = REJECTED | {"statusInfo": {"reasonCode": "TxNotFound"}}
GONE = {"ongoingIndicator": False, "messagesInQueue": False}


async def test_a_phantom_is_ended(station: OcppStation, charge_point: ScriptedStation) -> None:
    await charge_point.event("Started", state="Charging")
    charge_point.script["RequestStopTransaction"] = NO_SUCH
    charge_point.script["GetTransactionStatus"] = GONE
    await station.stop(1)
    reading = station.reading(1)
    assert (reading.session, reading.status) == (None, ConnectorStatus.FINISHING)
    assert charge_point.commands("GetTransactionStatus")[-1].payload == {"transactionId": "T1"}


@pytest.mark.parametrize(
    "answer",
    [
        GONE | {"ongoingIndicator": True},
        GONE | {"messagesInQueue": True},
        {"messagesInQueue": False},
        Refusal("NotSupported"),
    ],
)
async def test_what_may_go_on_is_no_phantom(
    station: OcppStation, charge_point: ScriptedStation, answer: Any
) -> None:
    await charge_point.event("Started", state="Charging")
    charge_point.script["RequestStopTransaction"] = NO_SUCH
    charge_point.script["GetTransactionStatus"] = answer
    with pytest.raises(ChargerRefused, match="TxNotFound"):
        await station.stop(1)
    assert station.reading(1).session == "T1"


async def test_after_a_reconnection_a_phantom_is_noticed(
    station: OcppStation, charge_point: ScriptedStation, dial: Dial
) -> None:
    await charge_point.event("Started", state="Charging")
    again = await dial()
    again.script["GetTransactionStatus"] = GONE
    await settled(again)
    assert station.reading(1).session is None
    assert [p["requestedMessage"] for p in asked(again)] == ["StatusNotification"]


async def test_commands_that_are_refused(
    station: OcppStation, charge_point: ScriptedStation
) -> None:
    charge_point.script["Reset"] = Refusal("NotSupported")
    with pytest.raises(ChargerRefused, match="Reset"):
        await station.reset(hard=True)


@pytest.mark.parametrize("config", [IMPATIENT])
async def test_commands_without_answer(station: OcppStation, charge_point: ScriptedStation) -> None:
    charge_point.script["RequestStartTransaction"] = Special.SILENCE
    with pytest.raises(ChargerTimeout) as silence:
        await station.start(1, "SECRET")
    assert "SECRET" not in str(silence.value)


async def test_a_command_fails_at_once_when_contact_is_lost(
    station: OcppStation, charge_point: ScriptedStation
) -> None:
    charge_point.script["Reset"] = Special.HANG_UP
    with pytest.raises(ChargerOffline):
        await station.reset(hard=True)


def asked(charge_point: ScriptedStation) -> list[Payload]:
    return [command.payload for command in charge_point.commands("TriggerMessage")]


async def test_a_station_is_asked_for_status_and_charging_state(
    charge_point: ScriptedStation,
) -> None:
    assert asked(charge_point) == [
        {"requestedMessage": "StatusNotification", "evse": {"id": 1, "connectorId": 1}},
        {"requestedMessage": "TransactionEvent", "evse": {"id": 1}},
    ]


@pytest.mark.parametrize("during", [ACCEPTED, REJECTED, Refusal("NotSupported")])
async def test_missing_samples_are_asked_for(
    station: OcppStation, charge_point: ScriptedStation, clock: Clock, during: Any
) -> None:
    await charge_point.event("Started", state="Charging")
    before = len(asked(charge_point))
    charge_point.script["TriggerMessage"] = lambda payload: (
        during if payload["requestedMessage"] == "TransactionEvent" else ACCEPTED
    )
    clock.advance(31)
    station.maintain()
    expected = ["TransactionEvent"] if during == ACCEPTED else ["TransactionEvent", "MeterValues"]
    await charge_point.until(lambda: len(asked(charge_point)) == before + len(expected))
    new = asked(charge_point)[before:]
    assert [(p["requestedMessage"], p["evse"]) for p in new] == [(m, {"id": 1}) for m in expected]


async def test_a_station_that_does_not_introduce_itself_is_asked_to(
    station: OcppStation, dial: Dial, clock: Clock
) -> None:
    charge_point = await dial()
    await settled(charge_point)
    clock.advance(6)
    station.maintain()
    await charge_point.until(
        lambda: {"requestedMessage": "BootNotification"} in asked(charge_point)
    )


async def native_station(system: CentralSystem, dial: Dial, answer: Any) -> ScriptedStation:
    system.register("CP1", {1: PROFILE})
    charge_point = await dial(spoken="2.1")
    charge_point.script["SetChargingProfile"] = lambda payload: (
        answer if OFFLINE_END & payload["chargingProfile"].keys() else ACCEPTED
    )
    await settled(charge_point)
    return charge_point


@pytest.mark.parametrize("answer", [REJECTED, Refusal("NotSupported"), Refusal("FormatViolation")])
async def test_a_station_that_knows_no_end_by_lost_contact_gets_none(
    system: CentralSystem, dial: Dial, answer: Any, caplog: pytest.LogCaptureFixture
) -> None:
    charge_point = await native_station(system, dial, answer)
    station = system.stations["CP1"]
    assert await aim(station, 16) == 16.0
    carried = [bool(OFFLINE_END & c.profile.keys()) for c in charge_point.profiles]
    assert carried == [False, True, False, False], "it is offered once"
    assert strategy(station) == "TxDefaultProfile at level 1 over TxDefaultProfile, Absolute, A"
    assert station.details["limits_end_offline"] is False
    notes = [r for r in caplog.records if "ends by the loss of contact" in r.message]
    assert len(notes) == 1


@pytest.mark.parametrize(
    "config", [CentralSystemConfig(command_timeout=timedelta(milliseconds=100))]
)
async def test_a_station_that_leaves_it_unanswered_is_not_asked_again(
    system: CentralSystem, dial: Dial, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    charge_point = await native_station(system, dial, Special.SILENCE)
    station = system.stations["CP1"]
    assert station.reading(1).confirmed is None
    clock.advance(1)
    station.maintain()
    await station.settled()
    carried = [bool(OFFLINE_END & c.profile.keys()) for c in charge_point.profiles]
    assert carried == [False, True, False]
    assert station.reading(1).confirmed == 6.0
    assert strategy(station) == "TxDefaultProfile at level 1 over TxDefaultProfile, Absolute, A"
    assert station.details["limits_end_offline"] is False
    notes = [r for r in caplog.records if "ends by the loss of contact" in r.message]
    assert len(notes) == 1


async def test_a_station_that_knows_it_is_not_asked_twice_for_one_limit(
    system: CentralSystem, dial: Dial
) -> None:
    charge_point = await native_station(system, dial, ACCEPTED)
    station = system.stations["CP1"]
    assert station.details["limits_end_offline"] is True
    before = len(charge_point.profiles)
    charge_point.script["SetChargingProfile"] = REJECTED
    assert await aim(station, 16) == 6.0
    assert len(charge_point.profiles) == before + 1


async def test_what_is_refused_either_way_is_no_word_on_the_end(
    system: CentralSystem, dial: Dial
) -> None:
    station = system.register("CP1", {1: PROFILE})
    charge_point = await dial(spoken="2.1")
    charge_point.script["SetChargingProfile"] = REJECTED
    await settled(charge_point)
    assert station.details["limits_end_offline"] is None
    assert station.reading(1).confirmed is None


async def test_a_car_that_is_to_go_on_has_a_limit_without_any_end(
    system: CentralSystem, dial: Dial
) -> None:
    station = system.register("CP2", {1: ConnectorProfile(fallback=0, max_current=32, keep=True)})
    charge_point = await dial("CP2")
    station.set_current(1, 10)
    await station.settled()
    assert "validTo" in charge_point.profiles[-1].profile
    await charge_point.event("Started", state="Charging")
    station.maintain()
    await station.settled()
    endless = charge_point.profiles[-1].profile
    assert "validTo" not in endless
    assert not OFFLINE_END & endless.keys()
    assert station.reading(1).lease_until is None


@pytest.mark.parametrize(
    ("answer", "shown"),
    [
        (
            {
                "schedule": {
                    "evseId": 1,
                    "chargingRateUnit": "A",
                    "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 6.0}],
                }
            },
            "6 A",
        ),
        ({"chargingSchedule": {"chargingRateUnit": "A"}}, None),
        (REJECTED, None),
        (Refusal("NotImplemented"), None),
    ],
)
async def test_what_a_station_says_is_in_force_is_shown(
    station: OcppStation, dial: Dial, answer: Payload, shown: str | None
) -> None:
    charge_point = await dial()
    charge_point.script["GetCompositeSchedule"] = answer
    await settled(charge_point)
    (question,) = charge_point.commands("GetCompositeSchedule")
    assert question.payload == {"evseId": 1, "duration": 60, "chargingRateUnit": "A"}
    assert station.details["composite_limits"] == {1: shown}
