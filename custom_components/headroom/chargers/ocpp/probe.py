"""Asks a station what it can do."""

from collections.abc import Iterable, Iterator
from typing import Final

from .connection import Connection
from .traits import KEYS

_LONGEST_VALUE: Final = 500
"""Characters; the most that OCPP 1.6 allows."""


async def ask_settings(connection: Connection, keys: Iterable[str] = KEYS) -> dict[str, str]:
    """Return settings by key, as far as the station gives them.

    One that does not answer a question for some keys may answer the one for all.
    """
    wanted = {key.lower(): key for key in keys}
    for asked in (list(wanted.values()), None):
        found = {
            wanted[key.lower()]: value
            for key, value in _pairs(await connection.read_settings(asked))
            if key.lower() in wanted
        }
        if found:
            return found
    return {}


def _pairs(items: object) -> Iterator[tuple[str, str]]:
    """Yield keys and values, without those of wrong types."""
    for item in items if isinstance(items, list) else []:
        match item:
            case {"key": str() as key, "value": str() | int() | float() as value}:
                yield key, str(value)[:_LONGEST_VALUE]
            case {"key": str() as key, "value": list() as values}:
                yield key, ",".join(map(str, values))[:_LONGEST_VALUE]
