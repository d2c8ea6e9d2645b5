"""The nearest reason as a sentence that needs no knowledge, in the language of Home Assistant."""

import string
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.translation import async_get_cached_translations
from homeassistant.util import dt as dt_util

from .const import DOMAIN

_TEXTS: Final = f"component.{DOMAIN}.entity.sensor.setpoint_reason"
_SENTENCES: Final = f"{_TEXTS}.state_attributes.explanation.state"
_A_DAY: Final = timedelta(days=1)


@callback
def explain_reason(hass: HomeAssistant, reason: Mapping[str, object], *, waits: bool) -> str | None:
    """Return the sentence for a described reason; `waits` if nothing flows until it ends.

    A sentence that names what this reason lacks gives way to the name of the reason. None: there
    is no text at all, for translations are not loaded.
    """
    texts = async_get_cached_translations(hass, hass.config.language, "entity", DOMAIN)
    plain = texts.get(f"{_TEXTS}.state.{reason['code']}")
    sentence = texts.get(f"{_SENTENCES}.{reason['code']}", plain)
    if sentence is None:
        return None
    if not names_in(sentence) <= reason.keys():
        sentence = plain or sentence
    said = sentence.format_map({name: _as_text(value) for name, value in reason.items()})
    if "until" not in reason:
        return said
    frame = texts[f"{_SENTENCES}.{'starts' if waits else 'until'}"]
    until = datetime.fromisoformat(str(reason["until"]))
    return frame.format(sentence=said, time=_clock_time(until))


def names_in(sentence: str) -> set[str]:
    """Return the names that are filled in."""
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name is not None}


def _as_text(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _clock_time(moment: datetime) -> str:
    """Return what the clock on the wall shows then, with the date if it is not within a day."""
    local = dt_util.as_local(moment)
    far = moment - dt_util.utcnow() >= _A_DAY
    return f"{local:%Y-%m-%d %H:%M}" if far else f"{local:%H:%M}"
