"""Switching between one and three phases, never under load.

Pause, wait until nothing flows and the car has seen it, switch, see that it came true, go on.
A contactor that switches under load wears out, and a car that gains phases while it charges may
be damaged.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto
from typing import Final, Self

from ..memory.stored import read_count, read_object, read_time, write_time
from .wear import Wear, WearPolicy

REST: Final = timedelta(seconds=15)
"""Nothing flows for so long before the switch; a car opens its own contactor within 5 s."""
SETTLE: Final = timedelta(seconds=15)
"""Nothing is offered for so long after it."""
PAUSES_WITHIN: Final = timedelta(seconds=120)
SHOWN_WITHIN: Final = timedelta(seconds=60)
"""A charger that shows its phases shows the new number by then."""
_LONGEST_INTERVAL: Final = timedelta(hours=2)
_MOST_FAILURES: Final = 5
"""Doubled so many times, the interval is beyond the longest one."""
_COUNTS: Final = frozenset({1, 3})


class Stage(Enum):
    """How far a switch has come."""

    IDLE = auto()
    PAUSING = auto()
    """The car is to stop."""
    SWITCHING = auto()
    """The charger was told; whether it has switched is not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PhasesSeen:
    """What one step knows of a connector's phases."""

    wanted: int | None = None
    """1 or 3; None: whatever it is."""
    shown: int | None = None
    """What the charger says; None: it does not say."""
    several_in_use: bool = False
    """The car is known to charge on more than one phase."""
    online: bool = True
    at_rest: bool = False
    """The charger offers nothing, and nothing flows."""
    failed: bool = False
    """The charger did not take the last order."""
    tomorrow: datetime | None = None
    """When switches count anew."""

    @property
    def proven(self) -> int | None:
        """Return the number in use; a current on a second phase is proof against the charger."""
        return 3 if self.several_in_use else self.shown


@dataclass(slots=True, kw_only=True)
class PhaseSwitch:
    """The number of phases of one connector: what is wanted, what is, and the way there."""

    told: int | None = None
    """What the charger was told last, unless that has failed."""
    failures: int = 0
    """Attempts in a row that have failed."""
    tried_at: datetime | None = None
    """When the last attempt ended."""

    # Forgotten at a restart:
    stage: Stage = Stage.IDLE
    order: int | None = None
    """What the charger is to be told in this step."""
    waits: bool = False
    """A switch is wanted, but not allowed yet."""
    waits_until: datetime | None = None
    """When it will be, where that is known."""
    _goal: int = 3
    _since: datetime | None = None
    """Since when the stage has lasted."""
    _rests_since: datetime | None = None

    @property
    def holds(self) -> bool:
        """Return whether nothing may be offered to the car."""
        return self.stage is not Stage.IDLE

    @property
    def is_switching(self) -> bool:
        """Return whether nobody knows how many phases the charger uses."""
        return self.stage is Stage.SWITCHING

    def follow(self, seen: PhasesSeen, wear: Wear, policy: WearPolicy, now: datetime) -> None:
        """Go on with a switch, or begin one that is wanted and allowed."""
        wanted = seen.wanted
        self.order, self.waits, self.waits_until = None, False, None
        if self.is_switching:
            self._await_effect(seen, now)
        elif seen.failed:
            self._fail(now)  # it answers late
        elif wanted is None or not seen.online:
            self._enter(Stage.IDLE, now)
        elif (seen.proven or self.told) == wanted:
            self._enter(Stage.IDLE, now)
            if not self._tried_within(policy.switch_interval, now):
                self.failures = 0
        elif self.stage is Stage.PAUSING:
            self._goal = wanted
            self._await_rest(seen, wear, now)
        elif self.told == wanted and self._tried_within(policy.switch_interval, now):
            self._fail(now)  # what seemed to have come true has not, or has not lasted
        elif not self.may_begin(wear, policy, now):
            self.waits, self.waits_until = True, self._free_at(wear, policy, seen.tomorrow)
        else:
            self._begin(wanted, now)

    def may_begin(self, wear: Wear, policy: WearPolicy, now: datetime) -> bool:
        """Return whether a switch is allowed now."""
        return not self._tried_within(self._interval(policy), now) and wear.may_switch(policy)

    def _free_at(
        self, wear: Wear, policy: WearPolicy, tomorrow: datetime | None
    ) -> datetime | None:
        """Return when the next switch is allowed; None: never, or nobody knows."""
        if not wear.may_switch(policy):
            return tomorrow if policy.switches else None
        return None if self.tried_at is None else self.tried_at + self._interval(policy)

    def forget_future(self, now: datetime) -> None:
        """Move every time after now to now."""
        for name in ("tried_at", "_since", "_rests_since"):
            time = getattr(self, name)
            setattr(self, name, None if time is None else min(time, now))

    def to_json(self) -> dict[str, object]:
        """Return a JSON object that `from_json` reads."""
        return {
            "told": self.told,
            "failures": self.failures,
            "tried_at": write_time(self.tried_at),
        }

    @classmethod
    def from_json(cls, value: object) -> Self:
        """Return the stored memory. Raises ValueError if it is not one."""
        data = read_object(value)
        told = data.get("told")
        return cls(
            told=told if isinstance(told, int) and told in _COUNTS else None,
            failures=read_count(data.get("failures", 0), _MOST_FAILURES),
            tried_at=read_time(data.get("tried_at")),
        )

    def _begin(self, wanted: int, now: datetime) -> None:
        self._goal = wanted
        self._rests_since = None
        self._enter(Stage.PAUSING, now)

    def _await_rest(self, seen: PhasesSeen, wear: Wear, now: datetime) -> None:
        if not seen.at_rest:
            self._rests_since = None
        elif self._rests_since is None:
            self._rests_since = now
        elif now - self._rests_since >= REST:
            self.order = self.told = self._goal
            wear.note_switch(now)
            self._enter(Stage.SWITCHING, now)
            return
        if self._lasts(PAUSES_WITHIN, now):
            self._fail(now)

    def _await_effect(self, seen: PhasesSeen, now: datetime) -> None:
        """Wait for the new number, which a charger that does not show it is taken to have.

        Whether a silent one does is seen when current flows again.
        """
        overdue = seen.shown != self._goal and self._lasts(SHOWN_WITHIN, now)
        if seen.failed or not seen.online or overdue:
            self._fail(now)
        elif self._lasts(SETTLE, now) and seen.shown in {None, self._goal}:
            self.tried_at = now
            self._enter(Stage.IDLE, now)

    def _fail(self, now: datetime) -> None:
        self.failures = min(self.failures + 1, _MOST_FAILURES)
        self.told, self.tried_at = None, now
        self._enter(Stage.IDLE, now)

    def _enter(self, stage: Stage, now: datetime) -> None:
        if stage is not self.stage:
            self.stage, self._since = stage, now

    def _lasts(self, time: timedelta, now: datetime) -> bool:
        return self._since is not None and now - self._since >= time

    def _tried_within(self, time: timedelta, now: datetime) -> bool:
        return self.tried_at is not None and now - self.tried_at < time

    def _interval(self, policy: WearPolicy) -> timedelta:
        longest = max(policy.switch_interval, _LONGEST_INTERVAL)
        return min(policy.switch_interval * (1 << self.failures), longest)
