"""What is left over at a connection to the grid, beside what the cars that follow the sun take.

As with budgets, what these cars drew when the meter looked is known as an interval: its high end
counts for who charges, so that a car that is being lowered is not lowered twice, and its low end
for raises and starts, so that nothing is given away twice.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import reduce
from typing import Final

from ..currents import PerPhase
from ..known.limits import heard
from ..known.observation import Observation
from ..known.power import NOMINAL_VOLTAGE
from ..site.model import Meter, Zone
from ..snapshot import Snapshot
from .battery import left_to_cars, may_feed, taken_by
from .ration import Ration
from .rules import Metering, SunRules

_IMPORTS: Final = 1.0
"""A from the grid; less is what meters show of nothing."""
_COVERED_WITHIN: Final = timedelta(seconds=30)
"""A battery that is to feed cars covers what they take by then."""
_REFUSED_FOR: Final = timedelta(minutes=10)
"""One that does not is not asked again for so long."""
WINDOW: Final = timedelta(seconds=10)
"""Surplus must have been there for so long before anybody is raised into it."""
_SECOND: Final = timedelta(seconds=1)
_GAP: Final = 6 * WINDOW
"""After so long without a look what was seen before says nothing."""
_NOTHING: Final = PerPhase()


@dataclass(frozen=True, slots=True)
class Surplus:
    """Surplus in A as it counts, below 0 where it lacks."""

    now: PerPhase
    """For cars that charge."""
    lasting: PerPhase | None
    """For raises and starts; None while it has not been watched for long enough."""
    exported: PerPhase
    """The part that no car takes."""
    shown: PerPhase
    """By what meter and chargers show at this moment, for people to see."""
    fed: PerPhase = _NOTHING
    """What the house battery may feed besides."""


class Gauge:
    """Works out the surplus at one connection, and remembers the last seconds of it."""

    def __init__(
        self,
        zone: Zone,
        meter: Meter | None,
        batteries: Sequence[Meter],
        ration: Ration,
        rules: SunRules,
    ) -> None:
        self._zone = zone
        self._meter = meter
        self._batteries = batteries
        self._ration = ration
        self._rules = rules
        self.allowance: Final = _as_it_counts(zone, rules, rules.allowed_import - rules.reserve)
        self._seen: deque[tuple[datetime, PerPhase]] = deque()
        self._imports_since: datetime | None = None
        self._refused_until: datetime | None = None

    def read(self, snapshot: Snapshot, followers: Sequence[Observation]) -> Surplus | None:
        """Return the surplus; None while a meter that it takes is silent."""
        exported = self._exported(snapshot)
        if exported is None:
            self._seen.clear()
            return None
        least = most = shown = exported
        for seen in followers:
            shown += self._ration.fold(seen.drawn)
            least += self._ration.fold(seen.nominal.low)
            most += self._ration.fold(seen.nominal.high)
        return Surplus(
            now=most,
            lasting=self._lasting(least, snapshot.now) if followers else None,
            exported=exported,
            shown=shown,
            fed=self._fed(snapshot),
        )

    def _exported(self, snapshot: Snapshot) -> PerPhase | None:
        """Return what flows out, and what a battery takes as far as that is for cars.

        What a battery gives is no sun, however it hides what cars take from the grid.
        """
        reading = None if self._meter is None else heard(self._meter, snapshot)
        taken = taken_by(self._batteries, snapshot)
        if reading is None or not reading.lost.isdisjoint(self._zone.phases) or taken is None:
            return None
        fold = self._ration.fold
        charging = fold(taken)
        part = left_to_cars(self._rules.battery, snapshot.battery_charge)
        for_cars = PerPhase(*(part * amps if amps > 0 else amps for amps in charging))
        return _NOTHING - fold(reading.currents) + for_cars + self.allowance

    def _fed(self, snapshot: Snapshot) -> PerPhase:
        """Return what the battery may feed, unless it was seen not to: then the grid would."""
        rules, now = self._rules.battery, snapshot.now
        if not (self._batteries and rules.feed_power and may_feed(rules, snapshot.battery_charge)):
            return _NOTHING
        if not self._meter or sum(snapshot.meters[self._meter.id].currents) < _IMPORTS:
            self._imports_since = None
        elif self._imports_since is None or self._imports_since > now:
            self._imports_since = now
        elif now - self._imports_since >= _COVERED_WITHIN:
            self._refused_until = now + _REFUSED_FOR
        if self._refused_until is not None and now < self._refused_until:
            return _NOTHING
        return _as_it_counts(self._zone, self._rules, rules.feed_power)

    def _lasting(self, least: PerPhase, now: datetime) -> PerPhase | None:
        """Return the lowest of the last seconds; what came within one second is kept as one."""
        seen = self._seen
        if seen and not timedelta() <= now - seen[-1][0] <= _GAP:
            seen.clear()
        if seen and now - seen[-1][0] < _SECOND:
            began, lowest = seen.pop()
            seen.append((began, lowest.lowest(least)))
        else:
            seen.append((now, least))
        while len(seen) > 1 and now - seen[1][0] >= WINDOW:
            seen.popleft()
        if now - seen[0][0] < WINDOW:
            return None
        return reduce(PerPhase.lowest, (value for _, value in seen))


NO_SURPLUS: Final = Surplus(now=_NOTHING, lasting=None, exported=_NOTHING, shown=_NOTHING)


def _as_it_counts(zone: Zone, rules: SunRules, power: float) -> PerPhase:
    """Return a power in W as currents: all on L1, or in equal parts on the phases."""
    amps = power / NOMINAL_VOLTAGE
    if rules.metering is Metering.TOGETHER:
        return PerPhase(amps)
    return PerPhase.on(zone.phases, amps / max(1, len(zone.phases)))
