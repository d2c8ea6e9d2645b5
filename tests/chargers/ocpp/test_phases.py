"""Switching between one phase and three by the profiles of OCPP 1.6."""

import json
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import ClientSession

from custom_components.headroom.chargers.base import (
    ChargerOffline,
    ChargerRefused,
    ConnectorProfile,
    Contact,
)
from custom_components.headroom.chargers.ocpp.config import CentralSystemConfig
from custom_components.headroom.chargers.ocpp.experience import Experience
from custom_components.headroom.chargers.ocpp.server import CentralSystem
from custom_components.headroom.chargers.ocpp.station import OcppStation

from .charge_point import ACCEPTED, REJECTED, Received, ScriptedChargePoint, Special
from .conftest import PROFILE, Clock, Connect, settled, until
from .test_probe import settings

IMPATIENT = CentralSystemConfig(
    command_timeout=timedelta(milliseconds=50), errand_timeout=timedelta(milliseconds=50)
)


def period(command: Received) -> dict[str, Any]:
    (only,) = command.profile["chargingSchedule"]["chargingSchedulePeriod"]
    found: dict[str, Any] = only
    return found


def phases(command: Received) -> int | None:
    return period(command).get("numberPhases")


def refuses(count: int) -> Any:
    """Refuse profiles that name a number of phases."""

    def answer(payload: dict[str, Any]) -> Any:
        schedule = payload["csChargingProfiles"]["chargingSchedule"]
        named = schedule["chargingSchedulePeriod"][0].get("numberPhases")
        return REJECTED if named == count else ACCEPTED

    return answer


@pytest.mark.parametrize(("said", "able"), [("true", True), ("false", False), ("?", False)])
async def test_it_is_able_if_it_says_so(
    station: OcppStation, connect: Connect, said: str, able: bool
) -> None:
    assert not station.capabilities.switches_phases
    charge_point = await connect()
    charge_point.script["GetConfiguration"] = settings(ConnectorSwitch3to1PhaseSupported=said)
    await charge_point.boot()
    await settled(charge_point)
    assert station.capabilities.switches_phases is able


async def test_each_station_of_a_kind_says_for_itself_whether_it_is_able(
    system: CentralSystem, connect: Connect
) -> None:
    said = {"CP1": "true", "CP2": "false"}
    stations = {name: system.register(name, {1: PROFILE}) for name in said}
    for name, able in said.items():
        charge_point = await connect(name)
        charge_point.script["GetConfiguration"] = settings(ConnectorSwitch3to1PhaseSupported=able)
        await charge_point.boot()
        await settled(charge_point)
    found = [station.capabilities.switches_phases for station in stations.values()]
    assert found == [True, False], "one has the contactor for it, the other one has not"


async def test_ability_outlives_a_restart_but_not_the_station(
    clock: Clock, session: ClientSession
) -> None:
    experience = Experience()
    assert experience.keep_switching("CP1", able=True)
    assert not experience.keep_switching("CP1", able=True)
    experience = Experience.from_json(json.loads(json.dumps(experience.to_json())))
    system = CentralSystem(now=clock, random=lambda: 0.0, experience=experience)
    assert system.register("CP1", {1: PROFILE}).capabilities.switches_phases
    await system.unregister("CP1")
    assert experience.to_json()["switching"] == {}


async def test_every_limit_names_the_phases(
    station: OcppStation, charge_point: ScriptedChargePoint, clock: Clock
) -> None:
    assert {phases(command) for command in charge_point.profiles} == {None}
    before = len(charge_point.profiles)
    await station.set_phases(1, 1)
    base, lease = charge_point.profiles[before:]
    assert (base.is_base, lease.is_base) == (True, False)
    assert (phases(base), phases(lease)) == (1, 1)
    station.set_current(1, 16)
    await station.settled()
    assert period(charge_point.profiles[-1]) == {"startPeriod": 0, "limit": 16, "numberPhases": 1}
    assert station.reading(1).confirmed == 16.0
    assert station.reading(1).phase_count is None
    await station.set_phases(1, 3)
    assert [phases(command) for command in charge_point.profiles[-2:]] == [3, 3]


async def test_the_same_phases_need_no_new_limit(
    station: OcppStation, charge_point: ScriptedChargePoint
) -> None:
    await station.set_phases(1, 1)
    before = len(charge_point.profiles)
    await station.set_phases(1, 1)
    assert len(charge_point.profiles) == before


async def test_phases_that_are_refused_are_left_out_and_nothing_else_changes(
    station: OcppStation, charge_point: ScriptedChargePoint
) -> None:
    strategy = station.details["strategy"]
    charge_point.script["SetChargingProfile"] = refuses(1)
    station.set_current(1, 0)
    with pytest.raises(ChargerRefused, match="1 phase"):
        await station.set_phases(1, 1)
    assert station.details["strategy"] == strategy
    assert not station.connectors[1].refusing
    station.set_current(1, 10)
    await station.settled()
    assert station.reading(1).confirmed == 10.0
    assert period(charge_point.profiles[-1]) == {"startPeriod": 0, "limit": 10}


async def test_a_lease_that_alone_is_refused_takes_the_base_back(
    station: OcppStation, charge_point: ScriptedChargePoint
) -> None:
    def refuse_leases(payload: dict[str, Any]) -> Any:
        return refuses(1)(payload) if payload["csChargingProfiles"]["stackLevel"] else ACCEPTED

    charge_point.script["SetChargingProfile"] = refuse_leases
    with pytest.raises(ChargerRefused):
        await station.set_phases(1, 1)
    sent = charge_point.profiles[2:]
    assert [(c.is_base, phases(c)) for c in sent] == [(True, 1), (False, 1), (True, None)]
    assert not station.connectors[1].refusing


@pytest.mark.parametrize("config", [IMPATIENT])
async def test_without_an_answer_the_phases_before_count_again(
    station: OcppStation, charge_point: ScriptedChargePoint, clock: Clock
) -> None:
    await station.set_phases(1, 1)
    charge_point.script["SetChargingProfile"] = Special.SILENCE
    with pytest.raises(ChargerRefused):
        await station.set_phases(1, 3)
    charge_point.script["SetChargingProfile"] = ACCEPTED
    clock.advance(60)
    station.maintain()
    await station.settled()
    assert [phases(command) for command in charge_point.profiles[-2:]] == [1, 1]


async def test_who_is_not_there_is_told_nothing(station: OcppStation) -> None:
    with pytest.raises(ChargerOffline):
        await station.set_phases(1, 1)


async def test_who_may_only_report_is_told_nothing(
    station: OcppStation, charge_point: ScriptedChargePoint
) -> None:
    before = len(charge_point.profiles)
    station.restrict(Contact.LISTENING)
    with pytest.raises(ChargerRefused):
        await station.set_phases(1, 1)
    assert len(charge_point.profiles) == before


async def test_a_new_contact_gets_limits_with_the_phases(
    station: OcppStation, charge_point: ScriptedChargePoint, connect: Connect
) -> None:
    await station.set_phases(1, 1)
    charge_point.cut()
    await until(station, lambda: not station.online)
    again = await connect()
    await again.until_called("SetChargingProfile", 2)
    assert [phases(command) for command in again.profiles] == [1, 1]


async def test_phases_outlive_a_restart_but_not_the_station(
    clock: Clock, session: ClientSession
) -> None:
    experience, sent = Experience(), []
    for _ in range(2):
        experience = Experience.from_json(json.loads(json.dumps(experience.to_json())))
        system = CentralSystem(now=clock, random=lambda: 0.0, experience=experience)
        await system.start("127.0.0.1", 0)
        station = system.register("CP1", {1: PROFILE})
        url = f"http://127.0.0.1:{system.port}/CP1"
        charge_point = await ScriptedChargePoint.connect(session, url)
        try:
            await charge_point.until_called("SetChargingProfile", 2)
            await station.set_phases(1, 1)
            sent.append([phases(command) for command in charge_point.profiles])
            if len(sent) == 2:
                await system.unregister("CP1")
        finally:
            await charge_point.close()
            await system.stop()
    assert sent == [[None, None, 1, 1], [1, 1]]
    assert experience.to_json()["phases"] == {}


async def test_a_connector_on_one_phase_names_none(system: CentralSystem, connect: Connect) -> None:
    one_phase = ConnectorProfile(fallback=6.0, max_current=32.0, phases=1)
    station = system.register("CP2", {1: one_phase})
    charge_point = await connect("CP2")
    await charge_point.boot()
    await station.settled()
    with pytest.raises(ChargerRefused):
        await station.set_phases(1, 1)
    assert {phases(command) for command in charge_point.profiles} == {None}


async def test_watts_are_those_of_the_phases(station: OcppStation, connect: Connect) -> None:
    def only_watts(payload: dict[str, Any]) -> Any:
        unit = payload["csChargingProfiles"]["chargingSchedule"]["chargingRateUnit"]
        return ACCEPTED if unit == "W" else REJECTED

    charge_point = await connect()
    charge_point.script["SetChargingProfile"] = only_watts
    await charge_point.boot()
    await settled(charge_point)
    station.set_current(1, 10)
    await station.settled()
    assert charge_point.profiles[-1].limit == 6900
    await station.set_phases(1, 1)
    assert period(charge_point.profiles[-1]) == {"startPeriod": 0, "limit": 2300, "numberPhases": 1}
    assert station.reading(1).confirmed == 10.0
    sample = {"value": "9", "measurand": "Current.Import"}
    await charge_point.meter(*(sample | {"phase": phase} for phase in ("L1", "L2", "L3")))
    station.set_current(1, 12)
    await station.settled()
    assert charge_point.profiles[-1].limit == 2760
    assert station.reading(1).confirmed == 12.0


async def test_transaction_profiles_wait_for_their_transaction(
    system: CentralSystem, connect: Connect
) -> None:
    def only_transactions(payload: dict[str, Any]) -> Any:
        return REJECTED if payload["csChargingProfiles"]["stackLevel"] else ACCEPTED

    station = system.register("CP2", {1: PROFILE, 2: PROFILE})
    charge_point = await connect("CP2")
    charge_point.script["SetChargingProfile"] = only_transactions
    await charge_point.boot()
    await settled(charge_point)
    await station.settled()
    assert str(station.details["strategy"]).startswith("TxProfile")
    before = len(charge_point.profiles)
    await station.set_phases(1, 1)
    (base,) = charge_point.profiles[before:]
    assert (base.is_base, phases(base)) == (True, 1)
