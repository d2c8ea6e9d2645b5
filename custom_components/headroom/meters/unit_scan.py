"""Which units of a gateway or serial line answer as meters of a model do."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from ..modbus.endpoint import ModbusEndpoint
from ..modbus.errors import ModbusError, ModbusUnreachable, ServerUnreachable
from .blocks import Block, plan_blocks
from .models import HOLDING, Kind, MeterModel
from .sunspec import USUAL_START

PATIENCE: Final = 0.5
"""Seconds that a unit has to answer; one that is there takes a tenth of it."""


@dataclass(frozen=True, slots=True)
class UnitScan:
    """Units that answered."""

    meters: tuple[int, ...]
    others: tuple[int, ...]
    """Those that answered, but not as the model does."""


async def scan_units(
    endpoint: ModbusEndpoint,
    model: MeterModel,
    units: Sequence[int],
    progress: Callable[[float], None],
) -> UnitScan:
    """Ask units one by one; whoever else waits for the connection goes first each time.

    `progress` is told the part that is done. Raises ServerUnreachable.
    """
    question = _question(model)
    found: dict[bool | None, list[int]] = {True: [], False: [], None: []}
    for asked, unit in enumerate(units, start=1):
        found[await _answers(endpoint, unit, question)].append(unit)
        progress(asked / len(units))
    return UnitScan(meters=tuple(found[True]), others=tuple(found[False]))


async def _answers(endpoint: ModbusEndpoint, unit: int, question: Block) -> bool | None:
    """Return whether a unit answers as the model does, None if it is silent.

    Raises ServerUnreachable.
    """
    function, registers = question.table.function, question.registers
    try:
        await endpoint.read(unit, function, registers, within=PATIENCE)
    except ServerUnreachable:
        raise
    except ModbusUnreachable:
        return None
    except ModbusError:
        return False
    return True


def _question(model: MeterModel) -> Block:
    """Return registers that every meter of a model has, in its own unit if possible."""
    if model.sunspec:
        return Block(HOLDING, USUAL_START)
    blocks = [
        block
        for block in plan_blocks(model, frozenset({Kind.CURRENTS, Kind.POWER}))
        if not block.optional
    ]
    return next((block for block in blocks if block.table.unit is None), blocks[0])
