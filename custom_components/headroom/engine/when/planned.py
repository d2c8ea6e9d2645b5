"""What a plan lets a car draw in the present quarter of an hour."""

from dataclasses import dataclass
from datetime import datetime

from ..decision import ReasonCode
from .permit import Bound


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedQuarter:
    """What was planned for a connector; the limits of this moment count all the same."""

    current: float
    """A per phase; 0 means that it is to wait, infinity that it is to take all that it can get."""
    expires: datetime
    """From then on nothing is planned, and the car shares as if there had been no plan."""
    until: datetime | None = None
    """When it will be something else, where that is known."""
    reached: bool = False
    """The goal is reached, so there is nothing more to wait for."""

    def bound(self, now: datetime) -> Bound | None:
        """Return how the plan binds its car; None: it does not, or is too old."""
        if now >= self.expires:
            return None
        if self.reached:
            return Bound(0.0, ReasonCode.GOAL_REACHED)
        code = ReasonCode.PLANNED if self.current > 0 else ReasonCode.WAITING_FOR_PLAN
        return Bound(self.current, code, self.until)
