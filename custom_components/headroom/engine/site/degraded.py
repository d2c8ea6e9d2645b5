"""What connectors take when contact with them is lost (A11.1, A11.3, A11.5, A11.6)."""

from collections.abc import Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from ..currents import PerPhase
from .grid import down_to_step

if TYPE_CHECKING:
    from .model import Connector, Site, Zone


class OfflinePolicy(StrEnum):
    """What a charger does by itself when contact is lost (A11.5, A11.6, A11.9)."""

    FALLBACK = "fallback"
    """Everybody gets the fallback current; whoever plugs in may start with it (mode 3)."""
    PAUSE = "pause"
    """Nobody charges (mode 0)."""
    KEEP = "keep"
    """Whoever charges keeps the last setpoint, nobody new begins (mode 1; DC stations)."""
    CAP = "cap"
    """Whoever charges gets the fallback current at most, nobody new begins (mode 2)."""


_TAKES_NOTHING: Final = frozenset({OfflinePolicy.PAUSE, OfflinePolicy.KEEP})


def fallbacks(site: Site) -> Mapping[str, float]:
    """Return the fallback current in A per phase of each connector id.

    A charger that pauses without contact takes nothing, and so does one that keeps its setpoint as
    soon as nobody charges there. A current that the installer gave is taken as it is. Otherwise a
    connector takes its floor if the floors of all connectors fit into every zone above it (just
    fitting is enough), times the room that is over where the zone says so; in a zone that is
    dynamic or lies in a dynamic one it takes nothing, because without contact nobody watches the
    other loads.
    """
    needs = {zone.id: _floors(site, zone) for zone in site.zones}
    return {connector.id: _fallback(site, connector, needs) for connector in site.connectors}


def _fallback(site: Site, connector: Connector, needs: Mapping[str, PerPhase]) -> float:
    if connector.offline in _TAKES_NOTHING:
        return 0.0
    if connector.fallback is not None:
        return down_to_step(connector.fallback, connector.step)
    return _share_of_floors(site, connector, needs)


def _floors(site: Site, zone: Zone) -> PerPhase:
    total = PerPhase()
    for connector in site.connectors:
        if zone.id in site.path(site.zone_of[connector.id]):
            total += PerPhase.on(connector.wiring.phases, connector.entry)
    return total


def _share_of_floors(site: Site, connector: Connector, needs: Mapping[str, PerPhase]) -> float:
    own = site.zone_of[connector.id]
    zones = [site.zone_by_id[zone] for zone in site.path(own)]
    if any(zone.is_dynamic for zone in zones):
        return 0.0
    room = min(_scale(zone, needs[zone.id]) for zone in zones)
    if room < 1:
        return 0.0
    scale = room if site.zone_by_id[own].scale_fallback else 1.0
    return down_to_step(min(connector.max_current, connector.entry * scale), connector.step)


def _scale(zone: Zone, need: PerPhase) -> float:
    return min(
        limit / floors for limit, floors in zip(zone.most_for_evs, need, strict=True) if floors > 0
    )
