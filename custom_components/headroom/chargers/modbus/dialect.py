"""What a kind of charger understands."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Final

from ...modbus.descriptions import Confidence
from ...modbus.line import LineSettings
from ..base import Capabilities, Failsafe
from .register import Register, Value, Values

EXACT: Final = 0.05
"""A; a current that is read back differs less from what was written."""


class DialectError(ValueError):
    """A dialect file that cannot be used."""


class State(StrEnum):
    """Vehicle state by IEC 61851-1, or out of order."""

    A = "A"
    """No vehicle."""
    B = "B"
    """A vehicle that draws nothing."""
    C = "C"
    D = "D"
    E = "E"
    F = "F"
    UNAVAILABLE = "unavailable"


class Kind(StrEnum):
    """What a charger measures, named as in ConnectorData."""

    CURRENTS = "currents"
    VOLTAGES = "voltages"
    POWER = "power"
    ENERGY = "energy"
    SESSION_ENERGY = "session_energy"
    OFFERED = "offered"
    ERROR = "error"

    @property
    def numbers(self) -> int:
        """Return how many numbers make the quantity: one per phase, or one."""
        return 3 if self in {Kind.CURRENTS, Kind.VOLTAGES} else 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A state, and the signals by which it is known."""

    state: State
    when: Mapping[str, frozenset[Value]] = field(default_factory=dict)
    """Every one of these signals has one of its values."""
    unless: Mapping[str, frozenset[Value]] = field(default_factory=dict)
    """None of these signals has one of its values."""

    def applies(self, signals: Mapping[str, Value]) -> bool:
        """Return whether the signals speak for this state."""
        return all(signals[name] in values for name, values in self.when.items()) and not any(
            signals[name] in values for name, values in self.unless.items()
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A constant that is written to have an effect."""

    register: Register
    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """How the setpoint of a connector is given."""

    setpoint: Register
    check: Register
    """What the setpoint is read back from."""
    step: float
    """Smallest difference of two setpoints in A."""
    floor: float
    """Lowest setpoint in A but 0, which pauses."""
    single: bool
    """Registers are written one by one, with function 6."""
    enable: Order | None = None
    """Lets the car charge; the same register set to 0 pauses, and the setpoint stays."""
    renew: timedelta | None = None
    """How often the setpoint is written anew although it is the same."""

    def usable(self, current: float) -> float:
        """Round a current in A down to what the charger takes: steps from the floor up, or 0."""
        if not math.isfinite(current) or current < self.floor:
            return 0.0
        steps = math.floor(min(current, self.setpoint.highest) / self.step + 1e-6)
        return round(steps * self.step, 3)

    def orders(self, current: float) -> tuple[Order, ...]:
        """Return what is to be written, in this order, to make a usable current the setpoint."""
        setpoint = Order(register=self.setpoint, value=current)
        if self.enable is None:
            return (setpoint,)
        if current == 0:
            return (Order(register=self.enable.register, value=0.0),)
        return (setpoint, self.enable)


@dataclass(frozen=True, slots=True, kw_only=True)
class FailsafeRegisters:
    """What lowers the charger when contact is lost, and how that is arranged."""

    kind: Failsafe
    timeout: timedelta = timedelta()
    """How long a setpoint outlives contact."""
    currents: tuple[Register, ...] = ()
    """Where the fallback is written; empty: it is set at the charger."""
    currents_check: tuple[Register, ...] = ()
    """Where the fallback is read back."""
    seconds: Register | None = None
    """Where the timeout is written."""
    seconds_check: Register | None = None
    beat: Order | None = None
    """The sign of life."""
    every: timedelta = timedelta()
    """How often the sign of life is given."""
    remaining: Register | None = None
    """How long the setpoint still holds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseRegisters:
    """How a charger is switched between one phase and three."""

    check: Register
    """Where the number in use is read back; a device that does not have it cannot switch."""
    one: float
    """What is read back while one phase is used."""
    orders: Mapping[int, Order]
    """What makes it use so many phases."""
    permit: Register | None = None
    """Where it is read whether the charger lets itself be switched."""
    permitted: float = 0.0
    """What is read there if it does."""

    @property
    def registers(self) -> tuple[Register, ...]:
        """Return what is to be read."""
        return (self.check,) if self.permit is None else (self.check, self.permit)

    def count(self, values: Values) -> int | None:
        """Return the number in use, three unless it is surely one; None if it is fixed."""
        if self.check not in values:
            return None
        if self.permit is not None and values.get(self.permit) != self.permitted:
            return None
        return 1 if values[self.check] == self.one else 3


@dataclass(frozen=True, slots=True, kw_only=True)
class OldFirmware:
    """Firmware that gives some quantities in another unit."""

    version: Register
    before: float
    """The first version that does not."""
    factor: float
    """From what these quantities are taken for to what they are."""
    kinds: frozenset[Kind]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """How to speak with one kind of charger."""

    name: str
    vendors: tuple[str, ...]
    """Names under which it is sold, the maker first."""
    confidence: Confidence
    source: str
    port: int
    unit: int
    connectors: Mapping[int, int]
    """Unit of each connector by its number, where the first has `unit`."""
    max_read: int
    max_gap: int
    signals: Mapping[str, Register]
    states: tuple[Rule, ...]
    """The first that applies is the state."""
    identity: Mapping[str, frozenset[Value] | tuple[float, float]]
    """Values that signals of such a charger can have, or lowest and highest."""
    info: Mapping[str, Register]
    quantities: Mapping[Kind, tuple[Register, ...]]
    control: Control
    failsafe: FailsafeRegisters
    prepare: tuple[Order, ...] = ()
    """Written on every new connection before the fallback."""
    commands: Mapping[str, Order] = field(default_factory=dict)
    """Of start, stop and reset those that the charger knows."""
    pause: timedelta = timedelta()
    """Least time that the charger needs between an answer and the next request."""
    line: LineSettings = field(default_factory=LineSettings)
    """How its serial line is set when it is new, if it has one."""
    phases: PhaseRegisters | None = None
    """How it switches phases, if it can."""
    old_firmware: OldFirmware | None = None

    @property
    def capabilities(self) -> Capabilities:
        """Return what such a charger can do."""
        return Capabilities(
            failsafe=self.failsafe.kind,
            step=self.control.step,
            starts_sessions={"start", "stop"} <= self.commands.keys(),
            resets="reset" in self.commands,
            switches_phases=self.phases is not None,
        )

    @property
    def state_signals(self) -> Mapping[str, Register]:
        """Return the signals that the state depends on."""
        names = {name for rule in self.states for name in (*rule.when, *rule.unless)}
        return {name: self.signals[name] for name in names}

    def state(self, values: Values) -> State | None:
        """Return the state that some values speak for; None if no rule knows them."""
        signals = {name: values[register] for name, register in self.state_signals.items()}
        return next((rule.state for rule in self.states if rule.applies(signals)), None)

    def is_strange(self, name: str, value: Value) -> bool:
        """Return whether a signal shows that this is another kind of device."""
        allowed = self.identity[name]
        if isinstance(allowed, frozenset):
            return value not in allowed
        low, high = allowed
        return isinstance(value, str) or not low <= value <= high
