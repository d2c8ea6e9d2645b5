"""When a charger that introduces itself may have lost power."""

from datetime import UTC, datetime, timedelta

import pytest

from custom_components.headroom.chargers.ocpp.boots import Boots
from custom_components.headroom.chargers.ocpp.station import OcppStation

from .charge_point import ScriptedChargePoint
from .conftest import Clock

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)
PATIENCE = timedelta(seconds=30)


def test_the_first_introduction_of_a_contact_is_no_restart_within_it() -> None:
    boots = Boots(PATIENCE)
    boots.connect()
    assert not boots.note(NOON, after_loss=True)
    assert boots.expects_none
    assert boots.note(NOON, after_loss=True)
    assert boots.last == NOON


@pytest.mark.parametrize(("seconds", "is_answer"), [(30, True), (31, False)])
def test_an_introduction_that_was_asked_for_is_no_start(seconds: int, is_answer: bool) -> None:
    boots = Boots(PATIENCE)
    boots.connect()
    boots.ask(NOON)
    later = NOON + timedelta(seconds=seconds)
    assert boots.note(later, after_loss=True) is not is_answer
    assert boots.last == (None if is_answer else later)


@pytest.mark.parametrize(("minutes", "is_loss"), [(5, False), (6, True)])
def test_a_start_that_was_ordered_is_no_loss(minutes: int, *, is_loss: bool) -> None:
    boots = Boots(PATIENCE)
    boots.order(NOON)
    boots.connect()
    later = NOON + timedelta(minutes=minutes)
    boots.note(later, after_loss=True)
    assert (boots.last == later) is is_loss
    boots.note(later + PATIENCE, after_loss=True)
    assert boots.last == later + PATIENCE


def test_a_start_without_a_loss_of_power_is_a_start_all_the_same() -> None:
    boots = Boots(PATIENCE)
    boots.connect()
    boots.note(NOON, after_loss=True)
    assert boots.note(NOON + PATIENCE, after_loss=False)
    assert boots.last == NOON


async def test_a_station_tells_when_it_last_started(
    station: OcppStation, charge_point: ScriptedChargePoint, clock: Clock
) -> None:
    assert station.reading(1).booted_at == clock.time
    before = clock.time
    clock.advance(60)
    assert station.reading(1).booted_at == before
    await charge_point.boot()
    assert station.reading(1).booted_at == clock.time


async def test_a_restart_that_people_ask_for_is_no_loss_of_power(
    station: OcppStation, charge_point: ScriptedChargePoint, clock: Clock
) -> None:
    before = station.reading(1).booted_at
    await station.reset(hard=True)
    clock.advance(60)
    await charge_point.boot()
    assert station.reading(1).booted_at == before
