"""A charging station on loopback that does as it is told by a test."""

import asyncio
import base64
import json
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum, auto
from typing import Any, Self
from uuid import uuid4

from aiohttp import ClientSession, ClientWebSocketResponse, WSMsgType
from ocpp.messages import MessageType, get_validator  # type: ignore[import-untyped]

PATIENCE = 5.0
"""Seconds after which a test that waits has failed."""

ACCEPTED = {"status": "Accepted"}
REJECTED = {"status": "Rejected"}


@dataclass(frozen=True)
class Refusal:
    """A CALLERROR instead of a result."""

    code: str
    details: bool = True


class Special(Enum):
    """What happens instead of an answer."""

    SILENCE = auto()
    HANG_UP = auto()


type Answer = dict[str, Any] | list[Any] | Refusal | Special
type Script = Answer | Callable[[dict[str, Any]], Answer]


@dataclass(frozen=True)
class Received:
    """A command of the central system."""

    id: str
    action: str
    payload: dict[str, Any]

    @property
    def profile(self) -> dict[str, Any]:
        profile: dict[str, Any] = self.payload["csChargingProfiles"]
        return profile

    @property
    def limit(self) -> float:
        limit: float = self.profile["chargingSchedule"]["chargingSchedulePeriod"][0]["limit"]
        return limit

    @property
    def is_base(self) -> bool:
        return bool(self.profile["stackLevel"] == 0)


def basic(user: str | bytes, password: str | bytes, scheme: str = "Basic") -> str:
    """Return the header that a station sends."""
    user, password = (part.encode() if isinstance(part, str) else part for part in (user, password))
    return f"{scheme} {base64.b64encode(user + b':' + password).decode()}"


class CallFailed(Exception):
    """The central system answered with a CALLERROR."""


class ScriptedChargePoint:
    """Speaks OCPP 1.6J; answers commands by its script, with Accepted where that says nothing."""

    version = "1.6"
    received_as: type[Received] = Received

    def __init__(self, socket: ClientWebSocketResponse) -> None:
        self.socket = socket
        self.script: dict[str, Script] = defaultdict(lambda: ACCEPTED)
        self.received: list[Received] = []
        self.pings = 0
        self.answers_pings = True
        self._answers: dict[str, asyncio.Future[list[Any]]] = {}
        self._news = asyncio.Condition()
        self._reader = asyncio.create_task(self._read())

    @classmethod
    async def connect(
        cls, session: ClientSession, url: str, *, protocols: tuple[str, ...] = ("ocpp1.6",)
    ) -> Self:
        socket = await session.ws_connect(url, protocols=protocols, autoping=False, max_msg_size=0)
        return cls(socket)

    async def close(self) -> None:
        self._reader.cancel()
        await asyncio.gather(self._reader, return_exceptions=True)
        await self.socket.close()

    def cut(self) -> None:
        """End the connection as a pulled plug does."""
        connection = self.socket._response.connection
        if connection is not None and connection.transport is not None:
            connection.transport.abort()

    async def call(self, action: str, payload: dict[str, Any] | None = None) -> dict[str, Any]:
        """Send a call and return the payload of its result."""
        answer = await self.exchange([2, str(uuid4()), action, payload or {}])
        if answer[0] == 4:
            raise CallFailed(answer[2])
        result: dict[str, Any] = answer[2]
        get_validator(MessageType.CallResult, action, self.version).validate(result)
        return result

    async def exchange(
        self, frame: list[Any], *, binary: bool = False, prefix: str = ""
    ) -> list[Any]:
        """Send a frame as it is and return the one with the same id that answers it."""
        answer: asyncio.Future[list[Any]] = asyncio.get_running_loop().create_future()
        self._answers[frame[1]] = answer
        text = prefix + json.dumps(frame)
        await (self.socket.send_bytes(text.encode()) if binary else self.socket.send_str(text))
        async with asyncio.timeout(PATIENCE):
            return await answer

    async def boot(self, **fields: str) -> dict[str, Any]:
        identity = {"chargePointVendor": "Acme", "chargePointModel": "One"}
        return await self.call("BootNotification", identity | fields)

    async def answer_late(self, command: Received, answer: Answer = ACCEPTED) -> None:
        """Answer a command that was met with silence."""
        await self._answer(command, answer)

    async def status(self, status: str, connector: int = 1, **fields: Any) -> None:
        defaults = {"connectorId": connector, "errorCode": "NoError", "status": status}
        await self.call("StatusNotification", defaults | fields)

    async def meter(self, *values: dict[str, Any], connector: int = 1, **fields: Any) -> None:
        timestamp = fields.pop("timestamp", None)
        meter_value: dict[str, Any] = {"sampledValue": list(values)}
        if timestamp is not None:
            meter_value["timestamp"] = timestamp
        payload = {"connectorId": connector, "meterValue": [meter_value]}
        await self.call("MeterValues", payload | fields)

    async def until(self, predicate: Callable[[], bool]) -> None:
        """Wait until something has been received."""
        async with asyncio.timeout(PATIENCE), self._news:
            await self._news.wait_for(predicate)

    async def until_called(self, action: str, count: int = 1) -> Received:
        """Wait until a command has come so many times and return the last of them."""
        await self.until(lambda: len(self.commands(action)) >= count)
        return self.commands(action)[count - 1]

    async def until_closed(self) -> int | None:
        """Wait for the end of the connection and return the code that it was closed with."""
        async with asyncio.timeout(PATIENCE):
            await asyncio.gather(self._reader, return_exceptions=True)
        return self.socket.close_code

    def commands(self, action: str) -> list[Received]:
        return [command for command in self.received if command.action == action]

    @property
    def profiles(self) -> list[Received]:
        return self.commands("SetChargingProfile")

    @property
    def leases(self) -> list[float]:
        return [command.limit for command in self.profiles if not command.is_base]

    def lease(self, connector: int) -> float:
        """Return the newest lease of a connector; those of others are renewed in between."""
        return [
            command.limit
            for command in self.profiles
            if not command.is_base and command.payload["connectorId"] == connector
        ][-1]

    async def _read(self) -> None:
        async for message in self.socket:
            match message.type:
                case WSMsgType.TEXT:
                    await self._take(json.loads(message.data))
                case WSMsgType.PING:
                    self.pings += 1
                    if self.answers_pings:
                        await self.socket.pong(message.data)
            async with self._news:
                self._news.notify_all()

    async def _take(self, frame: list[Any]) -> None:
        if frame[0] != 2:
            if (answer := self._answers.get(frame[1])) is not None and not answer.done():
                answer.set_result(frame)
            return
        command = self.received_as(*frame[1:])
        validate_call(command.action, command.payload, self.version)
        self.received.append(command)
        script = self.script[command.action]
        await self._answer(command, script(command.payload) if callable(script) else script)

    async def _answer(self, command: Received, answer: Answer) -> None:
        match answer:
            case Refusal(code, details):
                frame = [4, command.id, code, "", {}] if details else [4, command.id]
                await self.socket.send_str(json.dumps(frame))
            case dict() | list():
                await self.socket.send_str(json.dumps([3, command.id, answer]))
            case Special.HANG_UP:
                self.cut()


def validate_call(action: str, payload: dict[str, Any], version: str = "1.6") -> None:
    """Hold a command of ours against OCPP's own schema."""
    validator = get_validator(MessageType.Call, action, version, parse_float=Decimal)
    validator.validate(json.loads(json.dumps(payload), parse_float=Decimal))
