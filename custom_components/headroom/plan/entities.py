"""What people see of the plan: each goal, what is planned for it, and the quarters of the site."""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, override

from homeassistant.components.binary_sensor import (
    BinarySensorEntity,
    BinarySensorEntityDescription,
)
from homeassistant.components.binary_sensor.const import BinarySensorDeviceClass
from homeassistant.components.sensor import SensorDeviceClass, SensorEntityDescription
from homeassistant.config_entries import ConfigSubentry
from homeassistant.const import UnitOfEnergy
from homeassistant.util import dt as dt_util

from ..const import CONF_PLAN_BY
from ..coordinator import SiteCoordinator
from ..entity import ConnectorSetting, HeadroomEntity
from ..installation import names_of
from ..sensor_base import ShownSensor
from .goals import GoalState, GoalStatus
from .inputs import BY_CARBON

_WH_PER_KWH: Final = 1000


@dataclass(frozen=True, kw_only=True)
class GoalSensorDescription(SensorEntityDescription):
    """Describe a sensor of a connector's goal."""

    value_fn: Callable[[GoalStatus], float | str | None]


def _energy(status: GoalStatus) -> float | None:
    return None if status.plan is None else status.plan.energy / _WH_PER_KWH


def _cost(status: GoalStatus) -> float | None:
    """Return the cost, unless it is that of prices which nobody knows."""
    return None if status.plan is None or status.why_no_plan else status.plan.cost


GOAL_STATE: Final = GoalSensorDescription(
    key="goal",
    translation_key="goal",
    device_class=SensorDeviceClass.ENUM,
    options=list(GoalState),
    value_fn=lambda status: status.state.value,
)
PLANNED_ENERGY: Final = GoalSensorDescription(
    key="planned_energy",
    translation_key="planned_energy",
    native_unit_of_measurement=UnitOfEnergy.KILO_WATT_HOUR,
    suggested_display_precision=2,
    value_fn=_energy,
)
PLANNED_COST: Final = GoalSensorDescription(
    key="planned_cost",
    translation_key="planned_cost",
    suggested_display_precision=2,
    value_fn=_cost,
)
GOAL_SENSORS: Final = (GOAL_STATE, PLANNED_ENERGY, PLANNED_COST)
PLAN: Final = SensorEntityDescription(
    key="plan",
    translation_key="plan",
    native_unit_of_measurement=UnitOfEnergy.KILO_WATT_HOUR,
    suggested_display_precision=1,
)
GOAL_AT_RISK: Final = BinarySensorEntityDescription(
    key="goal_at_risk",
    translation_key="goal_at_risk",
    device_class=BinarySensorDeviceClass.PROBLEM,
)


def _about(status: GoalStatus) -> Mapping[str, Any]:
    """Return what is known of a goal, as attributes; energies in kWh."""
    goal, plan = status.goal, status.plan
    return {
        "deadline": None if goal is None else goal.deadline.isoformat(),
        "ready_at": plan.ready_at.isoformat() if plan and plan.ready_at else None,
        "needed": round(status.needed / _WH_PER_KWH, 2),
        "lacking": round(status.lacking / _WH_PER_KWH, 2),
        "minimum_needed": round(status.minimum / _WH_PER_KWH, 2),
        "expected_charge": None if status.level is None else round(status.level),
        "why_no_plan": status.why_no_plan,
    }


class _GoalEntity(ConnectorSetting):
    """An entity that tells of the goal of a connector."""

    @property
    def _status(self) -> GoalStatus:
        return self.coordinator.planner.report.status(self._connector)


class _DescribedGoal(_GoalEntity):
    """The same with all that is known of it as attributes."""

    @property
    @override
    def extra_state_attributes(self) -> Mapping[str, Any]:
        return _about(self._status)

    @override
    def _shows(self) -> Hashable:
        return self._status


class GoalSensor(_GoalEntity, ShownSensor):
    """Show how a goal stands, or what is planned for it."""

    entity_description: GoalSensorDescription

    @property
    @override
    def native_value(self) -> float | str | None:
        return self.entity_description.value_fn(self._status)


class GoalStateSensor(_DescribedGoal, GoalSensor):
    """Show how a goal stands, and what is known of it."""


class PlannedCost(GoalSensor):
    """Show what the planned energy costs, or the CO2 that it makes."""

    @property
    @override
    def native_unit_of_measurement(self) -> str:
        return unit_of_cost(self.coordinator)

    @override
    def _shows(self) -> Hashable:
        return super()._shows(), self.native_unit_of_measurement


class GoalAtRisk(_DescribedGoal, BinarySensorEntity):
    """Tell that a car will not be ready in time."""

    @property
    @override
    def is_on(self) -> bool:
        return self._status.state is GoalState.CANNOT_BE_MET


class PlanSensor(ShownSensor):
    """Show the energy that is planned for all cars, and the quarters of the plan for a chart."""

    _unrecorded_attributes = frozenset({"quarters"})

    @property
    @override
    def native_value(self) -> float:
        plan = self.coordinator.planner.report.plan
        return sum(car.energy for car in plan.cars.values()) / _WH_PER_KWH

    @property
    @override
    def extra_state_attributes(self) -> Mapping[str, Any]:
        report = self.coordinator.planner.report
        until = report.prices_until
        return {
            "prices_until": None if until is None else until.isoformat(),
            "quarters": quarters_of(self.coordinator),
        }

    @override
    def _shows(self) -> Hashable:
        return self.coordinator.planner.report.made_at


def goal_sensors(
    coordinator: SiteCoordinator,
    item: ConfigSubentry,
    number: int,
    descriptions: Iterable[GoalSensorDescription],
) -> Iterator[HeadroomEntity]:
    """Yield the sensors of a connector's goal."""
    kinds = {GOAL_STATE.key: GoalStateSensor, PLANNED_COST.key: PlannedCost}
    for description in descriptions:
        kind = kinds.get(description.key, GoalSensor)
        yield kind(coordinator, item, number, description)


def unit_of_cost(site: SiteCoordinator) -> str:
    """Return the currency of the home, or grams of CO2 where the plan goes by them."""
    if site.config_entry.options.get(CONF_PLAN_BY) == BY_CARBON:
        return "g"
    return site.hass.config.currency


def quarters_of(site: SiteCoordinator) -> list[Mapping[str, Any]]:
    """Return the plan as rows: start, price, expected surplus and the kW of each car by name."""
    plan = site.planner.report.plan
    names = names_of(site.config_entry.subentries.values())
    return [
        {
            "start": dt_util.as_local(quarter.start).isoformat(),
            "price": round(quarter.price, 4),
            "surplus": round(quarter.surplus / _WH_PER_KWH, 2),
            **{
                names.get(key, key): round(car.power[number] / _WH_PER_KWH, 2)
                for key, car in plan.cars.items()
            },
        }
        for number, quarter in enumerate(plan.quarters)
    ]
