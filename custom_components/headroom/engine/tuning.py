"""The times and tolerances of the controller."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Tuning:
    """How fast the controller moves; currents in A.

    Lowering has no delay. A longer raise window or a larger margin means fewer ampere-seconds above
    the limit and a little less energy; the defaults lie between.
    """

    settle: timedelta = timedelta(seconds=10)
    """A charger and its car have followed a command after this time."""
    raise_window: timedelta = timedelta(seconds=20)
    """Other loads must have left room for so long before anything is raised."""
    raise_interval: timedelta = timedelta(seconds=15)
    """Shortest time between two raises of one connector."""
    raise_worth: float = 1.2
    """A smaller raise is not worth its wear, unless it reaches all that is useful."""
    raise_margin: float = 0.3
    """Room that raising leaves free, so that the meter's noise does not lower it again."""
    cut_margin: float = 0.3
    """Room that lowering leaves free, for the same reason."""
    slack: float = 0.3
    """So little above a budget may last for `slack_for`, except below a hard limit."""
    slack_for: timedelta = timedelta(seconds=5)
    redistribute: float = 3.0
    """A difference below this is not worth lowering one connector for another."""
    redistribute_after: timedelta = timedelta(seconds=60)
    """Nor is one that has not lasted for so long, unless the other waits for its floor."""
    calm_worth: float = 0.5
    """Where no meter moves the shares, a difference of this is worth a change, and at once."""
    lenience: float = 1.2
    """A connector below a meter may be so far off its share, so that fewer must be changed."""
    tolerance: float = 1.0
    """A car may draw so much above its setpoint before that counts as too much."""
    overdraw_after: timedelta = timedelta(seconds=5)
    """Who draws more than a setpoint that had settled counts with it after this time."""
    lease_grace: timedelta = timedelta(seconds=30)
    """A lost charger is held at its lease for so long after the lease has ended."""
    first_contact: timedelta = timedelta(seconds=60)
    """So long after a start a charger that was not heard yet counts with its stored setpoint."""
    longest_lease: timedelta = timedelta(seconds=180)
    """A lease given before a restart runs no longer than this after it."""
    stale_draw: timedelta = timedelta(seconds=60)
    """A measured draw older than this says nothing about now."""
