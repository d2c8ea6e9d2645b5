"""What flows in a running site at this moment."""

from typing import TYPE_CHECKING

from .engine.site.model import Meter
from .power_flows import PowerFlows, power_drawn, power_of

if TYPE_CHECKING:
    from .coordinator import SiteCoordinator


def power_flows(site: SiteCoordinator) -> PowerFlows:
    """Return the power flows of a site as its meters show them now."""

    def shown(meter: Meter) -> float | None:
        link = site.equipment.meter(meter.id)
        data = None if link is None else link.data
        return power_of(data) if data is not None and site.meter_speaks(meter.id) else None

    return PowerFlows.of(site.data.site, shown, charging_power(site))


def charging_power(site: SiteCoordinator) -> float:
    """Return what all connectors draw as far as chargers measure it, in W."""
    return sum(
        power_drawn(data) or 0.0
        for charger in site.equipment.chargers.values()
        for data in charger.connectors.values()
    )
