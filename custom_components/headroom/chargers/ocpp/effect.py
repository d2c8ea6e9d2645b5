"""Whether a charger does what it accepted: some say yes and change nothing."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from typing import Final

from ..following import FOLLOWING

_NEAR: Final = FOLLOWING.current
"""A; so little below a limit a car draws what it may."""
_ENOUGH: Final = 2
"""So many samples in a row are no stray ones."""


class Effect(Enum):
    """What a sample shows of the limit in force."""

    UNKNOWN = auto()
    FOLLOWED = auto()
    IGNORED = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Limited:
    """A limit in A per phase, since when it holds, and the most that the connector can take."""

    current: float | None
    since: datetime | None
    maximum: float


class EffectWatch:
    """Compares the samples of one connector with its limit."""

    def __init__(self) -> None:
        self._above = 0

    def look(
        self, limited: Limited, drawn: float | None, offered: float | None, now: datetime
    ) -> Effect:
        """Judge a fresh sample: the highest current drawn on a phase, and that offered."""
        limit, since = limited.current, limited.since
        if limit is None or since is None or not since + FOLLOWING.lag <= now:
            self._above = 0
            return Effect.UNKNOWN
        shown = max((value for value in (drawn, offered) if value is not None), default=None)
        if shown is None:
            return Effect.UNKNOWN
        if FOLLOWING.is_above(shown, limit):
            self._above += 1
            return Effect.IGNORED if self._above >= _ENOUGH else Effect.UNKNOWN
        self._above = 0
        near = drawn is not None and drawn > 0 and drawn >= limit - _NEAR
        is_held_back = near and limit <= limited.maximum - 2 * _NEAR
        return Effect.FOLLOWED if is_held_back else Effect.UNKNOWN
