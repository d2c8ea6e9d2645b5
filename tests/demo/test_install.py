"""Filling in forms while a busy machine lets its devices wait."""

import asyncio
from collections.abc import Mapping
from typing import Any, override

import pytest

from demo import install
from demo.home import Home, HomeError

FORM: Mapping[str, Any] = {"type": "form", "flow_id": "f"}
LATE: Mapping[str, Any] = {**FORM, "errors": {"host": "cannot_connect"}}
WRONG: Mapping[str, Any] = {**FORM, "errors": {"model": "wrong_device"}}
DONE: Mapping[str, Any] = {"type": "create_entry"}


class Answers(Home):
    """A Home Assistant that gives prepared answers to posts."""

    def __init__(self, *answers: Mapping[str, Any]) -> None:
        self.answers = list(answers)
        self.names: dict[object, object] = {}

    @override
    async def command(self, kind: str, **content: object) -> Any:
        if kind.endswith("update"):
            self.names[content["subentry_id"]] = content["title"]
        return [] if self.answers else [{"unique_id": "meter_1", "subentry_id": "M"}]

    @override
    async def post(self, path: str, content: object) -> Any:
        return self.answers.pop(0)


@pytest.fixture(autouse=True)
def naps(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    taken: list[float] = []

    async def sleep(seconds: float) -> None:
        taken.append(seconds)

    monkeypatch.setattr(asyncio, "sleep", sleep)
    return taken


async def _add(*answers: Mapping[str, Any]) -> None:
    await install.Parts(Answers(FORM, *answers), "entry").add("meter", "meter_1", {"host": "h"})


async def test_a_device_that_is_late_is_asked_again(naps: list[float]) -> None:
    await _add(LATE, LATE, DONE)
    assert naps == [0.5, 0.5]


@pytest.mark.parametrize(("answers", "tries"), [([WRONG], 0), ([LATE] * 10, 10)])
async def test_what_stays_wrong_is_told(
    answers: list[Mapping[str, Any]], tries: int, naps: list[float]
) -> None:
    with pytest.raises(HomeError, match="refuses"):
        await _add(*answers)
    assert len(naps) == tries


async def test_what_is_added_gets_the_name_that_people_know_it_by() -> None:
    home = Answers(FORM, DONE)
    await install.Parts(home, "entry").add("meter", "meter_1", {"host": "h"}, name="Main meter")
    assert home.names == {"M": "Main meter"}
