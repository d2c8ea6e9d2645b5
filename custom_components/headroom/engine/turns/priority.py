"""Who comes first (A5)."""

from enum import IntEnum

from ..site.model import Connector, Rules
from ..snapshot import ConnectorReading, Snapshot


class Priority(IntEnum):
    """Classes of connectors; a lower one gets all it can use before the next gets anything."""

    VIP = 0
    """A VIP badge, on any connector, or a VIP connector, with any badge (A5.1)."""
    HOURS = 1
    """A priority connector within the priority hours (A5.4)."""
    STANDARD = 2
    ASLEEP = 3
    """Its car does not take what it is offered (A7.2)."""


def priority_of(
    connector: Connector, reading: ConnectorReading, snapshot: Snapshot, rules: Rules
) -> Priority:
    """Return the class of a connector whose car is awake."""
    if connector.vip or (reading.badge is not None and reading.badge in snapshot.vip_badges):
        return Priority.VIP
    if connector.priority and snapshot.now.astimezone(rules.time_zone).hour in rules.priority_hours:
        return Priority.HOURS
    return Priority.STANDARD
