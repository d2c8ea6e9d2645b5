"""What a plan is made from: quarters, limits and cars of a site."""

import math
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from custom_components.headroom.engine.currents import PerPhase
from custom_components.headroom.engine.inputs import Ask, LimitUnit, Reach, ZoneLimit
from custom_components.headroom.engine.site.model import Charger, Connector, Rules, Site, Zone
from custom_components.headroom.engine.site.tariff import TariffPeriod
from custom_components.headroom.engine.site.wiring import Wiring
from custom_components.headroom.engine.when.off_peak import ClockRules, WeekendRule
from custom_components.headroom.engine.when.weekly import EVERY_DAY, WeeklySlot
from custom_components.headroom.forecasts.daily import DailyProfile
from custom_components.headroom.forecasts.series import Series, Slot
from custom_components.headroom.plan.loads import Loads
from custom_components.headroom.plan.outlook import Forecasts, Outlook, Restrictions
from custom_components.headroom.plan.task import (
    Wanted,
    amperes_of,
    spans,
    task_of,
)
from custom_components.headroom.planner.model import Task

NOW = datetime(2026, 3, 10, 21, 5, tzinfo=UTC)
HOUR = timedelta(hours=1)
BERLIN = ZoneInfo("Europe/Berlin")


def site(**rules: object) -> Site:
    """Return a garage below a building, with a charger on three phases and one on L2."""
    return Site(
        zones=(
            Zone(id="building", limit=PerPhase.same(63), margin=10),
            Zone(id="garage", limit=PerPhase.same(32), parent="building", cluster_max=30),
        ),
        chargers=(
            Charger(id="A", zone="garage", connectors=(Connector(id="A-1"),)),
            Charger(id="B", zone="garage", connectors=(Connector(id="B-1", wiring=Wiring.MONO2),)),
        ),
        rules=Rules(**rules),  # type: ignore[arg-type]
    )


def wanted(connector: str = "A-1", **changes: object) -> Wanted:
    phases = (0, 1, 2) if connector == "A-1" else (1,)
    given = Wanted(
        connector=connector,
        deadline=NOW + 4 * HOUR,
        energy=10_000,
        phases=phases,
        most=32,
        charging=False,
    )
    return replace(given, **changes)  # type: ignore[arg-type]


def outlook(**changes: object) -> Outlook:
    given = Outlook(
        now=NOW,
        zone=UTC,
        site=site(),
        forecasts=Forecasts(),
        loads=Loads(),
    )
    return replace(given, **changes)  # type: ignore[arg-type]


def limit(task: Task, key: str, quarter: int = 0) -> float:
    """Return the A of a limit in a quarter."""
    return next(limit.power[quarter] for limit in task.limits if limit.id == key) / 230


def test_quarters_are_those_of_the_clock_and_the_first_is_cut() -> None:
    task = task_of(outlook(), [wanted()])
    first, second = task.quarters[:2]
    assert first.start == NOW
    assert first.end == second.start == NOW.replace(minute=15)
    assert task.quarters[-1].end == NOW.replace(hour=1, minute=0) + timedelta(days=1)


def test_plans_end_before_the_deadline_and_are_not_made_farther_than_two_days() -> None:
    task = task_of(outlook(), [wanted(), wanted("B-1", deadline=NOW + 100 * HOUR)])
    assert task.cars[0].milestones[0].by == NOW + 4 * HOUR - timedelta(minutes=15)
    assert task.quarters[-1].end <= NOW + 48 * HOUR
    assert len(task.quarters) == 4 * 48


@pytest.mark.parametrize(
    ("day", "quarters"), [("2026-03-29", 92), ("2026-10-25", 100), ("2026-06-01", 96)]
)
def test_a_day_has_as_many_quarters_as_the_clock_makes_it_have(day: str, quarters: int) -> None:
    begin = datetime.fromisoformat(day).replace(tzinfo=BERLIN)
    end = begin + timedelta(days=1)
    found = list(spans(begin, end.astimezone(UTC)))
    assert len(found) == quarters
    assert all(until - start == timedelta(minutes=15) for start, until in found)


def test_limits_of_every_zone_on_the_way_count() -> None:
    task = task_of(outlook(), [wanted()])
    assert {one.id for one in task.limits} == {
        f"{zone}/{phase}" for zone in ("building", "garage") for phase in range(3)
    }
    assert limit(task, "building/0") == pytest.approx(56.7)
    assert limit(task, "garage/0") == pytest.approx(30)


def test_limits_that_people_set_count() -> None:
    restricted = outlook(restrictions=Restrictions(zones={"garage": 16.0}))
    assert limit(task_of(restricted, [wanted()]), "garage/1") == pytest.approx(16)


def test_other_loads_are_left_room_and_production_gives_none() -> None:
    profiles = (DailyProfile(), DailyProfile(), DailyProfile())
    for profile, current in zip(profiles, (20.0, -5.0, 80.0), strict=True):
        profile.note(NOW, current, UTC)
    loads = Loads(zones={"building": profiles}, house=DailyProfile())
    task = task_of(outlook(loads=loads), [wanted()])
    found = [limit(task, f"building/{phase}") for phase in range(3)]
    assert found == pytest.approx([36.7, 56.7, 0])


def test_tariff_periods_leave_a_part() -> None:
    evening = TariffPeriod(id="t", slots=(WeeklySlot(EVERY_DAY, time(22), time(23)),), percent=50)
    given = outlook(site=replace(site(), tariffs=(evening,)))
    task = task_of(given, [wanted()])
    at_ten = [quarter.start.hour for quarter in task.quarters].index(22)
    assert limit(task, "garage/0") == pytest.approx(30)
    assert limit(task, "garage/0", at_ten) == pytest.approx(16)
    off = replace(given, restrictions=Restrictions(tariffs_off={"t"}))
    assert limit(task_of(off, [wanted()]), "garage/0", at_ten) == pytest.approx(30)


def test_a_capacity_tariff_leaves_cars_what_other_loads_do_not_take() -> None:
    profiles = (DailyProfile(), DailyProfile(), DailyProfile())
    for profile, current in zip(profiles, (5.0, -5.0, 5.0), strict=True):
        profile.note(NOW, current, UTC)
    loads = Loads(zones={"building": profiles}, house=DailyProfile())
    restrictions = Restrictions(averages={"building": 5000.0, "garage": 4000.0})
    task = task_of(outlook(loads=loads, restrictions=restrictions), [wanted("B-1")])
    assert limit(task, "building/total") == pytest.approx(5000 / 230 - 10)
    assert limit(task, "garage/total") == pytest.approx(4000 / 230)
    assert task.cars[0].shares["building/total"] == 1


@pytest.mark.parametrize(
    ("unit", "reach", "key", "during"),
    [
        (LimitUnit.AMPERES, Reach.EVERYTHING, "garage/1", 10.0 - 4),
        (LimitUnit.AMPERES, Reach.EVS, "garage/1", 10.0),
        (LimitUnit.WATTS, Reach.EVERYTHING, "garage/1", 3000.0 / 690 - 4),
        (LimitUnit.WATTS, Reach.EVERYTHING, "garage/total", 3000.0 / 230 - 3 * 4),
        (LimitUnit.WATTS, Reach.SUM, "garage/total", 3000.0 / 230 - 3 * 4),
        (LimitUnit.NOMINAL_WATTS, Reach.EVS, "garage/total", 3000.0 / 230),
        (LimitUnit.NOMINAL_WATTS, Reach.EVS_FROM_GRID, "garage/total", (3000.0 + 1500) / 230),
    ],
)
def test_what_others_ask_for_counts_until_its_end(
    unit: LimitUnit, reach: Reach, key: str, during: float
) -> None:
    profiles = (DailyProfile(), DailyProfile(), DailyProfile())
    house = DailyProfile()
    for profile in profiles:
        profile.note(NOW, 4.0, UTC)
    house.note(NOW, 100.0, UTC)
    most = 10.0 if unit is LimitUnit.AMPERES else 3000.0
    until = NOW + timedelta(minutes=30)
    limits = (
        ZoneLimit(zone="garage", ask=Ask(most, until=until), unit=unit, reach=reach),
        ZoneLimit(zone="garage", ask=Ask(1.0), unit=unit, reach=reach),
        ZoneLimit(zone="building", ask=Ask(most / 2, until=until), unit=unit, reach=reach),
    )
    given = outlook(
        loads=Loads(zones={"garage": profiles}, house=house),
        forecasts=Forecasts(sun=(Series((Slot(NOW, NOW + HOUR, 2000),)),)),
    )
    free = task_of(given, [wanted()])
    task = task_of(replace(given, restrictions=Restrictions(asked=limits)), [wanted()])
    assert [limit(task, key, quarter) for quarter in range(3)] == pytest.approx(
        [max(0, during)] * 3
    )
    assert task.cars[0].shares[key] > 0
    after = limit(task, key, 3)
    assert after == (limit(free, key, 3) if key == "garage/1" else math.inf)


def test_who_waits_for_cheap_hours_is_barred_outside_of_them() -> None:
    clock = ClockRules(windows=((time(22), time(23)),), weekend=WeekendRule.AS_WEEKDAYS)
    given = outlook(site=site(clock=clock), restrictions=Restrictions(off_peak=["A-1"]))
    one, other = task_of(given, [wanted(), wanted("B-1")]).cars
    open_at = [
        quarter.start.hour
        for index, quarter in enumerate(task_of(given, [wanted()]).quarters)
        if index not in one.barred
    ]
    assert open_at == [22] * 4
    assert other.barred == frozenset()


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, [(225, 10_000)]),
        ({"minimum": 3680.0}, [(45, 3680), (225, 10_000)]),
        ({"minimum": 3680.0, "minimum_by": NOW + 2 * HOUR}, [(105, 3680), (225, 10_000)]),
        ({"minimum": 3680.0, "minimum_by": NOW + 4 * HOUR}, [(225, 10_000)]),
        ({"minimum": 20_000.0, "minimum_by": NOW + 2 * HOUR}, [(105, 10_000), (225, 10_000)]),
    ],
    ids=["none", "at once", "earlier", "not earlier", "more than the goal"],
)
def test_a_minimum_comes_before_the_goal(
    changes: dict[str, object], expected: list[tuple[float, float]]
) -> None:
    (car,) = task_of(outlook(), [wanted("B-1", **changes)]).cars
    found = [((one.by - NOW) / timedelta(minutes=1), one.energy) for one in car.milestones]
    assert found == expected


def test_cars_have_floor_most_and_shares_by_their_phases() -> None:
    three, one = task_of(outlook(), [wanted(), wanted("B-1", most=16)]).cars
    assert (three.floor, three.most) == (6 * 690, 32 * 690)
    assert three.shares["garage/2"] == pytest.approx(1 / 3)
    assert (one.floor, one.most) == (6 * 230, 16 * 230)
    assert one.shares == {"garage/1": 1, "building/1": 1}


def test_prices_export_and_surplus_are_those_of_each_quarter() -> None:
    house = DailyProfile()
    house.note(NOW, 500, UTC)
    forecasts = Forecasts(
        price=Series((Slot(NOW - HOUR, NOW + HOUR, 0.3), Slot(NOW + HOUR, NOW + 2 * HOUR, 0.1))),
        export=Series((Slot(NOW, NOW + 48 * HOUR, 0.08),)),
        sun=(Series((Slot(NOW, NOW + HOUR, 1500),)), Series((Slot(NOW, NOW + 2 * HOUR, 500),))),
    )
    given = outlook(forecasts=forecasts, loads=Loads(zones={}, house=house))
    task = task_of(given, [wanted()])
    first = task.quarters[0]
    assert (first.price, first.export_value) == (0.3, 0.08)
    assert first.surplus == pytest.approx(0.8 * 2000 - 500)
    assert task.quarters[5].surplus == 0
    assert task.quarters[5].price == pytest.approx(0.1)


def test_without_a_known_house_no_sun_is_counted_on() -> None:
    forecasts = Forecasts(sun=(Series((Slot(NOW, NOW + 5 * HOUR, 9000),)),))
    task = task_of(outlook(forecasts=forecasts), [wanted()])
    assert {quarter.surplus for quarter in task.quarters} == {0}
    assert {quarter.price for quarter in task.quarters} == {1.0}


def test_no_cars_need_no_quarters() -> None:
    assert task_of(outlook(), []) == Task(quarters=())


def test_a_power_as_a_current_is_not_below_a_floor_by_rounding() -> None:
    assert amperes_of(6 * 690 - 1e-9, 3) == 6
