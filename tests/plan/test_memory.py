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


@pytest.mark.parametrize("means", [[1.0], ["many"] * 192, [float("nan")] * 192])
def test_profiles_that_make_no_sense_are_not_read(memory: PlanMemory, means: list[Any]) -> None:
    stored = memory.to_json()
    stored["loads"]["house"]["means"] = means
    with pytest.raises(ValueError, match=r"quarters|number|many"):
        PlanMemory.from_json(stored)
