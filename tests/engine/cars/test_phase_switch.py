"""Switching between one and three phases, as a sequence of its own."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.headroom.engine.cars.phase_switch import (
    PAUSES_WITHIN,
    REST,
    SETTLE,
    SHOWN_WITHIN,
    PhasesSeen,
    PhaseSwitch,
)
from custom_components.headroom.engine.cars.wear import Wear, WearPolicy

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
POLICY = WearPolicy()
CHARGING = PhasesSeen(wanted=1, shown=3)
RESTING = replace(CHARGING, at_rest=True)
DONE = replace(RESTING, shown=1)

INTERVAL = WearPolicy().switch_interval


class Sequence:
    """A sequence that is stepped every second."""

    def __init__(self) -> None:
        self.switch = PhaseSwitch()
        self.wear = Wear()
        self.now = NOON
        self.orders: list[int] = []

    def go_on(self, seen: PhasesSeen, time: timedelta = timedelta(seconds=1)) -> PhaseSwitch:
        """Let time pass second by second."""
        for _ in range(round(time.total_seconds())):
            self.now += timedelta(seconds=1)
            self.switch.follow(seen, self.wear, POLICY, self.now)
            if self.switch.order is not None:
                self.orders.append(self.switch.order)
        return self.switch

    def order(self) -> None:
        """Begin and go on until the charger was told."""
        self.go_on(CHARGING, timedelta(seconds=3))
        self.go_on(RESTING, REST + timedelta(seconds=1))
        assert self.orders[-1:] == [1]
        assert self.switch.is_switching


@pytest.fixture
def sequence() -> Sequence:
    return Sequence()


@pytest.mark.parametrize("seen", [PhasesSeen(), PhasesSeen(wanted=3, shown=3)])
def test_what_is_as_it_should_be_is_left_alone(sequence: Sequence, seen: PhasesSeen) -> None:
    assert not sequence.go_on(seen, timedelta(minutes=1)).holds
    assert sequence.orders == []


def test_pauses_waits_switches_sees_and_goes_on(sequence: Sequence) -> None:
    assert sequence.go_on(CHARGING, timedelta(seconds=20)).holds
    assert sequence.go_on(RESTING, REST).holds
    assert sequence.orders == []
    assert sequence.go_on(RESTING).order == 1
    assert sequence.go_on(RESTING).order is None
    sequence.go_on(DONE, SETTLE - timedelta(seconds=2))
    assert sequence.switch.holds
    assert not sequence.go_on(DONE).holds
    sequence.go_on(DONE, timedelta(minutes=10))
    assert sequence.orders == [1]
    assert len(sequence.wear.switches) == 1


def test_the_rest_is_without_a_break(sequence: Sequence) -> None:
    sequence.go_on(CHARGING)
    sequence.go_on(RESTING, REST)
    sequence.go_on(CHARGING)
    sequence.go_on(RESTING, REST)
    assert sequence.orders == []
    assert sequence.go_on(RESTING).order == 1


def test_a_car_that_keeps_drawing_is_not_switched(sequence: Sequence) -> None:
    sequence.go_on(CHARGING)
    assert sequence.go_on(CHARGING, PAUSES_WITHIN - timedelta(seconds=1)).holds
    assert not sequence.go_on(CHARGING).holds
    assert sequence.go_on(CHARGING).waits
    waits_until = sequence.switch.waits_until
    assert waits_until is not None
    assert not sequence.go_on(CHARGING, 2 * INTERVAL - timedelta(seconds=2)).holds
    assert timedelta(0) < waits_until - sequence.now <= timedelta(seconds=2)
    assert sequence.go_on(CHARGING).holds
    sequence.go_on(CHARGING, PAUSES_WITHIN)
    assert not sequence.go_on(CHARGING, 4 * INTERVAL - timedelta(seconds=1)).holds
    assert sequence.go_on(CHARGING).holds
    assert sequence.orders == []


def test_an_order_that_is_refused_is_repeated_later(sequence: Sequence) -> None:
    sequence.order()
    assert not sequence.go_on(replace(RESTING, failed=True)).holds
    sequence.go_on(RESTING, 2 * INTERVAL - timedelta(seconds=1))
    assert sequence.switch.waits
    sequence.go_on(RESTING, REST + timedelta(seconds=2))
    assert sequence.orders == [1, 1]


def test_an_order_without_effect_fails(sequence: Sequence) -> None:
    sequence.order()
    assert sequence.go_on(RESTING, SHOWN_WITHIN - timedelta(seconds=1)).holds
    assert not sequence.go_on(RESTING).holds
    assert sequence.switch.failures == 1


def test_a_charger_that_does_not_show_its_phases_is_believed(sequence: Sequence) -> None:
    silent = PhasesSeen(wanted=1, at_rest=True)
    sequence.go_on(silent, REST + timedelta(seconds=2))
    assert sequence.go_on(silent, SETTLE - timedelta(seconds=1)).holds
    assert not sequence.go_on(silent).holds
    sequence.go_on(silent, timedelta(hours=1))
    assert sequence.orders == [1]


def test_a_current_on_a_second_phase_disproves_it(sequence: Sequence) -> None:
    silent = PhasesSeen(wanted=1, at_rest=True)
    sequence.go_on(silent, REST + SETTLE + timedelta(seconds=2))
    drawing = PhasesSeen(wanted=1, several_in_use=True)
    sequence.go_on(drawing, timedelta(seconds=2))
    assert sequence.switch.waits
    assert sequence.switch.failures == 1
    sequence.go_on(drawing, 2 * INTERVAL)
    assert sequence.switch.holds


def test_what_was_undone_long_after_is_no_failure(sequence: Sequence) -> None:
    sequence.order()
    sequence.go_on(DONE, INTERVAL + SETTLE)
    assert sequence.go_on(RESTING).holds
    assert sequence.switch.failures == 0


def test_failures_are_forgotten_when_it_lasts(sequence: Sequence) -> None:
    sequence.order()
    sequence.go_on(replace(RESTING, failed=True))
    sequence.go_on(DONE, INTERVAL - timedelta(seconds=2))
    assert sequence.switch.failures == 1
    sequence.go_on(DONE, timedelta(seconds=3))
    assert sequence.switch.failures == 0


def test_contact_lost_in_the_pause_costs_nothing(sequence: Sequence) -> None:
    sequence.go_on(CHARGING, timedelta(seconds=5))
    assert not sequence.go_on(replace(CHARGING, online=False)).holds
    sequence.go_on(RESTING, REST + timedelta(seconds=2))
    assert sequence.orders == [1]


def test_a_restart_of_the_charger_in_the_middle_is_a_failure(sequence: Sequence) -> None:
    sequence.order()
    assert not sequence.go_on(replace(RESTING, online=False)).holds
    assert sequence.go_on(RESTING).waits
    assert sequence.switch.told is None


def test_a_wish_may_change_during_the_pause(sequence: Sequence) -> None:
    sequence.go_on(CHARGING, timedelta(seconds=5))
    assert not sequence.go_on(replace(CHARGING, wanted=3)).holds
    assert sequence.go_on(CHARGING).holds, "nothing was switched: no interval begins"
    assert not sequence.go_on(replace(CHARGING, wanted=None)).holds
    assert sequence.orders == []


def test_a_wish_that_ends_after_the_order_is_carried_out(sequence: Sequence) -> None:
    sequence.order()
    without = replace(DONE, wanted=None)
    assert sequence.go_on(without).holds
    assert not sequence.go_on(without, SETTLE).holds


def test_switches_are_far_apart_and_few(sequence: Sequence) -> None:
    wanted, shown = 3, 1
    for _ in range(24 * 60):
        wanted = 4 - wanted
        seen = PhasesSeen(wanted=wanted, shown=shown, at_rest=True)
        sequence.go_on(seen, timedelta(minutes=1))
        shown = sequence.orders[-1] if sequence.orders else shown
    assert len(sequence.orders) == POLICY.switches
    assert sequence.switch.waits or wanted == shown


@pytest.mark.parametrize(("budget", "until"), [(1, NOON + timedelta(hours=16)), (0, None)])
def test_without_a_switch_left_it_waits_for_the_morning(
    sequence: Sequence, budget: int, until: datetime | None
) -> None:
    """That is for nothing, if there is no budget at all."""
    sequence.wear.note_switch(NOON)
    seen = replace(CHARGING, tomorrow=NOON + timedelta(hours=16))
    sequence.switch.follow(seen, sequence.wear, WearPolicy(switches=budget), NOON)
    assert not sequence.switch.holds
    assert sequence.switch.waits
    assert sequence.switch.waits_until == until


def test_a_clock_that_is_set_back_does_not_stop_it(sequence: Sequence) -> None:
    sequence.go_on(CHARGING)
    sequence.go_on(RESTING, REST / 2)
    sequence.now -= timedelta(days=1)
    sequence.switch.forget_future(sequence.now)
    sequence.go_on(RESTING, REST + timedelta(seconds=1))
    assert sequence.orders == [1]


def test_what_was_told_outlives_a_restart(sequence: Sequence) -> None:
    sequence.order()
    stored = json.loads(json.dumps(sequence.switch.to_json()))
    sequence.switch = PhaseSwitch.from_json(stored)
    silent = PhasesSeen(wanted=1)
    assert not sequence.go_on(silent, timedelta(minutes=1)).holds
    sequence.go_on(replace(silent, several_in_use=True))
    assert sequence.switch.holds


@pytest.mark.parametrize("stored", [None, {"failures": -1}, {"failures": 0, "tried_at": 5}])
def test_stored_nonsense_is_refused(stored: object) -> None:
    with pytest.raises(ValueError, match="not a"):
        PhaseSwitch.from_json(stored)


def test_nothing_stored_is_nothing_remembered() -> None:
    assert PhaseSwitch.from_json({}) == PhaseSwitch.from_json({"told": 2}) == PhaseSwitch()


SEEN = st.builds(
    PhasesSeen,
    wanted=st.sampled_from([None, 1, 3]),
    shown=st.sampled_from([None, 1, 3]),
    several_in_use=st.booleans(),
    online=st.sampled_from([True, True, False]),
    at_rest=st.sampled_from([True, True, False]),
    failed=st.sampled_from([False, False, True]),
)


@given(st.lists(st.tuples(SEEN, st.integers(1, 600)), max_size=20))
def test_nothing_is_ever_switched_under_load(history: list[tuple[PhasesSeen, int]]) -> None:
    sequence, rested, last = Sequence(), timedelta(), None
    for seen, seconds in history:
        for _ in range(seconds):
            switch = sequence.go_on(seen)
            if switch.order is not None:
                assert rested >= REST
                assert last is None or sequence.now - last >= INTERVAL
                last = sequence.now
            rested = rested + timedelta(seconds=1) if seen.at_rest else timedelta()
    assert len(sequence.orders) <= POLICY.switches
