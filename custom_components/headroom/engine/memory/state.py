"""What the controller remembers from step to step, and across a restart."""

from collections import deque
from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Self

from ..cars.appetite import Appetite
from ..cars.asleep import Slumber
from ..cars.narrowing import Narrowing
from ..cars.phase_switch import PhaseSwitch
from ..cars.wear import Wear
from ..currents import PHASES
from ..grid.memory import GuardMemory
from ..known.departed import Departures
from ..known.phases import PhaseUse
from ..site.breaker import ThermalMemory
from ..snapshot import ConnectorReading, ConnectorStatus
from ..sun.chances import Chance
from ..sun.chase import Chase
from ..tuning import Tuning
from ..turns.rotation import Rotation, Turn
from ..when.waits import Waits
from .stored import read_current, read_object, read_text, read_time, write_time

STATE_VERSION: Final = 3

_TIMES: Final = (
    "commanded_at",
    "arrived_at",
    "raised_at",
    "above_since",
    "above_share_since",
    "held_until",
    "expected_until",
    "status_changed_at",
    "unknown_since",
)


class StateError(ValueError):
    """A stored state that this version cannot read."""


@dataclass(slots=True, kw_only=True)
class ConnectorState:
    """Memory of one connector; currents in A per phase."""

    commanded: float = 0.0
    commanded_at: datetime | None = None
    """When `commanded` was last lowered or raised."""
    worst: float = 0.0
    """Most that the connector may draw now."""
    fallback: float | None = None
    """What it has taken on to draw at most when contact is lost; None where nobody knows."""
    arrived_at: datetime | None = None
    """When the car was plugged in, or the last one while there is none."""
    present: bool = False
    """A car is plugged in."""
    raised_at: datetime | None = None
    session: str | None = None
    """Id of the last transaction."""
    turn: Turn = field(default_factory=Turn)
    slumber: Slumber = field(default_factory=Slumber)
    wear: Wear = field(default_factory=Wear)
    phase_switch: PhaseSwitch = field(default_factory=PhaseSwitch)
    narrowing: Narrowing = field(default_factory=Narrowing)
    waits: Waits = field(default_factory=Waits)
    chase: Chase = field(default_factory=Chase)
    chance: Chance = field(default_factory=Chance)
    phase_use: PhaseUse = field(default_factory=PhaseUse)

    # Forgotten at a restart:
    expected_until: datetime | None = None
    """Until when contact is missing because Headroom has only just begun to look for it.

    None once the charger was heard.
    """
    held_until: datetime | None = None
    """Until then a charger that is not back after a restart may still hold a lease."""
    status: ConnectorStatus = ConnectorStatus.UNKNOWN
    status_changed_at: datetime | None = None
    above_since: datetime | None = None
    """Since when the worst case has been clearly above the setpoint."""
    above_share_since: datetime | None = None
    """Since when the setpoint has been clearly above the fair share."""
    defiant: bool = False
    """The charger did not follow when it was last in contact."""
    unknown_since: datetime | None = None
    """Since when the charger is in contact without having accepted any limit."""
    offers: deque[tuple[datetime, float]] = field(default_factory=deque)
    """Earlier setpoints and when they ended, the oldest first."""
    appetite: Appetite = field(default_factory=Appetite)

    @property
    def automatic_phases(self) -> int | None:
        """Number of phases that automatic switching has chosen, 1 or 3; None: none yet."""
        return 1 if self.narrowing.narrow else self.chase.phases

    def command(self, current: float, now: datetime) -> None:
        """Make a setpoint the newest one."""
        if current == self.commanded:
            return
        self.offers.append((now, self.commanded))
        if current > self.commanded:
            self.raised_at = now
        self.commanded = current
        self.commanded_at = now
        self.worst = max(self.worst, current)

    def offers_since(self, moment: datetime) -> list[float]:
        """Return the setpoints that were in force at a moment or after it."""
        return [self.commanded, *(current for ended, current in self.offers if ended >= moment)]

    def changed_since(self, moment: datetime) -> bool:
        """Return whether the setpoint or the connector's state has changed since a moment."""
        commanded_at, status_at = self.commanded_at, self.status_changed_at
        return (commanded_at is not None and commanded_at >= moment) or (
            status_at is not None and status_at >= moment
        )

    def note_share(self, excess: float, now: datetime, clearly: float) -> timedelta:
        """Return for how long the setpoint has been clearly above its share, by A."""
        if excess < clearly:
            self.above_share_since = None
            return timedelta()
        if self.above_share_since is None:
            self.above_share_since = now
        return now - self.above_share_since

    def forget_offers_before(self, moment: datetime) -> None:
        """Drop setpoints that ended before a moment."""
        while self.offers and self.offers[0][0] < moment:
            self.offers.popleft()

    def note_car(self, reading: ConnectorReading, now: datetime) -> None:
        """Remember since when a car is plugged in.

        While nobody knows, as without contact or in a fault, a car keeps its place. So it does if
        its session goes on after a moment in which it seemed to be gone.
        """
        if not reading.online or not reading.status.tells_of_car:
            self.phase_use.forget()
            return
        arrives = reading.status.has_car and not self.present
        self.present = reading.status.has_car
        goes_on = reading.session is not None and reading.session == self.session
        if not self.present:
            self.phase_use.forget()
            if not goes_on:
                self.waits.force.end()
            return
        if arrives and not goes_on:
            self.wear.begin_session()
            self.slumber = Slumber()
            self.waits.arrive()
            self._begin(now)
        elif reading.session is not None and self.session not in {None, reading.session}:
            self._begin(now)
        begins = self.status is ConnectorStatus.PREPARING or self.status_changed_at == now
        if begins and reading.session is not None and self.session is None:
            self.waits.start(flows=reading.status is ConnectorStatus.CHARGING)
        self.session = reading.session or self.session

    def _begin(self, now: datetime) -> None:
        """Begin with another car, or with another session of the same one."""
        self.arrived_at = now
        self.session = None
        self.turn.begin()
        self.waits.begin()
        self.phase_use.forget()
        self.appetite.forget()

    def note_status(self, status: ConnectorStatus, now: datetime) -> None:
        """Remember when the connector's state last changed."""
        if status != self.status:
            self.status = status
            self.status_changed_at = now

    def forget_future(self, now: datetime) -> None:
        """Move every time after now to now."""
        for name in _TIMES:
            time = getattr(self, name)
            if time is not None and time > now:
                setattr(self, name, now)
        self.offers = deque((min(ended, now), current) for ended, current in self.offers)
        self.wear.forget_future(now)
        self.phase_switch.forget_future(now)
        self.chase.forget_future(now)

    def note_excess(
        self, since: datetime, now: datetime, tolerance: float, settle: timedelta
    ) -> bool:
        """Return whether the worst case has stayed above the setpoint for too long.

        `since` is when it counts as having begun, if it is above now.
        """
        if self.worst <= self.commanded + tolerance:
            self.above_since = None
        else:
            self.above_since = min(self.above_since or since, since)
        self.defiant = self.above_since is not None and now - self.above_since > settle
        return self.defiant

    def to_json(self) -> dict[str, object]:
        """Return what outlives a restart."""
        return {
            "commanded": self.commanded,
            "worst": self.worst,
            "fallback": self.fallback,
            "commanded_at": write_time(self.commanded_at),
            "arrived_at": write_time(self.arrived_at),
            "present": self.present,
            "raised_at": write_time(self.raised_at),
            "session": self.session,
            "turn": self.turn.to_json(),
            "slumber": self.slumber.to_json(),
            "wear": self.wear.to_json(),
            "phase_switch": self.phase_switch.to_json(),
            "narrowing": self.narrowing.to_json(),
            "waits": self.waits.to_json(),
            "chase": self.chase.to_json(),
            "chance": self.chance.to_json(),
            "phase_use": self.phase_use.to_json(),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, object]) -> Self:
        """Return the state that `to_json` wrote. Raises StateError."""
        return cls(
            commanded=read_current(data["commanded"]),
            worst=read_current(data["worst"]),
            fallback=None if data["fallback"] is None else read_current(data["fallback"]),
            commanded_at=read_time(data["commanded_at"]),
            arrived_at=read_time(data["arrived_at"]),
            present=data["present"] is True,
            raised_at=read_time(data["raised_at"]),
            session=read_text(data["session"]),
            turn=Turn.from_json(data["turn"]),
            slumber=Slumber.from_json(data["slumber"]),
            wear=Wear.from_json(data["wear"]),
            phase_switch=PhaseSwitch.from_json(data.get("phase_switch", {})),
            narrowing=Narrowing.from_json(data.get("narrowing", {})),
            waits=Waits.from_json(data.get("waits", {})),
            chase=Chase.from_json(data.get("chase", {})),
            chance=Chance.from_json(data.get("chance", {})),
            phase_use=PhaseUse.from_json(data.get("phase_use", {})),
        )


@dataclass(slots=True, kw_only=True)
class ControllerState:
    """Memory of the controller."""

    connectors: dict[str, ConnectorState] = field(default_factory=dict)
    rotation: Rotation = field(default_factory=Rotation)
    thermal: dict[str, tuple[ThermalMemory, ...]] = field(default_factory=dict)
    """Of L1, L2 and L3 for each zone id."""
    departures: Departures = field(default_factory=Departures)
    guards: GuardMemory = field(default_factory=GuardMemory)
    stepped_at: datetime | None = None
    complete: bool = True
    """No connector was told more than this state, as it is stored, knows of."""

    @property
    def setpoints(self) -> dict[str, float]:
        """Return the setpoint of each connector in A per phase."""
        return {key: state.commanded for key, state in self.connectors.items()}

    def awaken(self, maxima: Mapping[str, float], now: datetime, tuning: Tuning) -> None:
        """Expect of every charger what it may hold for as long as earlier leases may run.

        That is what is stored, for setpoints are stored before they are raised. Of a store that
        could not be read nothing is known, so it is the maximum of each connector, in A.
        """
        for key, state in self.connectors.items():
            state.held_until = now + tuning.longest_lease
            state.expected_until = now + tuning.first_contact
            if not self.complete:
                state.worst = max(state.worst, maxima[key])
        self.complete = True

    def forget_zones(self, known: Container[str]) -> None:
        """Drop the memories of zones that do not exist any more."""
        self.thermal = {key: memory for key, memory in self.thermal.items() if key in known}
        self.guards.forget_zones(known)

    def follow_clock(self, now: datetime) -> None:
        """Take note of the time; after a leap backwards no memory may lie in the future."""
        if self.stepped_at is not None and now < self.stepped_at:
            for state in self.connectors.values():
                state.forget_future(now)
                state.waits.delay.set_back(self.stepped_at - now)
        self.stepped_at = now

    def to_json(self) -> dict[str, object]:
        """Return a JSON object that `from_json` reads."""
        return {
            "version": STATE_VERSION,
            "stepped_at": write_time(self.stepped_at),
            "complete": self.complete,
            "connectors": {key: state.to_json() for key, state in self.connectors.items()},
            "rotation": self.rotation.to_json(),
            "departures": self.departures.to_json(),
            "guards": self.guards.to_json(),
            "thermal": {
                key: [memory.to_json() for memory in memories]
                for key, memories in self.thermal.items()
            },
        }

    @classmethod
    def from_json(cls, data: Mapping[str, object]) -> Self:
        """Return the stored state. Raises StateError if it is not one."""
        if data.get("version") != STATE_VERSION:
            raise StateError(f"unknown version {data.get('version')!r}")
        connectors, thermal = data.get("connectors"), data.get("thermal")
        if not isinstance(connectors, Mapping) or not isinstance(thermal, Mapping):
            raise StateError("no connectors or no thermal memories")
        try:
            return cls(
                stepped_at=read_time(data.get("stepped_at")),
                complete=data.get("complete") is True,
                connectors={
                    str(key): ConnectorState.from_json(value) for key, value in connectors.items()
                },
                rotation=Rotation.from_json(data["rotation"]),
                departures=Departures.from_json(data["departures"]),
                guards=GuardMemory.from_json(read_object(data.get("guards", {}))),
                thermal={str(key): _read_thermal(value) for key, value in thermal.items()},
            )
        except (KeyError, TypeError, ValueError) as error:
            raise StateError(str(error)) from error


def _read_thermal(value: object) -> tuple[ThermalMemory, ...]:
    if not isinstance(value, list) or len(value) != len(PHASES):
        raise StateError(f"not the memories of three phases: {value!r}")
    return tuple(ThermalMemory.from_json(item) for item in value)
