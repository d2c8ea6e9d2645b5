"""What was promised, what happened, and whether that is the same."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

GRACE: Final = 5.0
"""s that a charger may need beyond its timeout."""
_NOISE: Final = 0.1
"""A; less than a car can be told."""
_AS_BEFORE: Final = 1.2
"""A; Headroom does not raise for less."""
_CHARGES: Final = 1.0
"""A; a car that draws more is charging."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A true current in A, the highest of the phases, at a time in s."""

    time: float
    current: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """What limits a connector that is out of contact."""

    kind: str
    timeout: float | None
    """s; None: nothing but the last setpoint does."""
    fallback: float
    """A; what it has taken on to draw at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What Headroom holds of a connector; current in A."""

    setpoint: float
    fallback: float | None
    """None: Headroom does not count on any."""
    session: str | None
    arrived_at: str


@dataclass(frozen=True, slots=True)
class Fall:
    """How a connector came down after contact was lost."""

    before: float
    seconds: float
    """Until it was at its fallback for good."""
    afterwards: float
    """Highest current once it had to be there."""


def fall(samples: Sequence[Sample], guard: Guard, *, lost_at: float) -> Fall:
    """Return how a connector came down; without a timeout it need not."""
    after = [sample for sample in samples if sample.time >= lost_at]
    above = [s.time for s in after if s.current > guard.fallback + _NOISE]
    due = lost_at + (guard.timeout or 0.0) + GRACE
    return Fall(
        before=samples[-len(after) - 1].current if len(after) < len(samples) else after[0].current,
        seconds=max(above, default=lost_at) - lost_at,
        afterwards=max(sample.current for sample in after if sample.time >= due),
    )


def is_kept(guard: Guard, fallen: Fall) -> bool:
    """Return whether a connector was at its fallback in time and stayed there."""
    return guard.timeout is None or (
        fallen.seconds <= guard.timeout + GRACE and fallen.afterwards <= guard.fallback + _NOISE
    )


def stops(samples: Sequence[Sample], *, since: float) -> int:
    """Return how often a car stopped charging."""
    charging = [sample.current > _CHARGES for sample in samples if sample.time >= since]
    return sum(before and not now for before, now in pairwise(charging))


def differences(
    before: Mapping[str, Held], after: Mapping[str, Held], currents: Mapping[str, float]
) -> list[str]:
    """Return what Headroom does not hold as it did, and who does not draw what it may."""
    if missing := before.keys() - after.keys():
        return [f"{connector} is not known" for connector in sorted(missing)]
    found = []
    for connector, was in before.items():
        now, drawn = after[connector], currents[connector]
        if max(abs(was.setpoint - now.setpoint), abs(was.setpoint - drawn)) > _AS_BEFORE:
            found.append(
                f"{connector} had {was.setpoint:g} A, now it has {now.setpoint:g} A"
                f" and draws {drawn:g} A"
            )
        if was.session != now.session:
            found.append(f"{connector} is in another session")
    if arrivals(before) != arrivals(after):
        found.append(f"the order of arrival is {', '.join(arrivals(after))}")
    return found


def arrivals(held: Mapping[str, Held]) -> list[str]:
    """Return the connectors in the order in which their cars came."""
    return sorted(held, key=lambda connector: held[connector].arrived_at)
