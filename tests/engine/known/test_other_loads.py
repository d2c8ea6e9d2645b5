"""What other loads may reach again, learned from samples of them."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import pytest

from custom_components.headroom.engine.currents import PerPhase
from custom_components.headroom.engine.known.other_loads import OtherLoads

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
WINDOW = timedelta(seconds=15)


class History:
    """Other loads on L1, seen by a meter that looks every `period` seconds."""

    def __init__(self, period: int = 1) -> None:
        self.loads = OtherLoads()
        self.now = START
        self.period = timedelta(seconds=period)

    def see(self, *spells: tuple[float, int], spread: float = 0) -> None:
        """See loads in A for so many seconds each, known to within a spread."""
        for load, seconds in spells:
            for _ in range(0, seconds, round(self.period.total_seconds())):
                self.now += self.period
                self.add(load, load + spread)

    def add(self, least: float, most: float) -> None:
        self.loads.add(
            PerPhase(least),
            PerPhase(most),
            self.now,
            looked_at=self.now,
            window=WINDOW,
        )

    @property
    def peak(self) -> float | None:
        peak = self.loads.peak(self.now, WINDOW)
        return None if peak is None else peak.l1


def spells(cycles: int, on: int, rest: int) -> Iterable[tuple[float, int]]:
    return ((12, on), (2, rest)) * cycles


def test_nothing_is_known_before_the_window_is_full() -> None:
    history = History()
    history.see((2, 15))
    assert history.peak is None
    history.see((2, 1))
    assert history.peak == 2


def test_a_load_counts_for_the_whole_window_and_no_longer() -> None:
    history = History()
    history.see((2, 30), (12, 5), (2, 15))
    assert history.peak == 12
    history.see((2, 1))
    assert history.peak == 2


def test_each_phase_has_its_own_peak() -> None:
    loads = OtherLoads()
    for second in range(20):
        now = START + timedelta(seconds=second)
        load = PerPhase(1, 2, 8 if second == 10 else 3)
        loads.add(load, load, now, looked_at=now, window=WINDOW)
    assert loads.peak(now, WINDOW) == PerPhase(1, 2, 8)


def test_a_load_that_has_come_back_once_is_expected_again() -> None:
    history = History()
    history.see((2, 30), *spells(2, on=60, rest=55))
    assert history.peak == 12


def test_a_single_load_is_not_expected_again() -> None:
    history = History()
    history.see((2, 30), (12, 60), (2, 20))
    assert history.peak == 2


def test_a_load_that_stays_away_for_longer_than_ever_is_let_go() -> None:
    history = History()
    history.see((2, 30), *spells(2, on=60, rest=80))
    history.see((2, 19))
    assert history.peak == pytest.approx(12)
    history.see((2, 3))
    assert history.peak == 2


def test_a_return_after_a_short_rest_is_expected_for_a_minute_and_a_quarter() -> None:
    history = History()
    history.see((2, 30), *spells(2, on=60, rest=20))
    history.see((2, 54))
    assert history.peak == 12
    history.see((2, 3))
    assert history.peak == 2


def test_only_the_level_that_comes_back_is_held_not_what_was_added_to_it() -> None:
    history = History()
    history.see((2, 30), *spells(3, on=60, rest=40))
    history.see((12, 30), (20, 5), (12, 20), (2, 30))
    assert history.peak == pytest.approx(12 + 1.5, abs=1.5)


def test_what_was_learned_is_forgotten_after_ten_quiet_minutes() -> None:
    history = History()
    history.see((2, 30), *spells(3, on=60, rest=40), (2, 600), (12, 60), (2, 30))
    assert history.peak == 2


def test_a_rest_beyond_two_and_a_half_minutes_teaches_nothing() -> None:
    history = History()
    history.see((2, 30), *spells(3, on=60, rest=170), (12, 10), (2, 20))
    assert history.peak == 2


def test_what_may_have_been_there_counts_for_the_window_and_teaches_nothing() -> None:
    history = History()
    history.see((2, 30))
    for _ in range(3):
        history.see((2, 10), spread=10)
        assert history.peak == 12
        history.see((2, 40))
    assert history.peak == 2


def test_a_slow_meter_makes_the_window_longer() -> None:
    history = History(period=10)
    history.see((2, 80), (12, 10), (2, 30))
    assert history.peak == 12
    history.see((2, 20))
    assert history.peak == 2


def test_a_gap_starts_anew() -> None:
    history = History()
    history.see((12, 30))
    history.now += timedelta(seconds=20)
    history.see((2, 5))
    assert history.peak is None
    history.see((2, 15))
    assert history.peak == 2


def test_a_leap_of_the_clock_backwards_starts_anew() -> None:
    history = History()
    history.see((12, 30))
    history.now -= timedelta(hours=1)
    history.see((2, 5))
    assert history.peak is None


def test_silence_is_timed_from_its_first_moment_and_empties_the_history() -> None:
    history = History()
    history.see((2, 30))
    assert history.loads.silent_for(history.now) == timedelta(0)
    later = history.now + timedelta(seconds=7)
    assert history.loads.silent_for(later) == timedelta(seconds=7)
    assert history.loads.silent_for(history.now - timedelta(seconds=5)) == timedelta(0)
    assert history.peak is None
    history.now += timedelta(seconds=1)
    history.add(2, 2)
    assert history.loads.silent_for(history.now) == timedelta(0)


@pytest.mark.parametrize("lost", [{0}, {1}, {0, 1, 2}])
def test_another_set_of_lost_phases_starts_anew(lost: set[int]) -> None:
    history = History()
    assert history.loads.lost_for(frozenset(), history.now) == timedelta(0)
    history.see((2, 30))
    history.loads.lost_for(frozenset(lost), history.now)
    assert history.peak is None


def test_lost_phases_are_timed_from_their_first_moment() -> None:
    loads, lost = OtherLoads(), frozenset({1})
    assert loads.lost_for(lost, START) == timedelta(0)
    assert loads.lost_for(lost, START + timedelta(seconds=30)) == timedelta(seconds=30)
    assert loads.lost_for(lost, START - timedelta(seconds=60)) == timedelta(0), "the clock leapt"
    assert loads.lost_for(frozenset(), START + timedelta(seconds=60)) == timedelta(0)


def test_the_same_lost_phases_keep_what_was_seen() -> None:
    history = History()
    for _ in range(3):
        history.see((2, 10))
        history.loads.lost_for(frozenset({1}), history.now)
    history.see((2, 20))
    history.loads.lost_for(frozenset({1}), history.now)
    assert history.peak == 2
