"""What tests of a charger's behaviour without contact can show."""

from datetime import timedelta
from enum import StrEnum
from typing import Final

TOLERANCE: Final = 1.0
"""A that a car may draw above the fallback."""
SPEAKS_WITHIN: Final = timedelta(seconds=90)
"""So long after its return a charger may take to say what it draws."""


class Outcome(StrEnum):
    """What a test has shown."""

    PASSED = "passed"
    FAILED = "failed"
    UNCLEAR = "unclear"
    """The charger did not come back in time, or its car left or stopped by itself."""
