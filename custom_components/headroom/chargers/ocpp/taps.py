"""Badges that people hold against a station, beside those that begin a session."""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from ..base import HOME_BADGE, NOBODY
from .transactions import Transaction

_MOST_CARDS: Final = 200
_MOST_TAPS: Final = 8
"""Nobody has asked for them in time; older ones are dropped."""


class Taps:
    """Finds out which sessions a tapped badge fits.

    It fits a session that was begun by the same badge, and one that is known to be begun by none.
    A charger that begins by itself may name a badge as well; what may be that of a person who was
    not heard of, as while a charger knows badges by itself, is the only one that fits.
    While a car is there whose session has not begun, a tap may be for that, so that one which runs
    is fitted only by the badge that has begun it. Beside a session that was begun in Home Assistant
    it may also be for a car that is still to come: its charger begins none by itself.
    """

    def __init__(self) -> None:
        self._cards: deque[str] = deque(maxlen=_MOST_CARDS)
        self._taps: deque[frozenset[int]] = deque(maxlen=_MOST_TAPS)

    def know(self, badges: Iterable[str]) -> None:
        """Note badges that people have, whether they were tapped or named."""
        for card in (badge.casefold() for badge in badges):
            if card not in self._cards:
                self._cards.append(card)

    def knows(self, badge: str) -> bool:
        """Return whether it is a badge that somebody has."""
        return badge.casefold() in self._cards

    def note(
        self, badge: str, running: Mapping[int, Transaction | None], *, may_begin: bool
    ) -> None:
        """Note that a badge was tapped; where no session runs yet, it is to begin one.

        `may_begin` tells that a car is there for that. Chargers ask for the badge of remote starts
        as well, but that is no card.
        """
        if badge == HOME_BADGE:
            return
        may_come = None in running.values()
        fitting = {
            number
            for number, transaction in running.items()
            if transaction is not None
            and (
                _has_begun(badge, transaction)
                or (not may_come and transaction.badge == HOME_BADGE)
                or (not may_begin and self._has_begun_by_itself(transaction))
            )
        }
        self.know([badge])
        self._taps.append(frozenset(fitting))

    def _has_begun_by_itself(self, transaction: Transaction) -> bool:
        own = transaction.badge
        if own is None or own == HOME_BADGE:
            return False
        return own == NOBODY or (transaction.by_itself and not self.knows(own))

    def take(self) -> Sequence[frozenset[int]]:
        """Return the connectors that each new tap may be for."""
        taps = tuple(self._taps)
        self._taps.clear()
        return taps


def _has_begun(badge: str, transaction: Transaction) -> bool:
    return transaction.badge is not None and transaction.badge.casefold() == badge.casefold()
