"""The readings of a meter that is being set up, and what they make likely."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from ..modbus.address import UnitAddress
from ..modbus.endpoint import EndpointPool
from .base import MeterData, MeterError, MeterImplausible
from .measured import Mounting, Values, meter_data
from .models import Kind, MeterModel
from .proposal import Hint, Proposal, is_convincing, makes_sense, propose, with_words_swapped
from .reader import UnitReader

READS: Final = 3
BETWEEN_READS: Final = 0.5
"""Seconds; some meters measure anew no sooner."""

_ALL: Final = frozenset(Kind)


class WordsSwapped(MeterImplausible):
    """The numbers of a meter make sense only with their words the other way round."""


@dataclass(frozen=True, slots=True)
class Survey:
    """What a meter shows now."""

    reading: MeterData
    proposals: tuple[Proposal, ...] = ()


async def survey(
    pool: EndpointPool,
    address: UnitAddress,
    model: MeterModel,
    mounting: Mounting,
    *,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> Survey:
    """Read everything that a model has a few times. Raises MeterError."""
    async with pool.lend(address.server, pause=model.pause) as endpoint:
        reader = UnitReader(endpoint, address.unit, model)
        swapped = UnitReader(endpoint, address.unit, with_words_swapped(model))
        first = await _first(reader, swapped)
        proposals = [] if makes_sense(first) else await _word_order(swapped)
        samples = [first]
        while len(samples) < READS:
            await sleep(BETWEEN_READS)
            samples.append(await reader.read(_ALL))
    reading = meter_data(samples[-1], pool.now(), model.current_sign, mounting)
    return Survey(reading, (*proposals, *propose(model, samples, mounting)))


async def _first(reader: UnitReader, swapped: UnitReader) -> Values:
    try:
        return await reader.read(_ALL)
    except MeterImplausible as error:
        if await _word_order(swapped):
            raise WordsSwapped("numbers make sense with their words swapped") from error
        raise


async def _word_order(swapped: UnitReader) -> list[Proposal]:
    """Propose the other word order if it is convincing."""
    try:
        values = await swapped.read(_ALL)
    except MeterError:
        return []
    return [Proposal(Hint.WORD_ORDER)] if is_convincing(values) else []
