"""What a station tells: identity, status, meter values and transactions."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import ClientSession

from custom_components.headroom.chargers.base import (
    ChargerInfo,
    ConnectorData,
    ConnectorProfile,
    Session,
)
from custom_components.headroom.chargers.ocpp.config import CentralSystemConfig
from custom_components.headroom.chargers.ocpp.server import CentralSystem
from custom_components.headroom.chargers.ocpp.station import OcppStation
from custom_components.headroom.chargers.ocpp.transactions import TransactionLedger
from custom_components.headroom.engine.currents import PerPhase
from custom_components.headroom.engine.snapshot import ConnectorReading, ConnectorStatus

from .charge_point import ACCEPTED, REJECTED, Refusal, ScriptedChargePoint, Special
from .conftest import PROFILE, Clock, Connect, settled, until


def amps(number: float, phase: str = "L1", **fields: str) -> dict[str, Any]:
    return {"value": str(number), "measurand": "Current.Import", "phase": phase} | fields


def register(number: float) -> dict[str, Any]:
    return {"value": str(number), "measurand": "Energy.Active.Import.Register"}


async def begin(
    charge_point: ScriptedChargePoint, connector: int = 1, meter_start: int = 1000, **fields: Any
) -> int:
    request = {
        "connectorId": connector,
        "idTag": "A1",
        "meterStart": meter_start,
        "timestamp": "2026-07-01T12:00:00Z",
    }
    answer = await charge_point.call("StartTransaction", request | fields)
    assert answer["idTagInfo"] == {"status": "Accepted"}
    transaction: int = answer["transactionId"]
    return transaction


async def end(charge_point: ScriptedChargePoint, transaction: object) -> None:
    request = {"transactionId": transaction, "meterStop": 5000, "timestamp": "2026-07-01T13:00:00Z"}
    assert await charge_point.call("StopTransaction", request) == {}


def session_of(station: OcppStation) -> Session:
    session = station.connectors[1].session
    assert session is not None
    return session


async def test_boot_tells_who_it_is_and_gets_the_time(
    station: OcppStation, charge_point: ScriptedChargePoint
) -> None:
    answer = await charge_point.boot(
        chargePointVendor="V" * 99, chargePointSerialNumber="S1", firmwareVersion=" 1.2 "
    )
    assert answer == {"status": "Accepted", "currentTime": "2026-07-01T12:00:00Z", "interval": 60}
    assert station.info == ChargerInfo(vendor="V" * 99, model="One", serial="S1", firmware="1.2")
    await charge_point.call("BootNotification", {"chargeBoxSerialNumber": "B1", "meterType": None})
    assert station.info == ChargerInfo(serial="B1")


async def test_a_boot_tries_again_at_once_what_was_refused(
    station: OcppStation, connect: Connect
) -> None:
    charge_point = await connect()
    charge_point.script["SetChargingProfile"] = REJECTED
    await charge_point.until_called("SetChargingProfile", 2)
    await station.settled()
    assert station.reading(1).confirmed is None
    charge_point.script["SetChargingProfile"] = {"status": "Accepted"}
    await charge_point.boot()
    await station.settled()
    assert station.reading(1).confirmed == 6.0


async def test_a_restart_within_a_connection_arms_the_station_anew(
    station: OcppStation, charge_point: ScriptedChargePoint
) -> None:
    station.set_current(1, 16)
    await station.settled()
    before = len(charge_point.received)
    charge_point.script["SetChargingProfile"] = Special.SILENCE
    await charge_point.boot()
    reading = station.reading(1)
    assert (reading.confirmed, reading.fallback_refused) == (None, True)
    charge_point.script["SetChargingProfile"] = ACCEPTED
    await charge_point.until(lambda: len(charge_point.received) > before)
    await charge_point.answer_late(charge_point.received[before])
    await charge_point.until(
        lambda: any(
            command.payload["key"] == "WebSocketPingInterval"
            for command in charge_point.received[before:]
            if command.action == "ChangeConfiguration"
        )
    )
    sent = [(c.is_base, c.limit) for c in charge_point.profiles[-2:]]
    assert sent == [(True, 6), (False, 16)]
    reading = station.reading(1)
    assert (reading.confirmed, reading.fallback_refused) == (16.0, False)
    asked = [command.action for command in charge_point.received[before:]]
    assert "GetConfiguration" in asked


async def test_a_boot_that_was_asked_for_is_no_restart(
    station: OcppStation, connect: Connect, clock: Clock
) -> None:
    charge_point = await connect()
    await settled(charge_point)
    clock.advance(5)
    station.maintain()
    await charge_point.until(
        lambda: any(
            c.payload["requestedMessage"] == "BootNotification"
            for c in charge_point.commands("TriggerMessage")
        )
    )
    before = len(charge_point.profiles)
    await charge_point.boot()
    assert station.reading(1).confirmed == 6.0
    await station.settled()
    assert len(charge_point.profiles) == before
    await charge_point.boot()
    await station.settled()
    assert len(charge_point.profiles) == before + 2


async def test_a_boot_long_after_it_was_asked_for_is_a_restart(
    station: OcppStation, connect: Connect, clock: Clock
) -> None:
    charge_point = await connect()
    await settled(charge_point)
    clock.advance(5)
    station.maintain()
    clock.advance(31)
    before = len(charge_point.profiles)
    await charge_point.boot()
    await station.settled()
    assert len(charge_point.profiles) == before + 2


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("Available", ConnectorStatus.AVAILABLE),
        ("Preparing", ConnectorStatus.PREPARING),
        ("Charging", ConnectorStatus.CHARGING),
        ("SuspendedEV", ConnectorStatus.SUSPENDED_EV),
        ("SuspendedEVSE", ConnectorStatus.SUSPENDED_EVSE),
        ("Finishing", ConnectorStatus.FINISHING),
        ("Reserved", ConnectorStatus.RESERVED),
        ("Unavailable", ConnectorStatus.UNAVAILABLE),
        ("Faulted", ConnectorStatus.FAULTED),
        ("Daydreaming", ConnectorStatus.UNKNOWN),
    ],
)
async def test_status(
    station: OcppStation, charge_point: ScriptedChargePoint, status: str, expected: ConnectorStatus
) -> None:
    await charge_point.status(status)
    assert station.reading(1).status is expected
    assert station.connectors[1].status is expected


async def test_errors_come_and_go(station: OcppStation, charge_point: ScriptedChargePoint) -> None:
    await charge_point.status("Faulted", errorCode="GroundFailure", info="x" * 99)
    assert station.connectors[1].error == "GroundFailure"
    await charge_point.status("Available")
    assert station.connectors[1].error is None


@pytest.mark.parametrize("payload", [{}, {"connectorId": "x", "status": 7, "errorCode": None}])
async def test_a_status_without_sense_is_answered(
    station: OcppStation, charge_point: ScriptedChargePoint, payload: dict[str, Any]
) -> None:
    assert await charge_point.call("StatusNotification", payload) == {}
    assert station.online


async def test_replayed_statuses_do_not_undo_newer_ones(
    station: OcppStation, charge_point: ScriptedChargePoint
) -> None:
    await charge_point.status("Charging", timestamp="2026-07-01T11:59:00Z")
    await charge_point.status("Available", timestamp="2026-07-01T11:58:00Z")
    assert station.reading(1).status is ConnectorStatus.CHARGING
    await charge_point.status("Finishing", timestamp="1970-01-01T00:00:00Z")
    assert station.reading(1).status is ConnectorStatus.FINISHING
    await charge_point.status("Preparing", timestamp="2099-01-01T00:00:00Z")
    await charge_point.status("Charging", timestamp="2026-07-01T12:00:00Z")
    assert station.reading(1).status is ConnectorStatus.CHARGING


async def test_after_a_boot_the_clock_may_have_been_set_back(
    station: OcppStation, charge_point: ScriptedChargePoint
) -> None:
    await charge_point.status("Charging", timestamp="2026-07-01T11:59:00Z")
    await charge_point.boot()
    await charge_point.status("Available", timestamp="2026-07-01T11:00:00Z")
    assert station.reading(1).status is ConnectorStatus.AVAILABLE


async def test_the_station_stands_for_its_only_connector_until_that_speaks(
    station: OcppStation, charge_point: ScriptedChargePoint
) -> None:
    await charge_point.status("Preparing", connector=0)
    assert station.reading(1).status is ConnectorStatus.PREPARING
    await charge_point.status("Available", connector=0)
    assert station.reading(1).status is ConnectorStatus.PREPARING


async def test_a_station_that_is_available_may_charge_a_car(
    system: CentralSystem, clock: Clock, connect: Connect
) -> None:
    system.ledger.begin("CP2", 1, badge="A1", meter_start=0.0, started_at=clock(), timestamp=None)
    station = system.register("CP2", {1: PROFILE})
    charge_point = await connect("CP2")
    await charge_point.status("Available", connector=0)
    assert station.reading(1).status is ConnectorStatus.UNKNOWN
    await charge_point.status("Faulted", connector=0)
    assert station.reading(1).status is ConnectorStatus.FAULTED


async def test_connectors_that_are_not_registered_are_answered(
    system: CentralSystem, connect: Connect
) -> None:
    station = system.register("CP2", {1: PROFILE, 2: PROFILE})
    charge_point = await connect("CP2")
    await charge_point.status("Charging", connector=0)
    await charge_point.status("Charging", connector=7)
    await charge_point.meter(amps(7), connector=7)
    assert await begin(charge_point, 7) > 0
    for data in station.connectors.values():
        assert data.status is ConnectorStatus.UNKNOWN
        assert data.session is None


async def test_available_means_that_nothing_is_drawn(
    station: OcppStation, charge_point: ScriptedChargePoint, clock: Clock
) -> None:
    await charge_point.meter(amps(16))
    clock.advance(60)
    await charge_point.status("Available")
    reading = station.reading(1)
    assert (reading.drawn, reading.drawn_at) == (PerPhase(), clock())


async def test_meter_values(
    station: OcppStation, charge_point: ScriptedChargePoint, clock: Clock
) -> None:
    clock.advance(3)
    await charge_point.meter(
        amps(15.5),
        {"value": 3.5, "measurand": "Power.Active.Import", "unit": "kW"},
        {"value": "230", "measurand": "Voltage", "phase": "L1-N"},
        {"value": "16", "measurand": "Current.Offered"},
        {"value": "1234"},
        timestamp="2026-07-01T12:00:00Z",
    )
    data = station.connectors[1]
    assert data == ConnectorData(
        drawn=PerPhase(15.5),
        voltages=PerPhase(230),
        power=3500,
        energy=1234,
        measured_at=clock(),
        offered=16,
        confirmed=6.0,
    )
    reading = station.reading(1)
    assert isinstance(reading, ConnectorReading)
    assert (reading.drawn, reading.drawn_at, reading.offered) == (data.drawn, clock(), 16)


async def test_what_a_sample_lacks_stays(
    station: OcppStation, charge_point: ScriptedChargePoint, clock: Clock
) -> None:
    await charge_point.meter(amps(15.5), register(7))
    measured_at = clock()
    clock.advance(5)
    await charge_point.meter(register(8))
    data = station.connectors[1]
    assert (data.drawn, data.measured_at, data.energy) == (PerPhase(15.5), measured_at, 8)


async def test_old_samples_are_not_used(
    station: OcppStation, charge_point: ScriptedChargePoint
) -> None:
    await charge_point.meter(amps(16), timestamp="2026-07-01T11:59:39Z")
    assert station.reading(1).drawn is None
    await charge_point.meter(amps(16), timestamp="2026-07-01T11:59:40Z")
    assert station.reading(1).drawn == PerPhase(16)


async def test_a_current_without_phase_is_assumed_on_the_wired_terminals(
    system: CentralSystem, connect: Connect
) -> None:
    one = ConnectorProfile(fallback=6, max_current=32, phases=1)
    station = system.register("CP2", {1: one, 2: PROFILE})
    charge_point = await connect("CP2")
    for connector in (1, 2):
        await charge_point.meter({"value": "7", "measurand": "Current.Import"}, connector=connector)
    assert station.reading(1).drawn == PerPhase(7)
    assert station.reading(2).drawn == PerPhase.same(7)


async def test_terminals_are_told_apart_as_long_as_the_newest_currents_do(
    station: OcppStation, charge_point: ScriptedChargePoint
) -> None:
    each = [amps(7, phase) for phase in ("L1", "L2", "L3")]
    assert not station.reading(1).per_phase
    await charge_point.meter(*each)
    assert station.reading(1).per_phase
    await charge_point.meter(register(1000))
    assert station.reading(1).per_phase
    await charge_point.meter(amps(7))
    assert not station.reading(1).per_phase
    await charge_point.meter(*each)
    await charge_point.status("Available")
    assert not station.reading(1).per_phase


@pytest.mark.parametrize("payload", [{}, {"connectorId": 1}, {"connectorId": 1, "meterValue": 7}])
async def test_meter_values_without_sense_are_answered(
    station: OcppStation, charge_point: ScriptedChargePoint, payload: dict[str, Any]
) -> None:
    assert await charge_point.call("MeterValues", payload) == {}
    assert station.reading(1).drawn is None


@pytest.mark.parametrize("number", [-1, 2**31 - 1, 2**31, -(2**31) - 1, 10**30])
async def test_numbers_of_any_size_are_answered_and_can_be_kept(
    system: CentralSystem, charge_point: ScriptedChargePoint, number: int
) -> None:
    await charge_point.meter(register(1000), transactionId=number)
    await charge_point.meter(register(1000), connector=number, transactionId=number)
    assert 0 < await begin(charge_point, connector=number) < 2**31
    await end(charge_point, number)
    stored = json.dumps(system.ledger.to_json())
    assert all(-(2**31) <= int(digits) < 2**31 for digits in re.findall(r"-?\b\d+\b", stored))


async def test_a_session_from_start_to_stop(
    station: OcppStation, charge_point: ScriptedChargePoint, clock: Clock
) -> None:
    clock.advance(60)
    transaction = await begin(charge_point)
    assert session_of(station) == Session(
        id=str(transaction), badge="A1", started_at=clock() - timedelta(seconds=60)
    )
    await charge_point.meter(register(1500), transactionId=transaction)
    assert session_of(station).energy == 500
    reading = station.reading(1)
    assert (reading.session, reading.badge, reading.energy) == (str(transaction), "A1", 500)
    assert not reading.can_toggle_pilot
    await charge_point.meter(register(20), transactionId=transaction)
    assert session_of(station).energy == 500
    await end(charge_point, transaction)
    assert station.connectors[1].session is None
    reading = station.reading(1)
    assert (reading.session, reading.badge, reading.energy) == (None, None, None)


@pytest.mark.parametrize(
    ("told", "energy"),
    [
        ({"meterStop": 1750}, 750),
        ({"meterStop": 0}, 500),
        ({"meterStop": 0, "transactionData": [{"sampledValue": [register(1700)]}]}, 700),
        ({"meterStop": 1750, "transactionData": [{"sampledValue": [register(1000)]}]}, 750),
        ({"meterStop": 4_294_967_295}, 500),
        ({"meterStop": "?", "transactionData": [{"sampledValue": [{"value": "OCMF|{}"}]}]}, 500),
        ({}, 500),
    ],
    ids=str,
)
async def test_the_stop_tells_what_was_charged_in_all(
    station: OcppStation, charge_point: ScriptedChargePoint, told: dict[str, Any], energy: float
) -> None:
    transaction = await begin(charge_point)
    await charge_point.meter(register(1500), transactionId=transaction)
    stop = {"transactionId": transaction, "timestamp": "2026-07-01T13:00:00Z"}
    assert await charge_point.call("StopTransaction", stop | told) == {}
    assert [(s.id, s.energy) for s in station.connectors[1].ended] == [(str(transaction), energy)]


async def test_a_stop_after_our_restart_tells_what_was_charged_in_all(
    station: OcppStation, charge_point: ScriptedChargePoint, system: CentralSystem, clock: Clock
) -> None:
    transaction = await begin(charge_point)
    system.update("CP1", {})
    system.update("CP1", {1: PROFILE})
    clock.advance(3600)
    await end(charge_point, transaction)
    assert [session.energy for session in station.connectors[1].ended] == [4000]


async def test_a_session_that_another_takes_the_place_of_has_ended(
    station: OcppStation, charge_point: ScriptedChargePoint
) -> None:
    first = await begin(charge_point)
    await charge_point.meter(register(1500), transactionId=first)
    await begin(charge_point, meter_start=1500, idTag="B2")
    assert [(s.badge, s.energy) for s in station.connectors[1].ended] == [("A1", 500)]
    assert session_of(station).energy is None


async def test_a_register_that_begins_anew_in_a_session_goes_on_from_there(
    station: OcppStation, charge_point: ScriptedChargePoint, clock: Clock
) -> None:
    transaction = await begin(charge_point, meter_start=0)
    clock.advance(600)
    for count in (5000, 0, 10):
        await charge_point.meter(register(count), transactionId=transaction)
    assert session_of(station).energy == 5010


async def energies(
    station: OcppStation,
    charge_point: ScriptedChargePoint,
    clock: Clock,
    meter_start: int,
    *registers: float,
) -> list[float | None]:
    """Return what a session has had after each of some samples, a minute apart."""
    transaction = await begin(charge_point, meter_start=meter_start)
    found = []
    for count in registers:
        clock.advance(60)
        await charge_point.meter(register(count), transactionId=transaction)
        found.append(session_of(station).energy)
    return found


async def test_a_register_of_the_session_beside_one_of_its_life(
    station: OcppStation, charge_point: ScriptedChargePoint, clock: Clock
) -> None:
    """As with some ABB Terra AC and Grizzl-E: only start and end tell the one of its life."""
    life = 500_000
    told = await energies(station, charge_point, clock, life, 0, 100, life + 200, 250, life + 300)
    assert told == [None, 100, 200, 250, 300]
    stop = {"transactionId": int(session_of(station).id), "meterStop": life + 350}
    await charge_point.call("StopTransaction", stop | {"timestamp": "2026-07-01T13:00:00Z"})
    assert [session.energy for session in station.connectors[1].ended] == [350]


async def test_a_register_that_is_rounded_to_below_its_start_is_not_one_of_the_session(
    station: OcppStation, charge_point: ScriptedChargePoint, clock: Clock
) -> None:
    assert await energies(station, charge_point, clock, 500_060, 500_000, 501_000) == [None, 940]
    clock.advance(6 * 3600)
    assert await energies(station, charge_point, clock, 500_960, 500_000, 501_000) == [None, 40]


async def test_a_register_that_dips_below_its_start_is_not_one_of_the_session(
    station: OcppStation, charge_point: ScriptedChargePoint, clock: Clock
) -> None:
    told = await energies(
        station, charge_point, clock, 500_000, *[500_000 + wh for wh in range(0, 60_000, 200)]
    )
    assert told[-1] == 59_800
    transaction = int(session_of(station).id)
    for count in (499_000 - 60_000, 561_000):
        clock.advance(60)
        await charge_point.meter(register(count), transactionId=transaction)
    assert session_of(station).energy == 61_000


async def test_a_register_that_leaps_beyond_any_power_adds_no_energy(
    station: OcppStation, charge_point: ScriptedChargePoint, clock: Clock
) -> None:
    told = await energies(station, charge_point, clock, 100_000, 100_200, 900_000, 101_000)
    assert told == [200, 200, 1000]


@pytest.mark.parametrize(
    ("meter_start", "life"), [(0, 936_120), (936, 936_120), (0, 0), (936_120, 936_120)]
)
async def test_a_start_that_is_missing_or_in_another_unit(
    station: OcppStation,
    charge_point: ScriptedChargePoint,
    clock: Clock,
    meter_start: int,
    life: float,
) -> None:
    told = await energies(station, charge_point, clock, meter_start, life + 100, life + 200)
    first, second = (energy or 0.0 for energy in told)
    assert first <= 220
    assert second - first == 100


async def test_not_all_sessions_are_kept(
    station: OcppStation, charge_point: ScriptedChargePoint
) -> None:
    for number in range(20):
        await end(charge_point, await begin(charge_point, idTag=f"A{number}"))
    assert 1 < len(station.connectors[1].ended) < 20
    assert station.connectors[1].ended[-1].badge == "A19"


@pytest.mark.parametrize("stamp", ["1970-01-01T00:00:00Z", "2030-01-01T00:00:00Z", "?", None])
async def test_an_implausible_start_is_now(
    station: OcppStation, charge_point: ScriptedChargePoint, clock: Clock, stamp: str | None
) -> None:
    await begin(charge_point, timestamp=stamp)
    assert session_of(station).started_at == clock()


async def test_a_start_sent_again_has_the_same_id(charge_point: ScriptedChargePoint) -> None:
    first = await begin(charge_point)
    assert await begin(charge_point) == first
    assert await begin(charge_point, timestamp="2026-07-01T12:05:00Z") > first


async def test_a_second_start_closes_the_first(
    station: OcppStation, charge_point: ScriptedChargePoint
) -> None:
    first = await begin(charge_point)
    second = await begin(charge_point, idTag="B2")
    assert station.reading(1).session == str(second)
    await end(charge_point, first)
    assert station.reading(1).session == str(second)


@pytest.mark.parametrize("transaction", [0, -1, 4711, "x", None, 1.5])
async def test_unknown_stops_are_acknowledged(
    station: OcppStation, charge_point: ScriptedChargePoint, transaction: object
) -> None:
    running = await begin(charge_point)
    await end(charge_point, transaction)
    assert station.reading(1).session == str(running)


async def test_a_stop_of_a_removed_connector_is_acknowledged(
    system: CentralSystem, charge_point: ScriptedChargePoint
) -> None:
    running = await begin(charge_point)
    system.update("CP1", {2: PROFILE})
    await end(charge_point, running)
    assert system.ledger.of_connector("CP1", 1) is None


@pytest.mark.parametrize(
    "payload", [{}, {"idTag": 7, "meterStart": "x"}, {"connectorId": 0, "meterStart": -5}]
)
async def test_a_start_without_sense_gets_an_id(
    charge_point: ScriptedChargePoint, payload: dict[str, Any]
) -> None:
    answer = await charge_point.call("StartTransaction", payload)
    assert answer["transactionId"] > 0


async def test_after_our_restart_a_transaction_goes_on(
    station: OcppStation, charge_point: ScriptedChargePoint
) -> None:
    await charge_point.meter(register(3000), transactionId=41)
    assert station.reading(1).session == "41"
    await charge_point.meter(register(3500), transactionId=41)
    assert (session_of(station).badge, session_of(station).energy) == (None, 500)
    await end(charge_point, 41)
    assert station.reading(1).session is None


async def test_samples_after_the_stop_do_not_bring_a_session_back(
    station: OcppStation, charge_point: ScriptedChargePoint
) -> None:
    transaction = await begin(charge_point)
    await end(charge_point, transaction)
    for stray in (transaction, 0, -1):
        await charge_point.meter(register(3000), transactionId=stray)
    assert station.reading(1).session is None


async def test_a_transaction_of_another_connector_is_not_taken_over(
    system: CentralSystem, connect: Connect
) -> None:
    station = system.register("CP2", {1: PROFILE, 2: PROFILE})
    charge_point = await connect("CP2")
    transaction = await begin(charge_point, 1)
    await charge_point.meter(register(3000), connector=2, transactionId=transaction)
    assert station.reading(2).session is None


async def test_sessions_survive_a_restart_of_ours(
    charge_point: ScriptedChargePoint, system: CentralSystem, clock: Clock
) -> None:
    transaction = await begin(charge_point)
    ledger = TransactionLedger.from_json(system.ledger.to_json())
    restarted = CentralSystem(now=clock, random=lambda: 0.0, ledger=ledger)
    station = restarted.register("CP1", {1: PROFILE})
    assert station.reading(1).session == str(transaction)
    assert session_of(station).badge == "A1"


async def test_the_ledger_is_saved_before_the_answer(
    clock: Clock, session: ClientSession, caplog: pytest.LogCaptureFixture
) -> None:
    saved: list[int] = []
    ledger = TransactionLedger()
    disk_is_full = False

    async def save() -> None:
        if disk_is_full:
            raise OSError("no space left")
        saved.append(len(ledger.to_json()["open"]))

    system = CentralSystem(now=clock, random=lambda: 0.0, ledger=ledger, save=save)
    await system.start("127.0.0.1", 0)
    system.register("CP1", {1: PROFILE})
    charge_point = await ScriptedChargePoint.connect(session, f"http://127.0.0.1:{system.port}/CP1")
    try:
        await settled(charge_point)
        saved.clear()
        first = await begin(charge_point)
        assert saved == [1]
        await end(charge_point, first)
        assert saved == [1, 0]
        disk_is_full = True
        second = await begin(charge_point)
        await end(charge_point, second)
        disk_is_full = False
        await charge_point.meter(register(1), transactionId=99)
        assert saved == [1, 0, 1]
    finally:
        await charge_point.close()
        await system.stop()
    messages = [record.message for record in caplog.records if "saved" in record.message]
    assert messages == ["Transactions cannot be saved", "Transactions are saved again"]


async def test_settings_are_made_after_the_limits(
    charge_point: ScriptedChargePoint, config: CentralSystemConfig, station: OcppStation
) -> None:
    settings = {
        command.payload["key"]: command.payload["value"]
        for command in charge_point.commands("ChangeConfiguration")
    }
    assert settings == {
        "MeterValuesSampledData": "Current.Import,Power.Active.Import,"
        "Energy.Active.Import.Register,Voltage,Current.Offered",
        "MeterValueSampleInterval": "10",
        "HeartbeatInterval": "60",
        "WebSocketPingInterval": "25",
    }
    asked = [command.payload for command in charge_point.commands("TriggerMessage")]
    assert asked == [{"requestedMessage": "StatusNotification", "connectorId": 1}]
    assert station.refused_settings == frozenset()


async def test_fewer_measurands_are_asked_for_when_some_are_refused(
    station: OcppStation, connect: Connect
) -> None:
    charge_point = await connect()
    charge_point.script["ChangeConfiguration"] = lambda payload: (
        REJECTED if "Voltage" in payload["value"] else {"status": "RebootRequired"}
    )
    await settled(charge_point)
    lists = [
        command.payload["value"]
        for command in charge_point.commands("ChangeConfiguration")
        if command.payload["key"] == "MeterValuesSampledData"
    ]
    assert "Voltage" in lists[0]
    assert lists[-1] == (
        "Current.Import,Power.Active.Import,Energy.Active.Import.Register,Current.Offered"
    )
    assert station.refused_settings == frozenset()


async def test_refused_settings_are_noted_and_logged_once(
    station: OcppStation, connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(2):
        charge_point = await connect()
        charge_point.script["ChangeConfiguration"] = lambda payload: (
            Refusal("NotSupported") if payload["key"].startswith("Meter") else REJECTED
        )
        await settled(charge_point)
        await charge_point.call("Heartbeat")
    assert station.refused_settings == {
        "MeterValuesSampledData",
        "MeterValueSampleInterval",
        "HeartbeatInterval",
        "WebSocketPingInterval",
    }
    notes = [record for record in caplog.records if "does not take Heart" in record.message]
    assert len(notes) == 1


async def test_listeners_hear_until_they_leave(
    station: OcppStation, charge_point: ScriptedChargePoint
) -> None:
    heard: list[ConnectorStatus] = []
    leave = station.subscribe(lambda: heard.append(station.reading(1).status))
    await charge_point.status("Charging")
    leave()
    await charge_point.status("Available")
    assert heard == [ConnectorStatus.CHARGING]


async def test_close_is_for_good_on_one_connection(
    station: OcppStation, charge_point: ScriptedChargePoint
) -> None:
    await station.close()
    assert not station.online
    await station.close()
    await charge_point.until_closed()


async def test_badges_stay_out_of_the_ordinary_log(
    charge_point: ScriptedChargePoint, station: OcppStation, caplog: pytest.LogCaptureFixture
) -> None:
    await charge_point.call("Authorize", {"idTag": "SECRET"})
    transaction = await begin(charge_point, idTag="SECRET")
    await charge_point.exchange([2, "x", "Coffee", {"idTag": "SECRET"}])
    await station.start(1, "SECRET")
    await end(charge_point, transaction)
    for record in caplog.records:
        if record.levelname != "DEBUG":
            assert "SECRET" not in record.getMessage()
            assert "SECRET" not in (record.exc_text or "")


def test_unregistered_connectors_cannot_be_read(station: OcppStation) -> None:
    with pytest.raises(KeyError):
        station.reading(5)


async def test_online_follows_the_connection(
    station: OcppStation, charge_point: ScriptedChargePoint, caplog: pytest.LogCaptureFixture
) -> None:
    assert station.online
    await charge_point.close()
    await until(station, lambda: not station.online)
    assert [r.message for r in caplog.records if "Contact" in r.message] == [
        "Contact with station CP1 is lost"
    ]
