"""A house with chargers whose meter shows what a test wants."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import override

from custom_components.headroom.engine.currents import PerPhase
from custom_components.headroom.engine.site.model import (
    Charger,
    Connector,
    Meter,
    MeterRole,
    Site,
    Supply,
    Zone,
)
from custom_components.headroom.engine.site.wiring import Wiring
from custom_components.headroom.engine.snapshot import (
    ConnectorReading,
    ConnectorStatus,
    MeterReading,
)
from custom_components.headroom.listeners import Listeners
from custom_components.headroom.meters.base import MeterData, MeterError, MeterLink
from custom_components.headroom.meters.quality.gate import QualityGate
from custom_components.headroom.meters.quality.incident import Cause

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
VOLTAGE = 230.0
SAMPLES = 10
"""Seconds between the samples of a charger."""


class ShownMeter(MeterLink):
    """A meter that has read what it was given."""

    def __init__(self) -> None:
        self._data: MeterData | None = None
        self._missed = 0
        self._listeners = Listeners()

    def show(self, data: MeterData) -> None:
        self._data, self._missed = data, 0

    def miss(self) -> None:
        self._missed += 1

    @property
    @override
    def data(self) -> MeterData | None:
        return self._data

    @property
    @override
    def missed(self) -> int:
        return self._missed

    @property
    @override
    def fault(self) -> MeterError | None:
        return None

    @override
    def reading(self) -> MeterReading | None:
        return None if self._data is None else self._data.reading(self._missed)

    @override
    def subscribe(self, listener: Callable[[], None]) -> Callable[[], None]:
        return self._listeners.subscribe(listener)

    @override
    def start(self) -> None:
        """Do nothing: it is shown what it reads."""

    @override
    async def poll(self) -> None:
        """Do nothing."""

    @override
    async def stop(self) -> None:
        """Do nothing."""


class House:
    """A supply of 25 A with a meter, other loads, and one charger for each wiring."""

    def __init__(
        self,
        *wirings: Wiring,
        limit: PerPhase | None = None,
        role: MeterRole = MeterRole.SUPPLY,
        max_age: timedelta = timedelta(seconds=5),
    ) -> None:
        self.site = Site(
            zones=(Zone(id="house", limit=limit or PerPhase.same(25.0), supply=Supply.DYNAMIC),),
            meters=(Meter(id="meter", zone="house", role=role, max_age=max_age),),
            chargers=tuple(
                Charger(
                    id=f"charger{n}", zone="house", connectors=(Connector(id=f"c{n}", wiring=w),)
                )
                for n, w in enumerate(wirings)
            ),
        )
        self.gate = QualityGate()
        self.meter = ShownMeter()
        self.now = START
        self.loads = PerPhase(4.0, 5.0, 6.0)
        self.noise = 0.2
        self.random = Random(1)
        self.drawn = {key: PerPhase() for key in self.site.connector_by_id}
        """By each car at its charger's terminals."""
        self.readings = dict.fromkeys(self.drawn, ConnectorReading())
        self.told: Callable[[ConnectorReading], ConnectorReading] = lambda reading: reading
        """What chargers say of what they measure."""
        self.shown: Callable[[PerPhase], PerPhase] = lambda currents: currents
        """What the meter makes of the true currents."""
        self.dress: Callable[[MeterData], MeterData] = lambda data: data
        """What else it shows."""
        self.sample()

    @property
    def true(self) -> PerPhase:
        """Return what flows, but for noise."""
        total = self.loads
        for key, drawn in self.drawn.items():
            total += self.site.connector_by_id[key].wiring.to_grid(drawn)
        return total

    def draw(self, current: float, connector: str = "c0") -> None:
        """Let a car draw the same at all terminals."""
        terminals = range(len(self.site.connector_by_id[connector].wiring.phases))
        self.drawn[connector] = PerPhase.on(tuple(terminals), current)
        status = ConnectorStatus.CHARGING if current else ConnectorStatus.AVAILABLE
        self.readings[connector] = replace(self.readings[connector], status=status)

    def sample(self) -> None:
        """Let all chargers measure."""
        for key, drawn in self.drawn.items():
            charges = drawn.largest() > 0
            reading = ConnectorReading(
                online=True,
                status=ConnectorStatus.CHARGING if charges else ConnectorStatus.AVAILABLE,
                drawn=drawn,
                drawn_at=self.now,
                per_phase=True,
            )
            self.readings[key] = self.told(reading)

    def read(self) -> MeterReading | None:
        """Let the meter be read, and return what passes the gate."""
        self.meter.show(self.data())
        return self.pass_gate()

    def data(self) -> MeterData:
        """Return what the meter shows."""
        true = self.shown(self.true)
        currents = PerPhase(*(round(c + self.random.gauss(0.0, self.noise), 2) for c in true))
        powers = PerPhase(*(current * VOLTAGE for current in currents))
        return self.dress(MeterData(at=self.now, currents=currents, powers=powers))

    def pass_gate(self) -> MeterReading | None:
        """Return what passes the gate now."""
        gate = self.gate
        return gate.look({"meter": self.meter}, self.readings, self.site, self.now).get("meter")

    def go_on(self, seconds: int = 1, every: int = 1) -> MeterReading:
        """Let time pass, with samples of chargers when they are due, and readings of the meter."""
        for _ in range(seconds):
            self.now += SECOND
            second = int((self.now - START) / SECOND)
            if second % SAMPLES == 0:
                self.sample()
            data = self.data()
            if second % every == 0:
                self.meter.show(data)
            reading = self.pass_gate()
        assert reading is not None
        return reading

    def charge(self, *steps: float, connector: str = "c0", every: int = 1) -> MeterReading:
        """Let a car draw one current after the other, each for a while, and leave."""
        for current in (*steps, 0.0):
            self.draw(current, connector)
            reading = self.go_on(50, every)
        return reading

    @property
    def causes(self) -> dict[Cause, tuple[int, ...]]:
        """Return what is wrong on which phases."""
        return {incident.cause: incident.phases for incident in self.gate.incidents("meter")}

    def without(self, *phases: int) -> Callable[[MeterData], MeterData]:
        """Return a way to show no current on some phases."""
        lost = frozenset(phases)
        return lambda data: replace(
            data, currents=data.currents.without(lost), lost=lost, powers=None
        )
