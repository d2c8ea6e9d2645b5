"""A tiny plant for controller tests: chargers that obey after a delay, cars that ramp."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from custom_components.headroom.engine.controller import SiteController
from custom_components.headroom.engine.currents import PerPhase
from custom_components.headroom.engine.decision import Decision
from custom_components.headroom.engine.model import Charger, Connector, Meter, Site, Supply, Zone
from custom_components.headroom.engine.snapshot import (
    ConnectorReading,
    ConnectorStatus,
    MeterReading,
    Snapshot,
)
from custom_components.headroom.engine.wiring import Wiring

START = datetime(2026, 3, 1, 12, tzinfo=UTC)


def charger(
    name: str, zone: str = "z", wiring: Wiring = Wiring.TRI123, **connector: float
) -> Charger:
    """Return a charger with one connector of the same id."""
    return Charger(id=name, zone=zone, connectors=(Connector(id=name, wiring=wiring, **connector),))


def static_site(limit: float, chargers: Iterable[Charger]) -> Site:
    """Return a site of one static zone `z`."""
    return Site(zones=(Zone(id="z", limit=PerPhase.same(limit)),), chargers=tuple(chargers))


def dynamic_site(limit: float, chargers: Iterable[Charger], degraded: float = 0.0) -> Site:
    """Return a site of one dynamic zone `z` with the meter `m`."""
    zone = Zone(id="z", limit=PerPhase.same(limit), supply=Supply.DYNAMIC, degraded=degraded)
    return Site(zones=(zone,), meters=(Meter(id="m", zone="z"),), chargers=tuple(chargers))


@dataclass(slots=True)
class Car:
    """A connector with a car: confirms after `lag` seconds, ramps, and says what it draws."""

    connector: Connector
    wants: float = 32.0
    status: ConnectorStatus = ConnectorStatus.CHARGING
    online: bool = True
    obeys: bool = True
    lag: float = 1.0
    drawn: float = 0.0
    sample: float = 0.0
    sampled_at: datetime = START
    confirmed: float | None = 0.0
    confirmed_at: datetime = START
    lease_until: datetime | None = None
    fallback: float = 0.0
    lead: float = 0.0
    """A that it draws above what it is offered."""
    pending: list[tuple[datetime, float]] = field(default_factory=list)

    def measure(self, now: datetime) -> None:
        """Take the sample that the next readings show."""
        self.sample, self.sampled_at = self.drawn, now

    def told(self, current: float, now: datetime) -> None:
        """Receive a setpoint."""
        newest = self.pending[-1][1] if self.pending else self.confirmed
        if self.online and self.obeys and current != newest:
            self.pending.append((now + timedelta(seconds=self.lag), current))
            if self.confirmed is not None and current > self.confirmed:
                self.confirmed, self.confirmed_at = current, now

    def advance(self, now: datetime, seconds: float) -> None:
        """Let time pass: accept commands, move the draw towards what is offered."""
        if self.lease_until is not None and now >= self.lease_until:
            self.confirmed = self.fallback
        while self.pending and self.pending[0][0] <= now:
            _, self.confirmed = self.pending.pop(0)
            self.confirmed_at = now
        offer = (self.confirmed or 0.0) if self.obeys else self.wants
        drawing = self.status is ConnectorStatus.CHARGING and offer >= 6
        goal = min(self.wants, offer) + self.lead if drawing else 0.0
        step = goal - self.drawn
        self.drawn += max(-6 * seconds, min(2 * seconds, step))

    def lose(self, now: datetime, lease: float = 60.0) -> None:
        """Lose contact; what was accepted holds until its lease ends."""
        self.online = False
        self.pending.clear()
        self.lease_until = now + timedelta(seconds=lease)

    def come_back(self) -> None:
        """Be in contact again."""
        self.online, self.lease_until = True, None

    def reading(self, now: datetime) -> ConnectorReading:
        """Return what the charger says."""
        draw = self.sample
        terminals = PerPhase(
            *(draw if n < len(self.connector.wiring.phases) else 0.0 for n in range(3))
        )
        return ConnectorReading(
            online=self.online,
            status=self.status,
            drawn=terminals,
            drawn_at=self.sampled_at,
            confirmed=self.confirmed,
            confirmed_at=self.confirmed_at,
            lease_until=self.lease_until,
        )


class Plant:
    """A site with its cars, stepped together with its controller."""

    def __init__(self, site: Site, house: float = 0.0, tick: float = 0.5) -> None:
        """Start with a car that wants 32 A on every connector."""
        self.site = site
        self.controller = SiteController(site)
        self.now = START
        self.tick = tick
        self.house = PerPhase.same(house)
        self.cars = {c.id: Car(c, fallback=site.fallback_of[c.id]) for c in site.connectors}
        self.metered = True
        self.telemetry = 0.0
        """Seconds between two samples of a charger."""
        self.meter_period = 0.0
        """Seconds between two readings of the meters."""
        self.metering = MeterReading(currents=PerPhase(), at=START - timedelta(days=1))
        self.paused: frozenset[str] = frozenset()
        self.zone_limits: dict[str, float] = {}
        self.connector_limits: dict[str, float] = {}
        self.decision = Decision(setpoints={}, zones={})
        self.history: list[tuple[datetime, PerPhase]] = []

    def true_current(self) -> PerPhase:
        """Return what flows into the site."""
        total = self.house
        for car in self.cars.values():
            total += PerPhase.on(car.connector.wiring.phases, car.drawn)
        return total

    def snapshot(self) -> Snapshot:
        """Return what the controller gets to see."""
        meters = {}
        if self.metered:
            meters = {meter.id: self.metering for meter in self.site.meters}
        return Snapshot(
            now=self.now,
            meters=meters,
            connectors={key: car.reading(self.now) for key, car in self.cars.items()},
            zone_limits=self.zone_limits,
            connector_limits=self.connector_limits,
            paused=self.paused,
        )

    def run(self, seconds: float) -> Decision:
        """Step for some time and return the last decision."""
        for _ in range(round(seconds / self.tick)):
            self.now += timedelta(seconds=self.tick)
            for car in self.cars.values():
                car.advance(self.now, self.tick)
                if self.now - car.sampled_at >= timedelta(seconds=self.telemetry):
                    car.measure(self.now)
            if self.now - self.metering.at >= timedelta(seconds=self.meter_period):
                self.metering = MeterReading(currents=self.true_current(), at=self.now)
            self.decision = self.controller.step(self.snapshot())
            for key, setpoint in self.decision.setpoints.items():
                self.cars[key].told(setpoint.current, self.now)
            self.history.append((self.now, self.true_current()))
        return self.decision

    def setpoints(self) -> dict[str, float]:
        """Return the currents of the last decision."""
        return {key: setpoint.current for key, setpoint in self.decision.setpoints.items()}
