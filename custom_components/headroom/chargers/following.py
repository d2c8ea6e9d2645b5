"""What it means that a charger follows a limit."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Following:
    """How late and how loosely a charger and its car may follow a limit."""

    lag: timedelta = timedelta(seconds=30)
    """Charger and car together may take so long."""
    current: float = 2.0
    """A above the limit that are borne."""
    share: float = 0.1
    """Part of the limit that is borne above it, where that is more."""

    def is_above(self, shown: float, limit: float) -> bool:
        """Return whether a current is above a limit by more than is borne; both in A."""
        return shown > limit + max(self.current, self.share * limit)


FOLLOWING: Final = Following()
