"""The engine's reasons in the names that people gave."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from homeassistant.config_entries import ConfigSubentry

from .engine.acting.load_table import LoadState
from .engine.currents import PHASE_NAMES
from .engine.decision import Reason


def state_of(code: StrEnum) -> str:
    """Return a code as a state; "unavailable" says of an entity that nothing is known."""
    return "out_of_service" if code.value == "unavailable" else code.value


def load_state_of(state: LoadState) -> str:
    """Return how a zone is loaded as a state; none may be called "unavailable"."""
    return "all_wait" if state is LoadState.UNAVAILABLE else state.name.lower()


def describe_reasons(
    subentries: Mapping[str, ConfigSubentry], reasons: tuple[Reason, ...]
) -> list[Mapping[str, Any]]:
    """Return reasons as attributes: code, and where known current in A, zone, phase and end."""
    return [_describe(subentries, reason) for reason in reasons]


def _describe(subentries: Mapping[str, ConfigSubentry], reason: Reason) -> Mapping[str, Any]:
    described: dict[str, Any] = {"code": state_of(reason.code)}
    if reason.current is not None:
        described["current"] = round(reason.current, 1)
    if reason.zone is not None:
        zone = subentries.get(reason.zone)
        described["zone"] = reason.zone if zone is None else zone.title
    if reason.phase is not None:
        described["phase"] = PHASE_NAMES[reason.phase]
    if reason.until is not None:
        described["until"] = reason.until.isoformat()
    return described
