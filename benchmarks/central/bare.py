"""The least that a central system can be: `ocpp` on `websockets`, which answers calls."""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from itertools import count

from ocpp import routing  # type: ignore[import-untyped]
from ocpp.v16 import ChargePoint as ChargePoint16  # type: ignore[import-untyped]
from ocpp.v16 import call_result as result16
from ocpp.v201 import ChargePoint as ChargePoint201  # type: ignore[import-untyped]
from ocpp.v201 import call_result as result201
from websockets.asyncio.server import ServerConnection
from websockets.asyncio.server import serve as listen
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

_TRANSACTIONS = count(1)
_SUBPROTOCOLS = (Subprotocol("ocpp1.6"), Subprotocol("ocpp2.0.1"))
_INTERVAL = 60


def _on[**P, R](action: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Mark a handler as the library does, schemas included."""
    decorate: Callable[[Callable[P, R]], Callable[P, R]] = routing.on(action)
    return decorate


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
    async with listen(
        _speak, "127.0.0.1", 0, subprotocols=_SUBPROTOCOLS, compression=None
    ) as server:
        yield int(server.sockets[0].getsockname()[1])


async def _speak(socket: ServerConnection) -> None:
    """Answer one station until it goes."""
    kind = _Bare201 if socket.subprotocol == _SUBPROTOCOLS[1] else _Bare16
    with suppress(ConnectionClosed):
        await kind("station", socket).start()


def _now() -> str:
    return datetime.now(UTC).isoformat()
