"""Which registers to read together."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ..modbus.registers import merge_spans
from .models import Kind, MeterModel, Quantity, Table


@dataclass(frozen=True, slots=True)
class Block:
    """Registers of one read."""

    table: Table
    registers: range
    optional: bool = False
    """The device may refuse it."""


def plan_blocks(model: MeterModel, kinds: frozenset[Kind]) -> tuple[Block, ...]:
    """Return the fewest reads that cover some quantities within the model's limits.

    An optional quantity has reads of its own, so that a device without it refuses nothing else;
    but a SunSpec model answers in full and marks what it does not have.
    """
    wanted = [quantity for quantity in model.quantities if quantity.kind in kinds]
    alone = [quantity for quantity in wanted if quantity.optional and not model.sunspec]
    together = defaultdict[Table, list[range]](list)
    for quantity in wanted:
        if quantity not in alone:
            together[quantity.table] += quantity.spans
    blocks = [
        Block(table, registers)
        for table, spans in together.items()
        for registers in _merge(model, spans)
    ]
    return (*blocks, *_blocks_alone(model, alone))


def _blocks_alone(model: MeterModel, quantities: Iterable[Quantity]) -> Iterator[Block]:
    for quantity in quantities:
        for registers in _merge(model, quantity.spans):
            yield Block(quantity.table, registers, optional=True)


def _merge(model: MeterModel, spans: Iterable[range]) -> Iterator[range]:
    return merge_spans(spans, max_read=model.max_read, max_gap=model.max_gap)
