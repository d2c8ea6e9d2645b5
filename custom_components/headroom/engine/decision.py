"""What a step decides, and why."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from .acting.load_table import Member
from .currents import PHASES, PerPhase
from .grid.standing import GuardView
from .when.tariffs import TariffState

REMEMBERED: Final = 2**14
"""Most reasons stay the same from step to step, so many of a kind are kept."""


class ReasonCode(StrEnum):
    """Names of the constraints that can bind a setpoint or a budget."""

    # Connectors
    NO_CAR = "no_car"
    PAUSED = "paused"
    OFFLINE = "offline"
    UNAVAILABLE = "unavailable"
    FLOOR_DOES_NOT_FIT = "floor_does_not_fit"
    ZONE_LIMIT = "zone_limit"
    CONNECTOR_MAX = "connector_max"
    USER_LIMIT = "user_limit"
    CAR_SUSPENDED = "car_suspended"
    CAR_NOT_READY = "car_not_ready"
    STATUS_UNKNOWN = "status_unknown"
    TAKES_LESS = "takes_less"
    ASLEEP = "asleep"
    WAKING = "waking"
    DOES_NOT_WAKE = "does_not_wake"
    NOT_FOLLOWED = "not_followed"
    VIP = "vip"
    PRIORITY_HOURS = "priority_hours"
    ROTATED_OUT = "rotated_out"
    VIP_PREEMPTED = "vip_preempted"
    UNBALANCE = "unbalance"
    SHORT_OVERLOAD = "short_overload"
    MIN_PAUSE = "min_pause"
    SWITCHING_PHASES = "switching_phases"
    PHASE_SWITCH_WAITS = "phase_switch_waits"
    ONE_PHASE = "one_phase"
    WAITING_FOR_OTHERS = "waiting_for_others"
    WAITING_TO_RAISE = "waiting_to_raise"
    LOAD_SHEDDING = "load_shedding"
    OFF_PEAK_WAIT = "off_peak_wait"
    RANDOM_DELAY = "random_delay"
    POWER_LOSS_WAIT = "power_loss_wait"
    PLANNED = "planned"
    WAITING_FOR_PLAN = "waiting_for_plan"
    GOAL_REACHED = "goal_reached"
    # Connectors that follow the sun
    SUN_SURPLUS = "sun_surplus"
    SUN_TOO_LITTLE = "sun_too_little"
    SUN_TOPPED_UP = "sun_topped_up"
    SUN_START_DELAY = "sun_start_delay"
    SUN_RESTS = "sun_rests"
    WAITING_FOR_SUN = "waiting_for_sun"
    SUN_TAKEN = "sun_taken"
    SUN_UNKNOWN = "sun_unknown"
    BATTERY_CHARGE_UNKNOWN = "battery_charge_unknown"
    # Connectors and zones
    EXTERNAL_ENABLE = "external_enable"
    DIGITAL_INPUT = "digital_input"
    INPUT_SILENT = "input_silent"
    TARIFF_PERIOD = "tariff_period"
    # Zones
    NOMINAL = "nominal"
    MARGIN = "margin"
    CONTRACTED_POWER = "contracted_power"
    CLUSTER_MAX = "cluster_max"
    PERSON_LIMIT = "person_limit"
    EXTERNAL_LIMIT = "external_limit"
    ENERGY_MANAGER = "energy_manager"
    ENERGY_MANAGER_SILENT = "energy_manager_silent"
    GRID_OPERATOR = "grid_operator"
    GRID_OPERATOR_SILENT = "grid_operator_silent"
    G100_LIMIT = "g100_limit"
    G100_EXCURSION = "g100_excursion"
    G100_UNMEASURED = "g100_unmeasured"
    G100_LOCKOUT = "g100_lockout"
    PEAK_GUARD = "peak_guard"
    OTHER_LOADS = "other_loads"
    METER_SILENT = "meter_silent"
    PHASE_LOST = "phase_lost"
    BEYOND_CONTROL = "beyond_control"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One binding constraint: its name, the number it leads to in A, and where it holds."""

    code: ReasonCode
    current: float | None = None
    zone: str | None = None
    phase: int | None = None
    connector: str | None = None
    until: datetime | None = None
    """When it stops to bind, where that is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setpoint:
    """Current in A per phase for one connector: 0, or at least its floor.

    The first reason is the primary one.
    """

    current: float
    reasons: tuple[Reason, ...]
    phases: tuple[int, ...] = PHASES
    """Grid phases that the connector's car may use."""
    toggle_pilot: bool = False
    """The charger is to interrupt the pilot signal now, to wake the car."""
    switch_to: int | None = None
    """Number of phases, 1 or 3, that the charger is to use from now on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneState:
    """A zone after the step; currents in A per phase."""

    limit: PerPhase
    """What is in force of the installed limit."""
    measured: PerPhase | None
    """What the zone's meter shows; None without a meter or while it is silent."""
    budget: PerPhase
    """What the EVs of the zone may draw."""
    drawn: PerPhase
    """What they are measured to draw."""
    committed: PerPhase
    """Worst current that the EVs of the zone may draw now."""
    headroom: PerPhase
    """Budget that nobody holds; never negative."""
    degraded: bool
    reasons: tuple[tuple[Reason, ...], ...]
    """What leads to the budget of L1, L2 and L3; the first of each is the primary one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sunlight:
    """What the sun leaves over for cars, and what each gets of it."""

    surplus: float | None = None
    """W for all cars that follow the sun; None where a meter lacks or is silent."""
    shares: Mapping[str, float] = field(default_factory=dict)
    """W by connector id."""
    holds_battery: bool = False
    """The house battery is to give nothing, for it would feed cars that it may not feed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """Outcome of a step: a setpoint for every connector and a state for every zone."""

    setpoints: Mapping[str, Setpoint]
    zones: Mapping[str, ZoneState]
    members: Mapping[str, Member] = field(default_factory=dict)
    """How each occupied connector stands in the order of who charges."""
    spent_forces: frozenset[str] = frozenset()
    """Connectors that were told to charge at once, for a session that has ended since."""
    tariffs: TariffState = field(default_factory=TariffState)
    sun: Sunlight = field(default_factory=Sunlight)
    guards: GuardView = field(default_factory=GuardView)
