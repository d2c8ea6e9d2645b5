"""Reads the settings of a station (OCPP 1.6, 5.8)."""

from collections.abc import Awaitable, Callable, Iterable, Iterator
from typing import Final

from ..traits import Setting

_LONGEST_VALUE: Final = 500
"""Characters; the most that OCPP 1.6 allows."""


async def read_settings(
    ask: Callable[[list[str] | None], Awaitable[object]], settings: Iterable[Setting]
) -> dict[Setting, str]:
    """Return the values of settings, as far as the station gives them.

    One that does not answer a question for some keys may answer the one for all.
    """
    wanted = {setting.lower(): setting for setting in settings}
    for keys in ([str(setting) for setting in wanted.values()], None):
        found = {
            wanted[key.lower()]: value
            for key, value in _pairs(await ask(keys))
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
