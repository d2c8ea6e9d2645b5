"""The list of badges that a station keeps for itself."""

from collections.abc import Mapping
from typing import Final

from .preferences import Preferences

ACCEPTED: Final = "Accepted"
LONGEST: Final = 200
"""So many badges fit."""


class LocalList:
    """Badges with their statuses, None to remove one, as both protocols have them."""

    def __init__(self, preferences: Preferences) -> None:
        self.version = 0
        self._preferences = preferences
        self._statuses: dict[str, str] = {}

    def __len__(self) -> int:
        """Return how many badges it has."""
        return len(self._statuses)

    def update(self, version: int, badges: Mapping[str, str | None], *, full: bool) -> str:
        """Take over a list, or changes to it, and return the status for the answer."""
        if not full and version <= self.version:
            return "VersionMismatch"
        merged = {} if full else dict(self._statuses)
        for badge, status in badges.items():
            merged.pop(badge, None)
            merged |= {badge: status} if status is not None else {}
        if len(merged) > LONGEST:
            return "Failed"
        self.version, self._statuses = version, merged
        return ACCEPTED

    def accepts_online(self, badge: str) -> bool:
        """Return whether a badge needs no question to the central system."""
        by_list = self._preferences.list_enabled and self._preferences.authorizes_by_list
        return by_list and self._statuses.get(badge) == ACCEPTED

    def accepts_offline(self, badge: str) -> bool:
        """Return whether a badge may start while nobody can be asked."""
        on_list = self._statuses.get(badge) if self._preferences.list_enabled else None
        if on_list is None:
            return self._preferences.starts_unknown_offline
        return on_list == ACCEPTED and self._preferences.authorizes_offline
