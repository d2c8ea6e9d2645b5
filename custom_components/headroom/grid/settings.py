"""What the options of a site say of energy manager, grid operator and the guards of import."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any, Final

from ..const import CONF_G100, CONF_MANAGER, CONF_OPERATOR, CONF_PEAK
from ..engine.grid.excursion import ImportScheme, Premises
from ..engine.grid.manager import ManagerPolicy
from ..engine.grid.messenger import BY_ACTION, BY_SOURCE, HEARTBEAT, MOST, SHORTEST_FAILSAFE
from ..engine.grid.operator import OperatorPolicy, guaranteed
from ..engine.grid.peak import HOUR, QUARTER, PeakPolicy
from ..engine.site.model import Site
from ..entity_state import EntityState, as_float
from ..inputs.sources import WATTS, Contact, ContactKind, InputSilent

SILENCE: Final = "when_silent"
FALLBACK: Final = "fallback_current"
HEARTBEAT_S: Final = "heartbeat"
SOURCE: Final = "operator_entity"
SOURCE_KIND: Final = "operator_contact"
DIMMED: Final = "dimmed_power"
REPEATS: Final = "repeats"
FAILSAFE: Final = "failsafe_power"
FAILSAFE_HOURS: Final = "failsafe_hours"
SURPLUS: Final = "surplus_on_top"
OTHER_DEVICES: Final = "other_devices"
ZONE: Final = "guarded_zone"
IMPORT_LIMIT: Final = "import_limit"
EXPORT_LIMIT: Final = "export_limit"
PREMISES: Final = "premises"
TARGET: Final = "peak_target"
PERIOD: Final = "peak_period"
FOLLOW: Final = "follow_month"
NETTING: Final = "net_phases"

W_PER_KW: Final = 1000


class Silence(StrEnum):
    """What holds after an energy manager has gone silent."""

    FALLBACK = "fallback"
    NO_LIMIT = "no_limit"


class Period(StrEnum):
    """What an average is taken over."""

    QUARTER = "quarter"
    HOUR = "hour"


_PERIODS: Final = {Period.QUARTER: QUARTER, Period.HOUR: HOUR}
DEFAULT_MANAGER: Final = ManagerPolicy()
DEFAULT_PEAK: Final = PeakPolicy()
DEFAULT_HEARTBEAT_S: Final = round(HEARTBEAT.total_seconds())
DEFAULT_FAILSAFE_HOURS: Final = round(SHORTEST_FAILSAFE / timedelta(hours=1))


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorSource:
    """An entity that says what the grid operator wants: a power, or a contact that dims."""

    entity: str
    kind: ContactKind
    dimmed: float
    """W while a contact is active."""
    repeats: bool
    """It reports anew what it says; otherwise it is enough that it is there."""

    def wanted(self, state: EntityState | None) -> float | None:
        """Return the limit in W, or None if there is none. Raises InputSilent.

        Some show the highest number that they know where there is no limit.
        """
        if state is not None and state.unit is not None:
            number, factor = as_float(state.value), WATTS.get(state.unit)
            if number is None or factor is None:
                raise InputSilent("it shows no power")
            power = max(0.0, number * factor)
            return power if power <= MOST else None
        contact = Contact("grid operator", self.entity, self.kind)
        return self.dimmed if contact.is_active(state) else None


def manager_of(options: Mapping[str, Any]) -> ManagerPolicy:
    """Return what becomes of an energy manager's setpoints."""
    stored = options.get(CONF_MANAGER)
    if stored is None:
        return DEFAULT_MANAGER
    silent = Silence(stored[SILENCE])
    return ManagerPolicy(
        heartbeat=timedelta(seconds=stored[HEARTBEAT_S]),
        fallback=stored[FALLBACK] if silent is Silence.FALLBACK else None,
    )


def least_power(options: Mapping[str, Any], site: Site) -> float:
    """Return what a grid operator must leave to the cars of a site, in W.

    Other controllable devices behind the same connection keep their 4.2 kW.
    """
    others = options.get(CONF_OPERATOR, {}).get(OTHER_DEVICES, 0)
    devices = len(site.connector_by_id) + others
    return max(0.0, guaranteed(devices) - others * guaranteed(1)) if devices else 0.0


def operator_of(options: Mapping[str, Any], site: Site) -> OperatorPolicy:
    """Return how a grid operator's limitation goes.

    Without an entity it is the actions that are repeated, if that was said.
    """
    stored, least = options.get(CONF_OPERATOR), least_power(options, site)
    if stored is None:
        return OperatorPolicy(failsafe=least)
    speaks = stored[HEARTBEAT_S] > 0 and (SOURCE in stored or stored[REPEATS])
    return OperatorPolicy(
        heartbeat=timedelta(seconds=stored[HEARTBEAT_S]) if speaks else None,
        watched=BY_SOURCE if SOURCE in stored else BY_ACTION,
        failsafe=_watts(stored, FAILSAFE, least),
        failsafe_for=timedelta(hours=stored[FAILSAFE_HOURS]),
        surplus=stored[SURPLUS],
    )


def source_of(options: Mapping[str, Any], site: Site) -> OperatorSource | None:
    """Return the entity that speaks for the grid operator."""
    stored = options.get(CONF_OPERATOR, {})
    if SOURCE not in stored:
        return None
    return OperatorSource(
        entity=stored[SOURCE],
        kind=ContactKind(stored[SOURCE_KIND]),
        dimmed=_watts(stored, DIMMED, least_power(options, site)),
        repeats=stored[REPEATS],
    )


def peaks_of(options: Mapping[str, Any]) -> dict[str, PeakPolicy]:
    """Return the capacity tariff by the zone that it is for."""
    stored = options.get(CONF_PEAK, {})
    if ZONE not in stored:
        return {}
    policy = PeakPolicy(
        target=stored[TARGET] * W_PER_KW,
        period=_PERIODS[Period(stored[PERIOD])],
        follow=stored[FOLLOW],
        netting=stored[NETTING],
    )
    return {stored[ZONE]: policy}


def schemes_of(options: Mapping[str, Any]) -> dict[str, ImportScheme]:
    """Return the agreed import limit by the zone that it is for."""
    stored = options.get(CONF_G100, {})
    if ZONE not in stored:
        return {}
    scheme = ImportScheme(
        import_limit=stored[IMPORT_LIMIT],
        premises=Premises(stored[PREMISES]),
        export_limit=stored.get(EXPORT_LIMIT),
    )
    return {stored[ZONE]: scheme}


def _watts(stored: Mapping[str, Any], key: str, default: float) -> float:
    return stored[key] * W_PER_KW if key in stored else default
