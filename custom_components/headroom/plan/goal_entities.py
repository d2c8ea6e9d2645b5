"""What people set so that a car is ready: how much, and whether to plan for it."""

from abc import abstractmethod
from collections.abc import Hashable, Iterator
from dataclasses import replace
from typing import Any, Final, NamedTuple, override

from homeassistant.components.number import NumberEntity, NumberEntityDescription, NumberMode
from homeassistant.components.number.const import NumberDeviceClass
from homeassistant.components.switch import SwitchEntity, SwitchEntityDescription
from homeassistant.config_entries import ConfigSubentry
from homeassistant.const import PERCENTAGE, UnitOfEnergy

from ..const import CONF_CAR_CHARGE_ENTITY, CONF_CONNECTORS
from ..coordinator import SiteCoordinator
from ..entity import ConnectorSetting, HeadroomEntity

TARGET_ENERGY: Final = NumberEntityDescription(
    key="target_energy",
    translation_key="target_energy",
    device_class=NumberDeviceClass.ENERGY,
    native_unit_of_measurement=UnitOfEnergy.KILO_WATT_HOUR,
    native_min_value=0,
    native_max_value=200,
    native_step=0.5,
    mode=NumberMode.BOX,
)
TARGET_CHARGE: Final = NumberEntityDescription(
    key="target_charge",
    translation_key="target_charge",
    native_unit_of_measurement=PERCENTAGE,
    native_min_value=0,
    native_max_value=100,
    native_step=1,
)
MINIMUM_ENERGY: Final = replace(
    TARGET_ENERGY, key="minimum_energy", translation_key="minimum_energy"
)
MINIMUM_CHARGE: Final = replace(
    TARGET_CHARGE, key="minimum_charge", translation_key="minimum_charge"
)
PLAN_CHARGING: Final = SwitchEntityDescription(key="plan_charging", translation_key="plan_charging")


class TargetNumbers(NamedTuple):
    """The numbers of a connector's goal."""

    energy: NumberEntityDescription
    charge: NumberEntityDescription
    minimum_energy: NumberEntityDescription
    minimum_charge: NumberEntityDescription


TARGET_NUMBERS: Final = TargetNumbers(TARGET_ENERGY, TARGET_CHARGE, MINIMUM_ENERGY, MINIMUM_CHARGE)


def target_numbers(
    coordinator: SiteCoordinator, item: ConfigSubentry, number: int, targets: TargetNumbers
) -> Iterator[HeadroomEntity]:
    """Yield the numbers of a connector; percent only where a sensor says how full the car is."""
    yield TargetEnergy(coordinator, item, number, targets.energy)
    yield MinimumEnergy(coordinator, item, number, targets.minimum_energy)
    if CONF_CAR_CHARGE_ENTITY in item.data[CONF_CONNECTORS][number - 1]:
        yield TargetCharge(coordinator, item, number, targets.charge)
        yield MinimumCharge(coordinator, item, number, targets.minimum_charge)


class GoalSetting(ConnectorSetting):
    """A part of the goal for every day."""

    def _changed(self) -> None:
        self.coordinator.planner.async_goal_changed(self._connector)


class _Target(GoalSetting, NumberEntity):
    """A number of which 0 stands for none."""

    @property
    @abstractmethod
    def _targets(self) -> dict[str, float]:
        """Return the targets by connector id."""

    @property
    @override
    def native_value(self) -> float:
        return self._targets.get(self._connector, 0.0)

    @override
    async def async_set_native_value(self, value: float) -> None:
        if value > 0:
            self._targets[self._connector] = value
        else:
            self._targets.pop(self._connector, None)
        self._changed()

    @override
    def _shows(self) -> Hashable:
        return self.native_value


class TargetEnergy(_Target):
    """The energy that a session is to bring."""

    @property
    @override
    def _targets(self) -> dict[str, float]:
        return self.coordinator.wishes.goal_energies


class TargetCharge(_Target):
    """How full the car's battery is to be."""

    @property
    @override
    def _targets(self) -> dict[str, float]:
        return self.coordinator.wishes.goal_charges


class MinimumEnergy(_Target):
    """The energy that a session is to bring as soon as possible."""

    @property
    @override
    def _targets(self) -> dict[str, float]:
        return self.coordinator.wishes.minimum_energies


class MinimumCharge(_Target):
    """How full the car's battery is to be as soon as possible."""

    @property
    @override
    def _targets(self) -> dict[str, float]:
        return self.coordinator.wishes.minimum_charges


class PlanCharging(GoalSetting, SwitchEntity):
    """Let the car wait for cheap hours, in time for its goal."""

    @property
    @override
    def is_on(self) -> bool:
        return self._connector in self.coordinator.wishes.planned

    @override
    async def async_turn_on(self, **kwargs: Any) -> None:
        self.coordinator.wishes.planned.add(self._connector)
        self._changed()

    @override
    async def async_turn_off(self, **kwargs: Any) -> None:
        self.coordinator.wishes.planned.discard(self._connector)
        self._changed()

    @override
    def _shows(self) -> Hashable:
        return self.is_on
