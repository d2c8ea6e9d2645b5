"""What an entity of the grid operator may show."""

from datetime import UTC, datetime

import pytest

from custom_components.headroom.entity_state import EntityState
from custom_components.headroom.grid.settings import OperatorSource
from custom_components.headroom.inputs.sources import ContactKind

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "unit", "limit"),
    [
        ("4200", "W", 4200.0),
        ("4.2", "kW", 4200.0),
        ("4294967295", "W", None),
        ("1e305", "MW", None),
    ],
)
def test_a_number_beyond_all_sites_is_no_limit(value: str, unit: str, limit: float | None) -> None:
    source = OperatorSource(
        entity="sensor.limit", kind=ContactKind.NORMALLY_OPEN, dimmed=4200.0, repeats=False
    )
    shown = EntityState(domain="sensor", value=value, reported_at=NOW, unit=unit)
    assert source.wanted(shown) == limit
