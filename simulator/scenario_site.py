"""The site of a scenario file: the words of the engine, with the values that JSON can hold."""

from collections.abc import Callable, Mapping
from datetime import time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from custom_components.headroom.engine.cars.asleep import QueuePolicy
from custom_components.headroom.engine.cars.wear import WearPolicy
from custom_components.headroom.engine.currents import PerPhase
from custom_components.headroom.engine.grid.excursion import ImportScheme, Premises
from custom_components.headroom.engine.grid.peak import PeakPolicy
from custom_components.headroom.engine.site.breaker import ProtectiveDevice
from custom_components.headroom.engine.site.degraded import OfflinePolicy
from custom_components.headroom.engine.site.model import (
    Charger,
    Connector,
    Meter,
    MeterRole,
    Rules,
    SharingMode,
    Site,
    Supply,
    Zone,
)
from custom_components.headroom.engine.site.tariff import TariffPeriod
from custom_components.headroom.engine.site.wiring import Wiring
from custom_components.headroom.engine.sun.rules import (
    BatteryPolicy,
    BatteryRules,
    Eater,
    Metering,
    SunRules,
)
from custom_components.headroom.engine.turns.rotation import SheddingPriority
from custom_components.headroom.engine.when.off_peak import ClockRules, WeekendRule, Window
from custom_components.headroom.engine.when.weekly import WeeklySlot

from .validation import FileError

type Converters = Mapping[str, Callable[[Any], object]]
"""How the values of some fields are read; all others are taken as they are."""


def read_site(data: Mapping[str, Any]) -> Site:
    """Return the site that a file describes. Raises SiteError, ValueError or FileError."""
    return Site(
        zones=tuple(made(Zone, zone, _ZONE) for zone in data["zones"]),
        meters=tuple(_meter(meter) for meter in data.get("meters", ())),
        chargers=tuple(made(Charger, charger, _CHARGER) for charger in data["chargers"]),
        tariffs=tuple(made(TariffPeriod, period, _TARIFF) for period in data.get("tariffs", ())),
        rules=made(Rules, data.get("rules", {}), _RULES),
    )


def made[T](make: Callable[..., T], data: Mapping[str, Any], converters: Converters) -> T:
    """Make a part of its fields in a file; the names in the file are those of the part."""
    return make(
        **{
            name: converters[name](value) if name in converters else value
            for name, value in data.items()
        }
    )


def _meter(data: Mapping[str, Any]) -> Meter:
    """Return a meter; files older than its role say no more than that it only reports."""
    fields = {name: value for name, value in data.items() if name != "reporting"}
    if data.get("reporting"):
        fields.setdefault("role", MeterRole.OUTLET.value)
    return made(Meter, fields, _METER)


def _per_phase(value: float | list[float]) -> PerPhase:
    return PerPhase(*value) if isinstance(value, list) else PerPhase.same(float(value))


def _seconds(value: float) -> timedelta:
    return timedelta(seconds=value)


def _time_zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        msg = f"unknown time zone {name}"
        raise FileError(msg) from error


def _connectors(connectors: list[dict[str, Any]]) -> tuple[Connector, ...]:
    return tuple(made(Connector, connector, _CONNECTOR) for connector in connectors)


def _slots(slots: list[dict[str, Any]]) -> tuple[WeeklySlot, ...]:
    return tuple(made(WeeklySlot, slot, _SLOT) for slot in slots)


def _queue(data: Mapping[str, Any]) -> QueuePolicy:
    return made(QueuePolicy, data, {"wait": _seconds, "retry_period": _seconds})


def _clock(data: Mapping[str, Any]) -> ClockRules:
    return made(ClockRules, data, _CLOCK)


def _windows(windows: list[list[str]]) -> tuple[Window, ...]:
    return tuple((time.fromisoformat(start), time.fromisoformat(end)) for start, end in windows)


def _wear(data: Mapping[str, Any]) -> WearPolicy:
    return made(WearPolicy, data, dict.fromkeys(("min_on", "min_off", "switch_interval"), _seconds))


def _sun(data: Mapping[str, Any]) -> SunRules:
    return made(SunRules, data, _SUN)


def _battery(data: Mapping[str, Any]) -> BatteryRules:
    return made(BatteryRules, data, {"policy": BatteryPolicy, "feeds": _eaters})


def _eaters(names: list[str]) -> frozenset[Eater]:
    return frozenset(Eater(name) for name in names)


_ZONE: Final[Converters] = {
    "limit": _per_phase,
    "supply": Supply,
    "assumed_loads": _per_phase,
    "protection": ProtectiveDevice,
    "sharing": SharingMode,
}
_METER: Final[Converters] = {"role": MeterRole, "max_age": _seconds}
_CHARGER: Final[Converters] = {"connectors": _connectors}
_CONNECTOR: Final[Converters] = {"wiring": Wiring, "offline": OfflinePolicy}
_TARIFF: Final[Converters] = {"slots": _slots, "zones": frozenset}
_SLOT: Final[Converters] = {
    "weekdays": frozenset,
    "start": time.fromisoformat,
    "end": time.fromisoformat,
}
_CLOCK: Final[Converters] = {
    "windows": _windows,
    "weekend": WeekendRule,
    "longest_delay": _seconds,
}
_SUN: Final[Converters] = {
    "metering": Metering,
    "start_delay": _seconds,
    "stop_delay": _seconds,
    "min_run": _seconds,
    "more_phases_after": _seconds,
    "battery": _battery,
}
_PEAK: Final[Converters] = {"period": _seconds}
_SCHEME: Final[Converters] = {"premises": Premises}


def _peaks(data: Mapping[str, Any]) -> dict[str, PeakPolicy]:
    return {zone: made(PeakPolicy, policy, _PEAK) for zone, policy in data.items()}


def _schemes(data: Mapping[str, Any]) -> dict[str, ImportScheme]:
    return {zone: made(ImportScheme, scheme, _SCHEME) for zone, scheme in data.items()}


_RULES: Final[Converters] = {
    "peaks": _peaks,
    "schemes": _schemes,
    "shedding": SheddingPriority,
    "queue": _queue,
    "wear": _wear,
    "priority_hours": frozenset,
    "time_zone": _time_zone,
    "clock": _clock,
    "sun": _sun,
}
