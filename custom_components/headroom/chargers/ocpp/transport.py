"""A websocket of aiohttp, as the library wants it: text in, text out."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import override

from aiohttp import WSCloseCode, WSMessage, WSMsgType, web

from .traffic import Allowance, Flood, Turnstile

_LOGGER = logging.getLogger(__name__)


class MeasuredSocket(web.WebSocketResponse):
    """A server's websocket that is read no faster than is good for everybody else.

    What is not read waits in the peer: aiohttp stops reading once some frames are unread.
    """

    def __init__(
        self,
        name: str,
        allowance: Allowance,
        turnstile: Turnstile,
        *,
        protocols: tuple[str, ...],
        compress: bool = False,
        max_frame: int,
        close_timeout: float,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        super().__init__(
            protocols=protocols,
            autoping=False,
            compress=compress,
            max_msg_size=max_frame,
            timeout=close_timeout,
        )
        self._name = name
        self._allowance = allowance
        self._turnstile = turnstile
        self._sleep = sleep
        self._told = False

    @override
    async def receive(self, timeout: float | None = None) -> WSMessage:
        message = await super().receive(timeout)
        if message.type not in _FRAMES:
            return message
        try:
            pause = self._allowance.spend(len(message.data)).total_seconds()
        except Flood:
            _LOGGER.warning("Station %s does not stop to send too much and is cut off", self._name)
            await self.close(code=WSCloseCode.POLICY_VIOLATION, drain=False)
            return WSMessage(WSMsgType.CLOSED, None, None)
        if pause:
            self._tell()
            await self._sleep(pause)
        await self._turnstile.wait()
        return message

    def _tell(self) -> None:
        if not self._told:
            self._told = True
            _LOGGER.info("Station %s sends too much and is read more slowly", self._name)


class WebSocket:
    """The frames of one station, and the signs of life between them."""

    def __init__(
        self,
        socket: web.WebSocketResponse,
        request: web.BaseRequest,
        *,
        heard: Callable[[], None],
        complain: Callable[[str], None],
    ) -> None:
        self._socket = socket
        self._request = request
        self._heard = heard
        self._complain = complain

    async def recv(self) -> str | None:
        """Return the next text, from a text frame or a binary one; None at the end."""
        while (message := await self._socket.receive()).type in _SIGNS_OF_LIFE:
            self._heard()
            match message.type:
                case WSMsgType.TEXT:
                    return str(message.data)
                case WSMsgType.BINARY:
                    if (text := _decode(message.data)) is not None:
                        return text
                    self._complain("a binary frame that is no text")
                case WSMsgType.PING:
                    await self._socket.pong(message.data)
        return None

    async def send(self, message: str) -> None:
        """Send a text frame. Raises ConnectionError."""
        await self._socket.send_str(message)

    async def ping(self) -> None:
        """Ask for a sign of life. Raises ConnectionError."""
        await self._socket.ping()

    def abort(self) -> None:
        """Cut the connection."""
        cut(self._request)


def cut(request: web.BaseRequest) -> None:
    """Cut a connection without a word: some chargers stay away after a polite close."""
    if (transport := request.transport) is not None:
        transport.abort()


_FRAMES = {WSMsgType.TEXT, WSMsgType.BINARY, WSMsgType.PING, WSMsgType.PONG}
_SIGNS_OF_LIFE = {WSMsgType.TEXT, WSMsgType.BINARY, WSMsgType.PING, WSMsgType.PONG}


def _decode(data: bytes) -> str | None:
    try:
        return data.decode()
    except UnicodeDecodeError:
        return None
