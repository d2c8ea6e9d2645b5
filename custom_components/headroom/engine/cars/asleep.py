"""Cars that are offered current and do not take it (A7), and how to wake one.

Both judge by measured draw where there is one, else by the charger's words. Only time that was
seen and offered counts against a car: a pause, a lost charger or a stopped clock is no refusal.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum, StrEnum, auto
from math import inf
from typing import Final, Self

from ..memory.stored import read_count, read_object, read_span, read_text, read_time, write_time
from ..snapshot import ConnectorStatus

DRAWING: Final = 1.0
"""A car that draws more than this, in A, is charging."""
_CLOSE: Final = 1.0
"""A car that draws its offer less this, in A, draws all that it may."""
_UNSEEN: Final = timedelta(seconds=60)
"""Between steps further apart than this nobody knows what happened."""
_MOST_RETRIES: Final = 1000


class Alertness(StrEnum):
    """How a car answers to current that it is offered."""

    AWAKE = "awake"
    """It draws, or nothing speaks against it."""
    WATCHED = "watched"
    """It does not take its offer, but keeps its rank and what it has, at least its floor."""
    ASLEEP = "asleep"
    """Its share is given away; it gets its floor only if nobody else needs it."""
    SPENT = "spent"
    """As asleep, and there are no more retries."""


class Rung(StrEnum):
    """How far waking a car has come that was paused and does not go on."""

    REST = "rest"
    CHARGING = "charging"
    PAUSED = "paused"
    RESUMED = "resumed"
    HELD_OFF = "held_off"
    OFFERED_AGAIN = "offered_again"
    TOGGLED = "toggled"
    REPORTED = "reported"


class WakeStep(StrEnum):
    """What is to be done to wake a car."""

    OFFER_AGAIN = "offer_again"
    """Offer nothing while `WakeUp.hold_off`, then at least the floor."""
    TOGGLE_PILOT = "toggle_pilot"
    """Let the charger interrupt the control pilot."""
    REPORT = "report"
    """Tell a person that the car does not wake."""


_CLIMB: Final[Mapping[Rung, tuple[Rung, WakeStep | None]]] = {
    Rung.RESUMED: (Rung.HELD_OFF, WakeStep.OFFER_AGAIN),
    Rung.HELD_OFF: (Rung.OFFERED_AGAIN, None),
    Rung.OFFERED_AGAIN: (Rung.TOGGLED, WakeStep.TOGGLE_PILOT),
    Rung.TOGGLED: (Rung.REPORTED, WakeStep.REPORT),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuePolicy:
    """When a car gives its share away (A7.1). Raises ValueError for what makes no sense."""

    state_b: bool = True
    """Queue cars that do not draw."""
    low_draw: bool = False
    """Queue cars that draw less than `low_current` of a larger offer."""
    wait: timedelta = timedelta(seconds=600)
    retries: int = 3
    retry_period: timedelta = timedelta(seconds=1800)
    low_current: float = 6.0
    """A"""

    def __post_init__(self) -> None:
        """Check the numbers."""
        if self.wait <= timedelta() or self.retry_period <= timedelta():
            raise ValueError("waiting time and retry period must be positive")
        if not 0 <= self.retries <= _MOST_RETRIES:
            raise ValueError(f"retries must be between 0 and {_MOST_RETRIES}")
        if not DRAWING < self.low_current < inf:
            raise ValueError(f"a low draw must be above {DRAWING} A")


@dataclass(frozen=True, slots=True, kw_only=True)
class WakePolicy:
    """How a paused car is woken. Raises ValueError for what makes no sense."""

    patience: timedelta = timedelta(seconds=60)
    """A car must draw within this time after an offer or a step."""
    off_time: timedelta = timedelta(seconds=10)
    can_toggle: bool = False
    """The charger can interrupt the control pilot."""

    def __post_init__(self) -> None:
        """Check the numbers."""
        if self.patience <= timedelta() or self.off_time <= timedelta():
            raise ValueError("times must be positive")


@dataclass(slots=True, kw_only=True)
class Seen:
    """What one step sees of a connector; currents in A per phase."""

    plugged: bool | None
    """None while nobody knows, as without contact."""
    status: ConnectorStatus
    drawn: float | None
    """Measured on the highest phase; None if it is not known."""
    offered: float
    """Setpoint in force; 0 while the car is paused."""
    floor: float
    session: str | None = None
    """Id of the running session; another one means a new start for the car."""

    @property
    def is_clear(self) -> bool:
        """Return whether a car is plugged in for certain and the charger speaks of it."""
        return self.plugged is True and self.status.has_car

    @property
    def is_offered(self) -> bool:
        """Return whether the car is offered what it can use."""
        return self.offered >= self.floor

    @property
    def draws(self) -> bool:
        """Return whether the car takes current, by its status where no draw is measured."""
        if self.drawn is not None:
            return self.drawn > DRAWING
        return self.is_offered and self.status is ConnectorStatus.CHARGING


@dataclass(slots=True)
class Stopwatch:
    """Time that was seen to pass; survives leaps of the clock and restarts."""

    passed: timedelta = timedelta()
    seen_at: datetime | None = None
    """The last step, if it ran then."""

    def run(self, now: datetime, *, running: bool) -> None:
        """Count the time since the last step if it ran then and still runs."""
        if running and self.seen_at is not None:
            gap = now - self.seen_at
            if timedelta() < gap <= _UNSEEN:
                self.passed += gap
        self.seen_at = now if running else None

    def reset(self) -> None:
        """Stand still at 0."""
        self.passed, self.seen_at = timedelta(), None

    def is_over(self, limit: timedelta) -> bool:
        """Return whether it runs and the limit has passed."""
        return self.seen_at is not None and self.passed >= limit

    def ends(self, limit: timedelta) -> datetime | None:
        """Return when the limit will have passed; None while it does not run."""
        return None if self.seen_at is None else self.seen_at + limit - self.passed

    def to_json(self) -> dict[str, object]:
        """Return a JSON object that `from_json` reads."""
        return {"passed": self.passed.total_seconds(), "seen_at": write_time(self.seen_at)}

    @classmethod
    def from_json(cls, value: object) -> Self:
        """Return the stored stopwatch. Raises ValueError if it is not one."""
        data = read_object(value)
        return cls(read_span(data.get("passed")), read_time(data.get("seen_at")))


@dataclass(slots=True, kw_only=True)
class Slumber:
    """Memory of one connector: its place in the queue, and how far waking its car has come."""

    alertness: Alertness = Alertness.AWAKE
    since: datetime | None = None
    """None while awake."""
    retry: int = 0
    session: str | None = None
    spell: Stopwatch = field(default_factory=Stopwatch)
    """Time that counts towards the end of the wait or of the retry period."""
    rung: Rung = Rung.REST
    rung_time: Stopwatch = field(default_factory=Stopwatch)

    def rest(self) -> None:
        """Forget the queue."""
        self.alertness, self.since, self.retry = Alertness.AWAKE, None, 0
        self.spell.reset()

    def turn(self, alertness: Alertness, now: datetime) -> None:
        """Begin a spell of another alertness."""
        self.alertness, self.since = alertness, now
        self.spell.reset()

    def doze(self, policy: QueuePolicy, now: datetime) -> None:
        """Be asleep from now on, after the last retry for good."""
        asleep = self.retry < policy.retries
        self.turn(Alertness.ASLEEP if asleep else Alertness.SPENT, now)

    def climb(self, rung: Rung) -> None:
        """Go to another rung."""
        self.rung = rung
        self.rung_time.reset()

    def note_session(self, session: str | None) -> bool:
        """Return whether another session has begun."""
        begun = session is not None and session != self.session
        if begun:
            self.session = session
        return begun

    def to_json(self) -> dict[str, object]:
        """Return a JSON object that `from_json` reads."""
        return {
            "alertness": self.alertness,
            "since": write_time(self.since),
            "retry": self.retry,
            "session": self.session,
            "spell": self.spell.to_json(),
            "rung": self.rung,
            "rung_time": self.rung_time.to_json(),
        }

    @classmethod
    def from_json(cls, value: object) -> Self:
        """Return the stored memory. Raises ValueError if it is not one."""
        data = read_object(value)
        slumber = cls(
            alertness=Alertness(str(data.get("alertness"))),
            since=read_time(data.get("since")),
            retry=read_count(data.get("retry"), _MOST_RETRIES),
            session=read_text(data.get("session")),
            spell=Stopwatch.from_json(data.get("spell")),
            rung=Rung(str(data.get("rung"))),
            rung_time=Stopwatch.from_json(data.get("rung_time")),
        )
        if (slumber.since is None) != (slumber.alertness is Alertness.AWAKE):
            raise ValueError(f"{slumber.alertness} since {slumber.since}")
        return slumber


@dataclass(slots=True, kw_only=True)
class Wakefulness:
    """A car's place in the queue."""

    alertness: Alertness
    since: datetime | None = None
    until: datetime | None = None
    """When the wait or the retry period ends if nothing changes; None while it does not run."""
    retry: int = 0
    """0 before the first retry."""
    refused: timedelta = timedelta()
    """For so long a watched car has taken nothing of what it was offered."""


@dataclass(slots=True, kw_only=True)
class WakeUp:
    """How far waking a car has come."""

    rung: Rung
    step: WakeStep | None = None
    """To be done now; given out once."""
    until: datetime | None = None
    """When the next step is due if the car does not draw; None while no time runs."""

    @property
    def hold_off(self) -> bool:
        """Return whether the car is to be offered nothing now."""
        return self.rung is Rung.HELD_OFF


class _Answer(Enum):
    TAKES = auto()
    REFUSES = auto()
    NONE = auto()


def watch(slumber: Slumber, seen: Seen, policy: QueuePolicy, now: datetime) -> Wakefulness:
    """Follow a car through the queue (A7.2)."""
    answer = _answer(seen, policy)
    begun = slumber.note_session(seen.session)
    if begun or seen.plugged is False or answer is _Answer.TAKES:
        slumber.rest()
    if slumber.alertness is Alertness.AWAKE and answer is _Answer.REFUSES:
        slumber.turn(Alertness.WATCHED, now)
    if slumber.since is not None:
        slumber.since = min(slumber.since, now)
    return _pass_time(slumber, seen, policy, now, refuses=answer is _Answer.REFUSES)


def wake(slumber: Slumber, seen: Seen, policy: WakePolicy, now: datetime) -> WakeUp:
    """Follow a car that was charging when it was paused until it charges again.

    A car that stopped by itself is left alone. The second call at one moment gives no step.
    """
    if seen.plugged is not None:
        rung = _rung_on_sight(slumber.rung, seen)
        if rung is not slumber.rung:
            slumber.climb(rung)
    _run_rung_time(slumber, seen, now)
    step = None
    if slumber.rung_time.is_over(_rung_limit(slumber.rung, policy)):
        rung, step = _next_rung(slumber.rung, policy)
        slumber.climb(rung)
        _run_rung_time(slumber, seen, now)
    until = slumber.rung_time.ends(_rung_limit(slumber.rung, policy))
    return WakeUp(rung=slumber.rung, step=step, until=until)


def _answer(seen: Seen, policy: QueuePolicy) -> _Answer:
    if seen.plugged is not True:
        return _Answer.NONE
    if seen.draws:
        return _answer_of_drawing(seen, policy)
    if not seen.is_clear or not seen.is_offered:
        return _Answer.NONE
    return _Answer.REFUSES if policy.state_b else _Answer.TAKES


def _answer_of_drawing(seen: Seen, policy: QueuePolicy) -> _Answer:
    """Judge a draw by A7.3; while the car comes down for a pause, a low one says nothing."""
    if not policy.low_draw or seen.drawn is None or seen.drawn >= policy.low_current:
        return _Answer.TAKES
    if not seen.is_clear or not seen.is_offered:
        return _Answer.NONE
    return _Answer.REFUSES if seen.drawn < seen.offered - _CLOSE else _Answer.TAKES


def _pass_time(
    slumber: Slumber, seen: Seen, policy: QueuePolicy, now: datetime, *, refuses: bool
) -> Wakefulness:
    """Let time pass, and turn to what comes next when the present spell is over."""
    watched, asleep = Alertness.WATCHED, Alertness.ASLEEP
    running = refuses if slumber.alertness is watched else seen.is_clear
    slumber.spell.run(now, running=running and slumber.alertness in {watched, asleep})
    limit = policy.wait if slumber.alertness is watched else policy.retry_period
    if slumber.spell.is_over(limit):
        if slumber.alertness is asleep:
            slumber.retry += 1
            slumber.turn(watched, now)
        else:
            slumber.doze(policy, now)
        return _pass_time(slumber, seen, policy, now, refuses=refuses)
    return Wakefulness(
        alertness=slumber.alertness,
        since=slumber.since,
        until=slumber.spell.ends(limit),
        retry=slumber.retry,
        refused=slumber.spell.passed if slumber.alertness is watched else timedelta(),
    )


def _rung_on_sight(rung: Rung, seen: Seen) -> Rung:
    """Return where what is seen now puts the car, whatever time has passed."""
    if not seen.plugged:
        return Rung.REST
    if seen.draws:
        return Rung.CHARGING if seen.is_offered else Rung.PAUSED
    if not seen.is_clear:
        return rung
    if rung is Rung.CHARGING:
        return Rung.REST if seen.is_offered else Rung.PAUSED
    return Rung.RESUMED if rung is Rung.PAUSED and seen.is_offered else rung


def _run_rung_time(slumber: Slumber, seen: Seen, now: datetime) -> None:
    """Let time pass on the present rung; after each pause the car gets all of it again."""
    timed = slumber.rung in _CLIMB and seen.is_clear
    in_effect = slumber.rung is Rung.HELD_OFF or seen.is_offered
    if timed and not in_effect:
        slumber.rung_time.reset()
    slumber.rung_time.run(now, running=timed and in_effect)


def _next_rung(rung: Rung, policy: WakePolicy) -> tuple[Rung, WakeStep | None]:
    following, step = _CLIMB[rung]
    if step is WakeStep.TOGGLE_PILOT and not policy.can_toggle:
        return _CLIMB[following]
    return following, step


def _rung_limit(rung: Rung, policy: WakePolicy) -> timedelta:
    return policy.off_time if rung is Rung.HELD_OFF else policy.patience
