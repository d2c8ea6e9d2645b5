"""News for many entities."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable

import pytest

from custom_components.headroom.news import AT_ONCE, PACE, News


class Audience:
    """Listeners that note what they hear of a state that goes on."""

    def __init__(self, count: int) -> None:
        self.state = 0
        self.heard: dict[int, list[int]] = {number: [] for number in range(count)}
        self.news = News(asyncio.get_running_loop(), lambda: self.heard, self.tell)

    def tell(self, listener: int) -> None:
        if listener in self.heard:
            self.heard[listener].append(self.state)


async def turn(count: int = 20) -> None:
    """Let the event loop go round so often."""
    for _ in range(count):
        await asyncio.sleep(0)


@pytest.fixture
async def audience() -> AsyncGenerator[Audience]:
    audience = Audience(3 * AT_ONCE)
    yield audience
    audience.news.stop()


@pytest.fixture
async def rest(monkeypatch: pytest.MonkeyPatch) -> Callable[[], Awaitable[None]]:
    """Return how to let the time pass that must lie between two tellings."""
    loop = asyncio.get_running_loop()
    time, passed = loop.time, 0.0
    monkeypatch.setattr(loop, "time", lambda: time() + passed)

    async def wait() -> None:
        nonlocal passed
        passed += PACE * 3 * AT_ONCE
        await turn()

    return wait


async def test_a_slice_is_told_in_each_turn_of_the_loop(audience: Audience) -> None:
    audience.news.spread()
    told = []
    for _ in range(4):
        told.append(sum(len(heard) for heard in audience.heard.values()))
        await turn(1)
    assert told == [0, AT_ONCE, 2 * AT_ONCE, 3 * AT_ONCE]


async def test_nobody_hears_the_same_twice(audience: Audience) -> None:
    audience.news.spread()
    await turn()
    assert all(heard == [0] for heard in audience.heard.values())


async def test_news_in_between_reach_everybody_in_the_end(
    audience: Audience, rest: Callable[[], Awaitable[None]]
) -> None:
    audience.news.spread()
    await turn(1)
    for _ in range(3):
        audience.state += 1
        audience.news.spread()
    await turn()
    await rest()
    assert audience.heard[0] == [0, 3]
    assert audience.heard[3 * AT_ONCE - 1] == [3, 3]


async def test_it_rests_before_it_tells_the_newest(
    audience: Audience, rest: Callable[[], Awaitable[None]]
) -> None:
    audience.news.spread()
    await turn()
    for _ in range(3):
        audience.state += 1
        audience.news.spread()
        await turn()
    assert all(heard == [0] for heard in audience.heard.values())
    await rest()
    assert all(heard == [0, 3] for heard in audience.heard.values())


@pytest.mark.parametrize("turns", [1, 20])
async def test_it_does_not_rest_when_somebody_waits(audience: Audience, turns: int) -> None:
    audience.news.spread()
    await turn(turns)
    audience.news.spread()
    audience.state += 1
    audience.news.hurry()
    audience.news.spread()
    await turn()
    assert all(heard[-1] == 1 and len(heard) == 2 for heard in audience.heard.values())


async def test_it_stops_while_it_rests(
    audience: Audience, rest: Callable[[], Awaitable[None]]
) -> None:
    audience.news.spread()
    await turn()
    audience.news.spread()
    audience.news.stop()
    await rest()
    assert all(heard == [0] for heard in audience.heard.values())


async def test_who_fails_does_not_keep_the_others_from_the_news(audience: Audience) -> None:
    faults: list[object] = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: faults.append(context["exception"]))
    tell = audience.tell

    def stumble(listener: int) -> None:
        if listener == 7:
            raise ValueError(listener)
        tell(listener)

    audience.news = News(loop, lambda: audience.heard, stumble)
    audience.news.spread()
    del audience.heard[8]
    await turn()
    assert [str(fault) for fault in faults] == ["7"]
    assert [n for n, heard in audience.heard.items() if heard != [0]] == [7]
