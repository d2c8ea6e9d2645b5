"""What may be wrong with a charger, and when it counts as wrong."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from ..chargers.following import FOLLOWING, Following


class Cause(StrEnum):
    """What a charger does wrong, the worst first."""

    STUCK = "stuck"
    """It draws although it may draw nothing, as with a contactor that does not open."""
    OVERDRAW = "overdraw"
    """It draws more than it may."""
    PHASES = "phases"
    """It draws on more phases than are wired."""
    REFUSES = "refuses"
    """It takes no limit any more."""
    OVERWRITTEN = "overwritten"
    """Something else changes its limit again and again."""
    RESTARTS = "restarts"
    """It begins contact anew again and again."""
    FROZEN = "frozen"
    """Its measurements stay the same while a car charges."""

    @property
    def concerns_limits(self) -> bool:
        """Return whether a charger that takes no limits at all is bound to do so."""
        return self in {Cause.STUCK, Cause.OVERDRAW, Cause.REFUSES}

    @property
    def is_grave(self) -> bool:
        """Return whether more current may flow than is allowed."""
        return self.concerns_limits or self is Cause.PHASES


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """Something that is wrong, with the figures of the moment when it began to count."""

    cause: Cause
    connector: int | None
    """None where it concerns the whole charger."""
    since: datetime
    """When it was first seen."""
    drawn: float | None = None
    """A on the phase with the highest current."""
    allowed: float | None = None
    """A per phase."""

    @property
    def rank(self) -> tuple[int, int]:
        """Return a key that sorts the worst incident first."""
        return tuple(Cause).index(self.cause), self.connector or 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Tolerance:
    """What is borne; all of it together counts an offence within 60 s of its beginning."""

    following: Following = FOLLOWING
    persists: timedelta = timedelta(seconds=5)
    """Samples that are so far apart and all offend are no stray ones."""
    refusing: timedelta = timedelta(seconds=20)
    """Refusals may last so long: a charger that starts up is busy."""
    calm: timedelta = timedelta(seconds=30)
    """An offence has ended when the last sign of it is so old and newer ones are good."""
    stale: timedelta = timedelta(seconds=60)
    """A sample older than this says nothing about now."""
    some: float = 1.0
    """A; a phase with less carries nothing but the charger itself."""
    overwrites: int = 3
    """So many foreign changes of the limit"""
    overwrites_within: timedelta = timedelta(minutes=10)
    """in this time are too many; it is over when there is none in such a time."""
    contacts: int = 4
    """Contact that begins so often"""
    contacts_within: timedelta = timedelta(minutes=15)
    """in this time is too often; it is over when it begins once at most in such a time."""
    frozen: timedelta = timedelta(minutes=10)
    """Samples that stay the same for so long are not measured."""
    charges: float = 5.0
    """A; with so much even a coarse register of energy moves within that time."""


DEFAULT = Tolerance()
