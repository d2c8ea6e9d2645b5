"""What a station tells: identity, status, meter values and transactions."""

from typing import Any

import pytest

from custom_components.headroom.chargers.base import (
    ChargerInfo,
    ConnectorData,
    Contact,
    Session,
)
from custom_components.headroom.chargers.ocpp.server import CentralSystem
from custom_components.headroom.chargers.ocpp.station import OcppStation
from custom_components.headroom.chargers.ocpp.transactions import TransactionLedger
from custom_components.headroom.engine.currents import PerPhase
from custom_components.headroom.engine.snapshot import ConnectorStatus
from tests.chargers.ocpp.conftest import PROFILE, Clock

from .charge_point import NOON, ScriptedStation, amps, register
from .conftest import Dial


def status_of(station: OcppStation) -> ConnectorStatus:
    return station.reading(1).status


def session_of(station: OcppStation) -> Session:
    session = station.connectors[1].session
    assert session is not None
    return session


async def test_boot_tells_who_it_is_and_gets_the_time(
    station: OcppStation, charge_point: ScriptedStation, version: str
) -> None:
    answer = await charge_point.boot(serialNumber="S1", firmwareVersion=" 1.2 ")
    assert answer == {"status": "Accepted", "currentTime": NOON, "interval": 60}
    assert station.info == ChargerInfo(vendor="Acme", model="Two", serial="S1", firmware="1.2")
    assert station.details["version"] == f"ocpp{version}"


@pytest.mark.parametrize(
    ("reason", "is_loss"),
    [
        ("PowerUp", True),
        ("Watchdog", True),
        ("Unknown", True),
        ("RemoteReset", False),
        ("FirmwareUpdate", False),
        ("Triggered", False),
    ],
)
async def test_the_reason_of_a_boot_says_whether_power_may_have_been_lost(
    station: OcppStation, charge_point: ScriptedStation, clock: Clock, reason: str, *, is_loss: bool
) -> None:
    before = station.reading(1).booted_at
    clock.advance(60)
    identity = {"vendorName": "Acme", "model": "Two"}
    await charge_point.call("BootNotification", {"reason": reason, "chargingStation": identity})
    assert station.reading(1).booted_at == (clock.time if is_loss else before)


async def test_badges_that_are_held_against_it_are_told_of(
    station: OcppStation, charge_point: ScriptedStation
) -> None:
    token = {"idToken": "CAFE", "type": "ISO14443"}
    answer = await charge_point.call("Authorize", {"idToken": token})
    assert answer == {"idTokenInfo": {"status": "Accepted"}}
    assert list(station.take_taps()) == [frozenset()]
    assert await charge_point.call("Authorize") == answer
    assert not station.take_taps()


async def test_who_is_only_listened_to_is_not_accepted_yet(
    station: OcppStation, charge_point: ScriptedStation
) -> None:
    station.restrict(Contact.LISTENING)
    assert await charge_point.boot() == {"status": "Pending", "currentTime": NOON, "interval": 10}
    station.restrict(Contact.FULL)
    assert (await charge_point.boot())["status"] == "Accepted"


async def test_a_boot_in_the_words_of_1_6_is_answered_and_complained_of_once(
    station: OcppStation, charge_point: ScriptedStation, caplog: pytest.LogCaptureFixture
) -> None:
    old = {"chargePointVendor": "Fox", "chargePointModel": "A1", "firmwareVersion": "3"}
    for _ in range(2):
        assert (await charge_point.call("BootNotification", old))["status"] == "Accepted"
    assert station.info == ChargerInfo(vendor="Fox", model="A1", firmware="3")
    complaints = [r.message for r in caplog.records if "OCPP 1.6" in r.message]
    assert len(complaints) == 1
    assert "choose that version in the form" in complaints[0]


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("Available", ConnectorStatus.AVAILABLE),
        ("Occupied", ConnectorStatus.PREPARING),
        ("Reserved", ConnectorStatus.RESERVED),
        ("Unavailable", ConnectorStatus.UNAVAILABLE),
        ("Faulted", ConnectorStatus.FAULTED),
        ("Daydreaming", ConnectorStatus.UNKNOWN),
    ],
)
async def test_the_status_of_a_socket(
    station: OcppStation, charge_point: ScriptedStation, word: str, expected: ConnectorStatus
) -> None:
    await charge_point.status(word)
    assert status_of(station) is expected


async def test_the_status_of_a_socket_comes_as_an_event_too(
    station: OcppStation, charge_point: ScriptedStation
) -> None:
    def event(component: str, variable: str, value: str) -> dict[str, Any]:
        return {
            "eventId": 1,
            "timestamp": NOON,
            "trigger": "Delta",
            "actualValue": value,
            "eventNotificationType": "HardWiredNotification",
            "component": {"name": component, "evse": {"id": 1, "connectorId": 1}},
            "variable": {"name": variable},
        }

    events = [
        7,
        event("Connector", "AvailabilityState", "Occupied"),
        event("Connector", "Problem", "true"),
        event("EVSE", "AvailabilityState", "Available"),
    ]
    notification = {"generatedAt": NOON, "seqNo": 0, "eventData": events}
    assert await charge_point.call("NotifyEvent", notification) == {}
    assert status_of(station) is ConnectorStatus.PREPARING


async def test_two_sockets_of_an_evse_serve_one_car(
    station: OcppStation, charge_point: ScriptedStation
) -> None:
    await charge_point.status("Available")
    await charge_point.status("Occupied", connectorId=2)
    assert status_of(station) is ConnectorStatus.PREPARING
    await charge_point.status("Unavailable")
    assert status_of(station) is ConnectorStatus.PREPARING
    await charge_point.status("Available", connectorId=2)
    assert status_of(station) is ConnectorStatus.AVAILABLE


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("Charging", ConnectorStatus.CHARGING),
        ("EVConnected", ConnectorStatus.PREPARING),
        ("SuspendedEV", ConnectorStatus.SUSPENDED_EV),
        ("SuspendedEVSE", ConnectorStatus.SUSPENDED_EVSE),
        ("Idle", ConnectorStatus.PREPARING),
        ("Daydreaming", ConnectorStatus.PREPARING),
        (None, ConnectorStatus.PREPARING),
    ],
)
async def test_the_charging_state_of_a_transaction(
    station: OcppStation,
    charge_point: ScriptedStation,
    state: str | None,
    expected: ConnectorStatus,
) -> None:
    await charge_point.status("Occupied")
    await charge_point.event("Started", state=state)
    assert status_of(station) is expected
    await charge_point.status("Occupied")
    assert status_of(station) is expected, "that there is a car is no news"


async def test_sockets_and_charging_state_are_one_status(
    station: OcppStation, charge_point: ScriptedStation
) -> None:
    await charge_point.status("Occupied")
    await charge_point.event("Started", state="EVConnected")
    await charge_point.event("Updated", state="Charging")
    await charge_point.event("Updated", amps(16))
    assert status_of(station) is ConnectorStatus.CHARGING, "most messages leave the state out"
    await charge_point.status("Faulted")
    assert status_of(station) is ConnectorStatus.FAULTED
    await charge_point.event("Updated", state="SuspendedEVSE")
    await charge_point.event("Updated", state="Idle")
    assert status_of(station) is ConnectorStatus.FINISHING
    await charge_point.event("Ended")
    assert status_of(station) is ConnectorStatus.FINISHING
    await charge_point.event("Started", transaction="T2")
    assert status_of(station) is ConnectorStatus.PREPARING
    await charge_point.status("Available")
    await charge_point.event("Updated", transaction="T2", state="Idle")
    await charge_point.event("Ended", transaction="T2")
    assert status_of(station) is ConnectorStatus.AVAILABLE


async def test_a_car_that_draws_charges_though_no_state_is_told(
    station: OcppStation, charge_point: ScriptedStation
) -> None:
    await charge_point.event("Started", amps(0.5))
    await charge_point.event("Updated", register(1))
    assert status_of(station) is ConnectorStatus.PREPARING
    await charge_point.event("Updated", amps(8), state="EVConnected")
    assert status_of(station) is ConnectorStatus.PREPARING
    await charge_point.event("Updated")
    assert status_of(station) is ConnectorStatus.PREPARING
    await charge_point.event("Updated", amps(8))
    assert status_of(station) is ConnectorStatus.CHARGING


async def test_the_charging_state_outlives_a_reconnection(station: OcppStation, dial: Dial) -> None:
    await (await dial()).event("Started", state="Charging")
    again = await dial()
    await again.status("Occupied")
    await again.event("Updated", amps(16))
    assert status_of(station) is ConnectorStatus.CHARGING


@pytest.mark.parametrize("evse", [0, 7])
async def test_an_evse_that_is_not_named_is_the_only_one(
    station: OcppStation, charge_point: ScriptedStation, evse: int
) -> None:
    expected = ConnectorStatus.FAULTED if evse == 0 else ConnectorStatus.AVAILABLE
    await charge_point.status("Available")
    await charge_point.status("Faulted", evse)
    await charge_point.meter(amps(7), connector=evse)
    assert status_of(station) is expected
    assert (station.reading(1).drawn == PerPhase(7)) is (evse == 0)


async def test_the_evse_is_named_in_the_first_event_only(system: CentralSystem, dial: Dial) -> None:
    station = system.register("CP2", {1: PROFILE, 2: PROFILE})
    charge_point = await dial("CP2")
    await charge_point.event("Started", evse=2)
    again = await dial("CP2")
    await again.event("Updated", amps(9), state="Charging", evse=None)
    await again.event("Updated", amps(9), transaction="T9", evse=None)
    assert station.reading(2).status is ConnectorStatus.CHARGING
    assert station.reading(2).drawn == PerPhase(9)
    assert station.reading(1).drawn is None
    assert station.reading(1).session is None, "nobody knows where T9 runs"
    await again.event("Ended", evse=None)
    assert station.reading(2).session is None


async def test_sampled_values_have_units_and_exponents(
    station: OcppStation, charge_point: ScriptedStation, clock: Clock
) -> None:
    await charge_point.meter(
        amps(155, unitOfMeasure={"unit": "A", "multiplier": -1}),
        {"value": 35, "measurand": "Power.Active.Import", "unitOfMeasure": {"multiplier": 2}},
        {"value": 230.5, "measurand": "Voltage", "phase": "L1-N", "unitOfMeasure": {"unit": "V"}},
        {"value": 16, "measurand": "Current.Offered", "unitOfMeasure": "A"},
        {"value": 1.25, "unitOfMeasure": {"unit": "kWh"}},
        {"value": 55, "measurand": "SoC", "unitOfMeasure": {"unit": "Percent"}},
    )
    assert station.connectors[1] == ConnectorData(
        drawn=PerPhase(15.5),
        voltages=PerPhase(230.5),
        power=3500,
        energy=1250,
        measured_at=clock(),
        offered=16,
        confirmed=6.0,
    )


async def test_a_session_from_start_to_end(
    station: OcppStation, charge_point: ScriptedStation, clock: Clock
) -> None:
    token = {"idToken": "A1", "type": "ISO14443"}
    answer = await charge_point.event("Started", register(1000), idToken=token)
    assert answer == {"idTokenInfo": {"status": "Accepted"}}
    assert session_of(station) == Session(id="T1", badge="A1", started_at=clock(), energy=0)
    assert await charge_point.event("Updated", register(1500)) == {}
    reading = station.reading(1)
    assert (reading.session, reading.badge, reading.energy) == ("T1", "A1", 500)
    await charge_point.event("Ended", register(1600))
    assert station.connectors[1].session is None
    assert [session.energy for session in station.connectors[1].ended] == [600]


async def test_an_end_that_is_told_late_tells_what_was_charged_in_all(
    station: OcppStation, charge_point: ScriptedStation, clock: Clock
) -> None:
    await charge_point.event("Started", register(1000))
    clock.advance(3600)
    old = "2026-07-01T12:30:00Z"
    values = [
        {"timestamp": old, "sampledValue": [register(count) | {"context": context}]}
        for count, context in ((1000, "Transaction.Begin"), (1800, "Transaction.End"))
    ]
    await charge_point.event("Ended", timestamp=old, offline=True, meterValue=values)
    assert [session.energy for session in station.connectors[1].ended] == [800]


async def test_what_is_not_known_at_the_start_is_learned(
    station: OcppStation, charge_point: ScriptedStation, system: CentralSystem
) -> None:
    await charge_point.event("Started", state="EVConnected")
    await charge_point.event("Updated", register(1000), state="Charging")
    await charge_point.event("Updated", register(1500))
    await charge_point.event("Updated", idToken={"idToken": "A1", "type": "Central"})
    assert (session_of(station).badge, session_of(station).energy) == ("A1", 500)
    known = system.ledger.of_connector("CP1", 1)
    assert known is not None
    assert (known.badge, known.meter_start) == ("A1", 1000)


async def test_a_start_sent_again_changes_nothing(
    station: OcppStation, charge_point: ScriptedStation
) -> None:
    await charge_point.event("Started", register(1000))
    await charge_point.event("Updated", register(1500))
    before = session_of(station)
    await charge_point.event("Started", timestamp="2026-07-01T11:00:00Z")
    assert session_of(station) == before


async def test_a_second_start_ends_the_first(
    station: OcppStation, charge_point: ScriptedStation
) -> None:
    await charge_point.event("Started", state="Charging")
    await charge_point.event("Started", transaction="T2", state="EVConnected")
    await charge_point.event("Updated", transaction="T1", state="Charging")
    await charge_point.event("Ended", transaction="T1")
    assert station.reading(1).session == "T2"
    assert status_of(station) is ConnectorStatus.PREPARING


async def test_what_has_ended_does_not_come_back(
    station: OcppStation, charge_point: ScriptedStation
) -> None:
    await charge_point.event("Started")
    for _ in range(2):
        await charge_point.event("Ended")
    await charge_point.event("Updated", amps(5), state="Charging")
    await charge_point.event("Started")
    assert station.reading(1).session is None
    assert status_of(station) is ConnectorStatus.FINISHING
    assert station.reading(1).drawn == PerPhase(5), "the sample is fresh all the same"


async def test_the_end_of_an_unheard_transaction_is_acknowledged(
    station: OcppStation, charge_point: ScriptedStation
) -> None:
    await charge_point.event("Started", state="Charging")
    assert await charge_point.event("Ended", transaction="T0") == {}
    await charge_point.event("Updated", transaction="T0", state="Charging")
    assert station.reading(1).session == "T1"


async def test_an_unheard_transaction_goes_on(
    station: OcppStation, charge_point: ScriptedStation
) -> None:
    await charge_point.event("Updated", register(3000), state="Charging")
    await charge_point.event("Updated", register(3500))
    assert (session_of(station).id, session_of(station).energy) == ("T1", 500)
    assert status_of(station) is ConnectorStatus.CHARGING


async def test_what_happened_without_contact_is_booked_and_not_acted_on(
    station: OcppStation, charge_point: ScriptedStation
) -> None:
    await charge_point.event("Started", transaction="T2", state="SuspendedEV")
    old = "2026-07-01T11:00:00Z"
    await charge_point.event("Started", timestamp=old, offline=True, state="Charging")
    await charge_point.event("Updated", amps(32), timestamp=old, offline=True, state="Charging")
    await charge_point.event("Ended", timestamp=old, offline=True)
    reading = station.reading(1)
    assert (reading.session, reading.status) == ("T2", ConnectorStatus.SUSPENDED_EV)
    assert reading.drawn is None


async def test_an_old_transaction_that_is_told_of_late_does_not_displace_the_running_one(
    station: OcppStation, charge_point: ScriptedStation
) -> None:
    """Some chargers do not say that it happened without contact."""
    await charge_point.event("Started", transaction="T2", timestamp="2026-07-01T12:00:00Z")
    old = "2026-07-01T11:00:00Z"
    await charge_point.event("Updated", register(9000), timestamp=old, state="SuspendedEV")
    assert session_of(station).id == "T2"
    assert status_of(station) is not ConnectorStatus.SUSPENDED_EV
    await charge_point.event("Updated", timestamp="2026-07-01T12:01:00Z", state="Charging")
    assert session_of(station).id == "T1"


async def test_a_transaction_that_began_without_contact_goes_on(
    station: OcppStation, charge_point: ScriptedStation, clock: Clock
) -> None:
    await charge_point.event(
        "Started", register(1000), timestamp="2026-07-01T11:00:00Z", offline=True
    )
    assert (clock() - session_of(station).started_at).total_seconds() == 3600
    assert status_of(station) is ConnectorStatus.UNKNOWN
    await charge_point.event("Updated", register(9000), state="Charging")
    assert session_of(station).energy == 8000
    assert status_of(station) is ConnectorStatus.CHARGING


async def test_sessions_survive_a_restart_of_ours(
    charge_point: ScriptedStation, system: CentralSystem, clock: Clock
) -> None:
    await charge_point.event("Started", idToken={"idToken": "A1", "type": "Central"})
    ledger = TransactionLedger.from_json(system.ledger.to_json())
    restarted = CentralSystem(now=clock, random=lambda: 0.0, ledger=ledger)
    station = restarted.register("CP1", {1: PROFILE})
    assert (session_of(station).id, session_of(station).badge) == ("T1", "A1")


@pytest.mark.parametrize("unit", ["A", "W"])
async def test_the_limits_of_others_are_shown(
    station: OcppStation, charge_point: ScriptedStation, unit: str
) -> None:
    periods = [
        {"startPeriod": 0, "limit": 16},
        {"startPeriod": 9},
        {"startPeriod": 60, "limit": 10},
    ]
    schedule = {"id": 1, "chargingRateUnit": unit, "chargingSchedulePeriod": periods}
    for _ in range(2):
        await charge_point.call(
            "NotifyChargingLimit",
            {
                "evseId": 1,
                "chargingLimit": {"chargingLimitSource": "SO"},
                "chargingSchedule": [schedule],
            },
        )
    await charge_point.call(
        "NotifyChargingLimit", {"chargingLimit": {"chargingLimitSource": "EMS"}}
    )
    assert station.details["external_limits"] == [
        f"SO, connector 1: 10 {unit}",
        "EMS, whole station: unknown",
    ]
    for _ in range(2):
        await charge_point.call("ClearedChargingLimit", {"chargingLimitSource": "SO", "evseId": 1})
    assert station.details["external_limits"] == ["EMS, whole station: unknown"]
    assert station.reading(1).confirmed == 6.0


async def test_the_limits_of_others_outlive_contact_and_are_logged_when_they_begin_and_end(
    station: OcppStation,
    charge_point: ScriptedStation,
    dial: Dial,
    caplog: pytest.LogCaptureFixture,
) -> None:
    for limit in (10, 12, 14):
        await charge_point.call(
            "NotifyChargingLimit",
            {
                "chargingLimit": {"chargingLimitSource": "EMS"},
                "chargingSchedule": [
                    {
                        "id": 1,
                        "chargingRateUnit": "A",
                        "chargingSchedulePeriod": [{"startPeriod": 0, "limit": limit}],
                    }
                ],
            },
        )
    again = await dial()
    await again.call("Heartbeat")
    assert station.details["external_limits"] == ["EMS, whole station: 14 A"]
    for _ in range(2):
        await again.call("ClearedChargingLimit", {"chargingLimitSource": "EMS"})
    assert station.details["external_limits"] == []
    notes = [r.message for r in caplog.records if "limited by others" in r.message]
    assert notes == [
        "Station CP1 is limited by others: EMS, whole station: 10 A",
        "Station CP1 is no longer limited by others",
    ]


async def test_the_limits_of_others_are_bounded(
    station: OcppStation, charge_point: ScriptedStation
) -> None:
    for number in range(40):
        source = {"chargingLimitSource": f"{number:0>40}"}
        await charge_point.call("NotifyChargingLimit", {"evseId": number, "chargingLimit": source})
    shown = station.details["external_limits"]
    assert isinstance(shown, list)
    assert len(shown) == 16
    assert max(map(len, shown)) < 60


async def test_badges_stay_out_of_the_ordinary_log(
    station: OcppStation, charge_point: ScriptedStation, caplog: pytest.LogCaptureFixture
) -> None:
    token = {"idToken": "SECRET", "type": "Central"}
    await charge_point.call("Authorize", {"idToken": token})
    await charge_point.event("Started", idToken=token)
    await station.start(1, "SECRET")
    assert not [r for r in caplog.records if r.levelname != "DEBUG" and "SECRET" in r.getMessage()]


@pytest.mark.parametrize(
    ("kind", "taps"), [("ISO14443", [frozenset()]), ("MacAddress", []), ("eMAID", [])]
)
async def test_a_car_that_names_itself_holds_no_badge_against_the_charger(
    station: OcppStation, charge_point: ScriptedStation, kind: str, taps: list[frozenset[int]]
) -> None:
    await charge_point.call("Authorize", {"idToken": {"idToken": "CAFE", "type": kind}})
    assert list(station.take_taps()) == taps


@pytest.mark.parametrize(
    ("token", "fits"),
    [
        ({"idToken": "", "type": "NoAuthorization"}, True),
        ({"idToken": "AUTO", "type": "NoAuthorization"}, True),
        ({"idToken": "CAFE", "type": "ISO14443"}, False),
        ({"idToken": "DE-ABC-C12345678-9", "type": "eMAID"}, False),
    ],
    ids=str,
)
async def test_any_badge_fits_a_session_that_needed_none(
    station: OcppStation,
    charge_point: ScriptedStation,
    token: dict[str, str],
    *,
    fits: bool,
) -> None:
    stranger = {"idToken": {"idToken": "BEEF", "type": "ISO14443"}}
    await charge_point.event("Started", state="EVConnected")
    await charge_point.call("Authorize", stranger)
    await charge_point.event("Updated", idToken=token)
    await charge_point.call("Authorize", stranger)
    assert list(station.take_taps()) == [set(), {1} if fits else set()]
