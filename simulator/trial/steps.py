"""One load that comes and goes while a car fills what the house leaves."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from .house import House
from .meter import MeterKind
from .outlet import Outlet
from .scenarios import Scenario

BEGIN: Final = 600.0
"""s; no load comes before, so that cars and controllers have settled."""
LASTS: Final = 150.0
"""s"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A load in A on L1."""

    size: float
    scenario: Scenario

    @property
    def title(self) -> str:
        """Return what is tried."""
        return self.scenario.title


def _kettle(title: str, meter: MeterKind) -> Step:
    return Step(
        size=9,
        scenario=Scenario(
            title=f"kettle +9 A, 25 A fuse, {title}",
            limit=25,
            house=House(base=(8.5, 2.0, 3.0), noise=0.05, drift=0.0),
            outlets=(Outlet(phases=(0, 1, 2), most=16),),
            meter=meter,
        ),
    )


STEPS: Final[Mapping[str, Step]] = {
    "kettle": _kettle("meter 1 s", MeterKind(period=1, latency=(0.5, 1.0))),
    "kettle-slow": _kettle("meter 10 s + 5..10 s", MeterKind(period=10, latency=(5.0, 10.0))),
    "cooker": Step(
        size=32,
        scenario=Scenario(
            title="cooker +32 A, 40 A fuse, 1ph 32 A EV, meter 2 s",
            limit=40,
            house=House(base=(5.5, 0.0, 0.0), noise=0.05, drift=0.0),
            outlets=(Outlet(phases=(0,), most=32),),
            meter=MeterKind(period=2, latency=(0.5, 1.0)),
        ),
    ),
}
