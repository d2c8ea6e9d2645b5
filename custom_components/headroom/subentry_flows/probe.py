"""What a form learns from a meter that is being set up, and tells of it."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.helpers.translation import async_get_translations

from ..const import CONF_MODEL, DOMAIN
from ..meter_families import mounting_of
from ..meters.base import MeterImplausible, MeterRefused, MeterUnreachable
from ..meters.models import MeterModel
from ..meters.proposal import Proposal
from ..meters.survey import Survey, WordsSwapped, survey
from ..parts import modbus_address
from .connections import lent_pool
from .form import Refusal
from .serial_port import unreachable

_TEXTS: Final = "meter_hint"
"""A choice that nobody is asked for; forms have no other place for texts that come and go."""


async def async_survey(entry: ConfigEntry, data: Mapping[str, Any], model: MeterModel) -> Survey:
    """Read a meter a few times, over the site's own connection if the site is running.

    Raises Refusal if it does not answer as its model should.
    """
    try:
        async with lent_pool(entry) as pool:
            return await survey(pool, modbus_address(data), model, mounting_of(data))
    except MeterUnreachable as error:
        raise unreachable(error, data) from error
    except MeterRefused as error:
        raise Refusal("wrong_device", CONF_MODEL) from error
    except WordsSwapped as error:
        raise Refusal("words_swapped", CONF_MODEL) from error
    except MeterImplausible as error:
        raise Refusal("implausible", CONF_MODEL) from error


async def async_hints(hass: HomeAssistant, proposals: Iterable[Proposal]) -> str:
    """Return what is likely to be wrong, and the cure, as paragraphs in the system's language."""
    texts = await async_get_translations(hass, hass.config.language, "selector", {DOMAIN})
    place = f"component.{DOMAIN}.selector.{_TEXTS}.options"
    return "\n\n".join(
        f"**⚠** {texts[f'{place}.{one.hint}'].format(**one.placeholders)}" for one in proposals
    )
