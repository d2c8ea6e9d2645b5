"""Switches: permissions that people give and take, and what is in service."""

from abc import abstractmethod
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, override

from homeassistant.components.switch import SwitchEntity, SwitchEntityDescription
from homeassistant.config_entries import ConfigSubentry
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .acts import carry_out
from .chargers.base import ConnectorData
from .chargers.maintenance import Command
from .clock.entities import OFF_PEAK_CHARGING, OffPeakSwitch
from .coordinator import HeadroomConfigEntry
from .engine.snapshot import ConnectorStatus
from .entity import (
    ChargerEntity,
    ConnectorEntity,
    ConnectorSetting,
    HeadroomEntity,
    follow_chargers,
    knows,
    numbers_of,
)
from .inputs.entities import INPUT_SWITCHES, SHED_LOAD, InputSwitch, ShedLoad, follow_inputs
from .plan.goal_entities import PLAN_CHARGING, PlanCharging
from .tariffs.entities import TARIFF_SWITCHES, follow_tariff_switches
from .wishes import Wishes

# Permissions are Headroom's own and wait for no charger that is slow to go out of service.
PARALLEL_UPDATES = 0


@dataclass(frozen=True, kw_only=True)
class WishSwitchDescription(SwitchEntityDescription):
    """Describe a switch of a connector that is one of people's wishes."""

    wished: Callable[[Wishes], set[str]]
    """Return the ids of the connectors for which it is wished."""
    on_if_wished: bool = True


WISHES = (
    WishSwitchDescription(
        key="charging_allowed",
        translation_key="charging_allowed",
        wished=lambda wishes: wishes.paused,
        on_if_wished=False,
    ),
    WishSwitchDescription(
        key="force_charge",
        translation_key="force_charge",
        wished=lambda wishes: wishes.forced,
    ),
)

AVAILABLE = SwitchEntityDescription(
    key="available", translation_key="available", entity_category=EntityCategory.CONFIG
)
CHARGER_AVAILABLE = SwitchEntityDescription(
    key="charger_available",
    translation_key="charger_available",
    entity_category=EntityCategory.CONFIG,
    entity_registry_enabled_default=False,
)

CONTINUES = SwitchEntityDescription(
    key="continues",
    translation_key="continues",
    entity_category=EntityCategory.CONFIG,
    entity_registry_enabled_default=False,
)


async def async_setup_entry(
    _: HomeAssistant,
    entry: HeadroomConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the switches of a site."""
    coordinator = entry.runtime_data

    def make(item: ConfigSubentry) -> Iterable[HeadroomEntity]:
        if knows(coordinator, item, Command.POWER_LOSS):
            yield Continues(coordinator, item, CONTINUES)
        changes = knows(coordinator, item, Command.AVAILABILITY)
        if changes:
            yield ChargerAvailable(coordinator, item, CHARGER_AVAILABLE)
        for number in numbers_of(item):
            for description in WISHES:
                yield WishSwitch(coordinator, item, number, description)
            yield OffPeakSwitch(coordinator, item, number, OFF_PEAK_CHARGING)
            yield PlanCharging(coordinator, item, number, PLAN_CHARGING)
            if changes:
                yield ConnectorAvailable(coordinator, item, number, AVAILABLE)

    follow_chargers(coordinator, async_add_entities, make)
    async_add_entities([ShedLoad(coordinator, entry.entry_id, SHED_LOAD)])
    follow_inputs(coordinator, async_add_entities, INPUT_SWITCHES, InputSwitch)
    follow_tariff_switches(coordinator, async_add_entities, TARIFF_SWITCHES)


class WishSwitch(ConnectorSetting, SwitchEntity):
    """Put a connector among those for which something is wished, or take it out."""

    entity_description: WishSwitchDescription

    @property
    @override
    def is_on(self) -> bool:
        return (self._connector in self._wished) is self.entity_description.on_if_wished

    @override
    async def async_turn_on(self, **kwargs: Any) -> None:
        self._wish(wished=self.entity_description.on_if_wished)

    @override
    async def async_turn_off(self, **kwargs: Any) -> None:
        self._wish(wished=not self.entity_description.on_if_wished)

    def _wish(self, *, wished: bool) -> None:
        change = self._wished.add if wished else self._wished.discard
        change(self._connector)
        self.coordinator.async_wishes_changed()

    @property
    def _wished(self) -> set[str]:
        return self.entity_description.wished(self.coordinator.wishes)

    @override
    def _shows(self) -> Hashable:
        return self.is_on


class _Available(ChargerEntity, SwitchEntity):
    """Take connectors into and out of service; what they report is what counts."""

    @property
    @override
    def is_on(self) -> bool | None:
        statuses = {data.status for data in self._concerned}
        if statuses <= {ConnectorStatus.UNKNOWN}:
            return None
        return statuses != {ConnectorStatus.UNAVAILABLE}

    @property
    @override
    def extra_state_attributes(self) -> Mapping[str, Any]:
        """Tell what it will be once a session has ended; None if that changes nothing."""
        return {"after_session": next((data.scheduled for data in self._concerned), None)}

    @override
    async def async_turn_on(self, **kwargs: Any) -> None:
        await self._set(available=True)

    @override
    async def async_turn_off(self, **kwargs: Any) -> None:
        await self._set(available=False)

    async def _set(self, *, available: bool) -> None:
        await carry_out(
            self._station, lambda station: station.set_available(self._target, available=available)
        )

    @property
    @abstractmethod
    def _target(self) -> int | None:
        """Return the number of the connector; None stands for all of them."""

    @property
    @abstractmethod
    def _concerned(self) -> Collection[ConnectorData]:
        """Return what is known of the connectors."""

    @override
    def _shows(self) -> Hashable:
        return self.is_on, self.extra_state_attributes["after_session"]


class ChargerAvailable(_Available):
    """Take a charger into and out of service."""

    @property
    @override
    def _target(self) -> None:
        return None

    @property
    @override
    def _concerned(self) -> Collection[ConnectorData]:
        station = self._station
        return () if station is None else station.connectors.values()


class ConnectorAvailable(ConnectorEntity, _Available):
    """Take a connector into and out of service."""

    @property
    @override
    def _target(self) -> int:
        return self._number

    @property
    @override
    def _concerned(self) -> Collection[ConnectorData]:
        return (self._data,)


class Continues(ChargerEntity, SwitchEntity):
    """Let sessions go on after a power loss without a badge, or not."""

    @property
    @override
    def is_on(self) -> bool | None:
        return None if self._station is None else self._station.upkeep.continues

    @override
    async def async_turn_on(self, **kwargs: Any) -> None:
        await self._set(continues=True)

    @override
    async def async_turn_off(self, **kwargs: Any) -> None:
        await self._set(continues=False)

    async def _set(self, *, continues: bool) -> None:
        await carry_out(
            self._station,
            lambda station: station.continue_after_power_loss(continues=continues),
        )

    @override
    def _shows(self) -> Hashable:
        return self.is_on
