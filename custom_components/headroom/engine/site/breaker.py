"""What a zone's protective device bears.

A fuse or breaker trips by heat, so it carries a small overload for a while. That spares a car a
pause when the kettle is on; a large overload uses the same allowance up within a step.
"""

from bisect import bisect
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from math import exp, inf, isfinite, log
from typing import Final, Self

CEILING: Final = 0.2
"""Heat at which nothing more is borne.

An overload of twice the rating that starts there, is seen 1 s later and needs 3 s to be cut adds up
to 0.75 on the fastest device below, and so still ends short of tripping it.
"""
LONGEST: Final = 10.0
"""No overload is borne for longer than this, in s."""
SHARE: Final = 0.05
"""Part of the time to trip that one overload may last."""
COOLING: Final = timedelta(seconds=300)
"""Time constant of cooling down, and how long a device of unknown past must rest."""
LONGEST_GAP: Final = timedelta(seconds=15)
"""What happened between two readings further apart than this is unknown."""

_HOT: Final = 0.4
"""A device that has carried its rating trips after this part of the time from cold."""


class ProtectiveDevice(StrEnum):
    """What protects a zone."""

    HARD = "hard"
    """A limit that bears nothing, or of unknown kind; also breakers not built to IEC 60898-1."""
    GG = "gg"
    """A general-purpose fuse (gG, gL) by IEC 60269-1."""
    MCB_B = "mcb_b"
    """A miniature circuit breaker by IEC 60898-1, characteristic B."""
    MCB_C = "mcb_c"
    """A miniature circuit breaker by IEC 60898-1, characteristic C."""


@dataclass(frozen=True, slots=True)
class Anchor:
    """A point on the fast edge of a trip band, from cold."""

    ratio: float
    """Multiple of the rating."""
    seconds: float
    source: str
    """The clause that guarantees it, or "typical" for a value read from makers' catalogues."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """The fast edge of a device's trip band.

    Up to its first anchor a device never trips, from `at_once` on it does so at once.
    """

    anchors: tuple[Anchor, ...]
    at_once: float
    bears: float
    """Conventional tripping current, a multiple of the rating: above it nothing is borne."""

    def seconds(self, ratio: float) -> float:
        """Return the time to trip from hot."""
        if ratio >= self.at_once:
            return 0.0
        if ratio <= self.anchors[0].ratio:
            return inf
        after = min(bisect(self.anchors, ratio, key=_ratio), len(self.anchors) - 1)
        left, right = self.anchors[after - 1 : after + 1]
        part = log(ratio / left.ratio) / log(right.ratio / left.ratio)
        return float(_HOT * left.seconds * (right.seconds / left.seconds) ** part)

    def ratio(self, seconds: float) -> float:
        """Return the highest overload that is borne and takes so long to trip from hot.

        `seconds` is shorter than the first anchor's time.
        """
        cold = seconds / _HOT
        for left, right in pairwise(self.anchors):
            if cold > right.seconds:
                part = log(cold / left.seconds) / log(right.seconds / left.seconds)
                ratio = left.ratio * (right.ratio / left.ratio) ** part
                return float(min(self.bears, ratio))
        return self.bears


def _ratio(anchor: Anchor) -> float:
    return anchor.ratio


_THERMAL: Final = (
    Anchor(1.13, 3600, "IEC 60898-1: no trip within 1 h"),
    Anchor(1.3, 200, "typical"),
    Anchor(1.45, 70, "typical"),
    Anchor(2.0, 20, "typical"),
    Anchor(2.55, 10, "typical; IEC 60898-1 demands more than 1 s"),
    Anchor(3.0, 6, "typical"),
    Anchor(5.0, 1.2, "typical"),
)

CURVES: Final = {
    ProtectiveDevice.MCB_B: Curve(anchors=_THERMAL, at_once=3.0, bears=1.45),
    ProtectiveDevice.MCB_C: Curve(anchors=_THERMAL, at_once=5.0, bears=1.45),
    ProtectiveDevice.GG: Curve(
        anchors=(
            Anchor(1.25, 3600, "IEC 60269-1: does not blow within 1 h, from 16 A on"),
            Anchor(1.6, 120, "typical; IEC 60269-1 demands less than 1 h"),
            Anchor(2.06, 10, "IEC 60269-1: gate of 10 s, lowest multiple (33 A at 16 A)"),
            Anchor(5.3, 0.1, "IEC 60269-1: gate of 0.1 s, lowest multiple (85 A at 16 A)"),
        ),
        at_once=5.3,
        bears=1.6,
    ),
}


def trip_time(device: ProtectiveDevice, ratio: float) -> float:
    """Return the seconds that the most sensitive usual device takes to trip from hot.

    `ratio` is a multiple of the rating. The result is inf where the device never trips.
    """
    curve = CURVES.get(device)
    if curve is None:
        return 0.0 if ratio > 1 else inf
    return curve.seconds(ratio)


@dataclass(slots=True, kw_only=True)
class ThermalMemory:
    """How warm the device of one zone and phase is.

    A new one knows nothing, so it grants nothing until the current has rested.
    """

    heat: float = 0.0
    """0 is at rest, 1 trips."""

    # Forgotten at a restart:
    rested: bool = False
    """What happened is known, or the device has had time to cool from whatever it was."""
    over_since: datetime | None = None
    """Since when the current has been above the rating without a break."""
    earlier: float = 0.0
    """Seconds of earlier overloads, forgotten as slowly as the device cools."""
    below_since: datetime | None = None
    current: float = 0.0
    noted_at: datetime | None = None

    def note(self, current: float, rating: float, now: datetime, device: ProtectiveDevice) -> None:
        """Add what has happened since the last reading; currents in A, either direction heats.

        `now` is when the current was measured. What flowed in between counts as the higher of both
        readings. Noting the same reading again changes nothing.
        """
        if not isfinite(current):
            self.forget()
            return
        start = now if self.noted_at is None else min(self.noted_at, now)
        follows = self._follows(now)
        if not follows:
            self._lose_track()
        highest = max(self.current, abs(current))
        self.current, self.noted_at = abs(current), now
        if highest > rating:
            self._warm(_damage(device, highest, rating, now - start), start)
        else:
            self._cool(start if follows else now, now)
        if self.current <= rating and self.over_since is not None:
            self.earlier += (now - self.over_since).total_seconds()
            self.over_since = None

    def forget(self) -> None:
        """Start anew with the next reading, after a time of which nothing is known."""
        self._lose_track()
        self.current, self.noted_at = 0.0, None

    def heat_at(self, rating: float, now: datetime, device: ProtectiveDevice) -> float:
        """Return the heat if the last current has gone on until now."""
        if self.noted_at is None or self.current <= rating:
            return self.heat
        elapsed = max(timedelta(), now - self.noted_at)
        return min(1.0, self.heat + _damage(device, self.current, rating, elapsed))

    def is_known(self, now: datetime) -> bool:
        """Return whether all that could have warmed the device up to now has been noted."""
        return self.rested and self._follows(now)

    def _follows(self, now: datetime) -> bool:
        noted_at = self.noted_at
        return noted_at is not None and timedelta() <= now - noted_at <= LONGEST_GAP

    def _lose_track(self) -> None:
        self.rested = False
        self.over_since = None
        self.below_since = None

    def _warm(self, damage: float, start: datetime) -> None:
        self.heat = min(1.0, self.heat + damage)
        self.over_since = self.over_since or start
        self.below_since = None

    def _cool(self, start: datetime, now: datetime) -> None:
        self.below_since = self.below_since or start
        kept = exp(-(now - start) / COOLING)
        self.heat *= kept
        self.earlier *= kept
        self.rested = self.rested or now - self.below_since >= COOLING

    def to_json(self) -> dict[str, object]:
        """Return what outlives a restart: the heat, but no allowance."""
        return {"heat": self.heat}

    @classmethod
    def from_json(cls, data: object) -> Self:
        """Return the memory that `to_json` wrote. Raises ValueError if it is not one."""
        heat = data.get("heat") if isinstance(data, Mapping) else None
        if not isinstance(heat, int | float) or isinstance(heat, bool) or not 0 <= heat <= 1:
            raise ValueError(f"not a thermal memory: {data!r}")
        return cls(heat=float(heat))


def overdraft(
    memory: ThermalMemory, device: ProtectiveDevice, rating: float, now: datetime
) -> float:
    """Return by how much the floors of charging cars may exceed the rating now, in A.

    Overloads may last for SHARE of the time to trip and no longer than LONGEST, and only while the
    device is cool: so the longer they have lasted, the less may go on. Earlier ones count until the
    device has forgotten them, or a hob that clocks would be borne again and again.
    """
    curve = CURVES.get(device)
    if curve is None or not memory.is_known(now) or memory.heat_at(rating, now, device) >= CEILING:
        return 0.0
    since = memory.over_since
    lasted = memory.earlier + (0.0 if since is None else (now - since).total_seconds())
    if lasted >= LONGEST:
        return 0.0
    return (curve.ratio(lasted / SHARE) - 1) * rating


def _damage(device: ProtectiveDevice, current: float, rating: float, elapsed: timedelta) -> float:
    """Return the part of a trip that a current above the rating does, 1 if it trips at once."""
    needed = trip_time(device, current / rating if rating > 0 else inf)
    return elapsed.total_seconds() / needed if needed > 0 else 1.0
