"""The charge points' way in on Home Assistant's own port."""

from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from aiohttp import web
from homeassistant.helpers.http import KEY_HASS, HomeAssistantView

from .const import DOMAIN

if TYPE_CHECKING:
    from .coordinator import HeadroomConfigEntry

OCPP_PATH: Final = "/api/headroom/ocpp"


class OcppView(HomeAssistantView):
    """Hands a charging station's websocket to the site that it belongs to.

    Stations do not log in to Home Assistant. A station with a wrong password is answered, and no
    unauthorised error raised, because Home Assistant would count that as a failed login of its own
    and might ban the address, which may be that of a proxy.
    """

    url = OCPP_PATH + "/{station_id:.+}"
    name = "api:headroom:ocpp"
    requires_auth = False

    async def get(self, request: web.Request, station_id: str) -> web.StreamResponse:
        """Serve a station; the last part of the path is its id."""
        identity = station_id.rstrip("/").rpartition("/")[2]
        sites: list[HeadroomConfigEntry] = request.app[
            KEY_HASS
        ].config_entries.async_loaded_entries(DOMAIN)
        if not sites:
            return web.Response(status=HTTPStatus.NOT_FOUND)
        owner = next(
            (site for site in sites if identity in site.runtime_data.central.stations), sites[0]
        )
        return await owner.runtime_data.central.handle(request, identity)
