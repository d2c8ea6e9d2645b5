"""What people want of a car, by when, and what it lacks."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from custom_components.headroom.engine.when.permit import SunMode
from custom_components.headroom.plan.goals import (
    Goal,
    Minimum,
    Progress,
    goal_of,
    level_after,
    needed,
)
from custom_components.headroom.plan.ready_times import DAYS
from custom_components.headroom.plan.session_goal import SessionGoal
from custom_components.headroom.wishes import Wishes

NOW = datetime(2026, 3, 10, 21, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")


def goal(energy: float | None = None, charge: float | None = None) -> Goal:
    return Goal(deadline=NOW + timedelta(hours=8), energy=energy, charge=charge)


def test_a_goal_for_every_day_is_due_at_its_next_time_of_day() -> None:
    wishes = Wishes(planned={"a"}, goal_energies={"a": 20.0}, ready_by={"a": "06:30:00"})
    found = goal_of(wishes, "a", NOW, BERLIN)
    assert found == Goal(
        deadline=datetime(2026, 3, 11, 5, 30, tzinfo=UTC), energy=20.0, charge=None
    )


def test_ready_by_is_at_seven_unless_somebody_changes_it() -> None:
    found = goal_of(Wishes(planned={"a"}, goal_charges={"a": 80.0}), "a", NOW, UTC)
    assert found is not None
    assert found.deadline == datetime(2026, 3, 11, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    "wishes",
    [
        Wishes(),
        Wishes(planned={"a"}),
        Wishes(goal_energies={"a": 20.0}),
        Wishes(planned={"b"}, goal_energies={"a": 20.0}),
    ],
)
def test_without_a_number_and_the_switch_there_is_no_goal(wishes: Wishes) -> None:
    assert goal_of(wishes, "a", NOW, UTC) is None


def test_a_goal_of_a_session_comes_first_and_needs_no_switch() -> None:
    session = SessionGoal(ready_by=NOW + timedelta(hours=2), energy=5.0)
    wishes = Wishes(planned={"a"}, goal_energies={"a": 20.0}, session_goals={"a": session})
    assert goal_of(wishes, "a", NOW, UTC) == Goal(
        deadline=session.ready_by, energy=5.0, charge=None
    )
    assert goal_of(Wishes(session_goals={"a": session}), "a", NOW, UTC) is not None


def test_a_minimum_of_a_session_comes_before_that_for_every_day() -> None:
    wishes = Wishes(
        planned={"a"},
        goal_energies={"a": 20.0},
        minimum_energies={"a": 3.0},
        minimum_charges={"a": 30.0},
    )
    every_day = goal_of(wishes, "a", NOW, UTC)
    assert every_day is not None
    assert every_day.minimum == Minimum(energy=3.0, charge=30.0)
    later = NOW + timedelta(hours=2)
    for session, minimum in (
        (SessionGoal(ready_by=later, energy=5.0), every_day.minimum),
        (
            SessionGoal(ready_by=later, energy=5.0, minimum_charge=40.0, minimum_by=NOW),
            Minimum(charge=40.0, by=NOW),
        ),
    ):
        found = goal_of(replace(wishes, session_goals={"a": session}), "a", NOW, UTC)
        assert found is not None
        assert found.minimum == minimum


def test_a_car_that_need_never_be_ready_has_no_goal() -> None:
    never = dict.fromkeys(DAYS)
    wishes = Wishes(planned={"a"}, goal_energies={"a": 20.0}, ready_on={"a": never})
    assert goal_of(wishes, "a", NOW, UTC) is None


def test_energy_that_was_charged_counts() -> None:
    assert needed(goal(20.0), Progress(charged=5000)) == 15_000
    assert needed(goal(20.0), Progress(charged=25_000)) == 0


def test_percent_are_energy_with_what_is_lost_on_the_way() -> None:
    progress = Progress(charged=0, level=30, capacity=60_000)
    assert needed(goal(charge=80), progress) == pytest.approx(30_000 / 0.9)
    assert needed(goal(charge=20), progress) == 0


def test_of_energy_and_percent_the_higher_one_counts() -> None:
    progress = Progress(charged=0, level=79, capacity=60_000)
    assert needed(goal(20.0, 80), progress) == 20_000
    assert needed(goal(0.1, 80), progress) == pytest.approx(600 / 0.9)


def test_an_unknown_level_leaves_the_energy_or_nothing() -> None:
    assert needed(goal(20.0, 80), Progress(charged=0)) == 20_000
    assert needed(goal(charge=80), Progress(charged=0)) is None


def test_the_level_after_some_energy() -> None:
    progress = Progress(charged=0, level=50, capacity=60_000)
    assert level_after(progress, 10_000) == pytest.approx(65)
    assert level_after(progress, 90_000) == 100
    assert level_after(Progress(charged=0), 1000) is None


def test_goals_survive_a_restart() -> None:
    wishes = Wishes(
        planned={"a"},
        goal_energies={"a": 20.0},
        goal_charges={"a": 80.0},
        ready_by={"a": "06:30:00"},
        ready_on={"a": {"sat": "09:00:00", "sun": None}},
        minimum_energies={"a": 3.0},
        minimum_charges={"a": 20.0},
        session_goals={
            "b": SessionGoal(
                ready_by=NOW, charge=90.0, minimum_energy=1.0, minimum_charge=20.0, minimum_by=NOW
            )
        },
    )
    assert Wishes.from_json(wishes.to_json()) == wishes


def test_a_goal_of_an_older_release_has_no_minimum() -> None:
    goal = SessionGoal(ready_by=NOW, energy=5.0)
    stored = {key: goal.to_json()[key] for key in ("ready_by", "energy", "charge")}
    assert SessionGoal.from_json(stored) == goal


@pytest.mark.parametrize("ready_by", [None, "2026-03-11T07:00:00"])
def test_a_goal_without_a_moment_is_not_read(ready_by: str | None) -> None:
    stored = SessionGoal(ready_by=NOW, energy=5.0).to_json() | {"ready_by": ready_by}
    with pytest.raises(ValueError, match=r"never due|its zone"):
        SessionGoal.from_json(stored)


@pytest.mark.parametrize(
    "stored",
    [
        {"ready_by": {"a": "soon"}},
        {"ready_on": {"a": {"mon": "soon"}}},
        {"ready_on": {"a": {"soon": None}}},
        {"session_goals": {"a": {"ready_by": "soon", "energy": 1, "charge": None}}},
        {"session_goals": {"a": {"ready_by": NOW.isoformat(), "energy": "soon", "charge": None}}},
        {"goal_energies": {"a": "soon"}},
        {"minimum_charges": {"a": -1}},
        {"phase_counts": {"a": 2}},
        {"sun_modes": {"a": "soon"}},
    ],
)
def test_a_wish_that_makes_no_sense_takes_no_other_with_it(
    stored: dict[str, dict[str, object]], caplog: pytest.LogCaptureFixture
) -> None:
    (name,) = stored
    sound = Wishes(
        goal_energies={"b": 20.0},
        minimum_charges={"b": 20.0},
        ready_by={"b": "06:30:00"},
        ready_on={"b": {"sat": None}},
        session_goals={"b": SessionGoal(ready_by=NOW, energy=5.0)},
        phase_counts={"b": 3},
        sun_modes={"b": SunMode.SUN_ONLY},
        planned={"b"},
    )
    kept: Any = sound.to_json()
    assert Wishes.from_json(kept | {name: kept[name] | stored[name]}) == sound
    assert caplog.text.count(f"Stored {name} of a is not usable and starts anew") == 1


def test_wishes_that_are_no_ids_are_left_out() -> None:
    assert Wishes.from_json({"paused": "all", "forced": ["a", 7]}) == Wishes(forced={"a"})
