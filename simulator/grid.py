"""The energy manager and the grid operator of a scenario."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from custom_components.headroom.engine.grid.manager import (
    EnergyManagers,
    ManagedSetpoint,
    ManagerPolicy,
)
from custom_components.headroom.engine.grid.messenger import BY_ACTION, Order
from custom_components.headroom.engine.grid.operator import GridOperator, OperatorPolicy
from custom_components.headroom.engine.inputs import ZoneLimit
from custom_components.headroom.engine.site.model import Site

from .scenario import Event


class GridOrders:
    """What both ask for, by the rules that a site has without any settings."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._managers = EnergyManagers()
        self._operator = GridOperator()
        self._manager_policy = ManagerPolicy()
        self._operator_policy = OperatorPolicy()

    def happen(self, event: Event, now: datetime) -> None:
        """Take the part of an event that is theirs."""
        if "setpoint" in event.changes:
            self._write(event.id, event.changes["setpoint"], now)
        if "operator" in event.changes:
            self._operator.hear(BY_ACTION, _order(event.changes["operator"], now), now)

    def limits(self, now: datetime) -> tuple[ZoneLimit, ...]:
        """Return what they ask for now."""
        self._operator.look(now, self._operator_policy)
        return (
            *self._managers.look(now, self._manager_policy),
            *self._operator.limits(self._site, self._operator_policy),
        )

    def _write(self, zone: str, setpoint: Mapping[str, Any], now: datetime) -> None:
        controller = setpoint.get("controller", "ems")
        if "current" not in setpoint and "power" not in setpoint:
            self._managers.release(zone, controller, now, self._manager_policy)
            return
        written = ManagedSetpoint(
            controller=controller,
            at=now,
            current=setpoint.get("current"),
            power=setpoint.get("power"),
            for_evs=setpoint.get("only_chargers", False),
            expires=_after(setpoint.get("lasts"), now),
        )
        self._managers.write(zone, written, self._manager_policy)


def _order(asked: Mapping[str, Any] | None, now: datetime) -> Order | None:
    if asked is None:
        return None
    return Order(asked["power"], _after(asked.get("lasts"), now), asked.get("zone"))


def _after(seconds: float | None, now: datetime) -> datetime | None:
    return None if seconds is None else now + timedelta(seconds=seconds)
