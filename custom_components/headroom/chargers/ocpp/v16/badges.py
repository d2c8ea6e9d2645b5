"""The list of badges that a station accepts without contact (OCPP 1.6, 5.15)."""

from collections.abc import Sequence
from datetime import timedelta
from itertools import batched
from typing import Final

from ocpp.v16 import call  # type: ignore[import-untyped]

from ...base import ChargerRefused, ChargerUnable
from ..connection import Connection
from ..fields import as_int
from ..traits import Setting

_USUAL_PART: Final = 20
"""Badges in one message where the station does not say how many it takes."""
_UNSUPPORTED: Final = -1


async def replace_badges(
    connection: Connection, badges: Sequence[str], patience: timedelta
) -> None:
    """Send the list, in parts if need be. Raises ChargerError; then a part of it may be there."""
    # Some take a list and do not use it as long as this is off.
    await connection.configure(Setting.LIST_ENABLED, "true")
    sizes = await connection.read_settings((Setting.LIST_LENGTH, Setting.LIST_PART))
    most, part = (as_int(sizes.get(key)) for key in (Setting.LIST_LENGTH, Setting.LIST_PART))
    if most is not None and len(badges) > most:
        raise ChargerRefused(f"SendLocalList: it takes {most} badges")
    version = await _version(connection, patience)
    parts = tuple(batched(badges, max(1, part or _USUAL_PART), strict=False)) or ((),)
    for number, some in enumerate(parts, start=1):
        kind = "Full" if number == 1 else "Differential"
        await connection.command(call.SendLocalList(version + number, kind, _entries(some)))


async def _version(connection: Connection, patience: timedelta) -> int:
    answer = await connection.ask(call.GetLocalListVersion(), patience, ("listVersion",))
    version = as_int(answer.list_version)
    if version == _UNSUPPORTED:
        raise ChargerUnable("GetLocalListVersion")
    return max(0, version or 0)


def _entries(badges: Sequence[str]) -> list[dict[str, object]]:
    return [{"id_tag": badge, "id_tag_info": {"status": "Accepted"}} for badge in badges]
