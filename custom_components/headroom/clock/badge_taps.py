"""Badges that people tap while their car waits: they want it to charge at once (A8.11)."""

from collections.abc import Iterable, Mapping
from typing import Final

from ..chargers.base import ChargerLink
from ..engine.decision import Decision, ReasonCode
from ..parts import connector_id

FORCIBLE: Final = frozenset(
    {
        ReasonCode.OFF_PEAK_WAIT,
        ReasonCode.RANDOM_DELAY,
        ReasonCode.POWER_LOSS_WAIT,
        ReasonCode.WAITING_FOR_PLAN,
        ReasonCode.WAITING_FOR_SUN,
        ReasonCode.SUN_TAKEN,
        ReasonCode.SUN_TOO_LITTLE,
        ReasonCode.SUN_START_DELAY,
        ReasonCode.SUN_RESTS,
        ReasonCode.SUN_UNKNOWN,
        ReasonCode.BATTERY_CHARGE_UNKNOWN,
    }
)
"""Waits that force charge ends."""


def take_forces(chargers: Mapping[str, ChargerLink], decision: Decision) -> set[str]:
    """Return the connectors that are to charge at once since badges were tapped.

    A tap does not say which connector it is for, so that it counts only if there is one that waits.
    """
    return {
        connector
        for charger, link in chargers.items()
        for fitting in link.take_taps()
        for connector in _only_waiting(charger, fitting, decision)
    }


def _only_waiting(charger: str, fitting: Iterable[int], decision: Decision) -> list[str]:
    waiting = [
        connector
        for connector in (connector_id(charger, number) for number in fitting)
        if _waits(connector, decision)
    ]
    return waiting if len(waiting) == 1 else []


def _waits(connector: str, decision: Decision) -> bool:
    setpoint = decision.setpoints.get(connector)
    if setpoint is None or setpoint.current > 0:
        return False
    return any(reason.code in FORCIBLE for reason in setpoint.reasons[:1])
