"""Twenty units behind one gateway, polled twice a second: nobody starves."""

import asyncio
from collections import defaultdict
from collections.abc import Mapping
from datetime import timedelta
from itertools import pairwise

import pytest

from custom_components.headroom.modbus.address import TcpServer
from custom_components.headroom.modbus.endpoint import EndpointPool, ModbusEndpoint
from custom_components.headroom.modbus.errors import ModbusUnreachable
from custom_components.headroom.modbus.polling import poll_for_ever
from custom_components.headroom.modbus.registers import Function

from .leaping import LeapingLoop, Line

UNITS = range(1, 21)
PERIOD = 0.5
QUICK = 0.01
NEVER = 3600.0
LONGEST_BACKOFF = 10.0
WRITE_EVERY = 0.3

type Good = Mapping[int, list[float]]
"""When each unit was read, by the loop's clock."""


def _live(line: Line, monkeypatch: pytest.MonkeyPatch, *, seconds: float) -> Good:
    """Poll all units for a while, with writes to the first of them in between."""
    monkeypatch.setattr("custom_components.headroom.modbus.endpoint.make_client", lambda *_: line)
    good = defaultdict[int, list[float]](list)

    async def live(loop: LeapingLoop) -> None:
        pool = EndpointPool(loop.now, timeout=timedelta(seconds=line.timeout))
        endpoint = pool.acquire(TcpServer("gateway", 502))
        polls = [asyncio.create_task(_poll(endpoint, unit, loop, good[unit])) for unit in UNITS]
        writes = asyncio.create_task(_write(endpoint))
        await asyncio.sleep(seconds)
        for task in (*polls, writes):
            task.cancel()
        await asyncio.wait((*polls, writes))
        await pool.close()

    loop = LeapingLoop()
    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        runner.run(live(loop))
    return good


async def _poll(endpoint: ModbusEndpoint, unit: int, loop: LeapingLoop, good: list[float]) -> None:
    async def poll() -> None:
        try:
            await endpoint.read(unit, Function.HOLDING, range(4))
        except ModbusUnreachable:
            return
        good.append(loop.time())

    # As meters that were added at different moments.
    await asyncio.sleep(PERIOD * unit / len(UNITS))
    await poll_for_ever(poll, timedelta(seconds=PERIOD), now=loop.now, sleep=asyncio.sleep)


async def _write(endpoint: ModbusEndpoint) -> None:
    while True:
        await asyncio.sleep(WRITE_EVERY)
        await endpoint.write(UNITS[0], 0, [1])


def _line(**others: float) -> Line:
    """Return a gateway whose units answer at once, except those that are named, as in `u3=1.5`."""
    slow = {int(name.removeprefix("u")): takes for name, takes in others.items()}
    return Line(answers_after={unit: slow.get(unit, QUICK) for unit in UNITS})


def _longest(moments: list[float], *, after: int = 0) -> float:
    """Return the longest time between two moments, after so many of them."""
    moments = moments[after:]
    return max(later - earlier for earlier, later in pairwise(moments))


def test_all_hold_their_period(monkeypatch: pytest.MonkeyPatch) -> None:
    good = _live(_line(), monkeypatch, seconds=60)
    for unit in UNITS:
        assert len(good[unit]) >= 60 / PERIOD - 2
        assert _longest(good[unit]) < PERIOD + 3 * QUICK


def test_a_silent_unit_and_a_slow_one_hold_up_their_neighbours_a_little(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    line = _line(u7=NEVER, u12=0.2)
    good = _live(line, monkeypatch, seconds=120)
    a_round = 0.2 + (len(UNITS) + 2) * QUICK
    for unit in set(UNITS) - {7}:
        assert _longest(good[unit]) < PERIOD + line.timeout + a_round
        assert len(good[unit]) > 0.85 * 120 / PERIOD
    assert good[7] == []
    assert _longest(line.asked[7]) < LONGEST_BACKOFF + PERIOD + line.timeout + a_round


def test_many_silent_units_hold_up_their_neighbours_no_longer_than_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    silent = range(11, 19)
    line = _line(**{f"u{unit}": NEVER for unit in silent})
    good = _live(line, monkeypatch, seconds=120)
    a_round = (len(UNITS) + 2) * QUICK
    for unit in set(UNITS) - set(silent):
        # At first nobody knows who will answer.
        assert _longest(good[unit], after=1) < PERIOD + line.timeout + a_round
    for unit in silent:
        assert _longest(line.asked[unit]) < LONGEST_BACKOFF + len(silent) * (
            PERIOD + line.timeout + a_round
        )


def test_a_line_that_is_too_slow_for_all_serves_all_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    line = Line(answers_after=dict.fromkeys(UNITS, 0.1) | {5: NEVER})
    good = _live(line, monkeypatch, seconds=120)
    counts = [len(good[unit]) for unit in UNITS if unit != 5]
    assert min(counts) > 0.7 * max(counts)
    assert len(line.asked[5]) > 8
