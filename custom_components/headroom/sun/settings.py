"""Following the sun as the options of a site and the wishes of its people describe it."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import timedelta
from enum import StrEnum
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry

from ..const import CONF_SUN
from ..engine.cars.wear import WearPolicy
from ..engine.sun.rules import BatteryPolicy, BatteryRules, Eater, Metering, SunRules
from ..engine.when.permit import SunMode
from ..wishes import Wishes

METERING: Final = "metering"
RESERVE: Final = "reserve"
ALLOWED_IMPORT: Final = "allowed_import"
HYSTERESIS: Final = "hysteresis"
START_DELAY: Final = "start_delay"
STOP_DELAY: Final = "stop_delay"
MIN_RUN: Final = "min_run"
AFTER_FORCE: Final = "after_force"
MORE_PHASES_AFTER: Final = "more_phases_after"
SWITCHES: Final = "switches"
SWITCH_INTERVAL: Final = "switch_interval"
BATTERY_POLICY: Final = "battery_policy"
BATTERY_LOW: Final = "battery_low"
BATTERY_HIGH: Final = "battery_high"
FEED_ABOVE: Final = "feed_above"
FEED_POWER: Final = "feed_power"
FEEDS: Final = "feeds"
HOLD_ENTITY: Final = "hold_entity"


class AfterForce(StrEnum):
    """How a car follows the sun when a forced session has ended (A10.4)."""

    AS_BEFORE = "as_before"
    SUN_ONLY = "sun_only"


_SUN: Final = SunRules()
_WEAR: Final = WearPolicy()
_BATTERY: Final = _SUN.battery


def _seconds(span: timedelta) -> int:
    return round(span.total_seconds())


PROPOSED: Final[Mapping[str, Any]] = {
    METERING: _SUN.metering.value,
    RESERVE: _SUN.reserve,
    ALLOWED_IMPORT: _SUN.allowed_import,
    HYSTERESIS: _SUN.hysteresis,
    START_DELAY: _seconds(_SUN.start_delay),
    STOP_DELAY: _seconds(_SUN.stop_delay),
    MIN_RUN: _seconds(_SUN.min_run),
    AFTER_FORCE: AfterForce.AS_BEFORE.value,
    MORE_PHASES_AFTER: _seconds(_SUN.more_phases_after),
    SWITCHES: _WEAR.switches,
    SWITCH_INTERVAL: _seconds(_WEAR.switch_interval),
    BATTERY_POLICY: _BATTERY.policy.value,
    BATTERY_LOW: _BATTERY.low,
    BATTERY_HIGH: _BATTERY.high,
    FEED_ABOVE: _BATTERY.feed_above,
    FEED_POWER: _BATTERY.feed_power,
    FEEDS: [],
}
"""What the form shows to a site that has never set them."""


def sun_of(options: Mapping[str, Any]) -> SunRules:
    """Return how a site follows the sun."""
    return sun_rules(_values(options))


def sun_rules(values: Mapping[str, Any]) -> SunRules:
    """Return the rules that the values of the form mean. Raises ValueError if they cannot be."""
    return SunRules(
        metering=Metering(values[METERING]),
        reserve=values[RESERVE],
        allowed_import=values[ALLOWED_IMPORT],
        hysteresis=values[HYSTERESIS],
        start_delay=timedelta(seconds=values[START_DELAY]),
        stop_delay=timedelta(seconds=values[STOP_DELAY]),
        min_run=timedelta(seconds=values[MIN_RUN]),
        more_phases_after=timedelta(seconds=values[MORE_PHASES_AFTER]),
        battery=BatteryRules(
            policy=BatteryPolicy(values[BATTERY_POLICY]),
            low=values[BATTERY_LOW],
            high=values[BATTERY_HIGH],
            feed_above=values[FEED_ABOVE],
            feed_power=values[FEED_POWER],
            feeds=frozenset(Eater(eater) for eater in values[FEEDS]),
        ),
    )


def spared(wear: WearPolicy, options: Mapping[str, Any]) -> WearPolicy:
    """Return what a car and a contactor put up with, with a site's budget of phase switches."""
    values = _values(options)
    interval = timedelta(seconds=values[SWITCH_INTERVAL])
    return replace(wear, switches=values[SWITCHES], switch_interval=interval)


def hold_entity_of(options: Mapping[str, Any]) -> str | None:
    """Return what is switched on while the house battery is to give nothing."""
    entity: str | None = options.get(CONF_SUN, {}).get(HOLD_ENTITY)
    return entity


def mode_of(wishes: Wishes, connector: str, entry_id: str) -> SunMode:
    """Return how a connector follows the sun: as was chosen for it, or for the whole site."""
    return wishes.sun_modes.get(connector) or wishes.sun_modes.get(entry_id, SunMode.OFF)


def modes_of(wishes: Wishes, connectors: Iterable[str], entry_id: str) -> dict[str, SunMode]:
    """Return the modes of the connectors that follow the sun."""
    modes = {key: mode_of(wishes, key, entry_id) for key in connectors} if wishes.sun_modes else {}
    return {key: mode for key, mode in modes.items() if mode is not SunMode.OFF}


def end_forces(wishes: Wishes, spent: frozenset[str], entry: ConfigEntry) -> bool:
    """Drop the wishes to charge at once that have served; return whether there were any.

    Where the site wants it so, who follows the sun goes on with sun only.
    """
    if not (ended := wishes.forced & spent):
        return False
    wishes.forced -= ended
    if _values(entry.options)[AFTER_FORCE] == AfterForce.SUN_ONLY:
        followers = modes_of(wishes, ended, entry.entry_id)
        wishes.sun_modes |= dict.fromkeys(followers, SunMode.SUN_ONLY)
    return True


def _values(options: Mapping[str, Any]) -> Mapping[str, Any]:
    return {**PROPOSED, **options.get(CONF_SUN, {})}
