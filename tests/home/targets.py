"""The devices that actions are aimed at."""

from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr

from custom_components.headroom.const import DOMAIN


def device_of(hass: HomeAssistant, identifier: str, entry_id: str = "01SITE") -> str:
    """Return the id of a device of the site: a charger's, or one of its connectors'."""
    registry, key = dr.async_get(hass), (DOMAIN, identifier)
    device = registry.async_get_device_by_identifier(
        key, entry_id
    ) or registry.async_get_child_device_by_identifier(key, entry_id)
    assert device is not None
    return device.id
