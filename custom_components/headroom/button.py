"""Buttons: one-shot acts on a charger."""

from collections.abc import Awaitable, Callable, Hashable, Iterable
from dataclasses import dataclass
from typing import override

from homeassistant.components.button import ButtonEntity, ButtonEntityDescription
from homeassistant.components.button.const import ButtonDeviceClass
from homeassistant.config_entries import ConfigSubentry
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .acts import carry_out
from .chargers.base import HOME_BADGE, Capabilities, ChargerLink
from .chargers.maintenance import Command
from .clock.entities import FORCE_CHARGE_NOW, ForceButton
from .const import CONF_FAMILY, FAMILY_ENTITIES
from .coordinator import HeadroomConfigEntry
from .entity import (
    ChargerEntity,
    ConnectorEntity,
    HeadroomEntity,
    follow_chargers,
    is_able,
    numbers_of,
)

# A charger answers one command at a time.
PARALLEL_UPDATES = 1


@dataclass(frozen=True, kw_only=True)
class ChargerButtonDescription(ButtonEntityDescription):
    """Describe an act on a charger."""

    press_fn: Callable[[ChargerLink], Awaitable[None]]
    exists_fn: Callable[[Capabilities], bool]


@dataclass(frozen=True, kw_only=True)
class ConnectorButtonDescription(ButtonEntityDescription):
    """Describe an act on a connector."""

    press_fn: Callable[[ChargerLink, int], Awaitable[None]]
    exists_fn: Callable[[Capabilities], bool]


CHARGER_BUTTONS: tuple[ChargerButtonDescription, ...] = (
    ChargerButtonDescription(
        key="reset",
        translation_key="reset",
        device_class=ButtonDeviceClass.RESTART,
        entity_category=EntityCategory.CONFIG,
        press_fn=lambda charger: charger.reset(hard=False),
        exists_fn=lambda can: can.resets,
    ),
    ChargerButtonDescription(
        key="hard_reset",
        translation_key="hard_reset",
        device_class=ButtonDeviceClass.RESTART,
        entity_category=EntityCategory.CONFIG,
        entity_registry_enabled_default=False,
        press_fn=lambda charger: charger.reset(hard=True),
        exists_fn=lambda can: Command.HARD_RESET in can.commands,
    ),
)

CONNECTOR_BUTTONS: tuple[ConnectorButtonDescription, ...] = (
    ConnectorButtonDescription(
        key="start_session",
        translation_key="start_session",
        press_fn=lambda charger, number: charger.start(number, HOME_BADGE),
        exists_fn=lambda can: can.starts_sessions,
    ),
    ConnectorButtonDescription(
        key="stop_session",
        translation_key="stop_session",
        press_fn=lambda charger, number: charger.stop(number),
        exists_fn=lambda can: can.starts_sessions,
    ),
    ConnectorButtonDescription(
        key="unlock",
        translation_key="unlock",
        press_fn=lambda charger, number: charger.unlock(number),
        exists_fn=lambda can: Command.UNLOCK in can.commands,
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
        for act in CHARGER_BUTTONS:
            if is_able(coordinator, item, act.exists_fn):
                yield ChargerButton(coordinator, item, act)
        # Whether another charger has a fallback may turn out later.
        if item.data.get(CONF_FAMILY) != FAMILY_ENTITIES:
            yield FallbackTestButton(coordinator, item, TEST_FALLBACK)
        for number in numbers_of(item):
            yield ForceButton(coordinator, item, number, FORCE_CHARGE_NOW)
            for deed in CONNECTOR_BUTTONS:
                if is_able(coordinator, item, deed.exists_fn):
                    yield ConnectorButton(coordinator, item, number, deed)

    follow_chargers(coordinator, async_add_entities, make)


class ChargerButton(ChargerEntity, ButtonEntity):
    """Act on a charger."""

    entity_description: ChargerButtonDescription

    @override
    async def async_press(self) -> None:
        await carry_out(self._station, self.entity_description.press_fn)

    @override
    def _shows(self) -> Hashable:
        return None


class FallbackTestButton(ChargerEntity, ButtonEntity):
    """Break contact with a charger, and look what it draws then."""

    @override
    async def async_press(self) -> None:
        await carry_out(self._station, self._test)

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
        await carry_out(self._station, lambda charger: act(charger, self._number))

    @override
    def _shows(self) -> Hashable:
        return None
