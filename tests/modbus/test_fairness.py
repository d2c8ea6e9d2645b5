"""Twenty units behind one gateway, polled twice a second: nobody starves."""

import asyncio
from collections import defaultdict
from collections.abc import Mapping
from datetime import timedelta
from itertools import pairwise
from typing import override

import pytest

from custom_components.headroom.modbus.address import TcpServer
from custom_components.headroom.modbus.endpoint import EndpointPool, ModbusEndpoint
from custom_components.headroom.modbus.errors import ModbusUnreachable
from custom_components.headroom.modbus.polling import poll_for_ever
from custom_components.headroom.modbus.registers import Function

from .leaping import LeapingLoop, Line

UNITS = range(1, 21)
PERIOD = 0.5
READS = 3
"""Requests of one poll, as a meter makes that also asks for its energy."""
QUICK = 0.005
A_ROUND = (READS * len(UNITS) + 2) * QUICK
"""Seconds in which all units are read, with a write or two in between."""
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
            for _ in range(READS):
                await endpoint.read(unit, Function.HOLDING, range(4))
        except ModbusUnreachable:
            return
        good.append(loop.time())

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
        assert _longest(good[unit], after=1) < PERIOD + A_ROUND


def test_a_silent_unit_and_a_slow_one_hold_up_their_neighbours_a_little(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    line = _line(u7=NEVER, u12=0.05)
    good = _live(line, monkeypatch, seconds=120)
    a_round = A_ROUND + READS * 0.05
    for unit in set(UNITS) - {7}:
        assert _longest(good[unit], after=1) < PERIOD + line.timeout + a_round
        assert len(good[unit]) > 0.7 * 120 / PERIOD
    assert good[7] == []
    assert _longest(line.asked[7]) < LONGEST_BACKOFF + PERIOD + line.timeout + a_round


def test_many_silent_units_hold_up_their_neighbours_no_longer_than_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    silent = range(1, 9)
    line = _line(**{f"u{unit}": NEVER for unit in silent})
    good = _live(line, monkeypatch, seconds=120)
    for unit in set(UNITS) - set(silent):
        # At first nobody knows who will answer.
        assert _longest(good[unit], after=1) < PERIOD + line.timeout + A_ROUND
        assert len(good[unit]) > 0.5 * 120 / PERIOD
    for unit in silent:
        waits = len(silent) * (2 * line.timeout + A_ROUND)
        assert _longest(line.asked[unit]) < LONGEST_BACKOFF + PERIOD + waits


def test_a_unit_that_answers_again_is_read_as_often_as_the_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    line = _line(u7=NEVER)
    mended_at = 60.0
    monkeypatch.setattr(line, "answers_after", _Mended(line.answers_after, 7, mended_at))
    good = _live(line, monkeypatch, seconds=120)
    assert mended_at < good[7][0] < mended_at + LONGEST_BACKOFF + PERIOD + line.timeout
    assert _longest(good[7], after=1) < PERIOD + A_ROUND


class _Mended(dict[int, float]):
    """Times of units of which one answers from a moment on."""

    def __init__(self, times: Mapping[int, float], unit: int, moment: float) -> None:
        super().__init__(times)
        self._unit = unit
        self._moment = moment

    @override
    def __getitem__(self, unit: int) -> float:
        if unit == self._unit and asyncio.get_running_loop().time() >= self._moment:
            return QUICK
        return super().__getitem__(unit)


def test_a_line_that_is_too_slow_for_all_starves_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    line = Line(answers_after=dict.fromkeys(UNITS, 0.05) | {5: NEVER})
    good = _live(line, monkeypatch, seconds=120)
    counts = [len(good[unit]) for unit in UNITS if unit != 5]
    assert min(counts) > 0.5 * max(counts)
    assert len(line.asked[5]) > 8
