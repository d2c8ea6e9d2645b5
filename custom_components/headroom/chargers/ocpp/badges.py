"""The list of badges that a station accepts without contact (OCPP 1.6, 5.15; 2.0.1, D)."""

from collections.abc import Awaitable, Callable, Sequence
from itertools import batched
from typing import Final

from ..base import ChargerRefused, ChargerUnable
from .connection import Connection
from .fields import as_int
from .traits import Setting

_USUAL_PART: Final = 20
"""Badges in one message where the station does not say how many it takes."""
_UNSUPPORTED: Final = -1

type Send = Callable[[int, str, Sequence[str]], Awaitable[None]]
"""Sends badges in the words of a version: the number of the list, the kind of update, and them."""


async def replace_badges(
    connection: Connection,
    badges: Sequence[str],
    tell_version: Callable[[], Awaitable[object]],
    send: Send,
) -> None:
    """Send the list, in parts if need be. Raises ChargerError; then a part of it may be there.

    `tell_version` asks for the number of the list that the station has.
    """
    # Some take a list and do not use it as long as this is off.
    await connection.configure(Setting.LIST_ENABLED, "true")
    sizes = await connection.read_settings((Setting.LIST_LENGTH, Setting.LIST_PART))
    most, part = (as_int(sizes.get(key)) for key in (Setting.LIST_LENGTH, Setting.LIST_PART))
    if most is not None and len(badges) > most:
        raise ChargerRefused(f"SendLocalList: it takes {most} badges")
    version = as_int(await tell_version())
    if version == _UNSUPPORTED:
        raise ChargerUnable("GetLocalListVersion")
    parts = tuple(batched(badges, max(1, part or _USUAL_PART), strict=False)) or ((),)
    for number, some in enumerate(parts, start=1):
        kind = "Full" if number == 1 else "Differential"
        await send(max(0, version or 0) + number, kind, some)
