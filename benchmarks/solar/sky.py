"""Weather that changes within hours, and clouds that pass within seconds or minutes."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from math import cos, exp, log, pi
from random import Random
from typing import Final

type Breakpoint = tuple[float, float]
"""A time in s, and the share of the clear-sky power that arrives then."""

_MIDSUMMER: Final = 172
"""Day of the year."""
_ENHANCED: Final = (1.0, 1.12)
"""Light from the edges of clouds adds to that of a clear gap."""
_SHORTEST: Final = 10.0
_LONGEST: Final = 1200.0


class Weather(Enum):
    """What the sky is like for some hours."""

    CLEAR = auto()
    BROKEN = auto()
    """Clouds of all sizes with gaps between them: the power flickers."""
    OVERCAST = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Climate:
    """How often a weather comes in midwinter and in midsummer, and its mean hours."""

    winter: float
    summer: float
    hours: float

    def share(self, day_of_year: float) -> float:
        """Return how likely it is to be the next one."""
        warmth = (1 + cos(2 * pi * (day_of_year - _MIDSUMMER) / 365)) / 2
        return self.winter + (self.summer - self.winter) * warmth


CLIMATE: Final[Mapping[Weather, Climate]] = {
    Weather.CLEAR: Climate(winter=0.15, summer=0.32, hours=6),
    Weather.BROKEN: Climate(winter=0.3, summer=0.43, hours=5),
    Weather.OVERCAST: Climate(winter=0.55, summer=0.25, hours=8),
}


def passing_clouds(
    day_of_year: int, seconds: float, random: Random, only: Weather | None = None
) -> list[Breakpoint]:
    """Draw the sky of some days, to be joined by straight lines; `only` holds the weather."""
    points: list[Breakpoint] = [(0.0, 1.0)]
    while (now := points[-1][0]) < seconds:
        weather = only or _next_weather(day_of_year + now / 86_400, random)
        until = now + 3600 * random.expovariate(1 / CLIMATE[weather].hours)
        points.extend(_SKIES[weather](now, min(until, seconds), random))
    return points


def _next_weather(day_of_year: float, random: Random) -> Weather:
    shares = [climate.share(day_of_year) for climate in CLIMATE.values()]
    return random.choices(list(CLIMATE), shares)[0]


def _clear(begin: float, end: float, random: Random) -> Iterator[Breakpoint]:
    level = random.uniform(0.93, 1.0)
    now = begin
    while now < end:
        now += random.uniform(1200, 7200)
        yield now, level
        now += random.uniform(20, 120)
        through = random.uniform(0.4, 0.9)
        yield now, through
        now += random.uniform(30, 300)
        yield now, through
        now += random.uniform(20, 120)
        yield now, level


def _broken(begin: float, end: float, random: Random) -> Iterator[Breakpoint]:
    gap, cloud = random.uniform(40, 240), random.uniform(40, 200)
    now = begin
    while now < end:
        for level, median in ((_ENHANCED, gap), ((0.15, 0.6), cloud)):
            now += random.uniform(4, 25)
            share = random.uniform(*level)
            yield now, share
            now += _lasting(median, random)
            yield now, share


def _lasting(median: float, random: Random) -> float:
    return min(max(_SHORTEST, exp(random.gauss(log(median), 1.0))), _LONGEST)


def _overcast(begin: float, end: float, random: Random) -> Iterator[Breakpoint]:
    thick = random.uniform(0.06, 0.3)
    now = begin
    while now < end:
        now += random.uniform(60, 900)
        yield now, thick * random.uniform(0.6, 1.6)


_SKIES: Final = {
    Weather.CLEAR: _clear,
    Weather.BROKEN: _broken,
    Weather.OVERCAST: _overcast,
}
