"""Who is let in: security profiles of OCPP (1.6 whitepaper, 2.0.1 A00)."""

import logging
import math
from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus
from typing import Final

from aiohttp import hdrs, web

from .config import CentralSystemConfig
from .credentials import Credentials, read_login
from .suspects import Suspects

_LOGGER = logging.getLogger(__name__)

_CHALLENGE: Final = {hdrs.WWW_AUTHENTICATE: 'Basic realm="Headroom", charset="UTF-8"'}


class Gate:
    """Checks the request of a registered station before its websocket is opened."""

    def __init__(self, config: CentralSystemConfig, now: Callable[[], datetime]) -> None:
        self._credentials: dict[str, Credentials] = {}
        self._suspects = Suspects(config, now)

    def require(self, station_id: str, credentials: Credentials) -> None:
        """Let a station in with these credentials from now on; open connections stay."""
        if self._credentials.get(station_id) != credentials:
            self._credentials[station_id] = credentials
            self._suspects.forget(station_id)

    def forget(self, station_id: str) -> None:
        """Drop what is known of a station."""
        self._credentials.pop(station_id, None)
        self._suspects.forget(station_id)

    def refusal(self, station_id: str, request: web.Request) -> web.Response | None:
        """Return the answer to a station that is not let in; None for one that is.

        It is returned, not raised: Home Assistant would take it for a failed login of its own.
        """
        credentials = self._credentials[station_id]
        if credentials.password is None:
            return None
        remote = request.remote
        if wait := self._suspects.wait(station_id, remote):
            seconds = str(math.ceil(wait.total_seconds()))
            return web.Response(
                status=HTTPStatus.TOO_MANY_REQUESTS, headers={hdrs.RETRY_AFTER: seconds}
            )
        headers = request.headers.getall(hdrs.AUTHORIZATION, [])
        if not headers:
            if self._suspects.note_bare(station_id, remote):
                _LOGGER.warning("Station %s at %s shows no password", station_id, remote)
            return _challenge()
        login = read_login(headers)
        if login is None or not credentials.admit(station_id, login):
            if self._suspects.note_wrong(station_id, remote):
                _LOGGER.warning("Station %s at %s shows a wrong password", station_id, remote)
            return _challenge()
        if self._suspects.clear(station_id, remote):
            _LOGGER.info("Station %s at %s shows the right password", station_id, remote)
        return None


def _challenge() -> web.Response:
    return web.Response(status=HTTPStatus.UNAUTHORIZED, headers=_CHALLENGE)
