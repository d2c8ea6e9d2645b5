"""Who is let in: security profiles of OCPP (1.6 whitepaper, 2.0.1 A00)."""

import logging
import math
from collections.abc import Callable, Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Any, Final

from aiohttp import hdrs, web

from .config import CentralSystemConfig
from .credentials import Credentials, read_login
from .suspects import Suspects
from .tls import names_in

_LOGGER = logging.getLogger(__name__)

_CHALLENGE: Final = {hdrs.WWW_AUTHENTICATE: 'Basic realm="Headroom", charset="UTF-8"'}


class Gate:
    """Checks the request of a registered station before its websocket is opened."""

    def __init__(self, config: CentralSystemConfig, now: Callable[[], datetime]) -> None:
        self._credentials: dict[str, Credentials] = {}
        self._suspects = Suspects(config, now)
        self.demands_certificates = False

    def require(self, station_id: str, credentials: Credentials) -> None:
        """Let a station in with these credentials from now on; open connections stay."""
        if self._credentials.get(station_id) != credentials:
            self._credentials[station_id] = credentials
            self._suspects.forget(station_id)

    def forget(self, station_id: str) -> None:
        """Drop what is known of a station."""
        self._credentials.pop(station_id, None)
        self._suspects.forget(station_id)

    def refusal(
        self, station_id: str, request: web.Request, certificate: Mapping[str, Any] | None
    ) -> web.Response | None:
        """Return the answer to a station that is not let in; None for one that is.

        It is returned, not raised: Home Assistant would take it for a failed login of its own.
        """
        credentials = self._credentials[station_id]
        status = self._check_certificate(station_id, credentials, request.remote, certificate)
        if status is None:
            status = self._check_password(station_id, credentials, request)
        match status:
            case None:
                if self._suspects.clear(station_id, request.remote):
                    _LOGGER.info("Station %s at %s is let in again", station_id, request.remote)
                return None
            case HTTPStatus.UNAUTHORIZED:
                return web.Response(status=status, headers=_CHALLENGE)
            case HTTPStatus.TOO_MANY_REQUESTS:
                wait = self._suspects.wait(station_id, request.remote).total_seconds()
                return web.Response(status=status, headers={hdrs.RETRY_AFTER: str(math.ceil(wait))})
        return web.Response(status=status)

    def _check_certificate(
        self,
        station_id: str,
        credentials: Credentials,
        remote: str | None,
        certificate: Mapping[str, Any] | None,
    ) -> HTTPStatus | None:
        """Return why a station's certificate does not do; its issuer was checked before."""
        if not self.demands_certificates:
            return None
        if not certificate:
            if self._suspects.note(station_id, remote):
                _LOGGER.warning("Station %s at %s shows no certificate", station_id, remote)
            return HTTPStatus.FORBIDDEN
        names = names_in(certificate)
        if credentials.any_certificate or station_id in names:
            return None
        if self._suspects.note(station_id, remote):
            _LOGGER.warning(
                "Station %s at %s shows a certificate of %s", station_id, remote, sorted(names)
            )
        return HTTPStatus.FORBIDDEN

    def _check_password(
        self, station_id: str, credentials: Credentials, request: web.Request
    ) -> HTTPStatus | None:
        remote = request.remote
        if credentials.password is None:
            return None
        if self._suspects.wait(station_id, remote):
            return HTTPStatus.TOO_MANY_REQUESTS
        headers = request.headers.getall(hdrs.AUTHORIZATION, [])
        if not headers:
            if self._suspects.note_bare(station_id, remote):
                _LOGGER.warning("Station %s at %s shows no password", station_id, remote)
            return HTTPStatus.UNAUTHORIZED
        login = read_login(headers)
        if login is not None and credentials.admit(station_id, login):
            return None
        if self._suspects.note_wrong(station_id, remote):
            _LOGGER.warning("Station %s at %s shows a wrong password", station_id, remote)
        return HTTPStatus.UNAUTHORIZED
