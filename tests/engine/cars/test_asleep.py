"""Cars that do not take what they are offered: how long they keep it, and how they are woken."""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.headroom.engine.cars.asleep import (
    Alertness,
    QueuePolicy,
    Rung,
    Seen,
    Slumber,
    Stopwatch,
    Wakefulness,
    WakePolicy,
    WakeStep,
    WakeUp,
    wake,
    watch,
)
from custom_components.headroom.engine.snapshot import ConnectorStatus as Status

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)

CHARGES = Seen(
    plugged=True, status=Status.CHARGING, drawn=15.6, offered=16.0, floor=6.0, session="s"
)
REFUSES = replace(CHARGES, status=Status.SUSPENDED_EV, drawn=0.0)
PAUSED = replace(CHARGES, status=Status.SUSPENDED_EVSE, drawn=0.0, offered=0.0)
GONE = replace(CHARGES, plugged=False, status=Status.AVAILABLE, drawn=0.0, session=None)
LOST = replace(CHARGES, plugged=None, status=Status.UNKNOWN, drawn=None)
MUTE = replace(REFUSES, status=Status.UNKNOWN)

QUEUE = QueuePolicy()
LOW = QueuePolicy(low_draw=True)
TOGGLING = WakePolicy(can_toggle=True)


def seconds(number: float) -> timedelta:
    return timedelta(seconds=number)


class Story:
    """A slumber that lives through what is seen of its connector."""

    def __init__(self, queue: QueuePolicy = QUEUE, waking: WakePolicy = TOGGLING) -> None:
        self.slumber = Slumber()
        self.queue = queue
        self.waking = waking
        self.now = NOON
        self.steps: list[tuple[float, WakeStep]] = []
        self.place = Wakefulness(alertness=Alertness.AWAKE)
        self.waking_up = WakeUp(rung=Rung.REST)

    @property
    def clock(self) -> float:
        return (self.now - NOON).total_seconds()

    def see(self, seen: Seen) -> Alertness:
        self.place = watch(self.slumber, seen, self.queue, self.now)
        self.waking_up = wake(self.slumber, seen, self.waking, self.now)
        if self.waking_up.step is not None:
            self.steps.append((self.clock, self.waking_up.step))
        return self.place.alertness

    def last(self, seen: Seen, duration: float, every: float = 1.0) -> Alertness:
        """See the same for a duration in seconds; what is seen first is seen now."""
        end = self.now + seconds(duration)
        self.see(seen)
        while self.now < end:
            self.now = min(end, self.now + seconds(every))
            self.see(seen)
        return self.place.alertness

    def obey(self, seen: Seen, duration: float) -> None:
        """See a car that does not draw, offered nothing whenever it is to be held off."""
        for _ in range(int(duration)):
            self.see(PAUSED if self.waking_up.hold_off else seen)
            self.now += seconds(1)


# The queue (A7.2)


def test_a_car_that_charges_is_awake() -> None:
    story = Story()
    assert story.last(CHARGES, 3600) is Alertness.AWAKE
    assert story.place == Wakefulness(alertness=Alertness.AWAKE)


@pytest.mark.parametrize(
    "seen",
    [
        REFUSES,
        replace(REFUSES, drawn=None),
        replace(REFUSES, status=Status.CHARGING, drawn=0.9),
        replace(REFUSES, status=Status.PREPARING, session=None),
        replace(REFUSES, status=Status.SUSPENDED_EVSE),
        replace(REFUSES, offered=6.0),
    ],
    ids=["state B", "state B, no meter", "no draw", "never starts", "charger stays off", "floor"],
)
def test_a_car_that_refuses_gives_its_share_away_after_the_wait(seen: Seen) -> None:
    story = Story()
    story.see(CHARGES)
    assert story.last(seen, 599) is Alertness.WATCHED
    assert story.last(seen, 1) is Alertness.ASLEEP


def test_the_cycle_ends_after_the_retries() -> None:
    story = Story()
    story.last(CHARGES, 10)
    changes: list[tuple[float, Alertness, int]] = []
    while story.clock < 4 * 3600:
        story.see(REFUSES)
        change = story.place.alertness, story.place.retry
        if not changes or changes[-1][1:] != change:
            changes.append((story.clock - 10, *change))
        story.now += seconds(1)
    assert changes == [
        (0, Alertness.WATCHED, 0),
        (600, Alertness.ASLEEP, 0),
        (2400, Alertness.WATCHED, 1),
        (3000, Alertness.ASLEEP, 1),
        (4800, Alertness.WATCHED, 2),
        (5400, Alertness.ASLEEP, 2),
        (7200, Alertness.WATCHED, 3),
        (7800, Alertness.SPENT, 3),
    ]


def test_without_retries_the_first_wait_is_the_last() -> None:
    story = Story(QueuePolicy(retries=0))
    assert story.last(REFUSES, 600) is Alertness.SPENT
    assert story.place.until is None


def test_people_see_since_when_and_until_when() -> None:
    story = Story()
    story.last(REFUSES, 30)
    assert (story.place.since, story.place.until) == (NOON, NOON + seconds(600))
    story.last(REFUSES, 600)
    assert story.place.since == NOON + seconds(600)
    assert story.place.until == NOON + seconds(2400)
    story.see(LOST)
    assert story.place.until is None


@pytest.mark.parametrize("spell", [300, 1000, 2600, 10_000])
@pytest.mark.parametrize(
    "answer",
    [CHARGES, replace(CHARGES, drawn=None), GONE, replace(REFUSES, plugged=False)],
    ids=["draws", "asks, no meter", "gone", "unplugged"],
)
def test_an_answer_or_leaving_ends_the_queue_at_once(spell: float, answer: Seen) -> None:
    story = Story()
    story.last(REFUSES, spell)
    assert story.see(answer) is Alertness.AWAKE
    assert story.see(REFUSES) is Alertness.WATCHED
    assert story.place.retry == 0


def test_the_words_of_a_charger_count_for_less_than_its_meter() -> None:
    story = Story()
    story.last(REFUSES, 700)
    assert story.see(replace(CHARGES, drawn=0.2)) is Alertness.ASLEEP
    assert story.see(replace(REFUSES, drawn=8.0)) is Alertness.AWAKE


def test_another_session_begins_afresh() -> None:
    story = Story()
    story.last(REFUSES, 700)
    assert story.see(replace(REFUSES, session=None)) is Alertness.ASLEEP
    assert story.see(replace(REFUSES, session="t")) is Alertness.WATCHED
    assert story.place.until == story.now + seconds(600)


@pytest.mark.parametrize(
    "silence",
    [PAUSED, LOST, MUTE, replace(REFUSES, offered=5.9), replace(REFUSES, status=Status.FAULTED)],
    ids=["paused", "lost", "unknown", "below the floor", "faulted"],
)
def test_time_without_an_offer_or_without_news_is_no_refusal(silence: Seen) -> None:
    story = Story()
    story.last(REFUSES, 300)
    assert story.last(silence, 3600) is Alertness.WATCHED
    assert story.place.until is None
    assert story.last(REFUSES, 299) is Alertness.WATCHED
    assert story.last(REFUSES, 1) is Alertness.ASLEEP


def test_a_car_that_is_offered_nothing_is_awake_whatever_it_says() -> None:
    assert Story().last(replace(REFUSES, offered=0.0), 3600) is Alertness.AWAKE


def test_flapping_words_make_no_progress() -> None:
    story = Story()
    for _ in range(2000):
        story.see(REFUSES)
        story.now += seconds(1)
        story.see(MUTE)
        story.now += seconds(1)
    assert story.place.alertness is Alertness.WATCHED


def test_the_retry_period_runs_while_the_share_is_away_but_not_while_the_charger_is() -> None:
    story = Story()
    story.last(REFUSES, 600)
    story.last(PAUSED, 1000)
    story.last(LOST, 5000)
    assert story.last(PAUSED, 799) is Alertness.ASLEEP
    assert story.last(PAUSED, 1) is Alertness.WATCHED


def test_a_retry_waits_for_a_real_offer() -> None:
    story = Story()
    story.last(REFUSES, 600)
    story.last(PAUSED, 1800)
    assert story.last(PAUSED, 20_000) is Alertness.WATCHED
    assert story.place.retry == 1
    assert story.last(REFUSES, 600) is Alertness.ASLEEP


def test_switched_off_nobody_is_queued() -> None:
    story = Story()
    story.last(REFUSES, 700)
    story.queue = QueuePolicy(state_b=False)
    assert story.last(REFUSES, 3600) is Alertness.AWAKE


# Low draw (A7.3)


def test_a_low_draw_is_queued_only_on_request() -> None:
    low = replace(CHARGES, drawn=3.0)
    assert Story().last(low, 3600) is Alertness.AWAKE
    story = Story(LOW)
    assert story.last(low, 599) is Alertness.WATCHED
    assert story.last(low, 1) is Alertness.ASLEEP


@pytest.mark.parametrize(
    "seen",
    [
        replace(CHARGES, drawn=6.0),
        replace(CHARGES, drawn=5.2, offered=6.0),
        replace(CHARGES, drawn=None),
    ],
    ids=["enough", "all of its offer", "unknown"],
)
def test_a_car_that_takes_what_it_is_offered_does_not_draw_low(seen: Seen) -> None:
    assert Story(LOW).last(seen, 3600) is Alertness.AWAKE


def test_a_low_draw_fades_when_its_share_is_taken_and_stays_asleep() -> None:
    story = Story(LOW)
    story.last(replace(CHARGES, drawn=3.0), 600)
    assert story.last(replace(CHARGES, drawn=3.0, offered=0.0), 5) is Alertness.ASLEEP
    assert story.last(PAUSED, 100) is Alertness.ASLEEP
    assert story.last(replace(CHARGES, drawn=3.0, offered=6.0), 5) is Alertness.ASLEEP
    assert story.see(CHARGES) is Alertness.AWAKE


# Time


def test_a_second_look_at_one_moment_changes_nothing() -> None:
    story = Story()
    story.last(REFUSES, 599)
    story.now += seconds(1)
    story.see(REFUSES)
    first, memory = story.place, story.slumber.to_json()
    story.see(REFUSES)
    assert story.place == first
    assert story.slumber.to_json() == memory


def test_a_clock_set_back_costs_no_car_its_wait() -> None:
    story = Story()
    story.last(REFUSES, 300)
    story.now -= timedelta(hours=2)
    story.see(REFUSES)
    assert story.place.since == story.now
    assert story.last(REFUSES, 299) is Alertness.WATCHED
    assert story.last(REFUSES, 1) is Alertness.ASLEEP


def test_time_that_nobody_saw_does_not_count() -> None:
    story = Story()
    story.last(REFUSES, 300)
    story.now += timedelta(days=1)
    assert story.last(REFUSES, 299) is Alertness.WATCHED


# Waking


def resumed_after_pause(story: Story) -> None:
    story.last(CHARGES, 60)
    story.last(replace(CHARGES, offered=0.0), 3)
    story.last(PAUSED, 100)
    story.now = NOON


def test_the_ladder_of_a_car_that_does_not_go_on() -> None:
    story = Story()
    resumed_after_pause(story)
    story.obey(REFUSES, 1000)
    assert story.steps == [
        (60, WakeStep.OFFER_AGAIN),
        (131, WakeStep.TOGGLE_PILOT),
        (191, WakeStep.REPORT),
    ]
    assert story.waking_up == WakeUp(rung=Rung.REPORTED)
    assert story.place.alertness is Alertness.ASLEEP


def test_a_pilot_that_cannot_be_interrupted_is_left_out() -> None:
    story = Story(waking=WakePolicy())
    resumed_after_pause(story)
    story.obey(REFUSES, 1000)
    assert story.steps == [(60, WakeStep.OFFER_AGAIN), (131, WakeStep.REPORT)]


def test_the_car_is_held_off_for_the_off_time() -> None:
    story = Story()
    resumed_after_pause(story)
    held_off = []
    for _ in range(100):
        story.see(PAUSED if story.waking_up.hold_off else REFUSES)
        if story.waking_up.hold_off:
            held_off.append(story.clock)
        story.now += seconds(1)
    assert held_off == list(range(60, 70))


def test_the_next_step_is_announced() -> None:
    story = Story()
    resumed_after_pause(story)
    story.see(REFUSES)
    assert story.waking_up.until == NOON + seconds(60)
    story.see(LOST)
    assert story.waking_up.until is None


def test_a_step_is_given_out_once() -> None:
    story = Story()
    resumed_after_pause(story)
    story.last(REFUSES, 60)
    story.see(REFUSES)
    story.see(PAUSED)
    assert story.steps == [(60, WakeStep.OFFER_AGAIN)]
    assert story.waking_up.hold_off


@pytest.mark.parametrize("after", [30, 65, 100, 150, 500])
def test_measured_current_ends_the_ladder(after: int) -> None:
    story = Story()
    resumed_after_pause(story)
    story.obey(REFUSES, after)
    so_far = list(story.steps)
    story.last(CHARGES, 5)
    assert story.waking_up == WakeUp(rung=Rung.CHARGING)
    story.last(REFUSES, 1000)
    assert story.steps == so_far


def test_words_alone_do_not_end_the_ladder_where_there_is_a_meter() -> None:
    story = Story()
    resumed_after_pause(story)
    story.last(replace(CHARGES, drawn=0.0), 60)
    assert story.steps == [(60, WakeStep.OFFER_AGAIN)]


def test_words_end_the_ladder_where_there_is_no_meter() -> None:
    story = Story()
    story.last(replace(CHARGES, drawn=None), 60)
    story.last(replace(CHARGES, drawn=None, offered=0.0), 60)
    assert story.waking_up == WakeUp(rung=Rung.PAUSED)
    story.last(replace(REFUSES, drawn=None), 30)
    assert story.waking_up.rung is Rung.RESUMED
    story.last(replace(CHARGES, drawn=None), 500)
    assert story.steps == []


def test_a_car_that_stopped_by_itself_is_left_alone() -> None:
    story = Story()
    story.last(CHARGES, 60)
    story.last(REFUSES, 30)
    story.last(PAUSED, 100)
    story.last(REFUSES, 1000)
    assert story.steps == []


def test_a_car_that_never_charged_is_left_alone() -> None:
    story = Story()
    story.last(PAUSED, 100)
    story.last(REFUSES, 1000)
    assert story.steps == []


def test_unplugging_ends_the_ladder() -> None:
    story = Story()
    resumed_after_pause(story)
    story.last(REFUSES, 30)
    story.see(GONE)
    story.last(REFUSES, 1000)
    assert story.steps == []


@pytest.mark.parametrize("silence", [LOST, MUTE], ids=["lost", "unknown"])
def test_the_ladder_waits_for_news(silence: Seen) -> None:
    story = Story()
    resumed_after_pause(story)
    story.last(REFUSES, 30)
    story.last(silence, 1000)
    story.last(REFUSES, 29)
    assert story.steps == []
    story.last(REFUSES, 1)
    assert len(story.steps) == 1


def test_another_pause_gives_the_car_its_time_again_but_no_second_ladder() -> None:
    story = Story()
    resumed_after_pause(story)
    story.last(REFUSES, 59)
    story.last(PAUSED, 100)
    story.last(REFUSES, 59)
    assert story.steps == []
    story.obey(REFUSES, 500)
    assert len(story.steps) == 3
    story.last(PAUSED, 100)
    story.obey(REFUSES, 500)
    assert len(story.steps) == 3


def test_current_during_the_hold_off_is_a_pause_of_a_charging_car() -> None:
    story = Story()
    resumed_after_pause(story)
    story.last(REFUSES, 60)
    story.see(replace(CHARGES, offered=0.0))
    assert story.waking_up == WakeUp(rung=Rung.PAUSED)
    assert not story.waking_up.hold_off


# Nonsense


@pytest.mark.parametrize(
    "make",
    [
        lambda: QueuePolicy(wait=timedelta()),
        lambda: QueuePolicy(retry_period=seconds(-1)),
        lambda: QueuePolicy(retries=-1),
        lambda: QueuePolicy(retries=10**6),
        lambda: QueuePolicy(low_current=1.0),
        lambda: QueuePolicy(low_current=float("nan")),
        lambda: QueuePolicy(low_current=float("inf")),
        lambda: WakePolicy(patience=timedelta()),
        lambda: WakePolicy(off_time=seconds(-1)),
    ],
)
def test_policies_without_sense_are_refused(make: Callable[[], object]) -> None:
    with pytest.raises(ValueError, match=r"must be|low draw"):
        make()


def stored() -> dict[str, object]:
    story = Story()
    story.last(REFUSES, 700)
    return story.slumber.to_json()


@pytest.mark.parametrize(
    "damage",
    [
        {"alertness": "dead"},
        {"alertness": None},
        {"alertness": "awake"},
        {"since": None},
        {"since": "yesterday"},
        {"since": "2026-03-01T12:00:00"},
        {"since": 5},
        {"retry": -1},
        {"retry": True},
        {"retry": 1.5},
        {"session": 7},
        {"spell": None},
        {"spell": {}},
        {"spell": {"passed": float("nan"), "seen_at": None}},
        {"spell": {"passed": -1, "seen_at": None}},
        {"spell": {"passed": True, "seen_at": None}},
        {"spell": {"passed": 1e300, "seen_at": None}},
        {"rung": "roof"},
        {"rung_time": []},
    ],
)
def test_damaged_memory_is_refused(damage: dict[str, object]) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - each part says it in its own words
        Slumber.from_json(stored() | damage)


@pytest.mark.parametrize("value", [None, [], "slumber", {}])
def test_what_is_no_memory_is_refused(value: object) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - each part says it in its own words
        Slumber.from_json(value)


def test_a_restart_loses_no_time_that_was_seen() -> None:
    story = Story()
    story.last(REFUSES, 300)
    story.slumber = Slumber.from_json(json.loads(json.dumps(story.slumber.to_json())))
    assert story.last(REFUSES, 299) is Alertness.WATCHED
    assert story.last(REFUSES, 1) is Alertness.ASLEEP


# Arbitrary histories

BRISK = QueuePolicy(wait=seconds(20), retries=2, retry_period=seconds(50))
BRISK_WAKING = WakePolicy(patience=seconds(15), off_time=seconds(5), can_toggle=True)

LOOKS = st.builds(
    Seen,
    plugged=st.sampled_from([True, True, True, True, None, False]),
    status=st.sampled_from(
        [
            Status.SUSPENDED_EV,
            Status.SUSPENDED_EV,
            Status.CHARGING,
            Status.PREPARING,
            Status.SUSPENDED_EVSE,
            Status.UNKNOWN,
        ]
    ),
    drawn=st.sampled_from([0.0, 0.0, 0.0, None, 0.9, 3.0, 16.0]),
    offered=st.sampled_from([0.0, 6.0, 16.0]),
    floor=st.just(6.0),
    session=st.sampled_from([None, "s"]),
)
HISTORIES = st.lists(st.tuples(LOOKS, st.integers(1, 90)), min_size=1, max_size=12)
GAPS = st.lists(st.integers(1, 50).map(lambda tenths: tenths / 10), min_size=1, max_size=20)
WIDE_GAPS = st.lists(st.floats(0.5, 10.0), min_size=1, max_size=30)
POLICIES = st.sampled_from([BRISK, replace(BRISK, low_draw=True), replace(BRISK, state_b=False)])


def moments(history: Iterable[tuple[Seen, int]], every: Iterable[float]) -> Iterator[Seen]:
    """Iterate over what a step sees whenever so many seconds have passed, over and over."""
    gaps = list(every)
    for seen, duration in history:
        clock, turn = 0.0, 0
        while clock < duration:
            yield seen
            clock += gaps[turn % len(gaps)]
            turn += 1


@given(history=HISTORIES, gaps=GAPS, policy=POLICIES)
def test_a_drawing_car_is_always_awake(
    history: list[tuple[Seen, int]], gaps: list[float], policy: QueuePolicy
) -> None:
    story = Story(policy, BRISK_WAKING)
    for turn, seen in enumerate(moments(history, gaps)):
        alertness = story.see(seen)
        drawn = seen.drawn or 0.0
        if seen.plugged and drawn > (policy.low_current if policy.low_draw else 1.0):
            assert alertness is Alertness.AWAKE
            assert not story.waking_up.hold_off
        story.now += seconds(gaps[turn % len(gaps)])


@given(history=HISTORIES, gaps=GAPS)
def test_no_car_is_spent_before_its_retries_were_offered(
    history: list[tuple[Seen, int]], gaps: list[float]
) -> None:
    """Count the offered time of each retry from outside, on the generous side."""
    story = Story(BRISK, BRISK_WAKING)
    offered: dict[int, float] = {}
    for turn, seen in enumerate(moments(history, gaps)):
        alertness = story.see(seen)
        gap = gaps[turn % len(gaps)]
        if alertness is Alertness.AWAKE:
            offered.clear()
        elif alertness is Alertness.WATCHED and seen.is_offered:
            offered[story.place.retry] = offered.get(story.place.retry, 0.0) + gap
        elif alertness is Alertness.SPENT:
            assert set(offered) == set(range(BRISK.retries + 1))
            assert all(time >= 20 - 1e-3 for time in offered.values())
        story.now += seconds(gap)


@given(gaps=WIDE_GAPS, policy=POLICIES)
def test_each_spell_lasts_its_time_to_within_a_step(gaps: list[float], policy: QueuePolicy) -> None:
    story = Story(policy, BRISK_WAKING)
    turns: list[tuple[float, Alertness]] = []
    while story.clock < 250:
        for gap in gaps:
            if story.see(REFUSES) is not (turns[-1][1] if turns else None):
                turns.append((story.clock, story.place.alertness))
            story.now += seconds(gap)
    if not policy.state_b:
        assert [alertness for _, alertness in turns] == [Alertness.AWAKE]
        return
    kinds = [Alertness.WATCHED, Alertness.ASLEEP] * policy.retries
    assert [alertness for _, alertness in turns] == [*kinds, Alertness.WATCHED, Alertness.SPENT]
    for (start, alertness), (end, _) in pairwise(turns):
        length = 20 if alertness is Alertness.WATCHED else 50
        assert length - 1e-3 <= end - start <= length + max(gaps) + 1e-3


@given(gaps=GAPS)
def test_the_ladder_keeps_its_time_to_within_a_step_at_any_cadence(gaps: list[float]) -> None:
    story = Story(BRISK, BRISK_WAKING)
    resumed_after_pause(story)
    while story.clock < 200:
        for gap in gaps:
            story.see(PAUSED if story.waking_up.hold_off else REFUSES)
            story.now += seconds(gap)
    times = [time for time, _ in story.steps]
    assert [step for _, step in story.steps] == list(WakeStep)
    step = max(gaps) + 1e-3
    assert 15 - 1e-3 <= times[0] <= 15 + step
    # Held off, seen to be offered again, and waited for: three roundings up to a step.
    assert 20 - 1e-3 <= times[1] - times[0] <= 20 + 3 * step
    assert 15 - 1e-3 <= times[2] - times[1] <= 15 + step


@given(history=HISTORIES, gaps=GAPS, policy=POLICIES)
def test_the_ladder_never_offers_to_a_car_that_was_not_charging(
    history: list[tuple[Seen, int]], gaps: list[float], policy: QueuePolicy
) -> None:
    """Each pause gives at most one ladder, and no step comes without an offer."""
    story = Story(policy, BRISK_WAKING)
    since_draw: list[WakeStep] = []
    has_drawn = False
    for turn, seen in enumerate(moments(history, gaps)):
        story.see(seen)
        if seen.plugged and seen.draws:
            since_draw, has_drawn = [], True
        if story.waking_up.step is not None:
            assert has_drawn
            assert seen.is_offered
            since_draw.append(story.waking_up.step)
        assert since_draw == list(WakeStep)[: len(since_draw)]
        story.now += seconds(gaps[turn % len(gaps)])


@given(history=HISTORIES, gaps=GAPS, policy=POLICIES, restarts=st.sets(st.integers(0, 300)))
def test_a_restart_at_any_moment_changes_nothing(
    history: list[tuple[Seen, int]], gaps: list[float], policy: QueuePolicy, restarts: set[int]
) -> None:
    steady, restarted = Story(policy, BRISK_WAKING), Story(policy, BRISK_WAKING)
    for turn, seen in enumerate(moments(history, gaps)):
        if turn in restarts:
            memory = json.loads(json.dumps(restarted.slumber.to_json()))
            restarted.slumber = Slumber.from_json(memory)
        for story in (steady, restarted):
            story.see(seen)
            story.now += seconds(gaps[turn % len(gaps)])
        assert restarted.place == steady.place
        assert restarted.waking_up == steady.waking_up


@given(leaps=st.lists(st.integers(-(10**6), 10**6), max_size=20))
def test_no_leap_of_the_clock_ends_a_wait_early(leaps: list[int]) -> None:
    story = Story()
    honest = 0
    for leap in leaps:
        assert story.see(REFUSES) is Alertness.WATCHED
        story.now += seconds(leap)
        honest += leap if 0 < leap <= 60 else 0
    assert story.slumber.spell.passed <= seconds(honest)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)


@given(key=st.sampled_from(sorted(stored())), value=JSON)
def test_arbitrary_damage_is_refused_or_harmless(key: str, value: object) -> None:
    try:
        slumber = Slumber.from_json(stored() | {key: value})
    except ValueError:
        return
    assert isinstance(slumber.spell, Stopwatch)
    assert Slumber.from_json(slumber.to_json()) == slumber
    assert watch(slumber, CHARGES, QUEUE, NOON).alertness is Alertness.AWAKE
