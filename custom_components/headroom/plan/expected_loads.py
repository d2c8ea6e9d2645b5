"""Learns what a site draws beside its cars from its meters, minute by minute."""

from typing import TYPE_CHECKING

from homeassistant.util import dt as dt_util

from ..engine.currents import PHASES
from ..site_flows import power_flows
from .loads import Loads

if TYPE_CHECKING:
    from ..coordinator import SiteCoordinator


def sample_loads(site: SiteCoordinator, loads: Loads) -> None:
    """Note what is drawn now."""
    now, local = dt_util.utcnow(), dt_util.get_default_time_zone()
    for key, zone in site.data.decision.zones.items():
        if zone.measured is None or zone.degraded:
            continue
        for phase in PHASES:
            others = zone.measured[phase] - zone.drawn[phase]
            loads.of(key)[phase].note(now, others, local)
    if (house := power_flows(site).house) is not None:
        loads.house.note(now, max(0.0, house), local)
