"""Import above an agreed limit: states, what locks out, who may reset, and restarts."""

from datetime import UTC, datetime, timedelta

import pytest

from custom_components.headroom.engine.decision import ReasonCode
from custom_components.headroom.engine.grid.excursion import (
    ImportScheme,
    Premises,
    SchemeMemory,
)
from custom_components.headroom.engine.grid.standing import SchemeState
from custom_components.headroom.engine.inputs import Reach

START = datetime(2026, 6, 21, 12, tzinfo=UTC)
SCHEME = ImportScheme(import_limit=60.0)
BUSINESS = ImportScheme(import_limit=60.0, premises=Premises.COMMERCIAL)


class Feed:
    """Shows a scheme currents second by second."""

    def __init__(self, memory: SchemeMemory | None = None) -> None:
        self.memory = memory or SchemeMemory()
        self.now = START

    @property
    def counted(self) -> int:
        return len(self.memory.excursions)

    def show(self, current: float | None, seconds: int) -> SchemeState:
        for _ in range(seconds):
            self.now += timedelta(seconds=1)
            self.memory.look(current, SCHEME, self.now)
        return self.memory.state

    def rest(self, lasts: timedelta) -> None:
        """Stay below the limit for long."""
        end = self.now + lasts
        while self.now < end:
            self.now += timedelta(seconds=15)
            self.memory.look(10, SCHEME, self.now)

    def exceed(self, seconds: int = 20) -> SchemeState:
        """Exceed the limit once, and be below it again."""
        self.show(61, seconds)
        return self.show(10, 1)


@pytest.mark.parametrize(
    ("current", "seconds", "state"),
    [
        (60.0, 1000, SchemeState.NORMAL),
        (60.1, 5, SchemeState.NORMAL),
        (60.1, 6, SchemeState.EXCURSION),
        (60.1, 60, SchemeState.EXCURSION),
        (60.1, 61, SchemeState.LOCKOUT),
        (None, 5, SchemeState.NORMAL),
        (None, 6, SchemeState.UNMEASURED),
        (None, 1000, SchemeState.UNMEASURED),
    ],
)
def test_how_long_an_excursion_or_a_silence_may_last(
    current: float | None, seconds: int, state: SchemeState
) -> None:
    feed = Feed()
    feed.show(10, 1)
    assert feed.show(current, seconds) is state


def test_a_short_excursion_does_not_count() -> None:
    feed = Feed()
    for _ in range(20):
        assert feed.exceed(14) is SchemeState.NORMAL
    assert feed.memory.excursions == ()


def test_the_second_excursion_within_ten_minutes_locks_out() -> None:
    feed = Feed()
    assert feed.exceed() is SchemeState.NORMAL
    assert feed.exceed() is SchemeState.LOCKOUT
    assert feed.show(10, 100) is SchemeState.LOCKOUT


def test_the_fourth_excursion_within_a_day_locks_out() -> None:
    feed = Feed()
    for _ in range(3):
        assert feed.exceed() is SchemeState.NORMAL
        feed.rest(timedelta(hours=1))
    assert feed.exceed() is SchemeState.LOCKOUT


def test_excursions_of_yesterday_are_forgotten() -> None:
    feed = Feed()
    for _ in range(10):
        assert feed.exceed() is SchemeState.NORMAL
        feed.rest(timedelta(hours=9))


def test_users_reset_a_home_until_the_third_lockout_within_a_month() -> None:
    feed = Feed()
    for allowed in (True, True, False):
        feed.exceed(61)
        assert feed.memory.may_reset(SCHEME, feed.now) is allowed
        feed.memory.reset(by_installer=False)
        assert feed.show(10, 1) is SchemeState.NORMAL
        feed.rest(timedelta(hours=1))
    feed.exceed(61)
    assert not feed.memory.may_reset(SCHEME, feed.now)
    feed.memory.reset(by_installer=True)
    feed.exceed(61)
    assert feed.memory.may_reset(SCHEME, feed.now)


def test_lockouts_of_last_month_are_forgotten() -> None:
    feed = Feed()
    for _ in range(4):
        feed.exceed(61)
        assert feed.memory.may_reset(SCHEME, feed.now)
        feed.memory.reset(by_installer=False)
        feed.rest(timedelta(days=16))


def test_users_of_other_premises_reset_after_four_hours() -> None:
    feed = Feed()
    assert feed.memory.may_reset(BUSINESS, feed.now)
    feed.exceed(61)
    locked_at = feed.memory.lockouts[-1]
    assert not feed.memory.may_reset(BUSINESS, locked_at + timedelta(hours=3, minutes=59))
    assert feed.memory.may_reset(BUSINESS, locked_at + timedelta(hours=4))


def test_a_lockout_and_the_counters_survive_a_restart() -> None:
    feed = Feed()
    feed.exceed()
    feed.exceed()
    again = Feed(SchemeMemory.from_json(feed.memory.to_json()))
    assert again.memory.excursions == feed.memory.excursions
    assert again.memory.lockouts == feed.memory.lockouts
    again.now = feed.now
    assert again.show(10, 10) is SchemeState.LOCKOUT


def test_after_a_restart_cars_wait_for_the_meter() -> None:
    feed = Feed(SchemeMemory.from_json(SchemeMemory().to_json()))
    assert feed.show(None, 1) is SchemeState.UNMEASURED
    assert feed.show(10, 1) is SchemeState.NORMAL


LEAPS = [timedelta(hours=1), timedelta(hours=-1), timedelta(days=40)]


@pytest.mark.parametrize("leap", LEAPS, ids=str)
def test_a_leap_of_the_clock_is_no_part_of_an_excursion_and_does_not_end_it(
    leap: timedelta,
) -> None:
    feed = Feed()
    feed.show(61, 50)
    feed.now += leap
    assert feed.show(61, 10) is SchemeState.EXCURSION
    assert len(feed.memory.excursions) == 1
    assert feed.show(61, 2) is SchemeState.LOCKOUT


@pytest.mark.parametrize("leap", LEAPS, ids=str)
def test_what_happened_before_a_leap_of_the_clock_still_counts(leap: timedelta) -> None:
    feed = Feed()
    feed.exceed()
    feed.now += leap
    assert feed.exceed() is SchemeState.LOCKOUT
    feed.now += leap
    feed.show(10, 1)
    assert not feed.memory.may_reset(BUSINESS, feed.now)


def test_a_leap_of_the_clock_back_makes_no_older_excursion_recent() -> None:
    feed = Feed()
    feed.exceed()
    feed.rest(timedelta(minutes=11))
    feed.now -= timedelta(minutes=11)
    assert feed.exceed() is SchemeState.NORMAL


def test_after_a_start_with_a_clock_that_is_late_nothing_lies_in_the_future() -> None:
    feed = Feed()
    feed.exceed()
    feed.now -= timedelta(minutes=30)
    again = Feed(SchemeMemory.from_json(feed.memory.to_json()))
    again.now = feed.now
    again.show(10, 1)
    again.now += timedelta(minutes=40)
    again.show(10, 1)
    assert again.memory.excursions == (again.now,)


def test_a_leap_of_the_clock_is_no_silence_of_the_meter() -> None:
    feed = Feed()
    feed.show(10, 1)
    feed.now += timedelta(hours=1)
    assert feed.show(None, 3) is SchemeState.NORMAL


def test_a_gap_of_the_meter_is_no_part_of_an_excursion() -> None:
    feed = Feed()
    feed.show(61, 10)
    assert feed.show(None, 60) is SchemeState.UNMEASURED
    assert feed.show(61, 15) is SchemeState.EXCURSION
    assert feed.counted == 0
    assert feed.show(61, 45) is SchemeState.EXCURSION
    assert feed.counted == 1
    assert feed.show(61, 1) is SchemeState.LOCKOUT


def test_a_short_gap_of_the_meter_is_a_part_of_an_excursion() -> None:
    feed = Feed()
    feed.show(61, 40)
    feed.show(None, 14)
    assert feed.show(61, 7) is SchemeState.LOCKOUT


def test_gaps_of_the_meter_make_no_second_excursion_out_of_one() -> None:
    feed = Feed()
    feed.show(61, 20)
    feed.show(None, 60)
    assert feed.show(61, 20) is SchemeState.EXCURSION
    assert len(feed.memory.excursions) == 1


@pytest.mark.parametrize(
    ("state", "code"),
    [
        (SchemeState.EXCURSION, ReasonCode.G100_EXCURSION),
        (SchemeState.UNMEASURED, ReasonCode.G100_UNMEASURED),
        (SchemeState.LOCKOUT, ReasonCode.G100_LOCKOUT),
    ],
)
def test_what_states_ask_for(state: SchemeState, code: ReasonCode) -> None:
    always, cars = SchemeMemory(state=state).limits("z", SCHEME)
    assert (always.ask.most, always.reach) == (60.0, Reach.EVERYTHING)
    assert (cars.ask.most, cars.reach, cars.code) == (0.0, Reach.EVS, code)
    assert SchemeMemory().limits("z", SCHEME) == (always,)


@pytest.mark.parametrize("wrong", [{"excursions": 3}, {"lockouts": ["yesterday"]}], ids=str)
def test_a_store_that_is_not_ours_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r".+"):
        SchemeMemory.from_json(SchemeMemory().to_json() | wrong)
