"""Which entities make a charger."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from ...engine.snapshot import ConnectorStatus

DEFAULT_VOLTAGE: Final = 230.0
"""V between phase and neutral, where nobody measures it."""


class LimitUnit(StrEnum):
    """What a limit is given in."""

    AMPERE = "A"
    WATT = "W"


@dataclass(frozen=True, slots=True, kw_only=True)
class EntityChargerConfig:
    """The entities of a charger by their keys; those that it does not have are None."""

    limit: str
    """A number or a select that limits the current, or the power, of the charger."""
    unit: LimitUnit = LimitUnit.AMPERE
    switch: str | None = None
    """On lets the car charge, off pauses it."""
    switch_pauses: bool = False
    """It is the other way round: on pauses the car."""
    phases: str | None = None
    """A list of choices, a number or a switch for the phases; see phase_entity."""
    status: str | None = None
    words: Mapping[str, ConnectorStatus] = field(default_factory=dict)
    """Words of the status sensor in lower case, beside those that are commonly used."""
    power: str | None = None
    energy: str | None = None
    session_energy: str | None = None
    currents: tuple[str, ...] = ()
    """One for all phases alike, or three for the terminals 1 to 3."""
    voltage: float = DEFAULT_VOLTAGE

    @property
    def entities(self) -> tuple[str, ...]:
        """Return the keys of all entities in use."""
        single = (
            self.limit,
            self.switch,
            self.phases,
            self.status,
            self.power,
            self.energy,
            self.session_energy,
        )
        return (*(entity for entity in single if entity is not None), *self.currents)
