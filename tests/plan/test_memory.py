"""What plans remember across restarts."""

from datetime import UTC, datetime
from typing import Any

import pytest

from custom_components.headroom.plan.intake import Intake
from custom_components.headroom.plan.memory import PlanMemory
from custom_components.headroom.plan.visit import Visit

NOW = datetime(2026, 3, 10, 21, tzinfo=UTC)


@pytest.fixture
def memory() -> PlanMemory:
    """Return a memory with something of everything."""
    memory = PlanMemory(visits={"a": Visit.begun(NOW)}, intakes={"a": Intake(most=10.0)})
    for phase, current in enumerate((5.0, 6.0, 7.26)):
        memory.loads.of("main")[phase].note(NOW, current, UTC)
    memory.loads.house.note(NOW, 800.0, UTC)
    return memory


def test_it_survives_a_restart(memory: PlanMemory) -> None:
    again = PlanMemory.from_json(memory.to_json())
    assert (again.visits, again.intakes) == (memory.visits, memory.intakes)
    found = [profile.expected(NOW, UTC) for profile in again.loads.zones["main"]]
    assert found == [5.0, 6.0, 7.3]
    assert again.loads.house.expected(NOW, UTC) == 800
    assert again.to_json() == memory.to_json()


def test_what_is_gone_is_forgotten(memory: PlanMemory) -> None:
    memory.forget_all_but({"a"})
    assert (set(memory.visits), set(memory.intakes)) == ({"a"}, {"a"})
    assert memory.loads.zones == {}
    memory.forget_all_but(set())
    assert (memory.visits, memory.intakes) == ({}, {})


@pytest.mark.parametrize(
    ("part", "bad"),
    [
        ("visits", {"came_at": None}),
        ("visits", "no object"),
        ("intakes", {"most": "much"}),
    ],
)
def test_what_cannot_be_read_of_one_connector_leaves_all_others(
    memory: PlanMemory, part: str, bad: object, caplog: pytest.LogCaptureFixture
) -> None:
    stored = memory.to_json()
    stored[part]["b"] = bad
    again = PlanMemory.from_json(stored)
    assert again.to_json() == memory.to_json()
    assert caplog.text.count("of b is not usable and starts anew") == 1
    assert len(caplog.records) == 1


BAD_PROFILES = [[1.0], ["many"] * 192, [float("nan")] * 192]


@pytest.mark.parametrize("means", BAD_PROFILES)
def test_profiles_of_a_zone_that_make_no_sense_leave_all_others(
    memory: PlanMemory, means: list[Any], caplog: pytest.LogCaptureFixture
) -> None:
    stored = memory.to_json()
    stored["loads"]["zones"]["garage"] = [{"means": means, "latest": None}] * 3
    again = PlanMemory.from_json(stored)
    assert again.to_json() == memory.to_json()
    assert caplog.text.count("Stored loads of garage is not usable and starts anew") == 1


@pytest.mark.parametrize("means", BAD_PROFILES)
def test_a_profile_of_the_house_that_makes_no_sense_leaves_those_of_zones(
    memory: PlanMemory, means: list[Any], caplog: pytest.LogCaptureFixture
) -> None:
    stored = memory.to_json()
    stored["loads"]["house"]["means"] = means
    again = PlanMemory.from_json(stored)
    assert again.loads.house.expected(NOW, UTC) is None
    assert again.loads.zones["main"][0].expected(NOW, UTC) == 5
    assert again.visits == memory.visits
    assert caplog.text.count("Stored loads of the house is not usable and starts anew") == 1
