"""The central system: where charging stations connect to, by OCPP over websockets."""

import asyncio
import errno
import logging
import ssl
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any, Final
from urllib.parse import unquote

from aiohttp import WSCloseCode, web

from ..base import ConnectorProfile
from .config import CentralSystemConfig
from .connection import Connection
from .credentials import Credentials
from .experience import Experience
from .gate import Gate
from .identity import is_station_id
from .lobby import Lobby
from .port import GuardedPort
from .station import OcppStation
from .strategy import ANY, WayChoice
from .tls import Tls
from .traffic import Allowance, Turnstile
from .transactions import TransactionLedger
from .transport import MeasuredSocket, cut
from .unknown import UnknownStations
from .versions import SPOKEN, choose, offers_of

_LOGGER = logging.getLogger(__name__)

_CLOSE_TIMEOUT: Final = 2.0


class PortBusyError(OSError):
    """Another program listens on the port already."""

    def __init__(self, port: int) -> None:
        super().__init__(errno.EADDRINUSE, f"port {port} is in use")
        self.port = port


class CentralSystem:
    """Listens for charging stations and hands each one's connection to its OcppStation.

    `save` is awaited before a charger is told of a change of the ledger; it may raise OSError.
    """

    def __init__(
        self,
        *,
        now: Callable[[], datetime],
        random: Callable[[], float],
        config: CentralSystemConfig | None = None,
        ledger: TransactionLedger | None = None,
        experience: Experience | None = None,
        save: Callable[[], Awaitable[None]] | None = None,
        on_unknown: Callable[[str, str | None], None] | None = None,
    ) -> None:
        self._now = now
        self._random = random
        self._config = config or CentralSystemConfig()
        self._ledger = ledger or TransactionLedger()
        self._experience = experience or Experience()
        self._save = save
        self._unsaved = False
        self._stations: dict[str, OcppStation] = {}
        self._connections: set[Connection] = set()
        self._newest: dict[str, web.WebSocketResponse] = {}
        """By station id: the handshake that has begun last."""
        self._unknown = UnknownStations(self._config, now, on_unknown)
        self._gate = Gate(self._config, now)
        self._lobby = Lobby(self._config)
        self._turnstile = Turnstile(self._config.served_at_once)
        self._versions: dict[str, str | None] = {}
        self._tls: Tls | None = None
        self._misfits: set[str] = set()
        self._runner: web.AppRunner | None = None

    @property
    def stations(self) -> Mapping[str, OcppStation]:
        """Return the registered stations by id."""
        return self._stations

    @property
    def ledger(self) -> TransactionLedger:
        """Return the transactions to persist."""
        return self._ledger

    @property
    def port(self) -> int | None:
        """Return the port that is listened on; None while there is none."""
        if self._runner is None or not self._runner.addresses:
            return None
        return int(self._runner.addresses[0][1])

    async def start(self, host: str | None, port: int, tls: Tls | None = None) -> None:
        """Listen; port 0 stands for any free one. Raises PortBusyError."""
        self.renew(tls)
        self._gate.demands_certificates = tls is not None and tls.demands_certificates
        context = None if tls is None else tls.context
        app = web.Application()
        app.router.add_get("/{path:.*}", self._handle_path)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=_CLOSE_TIMEOUT)
        await runner.setup()
        try:
            await GuardedPort(runner, host, port, lobby=self._lobby, context=context).start()
        except OSError as error:
            await runner.cleanup()
            if error.errno == errno.EADDRINUSE:
                raise PortBusyError(port) from error
            raise
        self._runner = runner

    def renew(self, tls: Tls | None) -> None:
        """Show another certificate from the next connection on."""
        self._tls = tls
        if tls is not None:
            tls.context.sni_callback = self._choose_certificate

    async def stop(self) -> None:
        """Stop listening and end all connections."""
        self._newest.clear()
        runner, self._runner = self._runner, None
        if runner is not None:
            for site in tuple(runner.sites):
                await site.stop()
        self._lobby.close()
        for connection in tuple(self._connections):
            connection.abort()
            await connection.closed.wait()
        if runner is not None:
            await runner.cleanup()

    def register(
        self,
        station_id: str,
        connectors: Mapping[int, ConnectorProfile],
        *,
        credentials: Credentials | None = None,
        version: str | None = None,
        choice: WayChoice = ANY,
    ) -> OcppStation:
        """Let a station connect, in one version of OCPP only if one is named.

        Raises ValueError for an id that is taken.
        """
        if station_id in self._stations:
            raise ValueError(f"station {station_id} is registered already")
        station = OcppStation(
            station_id,
            connectors,
            config=self._config,
            now=self._now,
            random=self._random,
            ledger=self._ledger,
            save=self._save_ledger,
            experience=self._experience,
            choice=choice,
        )
        self._stations[station_id] = station
        self._gate.require(station_id, credentials or Credentials())
        self._versions[station_id] = version
        self._unknown.forget(station_id)
        return station

    def update(self, station_id: str, connectors: Mapping[int, ConnectorProfile]) -> None:
        """Apply changed limits of a station's connectors. Raises KeyError for an unknown id."""
        self._stations[station_id].update(connectors)

    def require(self, station_id: str, credentials: Credentials) -> None:
        """Ask a station for other credentials from its next connection on. Raises KeyError."""
        if station_id not in self._stations:
            raise KeyError(station_id)
        self._gate.require(station_id, credentials)

    def speak(self, station_id: str, version: str | None) -> None:
        """Speak one version of OCPP to a station, or the best if None. Raises KeyError.

        A connection in another version is cut, so that the station comes back.
        """
        if self._versions[station_id] == version:
            return
        self._versions[station_id] = version
        self._misfits.discard(station_id)
        for connection in self._connections:
            if connection.id == station_id and version not in {None, connection.subprotocol}:
                connection.abort()

    async def unregister(self, station_id: str) -> None:
        """Pause a station, end contact with it and let it connect no more. Raises KeyError.

        Its place in the site may go to others at once, so it must not go on with its last limit.
        """
        station = self._stations.pop(station_id)
        self._newest.pop(station_id, None)
        self._gate.forget(station_id)
        del self._versions[station_id]
        self._experience.forget(station_id)
        for connector in station.connectors:
            station.set_current(connector, 0.0)
        try:
            async with asyncio.timeout(self._config.farewell.total_seconds()):
                await station.settled()
        except TimeoutError:
            _LOGGER.debug("Station %s did not answer; its lease runs out", station_id)
        await station.close()

    async def handle(
        self,
        request: web.Request,
        station_id: str,
        *,
        certificate: Mapping[str, Any] | None = None,
    ) -> web.StreamResponse:
        """Serve a station's websocket, on whatever port its request came in.

        The certificate is one that the site's own authority has signed.
        """
        if not is_station_id(station_id):
            raise web.HTTPNotFound
        await self._turnstile.wait()
        station = self._stations.get(station_id)
        if station is None:
            if request.headers.get("Upgrade", "").lower() == "websocket":
                self._unknown.tell(station_id, request.remote)
            raise web.HTTPNotFound
        if (refusal := self._gate.refusal(station_id, request, certificate)) is not None:
            return refusal
        if not station.may_connect:
            raise web.HTTPServiceUnavailable
        return await self._open(station, station_id, request)

    async def _open(
        self, station: OcppStation, station_id: str, request: web.Request
    ) -> web.WebSocketResponse:
        offers, only = offers_of(request), self._versions[station_id]
        choice = choose(offers, only)
        socket = MeasuredSocket(
            station_id,
            Allowance(self._config, self._now),
            self._turnstile,
            protocols=() if choice is None or choice.offer is None else (choice.offer,),
            compress=choice is not None and choice.version.compresses,
            max_frame=self._config.max_frame,
            close_timeout=_CLOSE_TIMEOUT,
        )
        self._newest[station_id] = socket
        await socket.prepare(request)
        is_newest = self._newest.get(station_id) is socket
        if not is_newest or not self._is_wanted(station, station_id, only):
            cut(request)
            return socket
        del self._newest[station_id]
        self._lobby.leave(request.protocol)
        if choice is None:
            self._log_misfit(station_id, offers)
            await socket.close(code=WSCloseCode.PROTOCOL_ERROR)
            return socket
        connection = choice.version(
            station_id, socket, request, events=station, config=self._config, now=self._now
        )
        await self._serve(station, connection)
        return socket

    def _is_wanted(self, station: OcppStation, station_id: str, version: str | None) -> bool:
        """Return whether nothing has changed that a handshake began with."""
        if self._stations.get(station_id) is not station or not station.may_connect:
            return False
        return self._versions[station_id] == version

    async def _handle_path(self, request: web.Request) -> web.StreamResponse:
        path, _, _ = request.raw_path.partition("?")
        try:
            station_id = unquote(path.rstrip("/").rpartition("/")[2], errors="strict")
        except UnicodeDecodeError:
            raise web.HTTPNotFound from None
        certificate = request.get_extra_info("peercert")
        return await self.handle(request, station_id, certificate=certificate)

    def _choose_certificate(
        self, connection: ssl.SSLObject, _name: str | None, _context: ssl.SSLContext
    ) -> None:
        """Let a handshake go on with the newest certificate, whatever name was asked for."""
        if self._tls is not None:
            connection.context = self._tls.context

    async def _serve(self, station: OcppStation, connection: Connection) -> None:
        self._connections.add(connection)
        try:
            await station.serve(connection)
        finally:
            self._connections.discard(connection)

    async def _save_ledger(self) -> None:
        """Persist the ledger; a full disk must not keep a charger without its answer."""
        if self._save is None:
            return
        try:
            await self._save()
        except OSError:
            if not self._unsaved:
                _LOGGER.exception("Transactions cannot be saved")
            self._unsaved = True
            return
        if self._unsaved:
            _LOGGER.info("Transactions are saved again")
        self._unsaved = False

    def _log_misfit(self, station_id: str, offers: list[str]) -> None:
        if station_id not in self._misfits:
            self._misfits.add(station_id)
            spoken = self._versions[station_id] or ", ".join(SPOKEN)
            _LOGGER.warning("Station %s offers %s; Headroom speaks %s", station_id, offers, spoken)
