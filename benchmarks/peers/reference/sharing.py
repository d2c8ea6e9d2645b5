"""Equal shares of what several phases have left."""

from collections.abc import Sequence
from typing import Final

from simulator.trial.outlet import Outlet

_NOTHING: Final = 1e-6


def share(
    rooms: Sequence[float],
    outlets: Sequence[Outlet],
    floors: Sequence[float],
    caps: Sequence[float],
) -> list[float]:
    """Give every outlet its floor, then raise all below their caps together while phases last."""
    left = list(rooms)
    given = list(floors)
    for number, floor in enumerate(floors):
        _take(left, outlets[number], floor)
    rising = [number for number, cap in enumerate(caps) if given[number] < cap - _NOTHING]
    while rising := [
        number
        for number in rising
        if given[number] < caps[number] - _NOTHING
        and all(left[phase] > _NOTHING for phase in outlets[number].phases)
    ]:
        more = _step(left, [outlets[number] for number in rising])
        more = min(more, *(caps[number] - given[number] for number in rising))
        for number in rising:
            given[number] += more
            _take(left, outlets[number], more)
    return given


def _step(left: Sequence[float], rising: Sequence[Outlet]) -> float:
    """Return by how much all may rise until the first phase is full."""
    counts = [sum(phase in outlet.phases for outlet in rising) for phase in range(len(left))]
    return min(room / count for room, count in zip(left, counts, strict=True) if count)


def _take(left: list[float], outlet: Outlet, current: float) -> None:
    for phase in outlet.phases:
        left[phase] -= current
