"""When the house battery is to give nothing, for it would feed cars that it may not feed."""

from typing import Final

from ..known.power import NOMINAL_VOLTAGE
from ..site.model import MeterRole
from ..snapshot import ConnectorStatus
from ..view import View
from ..when.permit import SunMode
from .battery import may_feed
from .rules import Eater

EATERS: Final = {
    SunMode.SUN_ONLY: Eater.SUN_ONLY,
    SunMode.SUN_HYBRID: Eater.SUN_HYBRID,
    SunMode.MAX_HYBRID: Eater.OTHERS,
    SunMode.OFF: Eater.OTHERS,
}
_CLEARLY: Final = 100.0
"""W from the grid; less is what currents are rounded by."""


def holds_battery(view: View) -> bool:
    """Return whether a car charges from the grid that the battery may not feed.

    Sun only takes nothing from the grid but while a cloud passes, unless a plan needs it: no reason
    to switch a battery.
    """
    if all(meter.role is not MeterRole.BATTERY for meter in view.site.meters):
        return False
    rules = view.site.rules.sun.battery
    fed = rules.feeds if may_feed(rules, view.snapshot.battery_charge) else frozenset[Eater]()
    spared = fed | {Eater.SUN_ONLY}
    return any(_eater(view, key) not in spared and _from_grid(view, key) for key in view.states)


def _eater(view: View, key: str) -> Eater:
    if key in view.snapshot.forced or _is_planned(view, key):
        return Eater.OTHERS
    return EATERS[view.snapshot.sun_modes.get(key, SunMode.OFF)]


def _is_planned(view: View, key: str) -> bool:
    plan = view.snapshot.plans.get(key)
    bound = None if plan is None else plan.bound(view.snapshot.now)
    return bound is not None and bound.current > 0


def _from_grid(view: View, key: str) -> bool:
    if view.observations[key].reading.status is not ConnectorStatus.CHARGING:
        return False
    power = view.states[key].commanded * len(view.phases[key]) * NOMINAL_VOLTAGE
    return power > view.sunlight.shares.get(key, 0.0) + _CLEARLY
