"""The least that a central system can be: the `ocpp` library as it comes, which answers calls."""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from itertools import count

from aiohttp import WSMsgType, web
from ocpp import routing  # type: ignore[import-untyped]
from ocpp.v16 import ChargePoint as ChargePoint16  # type: ignore[import-untyped]
from ocpp.v16 import call_result as result16
from ocpp.v201 import ChargePoint as ChargePoint201  # type: ignore[import-untyped]
from ocpp.v201 import call_result as result201

_TRANSACTIONS = count(1)
_SUBPROTOCOLS = ("ocpp1.6", "ocpp2.0.1")
_INTERVAL = 60


def _on[**P, R](action: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Mark a handler as the library does, schemas included."""
    decorate: Callable[[Callable[P, R]], Callable[P, R]] = routing.on(action)
    return decorate


class _Hangup(Exception):
    """The station has gone."""


class _Socket:
    """A websocket as the library wants it."""

    def __init__(self, socket: web.WebSocketResponse) -> None:
        self._socket = socket

    async def recv(self) -> str:
        message = await self._socket.receive()
        if message.type is not WSMsgType.TEXT:
            raise _Hangup
        return str(message.data)

    async def send(self, message: str) -> None:
        await self._socket.send_str(message)


class _Bare16(ChargePoint16):  # type: ignore[misc]
    @_on("BootNotification")
    def _boot(self, **_: object) -> result16.BootNotification:
        return result16.BootNotification(_now(), _INTERVAL, "Accepted")

    @_on("StatusNotification")
    def _status(self, **_: object) -> result16.StatusNotification:
        return result16.StatusNotification()

    @_on("StartTransaction")
    def _start(self, **_: object) -> result16.StartTransaction:
        return result16.StartTransaction(next(_TRANSACTIONS), {"status": "Accepted"})

    @_on("MeterValues")
    def _meter(self, **_: object) -> result16.MeterValues:
        return result16.MeterValues()


class _Bare201(ChargePoint201):  # type: ignore[misc]
    @_on("BootNotification")
    def _boot(self, **_: object) -> result201.BootNotification:
        return result201.BootNotification(_now(), _INTERVAL, "Accepted")

    @_on("StatusNotification")
    def _status(self, **_: object) -> result201.StatusNotification:
        return result201.StatusNotification()

    @_on("TransactionEvent")
    def _transaction(self, **_: object) -> result201.TransactionEvent:
        return result201.TransactionEvent()


@asynccontextmanager
async def serve(_stations: int) -> AsyncGenerator[int]:
    """Run it for the time of the context and give its port."""
    app = web.Application()
    app.router.add_get("/{path:.*}", _speak)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield int(runner.addresses[0][1])
    await runner.cleanup()


async def _speak(request: web.Request) -> web.WebSocketResponse:
    """Answer one station until it goes."""
    socket = web.WebSocketResponse(protocols=_SUBPROTOCOLS, compress=False)
    await socket.prepare(request)
    kind = _Bare201 if socket.ws_protocol == _SUBPROTOCOLS[1] else _Bare16
    with suppress(_Hangup):
        await kind(request.path, _Socket(socket)).start()
    return socket


def _now() -> str:
    return datetime.now(UTC).isoformat()
