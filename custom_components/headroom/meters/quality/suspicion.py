"""What steps of the chargers have said against a meter so far."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from .incident import Cause, Incident
from .steps import Finding
from .thresholds import Thresholds


class _Charge(NamedTuple):
    """A cause and its phase; with the phase that shows what is drawn there, if it is another."""

    cause: Cause
    phase: int
    shown_on: int | None


@dataclass(slots=True)
class _Doubt:
    since: datetime
    steps: int = 0
    proofs: int = 0


class Suspicion:
    """Weighs findings: several that agree are needed, and good ones take them back."""

    def __init__(self, thresholds: Thresholds) -> None:
        self._thresholds = thresholds
        self._doubts: dict[_Charge, _Doubt] = {}

    @property
    def incidents(self) -> Iterator[Incident]:
        """Yield what is taken for sure, one for each cause."""
        sure = {charge: doubt for charge, doubt in self._doubts.items() if self._is_sure(doubt)}
        for cause in {charge.cause for charge in sure}:
            mine = {charge: doubt for charge, doubt in sure.items() if charge.cause is cause}
            phases = {
                p for charge in mine for p in (charge.phase, charge.shown_on) if p is not None
            }
            since = min(doubt.since for doubt in mine.values())
            yield Incident(cause=cause, phases=tuple(sorted(phases)), since=since)

    def weigh(self, findings: Iterable[Finding], at: datetime) -> None:
        """Take over what one step says."""
        findings = tuple(findings)
        weights = Counter(finding.cause for finding in findings)
        for finding in findings:
            if finding.cause is None:
                self._note_good(finding)
            else:
                charge = _Charge(finding.cause, finding.phase, finding.shown_on)
                self._note_bad(charge, min(2, weights[finding.cause]), at)

    def _note_bad(self, charge: _Charge, weight: int, at: datetime) -> None:
        for other, doubt in tuple(self._doubts.items()):
            if other.phase == charge.phase and other != charge and not self._is_sure(doubt):
                del self._doubts[other]
        doubt = self._doubts.setdefault(charge, _Doubt(at))
        doubt.steps += weight
        doubt.proofs = 0

    def _note_good(self, finding: Finding) -> None:
        for charge, doubt in tuple(self._doubts.items()):
            if charge.phase == finding.phase and _refutes(finding, charge):
                doubt.proofs += 1
                if doubt.proofs >= self._thresholds.proofs or not self._is_sure(doubt):
                    del self._doubts[charge]

    def _is_sure(self, doubt: _Doubt) -> bool:
        return doubt.steps >= self._thresholds.doubts


def _refutes(finding: Finding, charge: _Charge) -> bool:
    """Return whether a good step takes a charge back; alike on all phases it tells no order."""
    return charge.cause is not Cause.ORDER or finding.tells_order
