"""Which registers to read together."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain

from ..modbus.registers import merge_spans
from .models import Kind, MeterModel


@dataclass(frozen=True, slots=True)
class Block:
    """Registers of one read."""

    registers: range
    optional: bool = False
    """The device may refuse it."""


def plan_blocks(model: MeterModel, kinds: frozenset[Kind]) -> tuple[Block, ...]:
    """Return the fewest reads that cover some quantities within the model's limits.

    An optional quantity has reads of its own, so that a device without it refuses nothing else.
    """
    wanted = [quantity for quantity in model.quantities if quantity.kind in kinds]
    required = chain.from_iterable(q.spans for q in wanted if not q.optional)
    blocks = [Block(registers) for registers in _merge(model, required)]
    for quantity in wanted:
        if quantity.optional:
            blocks += [
                Block(registers, optional=True) for registers in _merge(model, quantity.spans)
            ]
    return tuple(blocks)


def _merge(model: MeterModel, spans: Iterable[range]) -> Iterator[range]:
    return merge_spans(spans, max_read=model.max_read, max_gap=model.max_gap)
