"""What outlives a restart, and what is refused when it is read back."""

import json
from datetime import UTC, datetime

import pytest

from custom_components.headroom.engine.memory.state import (
    ConnectorState,
    ControllerState,
    StateError,
)

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def stored() -> dict[str, object]:
    state = ConnectorState(
        commanded=16.0, worst=20.0, commanded_at=NOON, arrived_at=NOON, raised_at=NOON
    )
    return ControllerState(connectors={"c": state}, stepped_at=NOON).to_json()


def test_round_trip_through_json() -> None:
    restored = ControllerState.from_json(json.loads(json.dumps(stored())))
    assert restored.to_json() == stored()
    assert restored.connectors["c"].arrived_at == NOON


@pytest.mark.parametrize(
    "damage",
    [
        {"version": 99},
        {"connectors": None},
        {"connectors": {"c": {}}},
        {"connectors": {"c": None}},
        {"stepped_at": "yesterday"},
        {"stepped_at": "2026-03-01T12:00:00"},
    ],
)
def test_damaged_state_is_refused(damage: dict[str, object]) -> None:
    with pytest.raises(StateError):
        ControllerState.from_json(stored() | damage)


@pytest.mark.parametrize("current", [-1, "16", True, float("nan"), 1e9])
def test_absurd_current_is_refused(current: object) -> None:
    data = stored()
    connectors = data["connectors"]
    assert isinstance(connectors, dict)
    connectors["c"]["commanded"] = current
    with pytest.raises(StateError):
        ControllerState.from_json(data)
