"""Whether the readings of one meter can be believed, and what is left of them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from ...compliance.spell import Sign, Spell
from ...engine.currents import PHASES
from ...engine.known.limits import speaks
from ...engine.site.model import Meter, Zone
from ...engine.snapshot import MeterReading
from ..base import MeterData
from .draws import Draws, Sample
from .incident import Cause, Incident
from .patience import Patience
from .scale import is_power_off, is_too_small
from .steps import StepWatch, findings
from .stillness import Stillness
from .suspicion import Suspicion
from .thresholds import Thresholds


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """A meter as it is seen now."""

    now: datetime
    meter: Meter
    zone: Zone
    """What it supplies."""
    data: MeterData
    missed: int
    patient: bool
    """See MeterLink."""
    samples: Mapping[str, Sample | None]
    """What each connector below it draws."""


class MeterJudge:
    """Watches one meter from reading to reading."""

    def __init__(self, thresholds: Thresholds) -> None:
        self._thresholds = thresholds
        self._data: MeterData | None = None
        self._seen: frozenset[int] = frozenset()
        self._patience = Patience()
        self._stillness = Stillness(thresholds)
        self._draws = Draws(thresholds)
        self._steps = StepWatch(thresholds)
        self._suspicion = Suspicion(thresholds)
        self._lacking = [self._spell(thresholds.lacking) for _ in PHASES]
        self._too_small = [self._spell(thresholds.small_for) for _ in PHASES]
        self._power_unit = self._spell(thresholds.power_unit_for)
        self.incidents: tuple[Incident, ...] = ()
        """What is wrong now, the worst first."""

    def _spell(self, begins_after: timedelta) -> Spell:
        return Spell(begins_after=begins_after, ends_after=self._thresholds.calm)

    def look(self, look: Look) -> MeterReading:
        """Return what the engine may believe of a reading; a silent meter's stays as it is."""
        reading = look.data.reading(look.missed)
        if not speaks(look.meter, reading, look.now):
            self._fall_silent()
            return reading
        if look.data != self._data:
            self._data = look.data
            self._judge(look)
        lost = self._lost(look) | self._doubted
        return replace(reading, currents=self._patience.currents.without(lost), lost=lost)

    def _lost(self, look: Look) -> frozenset[int]:
        longest = min(look.meter.max_age, self._thresholds.bridge)
        return self._patience.lost(look.now, longest)

    @property
    def _doubted(self) -> frozenset[int]:
        """Return the phases whose currents are shown, but not believed."""
        grave = (incident for incident in self.incidents if incident.cause.is_grave)
        return frozenset(phase for incident in grave for phase in incident.phases)

    def _fall_silent(self) -> None:
        self._data = None
        self._patience.forget()
        self._steps.forget()
        for spell in (*self._lacking, *self._too_small, self._power_unit):
            spell.interrupt()

    def _judge(self, look: Look) -> None:
        data, limit = look.data, max(look.zone.limit)
        most = self._thresholds.beyond * limit
        seen = frozenset(
            phase
            for phase in PHASES
            if phase not in data.lost and abs(data.currents[phase]) <= most
        )
        given_up = frozenset() if look.patient else data.lost
        self._patience.take(data, seen, given_up, look.meter.max_missed)
        self._judge_numbers(look, seen, most)
        self._judge_steps(look, seen)
        self.incidents = tuple(sorted(self._found(look), key=lambda incident: incident.rank))

    def _judge_numbers(self, look: Look, seen: frozenset[int], most: float) -> None:
        """Judge what one reading shows by itself."""
        data, now, thresholds = look.data, look.now, self._thresholds
        lost = self._lost(look)
        for phase in PHASES:
            self._lacking[phase].look(Sign(phase in lost), now)
            small = is_too_small(data, phase, most, thresholds) if phase in seen else None
            self._too_small[phase].look(small, now)
        self._power_unit.look(is_power_off(data, seen, most, thresholds), now)
        self._stillness.look(data)

    def _judge_steps(self, look: Look, seen: frozenset[int]) -> None:
        """Judge what the meter shows of what the chargers below it do."""
        quiet = self._draws.look(look.samples)
        if seen != self._seen:
            self._seen = seen
            self._steps.forget()
        data, phases = look.data, seen.intersection(look.zone.phases)
        step = self._steps.look(data.at, data.currents, phases, quiet)
        if step is None:
            return
        still_since = self._stillness.since
        if still_since is not None and still_since <= step.since:
            self._stillness.note_step()
        else:
            self._suspicion.weigh(findings(step, self._thresholds), data.at)

    def _found(self, look: Look) -> Iterator[Incident]:
        phases, now = look.zone.phases, look.now
        yield from self._suspicion.incidents
        if self._stillness.is_frozen:
            since = self._stillness.since or now
            yield Incident(cause=Cause.FROZEN, phases=phases, since=since)
        if self._power_unit.lasts:
            since = self._power_unit.since or now
            yield Incident(cause=Cause.POWER_UNIT, phases=phases, since=since)
        for cause, spells in (
            (Cause.TOO_SMALL, self._too_small),
            (Cause.NO_VALUE, self._lacking),
        ):
            lasting = {phase: spells[phase] for phase in phases if spells[phase].lasts}
            if lasting:
                since = min(spell.since or now for spell in lasting.values())
                yield Incident(cause=cause, phases=tuple(lasting), since=since)
