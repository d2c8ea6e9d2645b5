"""A simulated car park and a real Headroom in one closed loop over sockets, stepped by hand."""

from collections.abc import AsyncGenerator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Self
from unittest.mock import patch

from homeassistant.config_entries import ConfigSubentryData
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

from custom_components.headroom.coordinator import SiteCoordinator
from custom_components.headroom.engine.currents import PerPhase
from custom_components.headroom.engine.decision import ReasonCode
from custom_components.headroom.meters.modbus_meter import ModbusMeter
from simulator.assembly import Simulation, build
from simulator.plant.ev import CarModel
from simulator.site_file import load_site, outlet_id
from tests.config_flow.site import CONNECTOR, charger, part, zone

from .conftest import set_up, site_entry

TICK = 0.5
START = datetime(2026, 6, 1, 10, tzinfo=UTC)
NO_OVERLOAD = 0.05
"""A that may be above a limit without counting: less than a meter shows."""


def subentries(simulation: Simulation) -> Iterator[ConfigSubentryData]:
    """Yield the subentries that describe a simulated site."""
    metered = {meter.zone for meter in simulation.site.meters}
    for spec in simulation.site.zones:
        supply = "dynamic" if spec.id in metered else "static"
        extra = {"parent": spec.parent} if spec.parent else {}
        yield zone(spec.id, spec.id, limit=spec.limit, supply=supply, **extra)
    for meter, server in zip(simulation.site.meters, simulation.servers, strict=True):
        data = {
            "zone": meter.zone,
            "model": meter.model,
            "host": "127.0.0.1",
            "port": server.port,
            "unit": meter.unit,
            "period": 500,
        }
        yield part(meter.id, "meter", meter.id, f"meter_{meter.id}", data)
    for station in simulation.site.stations:
        connectors = [
            CONNECTOR | {"wiring": connector.wiring.value, "max_current": connector.max_current}
            for connector in station.connectors
        ]
        yield charger(station.id, station.id, station.zone, *connectors)


@dataclass(slots=True)
class Loop:
    """Steps plant, stations, meters and Home Assistant together, half a second at a time."""

    hass: HomeAssistant
    simulation: Simulation
    site: SiteCoordinator
    over: dict[str, float] = field(default_factory=dict)
    """Seconds that each zone has been above its limit without a break."""
    longest: dict[str, float] = field(default_factory=dict)
    """The longest time that each zone was above its limit."""

    @classmethod
    @asynccontextmanager
    async def running(cls, hass: HomeAssistant, file: Path, port: int) -> AsyncGenerator[Self]:
        """Start everything; nothing moves until it is stepped."""
        simulation = build(load_site(file), seed=1, start=START, day_start=36_000, speed=1)
        async with AsyncExitStack() as stack:
            # Headroom sees the plant's time; the timers of its sockets run in real time.
            stack.enter_context(patch.object(dt_util, "utcnow", lambda: simulation.park.now))
            for server in simulation.servers:
                await server.start()
                stack.push_async_callback(server.stop)
            for station in simulation.stations.values():
                stack.push_async_callback(station.disconnect)
            # The test polls the meters itself, so that every run sees the same readings.
            stack.enter_context(patch.object(ModbusMeter, "start"))
            entry = site_entry(subentries(simulation), port)
            site = await set_up(hass, entry)
            stack.push_async_callback(hass.config_entries.async_unload, entry.entry_id)
            loop = cls(hass, simulation, site)
            for name in simulation.stations:
                await loop.connect(name)
            yield loop

    async def connect(self, station: str) -> None:
        """Let a station dial in."""
        await self.simulation.stations[station].connect(f"ws://127.0.0.1:{self.site.central.port}")

    async def run(self, seconds: float) -> None:
        """Let time pass for everybody."""
        for _ in range(round(seconds / TICK)):
            self.simulation.park.advance(TICK)
            for station in self.simulation.stations.values():
                await station.report()
            for meter in self.site.equipment.meters.values():
                await meter.poll()
            self.site._tick(self.simulation.park.now)
            await self.hass.async_block_till_done()
            for link in self.site.equipment.chargers.values():
                await link.settled()
            self._watch()

    def _watch(self) -> None:
        for spec in self.simulation.site.zones:
            above = max(self.simulation.park.currents(spec.id)) - spec.limit > NO_OVERLOAD
            self.over[spec.id] = self.over.get(spec.id, 0.0) + TICK if above else 0.0
            self.longest[spec.id] = max(self.longest.get(spec.id, 0.0), self.over[spec.id])

    def arrive(self, station: str, **car: float) -> None:
        """Plug a car in."""
        self.simulation.park.arrive(outlet_id(station, 1), CarModel(**car))  # type: ignore[arg-type]

    def leave(self, station: str) -> None:
        """Unplug a car."""
        assert self.simulation.park.leave(outlet_id(station, 1))

    def step_house(self, amps: float, seconds: float) -> None:
        """Load every phase of the building for some time."""
        for phase in range(3):
            self.simulation.park.houses["building"].step(amps, phase, seconds)

    def true(self, zone_id: str) -> PerPhase:
        """Return what really flows into a zone."""
        return self.simulation.park.currents(zone_id)

    def setpoint(self, station: str) -> float:
        """Return what a station's connector is allowed."""
        return self.site.data.decision.setpoints[f"{station}:1"].current

    def reasons(self, station: str) -> list[ReasonCode]:
        """Return why a station's setpoint is what it is."""
        return [r.code for r in self.site.data.decision.setpoints[f"{station}:1"].reasons]
