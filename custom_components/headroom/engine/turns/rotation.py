"""Whose turn it is to charge while the floors of all cars do not fit (A3.4 to A3.6).

Whoever has taken least comes first. Places are given on a grid of 15 minutes of the clock and
keep in between, so that nobody flaps; a newcomer gets a place at once, and whoever lost its own
waits behind the others until the slot ends. A charging car is favoured
by a deadband, and a waiting one for every slot that it waits after the first: without that, cars
that keep their place by the deadband would make others wait for two rounds.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from math import inf
from typing import Final, Self

from ..memory.stored import read_count, read_number, read_object, read_span

SLOT: Final = timedelta(minutes=15)
"""Time for which the places keep."""

ENERGY_DEADBAND: Final = 100.0
"""A waiting car must be behind by more than this, in Wh, to displace a charging one."""

DURATION_DEADBAND: Final = timedelta(minutes=5)
"""The same for charging time."""

PATIENCE: Final = 1.25
"""Deadbands that a slot of waiting is worth; above 1, so that the longest wait decides a draw."""

WORN_SLOTS: Final = 4
"""Deadband in slots of a charging car that has been stopped often enough."""

STANDBY_POWER: Final = 50.0
"""Power in W that a meter may show although no car draws."""

_MOST: Final = 10**9
"""Stored numbers beyond this, in Wh, s or slots, are not ours."""
_BEHIND: Final = 10**8
"""More than any car takes, in Wh or s."""
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LATEST: Final = datetime.max.replace(tzinfo=UTC)
_HOUR: Final = timedelta(hours=1)


class SheddingPriority(StrEnum):
    """What decides who waits when there is too little current for all."""

    ENERGY = "energy"
    """Whoever has taken most energy in the session waits."""
    DURATION = "duration"
    """Whoever has charged longest in the session waits."""
    CONNECTOR_ORDER = "connector_order"
    """Whoever is plugged into the highest connector number waits."""
    ARRIVAL = "arrival"
    """Whoever came last waits."""


@dataclass(slots=True, kw_only=True)
class Turn:
    """What a connector's car has had in its session."""

    energy: float = 0.0
    """Wh taken."""
    charged: timedelta = timedelta(0)
    """Time for which it has drawn."""
    key: float | None = None
    """What decided its place in this slot, in Wh or s; None before it has a place."""
    waited: int = 0
    """Slots that have begun since it last charged."""

    def begin(self) -> None:
        """Start again for a new session."""
        self.energy = 0.0
        self.charged = timedelta(0)
        self.key = None
        self.waited = 0

    def release(self, *, later: bool) -> None:
        """Give the place back when a slot ends; a later slot counts as waited for."""
        if self.key is not None and later:
            self.waited += 1
        self.key = None

    def lose_place(self, now: datetime) -> None:
        """Stand behind all others until the slot ends, also those who have lost theirs before."""
        if self.key is not None:
            self.key = _BEHIND + ((now - _EPOCH) % SLOT).total_seconds()

    def count(self, power: float, duration: timedelta) -> None:
        """Add what was drawn: power in W for a while.

        A while longer than a slot is a leap of the clock or a standstill of the controller, in
        which the power is not known, so no more than a slot is counted.
        """
        if not 0 < power < inf or duration <= timedelta(0):
            return
        believed = min(duration, SLOT)
        self.energy += power * (believed / _HOUR)
        if power > STANDBY_POWER:
            self.charged += believed

    def to_json(self) -> dict[str, object]:
        """Return a JSON object that `from_json` reads."""
        return {
            "energy": self.energy,
            "charged": self.charged.total_seconds(),
            "key": self.key,
            "waited": self.waited,
        }

    @classmethod
    def from_json(cls, data: object) -> Self:
        """Return the turn that `to_json` wrote. Raises ValueError."""
        stored = read_object(data)
        key = stored.get("key")
        return cls(
            energy=read_number(stored.get("energy"), 0, _MOST),
            charged=read_span(stored.get("charged")),
            key=None if key is None else read_number(key, -_MOST, _MOST),
            waited=read_count(stored.get("waited"), _MOST),
        )


@dataclass(slots=True, kw_only=True)
class Contender:
    """A connector whose car could charge now."""

    connector: str
    order: int
    """Number of the connector (A3.6)."""
    arrived_at: datetime | None = None
    charging: bool = False
    charging_since: datetime | None = None
    worn: bool = False
    """Its budget of stops is spent."""
    slot_energy: float = 0.0
    """Wh that it takes in one slot at its floor."""


@dataclass(slots=True, kw_only=True)
class Rotation:
    """When the places of a site were last given, and by what."""

    slot: int | None = None
    """Number of slots since 1970."""
    priority: SheddingPriority | None = None

    def ranks(
        self,
        contenders: Iterable[Contender],
        turns: Mapping[str, Turn],
        priority: SheddingPriority,
        now: datetime,
        min_on: timedelta,
    ) -> dict[str, tuple[object, ...]]:
        """Return the rank of each contender, the lowest charges first.

        Every contender has a turn. By energy and by duration, one that has charged for less than
        `min_on` comes before all others.
        """
        match priority:
            case SheddingPriority.CONNECTOR_ORDER:
                return {c.connector: (c.order, c.connector) for c in contenders}
            case SheddingPriority.ARRIVAL:
                return {c.connector: (c.arrived_at or _LATEST, c.connector) for c in contenders}
        self._open_slot(turns.values(), priority, now)
        return {
            c.connector: _rank(c, _place(c, turns[c.connector], priority), now, min_on)
            for c in contenders
        }

    def _open_slot(self, turns: Iterable[Turn], priority: SheddingPriority, now: datetime) -> None:
        """Take all places back when a slot begins; the clock may also have leapt to an earlier one.

        Those who do not contend lose theirs too, so that they come back by what they have then.
        """
        slot = (now - _EPOCH) // SLOT
        if (slot, priority) == (self.slot, self.priority):
            return
        later = self.slot is not None and slot > self.slot
        self.slot, self.priority = slot, priority
        for turn in turns:
            turn.release(later=later)

    def to_json(self) -> dict[str, object]:
        """Return a JSON object that `from_json` reads."""
        return {"slot": self.slot, "priority": self.priority}

    @classmethod
    def from_json(cls, data: object) -> Self:
        """Return the rotation that `to_json` wrote. Raises ValueError."""
        stored = read_object(data)
        slot, priority = stored.get("slot"), stored.get("priority")
        if slot is None and priority is None:
            return cls()
        return cls(slot=read_count(slot, _MOST), priority=SheddingPriority(str(priority)))


def _place(contender: Contender, turn: Turn, priority: SheddingPriority) -> float:
    """Return what decides a contender's place until the slot ends."""
    if contender.charging:
        turn.waited = 0
    if turn.key is None:
        by_energy = priority is SheddingPriority.ENERGY
        had = turn.energy if by_energy else turn.charged.total_seconds()
        turn.key = had - _favour(contender, turn.waited, by_energy=by_energy)
    return turn.key


def _favour(contender: Contender, waited: int, *, by_energy: bool) -> float:
    """Return what a contender is spared, in Wh or s."""
    deadband = ENERGY_DEADBAND if by_energy else DURATION_DEADBAND.total_seconds()
    if not contender.charging:
        return PATIENCE * deadband * max(0, waited - 1)
    if not contender.worn:
        return deadband
    slot = contender.slot_energy if by_energy else SLOT.total_seconds()
    return max(deadband, WORN_SLOTS * slot)


def _rank(contender: Contender, key: float, now: datetime, min_on: timedelta) -> tuple[object, ...]:
    return (
        not _has_just_begun(contender, now, min_on),
        key,
        not contender.charging,
        contender.arrived_at or _LATEST,
        contender.connector,
    )


def _has_just_begun(contender: Contender, now: datetime, min_on: timedelta) -> bool:
    """Return whether it has charged for less than `min_on`; a beginning after now tells nothing."""
    if not contender.charging or contender.charging_since is None:
        return False
    return timedelta(0) <= now - contender.charging_since < min_on
