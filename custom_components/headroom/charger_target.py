"""The charger or connector that an action is aimed at."""

from dataclasses import dataclass

from homeassistant.config_entries import ConfigEntryState, ConfigSubentry
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import device_registry as dr

from .chargers.base import ChargerLink
from .const import CONF_CONNECTORS, DOMAIN, SUBENTRY_CHARGER
from .coordinator import HeadroomConfigEntry, SiteCoordinator


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A charger of a site that runs, and perhaps one of its connectors."""

    coordinator: SiteCoordinator
    item: ConfigSubentry
    connector: int | None

    @property
    def hass(self) -> HomeAssistant:
        """Return the Home Assistant that it is in."""
        return self.coordinator.hass

    @property
    def charger(self) -> ChargerLink:
        """Return the link to the charger. Raises HomeAssistantError if it has none."""
        charger = self.coordinator.equipment.charger(self.item.subentry_id)
        if charger is None:
            raise HomeAssistantError(translation_domain=DOMAIN, translation_key="charger_offline")
        return charger

    @property
    def number(self) -> int:
        """Return the connector's number. Raises ServiceValidationError if it is open which."""
        count = len(self.item.data[CONF_CONNECTORS])
        number = 1 if self.connector is None and count == 1 else self.connector
        if number is None or not 1 <= number <= count:
            raise ServiceValidationError(
                translation_domain=DOMAIN,
                translation_key="which_connector",
                translation_placeholders={"charger": self.item.title, "count": str(count)},
            )
        return number


def find_target(hass: HomeAssistant, device_id: str, connector: int | None) -> Target:
    """Return what a device stands for. Raises ServiceValidationError if it is no charger's."""
    device = dr.async_get(hass).async_get(device_id)
    for identifier in () if device is None else device.identifiers:
        # Other integrations may use more than the two parts that Home Assistant asks for.
        charger, _, number = identifier[1].partition(":")
        for entry in hass.config_entries.async_entries(DOMAIN) if identifier[0] == DOMAIN else ():
            item = entry.subentries.get(charger)
            if item is not None and item.subentry_type == SUBENTRY_CHARGER:
                chosen = int(number) if number else connector
                return Target(coordinator=_running(entry), item=item, connector=chosen)
    raise ServiceValidationError(translation_domain=DOMAIN, translation_key="no_charger")


def _running(entry: HeadroomConfigEntry) -> SiteCoordinator:
    if entry.state is not ConfigEntryState.LOADED:
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="site_not_loaded",
            translation_placeholders={"site": entry.title},
        )
    return entry.runtime_data
