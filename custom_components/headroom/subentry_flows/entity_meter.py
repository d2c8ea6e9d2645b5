"""The steps that describe a meter by the sensors of other integrations."""

from abc import abstractmethod
from collections.abc import Mapping
from functools import partial
from typing import Any, Final

import probatio
from homeassistant.config_entries import ConfigSubentry, SubentryFlowResult
from homeassistant.const import CONF_DEVICE_ID, Platform
from homeassistant.helpers.selector import (
    DeviceSelector,
    DeviceSelectorConfig,
    EntityFilterSelectorConfig,
)
from homeassistant.util import dt as dt_util

from ..const import CONF_FAMILY, CONF_MAX_AGE, FAMILY_ENTITIES, SUBENTRY_METER
from ..entity_access import HomeAssistantEntities
from ..meter_families import sensors_of
from ..meters.base import MeterData, MeterImplausible, MeterUnreachable
from ..meters.entity_meter import measure
from .entity_choice import chosen, entity_id_of, label_of, registered, with_entities
from .form import (
    Fields,
    Refusal,
    drafted,
    flat,
    kept_title,
    require_acceptable,
    show,
    zones,
)
from .meter_finder import proposed_sensors
from .part import PartSubentryFlow
from .sensor_fields import SENSORS, require_sensors, sensor_fields, telling_sensor

_DEVICE_FIELDS: Final[Fields] = {
    probatio.Optional(CONF_DEVICE_ID): DeviceSelector(
        DeviceSelectorConfig(
            entity=[
                EntityFilterSelectorConfig(domain=Platform.SENSOR, device_class=device_class)
                for device_class in ("current", "power")
            ]
        )
    )
}


class EntityMeterSteps(PartSubentryFlow):
    """The steps of a meter that Home Assistant knows already: its device, its sensors."""

    _proposed: Mapping[str, Any] | None = None

    @abstractmethod
    async def _async_confirm(self, draft: ConfigSubentry, reading: MeterData) -> SubentryFlowResult:
        """Show what the meter measures before it is saved."""

    async def async_step_entities(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask for the device whose sensors are to be proposed; none is an answer too."""
        if user_input is None:
            return show(self, "entities", _DEVICE_FIELDS, values=None, refusal=None)
        if (device_id := user_input.get(CONF_DEVICE_ID)) is not None:
            self._proposed = proposed_sensors(self.hass, device_id)
        return await self.async_step_entity_meter()

    async def async_step_entity_meter(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask for the sensors, the zone and how the meter is mounted."""
        offered = zones(self._site_entry)
        if not offered:
            return self.async_abort(reason="no_zones")
        values, refusal = self._stored_sensors() or self._proposed, None
        if user_input is not None:
            values = flat(user_input)
            try:
                draft = self._sensor_draft(chosen(values))
                reading = self._measured(draft.data)
            except Refusal as error:
                refusal = error
            else:
                return await self._async_confirm(draft, reading)
        return show(self, "entity_meter", sensor_fields(offered), values=values, refusal=refusal)

    def _stored_sensors(self) -> dict[str, Any] | None:
        """Return what is stored, with the entity ids of today for a person to read."""
        if self._edited is None:
            return None
        return with_entities(self._edited.data, SENSORS, partial(entity_id_of, self.hass))

    def _sensor_draft(self, values: Mapping[str, Any]) -> ConfigSubentry:
        """Return a meter of sensors. Raises Refusal if the site cannot have it."""
        require_sensors(self.hass, values)
        kept = with_entities(values, SENSORS, partial(registered, self.hass))
        data = {CONF_FAMILY: FAMILY_ENTITIES, **kept}
        unique_id = f"{SUBENTRY_METER}_entity_{telling_sensor(data)}"
        label = label_of(self.hass, telling_sensor(values))
        draft = drafted(
            self._edited,
            subentry_type=SUBENTRY_METER,
            title=kept_title(self._edited, unique_id) or label,
            unique_id=unique_id,
            data=data,
        )
        return require_acceptable(self._site_entry, draft, Refusal("sensors_taken"))

    def _measured(self, data: Mapping[str, Any]) -> MeterData:
        """Return what the sensors tell now. Raises Refusal if that is nothing."""
        access = HomeAssistantEntities(self.hass)
        try:
            return measure(sensors_of(data), access=access, now=dt_util.utcnow())
        except MeterUnreachable as error:
            raise Refusal("no_young_value", age=str(data[CONF_MAX_AGE])) from error
        except MeterImplausible as error:
            raise Refusal("implausible_sensors") from error
