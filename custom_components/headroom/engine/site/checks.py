"""What must hold for a site to be possible (A1)."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from ..currents import PHASE_NAMES, PHASES, PerPhase
from .errors import SiteError
from .grid import down_to_step, is_whole

if TYPE_CHECKING:
    from .model import Connector, Site, Zone

LEAST_NET: Final = 10.0
"""A that a margin must leave of a limit (A1.6)."""
LEAST_UNBALANCE: Final = 6.0
"""A; a difference below it would not let a single one-phase car charge (A1.9)."""
_EPSILON: Final = 1e-9


def check_ids(site: Site) -> None:
    """Raise SiteError if two parts of a kind have the same id."""
    connectors = (c for charger in site.chargers for c in charger.connectors)
    _require_unique("zone", (zone.id for zone in site.zones))
    _require_unique("meter", (meter.id for meter in site.meters))
    _require_unique("charger", (charger.id for charger in site.chargers))
    _require_unique("connector", (connector.id for connector in connectors))
    _require_unique("tariff period", (period.id for period in site.tariffs))


def check_parts(site: Site) -> None:
    """Raise SiteError if a zone, meter, charger or rule cannot be as it is."""
    for zone in site.zones:
        _check_zone(zone)
        if zone.parent is not None:
            _check_ancestors(site, zone)
            _check_below(zone, site.zone_by_id[zone.parent])
    _check_meters(site)
    _check_chargers(site)
    if not all(0 <= hour < 24 for hour in site.rules.priority_hours):
        raise SiteError("hour_out_of_range")


def check_fallbacks(site: Site) -> None:
    """Raise SiteError if what lost chargers take does not fit into a zone."""
    sums = {zone.id: PerPhase() for zone in site.zones}
    for connector in site.connectors:
        share = PerPhase.on(connector.wiring.phases, site.fallback_of[connector.id])
        for zone in site.path(site.zone_of[connector.id]):
            sums[zone] += share
    for zone_id, total in sums.items():
        limit = site.zone_by_id[zone_id].most_for_evs
        if any(total[phase] > limit[phase] + _EPSILON for phase in PHASES):
            raise SiteError(
                "fallback_above_zone",
                zone=zone_id,
                total=f"{max(total):g}",
                limit=f"{min(limit):g}",
            )


def _check_zone(zone: Zone) -> None:
    amounts = (*zone.limit, zone.degraded, zone.cluster_max or 0.0, *(zone.assumed_loads or ()))
    if any(amount < 0 for amount in amounts):
        raise SiteError("negative_limit", zone=zone.id)
    if zone.power is not None and zone.power <= 0:
        raise SiteError("power_not_positive", zone=zone.id)
    if not 0 <= zone.margin < 100 or not 0 <= zone.fifo_share <= 1:
        raise SiteError("share_out_of_range", zone=zone.id)
    if zone.unbalance is not None and zone.unbalance < LEAST_UNBALANCE:
        raise SiteError("unbalance_too_small", zone=zone.id, least=f"{LEAST_UNBALANCE:g}")
    _check_margin(zone)


def _check_margin(zone: Zone) -> None:
    least = min((zone.net[phase] for phase in zone.phases), default=0.0)
    if zone.margin > 0 and least < LEAST_NET - _EPSILON:
        raise SiteError("margin_too_large", zone=zone.id, left=f"{least:g}", least=f"{LEAST_NET:g}")


def _check_below(zone: Zone, parent: Zone) -> None:
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


def _check_ancestors(site: Site, zone: Zone) -> None:
    seen = {zone.id}
    step = zone.parent
    while step is not None:
        if step not in site.zone_by_id:
            raise SiteError("unknown_zone", zone=step)
        if step in seen:
            raise SiteError("zone_loop", zone=zone.id)
        seen.add(step)
        step = site.zone_by_id[step].parent


def _check_meters(site: Site) -> None:
    supplied: set[str] = set()
    measured: set[str | None] = set()
    for meter in site.meters:
        if meter.zone not in site.zone_by_id:
            raise SiteError("unknown_zone", zone=meter.zone)
        if meter.is_supply and meter.zone in supplied:
            raise SiteError("second_meter", zone=meter.zone, meter=meter.id)
        if meter.is_supply:
            supplied.add(meter.zone)
        if meter.connector in measured and meter.connector is not None:
            raise SiteError("second_own_meter", connector=meter.connector, meter=meter.id)
        measured.add(meter.connector)


def _check_chargers(site: Site) -> None:
    parents = {zone.parent for zone in site.zones}
    for charger in site.chargers:
        if charger.zone not in site.zone_by_id:
            raise SiteError("unknown_zone", zone=charger.zone)
        if charger.zone in parents:
            raise SiteError("zone_not_terminal", charger=charger.id, zone=charger.zone)
        for connector in charger.connectors:
            _check_connector(connector)
            for zone in site.path(charger.zone):
                _check_balance(connector, site.zone_by_id[zone])


def _check_connector(connector: Connector) -> None:
    if connector.step < 0.1 - _EPSILON or not is_whole(connector.step * 10):
        raise SiteError("step_not_tenths", connector=connector.id, step=f"{connector.step:g}")
    if connector.floor <= 0 or connector.entry > connector.max_current:
        raise SiteError(
            "floor_above_max",
            connector=connector.id,
            floor=f"{connector.floor:g}",
            max_current=f"{connector.max_current:g}",
        )
    fallback = connector.fallback or 0.0
    if not 0 <= fallback <= connector.max_current:
        raise SiteError("fallback_above_max", connector=connector.id)
    if 0 < down_to_step(fallback, connector.step) < connector.entry:
        raise SiteError("fallback_below_floor", connector=connector.id)


def _check_balance(connector: Connector, zone: Zone) -> None:
    """Refuse a one-phase outlet whose floor is above the unbalance: it could never charge."""
    alone = len(connector.wiring.phases) < len(PHASES)
    if zone.unbalance is not None and alone and connector.floor > zone.unbalance:
        raise SiteError(
            "floor_above_unbalance",
            connector=connector.id,
            zone=zone.id,
            floor=f"{connector.floor:g}",
            unbalance=f"{zone.unbalance:g}",
        )


def _require_unique(kind: str, ids: Iterable[str]) -> None:
    seen: set[str] = set()
    for item in ids:
        if item in seen:
            raise SiteError("duplicate_id", kind=kind, id=item)
        seen.add(item)
