"""What a meter shows of a step that chargers make.

Between two rests the chargers' draw changes by some amperes: the meter must show it on the same
phases. Other loads change too, by chance; but two things make up for a step by design. Headroom
lowers cars when other loads rise, so a fall of the chargers proves nothing against a meter. And a
battery holds a total near zero, so that a meter which shows nothing may be right.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from ...engine.currents import PHASES, PerPhase
from .draws import Quiet
from .incident import Cause
from .rests import Readings, Rest
from .thresholds import Thresholds


class Finding(NamedTuple):
    """What a step says of a phase: good unless there is a cause."""

    phase: int
    cause: Cause | None = None
    shown_on: int | None = None
    """Phase that shows what was drawn on this one."""
    tells_order: bool = False
    """No other phase made the same step."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What changed between two rests, in A per phase."""

    since: datetime
    """When the rest before it began."""
    drawn: PerPhase
    shown: PerPhase
    phases: frozenset[int]
    """Phases on which the meter's readings rested before and after."""
    swing: PerPhase
    """How far all of the meter's readings from the first rest to the second are apart."""
    is_free: bool
    """Nothing can have made up for it unseen."""


class StepWatch:
    """Finds the steps of the chargers below a meter."""

    def __init__(self, thresholds: Thresholds) -> None:
        self._thresholds = thresholds
        self._readings = Readings(thresholds)
        self._rest: Rest | None = None

    def forget(self) -> None:
        """Compare with nothing from before."""
        self._readings.forget()
        self._rest = None

    def look(
        self, at: datetime, currents: PerPhase, phases: frozenset[int], quiet: Quiet | None
    ) -> Step | None:
        """Take over a reading of some phases; return a step that is complete now."""
        self._readings.note(at, currents)
        after = None if quiet is None else self._readings.rest(quiet)
        if after is None:
            return None
        before = self._rest
        if before is None or after.since - before.until > self._thresholds.apart:
            self._rest = after
            return None
        return self._compare(before, after, phases)

    def _compare(self, before: Rest, after: Rest, phases: frozenset[int]) -> Step | None:
        """Go on to the newer rest, unless loads come and go in it just where it matters."""
        change, restless = after.drawn - before.drawn, self._restless(after)
        stepped = {phase for phase in PHASES if abs(change[phase]) >= self._thresholds.worth}
        if stepped:
            if after.since <= before.until or stepped & phases & restless:
                return None
            self._rest = after
            return self._step(before, after, phases - restless)
        if restless <= self._restless(before):
            self._rest = after
        return None

    def _restless(self, rest: Rest) -> frozenset[int]:
        return frozenset(phase for phase in PHASES if rest.swing[phase] > self._thresholds.quiet)

    def _step(self, before: Rest, after: Rest, phases: frozenset[int]) -> Step:
        limits = self._thresholds
        gap = self._readings.longest_gap(before.until, after.since)
        totals = (abs(sum(rest.shown[phase] for phase in phases)) for rest in (before, after))
        return Step(
            since=before.since,
            drawn=after.drawn - before.drawn,
            shown=after.shown - before.shown,
            phases=phases - self._restless(before),
            swing=self._readings.swing(before.since, after.until),
            is_free=gap <= limits.seen and min(totals) > limits.regulated,
        )


def findings(step: Step, thresholds: Thresholds) -> Iterator[Finding]:
    """Yield what a step says of the phases on which it was made."""
    for phase in sorted(step.phases):
        if abs(step.drawn[phase]) >= thresholds.worth:
            finding = _finding(step, phase, thresholds)
            if finding is not None:
                yield finding


def _finding(step: Step, phase: int, thresholds: Thresholds) -> Finding | None:
    drawn = step.drawn[phase]
    others = [other for other in step.phases if other != phase]
    if _is_like(step.shown[phase], drawn, thresholds):
        small = (abs(step.drawn[other]) <= thresholds.unlike * abs(drawn) for other in others)
        return Finding(phase, tells_order=all(small))
    return _fault(step, phase, others, thresholds) if drawn > 0 else None


def _fault(
    step: Step, phase: int, others: Collection[int], thresholds: Thresholds
) -> Finding | None:
    drawn = step.drawn[phase]
    if _is_like(-step.shown[phase], drawn, thresholds):
        return Finding(phase, Cause.SIGN)
    none = thresholds.unlike * drawn
    if abs(step.shown[phase]) > none:
        return None
    for other in others:
        if abs(step.drawn[other]) <= none and _is_like(step.shown[other], drawn, thresholds):
            return Finding(phase, Cause.ORDER, shown_on=other)
    if step.is_free and step.swing[phase] <= none:
        return Finding(phase, Cause.ABSENT)
    return None


def _is_like(change: float, other: float, thresholds: Thresholds) -> bool:
    return abs(change - other) <= thresholds.like * abs(other)
