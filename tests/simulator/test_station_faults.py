"""What each fault of the catalogue does, in the plant or on the wire."""

from dataclasses import fields
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from custom_components.headroom.engine.currents import PerPhase
from simulator.plant.ev import CarModel
from simulator.plant.park import CarPark
from simulator.station.faults import Faults
from simulator.station.link import LinkClosed
from simulator.station.protocol import Protocol
from simulator.station.station import Station
from simulator.station.times import timestamp

from .conftest import StationMaker
from .csms import CentralSystem

QUICK = CarModel(start_delay=1, reaction=0, ramp_up=1, onboard=16)
ONE_PHASE = CarModel(start_delay=1, reaction=0, ramp_up=1, onboard=16, phases=1)
PURPOSES = {0: "ChargePointMaxProfile", 1: "TxDefaultProfile"}


async def charge(station: Station, park: CarPark, model: CarModel = QUICK) -> None:
    park.arrive("one", model)
    await station.report()
    park.advance(10)
    await station.report()


async def limit(
    csms: CentralSystem, park: CarPark, amps: float, connector: int = 1, **changes: Any
) -> str:
    """Install a limit and return the status."""
    period = {"startPeriod": 0, "limit": amps}
    if "phases" in changes:
        period["numberPhases"] = changes.pop("phases")
    words = {
        "chargingProfileId": 1,
        "stackLevel": 0,
        "chargingProfilePurpose": PURPOSES[connector],
        "chargingProfileKind": "Absolute",
        "chargingSchedule": {
            "chargingRateUnit": changes.pop("unit", "A"),
            "startSchedule": timestamp(park.now - timedelta(hours=1)),
            "chargingSchedulePeriod": [period],
        },
        **changes,
    }
    answer = await csms.ask("SetChargingProfile", connectorId=connector, csChargingProfiles=words)
    return str(answer["status"])


def offered(park: CarPark) -> float:
    return park.outlets["one"].offered


def samples(csms: CentralSystem) -> dict[tuple[str, str | None], float]:
    """Return the newest meter value."""
    found = csms.payloads("MeterValues")[-1]["meterValue"][0]["sampledValue"]
    return {(s["measurand"], s.get("phase")): float(s["value"]) for s in found}


async def test_a_healthy_station_has_no_faults(station: Station) -> None:
    assert station.faults.given() == {}


async def test_ignores_profile(station: Station, csms: CentralSystem, park: CarPark) -> None:
    station.faults.ignores_profile = True
    await charge(station, park)
    assert await limit(csms, park, 8) == "Accepted"
    park.advance(5)
    assert park.currents("garage").l1 == pytest.approx(16)
    assert offered(park) == 32


async def test_endless_limits(station: Station, csms: CentralSystem, park: CarPark) -> None:
    await charge(station, park)
    await limit(csms, park, 8)
    ends = timestamp(park.now + timedelta(seconds=30))
    lease: dict[str, Any] = {"chargingProfileId": 2, "stackLevel": 1, "validTo": ends}
    assert await limit(csms, park, 12, **lease) == "Accepted"
    park.advance(40)
    assert offered(park) == 8
    station.faults.endless_limits = True
    park.advance(5)
    assert offered(park) == 12


async def test_rejects_profile(station: Station, csms: CentralSystem, park: CarPark) -> None:
    station.faults.rejects_profile = True
    assert await limit(csms, park, 8) == "Rejected"
    words = {"stackLevel": 0, "chargingProfileId": 1, "chargingProfileKind": "Relative"}
    schedule = {
        "chargingRateUnit": "A",
        "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 6}],
    }
    start = await csms.ask(
        "RemoteStartTransaction",
        idTag="BEEF",
        chargingProfile={
            **words,
            "chargingProfilePurpose": "TxProfile",
            "chargingSchedule": schedule,
        },
    )
    assert start == {"status": "Rejected"}


async def test_only_watt(station: Station, csms: CentralSystem, park: CarPark) -> None:
    station.faults.only_watt = True
    await charge(station, park)
    assert await limit(csms, park, 8) == "Rejected"
    assert await limit(csms, park, 6900, unit="W") == "Accepted"
    park.advance(5)
    assert offered(park) == pytest.approx(10)
    answer = await csms.ask("GetConfiguration", key=["ChargingScheduleAllowedChargingRateUnit"])
    assert answer["configurationKey"][0]["value"] == "Power"


async def test_only_watt_in_the_words_of_2_x(
    new_station: StationMaker, csms: CentralSystem, url: str
) -> None:
    csms.speak(Protocol.OCPP_2_0_1)
    station = new_station(protocol=Protocol.OCPP_2_0_1)
    await station.connect(url)
    station.faults.only_watt = True
    schedule = {
        "id": 1,
        "chargingRateUnit": "A",
        "startSchedule": "2026-06-21T11:00:00Z",
        "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 8}],
    }
    profile = {
        "id": 1,
        "stackLevel": 0,
        "chargingProfilePurpose": "TxDefaultProfile",
        "chargingProfileKind": "Absolute",
        "chargingSchedule": [schedule],
    }
    answer = await csms.ask("SetChargingProfile", evseId=1, chargingProfile=profile)
    assert answer == {"status": "Rejected", "statusInfo": {"reasonCode": "UnsupportedRateUnit"}}


async def test_only_tx_profile(station: Station, csms: CentralSystem, park: CarPark) -> None:
    station.faults.only_tx_profile = True
    await charge(station, park)
    assert await limit(csms, park, 8) == "Rejected"
    assert await limit(csms, park, 8, connector=0) == "Rejected"
    assert await limit(csms, park, 8, chargingProfilePurpose="TxProfile") == "Accepted"
    park.advance(5)
    assert offered(park) == 8


async def test_rejects_zero(station: Station, csms: CentralSystem, park: CarPark) -> None:
    station.faults.rejects_zero = True
    assert await limit(csms, park, 0) == "Rejected"
    assert await limit(csms, park, 6) == "Accepted"


async def test_stack_zero_only(station: Station, csms: CentralSystem, park: CarPark) -> None:
    station.faults.stack_zero_only = True
    assert await limit(csms, park, 8, stackLevel=1) == "Rejected"
    assert await limit(csms, park, 8) == "Accepted"


async def black_out(station: Station, park: CarPark, csms: CentralSystem) -> None:
    """Take the power away for half a minute."""
    station.faults.loses_power = 30
    await station.report()
    assert not station.online
    park.advance(20)
    assert offered(park) == 0
    with pytest.raises(LinkClosed, match="no power"):
        await station.reconnect()
    park.advance(10)
    csms.heard.clear()
    await station.report()


@pytest.mark.parametrize("protocol", list(Protocol))
async def test_loses_power_and_goes_on(
    protocol: Protocol, new_station: StationMaker, csms: CentralSystem, park: CarPark, url: str
) -> None:
    if protocol is not Protocol.OCPP_1_6:
        csms.speak(protocol)
    station = new_station(protocol=protocol)
    await station.connect(url)
    await charge(station, park)
    running = station.connectors[1].transaction
    await black_out(station, park, csms)
    assert station.faults.loses_power is None
    await station.reconnect()
    assert len(csms.payloads("BootNotification")) == 1
    assert running is not None
    assert station.connectors[1].transaction is running
    park.advance(10)
    assert park.currents("garage").l1 == pytest.approx(16)


async def test_profiles_outlive_a_blackout_if_nothing_else_is_said(
    station: Station, csms: CentralSystem, park: CarPark
) -> None:
    await charge(station, park)
    await limit(csms, park, 8)
    await black_out(station, park, csms)
    park.advance(5)
    assert offered(park) == 8


async def test_forgets_without_power(station: Station, csms: CentralSystem, park: CarPark) -> None:
    station.faults.forgets_without_power = True
    await charge(station, park)
    await limit(csms, park, 8)
    await black_out(station, park, csms)
    park.advance(5)
    assert offered(park) == 32


async def test_ends_without_power(station: Station, csms: CentralSystem, park: CarPark) -> None:
    station.faults.ends_without_power = True
    await charge(station, park)
    await black_out(station, park, csms)
    await station.reconnect()
    (stop,) = csms.payloads("StopTransaction")
    assert stop["reason"] == "PowerLoss"


async def test_free_after_blackout(station: Station, csms: CentralSystem, park: CarPark) -> None:
    station.faults.free_after_blackout = True
    await charge(station, park)
    await limit(csms, park, 8)
    park.advance(5)
    assert offered(park) == 8
    await black_out(station, park, csms)
    park.advance(5)
    assert offered(park) == 32
    await station.reconnect()
    park.advance(5)
    assert offered(park) == 8


@pytest.mark.parametrize("free", [False, True])
async def test_resumes_after_reset(
    station: Station, csms: CentralSystem, park: CarPark, *, free: bool
) -> None:
    station.faults.resumes_after_reset, station.faults.free_after_blackout = True, free
    await charge(station, park)
    await limit(csms, park, 8)
    accepted = csms.answers["BootNotification"]
    csms.answers["BootNotification"] = {**accepted, "status": "Pending", "interval": 1}  # type: ignore[dict-item]
    await csms.ask("Reset", type="Hard")
    await station.report()
    park.advance(5)
    assert offered(park) == (32 if free else 8)
    csms.answers["BootNotification"] = accepted
    await station.report()
    park.advance(5)
    assert offered(park) == 8
    assert csms.payloads("StopTransaction") == []


async def test_forgets_on_reconnect(station: Station, csms: CentralSystem, park: CarPark) -> None:
    station.faults.forgets_on_reconnect = True
    await charge(station, park)
    await limit(csms, park, 8)
    await station.disconnect()
    park.advance(5)
    assert offered(park) == 8
    await station.reconnect()
    park.advance(5)
    assert offered(park) == 32


@pytest.mark.parametrize(("switches", "used"), [(False, (8, 8, 8)), (True, (8, 0, 0))])
async def test_only_a_station_that_switches_phases_obeys_their_number(
    new_station: StationMaker,
    csms: CentralSystem,
    park: CarPark,
    url: str,
    used: tuple[float, ...],
    *,
    switches: bool,
) -> None:
    station = new_station(switches_phases=switches)
    await station.connect(url)
    await charge(station, park)
    told = await csms.ask("GetConfiguration", key=["ConnectorSwitch3to1PhaseSupported"])
    assert told["configurationKey"][0]["value"] == str(switches).lower()
    assert await limit(csms, park, 8, phases=1) == "Accepted"
    park.advance(10)
    assert park.outlets["one"].terminals == PerPhase(*used)
    assert await limit(csms, park, 8, phases=3) == "Accepted"
    park.advance(10)
    assert park.outlets["one"].terminals == PerPhase(8, 8, 8)


async def test_wrong_phase_order(station: Station, csms: CentralSystem, park: CarPark) -> None:
    station.faults.wrong_phase_order = True
    await charge(station, park, ONE_PHASE)
    measured = samples(csms)
    assert [measured["Current.Import", phase] for phase in ("L1", "L2", "L3")] == [0, 16, 0]
    assert measured["Voltage", "L2-N"] == 230


async def test_slow(station: Station, csms: CentralSystem, park: CarPark) -> None:
    station.faults.slow = 30
    await charge(station, park)
    await limit(csms, park, 8)
    park.advance(29)
    assert offered(park) == 32
    park.advance(2)
    assert offered(park) == 8
    await limit(csms, park, 12)
    park.leave("one")
    await station.report()
    await charge(station, park)
    assert offered(park) == 12
    station.faults.slow = None
    await limit(csms, park, 10)
    park.advance(1)
    assert offered(park) == 10


async def test_sleeping_car(station: Station, csms: CentralSystem, park: CarPark) -> None:
    station.faults.sleeping_car = True
    await charge(station, park)
    await limit(csms, park, 0)
    park.advance(10)
    await limit(csms, park, 16)
    park.advance(30)
    await station.report()
    assert csms.statuses()[-1] == "SuspendedEV"
    assert max(park.currents("garage")) == 0
    station.faults.sleeping_car = False
    await limit(csms, park, 0)
    park.advance(1)
    await limit(csms, park, 16)
    park.advance(10)
    assert park.currents("garage").l1 == pytest.approx(16)


async def test_stuck_contactor(station: Station, csms: CentralSystem, park: CarPark) -> None:
    station.faults.stuck_contactor = True
    await charge(station, park)
    await limit(csms, park, 0)
    park.advance(10)
    await station.report()
    assert csms.statuses()[-1] == "SuspendedEVSE"
    assert park.currents("garage").l1 == pytest.approx(6)
    measured = samples(csms)
    assert (measured["Current.Offered", None], measured["Current.Import", "L1"]) == (0, 6)


async def test_frozen_meter(station: Station, csms: CentralSystem, park: CarPark) -> None:
    await charge(station, park)
    station.faults.frozen_meter = True
    before, times = samples(csms), len(csms.payloads("MeterValues"))
    await limit(csms, park, 8)
    for _ in range(2):
        park.advance(10)
        await station.report()
    values = csms.payloads("MeterValues")[times:]
    assert samples(csms) == before
    assert len({value["meterValue"][0]["timestamp"] for value in values}) == 2


async def test_garbage(station: Station, csms: CentralSystem, park: CarPark) -> None:
    station.faults.garbage = True
    for _ in range(8):
        park.advance(5)
        await station.report()
    assert await csms.ask("GetLocalListVersion") == {"listVersion": 0}
    assert csms.garbage == ["no JSON", "[]", '{"a": 1}', "[2]"]
    assert station.online


async def test_no_boot_on_reconnect(station: Station, csms: CentralSystem, park: CarPark) -> None:
    station.faults.no_boot_on_reconnect = True
    csms.heard.clear()
    await csms.ask("Reset", type="Hard")
    await station.report()
    assert csms.payloads("BootNotification") == []
    assert csms.statuses() == ["Available"]


async def test_boots_on_reconnect(station: Station, csms: CentralSystem) -> None:
    station.faults.boots_on_reconnect = True
    await station.disconnect()
    await station.reconnect()
    assert len(csms.payloads("BootNotification")) == 2


async def test_silent(station: Station, csms: CentralSystem, park: CarPark) -> None:
    await charge(station, park)
    station.faults.silent = True
    csms.heard.clear()
    with pytest.raises(TimeoutError):
        await csms.ask("GetLocalListVersion", patience=0.05)
    park.advance(120)
    await station.report()
    assert csms.heard == []
    assert station.online
    station.faults.silent = False
    await station.report()
    assert csms.payloads("Heartbeat")


async def test_wrong_clock(station: Station, csms: CentralSystem, park: CarPark) -> None:
    station.faults.wrong_clock = -3600
    await csms.ask("TriggerMessage", requestedMessage="StatusNotification", connectorId=1)
    await station.report()
    assert csms.payloads("StatusNotification")[-1]["timestamp"] == "2026-06-21T11:00:00.000Z"


async def test_a_clock_that_is_set_back_stops_no_samples(
    station: Station, csms: CentralSystem, park: CarPark
) -> None:
    await charge(station, park)
    before = len(csms.payloads("MeterValues"))
    station.faults.wrong_clock = -3600
    for _ in range(3):
        park.advance(10)
        await station.report()
    assert len(csms.payloads("MeterValues")) == before + 3


@pytest.mark.parametrize("unknown", [0, -1])
async def test_unknown_transaction(
    unknown: int, station: Station, csms: CentralSystem, park: CarPark
) -> None:
    station.faults.unknown_transaction = unknown
    await charge(station, park)
    park.leave("one")
    await station.report()
    assert csms.payloads("MeterValues")[-1]["transactionId"] == unknown
    assert csms.payloads("StopTransaction")[0]["transactionId"] == unknown


async def test_unknown_transaction_in_2_x(
    new_station: StationMaker, csms: CentralSystem, park: CarPark, url: str
) -> None:
    csms.speak(Protocol.OCPP_2_1)
    station = new_station(protocol=Protocol.OCPP_2_1)
    station.faults.unknown_transaction = 0
    await station.connect(url)
    await charge(station, park)
    named = [event["transactionInfo"]["transactionId"] for event in csms.events()]
    assert named[0] != "0"
    assert set(named[1:]) == {"0"}


async def test_foreign_writer(station: Station, csms: CentralSystem, park: CarPark) -> None:
    await charge(station, park)
    await limit(csms, park, 10)
    park.advance(10)
    station.faults.foreign_writer = 14
    park.advance(10)
    await station.report()
    assert offered(park) == 14
    assert samples(csms)["Current.Offered", None] == 14
    station.faults.foreign_writer = 40
    park.advance(1)
    assert offered(park) == 32


@pytest.mark.parametrize(
    ("wanted", "why"),
    [
        ({"gremlins": True}, "unknown fault gremlins"),
        ({"silent": 1}, "silent is true or false"),
        ({"slow": "very"}, "slow is a number or null"),
        ({"slow": True}, "slow is a number or null"),
        ({"slow": -1}, "slow is not below 0"),
        ({"unknown_transaction": 0.5}, "unknown_transaction is a number or null"),
        ({"garbage": True, "slow": -1}, "not below 0"),
    ],
)
def test_faults_that_cannot_be(wanted: dict[str, object], why: str) -> None:
    faults = Faults()
    with pytest.raises(ValueError, match=why):
        faults.change(wanted)
    assert faults.given() == {}


def test_faults_are_switched_on_and_off() -> None:
    faults = Faults()
    faults.change({"slow": 5, "wrong_clock": -60, "silent": True, "unknown_transaction": 0})
    assert faults.given() == {
        "slow": 5,
        "wrong_clock": -60,
        "silent": True,
        "unknown_transaction": 0,
    }
    faults.change({"slow": None, "silent": False})
    assert faults.given() == {"wrong_clock": -60, "unknown_transaction": 0}


def test_the_page_has_every_fault() -> None:
    page = Path("docs/simulator.md").read_text(encoding="utf-8")
    rows = [line.split("`")[1] for line in page.splitlines() if line.startswith("| `")]
    assert [row for row in rows if row in {field.name for field in fields(Faults)}] == [
        field.name for field in fields(Faults)
    ]
