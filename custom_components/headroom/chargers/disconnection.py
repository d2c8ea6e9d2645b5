"""Shows what a charger really does when contact is lost: it breaks contact, returns and looks.

That a charger accepted a fallback proves nothing (requirements A11; OCPP has no failsafe of its
own). So contact is broken until the last limit must have ended; after that the charger is asked
what it draws before it is told anything. Its first sample counts: to some chargers a question is
the sign of life after which they go on as before. One that has passed and can be restarted is then
restarted, and has to show that it keeps its limit.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from ..engine.snapshot import ConnectorStatus
from .base import (
    ChargerLink,
    ChargerOffline,
    ChargerRefused,
    ConnectorData,
    Contact,
    Failsafe,
)
from .outcome import SPEAKS_WITHIN, TOLERANCE, Outcome
from .restart import RestartTest

GRACE: Final = timedelta(seconds=30)
"""Charger and car together may take so long to follow a limit that has ended."""
_RETURNS_WITHIN: Final = timedelta(minutes=15)
_TELLING: Final = 2.0
"""A that a car must draw above the fallback, else nothing is seen of it."""
_UNKNOWN: Final = ConnectorData()
_SUBJECT: Final = frozenset({ConnectorStatus.CHARGING, ConnectorStatus.SUSPENDED_EVSE})
"""What a connector shows that the fallback, and not its car, holds back."""


class NoFailsafe(ChargerRefused):
    """Nothing lowers the charger when contact is lost, or nothing is meant to."""


class NothingToSee(ChargerRefused):
    """No car draws so much that a fallback would show."""


@dataclass(frozen=True, slots=True)
class _Subject:
    """A connector that is looked at."""

    fallback: float
    """A"""
    lease_until: datetime | None


class DisconnectTest:
    """One test of one charger. It owns no timer: `advance()` is called about once a second."""

    def __init__(self, link: ChargerLink, fallbacks: Mapping[int, float], now: datetime) -> None:
        """Break contact. `fallbacks`, in A, are of the connectors that have one to go back to.

        Raises NoFailsafe, NothingToSee or ChargerOffline, and then contact stays.
        """
        self._link = link
        self._subjects = _subjects(link, fallbacks)
        self._silent_until = GRACE + max(
            (s.lease_until for s in self._subjects.values() if s.lease_until is not None),
            default=now,
        )
        self._returned_at: datetime | None = None
        self._first: dict[int, float] = {}
        """What each connector drew, in A, when it was first heard of after the silence."""
        self._restart: RestartTest | None = None
        self.after_restart = Outcome.UNCLEAR
        """Whether it keeps its limit over a restart, as far as that was tried."""
        self._stop_listening = link.subscribe(self._listen)
        link.restrict(Contact.NONE)

    @property
    def link(self) -> ChargerLink:
        """Return the charger's link."""
        return self._link

    def advance(self, now: datetime) -> Outcome | None:
        """Go on with the test; return its outcome once contact is whole again."""
        if now < self._silent_until:
            return None
        self._link.restrict(Contact.LISTENING)
        outcome = self._go_on(now)
        if outcome is not None:
            self.end()
        return outcome

    def end(self) -> None:
        """Let contact be whole again."""
        self._stop_listening()
        if self._restart is not None:
            self._restart.end()
        self._link.restrict(Contact.FULL)

    def _go_on(self, now: datetime) -> Outcome | None:
        if self._restart is not None:
            return self._look_again(self._restart, now)
        outcome = self._look(now)
        if outcome is not Outcome.PASSED or not self._link.capabilities.resets:
            return outcome
        self._restart = RestartTest(self._link, self._charging(), now)
        return None

    def _charging(self) -> dict[int, float]:
        """Return the fallbacks of the connectors that have just kept to them."""
        return {
            number: subject.fallback
            for number, subject in self._subjects.items()
            if self._judge(number) is Outcome.PASSED
        }

    def _look_again(self, restart: RestartTest, now: datetime) -> Outcome | None:
        """Return that it has passed once it is clear what it does after a restart, or never."""
        outcome = restart.advance(now)
        if outcome is None:
            return None
        self.after_restart = outcome
        return Outcome.PASSED

    def _listen(self) -> None:
        for number in self._subjects.keys() - self._first.keys():
            data = self._link.connectors.get(number, _UNKNOWN)
            is_new = data.measured_at is not None and data.measured_at >= self._silent_until
            if is_new and data.drawn is not None:
                self._first[number] = data.drawn.largest()

    def _look(self, now: datetime) -> Outcome | None:
        if not self._link.online:
            self._returned_at = None
            late = now >= self._silent_until + _RETURNS_WITHIN
            return Outcome.UNCLEAR if late else None
        if self._returned_at is None:
            self._returned_at = now
        seen = [self._judge(number) for number in self._subjects]
        if Outcome.FAILED in seen:
            return Outcome.FAILED
        if None in seen:
            return Outcome.UNCLEAR if now >= self._returned_at + SPEAKS_WITHIN else None
        return Outcome.PASSED if Outcome.PASSED in seen else Outcome.UNCLEAR

    def _judge(self, number: int) -> Outcome | None:
        """Return what a connector shows; None while it says nothing new."""
        data = self._link.connectors.get(number)
        if data is None:
            return Outcome.UNCLEAR
        drawn = self._first.get(number)
        if drawn is None:
            return None
        if drawn > self._subjects[number].fallback + TOLERANCE:
            return Outcome.FAILED
        return Outcome.PASSED if data.status in _SUBJECT else Outcome.UNCLEAR


def _subjects(link: ChargerLink, fallbacks: Mapping[int, float]) -> dict[int, _Subject]:
    if not fallbacks or link.capabilities.failsafe is Failsafe.NONE:
        raise NoFailsafe
    if not link.online:
        raise ChargerOffline
    subjects = {
        number: _Subject(fallback, link.reading(number).lease_until)
        for number, fallback in fallbacks.items()
        if _draws_more(link, number, fallback + _TELLING)
    }
    if not subjects:
        raise NothingToSee
    return subjects


def _draws_more(link: ChargerLink, number: int, current: float) -> bool:
    data = link.connectors.get(number)
    return data is not None and data.drawn is not None and data.drawn.largest() >= current
