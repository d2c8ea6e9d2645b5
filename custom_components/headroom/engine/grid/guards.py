"""What a site's own meters lead to: the guards of its import, joined with what others ask for."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from ..currents import PHASES, PerPhase
from ..inputs import ZoneLimit
from ..known.limits import heard
from ..known.power import NOMINAL_VOLTAGE, voltage_or_nominal
from ..site.model import Site
from ..snapshot import MeterReading, Snapshot
from .excursion import SchemeMemory
from .memory import GuardMemory
from .peak import LONGEST_GAP, PeakMemory, guard
from .standing import GuardView, PeakView, SchemeState


class Guards:
    """Guards the zones of one site that rules name."""

    def __init__(self, site: Site, memory: GuardMemory) -> None:
        self._site = site
        self._memory = memory
        self._zones_of = {key: site.path(own) for key, own in site.zone_of.items()}
        self._meters = {zone: site.meter_of(zone) for zone in site.zone_by_id}

    def worked_in(self, snapshot: Snapshot) -> tuple[Snapshot, GuardView]:
        """Return a snapshot in which the guards ask for their limits, and how they stand."""
        if not self._site.rules.peaks and not self._site.rules.schemes:
            return snapshot, GuardView()
        peaks = dict(self._peaks(snapshot))
        schemes = dict(self._schemes(snapshot))
        own = (*self._peak_limits(snapshot, peaks), *self._scheme_limits(schemes))
        inputs = replace(snapshot.inputs, limits=(*snapshot.inputs.limits, *own))
        return replace(snapshot, inputs=inputs), GuardView(peaks, schemes)

    def _peaks(self, snapshot: Snapshot) -> Iterator[tuple[str, PeakView]]:
        for zone, policy in self._site.rules.peaks.items():
            if zone in self._meters:
                memory = self._memory.peaks.setdefault(zone, PeakMemory())
                reading = self._reading(zone, snapshot)
                power = None if reading is None else imported(reading, netting=policy.netting)
                wished = replace(policy, target=snapshot.peak_targets.get(zone, policy.target))
                yield zone, memory.look(power, snapshot.now, wished, self._site.rules.time_zone)

    def _peak_limits(
        self, snapshot: Snapshot, views: Mapping[str, PeakView]
    ) -> Iterator[ZoneLimit]:
        for zone, view in views.items():
            policy = self._site.rules.peaks[zone]
            cars = self._drawn_below(zone, snapshot)
            most = self._memory.peaks[zone].limit(view, snapshot.now, policy, cars)
            yield guard(zone, most, view.until)

    def _drawn_below(self, zone: str, snapshot: Snapshot) -> float:
        """Return what cars are known to draw in a zone, in W."""
        return NOMINAL_VOLTAGE * sum(
            sum(reading.drawn)
            for key, reading in snapshot.connectors.items()
            if reading.drawn is not None and zone in self._zones_of.get(key, ())
        )

    def _schemes(self, snapshot: Snapshot) -> Iterator[tuple[str, SchemeState]]:
        for zone, scheme in self._site.rules.schemes.items():
            if zone in self._meters:
                meter = self._meters[zone]
                memory = self._memory.schemes.setdefault(zone, SchemeMemory())
                reading = self._reading(zone, snapshot)
                current = None if reading is None else reading.currents.largest()
                gap = LONGEST_GAP if meter is None else max(LONGEST_GAP, meter.max_age)
                yield zone, memory.look(current, scheme, snapshot.now, longest_gap=gap)

    def _scheme_limits(self, states: Mapping[str, SchemeState]) -> Iterator[ZoneLimit]:
        for zone in states:
            yield from self._memory.schemes[zone].limits(zone, self._site.rules.schemes[zone])

    def _reading(self, zone: str, snapshot: Snapshot) -> MeterReading | None:
        """Return what is measured of a zone's import, if all of it is."""
        meter = self._meters[zone]
        reading = None if meter is None else heard(meter, snapshot)
        if reading is None or not reading.lost.isdisjoint(self._site.zone_by_id[zone].phases):
            return None
        return reading


def imported(reading: MeterReading, *, netting: bool) -> float:
    """Return the power in W that is imported; export counts against it if phases are added up."""
    if netting and reading.power is not None:
        return max(0.0, reading.power)
    volts = reading.voltages or PerPhase()
    powers = [reading.currents[p] * voltage_or_nominal(volts[p]) for p in PHASES]
    return max(0.0, sum(powers)) if netting else sum(max(0.0, power) for power in powers)
