"""What follows when a real meter fails, from its registers or sensors to the zone's budget."""

import logging
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random
from typing import Final, override

from custom_components.headroom.engine.controller import SiteController
from custom_components.headroom.engine.currents import PHASES, PerPhase
from custom_components.headroom.engine.decision import Decision, ReasonCode
from custom_components.headroom.engine.site.model import (
    Charger,
    Connector,
    Meter,
    Site,
    Supply,
    Zone,
)
from custom_components.headroom.engine.site.wiring import Wiring
from custom_components.headroom.engine.snapshot import ConnectorReading, ConnectorStatus, Snapshot
from custom_components.headroom.meters.quality.gate import QualityGate

from .rig import Fault, Rig, Shown

_SETTLED: Final = timedelta(seconds=65)
"""A car charges by then, and the next one comes soon."""
_LONGEST: Final = timedelta(minutes=10)
_HARMLESS: Final = timedelta(seconds=70)
"""What does not concern the zone is watched for so long."""
_TOLD: Final = timedelta(seconds=40)
"""By then people are told of all that concerns the zone at once."""
_NO_MATTER: Final = frozenset({Fault.SPIKE, Fault.KILOWATTS})
_STAY: Final = timedelta(seconds=60)
_SAMPLES: Final = timedelta(seconds=5)
_LOADS: Final = PerPhase(8.0, 9.0, 10.0)
_VOLTAGE: Final = 230.0
_ADOPTED: Final = Wiring.MONO1
"""Of the connector whose cars come and go."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What follows of a fault."""

    lost: tuple[int, ...]
    """Phases on which the zone is degraded."""
    reason: ReasonCode
    """First on the first of them, or on L2."""
    after: timedelta
    """Until the budget of all of them was that of a silent meter."""
    log: tuple[str, ...]


class _Car:
    """A connector whose car takes what it may, up to 16 A."""

    def __init__(self, wiring: Wiring, *, comes_and_goes: bool) -> None:
        self.wiring = wiring
        self._comes_and_goes = comes_and_goes
        self._setpoint = 0.0
        self.reading = ConnectorReading()

    @property
    def drawn(self) -> PerPhase:
        """Return what it draws at its terminals."""
        current = self._setpoint if self.reading.status is ConnectorStatus.CHARGING else 0.0
        return PerPhase.on(tuple(range(len(self.wiring.phases))), current)

    def command(self, setpoint: float, now: datetime, begun: datetime) -> None:
        """Take over a setpoint; measure when it is time."""
        self._setpoint = min(setpoint, 16.0)
        is_here = not self._comes_and_goes or int((now - begun) / _STAY) % 2 == 1
        charges = is_here and setpoint > 0
        waits = ConnectorStatus.SUSPENDED_EVSE if is_here else ConnectorStatus.AVAILABLE
        before = self.reading
        self.reading = ConnectorReading(
            online=True,
            status=ConnectorStatus.CHARGING if charges else waits,
            drawn=before.drawn,
            drawn_at=before.drawn_at,
            per_phase=True,
            confirmed=setpoint,
            confirmed_at=now if before.confirmed != setpoint else before.confirmed_at,
        )
        if before.drawn_at is None or now - before.drawn_at >= _SAMPLES:
            self.reading = replace(self.reading, drawn=self.drawn, drawn_at=now)


class _Lines(logging.Handler):
    """Keeps what is logged."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.lines: list[str] = []

    @override
    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())


class Building:
    """A zone of 63 A with a meter, a car that charges, and others that come and go."""

    def __init__(self, rig: Rig) -> None:
        self._rig = rig
        self._begun = rig.now
        self._cars = {
            "stays": _Car(Wiring.TRI123, comes_and_goes=False),
            "changes": _Car(_ADOPTED, comes_and_goes=True),
        }
        zone = Zone(id="z", limit=PerPhase.same(63.0), supply=Supply.DYNAMIC, degraded=6.0)
        self._site = Site(
            zones=(zone,),
            meters=(Meter(id="m", zone="z", max_age=rig.max_age),),
            chargers=tuple(
                Charger(id=key, zone="z", connectors=(Connector(id=key, wiring=car.wiring),))
                for key, car in self._cars.items()
            ),
        )
        self._controller = SiteController(self._site)
        self.gate = QualityGate()
        self._random = Random(1)

    async def live(self) -> Decision:
        """Let a period pass; return what is decided at its end."""
        self._rig.advance()
        await self._rig.show(self._shown())
        now = self._rig.now
        connectors = {key: car.reading for key, car in self._cars.items()}
        meters = self.gate.look({"m": self._rig.link}, connectors, self._site, now)
        decision = self._controller.step(Snapshot(now=now, meters=meters, connectors=connectors))
        for key, car in self._cars.items():
            car.command(decision.setpoints[key].current, now, self._begun)
        return decision

    def _shown(self) -> Shown:
        total = _LOADS
        for car in self._cars.values():
            total += car.wiring.to_grid(car.drawn)
        currents = PerPhase(*(current + self._random.gauss(0, 0.1) for current in total))
        return Shown(currents, PerPhase(*(current * _VOLTAGE for current in currents)))


async def outcome(rig: Rig, fault: Fault) -> Outcome:
    """Break a meter that has worked for a minute; return what follows."""
    building, logger, lines = Building(rig), logging.getLogger("custom_components"), _Lines()
    began = rig.now
    while rig.now - began < _SETTLED:
        decision = await building.live()
    assert not decision.zones["z"].degraded
    level = logger.level
    logger.addHandler(lines)
    logger.setLevel(logging.INFO)
    await rig.break_it(fault)
    began = rig.now
    longest = _HARMLESS if fault in _NO_MATTER else _LONGEST
    while rig.now - began < longest and not decision.zones["z"].degraded:
        decision = await building.live()
    after = rig.now - began
    while decision.zones["z"].degraded and rig.now - began < _TOLD and not lines.lines:
        await building.live()
    logger.removeHandler(lines)
    logger.setLevel(level)
    told = tuple(f"Meter {rig.name}: {incident}" for incident in building.gate.incidents("m"))
    log = tuple(map(rig.anonymous, lines.lines))
    return _outcome(decision, after, (*log, *told))


def _outcome(decision: Decision, after: timedelta, log: tuple[str, ...]) -> Outcome:
    first = [reasons[0].code for reasons in decision.zones["z"].reasons]
    bad = {ReasonCode.METER_SILENT, ReasonCode.PHASE_LOST}
    lost = tuple(phase for phase in PHASES if first[phase] in bad)
    return Outcome(lost=lost, reason=first[lost[0] if lost else 1], after=after, log=log)
