"""What follows when a meter fails, as docs/meters.md shows it.

`python -m tests.repository.meter_matrix` breaks real meters and writes the table anew.
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from typing import Final

from custom_components.headroom.engine.currents import PHASE_NAMES, PHASES
from tests.meters.quality.outcome import Outcome, outcome
from tests.meters.quality.rig import Fault, entity_rig, modbus_rig

from .generated import Place

PLACE: Final = Place("meters.md", "faults")

_HEAD: Final = (
    "| What goes wrong | Meter | Zone | Reason | After | Log |\n"
    "| --- | --- | --- | --- | --- | --- |\n"
)
_RIGS: Final = {"Modbus": modbus_rig, "entities": entity_rig}


async def table() -> str:
    """Return the table in Markdown."""
    return _HEAD + "".join([f"| {' | '.join(cells)} |\n" async for cells in _rows()])


async def _rows() -> AsyncIterator[tuple[str, ...]]:
    for fault in Fault:
        for name, make in _RIGS.items():
            async with make(fault) as rig:
                found = await outcome(rig, fault)
            yield fault, name, *_cells(found)


def _cells(found: Outcome) -> tuple[str, ...]:
    log = "; ".join(f"`{line}`" for line in found.log)
    if not found.lost:
        return "as before", f"`{found.reason}`", "", log
    whole = len(found.lost) == len(PHASES)
    phases = ", ".join(PHASE_NAMES[phase] for phase in found.lost)
    zone = "degraded" if whole else f"degraded on {phases}"
    return zone, f"`{found.reason}`", f"{found.after.total_seconds():g} s", log


if __name__ == "__main__":
    logging.getLogger("pymodbus").setLevel(logging.CRITICAL)
    PLACE.write(asyncio.run(table()))
