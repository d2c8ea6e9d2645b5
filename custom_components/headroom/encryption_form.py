"""The part of a site's form that encrypts its port."""

from collections.abc import Mapping
from typing import Any, Final

import probatio
from homeassistant.core import HomeAssistant
from homeassistant.helpers.selector import TextSelector
from homeassistant.util import dt as dt_util

from .certificates import ENCRYPTION, files_of
from .chargers.ocpp.tls import TlsError, load_tls
from .const import CONF_CERTIFICATE
from .subentry_flows.form import Fields, Refusal, folded

SECTION_ENCRYPTION: Final = "encryption"

ENCRYPTION_FIELDS: Final[Fields] = folded(
    SECTION_ENCRYPTION, {probatio.Optional(name): TextSelector() for name in ENCRYPTION}
)


async def async_accepted_encryption(
    hass: HomeAssistant, values: Mapping[str, Any]
) -> dict[str, str]:
    """Return what an entry keeps of the encryption. Raises Refusal if a file cannot be used."""
    paths = {name: str(values.get(name, "")).strip() for name in ENCRYPTION}
    data = {name: path for name, path in paths.items() if path}
    files = files_of(hass, data)
    if files is None:
        if data:
            raise Refusal("tls_incomplete")
        return {}
    try:
        tls = await hass.async_add_executor_job(load_tls, files)
    except TlsError as error:
        raise Refusal(error.key, path=str(error.path)) from error
    if tls.expires <= dt_util.utcnow():
        raise Refusal("tls_expired", path=data[CONF_CERTIFICATE])
    return data
