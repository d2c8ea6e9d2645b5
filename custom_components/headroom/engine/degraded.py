"""What connectors take when contact with them is lost (A11.1, A11.3)."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from .currents import PerPhase

if TYPE_CHECKING:
    from .model import Connector, Site, Zone


def fallbacks(site: Site) -> Mapping[str, float]:
    """Return the fallback current in A per phase of each connector id.

    A current that the installer gave is taken as it is. Otherwise a connector takes its floor if
    the floors of all connectors fit into every zone above it (just fitting is enough), times the
    room that is over where the zone says so; in a zone that is dynamic or lies in a dynamic one
    it takes nothing, because without contact nobody watches the other loads.
    """
    needs = {zone.id: _floors(site, zone) for zone in site.zones}
    return {
        connector.id: _fallback(site, connector, needs)
        if connector.fallback is None
        else connector.fallback
        for connector in site.connectors
    }


def _floors(site: Site, zone: Zone) -> PerPhase:
    total = PerPhase()
    for connector in site.connectors:
        if zone.id in site.path(site.zone_of[connector.id]):
            total += PerPhase.on(connector.wiring.phases, connector.floor)
    return total


def _fallback(site: Site, connector: Connector, needs: Mapping[str, PerPhase]) -> float:
    own = site.zone_of[connector.id]
    zones = [site.zone_by_id[zone] for zone in site.path(own)]
    if any(zone.is_dynamic for zone in zones):
        return 0.0
    room = min(_scale(zone, needs[zone.id]) for zone in zones)
    if room < 1:
        return 0.0
    scale = room if site.zone_by_id[own].scale_fallback else 1.0
    return min(connector.max_current, connector.floor * scale)


def _scale(zone: Zone, need: PerPhase) -> float:
    return min(limit / floors for limit, floors in zip(zone.limit, need, strict=True) if floors > 0)
