"""The site as it is installed: zones, meters, chargers and their connectors."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, timedelta, tzinfo
from enum import StrEnum
from functools import cached_property
from typing import Final

from ..cars.asleep import QueuePolicy
from ..cars.wear import WearPolicy
from ..currents import PHASES, PerPhase
from ..grid.excursion import ImportScheme
from ..grid.peak import PeakPolicy
from ..known.power import amperes
from ..sun.rules import SunRules
from ..turns.rotation import SheddingPriority
from ..when.off_peak import ClockRules
from .breaker import ProtectiveDevice
from .checks import check_fallbacks, check_ids, check_parts
from .degraded import OfflinePolicy, fallbacks
from .grid import up_to_step
from .tariff import TariffPeriod, check_tariffs
from .wiring import Wiring


class Supply(StrEnum):
    """How a zone knows what it may draw (A1.4)."""

    STATIC = "static"
    """The limit is fixed and all of it may go to EVs."""
    DYNAMIC = "dynamic"
    """A meter shows what the building leaves of the limit."""


class SharingMode(StrEnum):
    """How current that is left above the floors is divided (A3.1 to A3.3)."""

    EQUAL = "equal"
    """Everybody alike: no one gets more while another with less could still rise."""
    FIFO = "fifo"
    """In order of arrival, each to its cap."""
    COMBINED = "combined"
    """A part alike, the rest in order of arrival."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Zone:
    """A switchboard or feeder with a limit per phase, in A (A1.1)."""

    id: str
    limit: PerPhase
    parent: str | None = None
    supply: Supply = Supply.STATIC
    degraded: float = 0.0
    """A per phase for all EVs of a dynamic zone whose meter is silent (A11.4, A11.10)."""
    assumed_loads: PerPhase | None = None
    """Other loads while the meter is silent; given, they take the place of `degraded` (A11.7)."""
    margin: float = 0.0
    """Grid-protection margin in percent of the limit (A1.6)."""
    cluster_max: float | None = None
    """Most that all EVs together may draw, in A per phase (A1.6)."""
    power: float | None = None
    """Contracted power in W; it binds where it leads to less than the limit (A1.10, A2.10)."""
    unbalance: float | None = None
    """Largest difference in A between phases that EVs on one or two phases may make (A1.9)."""
    protection: ProtectiveDevice = ProtectiveDevice.HARD
    """What protects the zone, and so how long a small overload may last."""
    sharing: SharingMode | None = None
    """How its connectors, and those of the zones below it, share; None: as in its parent."""
    fifo_share: float = 0.5
    """Part of the current, 0 to 1, that the combined mode gives in order of arrival."""
    scale_fallback: bool = False
    """Lost connectors of a static zone share all of its limit instead of taking their floor."""

    @property
    def is_dynamic(self) -> bool:
        """Return whether a meter decides what the zone's EVs may draw."""
        return self.supply is Supply.DYNAMIC

    @property
    def phases(self) -> tuple[int, ...]:
        """Return the phases that the zone is supplied with."""
        return tuple(phase for phase in PHASES if self.limit[phase] > 0)

    @property
    def net(self) -> PerPhase:
        """Return the limit less the margin, in A."""
        share = 1 - self.margin / 100
        return PerPhase(*(current * share for current in self.limit))

    @property
    def most_for_evs(self) -> PerPhase:
        """Return what EVs may draw at most if there are no other loads, in A."""
        most = self.net
        if self.cluster_max is not None:
            most = most.lowest(PerPhase.same(self.cluster_max))
        return most.lowest(self.contracted(None))

    def contracted(self, voltages: PerPhase | None) -> PerPhase:
        """Return what the contract allows at measured voltages in V, or the limit without one."""
        if self.power is None or not self.phases:
            return self.limit
        return amperes(self.power, voltages, self.phases)


class MeterRole(StrEnum):
    """What a meter measures."""

    SUPPLY = "supply"
    """What flows into its zone (A1.4)."""
    HOUSE = "house"
    """What its zone consumes: its supply together with the production beside it (A10.6)."""
    SOLAR = "solar"
    """What an inverter draws; what the sun produces is below 0, like all that is given back."""
    BATTERY = "battery"
    """What a house battery takes; charging counts up."""
    OUTLET = "outlet"
    """Some load that is of interest to people; nothing is decided by it (A2.8)."""
    CHARGER = "charger"
    """What a connector draws."""


_SUPPLYING: Final = frozenset({MeterRole.SUPPLY, MeterRole.HOUSE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Meter:
    """A meter in a zone."""

    id: str
    zone: str
    role: MeterRole = MeterRole.SUPPLY
    connector: str | None = None
    """Whose draw a meter of a charger measures."""
    max_age: timedelta = timedelta(seconds=5)
    """A reading older than this counts as silence."""
    max_missed: int = 3
    """So many polls missed in a row count as silence."""

    @property
    def is_supply(self) -> bool:
        """Return whether the meter, perhaps with others, shows what its zone draws."""
        return self.role in _SUPPLYING


@dataclass(frozen=True, kw_only=True)  # no slots, for what is worked out once is kept
class Connector:
    """An outlet of a charger; currents in A per phase."""

    id: str
    wiring: Wiring = Wiring.TRI123
    max_current: float = 32.0
    floor: float = 6.0
    """Smallest current that the car can use; below it the connector gets 0 (A4.1)."""
    step: float = 0.1
    """Resolution of the charger's setpoint."""
    offline: OfflinePolicy = OfflinePolicy.FALLBACK
    fallback: float | None = None
    """What the connector takes when contact with it is lost; None: see degraded.fallbacks."""
    vip: bool = False
    """Whoever charges here comes first (A5.1, A5.3)."""
    priority: bool = False
    """It comes before others within the site's priority hours (A5.4)."""
    order: int | None = None
    """Its place in the connector order, the lowest is paused last; None: as it was entered."""

    @cached_property
    def entry(self) -> float:
        """Return the smallest setpoint above 0: the floor on the grid of the step."""
        return up_to_step(self.floor, self.step)


@dataclass(frozen=True, slots=True, kw_only=True)
class Charger:
    """A charging station in a terminal zone (A1.3)."""

    id: str
    zone: str
    connectors: tuple[Connector, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """How a site decides who comes first, and what it spares the cars."""

    shedding: SheddingPriority = SheddingPriority.ENERGY
    """Who keeps the right to charge when floors do not fit (A3.4 to A3.6)."""
    queue: QueuePolicy = field(default_factory=QueuePolicy)
    wear: WearPolicy = field(default_factory=WearPolicy)
    sun: SunRules = field(default_factory=SunRules)
    priority_hours: frozenset[int] = frozenset()
    """Local hours, 0 to 23, in which priority connectors come first (A5.4); none: never."""
    clock: ClockRules = field(default_factory=ClockRules)
    time_zone: tzinfo = UTC
    peaks: Mapping[str, PeakPolicy] = field(default_factory=dict)
    """Zones whose average import is charged for, by zone id."""
    schemes: Mapping[str, ImportScheme] = field(default_factory=dict)
    """Zones whose import a network operator limits, by zone id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Everything that is installed. Raises SiteError if it cannot be built that way."""

    zones: tuple[Zone, ...] = ()
    meters: tuple[Meter, ...] = ()
    chargers: tuple[Charger, ...] = ()
    tariffs: tuple[TariffPeriod, ...] = ()
    rules: Rules = field(default_factory=Rules)
    zone_by_id: Mapping[str, Zone] = field(init=False, repr=False, compare=False)
    zone_of: Mapping[str, str] = field(init=False, repr=False, compare=False)
    """Zone id of each connector id."""
    connector_by_id: Mapping[str, Connector] = field(init=False, repr=False, compare=False)
    order_of: Mapping[str, int] = field(init=False, repr=False, compare=False)
    """Place of each connector id in the connector order, from 1 (A3.6)."""
    fallback_of: Mapping[str, float] = field(init=False, repr=False, compare=False)
    """What each connector id takes when contact with it is lost, in A per phase."""

    def __post_init__(self) -> None:
        """Index and check the site."""
        check_ids(self)
        object.__setattr__(self, "zone_by_id", {zone.id: zone for zone in self.zones})
        object.__setattr__(
            self,
            "connector_by_id",
            {c.id: c for charger in self.chargers for c in charger.connectors},
        )
        object.__setattr__(
            self,
            "zone_of",
            {c.id: charger.zone for charger in self.chargers for c in charger.connectors},
        )
        check_parts(self)
        check_tariffs(self.tariffs)
        object.__setattr__(self, "order_of", _order(self.connectors))
        object.__setattr__(self, "fallback_of", fallbacks(self))
        check_fallbacks(self)

    @property
    def connectors(self) -> tuple[Connector, ...]:
        """Return the connectors of all chargers."""
        return tuple(self.connector_by_id.values())

    def path(self, zone: str) -> tuple[str, ...]:
        """Return a zone and its ancestors, from the zone up to its root."""
        path = []
        step: str | None = zone
        while step is not None:
            path.append(step)
            step = self.zone_by_id[step].parent
        return tuple(path)

    def meter_of(self, zone: str) -> Meter | None:
        """Return the meter that supplies a zone."""
        return next(
            (meter for meter in self.meters if meter.zone == zone and meter.is_supply), None
        )


def _order(connectors: Iterable[Connector]) -> dict[str, int]:
    """Return the numbers of the connectors: as a person gave them, or in the order of entry."""
    return {
        connector.id: place if connector.order is None else connector.order
        for place, connector in enumerate(connectors, start=1)
    }
