"""Headroom: share a building's spare current among its EV chargers."""

from homeassistant.const import (
    EVENT_CORE_CONFIG_UPDATE,
    EVENT_HOMEASSISTANT_STOP,
    Platform,
)
from homeassistant.core import Event, HomeAssistant
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.typing import ConfigType

from .chargers.modbus.dialect_files import load_dialects
from .const import DOMAIN, SUBENTRY_CHARGER
from .coordinator import HeadroomConfigEntry, SiteCoordinator
from .journal import SiteJournal
from .log_files import delete_logs
from .memory import SiteMemory
from .meters.model_files import load_models
from .migration import async_migrate_entry
from .ocpp_view import OcppView
from .repairs import forget_issues
from .report import async_report_daily
from .services import async_register_actions
from .site_actions import async_register_site_actions
from .sun.house_battery import async_hold_battery
from .upload import UploadDesk, UploadView

__all__ = ["async_migrate_entry"]
"""What is called from here and written elsewhere."""

CONFIG_SCHEMA = cv.config_entry_only_config_schema(DOMAIN)

PLATFORMS = [
    Platform.BINARY_SENSOR,
    Platform.BUTTON,
    Platform.CALENDAR,
    Platform.EVENT,
    Platform.NUMBER,
    Platform.SELECT,
    Platform.SENSOR,
    Platform.SWITCH,
    Platform.TIME,
    Platform.UPDATE,
]


async def async_setup(hass: HomeAssistant, _: ConfigType) -> bool:
    """Set up what all sites share."""
    hass.http.register_view(OcppView())
    desk = UploadDesk(hass)
    hass.http.register_view(UploadView(desk))
    async_register_actions(hass, desk)
    async_register_site_actions(hass)
    return True


async def async_setup_entry(hass: HomeAssistant, entry: HeadroomConfigEntry) -> bool:
    """Set up a site."""
    memory = SiteMemory(hass, entry.entry_id)
    await memory.load()
    models = await hass.async_add_executor_job(load_models)
    dialects = await hass.async_add_executor_job(load_dialects)
    coordinator = SiteCoordinator(hass, entry, memory, models, dialects)
    await coordinator.async_start()
    entry.runtime_data = coordinator
    coordinator.planner.async_start()
    async_report_daily(hass, entry)
    async_hold_battery(hass, entry, memory)
    entry.async_on_unload(entry.add_update_listener(_async_entry_changed))
    await hass.config_entries.async_forward_entry_setups(entry, PLATFORMS)

    async def stop(_: Event) -> None:
        await coordinator.async_shutdown()

    async def follow_time_zone(_: Event) -> None:
        await coordinator.async_apply()

    entry.async_on_unload(hass.bus.async_listen_once(EVENT_HOMEASSISTANT_STOP, stop))
    entry.async_on_unload(hass.bus.async_listen(EVENT_CORE_CONFIG_UPDATE, follow_time_zone))
    return True


async def async_unload_entry(hass: HomeAssistant, entry: HeadroomConfigEntry) -> bool:
    """Unload a site; its coordinator shuts down with the entry."""
    return await hass.config_entries.async_unload_platforms(entry, PLATFORMS)


async def async_remove_entry(hass: HomeAssistant, entry: HeadroomConfigEntry) -> None:
    """Delete what is stored of a site."""
    forget_issues(hass, entry)
    await SiteMemory(hass, entry.entry_id).remove()
    await SiteJournal(hass, entry.entry_id).remove()
    for item in entry.get_subentries_of_type(SUBENTRY_CHARGER):
        await hass.async_add_executor_job(delete_logs, hass, item.subentry_id)


async def _async_entry_changed(hass: HomeAssistant, entry: HeadroomConfigEntry) -> None:
    """Apply changes live; only another port or encryption needs a reload."""
    if entry.runtime_data.is_outdated:
        hass.config_entries.async_schedule_reload(entry.entry_id)
    else:
        await entry.runtime_data.async_apply()
        entry.runtime_data.planner.async_follow_options()
