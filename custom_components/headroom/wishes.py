"""What people have set at entities and by actions, kept across restarts."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import time
from typing import Any, Final, Self

from .chargers.base import PHASE_COUNTS
from .engine.when.permit import SunMode
from .plan.ready_times import SpecialDays, read_special_days
from .plan.session_goal import SessionGoal


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
        """Return the stored wishes; older releases have fewer. Raises ValueError and TypeError."""
        parts = {name: read(stored[name]) for name, read in _READERS.items() if name in stored}
        return cls(**parts)


def _numbers(stored: Mapping[str, Any]) -> dict[str, float]:
    return {key: float(value) for key, value in stored.items()}


def _times(stored: Mapping[str, Any]) -> dict[str, str]:
    return {key: time.fromisoformat(value).isoformat() for key, value in stored.items()}


def _special_days(stored: Mapping[str, Any]) -> dict[str, SpecialDays]:
    return {key: read_special_days(value) for key, value in stored.items()}


def _session_goals(stored: Mapping[str, Any]) -> dict[str, SessionGoal]:
    return {key: SessionGoal.from_json(value) for key, value in stored.items()}


def _plain(kept: Mapping[str, object]) -> dict[str, object]:
    return {k: v.to_json() if isinstance(v, SessionGoal) else v for k, v in kept.items()}


def _phase_counts(stored: Mapping[str, Any]) -> dict[str, int]:
    return {key: int(value) for key, value in stored.items() if value in PHASE_COUNTS}


def _choices(stored: Mapping[str, Any]) -> dict[str, bool]:
    return {key: value is True for key, value in stored.items()}


def _sun_modes(stored: Mapping[str, Any]) -> dict[str, SunMode]:
    return {key: SunMode(value) for key, value in stored.items()}


_READERS: Final[Mapping[str, Callable[[Any], Any]]] = {
    "zone_limits": _numbers,
    "connector_limits": _numbers,
    "paused": set,
    "phase_counts": _phase_counts,
    "tariffs_off": set,
    "off_peak": _choices,
    "forced": set,
    "sun_modes": _sun_modes,
    "automatic_phases": set,
    "planned": set,
    "goal_energies": _numbers,
    "goal_charges": _numbers,
    "minimum_energies": _numbers,
    "minimum_charges": _numbers,
    "ready_by": _times,
    "ready_on": _special_days,
    "session_goals": _session_goals,
}
"""How each field is read."""
