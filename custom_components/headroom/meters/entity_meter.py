"""A meter that another integration reads: its sensors become currents."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import chain
from typing import Final, NamedTuple, override

from ..engine.snapshot import MeterReading
from ..entity_state import EntityState, EntityStates, as_float
from ..listeners import Listeners
from ..modbus.faults import FaultLog
from .base import MeterData, MeterError, MeterImplausible, MeterLink, MeterUnreachable
from .measured import Mounting, Numbers, meter_data, plausible
from .models import CurrentSign, Kind

_LOGGER = logging.getLogger(__name__)

UNITS: Final[Mapping[Kind, Mapping[str, float]]] = {
    Kind.CURRENTS: {"A": 1.0, "mA": 1e-3},
    Kind.POWERS: {"W": 1.0, "kW": 1e3, "MW": 1e6},
    Kind.POWER: {"W": 1.0, "kW": 1e3, "MW": 1e6},
    Kind.VOLTAGES: {"V": 1.0, "mV": 1e-3, "kV": 1e3},
    Kind.ENERGY_IMPORT: {"Wh": 1.0, "kWh": 1e3, "MWh": 1e6},
    Kind.ENERGY_EXPORT: {"Wh": 1.0, "kWh": 1e3, "MWh": 1e6},
}
"""What one unit of a sensor is in A, W, V or Wh."""

_TELLING: Final = (Kind.CURRENTS, Kind.POWERS, Kind.POWER)
"""What tells currents, the best first; must be young."""

_SILENT: Final = 3
"""Missed polls that count as silence: sensors that are away have been given up by their owner."""


class _Sensed(NamedTuple):
    """What a sensor shows, in A, W, V or Wh."""

    number: float
    reported_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class EntityMeterConfig:
    """Which entities make a meter; one a phase from L1 on, or one for a quantity without phases."""

    entities: Mapping[Kind, tuple[str, ...]]
    given_back: Mapping[Kind, tuple[str, ...]] = field(default_factory=dict)
    """Sensors of powers that are given back, where those of `entities` never go below 0."""
    max_age: timedelta
    """A current or power that was reported longer ago is none."""
    sign: CurrentSign = CurrentSign.UNSIGNED
    mounting: Mounting = field(default_factory=Mounting)

    def __post_init__(self) -> None:
        """Check the sensors. Raises ValueError if they cannot make a meter."""
        if not any(kind in self.entities for kind in _TELLING):
            raise ValueError("nothing tells a current")
        for kind, entities in self.given_back.items():
            if len(entities) != len(self.entities.get(kind, ())):
                raise ValueError(f"{kind} given back has another number of sensors")

    @property
    def all_entities(self) -> tuple[str, ...]:
        """Return every entity in use."""
        return tuple(chain(*self.entities.values(), *self.given_back.values()))


class EntityMeter(MeterLink):
    """One meter made of entities; it hears of every report and reads nothing by itself."""

    patient = False
    """Sensors that are away have been given up by their owner."""

    def __init__(
        self,
        name: str,
        config: EntityMeterConfig,
        *,
        access: EntityStates,
        now: Callable[[], datetime],
    ) -> None:
        self._config = config
        self._access = access
        self._now = now
        self._faults = FaultLog(_LOGGER, f"Meter {name}")
        self._data: MeterData | None = None
        self._fault: MeterError | None = None
        self._listeners = Listeners()
        self._unsubscribe: Callable[[], None] | None = None
        self._stopped = False

    @property
    @override
    def data(self) -> MeterData | None:
        return self._data

    @property
    @override
    def missed(self) -> int:
        return 0 if self._fault is None else _SILENT

    @property
    @override
    def fault(self) -> MeterError | None:
        return self._fault

    @override
    def reading(self) -> MeterReading | None:
        self._look()
        data = self._data
        return None if data is None else data.reading(self.missed)

    @override
    def subscribe(self, listener: Callable[[], None]) -> Callable[[], None]:
        return self._listeners.subscribe(listener)

    @override
    def start(self) -> None:
        if self._unsubscribe is None and not self._stopped:
            self._unsubscribe = self._access.subscribe(self._config.all_entities, self._reported)
            self._look()

    @override
    async def poll(self) -> None:
        self._reported()

    @override
    async def stop(self) -> None:
        self._stopped = True
        if self._unsubscribe is not None:
            self._unsubscribe()
            self._unsubscribe = None

    def _reported(self) -> None:
        self._look()
        self._listeners.notify()

    def _look(self) -> None:
        try:
            self._data = measure(self._config, access=self._access, now=self._now())
        except MeterError as fault:
            self._fault = fault
            self._faults.begin(fault)
        else:
            self._fault = None
            self._faults.end()


def measure(config: EntityMeterConfig, *, access: EntityStates, now: datetime) -> MeterData:
    """Return what the sensors of a meter show. Raises MeterError."""
    return _Senses(config, access, now).data()


class _Senses:
    """The sensors of a meter at one moment."""

    def __init__(self, config: EntityMeterConfig, access: EntityStates, now: datetime) -> None:
        self._config = config
        self._access = access
        self._now = now

    def data(self) -> MeterData:
        """Return what the sensors show. Raises MeterError."""
        sensed = {kind: self._sense(kind) for kind in self._config.entities}
        basis = next(kind for kind in _TELLING if kind in sensed)
        moments = [one.reported_at for one in sensed[basis] if one is not None]
        if not moments:
            raise MeterUnreachable(f"no entity of its {basis} shows a value that is young enough")
        values = {kind: _numbers(ones) for kind, ones in sensed.items() if any(ones)}
        return meter_data(values, min(moments), self._config.sign, self._config.mounting)

    def _sense(self, kind: Kind) -> tuple[_Sensed | None, ...]:
        sensed = tuple(self._sense_one(kind, entity) for entity in self._config.entities[kind])
        given_back = self._config.given_back.get(kind)
        if given_back is None:
            return sensed
        return tuple(
            _difference(drawn, self._sense_one(kind, entity))
            for drawn, entity in zip(sensed, given_back, strict=True)
        )

    def _sense_one(self, kind: Kind, entity: str) -> _Sensed | None:
        state = self._access.state(entity)
        if state is None or (kind in _TELLING and self._is_old(state)):
            return None
        number, factor = as_float(state.value), UNITS[kind].get(state.unit or "")
        if number is None or factor is None:
            return None
        try:
            return _Sensed(plausible(kind, number * factor), state.reported_at)
        except MeterImplausible:
            return None

    def _is_old(self, state: EntityState) -> bool:
        return abs(self._now - state.reported_at) > self._config.max_age


def _difference(drawn: _Sensed | None, given_back: _Sensed | None) -> _Sensed | None:
    if drawn is None or given_back is None:
        return None
    moment = min(drawn.reported_at, given_back.reported_at)
    return _Sensed(drawn.number - given_back.number, moment)


def _numbers(sensed: tuple[_Sensed | None, ...]) -> Numbers:
    return tuple(None if one is None else one.number for one in sensed)
