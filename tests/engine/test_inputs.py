"""Contacts and sensors that ask for less: what the zones have then, and how soon cars obey (A9)."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from custom_components.headroom.engine.currents import PHASES, PerPhase
from custom_components.headroom.engine.decision import ReasonCode
from custom_components.headroom.engine.inputs import Ask, Inputs, LimitUnit, Reach, ZoneLimit
from custom_components.headroom.engine.site.breaker import ProtectiveDevice
from custom_components.headroom.engine.site.degraded import OfflinePolicy
from custom_components.headroom.engine.site.model import Site, Supply, Zone
from custom_components.headroom.engine.site.wiring import Wiring
from custom_components.headroom.engine.snapshot import ConnectorStatus

from .plant import START, Plant, charger, dynamic_site, static_site


def told(plant: Plant, key: str = "a") -> list[ReasonCode]:
    return [reason.code for reason in plant.decision.setpoints[key].reasons]


def bound_by(plant: Plant, zone: str = "z") -> ReasonCode:
    return plant.decision.zones[zone].reasons[0][0].code


def power(
    most: float, unit: LimitUnit = LimitUnit.WATTS, reach: Reach = Reach.EVERYTHING
) -> ZoneLimit:
    return ZoneLimit(zone="z", ask=Ask(most), unit=unit, reach=reach)


def park(*, cars: int = 3, limit: float = 100.0, seconds: float = 60.0) -> Plant:
    """Return a static zone with cars that charge."""
    plant = Plant(static_site(limit, [charger(name) for name in "abcd"[:cars]]))
    plant.run(seconds)
    return plant


@pytest.mark.parametrize(
    ("house", "metered", "degraded", "percent", "result", "code"),
    [
        pytest.param(None, True, 0, 80, 80, ReasonCode.DIGITAL_INPUT, id="static"),
        pytest.param(10, True, 0, 70, 70, ReasonCode.DIGITAL_INPUT, id="dynamic 90"),
        pytest.param(50, True, 0, 70, 50, ReasonCode.OTHER_LOADS, id="dynamic 50"),
        pytest.param(0, False, 30, 10, 10, ReasonCode.DIGITAL_INPUT, id="degraded 30"),
        pytest.param(0, False, 30, 70, 30, ReasonCode.METER_SILENT, id="degraded below"),
        pytest.param(None, True, 0, 0, 0, ReasonCode.DIGITAL_INPUT, id="static 0 %"),
        pytest.param(10, True, 0, 0, 0, ReasonCode.DIGITAL_INPUT, id="dynamic 0 %"),
    ],
)
def test_digital_inputs_on_zones(
    house: float | None,
    metered: bool,
    degraded: float,
    percent: float,
    result: float,
    code: ReasonCode,
) -> None:
    """A13.6; a zone has 100 A."""
    site = static_site(100, []) if house is None else dynamic_site(100, [], degraded=degraded)
    plant = Plant(site, house=house or 0)
    plant.metered = metered
    plant.inputs = Inputs(percent=Ask(percent))
    plant.run(1)
    assert plant.decision.zones["z"].budget == PerPhase.same(result)
    assert bound_by(plant) is code


def test_a_percentage_counts_in_every_zone() -> None:
    main = Zone(id="m", limit=PerPhase.same(100))
    garage = Zone(id="g", limit=PerPhase(60, 50, 0), parent="m")
    plant = Plant(Site(zones=(main, garage)))
    plant.inputs = Inputs(percent=Ask(60.0))
    plant.run(1)
    assert plant.decision.zones["m"].budget == PerPhase.same(60)
    assert plant.decision.zones["g"].budget == PerPhase(36, 30, 0)


def test_a_percentage_lowers_cars_in_the_same_step_and_ends_by_itself() -> None:
    plant = park()
    assert sum(plant.setpoints().values()) == pytest.approx(96)
    plant.inputs = Inputs(percent=Ask(40.0))
    plant.run(plant.tick)
    assert sum(plant.setpoints().values()) <= 40
    assert ReasonCode.DIGITAL_INPUT in told(plant)
    plant.inputs = Inputs()
    plant.run(120)
    assert sum(plant.setpoints().values()) == pytest.approx(96)


def test_what_is_for_cars_alone_is_not_exceeded_for_a_moment_either() -> None:
    """A fuse bears a short overload, a grid operator does not."""
    site = dynamic_site(30, [charger("a"), charger("b")], protection=ProtectiveDevice.GG)
    plant = Plant(site, house=0)
    plant.run(120)
    assert min(plant.setpoints().values()) > 10
    plant.inputs = Inputs(percent=Ask(30.0))
    plant.run(plant.tick)
    assert sum(plant.setpoints().values()) <= 9


@pytest.mark.parametrize("supply", list(Supply))
@pytest.mark.parametrize(("shed", "current"), [(8.0, 8.0), (6.0, 6.0), (5.9, 0.0), (0.0, 0.0)])
def test_load_shedding_lowers_every_connector_at_once(
    supply: Supply, shed: float, current: float
) -> None:
    """A9.1, whatever the supply, and for privileged cars too."""
    cars = [charger("a"), charger("b", vip=True)]
    plant = Plant((static_site if supply is Supply.STATIC else dynamic_site)(100, cars))
    plant.run(90)
    assert set(plant.setpoints().values()) == {32.0}
    plant.inputs = Inputs(shedding=Ask(shed))
    plant.run(plant.tick)
    assert plant.setpoints() == {"a": current, "b": current}
    assert told(plant)[0] is ReasonCode.LOAD_SHEDDING
    plant.inputs = Inputs()
    plant.run(180)
    assert set(plant.setpoints().values()) == {32.0}


@pytest.mark.parametrize(
    ("inputs", "code"),
    [
        (Inputs(shedding=Ask(8.0)), ReasonCode.LOAD_SHEDDING),
        (Inputs(shedding=Ask(0.0)), ReasonCode.LOAD_SHEDDING),
        (Inputs(stop=Ask(0.0)), ReasonCode.EXTERNAL_ENABLE),
        (Inputs(percent=Ask(0.0)), ReasonCode.DIGITAL_INPUT),
    ],
    ids=str,
)
def test_what_is_forced_is_lowered_like_everything_else(inputs: Inputs, code: ReasonCode) -> None:
    plant = park(cars=1)
    forced = replace(plant.snapshot(), forced=frozenset({"a"}), inputs=inputs)
    setpoint = plant.controller.step(forced).setpoints["a"]
    assert setpoint.current <= 8
    assert setpoint.reasons[0].code is code


def test_load_shedding_raises_nobody() -> None:
    plant = park(cars=1)
    plant.connector_limits = {"a": 7.0}
    plant.inputs = Inputs(shedding=Ask(8.0))
    plant.run(30)
    assert plant.setpoints() == {"a": 7.0}
    assert told(plant)[0] is ReasonCode.USER_LIMIT


def test_an_open_enable_stops_everybody_and_a_closed_one_lets_them_go_on() -> None:
    plant = park()
    plant.cars["c"].leave()
    plant.inputs = Inputs(stop=Ask(0.0))
    plant.run(plant.tick)
    assert set(plant.setpoints().values()) == {0.0}
    assert told(plant) == [ReasonCode.EXTERNAL_ENABLE]
    assert told(plant, "c") == [ReasonCode.NO_CAR]
    assert bound_by(plant) is ReasonCode.EXTERNAL_ENABLE
    plant.inputs = Inputs()
    plant.run(120)
    assert plant.setpoints() == {"a": 32, "b": 32, "c": 0}


def test_zero_percent_suspends_everybody_by_its_own_name() -> None:
    plant = park()
    plant.inputs = Inputs(percent=Ask(0.0))
    plant.run(plant.tick)
    assert set(plant.setpoints().values()) == {0.0}
    assert told(plant) == [ReasonCode.DIGITAL_INPUT]


def test_a_car_that_comes_while_nobody_may_charge_gets_nothing() -> None:
    plant = park(cars=1)
    plant.cars["a"].leave()
    plant.inputs = Inputs(stop=Ask(0.0))
    plant.run(10)
    plant.cars["a"].status = ConnectorStatus.PREPARING
    plant.run(60)
    assert plant.setpoints() == {"a": 0.0}


@pytest.mark.parametrize(
    ("inputs", "budget"),
    [
        (Inputs(limits=(ZoneLimit(zone="z", ask=Ask(20.0)),)), PerPhase(20, 20, 20)),
        (Inputs(limits=(power(13_800.0),)), PerPhase(20, 20, 20)),
        (Inputs(limits=(power(0.0),)), PerPhase()),
        (Inputs(limits=(ZoneLimit(zone="z", ask=Ask(200.0)),)), PerPhase.same(100)),
        (Inputs(limits=(ZoneLimit(zone="other", ask=Ask(20.0)),)), PerPhase.same(100)),
    ],
    ids=str,
)
def test_external_limits_hold_for_everything_in_their_zone(
    inputs: Inputs, budget: PerPhase
) -> None:
    plant = Plant(static_site(100, []))
    plant.inputs = inputs
    plant.run(1)
    zone = plant.decision.zones["z"]
    assert (zone.limit, zone.budget) == (budget, budget)
    codes = {zone.reasons[phase][0].code for phase in PHASES}
    bound = budget != PerPhase.same(100)
    assert codes == {ReasonCode.EXTERNAL_LIMIT if bound else ReasonCode.NOMINAL}


def test_an_external_limit_leaves_cars_what_other_loads_do_not_take() -> None:
    plant = Plant(dynamic_site(100, []), house=15)
    plant.voltages = PerPhase.same(240)
    plant.inputs = Inputs(limits=(power(14_400.0),))
    plant.run(1)
    assert plant.decision.zones["z"].limit == PerPhase.same(20)
    assert plant.decision.zones["z"].budget == PerPhase.same(5)


def test_power_that_other_loads_take_from_one_phase_is_missing_on_all() -> None:
    """The house takes more than its 20 A on L1."""
    plant = Plant(dynamic_site(100, [charger("a", wiring=Wiring.MONO2)]))
    plant.house = PerPhase(23, 0, 0)
    plant.inputs = Inputs(limits=(power(13_800.0),))
    plant.run(120)
    assert plant.setpoints()["a"] == pytest.approx(20, abs=0.5)
    plant.house = PerPhase(48, 0, 0)
    plant.run(120)
    assert plant.setpoints()["a"] == pytest.approx(12, abs=0.5)
    assert plant.setpoints()["a"] <= 12


def test_a_limit_at_the_nominal_voltage_lets_a_car_charge_whatever_is_measured() -> None:
    """A grid operator's 4.2 kW stand for the floor of a car on three phases."""
    plant = Plant(dynamic_site(100, []), house=15)
    plant.voltages = PerPhase.same(240)
    plant.inputs = Inputs(limits=(power(4200.0, LimitUnit.NOMINAL_WATTS, Reach.EVS),))
    plant.run(1)
    assert plant.decision.zones["z"].budget == PerPhase.same(6.08)


def test_a_limit_for_evs_leaves_other_loads_alone() -> None:
    plant = Plant(dynamic_site(100, [charger("a")]), house=50)
    plant.inputs = Inputs(
        limits=(
            ZoneLimit(zone="z", ask=Ask(80.0)),
            ZoneLimit(zone="z", ask=Ask(10.0), code=ReasonCode.CLUSTER_MAX, reach=Reach.EVS),
        )
    )
    plant.run(60)
    zone = plant.decision.zones["z"]
    assert zone.limit == PerPhase.same(80)
    assert zone.budget == PerPhase.same(10)
    assert bound_by(plant) is ReasonCode.CLUSTER_MAX
    assert plant.setpoints() == {"a": 10.0}


def test_a_total_power_goes_to_the_phases_that_cars_use() -> None:
    """Other loads take 3 x 1 kW of 6 kW on all phases; a car on L1 gets the rest."""
    plant = Plant(dynamic_site(63, [charger("a", wiring=Wiring.MONO1)]))
    plant.house = PerPhase.same(1000 / 230)
    plant.inputs = Inputs(limits=(power(6000.0, reach=Reach.SUM),))
    plant.run(120)
    zone = plant.decision.zones["z"]
    assert zone.budget[0] == pytest.approx(3000 / 230, abs=0.1)
    assert zone.budget[1] == 0
    assert zone.reasons[0][0].code is ReasonCode.EXTERNAL_LIMIT
    assert plant.setpoints()["a"] == pytest.approx(3000 / 230, abs=0.5)


ON_TWO_PHASES = (charger("a", wiring=Wiring.MONO1), charger("b", wiring=Wiring.MONO2))


def power_drawn(plant: Plant) -> float:
    return 230 * sum(car.drawn for car in plant.cars.values())


@pytest.mark.parametrize(
    ("site", "reach"),
    [
        (static_site(63, ON_TWO_PHASES), Reach.EVS),
        (static_site(63, ON_TWO_PHASES), Reach.EVS_FROM_GRID),
        (dynamic_site(63, ON_TWO_PHASES), Reach.EVS),
        (dynamic_site(63, ON_TWO_PHASES), Reach.EVS_FROM_GRID),
        (dynamic_site(63, ON_TWO_PHASES), Reach.SUM),
    ],
)
def test_who_comes_second_on_another_phase_waits_until_the_first_has_come_down(
    site: Site, reach: Reach
) -> None:
    plant = Plant(site)
    plant.cars["b"].leave()
    plant.inputs = Inputs(limits=(power(4600.0, reach=reach),))
    plant.run(120)
    plant.cars["b"].status = ConnectorStatus.CHARGING
    for _ in range(240):
        plant.run(plant.tick)
        assert power_drawn(plant) <= 4600
    assert plant.setpoints()["a"] == pytest.approx(10, abs=1)
    assert plant.setpoints()["b"] == pytest.approx(10, abs=1)


@pytest.mark.parametrize("reach", [Reach.EVS, Reach.EVS_FROM_GRID, Reach.SUM])
def test_what_a_car_beyond_control_draws_is_taken_off_the_other_phases(reach: Reach) -> None:
    plant = Plant(dynamic_site(63, ON_TWO_PHASES))
    plant.inputs = Inputs(limits=(power(4600.0, reach=reach),))
    plant.run(120)
    plant.cars["b"].obeys, plant.cars["b"].wants = False, 13.0
    plant.run(60)
    assert plant.cars["b"].drawn == 13
    assert 6.0 <= plant.setpoints()["a"] <= 7.0


@pytest.mark.parametrize("reach", [Reach.EVS, Reach.SUM])
def test_the_rest_of_a_power_goes_to_a_car_on_all_phases_beside_one_beyond_control(
    reach: Reach,
) -> None:
    plant = Plant(dynamic_site(63, [ON_TWO_PHASES[0], charger("c")]))
    plant.inputs = Inputs(limits=(power(12_500.0, reach=reach),))
    plant.cars["a"].obeys, plant.cars["a"].wants = False, 16.0
    plant.run(300)
    told = set()
    for _ in range(600):
        plant.run(plant.tick)
        told.add(tuple(plant.setpoints().values()))
        assert 230 * (plant.cars["a"].drawn + 3 * plant.cars["c"].drawn) <= 12_500
    assert plant.setpoints()["c"] == pytest.approx(12.7, abs=0.5)
    assert len(told) <= 3


def test_cars_that_may_not_charge_take_no_part_of_a_power() -> None:
    plant = Plant(dynamic_site(63, [*ON_TWO_PHASES, charger("c")]))
    plant.paused = frozenset({"b", "c"})
    plant.inputs = Inputs(limits=(power(2500.0, reach=Reach.SUM),))
    plant.run(120)
    assert plant.setpoints()["a"] == pytest.approx(10.5, abs=0.4)


def test_cars_take_turns_where_a_power_lasts_for_one_of_them() -> None:
    """4.2 kW are enough for a car on one phase or for one on three, not for both."""
    plant = Plant(static_site(63, [ON_TWO_PHASES[0], charger("c")]), tick=5.0)
    limit = power(4200.0, LimitUnit.NOMINAL_WATTS, Reach.EVS)
    plant.inputs = Inputs(limits=(limit,))
    charged = {"a": 0.0, "c": 0.0}
    for _ in range(round(3 * 3600 / plant.tick)):
        plant.run(plant.tick)
        assert 230 * (plant.cars["a"].drawn + 3 * plant.cars["c"].drawn) <= 4200
        for key, car in plant.cars.items():
            charged[key] += car.drawn > 0 and plant.tick
    assert min(charged.values()) > 1800


def test_what_a_lost_car_may_draw_is_taken_off_the_other_phases() -> None:
    keeps = charger("b", wiring=Wiring.MONO2, offline=OfflinePolicy.KEEP)
    plant = Plant(static_site(63, [ON_TWO_PHASES[0], keeps]))
    plant.inputs = Inputs(limits=(power(6900.0, reach=Reach.EVS),))
    plant.run(120)
    plant.cars["b"].lose(plant.now)
    plant.inputs = Inputs(limits=(power(4600.0, reach=Reach.EVS),))
    plant.run(60)
    assert plant.setpoints()["a"] == 0
    assert power_drawn(plant) <= 4600
    assert bound_by(plant) is ReasonCode.EXTERNAL_LIMIT


def test_what_a_removed_car_may_draw_is_taken_off_the_other_phases() -> None:
    plant = Plant(static_site(63, ON_TWO_PHASES))
    plant.inputs = Inputs(limits=(power(4600.0, reach=Reach.EVS),))
    plant.run(120)
    plant.rebuild(static_site(63, ON_TWO_PHASES[:1]))
    plant.run(60)
    assert power_drawn(plant) + 230 * 10 <= 4600


def test_a_total_power_may_be_used_up_by_other_loads() -> None:
    plant = Plant(dynamic_site(63, [charger("a")]), house=10)
    plant.inputs = Inputs(limits=(power(6000.0, reach=Reach.SUM),))
    plant.run(60)
    assert plant.setpoints() == {"a": 0.0}


def test_a_total_power_without_a_meter_counts_as_a_limit_on_equal_phases() -> None:
    plant = Plant(dynamic_site(63, [charger("a")], degraded=20.0))
    plant.metered = False
    plant.inputs = Inputs(limits=(power(6900.0, reach=Reach.SUM),))
    plant.run(60)
    assert plant.decision.zones["z"].budget == PerPhase.same(10)
    assert bound_by(plant) is ReasonCode.EXTERNAL_LIMIT


@pytest.mark.parametrize(("house", "budget"), [(10.0, 6.08), (-10.0, 16.08)])
def test_surplus_comes_on_top_of_what_evs_may_draw_from_the_grid(
    house: float, budget: float
) -> None:
    plant = Plant(dynamic_site(63, [charger("a")]), house=house)
    limit = power(4200.0, LimitUnit.NOMINAL_WATTS, Reach.EVS_FROM_GRID)
    plant.inputs = Inputs(limits=(limit,))
    plant.run(1)
    assert plant.decision.zones["z"].budget[0] == pytest.approx(budget, abs=0.01)
    plant.run(120)
    assert plant.setpoints()["a"] == pytest.approx(budget, abs=0.5)
    assert plant.setpoints()["a"] <= budget

    plant.metered = False
    plant.run(plant.tick)
    assert bound_by(plant) is ReasonCode.METER_SILENT


def test_power_means_nothing_to_a_zone_without_phases() -> None:
    plant = Plant(static_site(0, []))
    plant.inputs = Inputs(limits=(power(1000.0),))
    plant.run(1)
    assert plant.decision.zones["z"].budget == PerPhase()


SILENT: list[tuple[dict[str, Any], float]] = [
    ({"shedding": Ask(8.0, silent=True)}, 8.0),
    ({"stop": Ask(0.0, silent=True)}, 0.0),
    ({"percent": Ask(0.0, silent=True)}, 0.0),
    ({"percent": Ask(10.0, silent=True)}, 10.0),
    ({"limits": (ZoneLimit(zone="z", ask=Ask(9.0, silent=True)),)}, 9.0),
]


@pytest.mark.parametrize(("asked", "current"), SILENT, ids=str)
def test_an_input_that_shows_nothing_has_its_own_reason(
    asked: dict[str, Any], current: float
) -> None:
    plant = park(cars=1)
    plant.inputs = Inputs(**asked)
    plant.run(plant.tick)
    assert plant.setpoints() == {"a": current}
    assert ReasonCode.INPUT_SILENT in told(plant)


def test_the_contact_of_a_lost_charger_does_not_matter() -> None:
    plant = park(cars=1)
    plant.cars["a"].lose(plant.now)
    plant.inputs = Inputs(stop=Ask(0.0))
    plant.run(plant.tick)
    assert told(plant)[0] is ReasonCode.OFFLINE


LATER = START + timedelta(hours=1)


@pytest.mark.parametrize(
    ("inputs", "code"),
    [
        (Inputs(shedding=Ask(8.0, until=LATER)), ReasonCode.LOAD_SHEDDING),
        (Inputs(shedding=Ask(0.0, until=LATER)), ReasonCode.LOAD_SHEDDING),
        (Inputs(stop=Ask(0.0, until=LATER)), ReasonCode.EXTERNAL_ENABLE),
        (Inputs(percent=Ask(0.0, until=LATER)), ReasonCode.DIGITAL_INPUT),
        (Inputs(percent=Ask(10.0, until=LATER)), ReasonCode.DIGITAL_INPUT),
        (
            Inputs(limits=(ZoneLimit(zone="z", ask=Ask(9.0, until=LATER)),)),
            ReasonCode.EXTERNAL_LIMIT,
        ),
    ],
    ids=str,
)
def test_the_end_of_what_is_asked_for_is_told(inputs: Inputs, code: ReasonCode) -> None:
    plant = park(cars=1)
    plant.inputs = inputs
    plant.run(plant.tick)
    reasons = plant.decision.setpoints["a"].reasons
    assert [reason.until for reason in reasons if reason.code is code] == [LATER]
