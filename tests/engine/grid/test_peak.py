"""The guard of a capacity tariff: periods of the clock, the month's peak, and what it asks for."""

from datetime import UTC, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.headroom.engine.decision import ReasonCode
from custom_components.headroom.engine.grid.peak import (
    HOUR,
    QUARTER,
    PeakMemory,
    PeakPolicy,
    guard,
    period_start,
)
from custom_components.headroom.engine.grid.standing import PeakView
from custom_components.headroom.engine.inputs import LimitUnit, Reach

BRUSSELS = ZoneInfo("Europe/Brussels")
KATHMANDU = ZoneInfo("Asia/Kathmandu")
START = datetime(2026, 6, 21, 12, tzinfo=UTC)
FLANDERS = PeakPolicy()


class Meter:
    """Shows a guard a power second by second, beginning with a new period."""

    def __init__(
        self, policy: PeakPolicy = FLANDERS, start: datetime = START, tick: float = 1.0
    ) -> None:
        self.policy = policy
        self.memory = PeakMemory()
        self.now = start
        self.tick = timedelta(seconds=tick)
        self.cars = 0.0
        self.view = self.look(0.0)

    def look(self, power: float | None) -> PeakView:
        self.view = self.memory.look(power, self.now, self.policy, BRUSSELS)
        return self.view

    def show(self, power: float | None, seconds: float) -> float:
        """Return what may be imported after a power has been shown for some time."""
        self.look(power)
        for _ in range(round(seconds / self.tick.total_seconds())):
            self.now += self.tick
            self.look(power)
        return self.limit

    @property
    def limit(self) -> float:
        return self.memory.limit(self.view, self.now, self.policy, self.cars)


def full(target: float = 2500.0) -> float:
    """Return the limit in W that a quarter begins with."""
    return target * 0.995 - 2750 * 60 / 900


@pytest.mark.parametrize(
    ("moment", "period", "zone", "start"),
    [
        ("2026-06-21T12:14:59.9+02:00", QUARTER, BRUSSELS, "2026-06-21T12:00+02:00"),
        ("2026-06-21T12:15:00+02:00", QUARTER, BRUSSELS, "2026-06-21T12:15+02:00"),
        ("2026-06-21T12:59:00+02:00", HOUR, BRUSSELS, "2026-06-21T12:00+02:00"),
        ("2026-06-21T12:59:00+05:45", HOUR, KATHMANDU, "2026-06-21T12:00+05:45"),
        ("2026-03-29T03:10:00+02:00", HOUR, BRUSSELS, "2026-03-29T03:00+02:00"),
        ("2026-10-25T02:50:00+02:00", HOUR, BRUSSELS, "2026-10-25T02:00+02:00"),
        ("2026-10-25T02:50:00+01:00", HOUR, BRUSSELS, "2026-10-25T02:00+01:00"),
    ],
)
def test_periods_are_those_of_the_local_clock(
    moment: str, period: timedelta, zone: ZoneInfo, start: str
) -> None:
    begun = period_start(datetime.fromisoformat(moment), period, zone)
    assert begun == datetime.fromisoformat(start)


def test_who_was_thrifty_may_draw_more_later() -> None:
    meter = Meter()
    assert meter.limit == pytest.approx(full())
    assert meter.show(0, 450) == pytest.approx(full() * 2, rel=0.03)
    assert meter.view.average == 0
    assert meter.view.until == START + QUARTER
    assert meter.view.projected == 0


def test_who_draws_at_the_limit_keeps_it() -> None:
    meter = Meter()
    limits = {round(meter.show(meter.limit, 30)) for _ in range(23)}
    assert limits == {round(full())}
    assert meter.view.average == pytest.approx(full())
    assert meter.view.projected == pytest.approx(full())
    assert meter.show(meter.limit, 60) > full()


def test_nothing_is_left_of_a_period_that_has_had_too_much() -> None:
    meter = Meter()
    assert meter.show(10_000, 300) == 0
    assert meter.show(0, 599) == 0
    assert meter.show(0, 1) == pytest.approx(full(10_000 / 3))


def test_the_end_of_a_period_changes_nothing() -> None:
    meter = Meter()
    before = meter.show(2000, 880)
    assert meter.show(60_000, 9) < before
    meter = Meter()
    before = meter.show(2000, 895)
    assert meter.show(60_000, 4) == before


def test_a_period_ends_with_what_the_next_one_can_bear() -> None:
    """What cars still draw until they follow comes off the next period."""
    meter = Meter()
    meter.show(0, 870)
    assert meter.show(2490, 9) > 2 * full()
    assert meter.show(2490, 1) == pytest.approx(full())
    meter.cars = 3
    assert full() <= meter.limit < 1.1 * full()
    meter.cars = 2000
    assert meter.limit > 2 * full()
    assert meter.show(None, 1) == pytest.approx(full())


def test_a_period_that_has_little_left_ends_with_that() -> None:
    meter = Meter()
    meter.show(2700, 800)
    assert meter.show(2490, 90) < full()


def test_the_highest_average_of_the_month_may_be_drawn_again() -> None:
    meter = Meter()
    meter.show(6000, 900)
    assert meter.view.month_peak == pytest.approx(6000)
    assert meter.view.allowed == pytest.approx(6000)
    assert meter.limit == pytest.approx(full(6000))
    meter.policy = PeakPolicy(follow=False)
    assert meter.look(0).allowed == 2500


def test_a_new_month_begins_at_local_midnight() -> None:
    meter = Meter(start=datetime(2026, 6, 30, 21, 30, tzinfo=UTC))
    meter.show(6000, 900)
    meter.show(1000, 899)
    assert meter.view.month_peak == pytest.approx(6000)
    meter.show(1000, 1)
    assert meter.now.astimezone(BRUSSELS).day == 1
    assert (meter.view.month_peak, meter.view.allowed) == (0, 2500)
    meter.show(3000, 900)
    assert meter.view.month_peak == pytest.approx(3000)


def test_the_last_period_of_a_month_ends_with_what_a_month_without_a_peak_can_bear() -> None:
    meter = Meter(start=datetime(2026, 6, 30, 21, 30, tzinfo=UTC))
    meter.show(6000, 900)
    assert meter.show(2490, 879) > full(6000)
    assert meter.show(2490, 1) == pytest.approx(full())
    meter.policy = PeakPolicy(target=4000)
    assert meter.show(3990, 1) == pytest.approx(full(4000))


def test_silence_counts_as_much_as_was_ever_drawn_but_makes_no_peak() -> None:
    meter = Meter()
    meter.show(8000, 60)
    meter.show(None, 60)
    assert meter.view.average == pytest.approx(8000)
    assert meter.view.projected == pytest.approx(8000)
    meter.show(0, 780)
    assert meter.view.month_peak == pytest.approx(8000 * 60 / 900)


def test_a_guard_that_begins_in_the_middle_assumes_the_target() -> None:
    meter = Meter(start=START + timedelta(minutes=10))
    assert meter.view.average == pytest.approx(2500)
    assert meter.limit == pytest.approx((full() * 900 - 2500 * 600) / 300)


def test_a_restart_goes_on_with_the_period_and_the_month() -> None:
    meter = Meter()
    meter.show(6000, 900)
    meter.show(3000, 300)
    stored = meter.memory.to_json()
    meter.memory = PeakMemory.from_json(stored)
    meter.now += timedelta(seconds=60)
    view = meter.look(0)
    assert view.month_peak == pytest.approx(6000)
    assert view.average == pytest.approx((3000 * 300 + 6000 * 60) / 360)

    meter.memory = PeakMemory.from_json(stored)
    meter.now += timedelta(hours=2)
    view = meter.look(0)
    assert view.average == pytest.approx(6000)
    assert view.month_peak == pytest.approx(6000)


HOURLY = PeakPolicy(period=HOUR)


def test_a_change_from_hours_to_quarters_keeps_the_peak_as_it_was() -> None:
    """Some quarter of that hour had at least as much."""
    meter = Meter(HOURLY)
    meter.show(4000, 3600)
    meter.show(4000, 1800)
    meter.policy = FLANDERS
    meter.show(0, 900)
    assert meter.view.month_peak == pytest.approx(4000)


def test_a_change_from_quarters_to_hours_forgets_the_peak() -> None:
    """A quarter may have had far more than its hour."""
    meter = Meter()
    meter.show(8000, 900)
    meter.policy = HOURLY
    meter.look(0)
    assert (meter.view.month_peak, meter.view.allowed) == (0, 2500)


@pytest.mark.parametrize(("before", "kept"), [(True, 8000), (False, 0)])
def test_a_peak_without_adding_up_phases_is_none_with_it(before: bool, kept: float) -> None:
    meter = Meter(PeakPolicy(netting=before))
    meter.show(8000, 900)
    meter.policy = PeakPolicy(netting=not before)
    meter.look(0)
    assert meter.view.month_peak == pytest.approx(kept)


def test_what_a_changed_period_has_had_so_far_is_not_known() -> None:
    meter = Meter(HOURLY)
    meter.show(0, 300)
    meter.policy = FLANDERS
    assert meter.look(0).average == pytest.approx(2500)


def test_a_period_is_remembered_with_its_peak() -> None:
    meter = Meter()
    meter.show(8000, 900)
    meter.memory = PeakMemory.from_json(meter.memory.to_json())
    assert meter.look(0).month_peak == pytest.approx(8000)
    meter.memory = PeakMemory.from_json(meter.memory.to_json())
    meter.policy = HOURLY
    assert meter.look(0).month_peak == 0


def test_an_older_store_tells_of_the_period_that_is_charged_for() -> None:
    meter = Meter(PeakPolicy(period=HOUR, netting=False))
    meter.show(4000, 3600)
    older = meter.memory.to_json()
    del older["period"], older["netting"]
    meter.memory = PeakMemory.from_json(older)
    meter.look(0)
    assert meter.view.month_peak == pytest.approx(4000)


def test_a_leap_of_the_clock_back_begins_anew() -> None:
    meter = Meter()
    meter.show(6000, 300)
    meter.now -= timedelta(hours=3)
    view = meter.look(1000)
    assert view.until == period_start(meter.now, QUARTER, BRUSSELS) + QUARTER
    assert view.average <= 6000


def test_the_guard_asks_for_a_power_of_everything_until_the_end() -> None:
    limit = guard("z", 3000.0, START)
    assert (limit.ask.most, limit.ask.until) == (3000.0, START)
    assert (limit.unit, limit.reach) == (LimitUnit.WATTS, Reach.SUM)
    assert limit.code is ReasonCode.PEAK_GUARD


@given(
    st.lists(st.floats(0, 2300), min_size=1, max_size=60),
    st.lists(st.floats(0, 1), min_size=1, max_size=7),
    st.sampled_from([QUARTER, HOUR]),
)
def test_no_period_exceeds_a_target_that_other_loads_keep(
    loads: list[float], eager: list[float], period: timedelta
) -> None:
    """Cars take any part of what other loads leave, and follow 5 s late."""
    meter = Meter(PeakPolicy(period=period, follow=False), tick=5.0)
    used = room = 0.0
    for number in range(round(period.total_seconds() / 5) - 1):
        load = loads[number % len(loads)]
        drawn = load + room * eager[number % len(eager)]
        meter.show(drawn, 5)
        room = max(0.0, meter.limit - load)
        used += drawn * 5
    assert used <= 2500 * period.total_seconds()


def house(chance: Random) -> float:
    """Return the other loads of a house in W for half a minute: kettle and heat pump."""
    return 300 + (2200 if chance.random() < 0.03 else 0) + (1200 if chance.random() < 0.05 else 0)


@pytest.mark.parametrize(
    ("period", "target", "days"),
    [(QUARTER, 2500.0, 31), (QUARTER, 4000.0, 7), (HOUR, 4000.0, 7)],
    ids=["Flanders", "Flanders 4 kW", "Sweden"],
)
def test_a_month_of_a_house_uses_what_is_free_and_no_more(
    period: timedelta, target: float, days: int
) -> None:
    """A car of 1.4 to 7.4 kW on one phase follows 5 s late; the house alone may exceed."""
    policy = PeakPolicy(target=target, period=period, follow=False)
    meter, chance = Meter(policy, tick=5.0), Random(11)
    steps = round(period.total_seconds() / 5)
    car = used = house_alone = 0.0
    over, shares, load = 0, [], house(chance)
    for step in range(1, days * 24 * 720):
        load = house(chance) if step % 6 == 0 else load
        used, house_alone = used + (load + car) * 5, house_alone + load * 5
        meter.cars = car
        meter.show(load + car, 5)
        room = meter.limit - load
        car = min(7400.0, room) if room >= 1380 else 0.0
        if step % steps == 0:
            most = policy.target * period.total_seconds()
            over += used > max(most, house_alone)
            shares.append(used / most)
            used = house_alone = 0.0
    assert over == 0
    assert sum(shares) / len(shares) >= 0.98
