"""The summary of tariff periods: what they leave to the cars of each zone (A8.4)."""

from typing import TYPE_CHECKING, Any

from ..engine.currents import PHASE_NAMES, PerPhase
from ..engine.when.tariff_caps import table_of
from ..installation import names_of
from .settings import switched_off

if TYPE_CHECKING:
    from ..coordinator import SiteCoordinator


def tariff_table(coordinator: SiteCoordinator) -> dict[str, Any]:
    """Return by the names of zones and periods what is for cars, as JSON.

    Where a period does not apply that is the limit of the zone.
    """
    entry, site = coordinator.config_entry, coordinator.data.site
    names = names_of(entry.subentries.values())
    off = switched_off(coordinator.wishes.tariffs_off, entry.entry_id, site)
    return {
        names.get(zone, zone): {
            "nominal": _by_phase(site.zone_by_id[zone].limit),
            "periods": {
                names.get(period, period): {
                    "applies": part is not None,
                    "current": _by_phase(site.zone_by_id[zone].limit if part is None else part),
                }
                for period, part in periods.items()
            },
        }
        for zone, periods in table_of(site, off).items()
    }


def _by_phase(current: PerPhase) -> dict[str, float]:
    return {name: round(value, 1) for name, value in zip(PHASE_NAMES, current, strict=True)}
