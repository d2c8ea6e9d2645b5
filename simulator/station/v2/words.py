"""The words in which 2.0.1 and 2.1 differ, from the `ocpp` package."""

from dataclasses import dataclass
from typing import Any, Final

from ocpp.v21 import call as call_21  # type: ignore[import-untyped]  # it ships no types
from ocpp.v21 import call_result as result_21
from ocpp.v201 import call as call_201  # type: ignore[import-untyped]  # as above
from ocpp.v201 import call_result as result_201

from ..meter import Sample
from ..protocol import Protocol


@dataclass(frozen=True, slots=True)
class Words:
    """The messages of a version."""

    protocol: Protocol
    version: str
    call: Any
    result: Any


WORDS_201: Final = Words(Protocol.OCPP_2_0_1, "2.0.1", call_201, result_201)
WORDS_21: Final = Words(Protocol.OCPP_2_1, "2.1", call_21, result_21)


_FREE: Final = {"Available", "Reserved", "Unavailable", "Faulted"}


def availability(status: str) -> str:
    """Return the status of a connector, given in the words of 1.6."""
    return status if status in _FREE else "Occupied"


def evse_words(number: int) -> dict[str, int]:
    """Return an EVSE with its only connector."""
    return {"id": number, "connector_id": 1}


def token_words(badge: str) -> dict[str, str]:
    """Return a badge."""
    return {"id_token": badge, "type": "ISO14443"}


def sample_words(sample: Sample, context: str) -> dict[str, Any]:
    """Return one measurement."""
    words: dict[str, Any] = {
        "measurand": sample.measurand,
        "value": round(sample.value, sample.decimals),
        "unit_of_measure": {"unit": sample.unit},
        "context": context,
        "location": "Outlet",
    }
    return words | ({"phase": sample.phase} if sample.phase else {})
