"""Fetches a log from a charger, which sends it to Home Assistant."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Final

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.network import NoURLAvailableError, get_url

from .acts import carry_out
from .charger_target import Target
from .chargers.base import ChargerLink
from .chargers.maintenance import LogRequest, UploadStage
from .const import DOMAIN
from .log_files import LogFile, log_folder
from .upload import MOST_BYTES, Expected, Problem, UploadDesk

_MEGABYTE: Final = 1024 * 1024


async def fetch_log(
    target: Target, desk: UploadDesk, request: LogRequest, patience: timedelta
) -> LogFile:
    """Return the log that a charger sends. Raises HomeAssistantError if none comes."""
    hass, charger = target.hass, target.charger
    base = _address(hass)
    folder = log_folder(hass, target.item.subentry_id)
    with desk.expect(folder, patience) as (path, expected), _watching(charger, expected):
        # A charger may put the name of its file behind the address.
        await carry_out(charger, lambda charger: charger.upload_log(f"{base}{path}", request))
        outcome = await expected.outcome(patience)
    if isinstance(outcome, LogFile):
        return outcome
    raise HomeAssistantError(
        translation_domain=DOMAIN,
        translation_key=outcome,
        translation_placeholders={
            "address": base,
            "minutes": f"{patience.total_seconds() / 60:g}",
            "megabytes": str(MOST_BYTES // _MEGABYTE),
        },
    )


@contextmanager
def _watching(charger: ChargerLink, expected: Expected) -> Iterator[None]:
    """Stop waiting when the charger tells that it could not send."""

    def look() -> None:
        if charger.upkeep.upload is UploadStage.FAILED:
            expected.settle(Problem.FAILED)

    unsubscribe = charger.subscribe(look)
    try:
        yield
    finally:
        unsubscribe()


def _address(hass: HomeAssistant) -> str:
    """Return where chargers reach Home Assistant; with encryption if it has that."""
    try:
        return get_url(hass, allow_cloud=False)
    except NoURLAvailableError as error:
        raise HomeAssistantError(translation_domain=DOMAIN, translation_key="no_address") from error
