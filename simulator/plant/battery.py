"""A house battery behind a hybrid inverter that keeps what flows at the grid near nothing."""

import math
from dataclasses import dataclass
from typing import Final

from custom_components.headroom.engine.currents import PHASES, PerPhase

from .ev import VOLTAGE

_SECONDS_PER_HOUR: Final = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class BatteryModel:
    """What kind of battery it is; energies in Wh, powers in W."""

    capacity: float
    power: float
    """The most that it is charged and discharged with."""
    stored: float = 0.0
    reserve: float = 0.05
    """State of charge that it keeps for itself."""
    efficiency: float = 0.95
    """Of charging, and again of discharging."""
    lag: float = 3.0
    """Time constant in s with which the inverter follows what flows at the grid."""

    def __post_init__(self) -> None:
        """Refuse a battery that cannot exist."""
        if not 0 <= self.stored <= self.capacity:
            msg = f"a battery of {self.capacity:g} Wh cannot hold {self.stored:g} Wh"
            raise ValueError(msg)


class HouseBattery:
    """Charges from what would be exported, discharges to cover what would be imported."""

    def __init__(self, model: BatteryModel) -> None:
        self.model = model
        self.stored = model.stored
        self.power = 0.0
        """W; what it takes, negative is discharge."""
        self.held = False
        """Whether it is told to give nothing."""

    @property
    def state_of_charge(self) -> float:
        """Return how full it is, 0 to 1."""
        return self.stored / self.model.capacity

    @property
    def currents(self) -> PerPhase:
        """Return what it takes of the grid, in A; the inverter loads all phases alike."""
        return PerPhase.same(self.power / VOLTAGE / len(PHASES))

    def advance(self, others: float, dt: float, *, speed: float = 1.0) -> None:
        """Follow what everything else draws, in W, for `dt` seconds; the store is `speed` fast."""
        wanted = self._possible(-others)
        self.power += (wanted - self.power) * -math.expm1(-dt / self.model.lag)
        self.power = self._possible(self.power)
        energy = self.power * dt * speed / _SECONDS_PER_HOUR
        efficiency = self.model.efficiency
        self.stored += energy * efficiency if energy > 0 else energy / efficiency
        self.stored = min(max(self.stored, 0.0), self.model.capacity)

    def _possible(self, power: float) -> float:
        """Return what it can do of a power: nothing more when full, at its reserve or held."""
        model = self.model
        charge = model.power if self.stored < model.capacity else 0.0
        gives = not self.held and self.state_of_charge > model.reserve
        discharge = model.power if gives else 0.0
        return min(max(power, -discharge), charge)
