"""What the house battery adds to the surplus for cars, and what it takes."""

from collections.abc import Iterable

from ..currents import PerPhase
from ..known.limits import heard
from ..site.model import Meter
from ..snapshot import Snapshot
from .rules import BatteryPolicy, BatteryRules


def taken_by(batteries: Iterable[Meter], snapshot: Snapshot) -> PerPhase | None:
    """Return what batteries are charged with, in A; None if one of them is silent."""
    total = PerPhase()
    for meter in batteries:
        reading = heard(meter, snapshot)
        if reading is None or reading.lost:
            return None
        total += reading.currents
    return total


def left_to_cars(rules: BatteryRules, charge: float | None) -> float:
    """Return the part of a battery's charging current that cars may have instead, 0 to 1."""
    match rules.policy:
        case BatteryPolicy.BATTERY_FIRST:
            return 0.0
        case BatteryPolicy.CAR_FIRST:
            return 1.0
        case BatteryPolicy.BY_CHARGE:
            part = (_known(charge) - rules.low) / (rules.high - rules.low)
            return min(1.0, max(0.0, part))


def may_feed(rules: BatteryRules, charge: float | None) -> bool:
    """Return whether the battery is full enough to feed cars."""
    return charge is not None and charge >= rules.feed_above


def _known(charge: float | None) -> float:
    """Return a charge in percent; one that nobody knows counts as empty."""
    return 0.0 if charge is None else charge
