"""When a meter is not believed, and why these numbers."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """Times, and currents in A, of the gate.

    They are such that noise, appliances, sun and a house battery never look like a fault.
    """

    beyond: float = 5.0
    """Times the zone's limit that no current reaches. A breaker of type B has opened by then, and
    a motor that starts takes eight times its own current, which is a part of the limit."""
    bridge: timedelta = timedelta(seconds=10)
    """A phase that shows nothing keeps its last value no longer, however old a reading may be."""
    lacking: timedelta = timedelta(seconds=30)
    """A phase may show nothing for so long before people are told; it counts as lost at once
    when the meter would count as silent."""
    calm: timedelta = timedelta(seconds=10)
    """What was wrong with numbers is over when it has not been seen for so long."""
    flows: float = 3.0
    """Where less flows, power and current say little of each other: chargers on standby and
    capacitors shift them."""
    too_small: float = 100.0
    """Times a current that its power tells: mA for A is a factor of 1000, and no power is above
    what current and voltage carry; between 100 and 1000 the power factor may lie."""
    small_for: timedelta = timedelta(seconds=10)
    """So long that no load which comes on between two registers looks like it."""
    power_unit: tuple[float, float] = (0.0004, 0.0012)
    """Part of a current that its power tells where kW are taken for W. Below it, a battery may
    keep the power at nothing while reactive current flows."""
    power_unit_for: timedelta = timedelta(seconds=60)
    """It changes no current, so there is time to be sure."""
    frozen: timedelta = timedelta(minutes=5)
    """No house stands still to tenths of an ampere or watts for so long while something flows."""
    fine: float = 0.5
    """A change below this shows that the meter tells more than whole amperes."""
    carries: float = 2.0
    """At night some hundred watts of standby may stand still for long; more than this does not."""
    stale: timedelta = timedelta(seconds=60)
    """A sample of a charger older than this says nothing about now, as in the engine."""
    steady: float = 0.5
    """A charger whose samples differ by less draws the same."""
    quiet: float = 2.0
    """A phase whose readings differ by less within a rest has no load that comes and goes."""
    rest: timedelta = timedelta(seconds=10)
    """So much of a rest is looked at, and three readings at least, so that its end is close to
    the step that follows."""
    lag: timedelta = timedelta(seconds=2)
    """Clocks of chargers and meters may be so far apart: begin and end of a rest are left out."""
    apart: timedelta = timedelta(minutes=2)
    """Between rests that are further apart, other loads change too."""
    worth: float = 5.0
    """A smaller change of the chargers may be another load's; the floor of a car is 6."""
    like: float = 0.4
    """A change is like another if it is off by no more than this part of it."""
    unlike: float = 0.3
    """A change below this part of another is none."""
    regulated: float = 3.0
    """A total nearer to zero may be held there by a battery or a diverter, whatever chargers do."""
    seen: timedelta = timedelta(seconds=2)
    """Polls that are closer show how a battery or Headroom makes up for a change."""
    doubts: int = 3
    """So many steps on a phase must say the same, without one that says the opposite between
    them. A step that says it of several phases counts twice: a coincidence is rarer."""
    proofs: int = 2
    """So many good steps in a row end what has lasted."""
    still: int = 2
    """So many steps of chargers without a change in any number of the meter are no chance."""


DEFAULT = Thresholds()
