"""The certificate of a site's own port: loaded, renewed, and warned of before it expires."""

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from homeassistant.core import HomeAssistant
from homeassistant.helpers.event import async_track_time_interval

from .chargers.ocpp.server import CentralSystem
from .chargers.ocpp.tls import Tls, TlsError, TlsFiles, load_tls
from .const import CONF_CERTIFICATE, CONF_CLIENT_CA, CONF_PRIVATE_KEY
from .repairs import report_certificate

if TYPE_CHECKING:
    from .coordinator import HeadroomConfigEntry

_LOGGER = logging.getLogger(__name__)

ENCRYPTION: Final = (CONF_CERTIFICATE, CONF_PRIVATE_KEY, CONF_CLIENT_CA)
"""What an entry keeps of the encryption of its port."""

LOOK_EVERY: Final = timedelta(days=1)


def files_of(hass: HomeAssistant, data: Mapping[str, Any]) -> TlsFiles | None:
    """Return the files for a site's encryption; None if its port is not encrypted.

    Relative paths begin at the configuration folder.
    """
    certificate, key, client_ca = (
        Path(hass.config.path(data[name])) if name in data else None for name in ENCRYPTION
    )
    if certificate is None or key is None:
        return None
    return TlsFiles(certificate, key, client_ca)


class SiteCertificate:
    """Keeps the certificate of a site's own port fresh."""

    def __init__(
        self, hass: HomeAssistant, entry: HeadroomConfigEntry, central: CentralSystem
    ) -> None:
        self._hass = hass
        self._entry = entry
        self._central = central
        self._is_unusable = False

    async def async_load(self) -> Tls | None:
        """Return what the port needs; None for a port without encryption. Raises TlsError."""
        files = files_of(self._hass, self._entry.data)
        tls = None if files is None else await self._hass.async_add_executor_job(load_tls, files)
        report_certificate(self._hass, self._entry, None if tls is None else tls.expires)
        return tls

    def async_watch(self) -> None:
        """Load the certificate anew every day as long as the site is loaded."""
        self._entry.async_on_unload(
            async_track_time_interval(
                self._hass,
                self._renew,
                LOOK_EVERY,
                name="Headroom certificate",
                cancel_on_shutdown=True,
            )
        )

    async def _renew(self, _: datetime) -> None:
        """Show the newest certificate; the one before stays while that cannot be used."""
        try:
            self._central.renew(await self.async_load())
        except TlsError as error:
            if not self._is_unusable:
                _LOGGER.warning("The certificate cannot be renewed: %s", error)
            self._is_unusable = True
            return
        if self._is_unusable:
            _LOGGER.info("The certificate can be renewed again")
        self._is_unusable = False
