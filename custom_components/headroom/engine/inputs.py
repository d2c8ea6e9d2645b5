"""What contacts, sensors and others outside ask for at one moment (A9)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from .decision import ReasonCode
from .when.permit import Bound


@dataclass(frozen=True, slots=True)
class Ask:
    """The most that an input lets through; its unit is that of the field it stands in."""

    most: float
    silent: bool = False
    """The input shows nothing: this is what counts meanwhile."""
    until: datetime | None = None
    """When it ends, where that is known."""

    def code(self, speaking: ReasonCode) -> ReasonCode:
        """Return the reason that people see, or that nobody knows what the input asks for."""
        return ReasonCode.INPUT_SILENT if self.silent else speaking

    def bound(self, speaking: ReasonCode) -> Bound:
        """Return what it leaves to a connector, where it asks for A per phase or for nothing."""
        return Bound(self.most, self.code(speaking), self.until)


class LimitUnit(StrEnum):
    """What a limit on a zone counts."""

    AMPERES = "A"
    """On each phase."""
    WATTS = "W"
    """Over all phases, at the voltages that the zone's meter shows."""
    NOMINAL_WATTS = "nominal_W"
    """Over all phases, at the nominal voltage: what a rule counts that is stated for it."""


class Reach(StrEnum):
    """Whose draw a limit on a zone counts."""

    EVERYTHING = "everything"
    """That of EVs and other loads; of power each phase has an equal part, even if others leave
    theirs, and all together have no more, even if other loads exceed theirs."""
    SUM = "sum"
    """That of EVs and other loads together, whichever phases it flows on."""
    EVS = "evs"
    """That of EVs alone, however much other loads leave."""
    EVS_FROM_GRID = "evs_from_grid"
    """That of EVs as far as it is more than the surplus of the sun."""


TOTALS: Final = frozenset({Reach.SUM, Reach.EVS_FROM_GRID})
"""What adds up phases, and counts other loads."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneLimit:
    """What somebody outside lets a zone draw."""

    zone: str
    ask: Ask
    code: ReasonCode = ReasonCode.EXTERNAL_LIMIT
    """Who asks."""
    unit: LimitUnit = LimitUnit.AMPERES
    reach: Reach = Reach.EVERYTHING

    def __post_init__(self) -> None:
        """Check that what is added up is a power: currents of phases cannot be."""
        if self.unit is LimitUnit.AMPERES and self.reach in TOTALS:
            raise ValueError(f"currents are no {self.reach}")

    @property
    def adds_up(self) -> bool:
        """Return whether it counts all phases together, other loads included."""
        return self.reach in TOTALS or (self.is_power and self.reach is Reach.EVERYTHING)

    @property
    def is_power(self) -> bool:
        """Return whether it is split into currents on phases."""
        return self.unit is not LimitUnit.AMPERES


@dataclass(frozen=True, slots=True)
class Inputs:
    """What is asked for; None and missing ids ask for nothing."""

    shedding: Ask | None = None
    """A per phase for every connector by itself (A9.1)."""
    stop: Ask | None = None
    """Nobody may charge, for the external enable is open (A9.2)."""
    percent: Ask | None = None
    """Part in percent of its limit that the EVs of every zone may draw (A9.3 to A9.5)."""
    tariffs: Mapping[str, Ask] = field(default_factory=dict)
    """The same for the zones in which a tariff period counts now (A8.3)."""
    limits: tuple[ZoneLimit, ...] = ()
    """Of any zones; several may bound the same one."""

    def concern(self, zone: str) -> bool:
        """Return whether any of it bounds a zone."""
        for_all = self.stop is not None or self.percent is not None
        if for_all or zone in self.tariffs:
            return True
        return any(limit.zone == zone for limit in self.limits)

    @property
    def standstill(self) -> Bound | None:
        """Return why nobody may charge at all; None if somebody may."""
        if self.stop is not None:
            return self.stop.bound(ReasonCode.EXTERNAL_ENABLE)
        if self.percent is not None and self.percent.most == 0:
            return self.percent.bound(ReasonCode.DIGITAL_INPUT)
        return None
