"""Sensors that say what binds a setpoint or a budget."""

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, Final, override

from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntity,
    SensorEntityDescription,
)
from homeassistant.helpers.typing import StateType

from .decision_text import state_of
from .engine.decision import Reason, ReasonCode
from .entity import ConnectorEntity, HeadroomEntity, ZoneEntity
from .explanation import explain_reason


def _description(key: str) -> SensorEntityDescription:
    return SensorEntityDescription(
        key=key,
        translation_key=key,
        device_class=SensorDeviceClass.ENUM,
        options=[state_of(code) for code in ReasonCode],
    )


SETPOINT_REASON: Final = _description("setpoint_reason")
BUDGET_REASON: Final = _description("budget_reason")


class _ReasonSensor(HeadroomEntity, SensorEntity):
    """A sensor that shows the first of its reasons; attributes have a sentence, and all of them."""

    _unrecorded_attributes = frozenset({"explanation", "reasons"})

    @property
    @abstractmethod
    def _reasons(self) -> tuple[Reason, ...]:
        """Return the reasons, the one that binds first."""

    @property
    @override
    def native_value(self) -> StateType:
        return state_of(self._reasons[0].code) if self._reasons else None

    @property
    @override
    def extra_state_attributes(self) -> Mapping[str, Any]:
        reasons = self._explain(self._reasons)
        first = (explain_reason(self.hass, reason, waits=self._waits) for reason in reasons)
        return {"explanation": next(first, None), "reasons": reasons}

    @property
    def _waits(self) -> bool:
        """Return whether nothing flows until the first reason ends."""
        return False

    @override
    def _shows(self) -> object:
        return (self.native_value, self.extra_state_attributes)


class ZoneReasonSensor(ZoneEntity, _ReasonSensor):
    """Show what binds the budgets of the phases that a zone has, the smallest first."""

    @property
    @override
    def _reasons(self) -> tuple[Reason, ...]:
        zone = self._state_of_zone
        supplied = self.coordinator.data.site.zone_by_id[self._zone].phases
        tightest_first = sorted(supplied, key=zone.budget.__getitem__)
        return tuple(reason for phase in tightest_first for reason in zone.reasons[phase])


class SetpointReasonSensor(ConnectorEntity, _ReasonSensor):
    """Show why a connector's setpoint is what it is."""

    @property
    @override
    def available(self) -> bool:
        """Stay available while contact is lost: that is a reason too."""
        return self._setpoint is not None

    @property
    @override
    def _reasons(self) -> tuple[Reason, ...]:
        return () if self._setpoint is None else self._setpoint.reasons

    @property
    @override
    def _waits(self) -> bool:
        return self._setpoint is not None and self._setpoint.current == 0
