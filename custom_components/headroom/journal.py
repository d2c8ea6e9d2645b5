"""What happened to the chargers of a site in the last 24 hours."""

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import UnsupportedStorageVersionError
from homeassistant.helpers.storage import Store

from .chargers.base import ChargerLink, ConnectorData
from .chargers.maintenance import Notice, notices_after
from .const import DOMAIN
from .plain import plain

_LOGGER = logging.getLogger(__name__)

SPAN: Final = timedelta(hours=24)
_MOST: Final = 100
"""Entries, and sessions, of one charger: Home Assistant records no event above 32 KiB."""
_VERSION: Final = 1
_SAVE_DELAY: Final = 60.0
"""Seconds; a crash may cost so much of the journal."""


class EntryKind(StrEnum):
    """What a charger's own notices do not tell."""

    CONTACT = "contact"
    CONTACT_LOST = "contact_lost"
    ERROR = "error"


_CONTACT: Final = frozenset({EntryKind.CONTACT, EntryKind.CONTACT_LOST})


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalEntry:
    """Something that happened to a charger."""

    at: datetime
    kind: str
    """Of an EntryKind, or of a charger's NoticeKind."""
    detail: str | None = None
    connector: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRecord:
    """A session as far as it is known; energy in Wh."""

    connector: int
    started_at: datetime
    ended_at: datetime | None = None
    energy: float | None = None


class ChargerJournal:
    """What happened to one charger; the newest is at the end."""

    def __init__(
        self, entries: tuple[JournalEntry, ...] = (), ended: tuple[SessionRecord, ...] = ()
    ) -> None:
        self.entries = entries
        self._ended = ended
        self._running: dict[int, SessionRecord] = {}
        self._online: bool | None = None
        self._errors: dict[int, str | None] = {}
        self._told: Notice | None = None

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> ChargerJournal:
        """Restore what `to_json()` gave. Raises KeyError, TypeError or ValueError."""
        entries = (JournalEntry(**item | _moments(item, "at")) for item in data["entries"])
        ended = (
            SessionRecord(**item | _moments(item, "started_at", "ended_at"))
            for item in data["sessions"]
        )
        return cls(tuple(entries), tuple(ended))

    def to_json(self) -> dict[str, Any]:
        """Return everything that must survive a restart; a running session is told anew."""
        return {"entries": plain(self.entries), "sessions": plain(self._ended)}

    @property
    def sessions(self) -> tuple[SessionRecord, ...]:
        """Return the sessions that have ended, then those that run."""
        return (*self._ended, *self._running.values())

    def look(self, charger: ChargerLink, now: datetime) -> bool:
        """Note what has changed since the last look; return whether something has."""
        before = self.entries, self._ended
        added = tuple(self._news(charger, now))
        for number, data in charger.connectors.items():
            self._follow_session(number, data, now)
        since = now - SPAN
        self.entries = _lately((*self.entries, *added), since)
        self._ended = tuple(s for s in self._ended if (s.ended_at or now) >= since)[-_MOST:]
        return (self.entries, self._ended) != before

    def _news(self, charger: ChargerLink, now: datetime) -> Iterator[JournalEntry]:
        if charger.online is not self._online:
            if charger.online or self._online is not None:
                kind = EntryKind.CONTACT if charger.online else EntryKind.CONTACT_LOST
                yield JournalEntry(at=now, kind=kind)
            self._online = charger.online
        for notice in notices_after(charger.upkeep.notices, self._told):
            self._told = notice
            yield JournalEntry(at=notice.at, kind=notice.kind, detail=notice.detail or None)
        for number, data in charger.connectors.items():
            if data.error is not None and data.error != self._errors.get(number):
                yield JournalEntry(
                    at=now, kind=EntryKind.ERROR, detail=data.error, connector=number
                )
            self._errors[number] = data.error

    def _follow_session(self, number: int, data: ConnectorData, now: datetime) -> None:
        running, session = self._running.get(number), data.session
        if running is not None and (session is None or session.started_at != running.started_at):
            told = [one.energy for one in data.ended if one.started_at == running.started_at]
            energy = next(iter(told), running.energy)
            self._ended = (*self._ended, replace(running, ended_at=now, energy=energy))
            del self._running[number]
        if session is not None:
            self._running[number] = SessionRecord(
                connector=number, started_at=session.started_at, energy=session.energy
            )


class SiteJournal:
    """The journals of a site's chargers by subentry id, in a file of their own."""

    def __init__(self, hass: HomeAssistant, entry_id: str) -> None:
        self._store = Store[dict[str, Any]](hass, _VERSION, f"{DOMAIN}.{entry_id}.journal")
        self._chargers: dict[str, ChargerJournal] = {}

    async def load(self) -> None:
        """Read the file; a journal that cannot be read begins anew."""
        try:
            stored = await self._store.async_load() or {}
            self._chargers = {k: ChargerJournal.from_json(v) for k, v in stored.items()}
        except (
            AttributeError,
            KeyError,
            TypeError,
            ValueError,
            UnsupportedStorageVersionError,
        ) as error:
            _LOGGER.warning("Stored journal is not usable and starts anew: %r", error)

    def of(self, key: str) -> ChargerJournal:
        """Return the journal of a charger."""
        return self._chargers.get(key) or ChargerJournal()

    def look(self, chargers: Mapping[str, ChargerLink], now: datetime) -> None:
        """Note what has changed at the chargers; forget those that do not exist any more."""
        gone = self._chargers.keys() - chargers.keys()
        for key in gone:
            del self._chargers[key]
        changed = [
            self._chargers.setdefault(key, ChargerJournal()).look(charger, now)
            for key, charger in chargers.items()
        ]
        if any(changed) or gone:
            self._store.async_delay_save(self._content, _SAVE_DELAY)

    async def save(self) -> None:
        """Write the file now."""
        await self._store.async_save(self._content())

    async def remove(self) -> None:
        """Delete the file."""
        await self._store.async_remove()

    def _content(self) -> dict[str, Any]:
        return {key: journal.to_json() for key, journal in self._chargers.items()}


def _lately(entries: tuple[JournalEntry, ...], since: datetime) -> tuple[JournalEntry, ...]:
    """Return the newest entries, and the one that tells of contact that was lost before them."""
    newest = tuple(entry for entry in entries if entry.at >= since)[-_MOST:]
    contact = [e for e in entries if e.at < since and e.kind in _CONTACT][-1:]
    return (*(e for e in contact if e.kind == EntryKind.CONTACT_LOST), *newest)


def _moments(item: Mapping[str, Any], *keys: str) -> dict[str, datetime]:
    return {key: datetime.fromisoformat(item[key]) for key in keys}
