"""Meter models: where a meter keeps which quantity."""

from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import StrEnum
from typing import Final, NamedTuple

from ..engine.currents import PHASES
from ..modbus.descriptions import Confidence
from ..modbus.line import LineSettings
from ..modbus.registers import LAST_ADDRESS, Format, Function, WordOrder


class ModelError(ValueError):
    """A model that cannot be used.

    `key` names the fault, `kind` the quantity that has it, and `placeholders` say more, so that a
    user interface can translate it.
    """

    def __init__(
        self, message: str, key: str = "", kind: Kind | None = None, **placeholders: str
    ) -> None:
        """Keep the fault's name and its details."""
        super().__init__(message)
        self.key = key
        self.kind = kind
        self.placeholders = placeholders


class CurrentSign(StrEnum):
    """Whether currents tell import from export."""

    SIGNED = "signed"
    UNSIGNED = "unsigned"
    """The sign of the phase's power does."""


class Kind(StrEnum):
    """What a meter measures, named as in MeterData."""

    CURRENTS = "currents"
    POWERS = "powers"
    POWER = "power"
    VOLTAGES = "voltages"
    ENERGY_IMPORT = "energy_import"
    ENERGY_EXPORT = "energy_export"

    @property
    def is_per_phase(self) -> bool:
        """Return whether the quantity has a number per phase instead of one."""
        return self in {Kind.CURRENTS, Kind.POWERS, Kind.VOLTAGES}


class Table(NamedTuple):
    """One of the tables of registers that a meter answers from."""

    function: Function
    unit: int | None = None
    """Unit that holds the table, if it is not the meter's own."""


HOLDING: Final = Table(Function.HOLDING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity:
    """Where a quantity lies. Raises ModelError if it cannot lie there."""

    kind: Kind
    addresses: tuple[int, ...]
    """First register of each number as sent on the wire, from L1 on."""
    format: Format
    word_order: WordOrder = WordOrder.MSW
    table: Table = HOLDING
    scale: float = 1.0
    """Factor from the meter's unit to A, V, W or Wh; below 0 if the meter counts export up."""
    less: tuple[int, ...] = ()
    """First registers of numbers that are taken off, one for each address."""
    exponent: int | None = None
    """Register with a signed power of ten by which the numbers are multiplied."""
    optional: bool = False
    """Some devices of the model do not have it."""

    def __post_init__(self) -> None:
        """Check the quantity."""
        if self.less and len(self.less) != len(self.addresses):
            message = f"{self.kind} needs as many addresses to take off"
            raise ModelError(message, "less_count", self.kind)
        if any(span.stop - 1 > LAST_ADDRESS for span in self.spans):
            message = f"{self.kind} ends above the last register"
            raise ModelError(message, "address_too_high", self.kind, last=str(LAST_ADDRESS))

    @property
    def spans(self) -> tuple[range, ...]:
        """Return the registers of each number."""
        size = self.format.registers
        numbers = tuple(range(first, first + size) for first in self.addresses + self.less)
        exponent = self.exponent
        return numbers if exponent is None else (*numbers, range(exponent, exponent + 1))

    def moved(self, base: int) -> Quantity:
        """Return the quantity with its addresses counted from a base."""
        return replace(
            self,
            addresses=tuple(base + address for address in self.addresses),
            less=tuple(base + address for address in self.less),
            exponent=None if self.exponent is None else base + self.exponent,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterModel:
    """How to read one kind of meter. Raises ModelError if it cannot be read that way."""

    id: str
    name: str
    confidence: Confidence
    source: str
    current_sign: CurrentSign
    max_read: int
    """Most registers that the meter gives in one answer."""
    max_gap: int
    """Most registers that may be read without being wanted to save a read; 0 forbids it."""
    quantities: tuple[Quantity, ...]
    phases: int = len(PHASES)
    """How many phases it measures."""
    sunspec: frozenset[int] = frozenset()
    """SunSpec models of which the first one found holds the quantities; addresses count from it."""
    pause: timedelta = timedelta()
    """Least time that the meter needs between an answer and the next request."""
    line: LineSettings = field(default_factory=LineSettings)
    """How its serial line is set when it is new, if it has one."""
    may_hide_export: bool = False
    """A setting of the meter decides whether it tells what is given back from what is drawn."""

    def __post_init__(self) -> None:
        """Check the model."""
        required = {quantity.kind for quantity in self.quantities if not quantity.optional}
        if not required & {Kind.CURRENTS, Kind.POWER}:
            message = "neither currents nor power can be relied on"
            raise ModelError(message, "nothing_measured")
        for quantity in self.quantities:
            self._check(quantity)

    def _check(self, quantity: Quantity) -> None:
        numbers = self.phases if quantity.kind.is_per_phase else 1
        if len(quantity.addresses) != numbers:
            message = f"{quantity.kind} needs {numbers} address(es)"
            raise ModelError(message, "address_count", quantity.kind, count=str(numbers))
        if quantity.format.registers > self.max_read:
            message = f"{quantity.kind} does not fit in one read"
            raise ModelError(message, "too_long", quantity.kind)

    @property
    def measures_currents(self) -> bool:
        """Return whether the meter measures currents, and not only power."""
        return any(q.kind is Kind.CURRENTS and not q.optional for q in self.quantities)

    @property
    def measured_phases(self) -> int:
        """Return how many phases the meter tells apart; 1 if it knows a total only."""
        return self.phases if self.measures_currents else 1

    def based_at(self, base: int) -> MeterModel:
        """Return the model with addresses counted from a base."""
        return replace(self, quantities=tuple(q.moved(base) for q in self.quantities))
