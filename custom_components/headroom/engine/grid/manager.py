"""Setpoints of an external energy manager for zones (A9.6).

One controller holds a zone at a time, and has to go on writing: a setpoint that is not renewed
within the heartbeat lapses, and its fallback holds until somebody writes or releases the zone.
"""

from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from math import nextafter
from typing import Final, Self

from ..decision import ReasonCode
from ..inputs import Ask, LimitUnit, Reach, ZoneLimit
from ..memory.stored import read_number, read_text, read_time, write_time

MIN_PERIOD: Final = timedelta(seconds=60)
"""Of the updates within it the first one counts."""
MOST: Final = nextafter(1e8, 0)
"""A or W; more is no setpoint."""


class Verdict(StrEnum):
    """What becomes of an update."""

    ACCEPTED = "accepted"
    DROPPED = "dropped"
    """It came too soon after the one before."""
    REFUSED = "refused"
    """Another controller holds the zone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ManagerPolicy:
    """What becomes of a setpoint that is not renewed."""

    heartbeat: timedelta = timedelta(seconds=600)
    fallback: float | None = 6.0
    """A per phase; None: no limit.

    What an energy manager protects may be unknown to Headroom, so its end frees nothing; one car
    goes on with its floor, so that nobody is stranded.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class ManagedSetpoint:
    """What a controller has written; at least one of current and power."""

    controller: str
    at: datetime
    current: float | None = None
    """A per phase."""
    power: float | None = None
    """W over all phases."""
    for_evs: bool = False
    expires: datetime | None = None
    """It ends then as was meant, and leaves nothing behind."""

    def is_over(self, now: datetime) -> bool:
        """Return whether it has ended as was meant."""
        return self.expires is not None and now >= self.expires

    def is_lapsed(self, now: datetime, policy: ManagerPolicy) -> bool:
        """Return whether its controller is silent; a leap of the clock counts as silence."""
        return not self.is_over(now) and abs(now - self.at) > policy.heartbeat

    def lapses_at(self, policy: ManagerPolicy) -> datetime:
        """Return when it ends unless it is renewed."""
        lapse = self.at + policy.heartbeat
        return lapse if self.expires is None else min(lapse, self.expires)

    def limits(self, zone: str, now: datetime, policy: ManagerPolicy) -> Iterator[ZoneLimit]:
        """Yield what it asks of a zone, or what is asked since it has lapsed."""
        if not self.is_lapsed(now, policy):
            yield from self._asked(zone)
        elif policy.fallback is not None:
            code = ReasonCode.ENERGY_MANAGER_SILENT
            yield ZoneLimit(zone=zone, ask=Ask(policy.fallback), code=code, reach=self._reach)

    def _asked(self, zone: str) -> Iterator[ZoneLimit]:
        units = ((self.current, LimitUnit.AMPERES), (self.power, LimitUnit.WATTS))
        for most, unit in units:
            if most is not None:
                ask, code = Ask(most, until=self.expires), ReasonCode.ENERGY_MANAGER
                yield ZoneLimit(zone=zone, ask=ask, code=code, unit=unit, reach=self._reach)

    @property
    def _reach(self) -> Reach:
        return Reach.EVS if self.for_evs else Reach.EVERYTHING

    def to_json(self) -> dict[str, object]:
        """Return a JSON object that `from_json` reads."""
        return {
            "controller": self.controller,
            "at": write_time(self.at),
            "current": self.current,
            "power": self.power,
            "for_evs": self.for_evs,
            "expires": write_time(self.expires),
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, object]) -> Self:
        """Return the stored setpoint. Raises KeyError and ValueError."""
        at, controller = read_time(stored["at"]), read_text(stored["controller"])
        if at is None or not controller:
            raise ValueError("a setpoint of nobody or of no time")
        return cls(
            controller=controller,
            at=at,
            current=_read_most(stored["current"]),
            power=_read_most(stored["power"]),
            for_evs=stored["for_evs"] is True,
            expires=read_time(stored["expires"]),
        )


class EnergyManagers:
    """The setpoints of all zones."""

    def __init__(self, setpoints: Mapping[str, ManagedSetpoint] | None = None) -> None:
        self.setpoints = dict(setpoints or {})
        """By zone id; those that are over are dropped with the next look."""

    def write(self, zone: str, setpoint: ManagedSetpoint, policy: ManagerPolicy) -> Verdict:
        """Take an update, which was written at the time that it has."""
        now, held = setpoint.at, self.setpoints.get(zone)
        if held is not None and not held.is_over(now) and not held.is_lapsed(now, policy):
            if held.controller != setpoint.controller:
                return Verdict.REFUSED
            if timedelta() <= now - held.at < MIN_PERIOD:
                return Verdict.DROPPED
        self.setpoints[zone] = setpoint
        return Verdict.ACCEPTED

    def release(self, zone: str, controller: str, now: datetime, policy: ManagerPolicy) -> Verdict:
        """Take a setpoint away; of a silent controller anybody may."""
        held = self.setpoints.get(zone)
        if held is None:
            return Verdict.DROPPED
        if held.controller != controller and not held.is_lapsed(now, policy):
            return Verdict.REFUSED
        del self.setpoints[zone]
        return Verdict.ACCEPTED

    def look(self, now: datetime, policy: ManagerPolicy) -> tuple[ZoneLimit, ...]:
        """Return what is asked for now."""
        self.setpoints = {
            zone: held for zone, held in self.setpoints.items() if not held.is_over(now)
        }
        return tuple(
            limit
            for zone, held in self.setpoints.items()
            for limit in held.limits(zone, now, policy)
        )

    def forget_all_but(self, known: Container[str]) -> None:
        """Drop the setpoints of zones that do not exist any more."""
        self.setpoints = {zone: held for zone, held in self.setpoints.items() if zone in known}

    def to_json(self) -> dict[str, object]:
        """Return for each zone a JSON object that `ManagedSetpoint.from_json` reads."""
        return {zone: held.to_json() for zone, held in self.setpoints.items()}


def _read_most(stored: object) -> float | None:
    return None if stored is None else read_number(stored, 0, MOST)
