"""When a site steps."""

import asyncio
from itertools import pairwise

from custom_components.headroom.pace import BREATHER, SMALL_SITE, Pace
from tests.chargers.ocpp.charge_point import PATIENCE


async def steps(connectors: int, wanted: int) -> list[float]:
    """Return when a site began its steps each of which changes something."""
    loop, begun, enough = asyncio.get_running_loop(), list[float](), asyncio.Event()

    def step() -> int:
        begun.append(loop.time())
        if len(begun) < wanted:
            pace.soon()
        else:
            enough.set()
        return connectors

    pace = Pace(loop, step)
    pace.soon()
    async with asyncio.timeout(PATIENCE):
        await enough.wait()
    return begun


async def test_a_large_site_rests_also_when_the_step_itself_brings_news() -> None:
    connectors = SMALL_SITE + 1
    pauses = [after - before for before, after in pairwise(await steps(connectors, 4))]
    assert all(pause >= connectors * BREATHER for pause in pauses)


async def test_a_small_site_steps_at_once() -> None:
    assert len(await steps(SMALL_SITE, 4)) == 4


async def test_nothing_is_stepped_after_the_end() -> None:
    stepped: list[int] = []

    def step() -> int:
        stepped.append(1)
        return 1

    pace = Pace(asyncio.get_running_loop(), step)
    pace.soon()
    pace.stop()
    pace.soon()
    await asyncio.sleep(0)
    assert stepped == []
