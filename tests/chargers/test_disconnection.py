"""The test of a charger's fallback, with a charger that does as it is told by the test."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from custom_components.headroom.chargers.base import (
    ChargerLink,
    ChargerOffline,
    ChargerRefused,
    Contact,
    Failsafe,
)
from custom_components.headroom.chargers.disconnection import (
    DisconnectTest,
    NoFailsafe,
    NothingToSee,
)
from custom_components.headroom.chargers.outcome import Outcome
from custom_components.headroom.engine.currents import PerPhase
from custom_components.headroom.engine.snapshot import ConnectorStatus

from .obedient import LEASE, START, Link

SILENT = LEASE + timedelta(seconds=30)
FALLBACKS = {1: 6.0}


def after(seconds: float) -> datetime:
    """Return a moment after the silence."""
    return START + SILENT + timedelta(seconds=seconds)


def silent(link: Link, fallbacks: Mapping[int, float] = FALLBACKS) -> DisconnectTest:
    """Begin a test and let its silence pass."""
    test = DisconnectTest(link, fallbacks, START)
    allowed = [link.contact]
    for moment in (after(-1), after(0)):
        assert test.advance(moment) is None
        allowed.append(link.contact)
    assert allowed == [Contact.NONE, Contact.NONE, Contact.LISTENING]
    return test


@pytest.mark.parametrize(
    ("drawn", "status", "outcome"),
    [
        (6.0, ConnectorStatus.CHARGING, Outcome.PASSED),
        (7.0, ConnectorStatus.CHARGING, Outcome.PASSED),
        (7.1, ConnectorStatus.CHARGING, Outcome.FAILED),
        (16.0, ConnectorStatus.SUSPENDED_EV, Outcome.FAILED),
        (0.0, ConnectorStatus.SUSPENDED_EVSE, Outcome.PASSED),
        (0.0, ConnectorStatus.SUSPENDED_EV, Outcome.UNCLEAR),
        (0.0, ConnectorStatus.AVAILABLE, Outcome.UNCLEAR),
    ],
)
def test_what_a_charger_draws_when_it_is_back_tells(
    drawn: float, status: ConnectorStatus, outcome: Outcome
) -> None:
    link = Link(16)
    test = silent(link)
    assert test.advance(after(5)) is None, "only the old sample is known"
    link.say(1, drawn, after(6), status)
    assert test.advance(after(7)) is outcome
    assert link.contact is Contact.FULL


def test_one_connector_that_goes_on_is_enough_to_fail() -> None:
    link = Link(16, 16, 0)
    test = silent(link, {1: 6.0, 2: 6.0, 3: 6.0})
    link.say(2, 16, after(1))
    assert test.advance(after(2)) is Outcome.FAILED


def test_every_connector_with_a_car_has_to_tell() -> None:
    link = Link(16, 16, 0)
    test = silent(link, {1: 6.0, 2: 6.0, 3: 6.0})
    link.say(1, 6, after(1))
    assert test.advance(after(2)) is None
    link.say(2, 0, after(3), ConnectorStatus.AVAILABLE)
    assert test.advance(after(4)) is Outcome.PASSED


def test_a_charger_may_take_its_time_to_come_back() -> None:
    link = Link(16)
    test = silent(link)
    link.there = False
    assert test.advance(after(14 * 60)) is None
    link.there = True
    assert test.advance(after(14 * 60 + 30)) is None
    link.say(1, 6, after(14 * 60 + 40))
    assert test.advance(after(15 * 60 + 10)) is Outcome.PASSED


def test_a_charger_that_stays_away_shows_nothing() -> None:
    link = Link(16)
    test = silent(link)
    link.there = False
    assert test.advance(after(15 * 60)) is Outcome.UNCLEAR
    assert link.contact is Contact.FULL


def test_a_charger_that_says_nothing_shows_nothing() -> None:
    link = Link(16)
    test = silent(link)
    assert test.advance(after(89)) is None
    assert test.advance(after(90)) is Outcome.UNCLEAR


def test_a_connector_that_is_gone_shows_nothing() -> None:
    link = Link(16)
    test = silent(link)
    link.data.clear()
    assert test.advance(after(1)) is Outcome.UNCLEAR


def test_without_a_known_end_the_silence_is_short() -> None:
    link = Link(16)
    link.lease_until = None
    test = DisconnectTest(link, FALLBACKS, START)
    test.advance(START + timedelta(seconds=30))
    assert link.contact is Contact.LISTENING


def test_there_must_be_something_to_see() -> None:
    for drawn in (None, 7.9):
        link = Link(16)
        link.say(1, drawn, START)
        with pytest.raises(NothingToSee):
            DisconnectTest(link, FALLBACKS, START)
        assert link.contact is Contact.FULL
    with pytest.raises(NothingToSee):
        DisconnectTest(Link(16), {2: 6.0}, START)


def test_there_must_be_a_fallback() -> None:
    link = Link(16)
    with pytest.raises(NoFailsafe):
        DisconnectTest(link, {}, START)
    link.failsafe = Failsafe.NONE
    with pytest.raises(NoFailsafe):
        DisconnectTest(link, FALLBACKS, START)


def test_there_must_be_contact() -> None:
    link = Link(16)
    link.there = False
    with pytest.raises(ChargerOffline):
        DisconnectTest(link, FALLBACKS, START)


def test_by_default_contact_cannot_be_restricted() -> None:
    with pytest.raises(ChargerRefused):
        ChargerLink.restrict(Link(16), Contact.NONE)


def test_a_sample_from_before_the_silence_ended_does_not_count() -> None:
    link = Link(16)
    test = silent(link)
    link.data[1] = replace(link.data[1], drawn=PerPhase(6, 0, 0), measured_at=after(-1))
    assert test.advance(after(1)) is None


def test_the_first_sample_counts_for_some_go_on_as_before_once_they_are_asked() -> None:
    link = Link(16)
    test = silent(link)
    link.say(1, 6, after(0.2))
    link.say(1, 16, after(1.2))
    assert test.advance(after(2)) is Outcome.PASSED
    link.say(1, 16, after(3))


def test_a_car_that_has_left_meanwhile_shows_nothing_by_its_first_sample() -> None:
    link = Link(16)
    test = silent(link)
    link.say(1, 0, after(0.2))
    link.say(1, 0, after(1), ConnectorStatus.AVAILABLE)
    assert test.advance(after(2)) is Outcome.UNCLEAR
