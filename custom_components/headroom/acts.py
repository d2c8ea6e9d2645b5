"""Acts of people on a charger, and what they are told where one has no effect."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from homeassistant.exceptions import HomeAssistantError

from .chargers.base import (
    BadgeTooLong,
    ChargerError,
    ChargerLink,
    ChargerOffline,
    ChargerRefused,
    ChargerTimeout,
    ChargerUnable,
)
from .chargers.disconnection import NoFailsafe, NothingToSee
from .const import DOMAIN

_FAILURES: Final[Mapping[type[ChargerError], str]] = {
    ChargerOffline: "charger_offline",
    ChargerTimeout: "charger_timeout",
    ChargerUnable: "charger_unable",
    BadgeTooLong: "badge_too_long",
    NoFailsafe: "no_failsafe",
    NothingToSee: "nothing_to_see",
    ChargerRefused: "charger_refused",
}
"""What people are told, by the first kind that fits."""


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
            translation_domain=DOMAIN,
            translation_key=_failure(error),
            translation_placeholders=(
                {"most": str(error.most)} if isinstance(error, BadgeTooLong) else None
            ),
        ) from error


def _failure(error: ChargerError) -> str:
    """Return the translation key of what went wrong."""
    return next(key for kind, key in _FAILURES.items() if isinstance(error, kind))
