"""Badges that people hold against a station, beside those that begin a session."""

from collections import deque
from collections.abc import Mapping, Sequence
from typing import Final

from ..base import HOME_BADGE, ConnectorData, Session

_MOST_CARDS: Final = 200
_MOST_TAPS: Final = 8
"""Nobody has asked for them in time; older ones are dropped."""


class Taps:
    """Finds out which sessions a tapped badge fits.

    It fits a session that was begun by the same badge, and one that was begun by none: a charger
    that begins by itself names a badge as well, but nobody has ever tapped that.
    """

    def __init__(self) -> None:
        self._cards: deque[str] = deque(maxlen=_MOST_CARDS)
        self._taps: deque[frozenset[int]] = deque(maxlen=_MOST_TAPS)

    def note(self, badge: str, connectors: Mapping[int, ConnectorData]) -> None:
        """Note that a badge was tapped; where no session runs yet, it is to begin one.

        Chargers ask for the one of remote starts as well, but that is no card.
        """
        if badge == HOME_BADGE:
            return
        card = badge.casefold()
        fitting = {
            number
            for number, data in connectors.items()
            if data.session is not None and self._fits(card, data.session)
        }
        if card not in self._cards:
            self._cards.append(card)
        self._taps.append(frozenset(fitting))

    def _fits(self, card: str, session: Session) -> bool:
        own = None if session.badge is None else session.badge.casefold()
        return own == card or own not in self._cards

    def take(self) -> Sequence[frozenset[int]]:
        """Return the connectors that each new tap may be for."""
        taps = tuple(self._taps)
        self._taps.clear()
        return taps
