"""Who comes first: badges, outlets and hours."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from custom_components.headroom.engine.site.model import Connector, Rules
from custom_components.headroom.engine.snapshot import ConnectorReading, Snapshot
from custom_components.headroom.engine.turns.priority import Priority, priority_of

RULES = Rules(priority_hours=frozenset({13}), time_zone=ZoneInfo("Europe/Berlin"))


def of(connector: Connector, badge: str | None = None, *, hour: int = 12) -> Priority:
    """Return the class at an hour of UTC in winter, an hour behind Berlin."""
    now = datetime(2026, 1, 15, hour, 59, tzinfo=UTC)
    snapshot = Snapshot(now=now, vip_badges=frozenset({"boss"}))
    return priority_of(connector, ConnectorReading(badge=badge), snapshot, RULES)


PLAIN = Connector(id="c")
VIP = Connector(id="c", vip=True)
HOURS = Connector(id="c", priority=True)
BOTH = Connector(id="c", vip=True, priority=True)


@pytest.mark.parametrize(
    ("connector", "badge", "hour", "priority"),
    [
        (PLAIN, None, 12, Priority.STANDARD),
        (PLAIN, "guest", 12, Priority.STANDARD),
        (PLAIN, "boss", 12, Priority.VIP),
        (VIP, None, 12, Priority.VIP),
        (VIP, "guest", 3, Priority.VIP),
        (HOURS, None, 12, Priority.HOURS),
        (HOURS, None, 11, Priority.STANDARD),
        (HOURS, None, 13, Priority.STANDARD),
        (HOURS, "boss", 3, Priority.VIP),
        (BOTH, None, 12, Priority.VIP),
    ],
)
def test_class_of_a_connector(
    connector: Connector, badge: str | None, hour: int, priority: Priority
) -> None:
    assert of(connector, badge, hour=hour) is priority


def test_hours_are_those_of_the_site() -> None:
    summer = Snapshot(now=datetime(2026, 7, 15, 11, 30, tzinfo=UTC))
    assert priority_of(HOURS, ConnectorReading(), summer, RULES) is Priority.HOURS


def test_the_lower_class_comes_first() -> None:
    assert sorted(Priority) == [
        Priority.VIP,
        Priority.HOURS,
        Priority.STANDARD,
        Priority.ASLEEP,
    ]
