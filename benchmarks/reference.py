"""The exact optimum of sharing equally, as a mixed-integer programme solved by HiGHS.

Admission is greedy in the order of rank, which is exact. Among the admitted the lexicographically
best sorted vector is sought: for each setpoint v upwards, as many as possible get at least v.
Among the vectors that are equally good, the one with the most phase-amperes counts.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array, lil_array

from benchmarks.instances import Instance
from custom_components.headroom.engine.sharing.admission import Claim
from custom_components.headroom.engine.sharing.plan import Plan


def solve(instance: Instance) -> dict[str, int]:
    """Return the best setpoint of each connector, in deciamps; all claims have one step."""
    slack = list(instance.headroom)
    result: dict[str, int] = {}
    for priority in sorted({claim.priority for claim in instance.claims}):
        members = [claim for claim in instance.claims if claim.priority == priority]
        admitted = _admit(instance.plan, members, slack)
        result |= {claim.connector: 0 for claim in members}
        if admitted:
            result |= _Programme(instance.plan, admitted, slack).optimum()
        for claim in members:
            for link in instance.plan.links_of(claim.connector, claim.phases):
                slack[link] -= result[claim.connector]
    return result


def _admit(plan: Plan, claims: Sequence[Claim], slack: Sequence[int]) -> list[Claim]:
    left = list(slack)
    admitted = []
    for claim in sorted(claims, key=lambda claim: (claim.rank, claim.connector)):
        links = plan.links_of(claim.connector, claim.phases)
        if claim.entry <= claim.cap and all(left[link] >= claim.entry for link in links):
            admitted.append(claim)
            for link in links:
                left[link] -= claim.entry
    return admitted


@dataclass(frozen=True, slots=True)
class _Rung:
    """A setpoint that a connector may reach: one binary variable."""

    claim: int
    level: int


class _Programme:
    """One class on what is left for it."""

    def __init__(self, plan: Plan, claims: Sequence[Claim], slack: Sequence[int]) -> None:
        self._claims = claims
        self._rungs = [
            _Rung(number, level)
            for number, claim in enumerate(claims)
            for level in range(claim.entry + claim.step, claim.cap + 1, claim.step)
        ]
        loads = [plan.links_of(claim.connector, claim.phases) for claim in claims]
        left = np.array(slack, dtype=float)
        for claim, links in zip(claims, loads, strict=True):
            left[list(links)] -= claim.entry
        carried = lil_array((len(slack), len(self._rungs)))
        for column, rung in enumerate(self._rungs):
            for link in loads[rung.claim]:
                carried[link, column] = claims[rung.claim].step
        self._constraints = [
            LinearConstraint(csr_array(carried), -np.inf, left),
            LinearConstraint(self._ladders(), -np.inf, 0),
        ]
        self._phases = np.array([len(claims[rung.claim].phases) for rung in self._rungs])

    def optimum(self) -> dict[str, int]:
        """Return the setpoint of each connector."""
        if not self._rungs:
            return {claim.connector: claim.entry for claim in self._claims}
        best: np.ndarray | None = None
        for level in sorted({rung.level for rung in self._rungs}):
            chosen = np.array([float(rung.level == level) for rung in self._rungs])
            if best is None or chosen @ best < chosen.sum():
                best = self._maximise(chosen)
            self._constraints.append(LinearConstraint(chosen, round(chosen @ best), np.inf))
        best = self._maximise(self._phases)
        return {
            claim.connector: claim.entry
            + claim.step
            * round(sum(best[i] for i, rung in enumerate(self._rungs) if rung.claim == number))
            for number, claim in enumerate(self._claims)
        }

    def _ladders(self) -> csr_array:
        """Return rows that keep a rung from being reached before the one below it."""
        pairs = [
            (column - 1, column)
            for column in range(1, len(self._rungs))
            if self._rungs[column - 1].claim == self._rungs[column].claim
        ]
        rows = lil_array((max(1, len(pairs)), len(self._rungs)))
        for row, (below, above) in enumerate(pairs):
            rows[row, above] = 1
            rows[row, below] = -1
        return csr_array(rows)

    def _maximise(self, weights: np.ndarray) -> np.ndarray:
        solution = milp(
            -weights,
            integrality=np.ones(len(weights)),
            bounds=Bounds(0, 1),
            constraints=self._constraints,
            options={"mip_rel_gap": 0.0},
        )
        if not solution.success:
            raise RuntimeError(solution.message)
        rounded: np.ndarray = np.round(solution.x)
        return rounded
