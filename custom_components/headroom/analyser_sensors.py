"""Sensors with the figures of a building analyser (A2.9), for zones with a meter."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final, override

from homeassistant.components.sensor import SensorDeviceClass, SensorEntityDescription
from homeassistant.const import EntityCategory

from .analyser import DEFAULT_MARGIN, AnalyserStatus, Thresholds, ZoneAnalyser
from .const import CONF_ANALYSER_MARGIN
from .engine.currents import PHASES, PerPhase
from .engine.site.model import Zone
from .entity import ZoneEntity
from .sensor_base import ShownSensor, current

_HIDDEN: Final[dict[str, Any]] = {
    "entity_category": EntityCategory.DIAGNOSTIC,
    "entity_registry_enabled_default": False,
}


@dataclass(frozen=True, slots=True)
class Analysis:
    """What there is to show of a zone's other loads."""

    zone: Zone
    analyser: ZoneAnalyser
    margin: float
    """Percent."""


@dataclass(frozen=True, kw_only=True)
class AnalyserSensorDescription(SensorEntityDescription):
    """Describe a figure of one phase of a zone."""

    value_fn: Callable[[Analysis], float | None]


def _on(phase: int, values: PerPhase | None) -> float | None:
    return None if values is None else values[phase]


def _threshold(
    phase: int, read: Callable[[Thresholds], float]
) -> Callable[[Analysis], float | None]:
    def value(analysis: Analysis) -> float | None:
        thresholds = analysis.analyser.thresholds(phase, analysis.margin)
        return None if thresholds is None else read(thresholds)

    return value


def _figures(phase: int) -> Iterator[AnalyserSensorDescription]:
    """Yield the figures of a phase."""
    figures: dict[str, Callable[[Analysis], float | None]] = {
        "other_loads": lambda analysis: _on(phase, analysis.analyser.current),
        "other_loads_average": lambda analysis: _on(phase, analysis.analyser.average),
        "min_alarm": _threshold(phase, lambda thresholds: thresholds.min_alarm),
        "min_pre_alarm": _threshold(phase, lambda thresholds: thresholds.min_pre_alarm),
        "max_pre_alarm": _threshold(phase, lambda thresholds: thresholds.max_pre_alarm),
        "max_alarm": _threshold(phase, lambda thresholds: thresholds.max_alarm),
        "assumed_load": lambda analysis: _on(phase, analysis.zone.assumed_loads),
    }
    for key, value_fn in figures.items():
        name = f"{key}_l{phase + 1}"
        yield AnalyserSensorDescription(**current(name), **_HIDDEN, value_fn=value_fn)


ANALYSER_SENSORS: Final = tuple(figure for phase in PHASES for figure in _figures(phase))

ANALYSER_STATUS: Final = SensorEntityDescription(
    key="analyser_status",
    translation_key="analyser_status",
    device_class=SensorDeviceClass.ENUM,
    options=list(AnalyserStatus),
    **_HIDDEN,
)


class _AnalyserEntity(ZoneEntity, ShownSensor):
    """A sensor that looks at the other loads of its zone."""

    @property
    def _analysis(self) -> Analysis:
        item = self.coordinator.config_entry.subentries[self._zone]
        return Analysis(
            zone=self.coordinator.data.site.zone_by_id[self._zone],
            analyser=self.coordinator.analyser.zone(self._zone),
            margin=item.data.get(CONF_ANALYSER_MARGIN, DEFAULT_MARGIN),
        )


class AnalyserSensor(_AnalyserEntity):
    """Show a figure of one phase."""

    entity_description: AnalyserSensorDescription

    @property
    @override
    def native_value(self) -> float | None:
        return self.entity_description.value_fn(self._analysis)


class AnalyserStatusSensor(_AnalyserEntity):
    """Show whether the other loads are within their thresholds."""

    @property
    @override
    def native_value(self) -> str:
        return self._analysis.analyser.status(self._analysis.margin)
