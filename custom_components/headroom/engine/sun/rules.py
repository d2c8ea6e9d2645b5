"""How a site follows the sun."""

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Final

LONGEST: Final = timedelta(hours=1)
"""No delay is longer."""
_FULL: Final = 100.0


class Metering(StrEnum):
    """How the supplier counts what is fed in and taken out."""

    TOGETHER = "together"
    """Over all phases together: export on one makes up for import on another."""
    PER_PHASE = "per_phase"
    """Each phase by itself."""


class BatteryPolicy(StrEnum):
    """Whether surplus goes to the house battery or to cars."""

    BATTERY_FIRST = "battery_first"
    CAR_FIRST = "car_first"
    BY_CHARGE = "by_charge"
    """The fuller the battery, the more goes to cars."""


class Eater(StrEnum):
    """Cars that a house battery may feed, by what they do."""

    SUN_ONLY = "sun_only"
    SUN_HYBRID = "sun_hybrid"
    OTHERS = "others"
    """Cars that take what they can: without the sun, in max hybrid, and forced ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BatteryRules:
    """Policy for the house battery; charges in percent. Raises ValueError for what makes no sense.

    A charge that nobody knows counts as low.
    """

    policy: BatteryPolicy = BatteryPolicy.BATTERY_FIRST
    low: float = 50.0
    """Up to it the battery comes first, where it goes by charge."""
    high: float = 80.0
    """From it on cars come first; in between they share, in proportion."""
    feed_above: float = 90.0
    """From it on the battery may feed cars."""
    feed_power: float = 0.0
    """W that it may feed to cars that follow the sun, together."""
    feeds: frozenset[Eater] = frozenset()
    """Who may be fed."""

    def __post_init__(self) -> None:
        """Check the numbers."""
        if not 0 <= self.low < self.high <= _FULL or not 0 <= self.feed_above <= _FULL:
            raise ValueError("charges must be from 0 to 100 %, the lower one first")
        if self.feed_power < 0:
            raise ValueError("a power must not be negative")


@dataclass(frozen=True, slots=True, kw_only=True)
class SunRules:
    """What surplus is, and how steady it must be. Raises ValueError for what makes no sense."""

    metering: Metering = Metering.TOGETHER
    reserve: float = 0.0
    """W of surplus that cars leave."""
    allowed_import: float = 0.0
    """W from the grid that count as surplus."""
    hysteresis: float = 2.0
    """A above the floor, per phase, that a car needs to start (A13.8)."""
    start_delay: timedelta = timedelta(seconds=60)
    stop_delay: timedelta = timedelta(seconds=90)
    """The grid may feed a car's floor for so long; where the sun gives a part, for longer."""
    min_run: timedelta = timedelta(seconds=180)
    more_phases_after: timedelta = timedelta(minutes=10)
    """Surplus for three phases must have been there for so long before a car on one gets them."""
    battery: BatteryRules = field(default_factory=BatteryRules)

    def __post_init__(self) -> None:
        """Check the numbers."""
        if self.reserve < 0 or self.allowed_import < 0 or self.hysteresis < 0:
            raise ValueError("powers and the hysteresis must not be negative")
        delays = (self.start_delay, self.stop_delay, self.min_run, self.more_phases_after)
        if not all(timedelta() <= delay <= LONGEST for delay in delays):
            raise ValueError("delays must be between 0 and 1 h")
