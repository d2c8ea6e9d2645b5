"""The yardstick does each thing that makes it good."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import pytest

from benchmarks.peers.reference.car import KnownCar
from benchmarks.peers.reference.controller import Reference
from benchmarks.peers.reference.in_flight import Sent
from benchmarks.peers.reference.overload import Budget
from benchmarks.peers.reference.patience import Patience, Peaks
from benchmarks.peers.reference.sharing import share
from simulator.trial.charger import Report
from simulator.trial.controller import Installation, View
from simulator.trial.meter import Sample
from simulator.trial.outlet import Outlet

ONE = Outlet(phases=(0,), most=32)
TWO = Outlet(phases=(1,), most=32)
ALL = Outlet(phases=(0, 1, 2), most=16)


def report(drawn: float, at: float) -> Report:
    return Report(
        drawn=drawn,
        drawn_at=at,
        confirmed=0,
        confirmed_at=0,
        accepted=0,
        offers=True,
        charging=True,
    )


@dataclass
class Bench:
    """A controller on a meter that looks every second, with cars that follow at once."""

    outlets: tuple[Outlet, ...]
    limit: float = 25
    reserve: float = 0
    now: float = 0
    setpoints: Sequence[float] = ()
    history: list[Sequence[float]] = field(default_factory=list)

    def __post_init__(self) -> None:
        site = Installation(
            limit=self.limit,
            outlets=self.outlets,
            meter_period=1,
            meter_latency=1,
            mean_meter_latency=0.75,
        )
        self.controller = Reference(site, self.reserve)
        self.setpoints = [0.0] * len(self.outlets)

    def decide(self, currents: Sequence[float], drawn: Sequence[float]) -> None:
        one, two, three = currents
        view = View(
            now=self.now,
            sample=Sample((one, two, three), self.now),
            fresh=True,
            reports=[report(current, self.now) for current in drawn],
            setpoints=self.setpoints,
        )
        self.setpoints = self.controller.decide(view)
        self.history.append(self.setpoints)
        self.now += 1

    def live(self, seconds: int, house: float, most: float = 32) -> None:
        """Let time pass with a house load on every phase and cars that draw up to `most`."""
        for _ in range(seconds):
            drawn = [min(setpoint, most) for setpoint in self.setpoints]
            totals = [house] * 3
            for outlet, current in zip(self.outlets, drawn, strict=True):
                for phase in outlet.phases:
                    totals[phase] += current
            self.decide(totals, drawn)


def test_before_the_first_sample_nothing_changes() -> None:
    bench = Bench((ALL,))
    view = View(now=0, sample=None, fresh=False, reports=[report(0, 0)], setpoints=[0.0])
    assert bench.controller.decide(view) == [0.0]


def test_it_looks_for_half_a_minute_and_then_rises_by_6_a_at_most() -> None:
    bench = Bench((ALL,))
    bench.live(30, house=5)
    assert bench.setpoints == [0]
    bench.live(130, house=5)
    levels = [setpoint for (setpoint,) in bench.history]
    raises = [(now, b - a) for now, (a, b) in enumerate(pairwise(levels)) if b != a]
    assert all(0 < size <= 6 for _, size in raises)
    assert all(later - sooner >= 10 for (sooner, _), (later, _) in pairwise(raises))
    assert levels[-1] == 16


def test_a_load_is_answered_at_once_by_all_it_takes_and_once_only() -> None:
    bench = Bench((ALL,))
    bench.live(200, house=5)
    bench.decide([34.0, 21.0, 21.0], [16.0])
    assert bench.setpoints == [7]
    for _ in range(5):
        bench.decide([34.0, 21.0, 21.0], [16.0])
    assert bench.setpoints == [7]


def test_a_reserve_is_left_free() -> None:
    usual, careful = Bench((ALL,)), Bench((ALL,), reserve=4)
    usual.live(300, house=11)
    careful.live(300, house=11)
    assert (usual.setpoints, careful.setpoints) == ([13.7], [9.7])


def test_the_floor_is_held_for_10_s_of_a_slight_overload_and_the_pause_lasts_a_minute() -> None:
    bench = Bench((ALL,))
    bench.live(200, house=5)
    bench.live(20, house=20)
    bench.live(80, house=5)
    levels = [setpoint for (setpoint,) in bench.history]
    assert levels[200:210] == [6] * 10
    assert levels[219] == 0
    paused = levels.index(0, 200)
    assert levels.index(6, paused) - paused in range(60, 80)


def test_a_severe_overload_by_the_floor_pauses_sooner() -> None:
    bench = Bench((ALL,))
    bench.live(200, house=5)
    bench.live(3, house=42)
    assert bench.setpoints == [0]


@pytest.mark.parametrize("outlet", [ONE, ALL])
def test_of_two_cars_only_as_many_are_paused_as_need_be(outlet: Outlet) -> None:
    bench = Bench((outlet, outlet))
    bench.live(200, house=5)
    bench.live(30, house=18)
    assert sorted(bench.setpoints) == [0, 6]


def test_a_newcomer_gets_its_share_once_the_others_have_come_down() -> None:
    bench = Bench((ONE, ONE))
    bench.live(400, house=5)
    first, second = bench.setpoints
    assert first == second == pytest.approx(9.8, abs=0.2)
    assert all(a + b <= 25 - 5 for a, b in bench.history)


def test_what_a_car_does_not_use_goes_to_others_and_comes_back() -> None:
    bench = Bench((ONE, ONE))
    for _ in range(300):
        drawn = [bench.setpoints[0], min(6.5, bench.setpoints[1])]
        bench.decide([1 + sum(drawn), 0, 0], drawn)
    assert bench.setpoints[1] == 7.5
    assert bench.setpoints[0] > 16
    bench.live(300, house=1)
    assert bench.setpoints[0] == pytest.approx(bench.setpoints[1], abs=1.1)


def test_setpoints_in_flight_span_what_was_sent_within_the_window() -> None:
    sent = Sent()
    assert sent.hull(-10) == (0, 0)
    for at, setpoint in ((0, 16.0), (5, 10.0), (5.5, 10.0), (8, 12.0)):
        sent.note(at, setpoint)
    assert sent.hull(6) == (10, 12)
    assert sent.hull(4) == (10, 16)
    assert sent.hull(-1, 4) == (0, 16)
    assert sent.hull(9) == (12, 12)
    sent.note(100, 6)
    assert sent.hull(70) == (6, 12)


def test_peaks_are_remembered_as_long_as_they_count() -> None:
    peaks = Peaks(10)
    for now, value in enumerate((5.0, 9.0, 7.0, 3.0, 4.0)):
        peaks.note(now, value)
    assert [peaks.highest(since) for since in (0, 1, 2, 3, 9)] == [9, 9, 7, 4, 4]
    peaks.note(12, 1)
    assert peaks.highest(0) == 7


def test_patience_grows_with_cuts_after_raises_and_shrinks_in_quiet_times() -> None:
    patience = Patience(30)
    patience.note_cut(0)
    assert patience.window == 30
    patience.note_raise(100)
    patience.note_cut(281)
    assert patience.window == 30
    patience.note_raise(300)
    for now in range(310, 360, 10):
        patience.note_cut(now)
    assert patience.window == 240
    patience.relax(600)
    assert patience.window == 240
    patience.relax(650)
    assert patience.window == 150
    for now in range(950, 2450, 300):
        patience.relax(now)
    assert patience.window == 30


@pytest.mark.parametrize(("part", "spent"), [(0.99, False), (1.01, True)])
@pytest.mark.parametrize(("load", "seconds"), [(26, 10), (32.5, 4), (50, 0.4)])
def test_a_budget_is_10_s_or_a_twentieth_of_the_trip_time(
    load: float, seconds: float, part: float, spent: bool
) -> None:
    budget = Budget(25)
    budget.spend(load, seconds * part)
    assert budget.spent is spent


@pytest.mark.parametrize(("more", "spent"), [(1.5, False), (2, True)])
def test_a_budget_comes_back_slowly(more: float, spent: bool) -> None:
    budget = Budget(25)
    budget.spend(26, 9.99)
    budget.recover(60)
    budget.spend(26, more)
    assert budget.spent is spent
    budget.renew()
    assert budget.spent is False


def test_a_car_that_leaves_its_offer_for_20_s_wants_less_until_it_uses_that() -> None:
    car = KnownCar(ONE)
    car.note(0, 0, 16)
    for at in (20, 30, 39):
        car.judge(report(10, at))
    assert car.wish == 6
    car.judge(report(15.5, 40))
    assert car.wish == 32
    for at in (50, 60, 60, 69):
        car.judge(report(10, at))
    assert car.wish == 32
    car.judge(report(10, 70))
    assert car.wish == 11
    car.note(71, 16, 11)
    car.judge(report(10.4, 85))
    assert car.wish == 32


def test_a_pause_soon_after_a_start_doubles_the_wait_up_to_10_minutes() -> None:
    car = KnownCar(ONE)
    rests = []
    for start in range(0, 1000, 150):
        car.note(start, 0, 6)
        car.note(start + 50, 6, 0)
        rests.append(car.rest)
    assert rests == [60, 120, 240, 480, 600, 600, 600]
    assert (car.has_rested(1009), car.has_rested(1010)) == (False, True)
    car.note(1100, 0, 6)
    car.note(1500, 6, 0)
    assert car.rest == 60


def test_shares_are_equal_where_phases_and_cars_allow() -> None:
    assert share([30, 30, 30], [ALL, ONE], [6, 6], [16, 32]) == pytest.approx([15, 15])
    assert share([30, 30, 30], [ALL, ONE], [6, 6], [8, 32]) == pytest.approx([8, 22])
    assert share([30, 14, 30], [ALL, ONE, TWO], [6, 6, 6], [16, 32, 32]) == pytest.approx(
        [7, 23, 7]
    )
    assert share([10, 30, 30], [ALL, ONE], [6, 6], [16, 32]) == [6, 6]
    assert share([30, 30, 30], [ALL, ONE], [0, 6], [0, 32]) == pytest.approx([0, 30])
