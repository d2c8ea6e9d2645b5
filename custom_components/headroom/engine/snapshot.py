"""What is known of the site at one moment: the input of a step."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import Final

from .currents import PerPhase
from .inputs import Inputs
from .when.permit import SunMode
from .when.planned import PlannedQuarter


class ConnectorStatus(StrEnum):
    """State of a connector, in the words of OCPP 1.6."""

    UNKNOWN = "unknown"
    AVAILABLE = "available"
    PREPARING = "preparing"
    CHARGING = "charging"
    SUSPENDED_EV = "suspended_ev"
    SUSPENDED_EVSE = "suspended_evse"
    FINISHING = "finishing"
    RESERVED = "reserved"
    UNAVAILABLE = "unavailable"
    FAULTED = "faulted"

    @cached_property
    def has_car(self) -> bool:
        """Return whether a car is plugged in that may want to charge."""
        return self in _WITH_CAR

    @cached_property
    def tells_of_car(self) -> bool:
        """Return whether the state says if a car is plugged in."""
        return self not in _SILENT_ON_CAR


_WITH_CAR: Final = frozenset(
    {
        ConnectorStatus.PREPARING,
        ConnectorStatus.CHARGING,
        ConnectorStatus.SUSPENDED_EV,
        ConnectorStatus.SUSPENDED_EVSE,
    }
)
_SILENT_ON_CAR: Final = frozenset(
    {ConnectorStatus.UNKNOWN, ConnectorStatus.UNAVAILABLE, ConnectorStatus.FAULTED}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterReading:
    """Last good reading of a meter and how many polls failed since."""

    currents: PerPhase
    """Currents at the zone's supply in A, positive = import; 0 on phases that are lost."""
    at: datetime
    lost: frozenset[int] = frozenset()
    """Phases of which the meter shows no current: silent, whatever the others say."""
    missed: int = 0
    voltages: PerPhase | None = None
    """Voltages to neutral in V, where the meter measures them."""
    power: float | None = None
    """Active power in W over all phases, positive = import, where the meter measures it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectorReading:
    """What a charger says of one of its connectors; currents in A per phase."""

    online: bool = False
    status: ConnectorStatus = ConnectorStatus.UNKNOWN
    drawn: PerPhase | None = None
    """Measured at the terminals 1 to 3, not yet turned to grid phases."""
    drawn_at: datetime | None = None
    per_phase: bool = False
    """`drawn` tells the terminals apart; otherwise a current may flow at fewer of them."""
    confirmed: float | None = None
    """Highest current that the charger may offer by what it has accepted so far.

    Stays at the old, higher value until a lower command is accepted. None: nothing is known,
    the charger may offer its maximum.
    """
    confirmed_at: datetime | None = None
    """When `confirmed` last changed."""
    offered: float | None = None
    """What the charger says it offers to the car."""
    lease_until: datetime | None = None
    """When `confirmed` expires by itself if contact is lost; None: it never does."""
    fallback_refused: bool = False
    """The charger never took its permanent base limit: without contact it may draw its maximum."""
    starts_free: bool = False
    """A test has shown that it charges without any limit after a restart, until it is told one."""
    session: str | None = None
    """Id of the running transaction."""
    badge: str | None = None
    """Id of the badge, or other token, that the transaction was started with."""
    energy: float | None = None
    """Energy of the transaction in Wh, where the charger counts it."""
    phase_count: int | None = None
    """Phases that the charger says it uses now, 1 or 3, where it can switch them."""
    booted_at: datetime | None = None
    """When the charger last said that it has started; None where it has not since ours."""
    can_toggle_pilot: bool = False
    """The charger can interrupt the pilot signal to wake a car."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """Everything a step may know. Missing ids count as silent or offline."""

    now: datetime
    lots: Mapping[str, float] = field(default_factory=dict)
    """A number from 0 to below 1 for each connector, drawn anew for every step."""
    meters: Mapping[str, MeterReading] = field(default_factory=dict)
    connectors: Mapping[str, ConnectorReading] = field(default_factory=dict)
    zone_limits: Mapping[str, float] = field(default_factory=dict)
    """Limits in A per phase set by a person, below the installed ones."""
    connector_limits: Mapping[str, float] = field(default_factory=dict)
    """Limits in A per phase set by a person for a connector."""
    inputs: Inputs = field(default_factory=Inputs)
    """What contacts, sensors and others outside ask for."""
    tariffs_off: frozenset[str] = frozenset()
    """Ids of tariff periods that are switched off, and of zones that take no part in any."""
    peak_targets: Mapping[str, float] = field(default_factory=dict)
    """Averages in W that zones with a capacity tariff shall stay below in place of their rules'."""
    paused: frozenset[str] = frozenset()
    """Connectors that a person has paused."""
    forced: frozenset[str] = frozenset()
    """Connectors that a person has told to charge at once, for this session (A8.11, A10.4)."""
    off_peak: frozenset[str] = frozenset()
    """Connectors whose cars take current from the grid in cheap hours only (A8.6)."""
    sun_modes: Mapping[str, SunMode] = field(default_factory=dict)
    """How connectors follow the sun; those that are missing do not."""
    plans: Mapping[str, PlannedQuarter] = field(default_factory=dict)
    """What is planned for connectors now; those that are missing have no plan."""
    unproven: frozenset[str] = frozenset()
    """Connectors of which no test has shown what they do when contact is lost, or at a restart.

    Without contact they may draw their maximum.
    """
    phase_counts: Mapping[str, int] = field(default_factory=dict)
    """Number of phases, 1 or 3, that is wanted of connectors whose chargers can switch it."""
    automatic_phases: frozenset[str] = frozenset()
    """Connectors whose number of phases goes by the surplus, where their chargers can switch it."""
    battery_charge: float | None = None
    """State of charge of the house battery in percent; None: nobody knows."""
    failed_switches: frozenset[str] = frozenset()
    """Connectors whose chargers did not take the order to switch phases."""
    vip_badges: frozenset[str] = frozenset()
    """Badges whose cars come first on any connector (A5.1)."""
