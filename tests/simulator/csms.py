"""A small central system, scripted by the tests."""

import asyncio
import json
from collections.abc import Iterable
from itertools import count
from ssl import SSLContext
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer

NOW = "2026-06-21T12:00:00Z"

ANSWERS: dict[str, dict[str, Any]] = {
    "BootNotification": {"status": "Accepted", "currentTime": NOW, "interval": 60},
    "Heartbeat": {"currentTime": NOW},
    "Authorize": {"idTagInfo": {"status": "Accepted"}},
    "StartTransaction": {"transactionId": 1, "idTagInfo": {"status": "Accepted"}},
    "StopTransaction": {"idTagInfo": {"status": "Accepted"}},
}

ANSWERS_2: dict[str, dict[str, Any]] = {
    "BootNotification": {"status": "Accepted", "currentTime": NOW, "interval": 60},
    "Heartbeat": {"currentTime": NOW},
    "Authorize": {"idTokenInfo": {"status": "Accepted"}},
}


class CentralSystem:
    """Answers every call and keeps it; `answers` may be changed."""

    def __init__(self) -> None:
        self.answers: dict[str, dict[str, Any] | None] = dict(ANSWERS)
        self.garbage: list[str] = []
        self.heard: list[tuple[str, dict[str, Any]]] = []
        self.authorization: str | None = None
        self.path = ""
        self.protocols: Iterable[str] = ("ocpp1.6",)
        self.hang_up_on: str | None = None
        self._ids = count()
        self._socket: web.WebSocketResponse | None = None
        self._waiting: dict[str, asyncio.Future[Any]] = {}
        app = web.Application()
        app.router.add_get("/{path:.*}", self._serve)
        self._server = TestServer(app)

    async def start(self, tls: SSLContext | None = None) -> str:
        await self._server.start_server(ssl=tls)
        return str(self._server.make_url("/ocpp")).replace("http", "ws", 1)

    async def stop(self) -> None:
        if self._socket:
            await self._socket.close()
        await self._server.close()

    async def hang_up(self) -> None:
        assert self._socket
        await self._socket.close()

    async def ask(self, action: str, *, patience: float = 5, **payload: Any) -> Any:
        assert self._socket
        key = f"ask-{next(self._ids)}"
        answer = self._waiting[key] = asyncio.get_running_loop().create_future()
        await self._socket.send_json([2, key, action, payload])
        async with asyncio.timeout(patience):
            return await answer

    def payloads(self, action: str) -> list[dict[str, Any]]:
        return [payload for name, payload in self.heard if name == action]

    def speak(self, protocol: str) -> None:
        """Speak a version from 2.0.1 on instead of 1.6."""
        self.protocols = (protocol,)
        self.answers = dict(ANSWERS_2)

    def events(self, kind: str | None = None) -> list[dict[str, Any]]:
        messages = self.payloads("TransactionEvent")
        return [message for message in messages if kind in {None, message["eventType"]}]

    def statuses(self, connector: int = 1) -> list[str]:
        messages = self.payloads("StatusNotification")
        return [m["status"] for m in messages if m["connectorId"] == connector]

    async def _serve(self, request: web.Request) -> web.WebSocketResponse:
        self.authorization = request.headers.get("Authorization")
        self.path = request.raw_path
        socket = self._socket = web.WebSocketResponse(protocols=tuple(self.protocols))
        await socket.prepare(request)
        async for message in socket:
            await self._hear(socket, message.data)
        return socket

    async def _hear(self, socket: web.WebSocketResponse, text: str) -> None:
        match _parsed(text):
            case [2, key, action, payload]:
                self.heard.append((action, payload))
                if action == self.hang_up_on:
                    await socket.close()
                    return
                answer = self.answers.get(action, {})
                error = [4, key, "InternalError", "", {}]
                await socket.send_json(error if answer is None else [3, key, answer])
            case [3, key, payload]:
                self._waiting.pop(key).set_result(payload)
            case [4, key, code, *_]:
                self._waiting.pop(key).set_result(code)
            case _:
                self.garbage.append(text)


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None
