"""Limits that somebody else has set in a charger, such as an energy manager or the grid."""

from collections.abc import Iterator, Mapping
from typing import Final

from .fields import as_int, as_mapping, as_number, as_text, mappings

_MOST: Final = 16
_LONGEST_WORD: Final = 20

type _Key = tuple[str, int]


class ExternalLimits:
    """By source and EVSE, 0 for the whole station. They are shown and never fought.

    A station tells a change and does not repeat it, so they are known beyond a connection.
    """

    def __init__(self) -> None:
        self._limits: dict[_Key, str] = {}

    @property
    def shown(self) -> list[str]:
        """Return them in words."""
        return [
            f"{source}, {f'connector {evse}' if evse else 'whole station'}: {limit}"
            for (source, evse), limit in self._limits.items()
        ]

    def note(self, payload: Mapping[str, object]) -> bool:
        """Note a NotifyChargingLimit; return whether there was none before."""
        is_first = not self._limits
        key = _key(as_mapping(payload.get("charging_limit")), payload)
        words = min(_amounts(payload.get("charging_schedule")), default=None)
        text = "unknown" if words is None else f"{words[0]:g} {words[1]}"
        self._limits[key] = text
        for oldest in tuple(self._limits)[:-_MOST]:
            del self._limits[oldest]
        return is_first

    def clear(self, payload: Mapping[str, object]) -> bool:
        """Note a ClearedChargingLimit; return whether it was the last one."""
        return self._limits.pop(_key(payload, payload), None) is not None and not self._limits


def _key(source: Mapping[str, object], payload: Mapping[str, object]) -> _Key:
    name = as_text(source.get("charging_limit_source")) or "Other"
    return name[:_LONGEST_WORD], as_int(payload.get("evse_id")) or 0


def _amounts(schedules: object) -> Iterator[tuple[float, str]]:
    """Yield the limits of schedules with their units; many chargers tell none."""
    for schedule in mappings(schedules):
        unit = (as_text(schedule.get("charging_rate_unit")) or "")[:_LONGEST_WORD]
        for period in mappings(schedule.get("charging_schedule_period")):
            if (limit := as_number(period.get("limit"))) is not None:
                yield limit, unit
