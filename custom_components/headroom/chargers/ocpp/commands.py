"""What a writer sends for a connector: charging profiles to install and to remove."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum

from .profiles import Limit
from .strategy import Place, Purpose, Strategy


class Urgency(IntEnum):
    """Order in which the connectors of a station get their limits."""

    LOWER = 0
    INSTALL = 1
    RAISE = 2
    RENEW = 3
    CLEAR = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitCommand:
    """One charging profile to send: the base limit, or a setpoint that may have no end."""

    urgency: Urgency
    connector: int
    current: float
    """What is wanted, in A per phase."""
    counts: float
    """What the connector may offer by it, in A per phase."""
    limit: Limit
    strategy: Strategy
    life: timedelta
    is_base: bool = False
    is_trial: bool = False
    """Nobody knows yet whether the charger takes such limits."""

    @property
    def until(self) -> datetime | None:
        """Return when the limit ends by itself."""
        return self.limit.until

    @property
    def target(self) -> int:
        """Return the connector in the words of OCPP: 0 for a limit of the whole station."""
        return 0 if self.limit.place.purpose is Purpose.STATION else self.connector


@dataclass(frozen=True, slots=True, kw_only=True)
class ClearCommand:
    """One charging profile to remove, after another has taken its place."""

    connector: int
    place: Place
    urgency: Urgency = Urgency.CLEAR

    @property
    def profile_id(self) -> int:
        """Return the id of the profile."""
        return self.place.profile_id(self.connector)
