"""Budgets for stops and phase switches, and the shortest times on and off."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.headroom.engine.cars.wear import Wear, WearPolicy

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
POLICY = WearPolicy()


def after(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def off_time(wear: Wear) -> float:
    return wear.off_time(POLICY).total_seconds()


def charge(wear: Wear, start: float, duration: float) -> float:
    """Charge from a moment on for so long; return when that ends."""
    wear.note_start(after(start))
    wear.note_stop(after(start + duration))
    return start + duration


def test_the_stop_budget_is_spent_per_plug_in() -> None:
    wear = Wear()
    moment = 0.0
    for _ in range(4):
        assert not wear.worn(POLICY)
        moment = charge(wear, moment + 100, 400)
    assert wear.worn(POLICY)
    wear.begin_session()
    assert not wear.worn(POLICY)


def test_a_stop_is_counted_once() -> None:
    wear = Wear()
    wear.note_start(NOON)
    wear.note_stop(after(400))
    wear.note_stop(after(401))
    assert wear.stops == 1
    assert wear.stopped_at == after(400)


def test_a_start_is_noted_once() -> None:
    wear = Wear()
    wear.note_start(NOON)
    wear.note_start(after(10))
    assert wear.started_at == NOON


def test_a_car_that_charged_already_when_watching_began_can_be_stopped() -> None:
    wear = Wear()
    wear.note_stop(NOON)
    assert wear.stops == 1
    assert not wear.off_long_enough(POLICY, NOON)


def test_shortest_times() -> None:
    wear = Wear()
    assert wear.off_long_enough(POLICY, NOON)
    wear.note_start(NOON)
    wear.note_stop(after(300))
    assert not wear.off_long_enough(POLICY, after(359))
    assert wear.off_long_enough(POLICY, after(360))


def test_failed_resumes_double_the_off_time_up_to_ten_minutes() -> None:
    wear = Wear()
    moment = charge(wear, 0, 400)
    times = [off_time(wear)]
    for _ in range(6):
        moment = charge(wear, moment + times[-1], 100)
        times.append(off_time(wear))
    assert times == [60, 120, 240, 480, 600, 600, 600]


def test_the_first_start_is_no_resume() -> None:
    wear = Wear()
    charge(wear, 0, 100)
    assert off_time(wear) == 60


@pytest.mark.parametrize(("duration", "expected"), [(179, 240), (180, 120), (299, 120), (300, 60)])
def test_quiet_charging_forgives(duration: float, expected: float) -> None:
    wear = Wear()
    moment = charge(wear, 0, 400)
    moment = charge(wear, moment + 60, 100)
    assert off_time(wear) == 120
    charge(wear, moment + 120, duration)
    assert off_time(wear) == expected


def test_another_car_starts_without_old_failures() -> None:
    wear = Wear()
    charge(wear, charge(wear, 0, 400) + 60, 100)
    wear.begin_session()
    assert not wear.off_long_enough(POLICY, after(619))
    assert wear.off_long_enough(POLICY, after(620))
    charge(wear, 600, 100)
    assert off_time(wear) == 60


def test_a_longer_off_time_than_ten_minutes_stays_as_it_is() -> None:
    assert Wear(failures=3).off_time(WearPolicy(min_off=timedelta(hours=1))) == timedelta(hours=1)


def test_switches_are_budgeted_from_one_local_morning_to_the_next() -> None:
    wear, zone = Wear(), ZoneInfo("Europe/Berlin")
    for hour in range(6):
        assert wear.may_switch(POLICY)
        wear.note_switch(NOON + timedelta(hours=hour))
    wear.begin_session()
    morning = datetime(2026, 3, 2, 3, tzinfo=UTC)
    wear.forget_switches_of_yesterday(morning - timedelta(seconds=1), zone)
    assert not wear.may_switch(POLICY)
    wear.forget_switches_of_yesterday(morning, zone)
    assert wear.switches_left(POLICY) == 6


def test_a_switch_of_this_morning_counts_when_those_of_yesterday_are_forgotten() -> None:
    wear = Wear()
    for hour in (0, 15, 17):
        wear.note_switch(NOON + timedelta(hours=hour))
    wear.forget_switches_of_yesterday(NOON + timedelta(hours=18), UTC)
    assert list(wear.switches) == [NOON + timedelta(hours=17)]


def test_after_a_leap_backwards_nothing_lies_in_the_future() -> None:
    wear = Wear()
    charge(wear, 0, 400)
    wear.note_start(after(500))
    wear.note_switch(after(500))
    earlier = NOON - timedelta(days=30)
    wear.forget_future(earlier)
    assert wear.started_at == wear.stopped_at == earlier
    assert list(wear.switches) == [earlier]


def test_a_leap_backwards_leaves_nothing_out_of_nothing() -> None:
    wear = Wear()
    wear.forget_future(NOON)
    assert wear == Wear()


@pytest.mark.parametrize(
    "make",
    [
        lambda: WearPolicy(stops=-1),
        lambda: WearPolicy(switches=-1),
        lambda: WearPolicy(min_on=timedelta(seconds=-1)),
        lambda: WearPolicy(min_off=timedelta(days=2)),
    ],
)
def test_policies_without_sense_are_refused(make: Callable[[], object]) -> None:
    with pytest.raises(ValueError, match="must"):
        make()


@pytest.mark.parametrize(
    "damage",
    [
        {"stops": -1},
        {"stops": None},
        {"failures": 99},
        {"started_at": "soon"},
        {"stopped_at": "2026-03-01T12:00:00"},
        {"switches": None},
        {"switches": [3]},
    ],
)
def test_damaged_memory_is_refused(damage: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"not a|Invalid"):
        Wear.from_json(Wear().to_json() | damage)


EVENTS = st.lists(
    st.tuples(
        st.sampled_from([Wear.note_start, Wear.note_stop, Wear.note_switch]),
        st.floats(0, 20_000),
    ),
    max_size=60,
)


@given(events=EVENTS, restarts=st.sets(st.integers(0, 60)))
def test_a_restart_at_any_moment_changes_nothing(
    events: list[tuple[Callable[[Wear, datetime], None], float]], restarts: set[int]
) -> None:
    steady, restarted = Wear(), Wear()
    now = NOON
    for turn, (note, gap) in enumerate(events):
        if turn in restarts:
            restarted = Wear.from_json(json.loads(json.dumps(restarted.to_json())))
        now += timedelta(seconds=gap)
        note(steady, now)
        note(restarted, now)
        assert restarted == steady


@given(events=EVENTS)
def test_budgets_and_times_keep_their_bounds(
    events: list[tuple[Callable[[Wear, datetime], None], float]],
) -> None:
    wear = Wear()
    now = NOON
    for note, gap in events:
        now += timedelta(seconds=gap)
        note(wear, now)
        assert 60 <= off_time(wear) <= 600
        assert wear.off_long_enough(POLICY, now + timedelta(minutes=10))
        wear.forget_switches_of_yesterday(now, UTC)
        assert wear.may_switch(POLICY) is (len(wear.switches) < POLICY.switches)
        assert all(now - time < timedelta(hours=24) for time in wear.switches)


def test_a_smaller_budget_may_be_used_up_already() -> None:
    wear, policy = Wear(), WearPolicy(switches=2)
    assert wear.switches_left(policy) == 2
    for hours in (0, 1, 2):
        wear.note_switch(NOON + timedelta(hours=hours))
    assert wear.switches_left(policy) == -1
    assert not wear.may_switch(policy)
