"""What each car's current is made of at one moment: sun, house battery, grid.

The surplus of the sun, which is what the house leaves of it, goes to the cars that follow the sun
first: it is the reason why they charge. All that remains is one mix, and everything else that
draws has its sources in the same proportion. What no meter shows counts as grid.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final, Self

from ..power_flows import PowerFlows


@dataclass(frozen=True, slots=True, kw_only=True)
class Mix:
    """Shares of what is drawn; solar, battery and grid make 1 together."""

    solar: float = 0.0
    battery: float = 0.0
    grid: float = 0.0
    assumed: float = 0.0
    """Part of the grid's share that nothing shows."""

    @classmethod
    def of(cls, solar: float, battery: float, grid: float) -> Self:
        """Return the mix of powers in W."""
        total = solar + battery + grid
        if total <= 0:
            return cls(grid=1.0, assumed=1.0)
        return cls(solar=solar / total, battery=battery / total, grid=grid / total)

    def with_solar(self, share: float) -> Mix:
        """Return the mix with a share of it replaced by sun."""
        rest = 1.0 - share
        return Mix(
            solar=share + rest * self.solar,
            battery=rest * self.battery,
            grid=rest * self.grid,
            assumed=rest * self.assumed,
        )


GRID: Final = Mix(grid=1.0)
UNKNOWN: Final = Mix(grid=1.0, assumed=1.0)


def mixes(
    flows: PowerFlows, draws: Mapping[str, float], following: Collection[str]
) -> dict[str, Mix]:
    """Return the mix of each connector.

    `draws` are what connectors draw in W, `following` those whose cars follow the sun.
    """
    if flows.grid is None or flows.house is None:
        return dict.fromkeys(draws, UNKNOWN)
    solar = max(0.0, flows.solar or 0.0)
    surplus = max(0.0, solar - max(0.0, flows.house))
    wanted = sum(max(0.0, draws[key]) for key in draws if key in following)
    first = min(surplus, wanted)
    rest = Mix.of(solar - first, max(0.0, -(flows.battery or 0.0)), max(0.0, flows.grid))
    preferred = rest.with_solar(first / wanted) if wanted > 0 else rest
    return {key: preferred if key in following else rest for key in draws}
