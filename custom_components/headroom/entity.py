"""What all of Headroom's entities have in common."""

from abc import abstractmethod
from collections.abc import Callable, Iterable, Mapping
from typing import Any, override

from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import callback
from homeassistant.helpers.entity import EntityDescription
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.update_coordinator import CoordinatorEntity

from .chargers.base import Capabilities, ChargerLink, ConnectorData
from .chargers.maintenance import Command
from .const import CONF_CONNECTORS, SUBENTRY_CHARGER
from .coordinator import SiteCoordinator
from .decision_text import describe_reasons
from .devices import connector_device, device_of
from .engine.decision import Reason, Setpoint, ZoneState
from .engine.site.model import Connector
from .meters.base import MeterData
from .parts import connector_id


def follow_subentries(
    coordinator: SiteCoordinator,
    async_add_entities: AddConfigEntryEntitiesCallback,
    make: Callable[[ConfigSubentry], Iterable[HeadroomEntity]],
) -> Callable[[ConfigSubentry], None]:
    """Add the entities of every subentry, now and whenever one appears or grows.

    Return what adds those that `make` yields of a subentry now and did not yield before.
    """
    added: dict[str, list[HeadroomEntity]] = {}

    @callback
    def follow(item: ConfigSubentry) -> None:
        there = [e for e in added.get(item.subentry_id, ()) if e.is_part_of(item)]
        known = {entity.unique_id for entity in there}
        new = [entity for entity in make(item) if entity.unique_id not in known]
        added[item.subentry_id] = there + new
        async_add_entities(new, config_subentry_id=item.subentry_id)

    coordinator.async_on_subentry(follow)
    return follow


def follow_chargers(
    coordinator: SiteCoordinator,
    async_add_entities: AddConfigEntryEntitiesCallback,
    make: Callable[[ConfigSubentry], Iterable[HeadroomEntity]],
) -> Callable[[ConfigSubentry], None]:
    """Add the entities of every charger, as `follow_subentries` does."""

    def make_of_charger(item: ConfigSubentry) -> Iterable[HeadroomEntity]:
        return make(item) if item.subentry_type == SUBENTRY_CHARGER else ()

    return follow_subentries(coordinator, async_add_entities, make_of_charger)


def numbers_of(item: ConfigSubentry) -> range:
    """Return the numbers of a charger's connectors."""
    return range(1, len(item.data[CONF_CONNECTORS]) + 1)


def is_able(
    coordinator: SiteCoordinator, item: ConfigSubentry, ability: Callable[[Capabilities], bool]
) -> bool:
    """Return whether a charger has an ability; as long as it has no link it may have any."""
    charger = coordinator.equipment.charger(item.subentry_id)
    return charger is None or ability(charger.capabilities)


def knows(coordinator: SiteCoordinator, item: ConfigSubentry, command: Command) -> bool:
    """Return whether a charger knows a command; as long as it has no link it may know any."""
    return is_able(coordinator, item, lambda can: command in can.commands)


class HeadroomEntity(CoordinatorEntity[SiteCoordinator]):
    """An entity that writes its state only when what it shows has changed."""

    _attr_has_entity_name = True

    def __init__(
        self, coordinator: SiteCoordinator, identifier: str, description: EntityDescription
    ) -> None:
        """Make the entity of a device's identifier and a description's key."""
        super().__init__(coordinator)
        self._identifier = identifier
        self.entity_description = description
        self._attr_unique_id = f"{identifier}_{description.key}"
        self._attr_device_info = device_of(identifier)
        self._shown: object = None

    def is_part_of(self, item: ConfigSubentry) -> bool:
        """Return whether its device is still there in its subentry, which has changed."""
        return True

    @abstractmethod
    def _shows(self) -> object:
        """Return what people see of the entity."""

    @callback
    @override
    def _handle_coordinator_update(self) -> None:
        shown = (self.available, self._shows() if self.available else None)
        if shown != self._shown:
            self._shown = shown
            self.async_write_ha_state()

    def _explain(self, reasons: tuple[Reason, ...]) -> list[Mapping[str, Any]]:
        return describe_reasons(self.coordinator.config_entry.subentries, reasons)


class ZoneEntity(HeadroomEntity):
    """An entity of a zone."""

    def __init__(
        self, coordinator: SiteCoordinator, item: ConfigSubentry, description: EntityDescription
    ) -> None:
        super().__init__(coordinator, item.subentry_id, description)
        self._zone = item.subentry_id

    @property
    @override
    def available(self) -> bool:
        return self._zone in self.coordinator.data.decision.zones

    @property
    def _state_of_zone(self) -> ZoneState:
        return self.coordinator.data.decision.zones[self._zone]


class MeterEntity(HeadroomEntity):
    """An entity of a meter."""

    def __init__(
        self, coordinator: SiteCoordinator, item: ConfigSubentry, description: EntityDescription
    ) -> None:
        super().__init__(coordinator, item.subentry_id, description)
        self._meter = item.subentry_id

    @property
    @override
    def available(self) -> bool:
        return self._speaks and self._data is not None

    @property
    def _speaks(self) -> bool:
        """Return whether the meter answers, by the same rule as the engine's."""
        return self.coordinator.meter_speaks(self._meter)

    @property
    def _data(self) -> MeterData | None:
        meter = self.coordinator.equipment.meter(self._meter)
        return None if meter is None else meter.data


class ChargerEntity(HeadroomEntity):
    """An entity of a charger as a whole."""

    def __init__(
        self, coordinator: SiteCoordinator, item: ConfigSubentry, description: EntityDescription
    ) -> None:
        super().__init__(coordinator, item.subentry_id, description)
        self._charger = item.subentry_id

    @property
    def _station(self) -> ChargerLink | None:
        return self.coordinator.equipment.charger(self._charger)

    @property
    @override
    def available(self) -> bool:
        station = self._station
        return station is not None and station.online


class ConnectorEntity(ChargerEntity):
    """An entity of one connector of a charger."""

    def __init__(
        self,
        coordinator: SiteCoordinator,
        item: ConfigSubentry,
        number: int,
        description: EntityDescription,
    ) -> None:
        super().__init__(coordinator, item, description)
        self._number = number
        self._connector = connector_id(item.subentry_id, number)
        self._attr_unique_id = f"{self._connector}_{description.key}"
        self._attr_device_info = connector_device(coordinator, item, number)

    @override
    def is_part_of(self, item: ConfigSubentry) -> bool:
        return self._number in numbers_of(item)

    @property
    @override
    def available(self) -> bool:
        return super().available and self._number in self._connectors

    @property
    def _data(self) -> ConnectorData:
        return self._connectors.get(self._number, ConnectorData())

    @property
    def _connectors(self) -> Mapping[int, ConnectorData]:
        station = self._station
        return {} if station is None else station.connectors

    @property
    def _installed(self) -> Connector | None:
        """Return the connector as the running site has it."""
        return self.coordinator.data.site.connector_by_id.get(self._connector)

    @property
    def _setpoint(self) -> Setpoint | None:
        return self.coordinator.data.decision.setpoints.get(self._connector)


class ConnectorSetting(ConnectorEntity):
    """What people set for a connector and Headroom keeps by itself."""

    @property
    @override
    def available(self) -> bool:
        """Stay settable while the charger is lost: it is not told of the setting."""
        return self._installed is not None
