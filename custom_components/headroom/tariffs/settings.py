"""Tariff periods as their subentries describe them."""

from collections.abc import Collection
from datetime import time
from enum import StrEnum
from typing import Any, Final

from homeassistant.config_entries import ConfigSubentry

from ..const import CONF_PERCENT, CONF_SLOTS, CONF_WEEKDAYS, CONF_ZONES
from ..engine.site.errors import SiteError
from ..engine.site.model import Site
from ..engine.site.tariff import TariffPeriod
from ..engine.when.weekly import WeeklySlot

START: Final = "start"
END: Final = "end"


class Weekday(StrEnum):
    """Days in the order in which the engine counts them."""

    MONDAY = "mon"
    TUESDAY = "tue"
    WEDNESDAY = "wed"
    THURSDAY = "thu"
    FRIDAY = "fri"
    SATURDAY = "sat"
    SUNDAY = "sun"


_NUMBERS: Final = {day: number for number, day in enumerate(Weekday)}


def tariff_of(item: ConfigSubentry) -> TariffPeriod:
    """Return the period that a subentry describes. Raises SiteError if it is not finished."""
    data = item.data
    try:
        weekdays = frozenset(_NUMBERS[Weekday(day)] for day in data[CONF_WEEKDAYS])
        return TariffPeriod(
            id=item.subentry_id,
            slots=tuple(_slot(weekdays, slot) for slot in data[CONF_SLOTS]),
            percent=float(data[CONF_PERCENT]),
            zones=frozenset(data[CONF_ZONES]) if CONF_ZONES in data else None,
        )
    except (KeyError, TypeError, ValueError) as error:
        raise SiteError("tariff_unfinished", period=item.subentry_id) from error


def switched_off(wished: Collection[str], entry_id: str, site: Site) -> frozenset[str]:
    """Return the ids of the periods and zones that are off; with a whole site all periods are."""
    return frozenset(wished).union(p.id for p in site.tariffs if entry_id in wished)


def _slot(weekdays: frozenset[int], slot: dict[str, Any]) -> WeeklySlot:
    return WeeklySlot(weekdays, time.fromisoformat(slot[START]), time.fromisoformat(slot[END]))
