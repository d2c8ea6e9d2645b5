"""Entities of tariff periods, and those that sites and zones have because of them."""

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, override

from homeassistant.components.binary_sensor import (
    BinarySensorEntity,
    BinarySensorEntityDescription,
)
from homeassistant.components.number import NumberEntity, NumberEntityDescription
from homeassistant.components.sensor import SensorEntityDescription
from homeassistant.components.switch import SwitchEntity, SwitchEntityDescription
from homeassistant.config_entries import ConfigSubentry
from homeassistant.const import PERCENTAGE, EntityCategory
from homeassistant.core import callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from ..const import CONF_PERCENT, SUBENTRY_TARIFF, SUBENTRY_ZONE
from ..coordinator import SiteCoordinator
from ..engine.site.tariff import TariffPeriod
from ..engine.when.tariffs import Hours, Tariff
from ..entity import HeadroomEntity
from ..sensor_base import ShownSensor

NO_PERIOD: Final = "none"
"""State of the sensor while no period counts."""

TARIFF_ACTIVE: Final = BinarySensorEntityDescription(key="active", translation_key="tariff_active")
TARIFF_PERCENT: Final = NumberEntityDescription(
    key="percent",
    translation_key="tariff_percent",
    entity_category=EntityCategory.CONFIG,
    native_unit_of_measurement=PERCENTAGE,
    native_min_value=0,
    native_max_value=100,
    native_step=1,
)
CURRENT_TARIFF: Final = SensorEntityDescription(
    key="tariff_period", translation_key="tariff_period"
)


@dataclass(frozen=True, kw_only=True)
class TariffSwitchDescription(SwitchEntityDescription):
    """Describe a switch that takes something out of tariff periods."""

    of: str | None
    """The type of the subentries that have it; None: the site has it."""


TARIFF_SWITCHES: Final = (
    TariffSwitchDescription(
        key="enabled",
        translation_key="tariff_enabled",
        entity_category=EntityCategory.CONFIG,
        of=SUBENTRY_TARIFF,
    ),
    TariffSwitchDescription(
        key="tariffs",
        translation_key="zone_tariffs",
        entity_category=EntityCategory.CONFIG,
        of=SUBENTRY_ZONE,
    ),
    TariffSwitchDescription(key="tariffs", translation_key="site_tariffs", of=None),
)


def follow_tariffs(
    coordinator: SiteCoordinator,
    async_add_entities: AddConfigEntryEntitiesCallback,
    make: Callable[[str, str | None], Iterable[HeadroomEntity]],
) -> None:
    """Add entities of the site and of its parts as soon as there is a tariff period.

    `make` gets the id and the type of a part, or the id of the entry and None.
    """
    entry = coordinator.config_entry
    added: set[str] = set()

    @callback
    def follow(_: ConfigSubentry) -> None:
        if not any(entry.get_subentries_of_type(SUBENTRY_TARIFF)):
            return
        if entry.entry_id not in added:
            async_add_entities(make(entry.entry_id, None))
        for key in entry.subentries.keys() - added:
            entities = make(key, entry.subentries[key].subentry_type)
            async_add_entities(entities, config_subentry_id=key)
        added.update({entry.entry_id, *entry.subentries})

    coordinator.async_on_subentry(follow)


def follow_tariff_switches(
    coordinator: SiteCoordinator,
    async_add_entities: AddConfigEntryEntitiesCallback,
    descriptions: Iterable[TariffSwitchDescription],
) -> None:
    """Add the switches for periods, for zones that take part in them, and for all of them."""

    def make(key: str, kind: str | None) -> Iterable[HeadroomEntity]:
        return [TariffSwitch(coordinator, key, one) for one in descriptions if one.of == kind]

    follow_tariffs(coordinator, async_add_entities, make)


def follow_tariff_sensor(
    coordinator: SiteCoordinator,
    async_add_entities: AddConfigEntryEntitiesCallback,
    description: SensorEntityDescription,
) -> None:
    """Add the sensor of the period that counts."""

    def make(key: str, kind: str | None) -> Iterable[HeadroomEntity]:
        return () if kind else [CurrentTariff(coordinator, key, description)]

    follow_tariffs(coordinator, async_add_entities, make)


class TariffSwitch(HeadroomEntity, SwitchEntity):
    """Let a period, a zone or a whole site have its tariff periods; no setting gets lost."""

    @property
    @override
    def is_on(self) -> bool:
        return self._identifier not in self.coordinator.wishes.tariffs_off

    @override
    async def async_turn_on(self, **kwargs: Any) -> None:
        self.coordinator.wishes.tariffs_off.discard(self._identifier)
        self.coordinator.async_wishes_changed()

    @override
    async def async_turn_off(self, **kwargs: Any) -> None:
        self.coordinator.wishes.tariffs_off.add(self._identifier)
        self.coordinator.async_wishes_changed()

    @override
    def _shows(self) -> Hashable:
        return self.is_on


class _TariffEntity(HeadroomEntity):
    """An entity of a period."""

    @property
    @override
    def available(self) -> bool:
        """Return whether the period is finished and part of the running site."""
        return self._period is not None

    @property
    def _period(self) -> TariffPeriod | None:
        tariffs = self.coordinator.data.site.tariffs
        return next((period for period in tariffs if period.id == self._identifier), None)


class TariffActive(_TariffEntity, BinarySensorEntity):
    """Tell whether the hours of a period run while it is switched on."""

    @property
    @override
    def is_on(self) -> bool:
        return self._hours is not None and self._hours.run

    @property
    @override
    def extra_state_attributes(self) -> Mapping[str, Any]:
        until = None if self._hours is None else self._hours.until
        return {"next_change": None if until is None else until.isoformat()}

    @override
    def _shows(self) -> Hashable:
        return self._hours

    @property
    def _hours(self) -> Hours | None:
        return self.coordinator.data.decision.tariffs.hours.get(self._identifier)


class TariffPercent(_TariffEntity, NumberEntity):
    """Show and change what a period leaves, which is a setting of its form as well."""

    @property
    @override
    def native_value(self) -> float | None:
        return None if self._period is None else self._period.percent

    @override
    async def async_set_native_value(self, value: float) -> None:
        entry = self.coordinator.config_entry
        item = entry.subentries[self._identifier]
        data = {**item.data, CONF_PERCENT: round(value)}
        self.hass.config_entries.async_update_subentry(entry, item, data=data)

    @override
    def _shows(self) -> Hashable:
        return self.native_value


class CurrentTariff(ShownSensor):
    """Show the period that counts now, by its name."""

    @property
    @override
    def native_value(self) -> str:
        period = self._tariff.period
        item = self.coordinator.config_entry.subentries.get(period or "")
        return NO_PERIOD if item is None else item.title

    @property
    @override
    def extra_state_attributes(self) -> Mapping[str, Any]:
        until = self._tariff.until
        return {
            "percent": self._tariff.percent,
            "next_change": None if until is None else until.isoformat(),
        }

    @override
    def _shows(self) -> Hashable:
        return self.native_value, self._tariff

    @property
    def _tariff(self) -> Tariff:
        return self.coordinator.data.decision.tariffs.site
