"""The site as it is installed: zones, meters, chargers and their connectors."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from math import ceil

from .currents import PHASE_NAMES, PHASES, PerPhase
from .degraded import fallbacks
from .wiring import Wiring


class SiteError(ValueError):
    """A site that cannot exist.

    `key` names the fault and `placeholders` say where it is, so that a user interface can
    translate it.
    """

    def __init__(self, key: str, **placeholders: str) -> None:
        """Keep the fault's name and its details."""
        details = ", ".join(f"{name}={value}" for name, value in placeholders.items())
        super().__init__(f"{key}: {details}")
        self.key = key
        self.placeholders = placeholders


class Supply(StrEnum):
    """How a zone knows what it may draw (A1.4)."""

    STATIC = "static"
    """The limit is fixed and all of it may go to EVs."""
    DYNAMIC = "dynamic"
    """A meter shows what the building leaves of the limit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Zone:
    """A switchboard or feeder with a limit per phase, in A (A1.1)."""

    id: str
    limit: PerPhase
    parent: str | None = None
    supply: Supply = Supply.STATIC
    degraded: float = 0.0
    """Current in A per phase for all EVs of a dynamic zone whose meter is silent (A11.4)."""
    scale_fallback: bool = False
    """Lost connectors of a static zone share all of its limit instead of taking their floor."""

    @property
    def is_dynamic(self) -> bool:
        """Return whether a meter decides what the zone's EVs may draw."""
        return self.supply is Supply.DYNAMIC


@dataclass(frozen=True, slots=True, kw_only=True)
class Meter:
    """A meter that supplies one dynamic zone (A1.4)."""

    id: str
    zone: str
    max_age: timedelta = timedelta(seconds=5)
    """A reading older than this counts as silence."""
    max_missed: int = 3
    """So many polls missed in a row count as silence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Connector:
    """An outlet of a charger; currents in A per phase."""

    id: str
    wiring: Wiring = Wiring.TRI123
    max_current: float = 32.0
    floor: float = 6.0
    """Smallest current that the car can use; below it the connector gets 0 (A4.1)."""
    step: float = 0.1
    """Resolution of the charger's setpoint."""
    fallback: float | None = None
    """What the connector takes when contact with it is lost; None: see degraded.fallbacks."""

    @property
    def entry(self) -> float:
        """Return the smallest setpoint above 0: the floor on the grid of the step."""
        return round(ceil(self.floor / self.step - 1e-9) * self.step, 3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Charger:
    """A charging station in a terminal zone (A1.3)."""

    id: str
    zone: str
    connectors: tuple[Connector, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Everything that is installed. Raises SiteError if it cannot be built that way."""

    zones: tuple[Zone, ...] = ()
    meters: tuple[Meter, ...] = ()
    chargers: tuple[Charger, ...] = ()
    zone_by_id: Mapping[str, Zone] = field(init=False, repr=False, compare=False)
    zone_of: Mapping[str, str] = field(init=False, repr=False, compare=False)
    """Zone id of each connector id."""
    connector_by_id: Mapping[str, Connector] = field(init=False, repr=False, compare=False)
    fallback_of: Mapping[str, float] = field(init=False, repr=False, compare=False)
    """What each connector id takes when contact with it is lost, in A per phase."""

    def __post_init__(self) -> None:
        """Index and check the site."""
        connectors = [c for charger in self.chargers for c in charger.connectors]
        _require_unique("zone", (zone.id for zone in self.zones))
        _require_unique("meter", (meter.id for meter in self.meters))
        _require_unique("charger", (charger.id for charger in self.chargers))
        _require_unique("connector", (connector.id for connector in connectors))
        object.__setattr__(self, "zone_by_id", {zone.id: zone for zone in self.zones})
        object.__setattr__(self, "connector_by_id", {c.id: c for c in connectors})
        object.__setattr__(
            self,
            "zone_of",
            {c.id: charger.zone for charger in self.chargers for c in charger.connectors},
        )
        self._check_zones()
        self._check_meters()
        self._check_chargers()
        object.__setattr__(self, "fallback_of", fallbacks(self))
        self._check_fallbacks()

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
        return next((meter for meter in self.meters if meter.zone == zone), None)

    def _check_zones(self) -> None:
        for zone in self.zones:
            if any(value < 0 for value in zone.limit) or zone.degraded < 0:
                raise SiteError("negative_limit", zone=zone.id)
            if zone.parent is None:
                continue
            self._check_ancestors(zone)
            parent = self.zone_by_id[zone.parent]
            for phase in PHASES:
                if zone.limit[phase] > parent.limit[phase]:
                    raise SiteError(
                        "zone_above_parent",
                        zone=zone.id,
                        parent=parent.id,
                        phase=PHASE_NAMES[phase],
                        limit=f"{zone.limit[phase]:g}",
                        parent_limit=f"{parent.limit[phase]:g}",
                    )

    def _check_ancestors(self, zone: Zone) -> None:
        seen = {zone.id}
        step = zone.parent
        while step is not None:
            if step not in self.zone_by_id:
                raise SiteError("unknown_zone", zone=step)
            if step in seen:
                raise SiteError("zone_loop", zone=zone.id)
            seen.add(step)
            step = self.zone_by_id[step].parent

    def _check_meters(self) -> None:
        supplied: set[str] = set()
        for meter in self.meters:
            if meter.zone not in self.zone_by_id:
                raise SiteError("unknown_zone", zone=meter.zone)
            if meter.zone in supplied:
                raise SiteError("second_meter", zone=meter.zone, meter=meter.id)
            supplied.add(meter.zone)

    def _check_chargers(self) -> None:
        parents = {zone.parent for zone in self.zones}
        for charger in self.chargers:
            if charger.zone not in self.zone_by_id:
                raise SiteError("unknown_zone", zone=charger.zone)
            if charger.zone in parents:
                raise SiteError("zone_not_terminal", charger=charger.id, zone=charger.zone)
            for connector in charger.connectors:
                _check_connector(connector)

    def _check_fallbacks(self) -> None:
        sums = {zone.id: PerPhase() for zone in self.zones}
        for connector in self.connectors:
            share = PerPhase.on(connector.wiring.phases, self.fallback_of[connector.id])
            for zone in self.path(self.zone_of[connector.id]):
                sums[zone] += share
        for zone_id, total in sums.items():
            limit = self.zone_by_id[zone_id].limit
            if any(total[phase] > limit[phase] + 1e-9 for phase in PHASES):
                raise SiteError(
                    "fallback_above_zone",
                    zone=zone_id,
                    total=f"{max(total):g}",
                    limit=f"{min(limit):g}",
                )


def _check_connector(connector: Connector) -> None:
    if not 0 < connector.floor <= connector.max_current:
        raise SiteError(
            "floor_above_max",
            connector=connector.id,
            floor=f"{connector.floor:g}",
            max_current=f"{connector.max_current:g}",
        )
    if connector.step <= 0:
        raise SiteError("step_not_positive", connector=connector.id)
    fallback = connector.fallback or 0.0
    if not 0 <= fallback <= connector.max_current:
        raise SiteError("fallback_above_max", connector=connector.id)
    if 0 < fallback < connector.floor:
        raise SiteError("fallback_below_floor", connector=connector.id)


def _require_unique(kind: str, ids: Iterable[str]) -> None:
    seen: set[str] = set()
    for item in ids:
        if item in seen:
            raise SiteError("duplicate_id", kind=kind, id=item)
        seen.add(item)
