"""Updates: the firmware of chargers."""

from collections.abc import Hashable, Iterable, Mapping
from functools import partial
from typing import Any, Final, override

from homeassistant.components.update import (
    UpdateDeviceClass,
    UpdateEntity,
    UpdateEntityDescription,
    UpdateEntityFeature,
)
from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.util import dt as dt_util

from .acts import carry_out
from .chargers.maintenance import Command, FirmwareStage
from .coordinator import HeadroomConfigEntry, SiteCoordinator
from .entity import ChargerEntity, HeadroomEntity, follow_chargers, knows
from .firmware import FirmwareOffer

# A charger answers one command at a time.
PARALLEL_UPDATES = 1

FIRMWARE = UpdateEntityDescription(
    key="firmware", translation_key="firmware", device_class=UpdateDeviceClass.FIRMWARE
)
_PERCENT: Final = {
    FirmwareStage.WAITING: 0,
    FirmwareStage.DOWNLOADING: 25,
    FirmwareStage.DOWNLOADED: 50,
    FirmwareStage.INSTALLING: 75,
}
"""Stages are all that chargers tell of their progress."""


async def async_setup_entry(
    hass: HomeAssistant,
    entry: HeadroomConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the updates of a site."""
    coordinator = entry.runtime_data

    def make(item: ConfigSubentry) -> Iterable[HeadroomEntity]:
        if knows(coordinator, item, Command.FIRMWARE):
            yield FirmwareUpdate(coordinator, item, FIRMWARE)

    # Listening before the entities do, which may be disabled: they show what has been followed.
    entry.async_on_unload(coordinator.async_add_listener(partial(_follow, coordinator)))
    _resume(hass, coordinator)
    follow_chargers(coordinator, async_add_entities, make)


def _resume(hass: HomeAssistant, coordinator: SiteCoordinator) -> None:
    """Ask how the updates stand that were under way when Home Assistant stopped."""
    for key, offer in coordinator.firmware.items():
        station = coordinator.equipment.charger(key)
        if station is not None and offer.stage is not None and offer.is_under_way:
            coordinator.config_entry.async_create_background_task(
                hass, station.resume_firmware(offer.stage), "headroom: firmware"
            )


@callback
def _follow(coordinator: SiteCoordinator) -> None:
    """Take over what chargers tell of their updates."""
    for key, offer in tuple(coordinator.firmware.items()):
        station = coordinator.equipment.charger(key)
        if station is None:
            continue
        followed = offer.follow(station.upkeep.firmware, station.info.firmware, dt_util.utcnow())
        if followed != offer:
            coordinator.firmware[key] = followed
            coordinator.async_remember_later()


async def install(coordinator: SiteCoordinator, charger: str, offer: FirmwareOffer) -> None:
    """Let a charger fetch what it is offered. Raises HomeAssistantError if it does not."""
    station = coordinator.equipment.charger(charger)
    await carry_out(station, lambda station: station.update_firmware(offer.file))
    installed = None if station is None else station.info.firmware
    await coordinator.async_offer_firmware(charger, offer.start(installed, dt_util.utcnow()))


class FirmwareUpdate(ChargerEntity, UpdateEntity):
    """Offer a firmware to a charger, and show how its update goes."""

    _attr_supported_features = UpdateEntityFeature.INSTALL | UpdateEntityFeature.PROGRESS

    @property
    @override
    def available(self) -> bool:
        """Stay while the charger restarts with its new firmware."""
        return self._station is not None

    @property
    @override
    def installed_version(self) -> str | None:
        return None if self._station is None else self._station.info.firmware

    @property
    @override
    def latest_version(self) -> str | None:
        offer = self._offer
        if offer is None or offer.stage is FirmwareStage.INSTALLED:
            return self.installed_version
        return offer.version

    @override
    def version_is_newer(self, latest_version: str, installed_version: str) -> bool:
        """Take a person at their word: makers count their versions as they like."""
        return latest_version != installed_version

    @property
    @override
    def in_progress(self) -> bool:
        return self._offer is not None and self._offer.is_under_way

    @property
    @override
    def update_percentage(self) -> int | None:
        stage = self._stage
        return None if stage is None else _PERCENT.get(stage)

    @property
    @override
    def extra_state_attributes(self) -> Mapping[str, Any]:
        """Tell how far the last update came."""
        return {"stage": self._stage}

    @override
    async def async_install(self, version: str | None, backup: bool, **kwargs: Any) -> None:
        offer = self._offer
        if offer is not None:
            await install(self.coordinator, self._charger, offer)

    @property
    def _offer(self) -> FirmwareOffer | None:
        return self.coordinator.firmware.get(self._charger)

    @property
    def _stage(self) -> FirmwareStage | None:
        return None if self._offer is None else self._offer.stage

    @override
    def _shows(self) -> Hashable:
        return self.installed_version, self.latest_version, self._stage
