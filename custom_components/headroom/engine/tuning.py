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
    raise_window: timedelta = timedelta(seconds=30)
    """Other loads must have left room for so long before anything is raised."""
    raise_interval: timedelta = timedelta(seconds=10)
    """Shortest time between two raises of one connector."""
    raise_step: float = 6.0
    """Largest single raise of a connector that is charging already."""
    resume_after: timedelta = timedelta(seconds=60)
    """Shortest pause of a car for lack of current."""
    raise_margin: float = 0.3
    """Room that raising leaves free, so that the meter's noise does not lower it again."""
    redistribute: float = 1.0
    """A difference below this is not worth lowering one connector for another."""
    tolerance: float = 1.0
    """A car may draw so much above its setpoint before that counts as too much."""
    lease_grace: timedelta = timedelta(seconds=30)
    """A lost charger is held at its lease for so long after the lease has ended."""
    longest_lease: timedelta = timedelta(seconds=180)
    """A lease given before a restart runs no longer than this after it."""
    stale_draw: timedelta = timedelta(seconds=60)
    """A measured draw older than this says nothing about now."""
