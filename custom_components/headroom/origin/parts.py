"""Energy by its origin, with what it cost and the CO2 that it made."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields
from math import isfinite
from operator import add, sub
from typing import Final, Self

from .mix import UNKNOWN, Mix

_WH_PER_KWH: Final = 1000.0
_LEAST: Final = 1e-6
"""Wh. The proportions of less are no composition."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """What a kWh costs, and makes in g of CO2, at one moment; None: nobody knows."""

    grid: float | None = None
    own: float | None = 0.0
    """Of the sun and the house battery: what it would have brought if it had been exported."""
    carbon: float | None = None
    """Of the grid; the sun and the house battery make none."""


NO_RATES: Final = Rates(own=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """Energies in Wh, the cost in the currency of the prices, CO2 in g."""

    solar: float = 0.0
    battery: float = 0.0
    grid: float = 0.0
    assumed: float = 0.0
    """Part of `grid` that counts there because nothing showed where it came from."""
    cost: float = 0.0
    unpriced: float = 0.0
    """Energy whose price was not known; the cost is without it."""
    carbon: float = 0.0
    unrated: float = 0.0
    """Energy from the grid whose carbon intensity was not known."""

    @classmethod
    def from_json(cls, data: Mapping[str, float]) -> Self:
        """Restore what `to_json()` gave. Raises TypeError or ValueError."""
        parts = cls(**{key: float(value) for key, value in data.items()})
        energies = (getattr(parts, one.name) for one in fields(cls) if one.name != "cost")
        if not isfinite(parts.cost) or not all(0 <= energy < float("inf") for energy in energies):
            raise ValueError("energies are finite and not below 0")
        return parts

    def to_json(self) -> dict[str, float]:
        """Return everything that must survive a restart."""
        return asdict(self)

    @classmethod
    def made(cls, energy: float, mix: Mix, rates: Rates) -> Self:
        """Return an energy in Wh split by a mix, at the rates of its moment."""
        own, grid = energy * (mix.solar + mix.battery), energy * mix.grid
        return cls(
            solar=energy * mix.solar,
            battery=energy * mix.battery,
            grid=grid,
            assumed=energy * mix.assumed,
            cost=(own * (rates.own or 0.0) + grid * (rates.grid or 0.0)) / _WH_PER_KWH,
            unpriced=(own if rates.own is None else 0.0) + (grid if rates.grid is None else 0.0),
            carbon=grid * max(0.0, rates.carbon or 0.0) / _WH_PER_KWH,
            unrated=grid if rates.carbon is None else 0.0,
        )

    @classmethod
    def unknown(cls, energy: float) -> Self:
        """Return an energy in Wh of which nothing is known."""
        return cls.made(energy, UNKNOWN, NO_RATES)

    @property
    def energy(self) -> float:
        """Return all of the energy in Wh."""
        return self.solar + self.battery + self.grid

    def scaled(self, energy: float) -> Parts:
        """Return the same composition for another energy in Wh; unknown if there is none."""
        if self.energy < _LEAST:
            return Parts.unknown(energy)
        factor = energy / self.energy
        return Parts(**{one.name: getattr(self, one.name) * factor for one in fields(self)})

    def __add__(self, other: Parts) -> Parts:
        """Return both together."""
        return self._joined(add, other)

    def __sub__(self, other: Parts) -> Parts:
        """Return what is left without the other."""
        return self._joined(sub, other)

    def _joined(self, join: Callable[[float, float], float], other: Parts) -> Parts:
        names = [one.name for one in fields(self)]
        return Parts(**{name: join(getattr(self, name), getattr(other, name)) for name in names})
