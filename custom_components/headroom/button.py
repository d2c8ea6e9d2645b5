"""Buttons: one-shot acts on a charger."""

from collections.abc import Awaitable, Callable, Hashable, Iterable
from dataclasses import dataclass
from typing import override

from homeassistant.components.button import ButtonEntity, ButtonEntityDescription
from homeassistant.components.button.const import ButtonDeviceClass
from homeassistant.config_entries import ConfigSubentry
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .chargers.base import (
    Capabilities,
    ChargerError,
    ChargerLink,
    ChargerOffline,
    ChargerRefused,
    Failsafe,
)
from .chargers.disconnection import NoFailsafe, NothingToSee
from .const import DOMAIN, SUBENTRY_CHARGER
from .coordinator import HeadroomConfigEntry, SiteCoordinator
from .entity import ChargerEntity, ConnectorEntity, HeadroomEntity, follow_subentries, numbers_of

# A charger answers one command at a time.
PARALLEL_UPDATES = 1

_BADGE = "HOMEASSISTANT"
"""Id token of sessions started by a person in Home Assistant; at most 20 characters."""


@dataclass(frozen=True, kw_only=True)
class ChargerButtonDescription(ButtonEntityDescription):
    """Describe an act on a charger."""

    press_fn: Callable[[ChargerLink], Awaitable[None]]


@dataclass(frozen=True, kw_only=True)
class ConnectorButtonDescription(ButtonEntityDescription):
    """Describe an act on a connector."""

    press_fn: Callable[[ChargerLink, int], Awaitable[None]]


CHARGER_BUTTONS: tuple[ChargerButtonDescription, ...] = (
    ChargerButtonDescription(
        key="reset",
        translation_key="reset",
        device_class=ButtonDeviceClass.RESTART,
        entity_category=EntityCategory.CONFIG,
        press_fn=lambda charger: charger.reset(hard=False),
    ),
)

CONNECTOR_BUTTONS: tuple[ConnectorButtonDescription, ...] = (
    ConnectorButtonDescription(
        key="start_session",
        translation_key="start_session",
        press_fn=lambda charger, number: charger.start(number, _BADGE),
    ),
    ConnectorButtonDescription(
        key="stop_session",
        translation_key="stop_session",
        press_fn=lambda charger, number: charger.stop(number),
    ),
)


TEST_FALLBACK = ButtonEntityDescription(
    key="test_fallback",
    translation_key="test_fallback",
    entity_category=EntityCategory.DIAGNOSTIC,
)


async def async_setup_entry(
    _: HomeAssistant,
    entry: HeadroomConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the buttons of a site."""
    coordinator = entry.runtime_data

    def make(item: ConfigSubentry) -> Iterable[HeadroomEntity]:
        if item.subentry_type != SUBENTRY_CHARGER:
            return
        can = _capabilities(coordinator, item)
        if can is None or can.resets:
            yield from (ChargerButton(coordinator, item, d) for d in CHARGER_BUTTONS)
        if can is None or can.failsafe is not Failsafe.NONE:
            yield FallbackTestButton(coordinator, item, TEST_FALLBACK)
        if can is None or can.starts_sessions:
            for number in numbers_of(item):
                yield from (
                    ConnectorButton(coordinator, item, number, d) for d in CONNECTOR_BUTTONS
                )

    follow_subentries(coordinator, async_add_entities, make)


def _capabilities(coordinator: SiteCoordinator, item: ConfigSubentry) -> Capabilities | None:
    """Return what a charger can do; None while it has no link."""
    charger = coordinator.equipment.charger(item.subentry_id)
    return None if charger is None else charger.capabilities


async def press(charger: ChargerLink | None, act: Callable[[ChargerLink], Awaitable[None]]) -> None:
    """Carry out an act on a charger. Raises HomeAssistantError if it has no effect."""
    try:
        if charger is None:
            raise ChargerOffline
        await act(charger)
    except ChargerError as error:
        raise HomeAssistantError(
            translation_domain=DOMAIN, translation_key=_failure(error)
        ) from error


def _failure(error: ChargerError) -> str:
    """Return the translation key of what went wrong."""
    match error:
        case ChargerOffline():
            return "charger_offline"
        case NoFailsafe():
            return "no_failsafe"
        case NothingToSee():
            return "nothing_to_see"
        case ChargerRefused():
            return "charger_refused"
    return "charger_timeout"


class ChargerButton(ChargerEntity, ButtonEntity):
    """Act on a charger."""

    entity_description: ChargerButtonDescription

    @override
    async def async_press(self) -> None:
        await press(self._station, self.entity_description.press_fn)

    @override
    def _shows(self) -> Hashable:
        return None


class FallbackTestButton(ChargerEntity, ButtonEntity):
    """Break contact with a charger, and look what it draws then."""

    @override
    async def async_press(self) -> None:
        await press(self._station, self._test)

    async def _test(self, _: ChargerLink) -> None:
        self.coordinator.async_test_fallback(self._charger)

    @override
    def _shows(self) -> Hashable:
        return None


class ConnectorButton(ConnectorEntity, ButtonEntity):
    """Act on a connector."""

    entity_description: ConnectorButtonDescription

    @override
    async def async_press(self) -> None:
        act = self.entity_description.press_fn
        await press(self._station, lambda charger: act(charger, self._number))

    @override
    def _shows(self) -> Hashable:
        return None
