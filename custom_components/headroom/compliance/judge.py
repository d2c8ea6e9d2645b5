"""Whether one connector does what it is told."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from ..chargers.base import ConnectorData
from ..engine.snapshot import ConnectorStatus
from .allowance import Allowance
from .incident import Cause, Incident, Tolerance
from .signs import OfferWatch, Stillness
from .spell import Burst, Sign, Spell

_EXCESSIVE: Final = frozenset({Cause.STUCK, Cause.OVERDRAW})
_OF_CONNECTORS: Final = tuple(cause for cause in Cause if cause is not Cause.RESTARTS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One connector as it is seen now."""

    now: datetime
    online: bool
    setpoint: float
    """What it is to be allowed, in A per phase."""
    phases: int
    """How many terminals are wired."""
    data: ConnectorData

    @property
    def allowed(self) -> float:
        """Return what it may draw in A: its setpoint, or an older limit that still holds."""
        return max(self.setpoint, self.data.confirmed or 0.0)


class ConnectorJudge:
    """Watches one connector from look to look."""

    def __init__(self, connector: int, tolerance: Tolerance) -> None:
        self._connector = connector
        self._tolerance = tolerance
        self._allowance = Allowance(tolerance.following.lag + tolerance.stale)
        self._spells = {cause: _spell(cause, tolerance) for cause in _OF_CONNECTORS}
        self._overwrites = _foreign(tolerance)
        self._departures = _foreign(tolerance)
        self._offer = OfferWatch(tolerance.following)
        self._stillness = Stillness(tolerance)
        self._sampled_at: datetime | None = None
        self._incidents: dict[Cause, Incident] = {}

    @property
    def incidents(self) -> tuple[Incident, ...]:
        """Return what is wrong now."""
        return tuple(self._incidents.values())

    def look(self, look: Look) -> None:
        """Judge a connector; without contact everything stays as it was."""
        if not look.online:
            self._lose_contact()
            return
        self._allowance.note(look.allowed, look.now)
        signs = self._judge_sample(look) | self._judge_limits(look)
        for cause, spell in self._spells.items():
            spell.look(signs.get(cause), look.now)
            self._conclude(cause, spell, look)

    def _lose_contact(self) -> None:
        self._allowance.forget()
        self._stillness.forget()
        self._offer.forget()
        for spell in self._spells.values():
            spell.interrupt()

    def _judge_sample(self, look: Look) -> dict[Cause, Sign | None]:
        """Return what a sample shows; nothing if it is not a new one."""
        tolerance, at, drawn = self._tolerance, look.data.measured_at, look.data.drawn
        if at is None or drawn is None or at == self._sampled_at:
            return {}
        self._sampled_at = at
        if not at <= look.now < at + tolerance.stale:
            return {}
        used = sum(current > tolerance.some for current in drawn)
        return {
            Cause.PHASES: Sign(used > look.phases),
            Cause.FROZEN: Sign(self._stillness.look(look.data, at)),
        } | self._compare(drawn.largest(), look.data.offered, at)

    def _compare(
        self, drawn: float, offered: float | None, at: datetime
    ) -> dict[Cause, Sign | None]:
        """Compare a sample with the limits that it may still follow, if they are known."""
        following = self._tolerance.following
        limits = self._allowance.between(at - following.lag, at)
        if not limits:
            return {}
        self._offer.look(offered, set(limits))
        highest = max(limits)
        is_above = following.is_above(drawn, highest)
        return {
            Cause.STUCK: Sign(is_above and highest == 0),
            Cause.OVERDRAW: Sign(is_above and highest > 0),
        }

    def _judge_limits(self, look: Look) -> dict[Cause, Sign | None]:
        foreign = {
            self._overwrites.look(look.data.overwritten, look.now),
            self._departures.look(self._offer.departures, look.now),
        }
        return {
            Cause.REFUSES: self._judge_refusal(look.data),
            Cause.OVERWRITTEN: _worst(foreign),
        }

    @staticmethod
    def _judge_refusal(data: ConnectorData) -> Sign | None:
        """Return what a refusal means; without a car there are chargers that take no limit."""
        if not data.refusing:
            return Sign.GOOD
        may_draw = data.status.has_car or data.status is ConnectorStatus.UNKNOWN
        return Sign.BAD if may_draw else None

    def _conclude(self, cause: Cause, spell: Spell, look: Look) -> None:
        if not spell.lasts:
            self._incidents.pop(cause, None)
        elif cause not in self._incidents:
            drawn = look.data.drawn
            self._incidents[cause] = Incident(
                cause=cause,
                connector=self._connector,
                since=spell.since or look.now,
                drawn=None if drawn is None else drawn.largest(),
                allowed=look.allowed if cause in _EXCESSIVE else look.setpoint,
            )


def _foreign(tolerance: Tolerance) -> Burst:
    return Burst(many=tolerance.overwrites, few=0, within=tolerance.overwrites_within)


def _worst(signs: set[Sign | None]) -> Sign | None:
    """Return the worst of signs of the same thing, which one change may cause at once."""
    return next((sign for sign in (Sign.BAD, None) if sign in signs), Sign.GOOD)


def _spell(cause: Cause, tolerance: Tolerance) -> Spell:
    match cause:
        case Cause.STUCK | Cause.OVERDRAW | Cause.PHASES:
            begins_after = tolerance.persists
        case Cause.REFUSES:
            begins_after = tolerance.refusing
        case _:
            begins_after = timedelta()
    return Spell(begins_after=begins_after, ends_after=tolerance.calm)
