"""The part of a charger's form that says what it must show before it is let in."""

from collections.abc import Mapping
from typing import Any, Final

import probatio
from homeassistant.const import CONF_PASSWORD
from homeassistant.helpers.selector import (
    BooleanSelector,
    TextSelector,
    TextSelectorConfig,
    TextSelectorType,
)

from ..chargers.ocpp.credentials import is_password
from ..const import CONF_ANY_CERTIFICATE, CONF_CLIENT_CA, CONF_REMOVAL
from .form import Fields, Refusal, folded

SECTION_ACCESS: Final = "access"

_PASSWORD: Final = TextSelector(
    TextSelectorConfig(type=TextSelectorType.PASSWORD, autocomplete="new-password")
)


def access_fields(site: Mapping[str, Any], stored: Mapping[str, Any]) -> Fields:
    """Return the fields for a charger's credentials, as far as they matter at a site.

    A stored password is not shown.
    """
    certificate: Fields = {
        probatio.Required(CONF_ANY_CERTIFICATE, default=False): BooleanSelector()
    }
    removal: Fields = {probatio.Required(CONF_REMOVAL, default=False): BooleanSelector()}
    return folded(
        SECTION_ACCESS,
        {
            probatio.Optional(CONF_PASSWORD): _PASSWORD,
            **(removal if CONF_PASSWORD in stored else {}),
            **(certificate if CONF_CLIENT_CA in site else {}),
        },
    )


def access_data(values: Mapping[str, Any], stored: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is kept of the credentials; a password that is not entered stays.

    Raises Refusal.
    """
    password: str | None = values.get(CONF_PASSWORD)
    if password and values.get(CONF_REMOVAL):
        raise Refusal("password_and_removal")
    if password and not is_password(password):
        raise Refusal("password_unusable")
    if not values.get(CONF_REMOVAL):
        password = password or stored.get(CONF_PASSWORD)
    any_certificate = values.get(CONF_ANY_CERTIFICATE, stored.get(CONF_ANY_CERTIFICATE))
    return {
        **({CONF_PASSWORD: password} if password else {}),
        **({CONF_ANY_CERTIFICATE: True} if any_certificate else {}),
    }
