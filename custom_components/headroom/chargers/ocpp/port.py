"""The port of the central system, which knows whom it has not let in yet."""

import asyncio
import ssl
from collections.abc import Callable
from typing import cast, override

from aiohttp import web

from .lobby import Lobby


class GuardedPort(web.BaseSite):
    """A port whose peers wait in a lobby from their first packet on, before any encryption."""

    def __init__(
        self,
        runner: web.AppRunner,
        host: str | None,
        port: int,
        *,
        lobby: Lobby,
        context: ssl.SSLContext | None,
    ) -> None:
        super().__init__(runner, ssl_context=context)
        self._address = host, port
        self._lobby = lobby

    @property
    @override
    def name(self) -> str:
        host, port = self._address
        return f"{host or '*'}:{port}"

    @override
    async def start(self) -> None:
        await super().start()
        make_handler = cast("Callable[[], asyncio.Protocol]", self._runner.server)
        self._server = await asyncio.get_running_loop().create_server(
            lambda: _Door(make_handler(), self._lobby, self._ssl_context),
            *self._address,
            backlog=self._backlog,
        )


class _Door(asyncio.Protocol):
    """Takes one peer through the lobby to HTTP, by way of TLS if there is any."""

    def __init__(
        self, handler: asyncio.Protocol, lobby: Lobby, context: ssl.SSLContext | None
    ) -> None:
        self._handler = handler
        self._lobby = lobby
        self._context = context
        self._encrypting: asyncio.Task[None] | None = None
        self._early = b""
        """What came with the end of the TLS handshake."""

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        peer = cast("asyncio.Transport", transport)
        self._lobby.enter(self._handler, peer)
        if self._context is None:
            self._pass(peer)
        else:
            peer.pause_reading()
            self._encrypting = asyncio.create_task(self._encrypt(peer, self._context))

    @override
    def data_received(self, data: bytes) -> None:
        self._early += data

    async def _encrypt(self, peer: asyncio.Transport, context: ssl.SSLContext) -> None:
        loop = asyncio.get_running_loop()
        try:
            encrypted = await loop.start_tls(peer, self, context, server_side=True)
        except OSError:
            encrypted = None  # the context tells why
        if encrypted is None or encrypted.is_closing():
            self._lobby.leave(self._handler)
        else:
            self._pass(encrypted)

    def _pass(self, transport: asyncio.Transport) -> None:
        transport.set_protocol(self._handler)
        self._handler.connection_made(transport)
        if self._early:
            self._handler.data_received(self._early)
