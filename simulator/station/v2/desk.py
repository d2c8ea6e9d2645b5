"""What all answers of a 2.x station need."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ocpp.charge_point import ChargePoint  # type: ignore[import-untyped]  # it ships no types

from ..cabinet import Cabinet
from ..link import ANSWER_TIMEOUT, Call, Link
from .device_model import DeviceModel
from .words import Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """What answers look at and change."""

    cabinet: Cabinet
    model: DeviceModel
    words: Words
    outbox: deque[Call]
    """What is to be sent after the answer."""
    queues: Mapping[int, deque[Call]]
    """What waits to be told of each EVSE."""


class Desk(ChargePoint):  # type: ignore[misc]  # the package ships no types
    """The `ocpp` package's side of a station, without any answers."""

    def __init__(self, office: Office, link: Link) -> None:
        self._call = office.words.call
        self._call_result = office.words.result
        self._ocpp_version = office.words.version
        super().__init__(office.cabinet.name, link, response_timeout=ANSWER_TIMEOUT)
        self._office = office
        self._cabinet = office.cabinet
        self._result = office.words.result


def accepted(*, yes: bool) -> str:
    """Return the word for whether it will be done."""
    return "Accepted" if yes else "Rejected"


def because(reason: str) -> dict[str, Any]:
    """Return the details of a rejection."""
    return {"reason_code": reason}
