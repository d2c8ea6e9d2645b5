"""What is remembered of a car that follows the sun, and when it starts and stops.

Both delays are gathered, not just waited for. A cloud takes the time that it lasts off what a start
has gathered. While a car charges, what it lacks of its floor adds up as time for which the grid has
fed the whole floor; when that reaches the stop delay, the car stops. Sun pays it back at a
twentieth of its energy. So a car stays on through clouds that take a part of the sun, and yet the
energy from the grid has a bound: the floor's over the stop delay, and a twentieth of the sun's.

Each stop makes the next start take longer, and lets the next clouds last longer before the car
stops again: cars give up after some interruptions, and their contactors wear out.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Final, Self

from ..cars.day import morning_after
from ..cars.wear import Wear, WearPolicy
from ..memory.stored import read_object, read_span, read_time, write_time
from .rules import SunRules

_REFILL: Final = 20
"""Sun pays back what the grid has fed with one part in so many of its energy."""
_LONGER: Final = 2
"""After each stop both delays are so many times as long, ..."""
_LONGEST_START: Final = timedelta(minutes=30)
"""... a start up to this, ..."""
_MOST_COUNTED: Final = 3
"""... and a stop up to so many stops."""
_MOST_DOUBLED: Final = 5
"""After so many stops any start delay is the longest one."""
_NOTHING: Final = timedelta()
_COUNTS: Final = frozenset({1, 3})


@dataclass(slots=True, kw_only=True)
class Chase:
    """Memory of one connector."""

    charging: bool = False
    """Its car may charge by the sun alone."""
    since: datetime | None = None
    """Since when it may."""
    owed: timedelta = _NOTHING
    """For so long the grid has fed the whole floor, by energy."""
    phases: int | None = None
    """Number of phases that automatic switching has chosen, 1 or 3."""

    # Forgotten at a restart:
    gathered: timedelta = _NOTHING
    """For so long there was enough surplus to start, less what lacked."""
    more_gathered: timedelta = _NOTHING
    """For so long there has been enough for three phases while the car charges on one."""
    more_phases_at: datetime | None = None
    """When it gets three phases if surplus stays."""
    current: float = 0.0
    """What it was given last, in A per phase."""

    def forget(self) -> None:
        """Begin anew with the next car, or when the sun counts again."""
        self.charging, self.since, self.owed = False, None, _NOTHING
        self.gathered = _NOTHING
        self.current = 0.0
        self.forget_more()

    def gather(self, *, enough: bool, elapsed: timedelta, most: timedelta) -> None:
        """Let time pass in which there is enough surplus to start, or is not."""
        gathered = self.gathered + (elapsed if enough else -elapsed)
        self.gathered = min(max(gathered, _NOTHING), most)

    def gather_more(
        self, now: datetime, *, enough: bool, elapsed: timedelta, most: timedelta
    ) -> bool:
        """Let time pass; return whether there was always enough for three phases for so long."""
        if not enough:
            self.forget_more()
            return False
        self.more_gathered = min(self.more_gathered + elapsed, most)
        self.more_phases_at = now + most - self.more_gathered
        return self.more_gathered >= most

    def forget_more(self) -> None:
        """Begin anew with the time for three phases."""
        self.more_gathered, self.more_phases_at = _NOTHING, None

    def take(self, phases: int) -> None:
        """Go on with another number of phases, for which nothing is owed yet."""
        self.phases, self.owed = phases, _NOTHING
        self.forget_more()

    def begin(self, now: datetime) -> None:
        """Charge from now on."""
        self.charging, self.since = True, now
        self.owed = self.gathered = _NOTHING
        self.forget_more()

    def owe(self, lacking: float, elapsed: timedelta) -> None:
        """Let time pass in which that part of the floor comes from the grid, 0 to 1."""
        owed = self.owed + (elapsed * lacking if lacking > 0 else elapsed * (lacking - 1) / _REFILL)
        self.owed = max(owed, _NOTHING)

    def is_over(self, most: timedelta, rules: SunRules, now: datetime) -> bool:
        """Return whether the grid has fed the car for longer than `most`."""
        return self.owed > _NOTHING and self.owed >= most and self.has_run(rules, now)

    def has_run(self, rules: SunRules, now: datetime) -> bool:
        """Return whether the car may be stopped again."""
        return self.since is None or now - self.since >= rules.min_run

    def forget_future(self, now: datetime) -> None:
        """Move every time after now to now."""
        self.since = None if self.since is None else min(self.since, now)

    def to_json(self) -> dict[str, object]:
        """Return a JSON object that `from_json` reads."""
        return {
            "charging": self.charging,
            "since": write_time(self.since),
            "owed": self.owed.total_seconds(),
            "phases": self.phases,
        }

    @classmethod
    def from_json(cls, value: object) -> Self:
        """Return the stored memory. Raises ValueError if it is not one."""
        data = read_object(value)
        phases = data.get("phases")
        return cls(
            charging=data.get("charging") is True,
            since=read_time(data.get("since")),
            owed=read_span(data.get("owed", 0)),
            phases=phases if isinstance(phases, int) and phases in _COUNTS else None,
        )


def start_delay(wear: Wear, policy: WearPolicy, rules: SunRules) -> timedelta:
    """Return for how long surplus must be there before a start.

    The last one that a day has left waits longest, for all of the sun after its stop is lost.
    """
    longest = max(rules.start_delay, _LONGEST_START)
    if wear.has_one_stop_left(policy):
        return longest
    times: int = _LONGER ** min(wear.stops, _MOST_DOUBLED)
    return min(rules.start_delay * times, longest)


def stop_delay(wear: Wear, rules: SunRules) -> timedelta:
    """Return for how long the grid may feed a floor before a stop."""
    times: int = _LONGER ** min(wear.stops, _MOST_COUNTED)
    return rules.stop_delay * times


def rests_until(
    wear: Wear, policy: WearPolicy, now: datetime, time_zone: tzinfo
) -> datetime | None:
    """Return until when a car rests that was stopped as often as it may be; None: it does not."""
    if not wear.worn(policy) or wear.stopped_at is None:
        return None
    until = morning_after(wear.stopped_at, time_zone)
    return until if now < until else None
