"""A scenario's world with a plant: chargers and cars that follow the engine's setpoints."""

from collections import deque
from collections.abc import Mapping
from datetime import datetime, timedelta
from math import inf
from random import Random
from typing import Any, Final, override

from custom_components.headroom.engine.currents import PHASE_NAMES, PHASES, PerPhase
from custom_components.headroom.engine.decision import Decision, Setpoint
from custom_components.headroom.engine.site.degraded import OfflinePolicy
from custom_components.headroom.engine.site.model import Connector
from custom_components.headroom.engine.snapshot import (
    ConnectorReading,
    ConnectorStatus,
    MeterReading,
)

from .inputs import Inputs, MeterPoll
from .plant.ev import Car, CarState
from .plant.house import House
from .plant.outlet import Outlet
from .plant.park import CarPark
from .scenario import Event, LoadSpec, PlantSpec, Scenario

_SERVES_NOBODY_NEW: Final = frozenset({OfflinePolicy.KEEP, OfflinePolicy.CAP})


class LoopCharger:
    """A charger that accepts setpoints after a while and falls back when its lease ends."""

    def __init__(
        self, connector: Connector, zone: str, plant: PlantSpec, *, fallback: float
    ) -> None:
        self.outlet = Outlet(
            id=connector.id,
            zone=zone,
            wiring=connector.wiring,
            max_current=connector.max_current,
            limit=self._limit,
        )
        self.online = True
        self.per_phase = True
        self.can_toggle_pilot = False
        self._latency = timedelta(seconds=plant.latency)
        self._lease = timedelta(seconds=plant.lease)
        self._fallback = fallback
        self._offline = connector.offline
        self._served: Car | None = None
        """Car that had current while there was contact."""
        self._accepted = self._alone()
        self._accepted_at: datetime | None = None
        self._lease_until: datetime | None = None
        self._heard_at: datetime | None = None
        self._commands: deque[tuple[datetime, float]] = deque()
        self._sessions = 0
        self._car: Car | None = None
        self._energy_before = 0.0

    def happen(self, changes: Mapping[str, Any]) -> None:
        """Let an event happen to the charger."""
        self.online = changes.get("online", self.online)
        self.per_phase = changes.get("per_phase", self.per_phase)
        self.can_toggle_pilot = changes.get("can_toggle_pilot", self.can_toggle_pilot)

    def command(self, setpoint: Setpoint, now: datetime) -> None:
        """Send a setpoint; it is lost while there is no contact."""
        if not self.online:
            self._commands.clear()
            return
        self._commands.append((now + self._latency, setpoint.current))
        self._lease_until = now + self._lease
        self._take_commands(now)
        self._served = self.outlet.car if self._accepted else None
        if setpoint.toggle_pilot and self.can_toggle_pilot and self.outlet.car:
            self.outlet.car.interrupt_pilot()

    def reading(self, now: datetime) -> ConnectorReading:
        """Return what it says; without contact, what it said last."""
        self._take_commands(now)
        if self.online:
            self._heard_at = now
        session = self._session()
        return ConnectorReading(
            online=self.online,
            status=self._status(),
            drawn=self.outlet.terminals,
            drawn_at=self._heard_at,
            per_phase=self.per_phase,
            confirmed=self._accepted,
            confirmed_at=self._accepted_at,
            offered=self.outlet.offered,
            lease_until=self._lease_until,
            session=session,
            badge=None if self.outlet.car is None else self.outlet.car.model.badge,
            energy=None if session is None else self.outlet.energy - self._energy_before,
            can_toggle_pilot=self.can_toggle_pilot,
        )

    def _limit(self, now: datetime) -> float:
        self._take_commands(now)
        return self._accepted

    def _take_commands(self, now: datetime) -> None:
        while self._commands and self._commands[0][0] <= now:
            self._accept(self._commands.popleft()[1], now)
        if not self.online and self._lease_until is not None and now >= self._lease_until:
            self._accept(self._alone(), now)

    def _alone(self) -> float:
        """Return what it offers without contact, once its lease has ended."""
        if self._offline not in _SERVES_NOBODY_NEW:
            return self._fallback
        if self._served is None or self.outlet.car is not self._served:
            return 0.0
        keeps = self._offline is OfflinePolicy.KEEP
        return self._accepted if keeps else min(self._accepted, self._fallback)

    def _accept(self, current: float, now: datetime) -> None:
        if current != self._accepted:
            self._accepted = current
            self._accepted_at = now

    def _status(self) -> ConnectorStatus:
        if self.outlet.car is None:
            return ConnectorStatus.AVAILABLE
        if not self.outlet.offered:
            return ConnectorStatus.SUSPENDED_EVSE
        if self.outlet.car.state is CarState.CHARGING:
            return ConnectorStatus.CHARGING
        return ConnectorStatus.SUSPENDED_EV

    def _session(self) -> str | None:
        if self.outlet.car is not self._car:
            self._car = self.outlet.car
            self._sessions += self._car is not None
            self._energy_before = self.outlet.energy
        return f"{self.outlet.id}-{self._sessions}" if self._car else None


class PlantInputs(Inputs):
    """A world in which the plant of the file lives."""

    def __init__(self, scenario: Scenario, plant: PlantSpec) -> None:
        super().__init__(scenario)
        self._chargers = {
            connector.id: LoopCharger(
                connector,
                scenario.site.zone_of[connector.id],
                plant,
                fallback=scenario.site.fallback_of[connector.id],
            )
            for connector in scenario.site.connectors
        }
        random = Random(plant.seed)
        self._park = CarPark(
            zones={zone.id: zone.parent for zone in scenario.site.zones},
            outlets=[charger.outlet for charger in self._chargers.values()],
            start=scenario.start,
            houses={
                zone: _house(load, Random(random.getrandbits(64)))
                for zone, load in plant.loads.items()
            },
            visits=plant.visits,
        )
        self._polls = {meter.id: MeterPoll() for meter in scenario.site.meters}

    @override
    def happen_to_zone(self, event: Event) -> None:
        load = event.changes.get("load")
        if load:
            phase = PHASE_NAMES.index(load["phase"])
            self._park.houses[event.id].step(load["current"], phase, load["seconds"])

    @override
    def happen_to_connector(self, event: Event) -> None:
        self._chargers[event.id].happen(event.changes)

    @override
    def happen_to_meter(self, event: Event) -> None:
        self._polls[event.id].happen(event.changes)

    @override
    def meters(self, now: datetime) -> Mapping[str, MeterReading]:
        readings = {
            meter.id: self._polls[meter.id].read(self._park.currents(meter.zone), now)
            for meter in self.site.meters
        }
        return {key: reading for key, reading in readings.items() if reading}

    @override
    def connectors(self, now: datetime) -> Mapping[str, ConnectorReading]:
        return {key: charger.reading(now) for key, charger in self._chargers.items()}

    @override
    def follow(self, decision: Decision, now: datetime) -> None:
        for key, charger in self._chargers.items():
            charger.command(decision.setpoints[key], now)

    @override
    def advance(self, seconds: float) -> None:
        self._park.advance(seconds)

    @override
    def currents(self, decision: Decision) -> Mapping[str, PerPhase]:
        return {zone: self._park.currents(zone) for zone in self.site.zone_by_id}


def _house(load: LoadSpec, random: Random) -> House:
    house = House(random=random, appliances=load.appliances)
    for phase in PHASES:
        house.step(load.currents[phase], phase, inf)
    return house
