"""A websocket of aiohttp, as the library wants it: text in, text out."""

from collections.abc import Callable

from aiohttp import WSMsgType, web


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
        """Cut the connection without a word: some chargers stay away after a polite close."""
        if (transport := self._request.transport) is not None:
            transport.abort()


_SIGNS_OF_LIFE = {WSMsgType.TEXT, WSMsgType.BINARY, WSMsgType.PING, WSMsgType.PONG}


def _decode(data: bytes) -> str | None:
    try:
        return data.decode()
    except UnicodeDecodeError:
        return None
