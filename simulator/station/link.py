"""The websocket to the central system."""

import asyncio
from collections.abc import Callable
from ssl import SSLContext
from typing import Any, Final

import aiohttp
from ocpp.routing import on  # type: ignore[import-untyped]  # the package ships no types

from .protocol import Protocol

type Call = Any
"""A message of the `ocpp` package's module `call` of a version."""

ANSWER_TIMEOUT: Final = 10.0
"""s; so long a station waits for an answer."""


class LinkClosed(Exception):
    """There is no connection to the central system, or it has ended."""


def answers[**P, R](action: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Mark a method as the answer to an action."""
    decorate: Callable[[Callable[P, R]], Callable[P, R]] = on(action)
    return decorate


class Link:
    """An open connection, to be started at once. It hears nothing while it is deaf."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        socket: aiohttp.ClientWebSocketResponse,
        deaf: Callable[[], bool],
    ) -> None:
        self._session = session
        self._socket = socket
        self._deaf = deaf
        self._speaker: Any
        self._reader: asyncio.Task[None]

    @classmethod
    async def open(
        cls,
        url: str,
        protocol: Protocol,
        *,
        user: str,
        password: str | None,
        tls: SSLContext | None,
        ping_interval: int,
        deaf: Callable[[], bool],
    ) -> Link:
        """Connect. Raises LinkClosed if that fails or the subprotocol is refused.

        `tls`: whom it trusts on `wss`; whom the system trusts if that is None.
        """
        headers = {}
        if password is not None:
            headers["Authorization"] = aiohttp.encode_basic_auth(user, password)
        session = aiohttp.ClientSession()
        try:
            socket = await session.ws_connect(
                url,
                protocols=(protocol,),
                headers=headers,
                ssl=tls or True,
                heartbeat=ping_interval or None,
            )
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            await session.close()
            raise LinkClosed(str(error)) from error
        if socket.protocol != protocol:
            await socket.close()
            await session.close()
            msg = f"the central system does not speak {protocol}"
            raise LinkClosed(msg)
        return cls(session, socket, deaf)

    @property
    def is_open(self) -> bool:
        """Return whether messages can pass."""
        return not self._reader.done()

    def start(self, speaker: Any) -> None:  # noqa: ANN401 - the package ships no types
        """Begin to answer calls."""
        self._speaker = speaker
        self._reader = asyncio.create_task(self._read())

    async def call(self, message: Call) -> Any:  # noqa: ANN401 - the package ships no types
        """Send a call and return its answer, None for an error.

        Raises LinkClosed if the connection ends first, TimeoutError without an answer.
        """
        calling = asyncio.ensure_future(self._speaker.call(message))
        try:
            await asyncio.wait({calling, self._reader}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            if not calling.done():
                calling.cancel()
        if calling.cancelled() or not calling.done():
            raise LinkClosed("closed while waiting for an answer")
        return calling.result()

    async def close(self) -> None:
        """Close the connection."""
        await self._socket.close()
        try:
            await self._reader
        finally:
            await self._session.close()

    async def recv(self) -> str:
        """Return the next message; the name is the `ocpp` package's."""
        while True:
            message = await self._socket.receive()
            if message.type is not aiohttp.WSMsgType.TEXT:
                raise LinkClosed("closed by the central system")
            if not self._deaf():
                return str(message.data)

    async def send(self, message: str) -> None:
        """Send a message; the name is the `ocpp` package's."""
        try:
            await self._socket.send_str(message)
        except (aiohttp.ClientError, ConnectionError) as error:
            raise LinkClosed(str(error)) from error

    async def _read(self) -> None:
        try:
            await self._speaker.start()
        except LinkClosed:
            return
        finally:
            await self._socket.close()
