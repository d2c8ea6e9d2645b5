"""Peers that came without the right credentials, and how long each has to wait."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from .config import CentralSystemConfig

type _Peer = tuple[str, str | None]


@dataclass(slots=True)
class _Suspect:
    wrong_at: deque[datetime]
    seen_at: datetime
    bare: int = 0
    told: bool = False
    blocked_at: datetime | None = None
    block: timedelta = timedelta()


class Suspects:
    """Remembers a bounded number of peers by station id and address, until they show better.

    It forgets whoever has stayed away for long.
    """

    def __init__(self, config: CentralSystemConfig, now: Callable[[], datetime]) -> None:
        self._config = config
        self._now = now
        self._suspects: dict[_Peer, _Suspect] = {}

    @property
    def count(self) -> int:
        """Return how many peers are remembered."""
        return len(self._suspects)

    def wait(self, station_id: str, remote: str | None) -> timedelta:
        """Return how long a peer must not try again."""
        suspect = self._suspects.get((station_id, remote))
        if suspect is None or suspect.blocked_at is None:
            return timedelta()
        # A clock that was set back must not prolong it
        passed = self._now() - suspect.blocked_at
        return suspect.block - passed if timedelta() <= passed < suspect.block else timedelta()

    def note_wrong(self, station_id: str, remote: str | None) -> bool:
        """Note a wrong password; return whether this is the first to complain of."""
        suspect = self._noted(station_id, remote)
        now = self._now()
        suspect.wrong_at.append(now)
        is_full = len(suspect.wrong_at) == suspect.wrong_at.maxlen
        if suspect.block:
            suspect.block = min(2 * suspect.block, self._config.longest_block)
            suspect.blocked_at = now
        elif is_full and now - suspect.wrong_at[0] <= self._config.wrong_within:
            suspect.block = self._config.shortest_block
            suspect.blocked_at = now
        return self._tell_once(suspect)

    def note(self, station_id: str, remote: str | None) -> bool:
        """Note a fault that nobody can guess away; return whether it is the first."""
        return self._tell_once(self._noted(station_id, remote))

    def note_bare(self, station_id: str, remote: str | None) -> bool:
        """Note a request without a password; return whether this is the first to complain of.

        The first is none: there are clients that show a password only when they are asked to.
        """
        suspect = self._noted(station_id, remote)
        suspect.bare += 1
        return suspect.bare > 1 and self._tell_once(suspect)

    def clear(self, station_id: str, remote: str | None) -> bool:
        """Forget a peer that was let in; return whether it was complained of."""
        suspect = self._suspects.pop((station_id, remote), None)
        return suspect is not None and suspect.told

    def forget(self, station_id: str) -> None:
        """Begin anew with all peers of a station."""
        for peer in [peer for peer in self._suspects if peer[0] == station_id]:
            del self._suspects[peer]

    def _noted(self, station_id: str, remote: str | None) -> _Suspect:
        now = self._now()
        horizon = now - self._config.suspect_memory
        self._suspects = {
            peer: suspect for peer, suspect in self._suspects.items() if suspect.seen_at > horizon
        }
        peer = station_id, remote
        suspect = self._suspects.pop(peer, None)
        if suspect is None:
            suspect = _Suspect(deque(maxlen=self._config.wrong_passwords), now)
        if len(self._suspects) >= self._config.suspect_limit:
            del self._suspects[next(iter(self._suspects))]
        suspect.seen_at = now
        self._suspects[peer] = suspect
        return suspect

    @staticmethod
    def _tell_once(suspect: _Suspect) -> bool:
        is_first, suspect.told = not suspect.told, True
        return is_first
