"""The visit of a car at a connector: when it came, what it was given, whether that is enough."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from math import inf
from typing import Any, Self

from ..engine.memory.stored import read_number, read_time, write_time

_DONE = 1.0
"""Wh; a goal that lacks no more is reached."""
_JITTER = 100.0
"""Wh. A count that falls by no more has not begun anew."""


@dataclass(slots=True, kw_only=True)
class Visit:
    """What is remembered of a car for as long as it is plugged in; energies in Wh."""

    came_at: datetime
    since: datetime
    """When it came, or its goal was changed; a goal for every day is due after that."""
    met: bool = False
    """It had what its goal asks for, and has not lost much of it since."""
    short: bool = False
    """It lacks a part of what comes before the rest. Worked out anew after a restart."""
    charged: float = 0.0
    before: float | None = None
    """What the charger counted of an earlier session; None: it has not shown anything yet."""

    @classmethod
    def begun(cls, at: datetime) -> Self:
        """Return the visit of a car that came at a moment."""
        return cls(came_at=at, since=at)

    def renew(self, now: datetime) -> None:
        """Begin anew with a goal that a person has changed."""
        self.since, self.met = now, False

    def count(self, shown: float, possible: float) -> None:
        """Take note of the energy that the charger counts.

        Some go on showing that of the last session for a while: more than can have been charged
        since the car came is not its own.
        """
        if self.before is None:
            self.before = shown if shown > possible else 0.0
        fallen = self.charged - (shown - self.before)
        if fallen > _JITTER:
            self.before -= fallen  # it counts anew, for the same car
        self.charged = max(self.charged, shown - self.before)

    def judge(self, lacks: float | None, lacks_clearly: float | None) -> None:
        """Take note of what the goal lacks, and what it clearly lacks; None: nobody knows."""
        if lacks is not None and lacks <= _DONE:
            self.met = True
        elif lacks_clearly is not None and lacks_clearly > _DONE:
            self.met = False

    def to_json(self) -> dict[str, Any]:
        """Return a JSON object that `from_json` reads."""
        return {
            "came_at": write_time(self.came_at),
            "since": write_time(self.since),
            "met": self.met,
            "charged": self.charged,
            "before": self.before,
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Return a stored visit. Raises KeyError or ValueError."""
        came_at, since, before = read_time(stored["came_at"]), read_time(stored["since"]), None
        if came_at is None or since is None:
            raise ValueError("a visit that never began")
        if stored["before"] is not None:
            before = read_number(stored["before"], -inf, inf)
        return cls(
            came_at=came_at,
            since=since,
            met=stored["met"] is True,
            charged=read_number(stored["charged"], 0, inf),
            before=before,
        )
