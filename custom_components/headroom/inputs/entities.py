"""Entities of a site's inputs: load shedding, the external enable and digital inputs."""

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, override

from homeassistant.components.binary_sensor import (
    BinarySensorEntity,
    BinarySensorEntityDescription,
)
from homeassistant.components.number import NumberDeviceClass, NumberEntity, NumberEntityDescription
from homeassistant.components.switch import SwitchEntity, SwitchEntityDescription
from homeassistant.const import PERCENTAGE, EntityCategory, UnitOfElectricCurrent
from homeassistant.core import callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.util import dt as dt_util

from ..const import CONF_INPUTS
from ..coordinator import SiteCoordinator
from ..engine.inputs import Ask
from ..entity import HeadroomEntity
from ..subentry_flows.connector import HIGHEST_CURRENT
from .settings import (
    CURRENT,
    DIGITAL_INPUTS,
    ENABLED,
    EXTERNAL_ENABLE,
    HIGHEST_PERCENT,
    LOAD_SHEDDING,
    NAME,
    PERCENT,
    contact_of,
    field_of,
    set_up,
    shed_to,
    stored_inputs,
)


@dataclass(frozen=True, kw_only=True)
class ContactDescription(BinarySensorEntityDescription):
    """Describe the state of an input."""

    input: str


@dataclass(frozen=True, kw_only=True)
class InputSwitchDescription(SwitchEntityDescription):
    """Describe the switch that takes an input into use."""

    input: str


@dataclass(frozen=True, kw_only=True)
class InputNumberDescription(NumberEntityDescription):
    """Describe the part that an input leaves."""

    input: str


type InputDescription = ContactDescription | InputSwitchDescription | InputNumberDescription

LOAD_SHED: Final = BinarySensorEntityDescription(
    key="load_shedding", translation_key="load_shedding"
)
SHED_LOAD: Final = SwitchEntityDescription(key="load_shedding", translation_key="load_shedding")
SHED_TO: Final = NumberEntityDescription(
    key="load_shedding_current",
    translation_key="load_shedding_current",
    device_class=NumberDeviceClass.CURRENT,
    entity_category=EntityCategory.CONFIG,
    native_unit_of_measurement=UnitOfElectricCurrent.AMPERE,
    native_min_value=0,
    native_max_value=HIGHEST_CURRENT,
    native_step=0.5,
)
CONTACTS: Final = (
    ContactDescription(key=EXTERNAL_ENABLE, translation_key=EXTERNAL_ENABLE, input=EXTERNAL_ENABLE),
    *(
        ContactDescription(key=f"{name}_active", translation_key=f"{name}_active", input=name)
        for name in DIGITAL_INPUTS
    ),
)
INPUT_SWITCHES: Final = tuple(
    InputSwitchDescription(
        key=name, translation_key=name, entity_category=EntityCategory.CONFIG, input=name
    )
    for name in DIGITAL_INPUTS
)
INPUT_PERCENTS: Final = tuple(
    InputNumberDescription(
        key=f"{name}_percent",
        translation_key=f"{name}_percent",
        entity_category=EntityCategory.CONFIG,
        native_unit_of_measurement=PERCENTAGE,
        native_min_value=0,
        native_max_value=HIGHEST_PERCENT,
        native_step=1,
        input=name,
    )
    for name in DIGITAL_INPUTS
)


def follow_inputs[DescriptionT: InputDescription](
    coordinator: SiteCoordinator,
    async_add_entities: AddConfigEntryEntitiesCallback,
    descriptions: Iterable[DescriptionT],
    make: Callable[[SiteCoordinator, str, DescriptionT], HeadroomEntity],
) -> None:
    """Add the entities of each input as soon as it is set up."""
    entry = coordinator.config_entry
    waiting = list(descriptions)

    @callback
    def follow() -> None:
        known = set_up(stored_inputs(entry.options))
        if new := [one for one in waiting if one.input in known]:
            waiting[:] = [one for one in waiting if one not in new]
            async_add_entities([make(coordinator, entry.entry_id, one) for one in new])

    follow()
    entry.async_on_unload(coordinator.async_add_listener(follow))


class _SiteInputEntity(HeadroomEntity):
    """An entity that has to do with the inputs of a site."""

    @property
    def _stored(self) -> Mapping[str, Any]:
        return stored_inputs(self.coordinator.config_entry.options)

    def _store(self, field: str, value: object) -> None:
        """Change what the form of the inputs shows as well; whoever listens applies it."""
        entry = self.coordinator.config_entry
        options = {**entry.options, CONF_INPUTS: {**self._stored, field: value}}
        self.hass.config_entries.async_update_entry(entry, options=options)


class LoadShed(_SiteInputEntity, BinarySensorEntity):
    """Tell that load is shed, whoever wants it."""

    @property
    @override
    def is_on(self) -> bool:
        return self._ask is not None

    @property
    @override
    def extra_state_attributes(self) -> Mapping[str, Any]:
        ask = self._ask
        until = None if ask is None else ask.until
        return {
            "current": None if ask is None else ask.most,
            "until": None if until is None else until.isoformat(),
        }

    @override
    def _shows(self) -> Hashable:
        return self._ask

    @property
    def _ask(self) -> Ask | None:
        return self.coordinator.snapshots.asked(dt_util.utcnow()).shedding


class ShedLoad(_SiteInputEntity, SwitchEntity):
    """Shed load by hand; off ends what an action has asked for as well."""

    @property
    @override
    def is_on(self) -> bool:
        return self.coordinator.snapshots.load_shedding.is_ordered(dt_util.utcnow())

    @override
    async def async_turn_on(self, **kwargs: Any) -> None:
        self.coordinator.snapshots.load_shedding.switched_on = True
        self.coordinator.async_wishes_changed()

    @override
    async def async_turn_off(self, **kwargs: Any) -> None:
        self.coordinator.snapshots.load_shedding.end()
        self.coordinator.async_wishes_changed()

    @override
    def _shows(self) -> Hashable:
        return self.is_on


class ShedTo(_SiteInputEntity, NumberEntity):
    """Show and change what each connector may draw while load is shed."""

    @property
    @override
    def native_value(self) -> float:
        return shed_to(self._stored)

    @override
    async def async_set_native_value(self, value: float) -> None:
        self._store(field_of(LOAD_SHEDDING, CURRENT), value)

    @override
    def _shows(self) -> Hashable:
        return self.native_value


class _InputEntity(_SiteInputEntity):
    """An entity of one input."""

    entity_description: InputDescription

    @property
    @override
    def available(self) -> bool:
        return self._input in set_up(self._stored)

    @property
    def _input(self) -> str:
        return self.entity_description.input


class ContactState(_InputEntity, BinarySensorEntity):
    """Tell whether an input is active, be it in use or not."""

    entity_description: ContactDescription

    @property
    @override
    def is_on(self) -> bool | None:
        contact = contact_of(self._stored, self._input)
        return None if contact is None else self.coordinator.snapshots.inputs.shows(contact)

    @property
    @override
    def extra_state_attributes(self) -> Mapping[str, Any]:
        return {"input": self._stored.get(field_of(self._input, NAME))}

    @override
    def _shows(self) -> Hashable:
        return self.is_on, self._stored.get(field_of(self._input, NAME))


class InputSwitch(_InputEntity, SwitchEntity):
    """Take a digital input into use, or out of it."""

    entity_description: InputSwitchDescription

    @property
    @override
    def is_on(self) -> bool:
        return bool(self._stored.get(field_of(self._input, ENABLED)))

    @override
    async def async_turn_on(self, **kwargs: Any) -> None:
        self._store(field_of(self._input, ENABLED), value=True)

    @override
    async def async_turn_off(self, **kwargs: Any) -> None:
        self._store(field_of(self._input, ENABLED), value=False)

    @override
    def _shows(self) -> Hashable:
        return self.is_on


class InputPercent(_InputEntity, NumberEntity):
    """Show and change what a digital input leaves."""

    entity_description: InputNumberDescription

    @property
    @override
    def native_value(self) -> float | None:
        return self._stored.get(field_of(self._input, PERCENT))

    @override
    async def async_set_native_value(self, value: float) -> None:
        self._store(field_of(self._input, PERCENT), round(value))

    @override
    def _shows(self) -> Hashable:
        return self.native_value
