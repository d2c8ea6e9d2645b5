"""Who could have had how much sun of late, and who therefore lets others go first.

A car that is away while the sun shines has only mornings and evenings, and one that stays at home
will be filled anyway. So what is above the floors goes first to those whose connectors have seldom
had a car in the sun. Nobody who charges stops because such a car comes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Self

from ..memory.stored import read_number, read_object

_HALVED_AFTER: Final = timedelta(days=7)
"""Sun of so long ago counts half as much."""
_MUCH: Final = 10_000.0
"""Wh; a smaller difference is nothing to go by, ..."""
_RATIO: Final = 1.5
"""... nor is a smaller ratio, where there is much sun."""
_HOUR: Final = timedelta(hours=1)
_MOST: Final = 1e12


@dataclass(slots=True, kw_only=True)
class Chance:
    """The surplus that there was while a connector had a car, whoever took it."""

    energy: float = 0.0
    """Wh, the older the less it counts."""

    def note(self, surplus: float, elapsed: timedelta) -> None:
        """Let time pass in which there was so much surplus in W for a car; 0 without one."""
        faded: float = self.energy * 0.5 ** (elapsed / _HALVED_AFTER)
        self.energy = min(_MOST, faded + surplus * (elapsed / _HOUR))

    def to_json(self) -> dict[str, object]:
        """Return a JSON object that `from_json` reads."""
        return {"energy": self.energy}

    @classmethod
    def from_json(cls, value: object) -> Self:
        """Return the stored memory. Raises ValueError if it is not one."""
        return cls(energy=read_number(read_object(value).get("energy", 0.0), 0, _MOST))


def standing_back(chances: Mapping[str, Chance]) -> frozenset[str]:
    """Return the keys of those who could have had much more sun than another one."""
    least = min((chance.energy for chance in chances.values()), default=0.0)
    most = max(least + _MUCH, least * _RATIO)
    return frozenset(key for key, chance in chances.items() if chance.energy > most)
