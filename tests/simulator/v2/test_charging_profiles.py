"""Charging profiles in OCPP 2.x."""

from datetime import timedelta
from typing import Any

import pytest

from custom_components.headroom.engine.currents import PerPhase
from simulator.plant.park import CarPark
from simulator.station.protocol import Protocol
from simulator.station.station import Station
from simulator.station.times import timestamp

from ..conftest import StationMaker
from ..csms import CentralSystem
from .messages import STATION, TX, charge, install, profile, read, running


async def test_a_limit_is_followed_and_falls_back(
    station: Station, csms: CentralSystem, park: CarPark
) -> None:
    await charge(station, park)
    assert await install(csms, park, 6) == "Accepted"
    lease: dict[str, Any] = {
        "id": 2,
        "stackLevel": 1,
        "schedule_duration": 70,
        "validTo": timestamp(park.now + timedelta(seconds=60)),
    }
    assert await install(csms, park, 13.5, **lease) == "Accepted"
    park.advance(30)
    assert park.currents("garage").l1 == pytest.approx(13.5)
    await station.disconnect()
    park.advance(35)
    assert park.currents("garage").l1 == pytest.approx(6)


@pytest.mark.parametrize(
    ("evse", "changes", "reason"),
    [
        (9, {}, "UnknownEvse"),
        (1, {"stackLevel": 9}, "InvalidStackLevel"),
        (1, {**TX, "transactionId": "nobody's"}, "TxNotFound"),
        (1, TX, "InvalidProfile"),
        (0, {**TX, "transactionId": "x"}, "InvalidProfile"),
        (1, STATION, "InvalidProfile"),
        (0, {**STATION, "chargingProfileKind": "Relative"}, "InvalidProfile"),
        (1, {"chargingProfilePurpose": "ChargingStationExternalConstraints"}, "InvalidProfile"),
        (1, {"schedule_startSchedule": None}, "InvalidSchedule"),
        (1, {"chargingProfileKind": "Relative"}, "InvalidSchedule"),
        (1, {"chargingProfileKind": "Recurring"}, "InvalidSchedule"),
        (1, {"validTo": "tomorrow"}, "InvalidSchedule"),
        (
            1,
            {
                "schedule_chargingSchedulePeriod": [
                    {"startPeriod": 0, "limit": 6, "numberPhases": 1}
                ]
            },
            "InvalidSchedule",
        ),
        (
            2,
            {"schedule_chargingSchedulePeriod": [{"startPeriod": 0, "limit": 6, "phaseToUse": 2}]},
            "InvalidSchedule",
        ),
        (1, {"id": 3}, "DuplicateProfile"),
        (0, {"id": 3}, "DuplicateProfile"),
    ],
)
async def test_unfit_profiles_are_refused_with_a_reason(
    station: Station,
    csms: CentralSystem,
    park: CarPark,
    evse: int,
    changes: dict[str, Any],
    reason: str,
) -> None:
    assert await install(csms, park, 10) == "Accepted"
    assert await install(csms, park, 8, evse=evse, **{"id": 2, **changes}) == reason


async def test_two_schedules_are_for_iso_15118(
    station: Station, csms: CentralSystem, park: CarPark
) -> None:
    words = profile(park, 10)
    words["chargingSchedule"] *= 2
    answer = await csms.ask("SetChargingProfile", evseId=1, chargingProfile=words)
    assert answer["statusInfo"]["reasonCode"] == "InvalidSchedule"


async def test_the_store_is_finite(station: Station, csms: CentralSystem, park: CarPark) -> None:
    numbers = iter(range(1, 100))
    for evse, changes in ((1, {}), (2, {}), (0, STATION)):
        for level in range(9):
            more = {"id": next(numbers), "stackLevel": level, **changes}
            assert await install(csms, park, 8, evse=evse, **more) == "Accepted"
    transaction = await running(station, csms, park)
    answers = [
        await install(
            csms, park, 8, id=next(numbers), stackLevel=level, **TX, transactionId=transaction
        )
        for level in range(7)
    ]
    assert answers == ["Accepted"] * 5 + ["InvalidProfile"] * 2


async def test_the_lowest_of_all_purposes_counts(
    station: Station, csms: CentralSystem, park: CarPark
) -> None:
    transaction = await running(station, csms, park)
    assert await install(csms, park, 10) == "Accepted"
    assert await install(csms, park, 14, id=2, **TX, transactionId=transaction) == "Accepted"
    park.advance(5)
    assert park.outlets["one"].offered == 14
    assert await install(csms, park, 12, evse=0, id=3, **STATION) == "Accepted"
    park.advance(5)
    assert park.outlets["one"].offered == 12
    later = await csms.ask("GetCompositeSchedule", evseId=1, duration=60, chargingRateUnit="W")
    assert later["schedule"]["chargingSchedulePeriod"] == [{"startPeriod": 0, "limit": 8280}]
    everything = await csms.ask("GetCompositeSchedule", evseId=0, duration=60)
    assert everything["schedule"]["chargingSchedulePeriod"] == [{"startPeriod": 0, "limit": 24}]
    unknown = await csms.ask("GetCompositeSchedule", evseId=5, duration=60)
    assert unknown["status"] == "Rejected"


async def test_the_end_of_a_lease_shows_in_the_composite_schedule(
    station: Station, csms: CentralSystem, park: CarPark
) -> None:
    await install(csms, park, 6)
    end = timestamp(park.now + timedelta(seconds=40))
    await install(csms, park, 16, id=2, stackLevel=3, validTo=end, schedule_duration=50)
    answer = await csms.ask("GetCompositeSchedule", evseId=1, duration=90)
    assert answer["schedule"]["chargingSchedulePeriod"] == [
        {"startPeriod": 0, "limit": 16},
        {"startPeriod": 40, "limit": 6},
    ]


async def test_profiles_are_shown_and_cleared(
    station: Station, csms: CentralSystem, park: CarPark
) -> None:
    await install(csms, park, 6)
    await install(csms, park, 8, evse=2, id=2)
    await install(csms, park, 9, evse=2, id=3, stackLevel=1)

    async def show(**criteria: Any) -> list[tuple[int, list[int], bool]]:
        csms.heard.clear()
        answer = await csms.ask("GetChargingProfiles", requestId=4, **criteria)
        await station.report()
        reports = csms.payloads("ReportChargingProfiles")
        assert bool(reports) is (answer["status"] == "Accepted")
        return [(r["evseId"], [p["id"] for p in r["chargingProfile"]], r["tbc"]) for r in reports]

    assert await show(chargingProfile={}) == [(1, [1], True), (2, [2, 3], False)]
    assert await show(evseId=2, chargingProfile={"stackLevel": 1}) == [(2, [3], False)]
    assert await show(chargingProfile={"chargingProfileId": [1, 5]}) == [(1, [1], False)]
    assert await show(chargingProfile={"chargingLimitSource": ["EMS"]}) == []
    assert (await csms.ask("ClearChargingProfile", chargingProfileId=5))["status"] == "Unknown"
    assert (await csms.ask("ClearChargingProfile", chargingProfileId=1))["status"] == "Accepted"
    criteria = {"evseId": 2, "chargingProfilePurpose": "TxDefaultProfile", "stackLevel": 1}
    answer = await csms.ask("ClearChargingProfile", chargingProfileCriteria=criteria)
    assert answer["status"] == "Accepted"
    assert await show(chargingProfile={}) == [(2, [2], False)]


@pytest.mark.parametrize(
    ("phases", "used"),
    [
        ({}, (8, 8, 8)),
        ({"numberPhases": 3}, (8, 8, 8)),
        ({"numberPhases": 1}, (8, 0, 0)),
        ({"numberPhases": 1, "phaseToUse": 2}, (0, 8, 0)),
    ],
)
async def test_a_station_that_switches_phases_uses_those_that_are_named(
    new_station: StationMaker,
    csms: CentralSystem,
    park: CarPark,
    url: str,
    protocol: Protocol,
    phases: dict[str, int],
    used: tuple[float, ...],
) -> None:
    csms.speak(protocol)
    station = new_station(protocol=protocol, switches_phases=True)
    await station.connect(url)
    await charge(station, park)
    for name in ("Phases3to1", "ACPhaseSwitchingSupported"):
        told = await read(csms, {"name": "SmartChargingCtrlr"}, name)
        assert told["attributeValue"] == "true"
    periods = [{"startPeriod": 0, "limit": 8, **phases}]
    assert await install(csms, park, 8, schedule_chargingSchedulePeriod=periods) == "Accepted"
    park.advance(10)
    assert park.outlets["one"].terminals == PerPhase(*used)


async def test_a_phase_to_use_goes_with_one_phase_only(
    new_station: StationMaker, csms: CentralSystem, park: CarPark, url: str, protocol: Protocol
) -> None:
    csms.speak(protocol)
    await new_station(protocol=protocol, switches_phases=True).connect(url)
    periods = [{"startPeriod": 0, "limit": 8, "phaseToUse": 2}]
    answer = await install(csms, park, 8, schedule_chargingSchedulePeriod=periods)
    assert answer == "InvalidSchedule"


async def test_offline_limits_of_2_1(
    new_station: StationMaker, csms: CentralSystem, park: CarPark, url: str
) -> None:
    csms.speak(Protocol.OCPP_2_1)
    station = new_station(protocol=Protocol.OCPP_2_1, offline_limits=True)
    await station.connect(url)
    await charge(station, park)
    await install(csms, park, 6)
    await install(csms, park, 16, id=2, stackLevel=1, maxOfflineDuration=40)
    await install(
        csms, park, 15, id=3, stackLevel=2, maxOfflineDuration=20, invalidAfterOfflineDuration=True
    )
    offers = []
    await station.disconnect()
    for _ in range(3):
        park.advance(15)
        offers.append(park.outlets["one"].offered)
    await station.reconnect()
    park.advance(1)
    assert [*offers, park.outlets["one"].offered] == [15, 16, 6, 16]


async def test_offline_limits_are_an_option(
    new_station: StationMaker, csms: CentralSystem, park: CarPark, url: str
) -> None:
    csms.speak(Protocol.OCPP_2_1)
    station = new_station(protocol=Protocol.OCPP_2_1)
    await station.connect(url)
    answer = await read(csms, {"name": "SmartChargingCtrlr"}, "SupportsMaxOfflineDuration")
    assert answer["attributeValue"] == "false"
    await charge(station, park)
    await install(csms, park, 16, maxOfflineDuration=0)
    await station.disconnect()
    park.advance(60)
    assert park.outlets["one"].offered == 16


async def test_kinds_and_periods_of_2_1_that_it_does_not_know(
    new_station: StationMaker, csms: CentralSystem, park: CarPark, url: str
) -> None:
    csms.speak(Protocol.OCPP_2_1)
    await new_station(protocol=Protocol.OCPP_2_1).connect(url)
    assert await install(csms, park, 8, chargingProfileKind="Dynamic") == "InvalidProfile"
    assert (
        await install(csms, park, 8, chargingProfilePurpose="LocalGeneration") == "InvalidProfile"
    )
    without = [{"startPeriod": 0}]
    reason = await install(csms, park, 8, schedule_chargingSchedulePeriod=without)
    assert reason == "InvalidSchedule"
