"""The `ocpp` library with types, and without its habit of giving up on a bad frame."""

import asyncio
import json
import logging
import sys
from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import dataclass, field, is_dataclass
from datetime import timedelta
from typing import Any, Final, Protocol, override
from uuid import uuid4

from ocpp.charge_point import ChargePoint  # type: ignore[import-untyped]
from ocpp.exceptions import (  # type: ignore[import-untyped]
    FormationViolationError,
    NotSupportedError,
    OCPPError,
    UnknownCallErrorCodeError,
)
from ocpp.exceptions import NotImplementedError as NotHandledError
from ocpp.messages import Call, CallError, CallResult  # type: ignore[import-untyped]
from ocpp.routing import on  # type: ignore[import-untyped]

from ..base import ChargerOffline, ChargerRefused, ChargerTimeout, ChargerUnable
from .fields import as_text

_LOGGER = logging.getLogger(__name__)

_MOST_COMPLAINTS: Final = 20
"""For one connection."""


class Frames(Protocol):
    """Where frames come from and go to."""

    async def recv(self) -> str | None:
        """Return the next frame; None when the connection has ended."""

    async def send(self, message: str) -> None:
        """Send a frame. Raises ConnectionError."""


class BadFrame(Exception):
    """A frame that is no OCPP message; it can be answered if its id could be read."""

    def __init__(self, reason: str, call_id: str | int | None = None) -> None:
        super().__init__(reason)
        self.call_id = call_id


def answers[**P, R](action: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Mark a method as the handler of an action.

    Schemas are not enforced, in either direction: a charger blocks on a message that is refused,
    and every field is read with care anyway. Nor does the library then read schema files or keep
    an executor busy, so its process-wide ASYNC_VALIDATION can stay as others want it.
    """
    decorate: Callable[[Callable[P, R]], Callable[P, R]] = on(action, skip_schema_validation=True)
    return decorate


def always(answer: object) -> Mapping[str, object]:
    """Return the handlers of an action whose answer never depends on anything."""

    def give(**_: object) -> object:
        return answer

    return {"_on_action": give, "_skip_schema_validation": True}


def parse_frame(text: str) -> Call | CallResult | CallError:
    """Read a frame, forgiving what is missing or too much. Raises BadFrame."""
    try:
        frame = json.loads(text.removeprefix("\N{BYTE ORDER MARK}"))
    except (ValueError, RecursionError) as error:
        raise BadFrame("it is not JSON") from error
    match frame:
        case [2, str() | int() as call_id, str() as action, dict() as payload, *_]:
            return Call(call_id, action, payload)
        case [2, str() | int() as call_id, str() as action, *rest] if rest in ([], [None]):
            return Call(call_id, action, {})
        case [2, str() | int() as call_id, *_]:
            raise BadFrame("it is not a call", call_id)
        case [3, str() as call_id, dict() as payload, *_]:
            return CallResult(call_id, payload)
        case [4 | 3, str() as call_id, *rest]:
            code, description, details, *_ = *rest, None, None, None
            return CallError(call_id, code, description, details)
        case _:
            raise BadFrame("it is not an OCPP message")


class _Discreet(logging.LoggerAdapter[logging.Logger]):
    """Keeps what chargers send, badge ids included, out of the ordinary log."""

    @override
    def log(self, level: int, msg: object, *args: object, **kwargs: Any) -> None:
        super().log(logging.DEBUG, msg, *args, **kwargs)

    @override
    def exception(self, msg: object, *args: object, **kwargs: Any) -> None:
        _LOGGER.error("Fault while answering a charger", exc_info=sys.exception())

    @override
    def process(
        self, msg: object, kwargs: MutableMapping[str, Any]
    ) -> tuple[object, MutableMapping[str, Any]]:
        return msg, kwargs


@dataclass(slots=True)
class _Awaited:
    """An answer that is waited for; None when it cannot come any more."""

    patience: timedelta
    fields: tuple[str, ...]
    """What of it is read; others would upset the library."""
    answer: asyncio.Future[CallResult | CallError | None] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )


class SturdyChargePoint(ChargePoint):  # type: ignore[misc]
    """One connection, kept alive through whatever the other side sends.

    Who speaks a version names its modules of the library and its number as class attributes.
    """

    def __init__(self, name: str, frames: Frames) -> None:
        super().__init__(name, frames, logger=_Discreet(_LOGGER))
        self._frames = frames
        self._awaited: dict[str, _Awaited] = {}
        self._complaints: set[str] = set()
        self._ended = False

    @override
    async def start(self) -> None:
        """Answer the charger until the connection ends."""
        while (text := await self._frames.recv()) is not None:
            await self.route_message(text)
            await asyncio.sleep(0)  # a charger that empties its queue must not hold up the others

    @override
    async def route_message(self, raw_msg: str) -> None:
        """Answer a call, or hand an answer to who waits for it; late ones are dropped."""
        try:
            frame = parse_frame(raw_msg)
        except BadFrame as fault:
            self.complain(f"a frame: {fault}")
            if fault.call_id is not None:
                violation = FormationViolationError(str(fault))
                call = Call(fault.call_id, "", {})
                await self._frames.send(call.create_call_error(violation).to_json())
            return
        if isinstance(frame, Call):
            await self._answer(frame)
        elif (awaited := self._awaited.get(frame.unique_id)) and not awaited.answer.done():
            awaited.answer.set_result(frame)

    async def request(self, command: object, patience: timedelta) -> str | None:
        """Send a command and return the status that answers it. Raises ChargerError."""
        return as_text((await self.ask(command, patience, ("status",))).status)

    async def ask(self, command: object, patience: timedelta, fields: tuple[str, ...]) -> Any:  # noqa: ANN401 - the library has no types
        """Send a command and return some fields of its answer. Raises ChargerError."""
        name = type(command).__name__
        call_id = str(uuid4())
        if self._ended:
            raise ChargerOffline(name)
        self._awaited[call_id] = _Awaited(patience, fields)
        try:
            return await self.call(
                command, suppress=False, unique_id=call_id, skip_schema_validation=True
            )
        except TimeoutError:
            # The library's message quotes the whole command, badge id included.
            raise ChargerTimeout(name) from None
        except ConnectionError as error:
            raise ChargerOffline(name) from error
        except (NotHandledError, NotSupportedError) as error:
            raise ChargerUnable(f"{name}: {error}") from error
        except (OCPPError, UnknownCallErrorCodeError) as error:
            raise ChargerRefused(f"{name}: {error}") from error
        except RecursionError as error:
            raise ChargerRefused(f"{name}: the answer is nested too deeply") from error
        finally:
            del self._awaited[call_id]

    def complain(self, what: str) -> None:
        """Log what the charger does wrong, once for this connection, and not without end."""
        if what in self._complaints or len(self._complaints) >= _MOST_COMPLAINTS:
            return
        self._complaints.add(what)
        _LOGGER.warning("Station %s sends what cannot be understood: %s", self.id, what)

    def end_requests(self) -> None:
        """Fail everybody who waits for an answer."""
        self._ended = True
        for awaited in self._awaited.values():
            if not awaited.answer.done():
                awaited.answer.set_result(None)

    async def _answer(self, call: Call) -> None:
        if call.action not in self.route_map:
            await self._refuse(call, self._missing(call.action))
            return
        try:
            await self._handle_call(call)
        except OCPPError as error:
            await self._refuse(call, error)
        except RecursionError:
            await self._refuse(call, FormationViolationError("It is nested too deeply"))

    def _missing(self, action: str) -> OCPPError:
        """Return the answer where there is no handler; the library has none for some versions."""
        if is_dataclass(getattr(self._call, action, None)):
            return NotSupportedError("It is known but not supported")
        return NotHandledError("It is not known")

    async def _refuse(self, call: Call, error: OCPPError) -> None:
        self.complain(f"{call.action!r:.50}: {error.description}")
        await self._frames.send(call.create_call_error(error).to_json())

    @override
    async def _get_specific_response(
        self, unique_id: str, timeout: float
    ) -> CallResult | CallError:
        awaited = self._awaited[unique_id]
        async with asyncio.timeout(awaited.patience.total_seconds()):
            answer = await awaited.answer
        if answer is None:
            raise ConnectionResetError("the connection has ended")
        if isinstance(answer, CallResult):
            answer.payload = {field: answer.payload.get(field) for field in awaited.fields}
        return answer
