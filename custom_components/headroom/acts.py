"""Acts of people on a charger, and what they are told where one has no effect."""

from collections.abc import Awaitable, Callable

from homeassistant.exceptions import HomeAssistantError

from .chargers.base import (
    ChargerError,
    ChargerLink,
    ChargerOffline,
    ChargerRefused,
    ChargerUnable,
)
from .chargers.disconnection import NoFailsafe, NothingToSee
from .const import DOMAIN


async def carry_out[ResultT](
    charger: ChargerLink | None, act: Callable[[ChargerLink], Awaitable[ResultT]]
) -> ResultT:
    """Carry out an act on a charger. Raises HomeAssistantError if it has no effect."""
    try:
        if charger is None:
            raise ChargerOffline
        return await act(charger)
    except ChargerError as error:
        raise HomeAssistantError(
            translation_domain=DOMAIN, translation_key=_failure(error)
        ) from error


def _failure(error: ChargerError) -> str:
    """Return the translation key of what went wrong."""
    match error:
        case ChargerOffline():
            return "charger_offline"
        case ChargerUnable():
            return "charger_unable"
        case NoFailsafe():
            return "no_failsafe"
        case NothingToSee():
            return "nothing_to_see"
        case ChargerRefused():
            return "charger_refused"
    return "charger_timeout"
