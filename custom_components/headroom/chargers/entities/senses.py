"""What the sensors of a charger made of entities tell."""

from datetime import datetime
from typing import Final

from ...engine.currents import PerPhase
from ...engine.snapshot import ConnectorStatus
from ...entity_state import as_float
from .access import EntityAccess
from .config import EntityChargerConfig
from .phase_use import CARRIES_ABOVE
from .status import status_of

CHARGES_ABOVE_POWER: Final = 50.0
"""W; less than this flows while a charger or a car only waits."""
_FACTORS: Final = {
    "A": 1.0,
    "mA": 0.001,
    "W": 1.0,
    "kW": 1000.0,
    "MW": 1_000_000.0,
    "Wh": 1.0,
    "kWh": 1000.0,
    "MWh": 1_000_000.0,
    "MJ": 1_000_000 / 3600,
    "GJ": 1_000_000_000 / 3600,
    "": 1.0,
}
"""To A, W and Wh; a number in another unit says nothing."""


class Senses:
    """The sensors of one charger."""

    def __init__(self, config: EntityChargerConfig, access: EntityAccess) -> None:
        self._config = config
        self._access = access

    @property
    def power(self) -> float | None:
        """Return the power in W."""
        return self._number(self._config.power)

    @property
    def energy(self) -> float | None:
        """Return the reading of the energy register in Wh."""
        return self._number(self._config.energy)

    @property
    def session_energy(self) -> float | None:
        """Return what was charged since the car came, in Wh."""
        return self._number(self._config.session_energy)

    @property
    def currents(self) -> tuple[float, ...]:
        """Return the measured currents in A; none if one of them is missing."""
        values = tuple(self._number(entity) for entity in self._config.currents)
        known = tuple(max(0.0, value) for value in values if value is not None)
        return known if len(known) == len(values) else ()

    @property
    def is_per_phase(self) -> bool:
        """Return whether every terminal has a current of its own."""
        return len(self.currents) == 3

    def drawn(self, terminals: int) -> tuple[PerPhase | None, datetime | None]:
        """Return the currents at the terminals in A, and when the oldest of them was reported.

        A single current is assumed at every wired terminal. Without one it follows from the power,
        which is assumed to be spread evenly.
        """
        wired = tuple(range(terminals))
        currents = self.currents
        if currents:
            measured = (
                PerPhase(*currents) if len(currents) == 3 else PerPhase.on(wired, currents[0])
            )
            return measured, self._reported_at(self._config.currents)
        if (power := self.power) is None or self._config.power is None:
            return None, None
        current = max(0.0, power) / self._config.voltage / terminals
        return PerPhase.on(wired, current), self._reported_at((self._config.power,))

    def status(self, *, is_off: bool) -> ConnectorStatus:
        """Return the state of the connector, derived from what flows if no sensor tells it."""
        if self._config.status is not None:
            state = self._access.state(self._config.status)
            return status_of(None if state is None else state.value, self._config.words)
        current = max(self.currents, default=0.0)
        if (self.power or 0.0) > CHARGES_ABOVE_POWER or current > CARRIES_ABOVE:
            return ConnectorStatus.CHARGING
        return ConnectorStatus.SUSPENDED_EVSE if is_off else ConnectorStatus.PREPARING

    def _reported_at(self, entities: tuple[str, ...]) -> datetime | None:
        states = (self._access.state(entity) for entity in entities)
        return min((state.reported_at for state in states if state is not None), default=None)

    def _number(self, entity: str | None) -> float | None:
        state = None if entity is None else self._access.state(entity)
        value = None if state is None else as_float(state.value)
        factor = None if state is None else _FACTORS.get(state.unit or "")
        return None if value is None or factor is None else value * factor
