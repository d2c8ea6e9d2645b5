"""What a zone's EVs may draw, and what bounds it, the tightest first."""

from typing import Any

import pytest

from custom_components.headroom.engine.currents import PHASES, PerPhase
from custom_components.headroom.engine.decision import ReasonCode, ZoneState
from custom_components.headroom.engine.site.model import Meter, MeterRole, Site, Supply, Zone

from ..plant import Plant, charger, dynamic_site


def state(
    *,
    house: PerPhase | None = None,
    voltages: PerPhase | None = None,
    wish: float | None = None,
    seconds: float = 0.5,
    metered: bool = True,
    lost: frozenset[int] = frozenset(),
    **zone: Any,
) -> ZoneState:
    """Return a zone of 50 A without cars after some time."""
    fields: dict[str, Any] = {"limit": PerPhase.same(50), "supply": Supply.DYNAMIC} | zone
    plant = Plant(Site(zones=(Zone(id="z", **fields),), meters=(Meter(id="m", zone="z"),)))
    plant.house, plant.voltages, plant.metered = house or PerPhase(), voltages, metered
    plant.lost = lost
    plant.zone_limits = {} if wish is None else {"z": wish}
    plant.run(seconds)
    return plant.decision.zones["z"]


def reasons(zone: ZoneState, phase: int = 0) -> list[tuple[ReasonCode, float | None]]:
    return [(reason.code, reason.current) for reason in zone.reasons[phase]]


NOMINAL = (ReasonCode.NOMINAL, 50)


@pytest.mark.parametrize(
    ("fields", "limit", "why"),
    [
        ({}, 50, []),
        ({"margin": 10.0}, 45, [(ReasonCode.MARGIN, 45)]),
        ({"power": 36_000.0}, 50, []),
        ({"power": 27_600.0}, 40, [(ReasonCode.CONTRACTED_POWER, 40)]),
        ({"wish": 20.0}, 20, [(ReasonCode.PERSON_LIMIT, 20)]),
        ({"wish": 60.0}, 50, []),
        ({"wish": -1.0}, 0, [(ReasonCode.PERSON_LIMIT, 0)]),
        (
            {"wish": 42.0, "power": 27_600.0, "margin": 10.0},
            40,
            [
                (ReasonCode.CONTRACTED_POWER, 40),
                (ReasonCode.PERSON_LIMIT, 42),
                (ReasonCode.MARGIN, 45),
            ],
        ),
    ],
    ids=str,
)
@pytest.mark.parametrize("supply", list(Supply))
def test_limit_in_force(
    supply: Supply,
    fields: dict[str, Any],
    limit: float,
    why: list[tuple[ReasonCode, float]],
) -> None:
    zone = state(supply=supply, **fields)
    assert (zone.limit, zone.budget) == (PerPhase.same(limit), PerPhase.same(limit))
    told = [(code, at) for code, at in reasons(zone) if code is not ReasonCode.OTHER_LOADS]
    assert told == [*why, NOMINAL]


def test_contracted_power_follows_the_voltage_of_each_phase() -> None:
    zone = state(power=27_600.0, voltages=PerPhase(200, 230, 250))
    assert zone.limit == PerPhase(46, 40, 36.8)
    assert reasons(zone, 2)[0] == (ReasonCode.CONTRACTED_POWER, 36.8)


def test_contracted_power_is_shared_by_the_phases_that_there_are() -> None:
    zone = state(limit=PerPhase(50, 0, 0), power=9_200.0)
    assert zone.limit == PerPhase(40, 0, 0)


def test_voltages_of_a_silent_meter_do_not_count() -> None:
    zone = state(power=27_600.0, voltages=PerPhase.same(200), metered=False, degraded=30.0)
    assert zone.limit == PerPhase.same(40)


def test_other_loads_are_taken_off_and_export_is_not_added() -> None:
    zone = state(house=PerPhase(12, -5, 60), margin=10.0)
    assert zone.budget == PerPhase(33, 45, 0)
    assert reasons(zone) == [(ReasonCode.OTHER_LOADS, 33), (ReasonCode.MARGIN, 45), NOMINAL]
    assert [reasons(zone, phase)[0] for phase in PHASES] == [
        (ReasonCode.OTHER_LOADS, 33),
        (ReasonCode.MARGIN, 45),
        (ReasonCode.OTHER_LOADS, 0),
    ]


@pytest.mark.parametrize(
    ("house", "budget", "first"),
    [(10.0, 25.0, ReasonCode.CLUSTER_MAX), (30.0, 20.0, ReasonCode.OTHER_LOADS)],
)
def test_a_cluster_is_capped_whatever_the_other_loads_leave(
    house: float, budget: float, first: ReasonCode
) -> None:
    zone = state(house=PerPhase.same(house), cluster_max=25.0)
    assert (zone.limit, zone.budget) == (PerPhase.same(50), PerPhase.same(budget))
    assert zone.reasons[0][0].code is first


def test_a_static_cluster_is_capped() -> None:
    zone = state(supply=Supply.STATIC, cluster_max=25.0)
    assert zone.budget == PerPhase.same(25)
    assert reasons(zone) == [(ReasonCode.CLUSTER_MAX, 25), NOMINAL]


@pytest.mark.parametrize(
    ("fields", "budget"),
    [
        ({}, PerPhase()),
        ({"degraded": 16.0}, PerPhase.same(16)),
        ({"degraded": 16.0, "wish": 10.0}, PerPhase.same(10)),
        ({"degraded": 16.0, "cluster_max": 8.0}, PerPhase.same(8)),
        ({"assumed_loads": PerPhase(20, 30, 60)}, PerPhase(30, 20, 0)),
        ({"assumed_loads": PerPhase.same(20), "degraded": 7.0}, PerPhase.same(30)),
        ({"assumed_loads": PerPhase.same(20), "margin": 10.0}, PerPhase.same(25)),
        ({"assumed_loads": PerPhase.same(20), "cluster_max": 25.0}, PerPhase.same(25)),
    ],
    ids=str,
)
def test_budget_while_the_meter_is_silent(fields: dict[str, Any], budget: PerPhase) -> None:
    zone = state(metered=False, **fields)
    assert (zone.degraded, zone.measured, zone.budget) == (True, None, budget)
    assert reasons(zone) == [(ReasonCode.METER_SILENT, budget.l1)]


@pytest.mark.parametrize("lost", [frozenset({1}), frozenset({0, 2}), frozenset({0, 1, 2})])
def test_lost_phases_are_degraded_and_the_others_metered(lost: frozenset[int]) -> None:
    plant = Plant(dynamic_site(50, [charger("a")], degraded=9.0), house=20)
    plant.lost = lost
    plant.run(60)
    zone = plant.decision.zones["z"]
    assert zone.degraded
    for phase in PHASES:
        first = reasons(zone, phase)[0]
        if phase in lost:
            assert (zone.budget[phase], first) == (9, (ReasonCode.PHASE_LOST, 9))
        else:
            assert (zone.budget[phase], first) == (30, (ReasonCode.OTHER_LOADS, 30))
    assert plant.setpoints() == {"a": 9}, "it charges on all three phases"
    plant.lost = frozenset()
    plant.run(5)
    zone = plant.decision.zones["z"]
    assert (zone.degraded, zone.budget) == (False, PerPhase.same(30))
    assert plant.setpoints() == {"a": 9}, "a raise waits until the room has been there for long"
    plant.run(60)
    assert plant.setpoints()["a"] > 29


def test_phases_that_a_zone_does_not_have_cannot_be_lost() -> None:
    zone = state(limit=PerPhase(50, 0, 0), lost=frozenset({1, 2}), degraded=9.0)
    assert (zone.degraded, zone.budget) == (False, PerPhase(50, 0, 0))


def test_a_reporting_meter_supplies_nothing() -> None:
    site = Site(
        zones=(Zone(id="z", limit=PerPhase.same(50), supply=Supply.DYNAMIC, degraded=9.0),),
        meters=(Meter(id="r", zone="z", role=MeterRole.OUTLET),),
    )
    plant = Plant(site)
    plant.run(1)
    assert plant.decision.zones["z"].degraded
    assert plant.decision.zones["z"].budget == PerPhase.same(9)


@pytest.mark.parametrize(("cluster_max", "current"), [(None, 24.7), (20.0, 20.0)])
def test_cars_get_what_the_terms_leave(cluster_max: float | None, current: float) -> None:
    site = dynamic_site(50, [charger("a")], margin=10.0, cluster_max=cluster_max)
    plant = Plant(site, house=20)
    plant.run(90)
    assert plant.setpoints() == {"a": pytest.approx(current, abs=0.11)}
