"""Makes a station measure what is needed, without names that it does not know.

There are stations that restart when they are given a name that they do not know, so a kind of
station is asked once, and only for what it does not measure already.
"""

from collections.abc import Awaitable, Callable
from typing import Final

from .connection import Connection
from .traits import Setting, StationTraits, split_list

WANTED: Final = (
    "Current.Import",
    "Power.Active.Import",
    "Energy.Active.Import.Register",
    "Voltage",
    "Current.Offered",
)
"""The most important first."""

type Remember = Callable[[str], Awaitable[None]]


async def choose_measurands(
    connection: Connection, traits: StationTraits, remembered: str | None, remember: Remember
) -> bool:
    """Set the measurands that the station takes; return whether it measures currents then."""
    present = traits.measurands
    if remembered is not None:
        names = split_list(remembered)
        if set(names) <= set(present):
            return WANTED[0] in names
        return await connection.configure(Setting.MEASURANDS, remembered)
    wanted = WANTED[: traits.max_measurands]
    if set(wanted) <= set(present):
        await remember(",".join(present))
        return True
    # Should the station restart over the question, it is not asked again.
    await remember(",".join(present))
    taken = await _offer(connection, wanted, present)
    if taken is None:
        return False
    await remember(",".join(taken))
    return await _is_set(connection, taken)


async def _offer(
    connection: Connection, wanted: tuple[str, ...], present: tuple[str, ...]
) -> tuple[str, ...] | None:
    """Offer the whole list, then name by name; return what was taken, None if nothing was."""
    if await connection.configure(Setting.MEASURANDS, ",".join(wanted)):
        return wanted
    taken = tuple(name for name in wanted if name in present)
    before = taken
    for name in wanted:
        if name in taken:
            continue
        if await connection.configure(Setting.MEASURANDS, ",".join((*taken, name))):
            taken = (*taken, name)
    return taken if taken != before else None


async def _is_set(connection: Connection, taken: tuple[str, ...]) -> bool:
    """Read back; a station that does not tell is believed."""
    answers = await connection.read_settings((Setting.MEASURANDS,))
    said = answers.get(Setting.MEASURANDS)
    return said is None or set(taken) <= set(split_list(said))
