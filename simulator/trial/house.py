"""Loads other than cars, laid out in advance: the same for every controller."""

from array import array
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import Final

from .clock import TICKS_PER_SECOND, ticks

type Course = tuple[array[float], array[float], array[float]]
"""Current in A at every tick, per phase."""

_INRUSH: Final = ticks(0.3)
_SECONDS_PER_HOUR: Final = 3600.0
_STAYS: Final = (60.0, 600.0)
"""s until the small loads change."""
_ENDLESS: Final = 86_400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Appliance:
    """How an appliance is used: ranges that chance draws from; A and s."""

    phases: tuple[int, ...]
    current: tuple[float, float]
    uses_per_hour: float
    lasts: tuple[float, float]
    """How long one use is."""
    on: tuple[float, float] = (_ENDLESS, _ENDLESS)
    """How long it heats within a use before it rests."""
    off: tuple[float, float] = (0.0, 0.0)
    inrush: float = 1.0
    """Factor on the current for the first 0.3 s."""

    def heats(self, begin: float, end: float, random: Random) -> tuple[tuple[float, float], ...]:
        """Draw when it heats in one use, as pairs of times in s."""
        heats = []
        while begin < end:
            rest = min(begin + random.uniform(*self.on), end)
            heats.append((begin, rest))
            begin = rest + random.uniform(*self.off)
        return tuple(heats)


def kettle(phase: int, uses_per_hour: float = 2.0) -> Appliance:
    """Return a kettle."""
    return Appliance(
        phases=(phase,), current=(8, 10), uses_per_hour=uses_per_hour, lasts=(120, 240)
    )


def microwave(phase: int) -> Appliance:
    """Return a microwave oven that works at part load."""
    return Appliance(
        phases=(phase,),
        current=(5, 6),
        uses_per_hour=1,
        lasts=(60, 300),
        on=(8, 20),
        off=(4, 12),
    )


def oven(phase: int, uses_per_hour: float = 0.4) -> Appliance:
    """Return an oven whose thermostat rests about every other minute."""
    return Appliance(
        phases=(phase,),
        current=(9, 12),
        uses_per_hour=uses_per_hour,
        lasts=(1500, 3600),
        on=(54, 66),
        off=(54, 66),
    )


def hob(phases: tuple[int, ...], uses_per_hour: float = 0.5) -> Appliance:
    """Return an induction hob that clocks its power."""
    return Appliance(
        phases=phases,
        current=(6, 9),
        uses_per_hour=uses_per_hour,
        lasts=(600, 1800),
        on=(2, 6),
        off=(2, 8),
    )


def dryer(phase: int, uses_per_hour: float = 0.25) -> Appliance:
    """Return a tumble dryer."""
    return Appliance(
        phases=(phase,),
        current=(8, 11),
        uses_per_hour=uses_per_hour,
        lasts=(2400, 4200),
        on=(180, 400),
        off=(20, 60),
    )


def boiler(phase: int, uses_per_hour: float = 0.5) -> Appliance:
    """Return a water heater of 3 kW."""
    return Appliance(
        phases=(phase,), current=(13, 13), uses_per_hour=uses_per_hour, lasts=(900, 1800)
    )


def heat_pump(phases: tuple[int, ...]) -> Appliance:
    """Return a heat pump whose motor starts direct on line."""
    return Appliance(
        phases=phases, current=(4, 7), uses_per_hour=1.5, lasts=(600, 1500), inrush=2.5
    )


def cooker(phase: int, uses_per_hour: float = 1.0) -> Appliance:
    """Return a cooker or an electric shower that takes all at once."""
    return Appliance(
        phases=(phase,),
        current=(28, 34),
        uses_per_hour=uses_per_hour,
        lasts=(240, 600),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """One use of an appliance: how long it heats, from when to when in s, and at how many A."""

    phases: tuple[int, ...]
    current: float
    heats: tuple[tuple[float, float], ...]
    inrush: float = 1.0

    @property
    def begin(self) -> int:
        """Return the tick of the first onset."""
        return ticks(self.heats[0][0])

    def add_to(self, course: Course) -> None:
        """Add all of it to what a building takes."""
        for begin, end in self.heats:
            for phase in self.phases:
                add_load(course[phase], begin, end, self.current, self.inrush)


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """A building: a base load in A per phase with noise, and appliances."""

    base: tuple[float, float, float]
    noise: float = 0.15
    """Standard deviation in A of a value that holds for 1 s."""
    drift: float = 0.5
    """A that small loads add or take away every few minutes."""
    appliances: Sequence[Appliance] = ()

    def course(self, random: Random, seconds: float) -> Course:
        """Draw by chance what the building takes."""
        return self.course_and_uses(random, seconds)[0]

    def course_and_uses(self, random: Random, seconds: float) -> tuple[Course, tuple[Use, ...]]:
        """Draw by chance what the building takes, and which part of it are uses of appliances."""
        length = ticks(seconds)
        course = (array("d"), array("d"), array("d"))
        for phase, base in enumerate(self.base):
            course[phase].extend(self._background(base, Random(random.getrandbits(64)), length))
        uses = tuple(
            use
            for appliance in self.appliances
            for use in _uses(appliance, Random(random.getrandbits(64)), length)
        )
        for use in uses:
            use.add_to(course)
        return course, uses

    def _background(self, base: float, random: Random, length: int) -> Iterable[float]:
        wander, changes = 0.0, 0.0
        for second in range(-(-length // TICKS_PER_SECOND)):
            if second >= changes:
                wander = random.uniform(-self.drift, self.drift)
                changes = second + random.uniform(*_STAYS)
            value = max(0.0, base + wander + random.gauss(0.0, self.noise))
            yield from (value,) * min(TICKS_PER_SECOND, length - second * TICKS_PER_SECOND)


def _uses(appliance: Appliance, random: Random, length: int) -> Iterator[Use]:
    """Draw all uses of an appliance that begin within so many ticks."""
    gap = _SECONDS_PER_HOUR / appliance.uses_per_hour
    begin = random.uniform(0, gap)
    while ticks(begin) < length:
        current = random.uniform(*appliance.current)
        end = begin + random.uniform(*appliance.lasts)
        yield Use(
            phases=appliance.phases,
            current=current,
            heats=appliance.heats(begin, end, random),
            inrush=appliance.inrush,
        )
        mean = gap - sum(appliance.lasts) / 2
        begin = end + max(20.0, random.uniform(0.3, 1.7) * mean)


def add_load(
    course: array[float], begin: float, end: float, current: float, inrush: float = 1.0
) -> None:
    """Add a load in A between two times in s; for its first 0.3 s it takes `inrush` times that."""
    first, last = ticks(begin), min(ticks(end), len(course))
    for tick in range(first, last):
        course[tick] += current
    for tick in range(first, min(first + _INRUSH, last)):
        course[tick] += current * (inrush - 1)


def dilated(course: Course, seconds: float) -> Course:
    """Return the highest current within so many seconds before and after each tick."""
    return (
        highest_around(course[0], ticks(seconds)),
        highest_around(course[1], ticks(seconds)),
        highest_around(course[2], ticks(seconds)),
    )


def highest_around(course: Sequence[float], reach: int) -> array[float]:
    """Return the highest value among so many entries before and after each entry."""
    result = array("d")
    peaks: deque[int] = deque()
    for ahead in range(len(course) + reach):
        if ahead < len(course):
            while peaks and course[peaks[-1]] <= course[ahead]:
                peaks.pop()
            peaks.append(ahead)
        if ahead >= reach:
            while peaks[0] < ahead - 2 * reach:
                peaks.popleft()
            result.append(course[peaks[0]])
    return result
