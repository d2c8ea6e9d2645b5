"""A tiny plant for controller tests: chargers that obey after a delay, cars that ramp."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from custom_components.headroom.engine.controller import SiteController
from custom_components.headroom.engine.currents import PerPhase
from custom_components.headroom.engine.decision import Decision
from custom_components.headroom.engine.inputs import Inputs
from custom_components.headroom.engine.known.power import NOMINAL_VOLTAGE
from custom_components.headroom.engine.memory.state import ControllerState
from custom_components.headroom.engine.site.degraded import OfflinePolicy
from custom_components.headroom.engine.site.model import (
    Charger,
    Connector,
    Meter,
    Site,
    Supply,
    Zone,
)
from custom_components.headroom.engine.site.wiring import Wiring
from custom_components.headroom.engine.snapshot import (
    ConnectorReading,
    ConnectorStatus,
    MeterReading,
    Snapshot,
)
from custom_components.headroom.engine.when.permit import SunMode
from custom_components.headroom.engine.when.planned import PlannedQuarter

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
_STARTS_AT = 6.0
"""A car draws nothing from an offer below this, in A."""


def charger(
    name: str, zone: str = "z", wiring: Wiring = Wiring.TRI123, **connector: object
) -> Charger:
    """Return a charger with one connector of the same id."""
    return Charger(id=name, zone=zone, connectors=(Connector(id=name, wiring=wiring, **connector),))  # type: ignore[arg-type] # any of its fields


def static_site(limit: float, chargers: Iterable[Charger]) -> Site:
    """Return a site of one static zone `z`."""
    return Site(zones=(Zone(id="z", limit=PerPhase.same(limit)),), chargers=tuple(chargers))


def dynamic_site(
    limit: float, chargers: Iterable[Charger], degraded: float = 0.0, **zone: object
) -> Site:
    """Return a site of one dynamic zone `z` with the meter `m`."""
    dynamic = Zone(
        id="z",
        limit=PerPhase.same(limit),
        supply=Supply.DYNAMIC,
        degraded=degraded,
        **zone,  # type: ignore[arg-type] # any of its fields
    )
    return Site(zones=(dynamic,), meters=(Meter(id="m", zone="z"),), chargers=tuple(chargers))


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
    sample: PerPhase = field(default_factory=PerPhase)
    """Last measured draw at the terminals."""
    sampled_at: datetime = START
    confirmed: float | None = 0.0
    confirmed_at: datetime = START
    lease_until: datetime | None = None
    booted_at: datetime | None = None
    fallback: float = 0.0
    free: bool = False
    """Its charger says that it took no fallback."""
    entrusted: float | None = None
    """Another fallback that it is told as soon as it is in contact."""
    lead: float = 0.0
    """A that it draws above what it is offered."""
    terminals: int = 3
    """So many of the outlet's terminals it uses."""
    phase_count: int | None = None
    """So many terminals its charger says that it uses."""
    per_phase: bool = False
    """Its charger measures each terminal."""
    silent: bool = False
    """Its charger measures nothing."""
    counts: bool = False
    """Its charger counts energy."""
    energy: float = 0.0
    """Wh"""
    session: str | None = None
    badge: str | None = None
    pending: list[tuple[datetime, float]] = field(default_factory=list)

    @property
    def phases(self) -> tuple[int, ...]:
        """Return the grid phases that it really uses."""
        return self.connector.wiring.phases[: self.terminals]

    @property
    def current(self) -> PerPhase:
        """Return what it draws from the grid."""
        return PerPhase.on(self.phases, self.drawn)

    @property
    def reach(self) -> float:
        """Return the most that it may draw by what its charger was told so far."""
        if not self.obeys or self.confirmed is None:
            return self.connector.max_current
        offers = (current for _, current in self.pending)
        return max(self.confirmed, self.drawn, *offers, 0.0 if self.online else self.fallback)

    def measure(self, now: datetime) -> None:
        """Take the sample that the next readings show."""
        used = len(self.phases)
        self.sample = PerPhase(*(self.drawn if n < used else 0.0 for n in range(3)))
        self.sampled_at = now

    def told(self, current: float, now: datetime) -> None:
        """Receive a setpoint."""
        newest = self.pending[-1][1] if self.pending else self.confirmed
        if self.online and self.obeys and current != newest:
            self.pending.append((now + timedelta(seconds=self.lag), current))
            if self.confirmed is not None and current > self.confirmed:
                self.confirmed, self.confirmed_at = current, now

    def switch_to(self, count: int) -> None:
        """Be told to use so many terminals from now on."""
        assert self.drawn == 0, "switched under load"
        self.terminals = count
        if self.phase_count is not None:
            self.phase_count = count

    def advance(self, now: datetime, seconds: float) -> None:
        """Let time pass: accept commands, move the draw towards what is offered."""
        if self.online and self.entrusted is not None:
            self.fallback = self.entrusted
        if self.lease_until is not None and now >= self.lease_until:
            self.confirmed = self.fallback
        while self.pending and self.pending[0][0] <= now:
            _, self.confirmed = self.pending.pop(0)
            self.confirmed_at = now
        offer = (self.confirmed or 0.0) if self.obeys else self.wants
        drawing = self.status is ConnectorStatus.CHARGING and offer >= _STARTS_AT
        goal = min(self.wants, offer) + self.lead if drawing else 0.0
        step = goal - self.drawn
        self.drawn += max(-6 * seconds, min(2 * seconds, step))
        power = self.drawn * NOMINAL_VOLTAGE * len(self.phases)
        self.energy += power * seconds / 3600

    def lose(self, now: datetime, lease: float = 60.0) -> None:
        """Lose contact; what was accepted holds until its lease ends, or for ever."""
        self.online = False
        self.pending.clear()
        keeps = self.connector.offline is OfflinePolicy.KEEP
        self.lease_until = None if keeps else now + timedelta(seconds=lease)

    def come_back(self) -> None:
        """Be in contact again."""
        self.online, self.lease_until = True, None

    def leave(self) -> None:
        """Drive away."""
        self.status, self.drawn, self.energy = ConnectorStatus.AVAILABLE, 0.0, 0.0
        self.session = self.badge = None

    def leap(self, by: timedelta) -> None:
        """Keep commands on their way although the clock is set; a lease lasts no longer."""
        self.pending = [(at + by, current) for at, current in self.pending]
        if self.lease_until is not None:
            self.lease_until = min(self.lease_until, self.lease_until + by)

    def reading(self) -> ConnectorReading:
        """Return what the charger says."""
        return ConnectorReading(
            online=self.online,
            status=self.status,
            drawn=None if self.silent else self.sample,
            drawn_at=None if self.silent else self.sampled_at,
            per_phase=self.per_phase,
            phase_count=self.phase_count,
            confirmed=self.confirmed,
            confirmed_at=self.confirmed_at,
            lease_until=self.lease_until,
            fallback_refused=self.free,
            booted_at=self.booted_at,
            session=self.session,
            badge=self.badge,
            energy=self.energy if self.counts else None,
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
        self.gone: dict[str, tuple[tuple[str, ...], Car]] = {}
        """Cars at connectors that the site does not have any more, and the zones above them."""
        self.metered = True
        self.lost: frozenset[int] = frozenset()
        """Phases that the meters do not show."""
        self.telemetry = 0.0
        """Seconds between two samples of a charger."""
        self.meter_period = 0.0
        """Seconds between two readings of the meters."""
        self.voltages: PerPhase | None = None
        self.metering: dict[str, MeterReading] = {}
        self.metered_house = PerPhase()
        """The house when the meters last looked."""
        self._metered_at = START - timedelta(days=1)
        self.paused: frozenset[str] = frozenset()
        self.zone_limits: dict[str, float] = {}
        self.connector_limits: dict[str, float] = {}
        self.inputs = Inputs()
        self.tariffs_off: frozenset[str] = frozenset()
        self.peak_targets: dict[str, float] = {}
        self.phase_counts: dict[str, int] = {}
        self.automatic_phases: frozenset[str] = frozenset()
        self.sun_modes: dict[str, SunMode] = {}
        self.forced: frozenset[str] = frozenset()
        self.off_peak: frozenset[str] = frozenset()
        self.plans: dict[str, PlannedQuarter] = {}
        self.battery_charge: float | None = None
        self.vip_badges: frozenset[str] = frozenset()
        self.decision = Decision(setpoints={}, zones={})
        self.store_every = 0.0
        """Least time in seconds between two writings of what a crash leaves."""
        self._store()
        self.seen = Snapshot(now=START)
        """What the last decision was made of."""
        self.history: list[tuple[datetime, PerPhase]] = []

    def true_current(self, zone: str | None = None) -> PerPhase:
        """Return what flows into the site, or into a zone; the house hangs on every metered one."""
        total = self.house if zone is None or self.site.zone_by_id[zone].is_dynamic else PerPhase()
        for zones, car in self.all_cars():
            if zone is None or zone in zones:
                total += car.current
        return total

    def all_cars(self) -> list[tuple[tuple[str, ...], Car]]:
        """Return every car that may draw with the zones above it, the lowest first."""
        zone_of = self.site.zone_of
        present = [
            (self.site.path(zone_of[key]) if key in zone_of else (), car)
            for key, car in self.cars.items()
        ]
        return [*present, *self.gone.values()]

    def snapshot(self) -> Snapshot:
        """Return what the controller gets to see."""
        return Snapshot(
            now=self.now,
            meters=dict(self.metering) if self.metered else {},
            connectors={key: car.reading() for key, car in self.cars.items()},
            zone_limits=self.zone_limits,
            connector_limits=self.connector_limits,
            inputs=self.inputs,
            tariffs_off=self.tariffs_off,
            peak_targets=self.peak_targets,
            paused=self.paused,
            phase_counts=self.phase_counts,
            automatic_phases=self.automatic_phases,
            sun_modes=self.sun_modes,
            forced=self.forced,
            off_peak=self.off_peak,
            plans=self.plans,
            lots=dict.fromkeys(self.cars, 0.5),
            battery_charge=self.battery_charge,
            vip_badges=self.vip_badges,
        )

    def run(self, seconds: float) -> Decision:
        """Step for some time and return the last decision."""
        for _ in range(round(seconds / self.tick)):
            self.now += timedelta(seconds=self.tick)
            self._advance()
            self._measure()
            self.seen = self.snapshot()
            self.decision = self.controller.step(self.seen)
            self._tell({key: s.current for key, s in self.decision.setpoints.items()})
            for key, setpoint in self.decision.setpoints.items():
                if setpoint.switch_to is not None:
                    self.cars[key].switch_to(setpoint.switch_to)
            self.history.append((self.now, self.true_current()))
        return self.decision

    def _tell(self, setpoints: Mapping[str, float]) -> None:
        """Tell the chargers; what is not stored yet is stored first."""
        is_more = any(current > self._known(key) for key, current in setpoints.items())
        if is_more and abs(self.now - self._stored_at) >= timedelta(seconds=self.store_every):
            self._store()
        for key, current in setpoints.items():
            self.cars[key].told(min(current, self._known(key)), self.now)

    def _known(self, key: str) -> float:
        return self._stored.setpoints.get(key, 0.0)

    def _store(self) -> None:
        self._stored = ControllerState.from_json(self.controller.state.to_json())
        self._stored_at = self.now

    def _advance(self) -> None:
        for _, car in self.all_cars():
            car.advance(self.now, self.tick)
            if abs(self.now - car.sampled_at) >= timedelta(seconds=self.telemetry):
                car.measure(self.now)

    def _measure(self) -> None:
        if abs(self.now - self._metered_at) < timedelta(seconds=self.meter_period):
            return
        self._metered_at, self.metered_house = self.now, self.house
        self.metering = {
            meter.id: MeterReading(
                currents=self.true_current(meter.zone).without(self.lost),
                lost=self.lost,
                at=self.now,
                voltages=self.voltages,
            )
            for meter in self.site.meters
        }

    def leap(self, seconds: float) -> None:
        """Set the clock."""
        by = timedelta(seconds=seconds)
        self.now += by
        for _, car in self.all_cars():
            car.leap(by)

    def restart(self, *, orderly: bool) -> dict[str, object]:
        """Start a new controller with what the old one has stored, and return that."""
        if orderly:
            self._tell(self.controller.stand_down(self.now))
            self._store()
        stored = self._stored.to_json()
        self.controller = SiteController(self.site, ControllerState.from_json(stored))
        return stored

    def restart_as_it_is(self) -> None:
        """Start a new controller with the state of the old one."""
        stored = ControllerState.from_json(self.controller.state.to_json())
        self.controller = SiteController(self.site, stored)
        self._store()

    def rebuild(self, site: Site, lease: float = 180.0) -> None:
        """Change the site; whoever is not in it any more goes on until the lease ends."""
        for key in self.cars.keys() - site.connector_by_id.keys():
            car = self.cars.pop(key)
            car.lose(self.now)
            car.lease_until, car.fallback = self.now + timedelta(seconds=lease), 0.0
            self.gone[key] = (self.site.path(self.site.zone_of[key]), car)
        for connector in site.connectors:
            if connector.id in self.cars:
                self.cars[connector.id].connector = connector
            else:
                _, car = self.gone.pop(connector.id, ((), Car(connector)))
                car.connector = connector
                self.cars[connector.id] = car
            self.cars[connector.id].entrusted = site.fallback_of[connector.id]
        self.site = site
        self.controller.reconfigure(site)

    def setpoints(self) -> dict[str, float]:
        """Return the currents of the last decision."""
        return {key: setpoint.current for key, setpoint in self.decision.setpoints.items()}
