"""A plant whose cars follow the sun, with a meter at the grid connection."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Final

from custom_components.headroom.engine.currents import PerPhase
from custom_components.headroom.engine.decision import ReasonCode, Setpoint
from custom_components.headroom.engine.site.model import (
    Charger,
    Meter,
    Rules,
    Site,
    Supply,
    Zone,
)
from custom_components.headroom.engine.sun.rules import SunRules
from custom_components.headroom.engine.when.permit import SunMode

from ..plant import Plant, charger

STOP_DELAY: Final = timedelta(seconds=180)
"""What tests count on, whatever the default is."""


def sunny_site(chargers: Iterable[Charger], **rules: object) -> Site:
    """Return a site with a meter and rules for the sun, any of `SunRules`' fields."""
    return Site(
        zones=(Zone(id="z", limit=PerPhase.same(63), supply=Supply.DYNAMIC),),
        meters=(Meter(id="m", zone="z"),),
        chargers=tuple(chargers),
        rules=Rules(sun=SunRules(**{"stop_delay": STOP_DELAY, **rules})),  # type: ignore[arg-type] # any of its fields
    )


def plant(*chargers: Charger, mode: SunMode = SunMode.SUN_ONLY, **rules: object) -> Plant:
    """Return a plant whose connectors all follow the sun in one mode."""
    site = Plant(sunny_site(chargers or (charger("a"),), **rules), tick=1.0)
    site.sun_modes = dict.fromkeys(site.site.connector_by_id, mode)
    return site


def shine(site: Plant, current: float, seconds: float) -> dict[str, Setpoint]:
    """Let the sun leave that much per phase, in A, for some time; return the last setpoints."""
    site.house = PerPhase.same(-current)
    return dict(site.run(seconds).setpoints)


def currents(setpoints: Mapping[str, Setpoint]) -> dict[str, float]:
    return {key: setpoint.current for key, setpoint in setpoints.items()}


def code(setpoint: Setpoint) -> ReasonCode:
    return setpoint.reasons[0].code
