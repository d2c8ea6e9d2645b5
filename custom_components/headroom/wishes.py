"""What people have set at entities and by actions, kept across restarts."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import time
from functools import partial
from typing import Any, Final, Self

from .chargers.base import PHASE_COUNTS
from .engine.memory.stored import read_list, read_number
from .engine.when.permit import SunMode
from .plan.ready_times import SpecialDays, read_special_days
from .plan.session_goal import SessionGoal
from .stored_parts import read_each, read_part

_MOST: Final = 1e6
"""No current, energy or charge that somebody sets is higher."""


@dataclass(slots=True, kw_only=True)
class Wishes:
    """What people have set; currents in A per phase. Each field goes by id, or is a set of ids."""

    zone_limits: dict[str, float] = field(default_factory=dict)
    """By zone id."""
    connector_limits: dict[str, float] = field(default_factory=dict)
    """By connector id."""
    paused: set[str] = field(default_factory=set)
    """Ids of connectors."""
    phase_counts: dict[str, int] = field(default_factory=dict)
    """Number of phases, 1 or 3, by connector id."""
    tariffs_off: set[str] = field(default_factory=set)
    """Ids of tariff periods that are switched off, and of zones and sites that have none."""
    off_peak: dict[str, bool] = field(default_factory=dict)
    """Whether connectors wait for cheap hours, by id; others do as the site does."""
    forced: set[str] = field(default_factory=set)
    """Ids of connectors whose cars charge at once, for one session."""
    sun_modes: dict[str, SunMode] = field(default_factory=dict)
    """How connectors follow the sun, by id, and all others, by the id of the site."""
    automatic_phases: set[str] = field(default_factory=set)
    """Ids of connectors whose number of phases goes by the sun."""
    planned: set[str] = field(default_factory=set)
    """Ids of connectors whose goal for every day is planned for."""
    goal_energies: dict[str, float] = field(default_factory=dict)
    """kWh of a session, by connector id."""
    goal_charges: dict[str, float] = field(default_factory=dict)
    """Percent of a car's battery, by connector id."""
    minimum_energies: dict[str, float] = field(default_factory=dict)
    """kWh of a session that come before the rest, by connector id."""
    minimum_charges: dict[str, float] = field(default_factory=dict)
    """Percent of a car's battery that come before the rest, by connector id."""
    ready_by: dict[str, str] = field(default_factory=dict)
    """Time of day on the wall in ISO 8601, by connector id."""
    ready_on: dict[str, SpecialDays] = field(default_factory=dict)
    """Other times of some weekdays, or none, by connector id."""
    session_goals: dict[str, SessionGoal] = field(default_factory=dict)
    """By connector id."""

    def forget_all_but(self, known: set[str]) -> None:
        """Drop the wishes for what does not exist any more."""
        for part in fields(self):
            kept = getattr(self, part.name)
            if isinstance(kept, set):
                kept &= known
            else:
                for key in kept.keys() - known:
                    del kept[key]

    def to_json(self) -> dict[str, object]:
        """Return a JSON object that `from_json` reads."""
        kept = {part.name: getattr(self, part.name) for part in fields(self)}
        return {k: sorted(v) if isinstance(v, set) else _plain(v) for k, v in kept.items()}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Return the stored wishes but those that cannot be read; older releases have fewer."""
        wishes = cls()
        for name in _IDS & stored.keys():
            setattr(wishes, name, _read_ids(name, stored[name]))
        for name in _READERS.keys() & stored.keys():
            setattr(wishes, name, _read_entries(name, stored[name]))
        return wishes


def _plain(kept: Mapping[str, object]) -> dict[str, object]:
    return {k: v.to_json() if isinstance(v, SessionGoal) else v for k, v in kept.items()}


def _read_ids(name: str, stored: object) -> set[str]:
    none: set[str] = set()
    return read_part(name, partial(_ids, stored), none)


def _read_entries(name: str, stored: Mapping[str, Any]) -> dict[str, Any]:
    none: dict[str, Any] = {}
    return read_part(name, partial(read_each, name, stored, _READERS[name]), none)


def _ids(stored: object) -> set[str]:
    return {item for item in read_list(stored) if isinstance(item, str)}


def _number(stored: object) -> float:
    return read_number(stored, 0, _MOST)


def _phase_count(stored: object) -> int:
    if stored not in PHASE_COUNTS:
        raise ValueError(f"not a number of phases: {stored!r}")
    return int(stored)


def _choice(stored: object) -> bool:
    return stored is True


def _time(stored: str) -> str:
    return time.fromisoformat(stored).isoformat()


_IDS: Final = frozenset({"paused", "tariffs_off", "forced", "automatic_phases", "planned"})
_READERS: Final[Mapping[str, Callable[[Any], Any]]] = {
    "zone_limits": _number,
    "connector_limits": _number,
    "phase_counts": _phase_count,
    "off_peak": _choice,
    "sun_modes": SunMode,
    "goal_energies": _number,
    "goal_charges": _number,
    "minimum_energies": _number,
    "minimum_charges": _number,
    "ready_by": _time,
    "ready_on": read_special_days,
    "session_goals": SessionGoal.from_json,
}
"""How the entries of each field are read."""
