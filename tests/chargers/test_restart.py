"""The test of what a charger does after a restart, with a charger that does as it is told."""

import asyncio
from datetime import datetime, timedelta

import pytest

from custom_components.headroom.chargers.base import (
    ChargerError,
    ChargerOffline,
    ChargerRefused,
    ChargerTimeout,
    Contact,
)
from custom_components.headroom.chargers.disconnection import GRACE, DisconnectTest
from custom_components.headroom.chargers.outcome import SPEAKS_WITHIN, Outcome
from custom_components.headroom.chargers.restart import STARTS_WITHIN
from custom_components.headroom.engine.snapshot import ConnectorStatus

from .obedient import LEASE, START, Link

RESET = START + LEASE + GRACE
BACK = 40.0
"""Seconds after the command when the charger is back."""


def after(seconds: float) -> datetime:
    """Return a moment after the command to restart."""
    return RESET + timedelta(seconds=seconds)


async def passed(link: Link, *, fallback: float = 6.0) -> DisconnectTest:
    """Let a charger pass the test of its fallback and be told to restart."""
    link.resets = True
    test = DisconnectTest(link, dict.fromkeys(link.data, fallback), START)
    assert test.advance(RESET - timedelta(seconds=1)) is None
    status = ConnectorStatus.CHARGING if fallback else ConnectorStatus.SUSPENDED_EVSE
    for number in link.data:
        link.say(number, fallback, RESET, status)
    assert test.advance(RESET) is None
    await asyncio.sleep(0)
    assert (link.hard_resets, link.contact) == (1, Contact.LISTENING)
    return test


async def restarted(link: Link, *, fallback: float = 6.0) -> DisconnectTest:
    """Let it have come back."""
    test = await passed(link, fallback=fallback)
    link.answers_reset.set()
    await asyncio.sleep(0)
    assert test.advance(after(1)) is None
    link.there = False
    assert test.advance(after(2)) is None
    link.there = True
    link.restart()
    assert test.advance(after(BACK)) is None
    assert link.contact is Contact.LISTENING, "it is told nothing"
    return test


@pytest.mark.parametrize(
    ("drawn", "outcome"), [(6.0, Outcome.PASSED), (7.0, Outcome.PASSED), (7.1, Outcome.FAILED)]
)
async def test_what_a_charger_draws_after_its_restart_tells(drawn: float, outcome: Outcome) -> None:
    link = Link(16)
    test = await restarted(link)
    link.say(1, drawn, after(BACK + 30))
    assert test.advance(after(BACK + 30)) is Outcome.PASSED, "it has kept to its fallback before"
    assert test.after_restart is outcome
    assert link.contact is Contact.FULL


async def test_a_car_that_has_only_begun_again_does_not_show_that_its_charger_holds() -> None:
    link = Link(16)
    test = await restarted(link)
    link.say(1, 3, after(BACK + 29))
    assert test.advance(after(BACK + 35)) is None
    link.say(1, 16, after(BACK + 36))
    assert test.advance(after(BACK + 36)) is Outcome.PASSED
    assert test.after_restart is Outcome.FAILED


async def test_too_much_counts_also_before_the_return_was_noticed() -> None:
    link = Link(16)
    test = await restarted(link)
    link.say(1, 16, after(BACK - 0.5))
    assert test.advance(after(BACK + 1)) is Outcome.PASSED
    assert test.after_restart is Outcome.FAILED


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (ConnectorStatus.SUSPENDED_EVSE, Outcome.PASSED),
        (ConnectorStatus.CHARGING, Outcome.UNCLEAR),
        (ConnectorStatus.PREPARING, Outcome.UNCLEAR),
        (ConnectorStatus.AVAILABLE, Outcome.UNCLEAR),
    ],
)
async def test_who_draws_nothing_tells_only_if_the_charger_holds_it_back(
    status: ConnectorStatus, outcome: Outcome
) -> None:
    link = Link(16)
    test = await restarted(link, fallback=0)
    link.say(1, 0, after(BACK + 1), status)
    assert test.advance(after(BACK + 29)) is None
    test.advance(after(BACK + 30))
    if outcome is Outcome.UNCLEAR:
        link.say(1, 0, after(BACK + 80), status)
        assert test.advance(after(BACK + 89)) is None
        assert test.advance(after(BACK + 90)) is Outcome.PASSED
    assert test.after_restart is outcome


@pytest.mark.parametrize("lost", ["sample", "connector"])
async def test_who_says_nothing_after_its_restart_shows_nothing(lost: str) -> None:
    link = Link(16)
    test = await restarted(link)
    if lost == "connector":
        link.data.clear()
    else:
        link.say(1, 16, RESET - timedelta(seconds=1))
    late = after(BACK) + SPEAKS_WITHIN
    assert test.advance(late - timedelta(seconds=1)) is None
    assert test.advance(late) is Outcome.PASSED
    assert test.after_restart is Outcome.UNCLEAR


async def test_every_connector_has_to_hold() -> None:
    link = Link(16, 16)
    test = await restarted(link)
    link.say(1, 6, after(BACK + 30))
    assert test.advance(after(BACK + 31)) is None
    link.say(2, 16, after(BACK + 32))
    test.advance(after(BACK + 32))
    assert test.after_restart is Outcome.FAILED


@pytest.mark.parametrize("there", [False, True])
async def test_who_does_not_come_back_or_does_not_restart_shows_nothing(*, there: bool) -> None:
    link = Link(16)
    test = await passed(link)
    link.there = there
    late = RESET + STARTS_WITHIN
    assert test.advance(late - timedelta(seconds=1)) is None
    assert test.advance(late) is Outcome.PASSED
    assert test.after_restart is Outcome.UNCLEAR
    assert link.contact is Contact.FULL


async def test_who_refuses_to_restart_shows_nothing() -> None:
    link = Link(16)
    test = await passed(link)
    link.reset_error = ChargerRefused("Reset")
    link.answers_reset.set()
    await asyncio.sleep(0)
    assert test.advance(after(1)) is Outcome.PASSED
    assert (test.after_restart, link.contact) == (Outcome.UNCLEAR, Contact.FULL)


@pytest.mark.parametrize("error", [ChargerOffline("gone"), ChargerTimeout("Reset")])
async def test_who_restarts_without_an_answer_is_looked_at_all_the_same(
    error: ChargerError,
) -> None:
    link = Link(16)
    link.reset_error = error
    test = await restarted(link)
    link.say(1, 16, after(BACK + 1))
    assert test.advance(after(BACK + 2)) is Outcome.PASSED
    assert test.after_restart is Outcome.FAILED


async def test_a_test_that_is_given_up_waits_for_nothing() -> None:
    link = Link(16)
    test = await passed(link)
    test.end()
    await asyncio.sleep(0)
    assert link.contact is Contact.FULL
    link.answers_reset.set()
    assert len(asyncio.all_tasks()) == 1


async def test_who_cannot_be_restarted_has_shown_all_it_can() -> None:
    link = Link(16)
    test = DisconnectTest(link, {1: 6.0}, START)
    assert test.advance(RESET) is None
    link.say(1, 6, RESET)
    assert test.advance(RESET) is Outcome.PASSED
    assert (test.after_restart, link.hard_resets) == (Outcome.UNCLEAR, 0)
