"""Ways to limit a charger by charging profiles, and the order in which they are tried."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple

from .traits import StationTraits, Unit


class Purpose(StrEnum):
    """What a charging profile limits."""

    DEFAULT = "TxDefaultProfile"
    TRANSACTION = "TxProfile"
    STATION = "ChargePointMaxProfile"


class Kind(StrEnum):
    """What a profile's schedule starts from."""

    ABSOLUTE = "Absolute"
    RELATIVE = "Relative"


class Place(NamedTuple):
    """Where a profile is installed: a second one for the same place replaces it."""

    purpose: Purpose
    level: int = 0

    def profile_id(self, connector: int) -> int:
        """Return the id of the only profile that Headroom installs here."""
        return _IDS[self] + connector

    def outranks(self, other: Place) -> bool:
        """Return whether a profile here holds in place of one there (OCPP 1.6, 3.13.2)."""
        if Purpose.STATION in {self.purpose, other.purpose} and self.purpose != other.purpose:
            return False
        return _IDS[self] > _IDS[other]


_IDS: Final = {
    Place(Purpose.DEFAULT): 1000,
    Place(Purpose.DEFAULT, 1): 2000,
    Place(Purpose.TRANSACTION): 3000,
    Place(Purpose.STATION): 4000,
    Place(Purpose.STATION, 1): 5000,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Strategy:
    """Where the setpoint goes, and what limits the charger once that has ended."""

    setpoint: Place
    base: Place | None = None
    """Place of the permanent limit under a leased setpoint; without one a setpoint has no end."""
    unit: Unit = Unit.AMPERE
    kind: Kind = Kind.ABSOLUTE

    @property
    def leases(self) -> bool:
        """Return whether a setpoint ends by itself."""
        return self.base is not None

    @property
    def places(self) -> tuple[Place, ...]:
        """Return every place that it uses."""
        return (self.setpoint,) if self.base is None else (self.base, self.setpoint)

    @property
    def name(self) -> str:
        """Return how it is called in logs, in diagnostics and in what is stored."""
        base = "alone" if self.base is None else f"over {self.base.purpose}"
        place = f"{self.setpoint.purpose} at level {self.setpoint.level}"
        return f"{place} {base}, {self.kind}, {self.unit}"

    def shares_base(self, other: Strategy) -> bool:
        """Return whether the base limit of one is that of the other too."""
        return (self.base, self.unit, self.kind) == (other.base, other.unit, other.kind)


@dataclass(frozen=True, slots=True, kw_only=True)
class WayChoice:
    """What a person leaves of the ways to limit a station; None for any."""

    purpose: Purpose | None = None
    unit: Unit | None = None

    def suits(self, strategy: Strategy) -> bool:
        """Return whether a strategy is among them."""
        if self.purpose not in {None, strategy.setpoint.purpose}:
            return False
        return self.unit in {None, strategy.unit}


ANY: Final = WayChoice()
PURPOSES: Final = {
    "station": Purpose.STATION,
    "default": Purpose.DEFAULT,
    "transaction": Purpose.TRANSACTION,
}
"""By their names in what people choose from."""
UNITS: Final = {"ampere": Unit.AMPERE, "watt": Unit.WATT}

_DEFAULT: Final = Place(Purpose.DEFAULT)
_TRANSACTION: Final = Place(Purpose.TRANSACTION)
_STATION: Final = Place(Purpose.STATION)

_SHAPES: Final = (
    Strategy(setpoint=Place(Purpose.DEFAULT, 1), base=_DEFAULT),
    Strategy(setpoint=Place(Purpose.STATION, 1), base=_STATION),
    Strategy(setpoint=_TRANSACTION, base=_DEFAULT),
    Strategy(setpoint=_DEFAULT),
    Strategy(setpoint=_DEFAULT, kind=Kind.RELATIVE),
    Strategy(setpoint=_STATION),
    Strategy(setpoint=Place(Purpose.DEFAULT, 1)),
    Strategy(setpoint=_TRANSACTION),
)
"""What falls back by itself comes before what keeps its last limit.

A lease is never Relative: some chargers count its duration from the start of the transaction.
"""


def rungs(
    traits: StationTraits, *, connectors: int, choice: WayChoice = ANY
) -> tuple[Strategy, ...]:
    """Return the strategies that are worth a try, the best first.

    A limit of the whole station says nothing of one connector among several. A choice of which
    nothing is left is none.
    """
    shapes = [shape for shape in _SHAPES if _fits(shape, traits, connectors)]
    every = tuple(
        Strategy(setpoint=s.setpoint, base=s.base, kind=s.kind, unit=unit)
        for s in shapes
        for unit in _units(traits)
    )
    return tuple(rung for rung in every if choice.suits(rung)) or every


def _fits(shape: Strategy, traits: StationTraits, connectors: int) -> bool:
    if connectors > 1 and shape.setpoint.purpose is Purpose.STATION:
        return False
    if traits.max_profiles == 1 and shape.leases:
        return False
    return traits.max_stack_level != 0 or shape.setpoint.level == 0


def _units(traits: StationTraits) -> Iterator[Unit]:
    """Yield the units, those last that the charger does not name; it may err."""
    yield from (unit for unit in Unit if unit in traits.units)
    yield from (unit for unit in Unit if unit not in traits.units)
