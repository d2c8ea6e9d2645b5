"""The devices of a site: itself, and one for each part of it and each connector."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from homeassistant.config_entries import ConfigSubentry
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.device_registry import ChildDeviceInfo, DeviceEntryType, DeviceInfo

from .chargers.base import ChargerInfo
from .const import (
    CONF_CONNECTORS,
    CONF_MODEL,
    CONF_PARENT,
    CONF_ZONE,
    DOMAIN,
    FAMILY_ENTITIES,
    SUBENTRY_CHARGER,
    SUBENTRY_METER,
    SUBENTRY_TARIFF,
    SUBENTRY_ZONE,
)
from .meter_families import family_of
from .parts import connector_id

if TYPE_CHECKING:
    from .coordinator import HeadroomConfigEntry, SiteCoordinator


def register_devices(coordinator: SiteCoordinator) -> None:
    """Register every device, what feeds it first, and bring its details up to date."""
    entry = coordinator.config_entry
    registry = dr.async_get(coordinator.hass)
    registry.async_get_or_create(
        config_entry_id=entry.entry_id,
        identifiers={(DOMAIN, entry.entry_id)},
        entry_type=DeviceEntryType.SERVICE,
        name=entry.title,
        model="Site",
    )
    for item in _from_the_root(entry):
        registry.async_get_or_create(
            config_entry_id=entry.entry_id,
            config_subentry_id=item.subentry_id,
            identifiers={(DOMAIN, item.subentry_id)},
            name=item.title,
            via_device_id=_via(coordinator, item),
            **_details(coordinator, item),
        )
        _drop_connectors(coordinator, item)


def device_of(identifier: str) -> DeviceInfo:
    """Return the device of the site or of one of its parts for an entity."""
    return DeviceInfo(identifiers={(DOMAIN, identifier)})


def connector_device(
    coordinator: SiteCoordinator, item: ConfigSubentry, number: int
) -> ChildDeviceInfo:
    """Return a connector's device, a part of its charger's."""
    return ChildDeviceInfo(
        identifiers={(DOMAIN, connector_id(item.subentry_id, number))},
        parent_device_id=_device_id(coordinator, item.subentry_id),
        translation_key="connector",
        translation_placeholders={"number": str(number)},
    )


def _from_the_root(entry: HeadroomConfigEntry) -> Iterator[ConfigSubentry]:
    """Yield zones before the zones below them, then everything else."""
    zones = list(entry.get_subentries_of_type(SUBENTRY_ZONE))
    seen: set[str] = set()
    while waiting := [zone for zone in zones if zone.subentry_id not in seen]:
        ready = [
            zone
            for zone in waiting
            if zone.data.get(CONF_PARENT) not in {other.subentry_id for other in waiting}
        ]
        for zone in ready or waiting:
            seen.add(zone.subentry_id)
            yield zone
    yield from entry.get_subentries_of_type(SUBENTRY_METER)
    yield from entry.get_subentries_of_type(SUBENTRY_CHARGER)
    yield from entry.get_subentries_of_type(SUBENTRY_TARIFF)


def _details(coordinator: SiteCoordinator, item: ConfigSubentry) -> dict[str, Any]:
    """Return what is known of a device; what a charger has not said again stays as it was."""
    if item.subentry_type == SUBENTRY_ZONE:
        return {"model": "Zone"}
    if item.subentry_type == SUBENTRY_TARIFF:
        return {"model": "Tariff period", "entry_type": DeviceEntryType.SERVICE}
    if item.subentry_type == SUBENTRY_METER:
        return _meter_details(coordinator, item)
    charger = coordinator.equipment.charger(item.subentry_id)
    said = ChargerInfo() if charger is None else charger.info
    if said == ChargerInfo():
        return {}
    return {
        "manufacturer": said.vendor,
        "model": said.model,
        "serial_number": said.serial,
        "sw_version": said.firmware,
    }


def _meter_details(coordinator: SiteCoordinator, item: ConfigSubentry) -> dict[str, Any]:
    if family_of(item.data) == FAMILY_ENTITIES:
        return {"model": "Sensors"}
    model = coordinator.equipment.models.get(item.data[CONF_MODEL])
    return {} if model is None else {"model": model.name}


def _drop_connectors(coordinator: SiteCoordinator, item: ConfigSubentry) -> None:
    """Remove the devices of connectors that a charger does not have any more."""
    if item.subentry_type != SUBENTRY_CHARGER:
        return
    registry = dr.async_get(coordinator.hass)
    wanted = {
        (DOMAIN, connector_id(item.subentry_id, number))
        for number in range(1, len(item.data[CONF_CONNECTORS]) + 1)
    }
    parent = _device_id(coordinator, item.subentry_id)
    for child in dr.async_entries_for_parent_device(registry, parent):
        if wanted.isdisjoint(child.identifiers):
            registry.async_remove_device(child.id)


def _via(coordinator: SiteCoordinator, item: ConfigSubentry) -> str:
    """Return the device that feeds a subentry's own: its zone, or the site."""
    entry = coordinator.config_entry
    key = CONF_PARENT if item.subentry_type == SUBENTRY_ZONE else CONF_ZONE
    above: str = item.data.get(key) or entry.entry_id
    # Home Assistant removes the device of a deleted subentry after its listeners were called.
    feeder = above if above in entry.subentries else entry.entry_id
    device = dr.async_get(coordinator.hass).async_get_device_by_identifier(
        (DOMAIN, feeder), entry.entry_id
    )
    return device.id if device else _device_id(coordinator, entry.entry_id)


def _device_id(coordinator: SiteCoordinator, identifier: str) -> str:
    return dr.async_get_device_id_by_identifier(
        coordinator.hass,
        (DOMAIN, identifier),
        config_entry_id=coordinator.config_entry.entry_id,
    )
