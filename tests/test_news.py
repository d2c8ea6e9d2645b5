"""News for many entities."""

import asyncio

import pytest

from custom_components.headroom.news import AT_ONCE, News


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
async def audience() -> Audience:
    return Audience(3 * AT_ONCE)


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


async def test_news_in_between_reach_everybody_in_the_end(audience: Audience) -> None:
    audience.news.spread()
    await turn(1)
    for _ in range(3):
        audience.state += 1
        audience.news.spread()
    await turn()
    assert audience.heard[0] == [0, 3]
    assert audience.heard[3 * AT_ONCE - 1] == [3, 3]


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
