"""What `maintain()` does: pings, watchdogs and the ends of silent connections."""

from datetime import timedelta

import pytest

from custom_components.headroom.chargers.base import ChargerOffline
from custom_components.headroom.chargers.ocpp.config import CentralSystemConfig
from custom_components.headroom.chargers.ocpp.station import OcppStation

from .charge_point import REJECTED, ScriptedChargePoint, Special
from .conftest import Clock, Connect, settled, until


async def tick(
    charge_point: ScriptedChargePoint, station: OcppStation, clock: Clock, seconds: float
) -> None:
    """Let time pass and let everything that follows from it happen."""
    clock.advance(seconds)
    station.maintain()
    await station.settled()
    await charge_point.call("Heartbeat")


def triggers(charge_point: ScriptedChargePoint, message: str) -> int:
    asked = charge_point.commands("TriggerMessage")
    return sum(command.payload["requestedMessage"] == message for command in asked)


async def until_triggers(charge_point: ScriptedChargePoint, count: int) -> None:
    await charge_point.until(lambda: triggers(charge_point, "MeterValues") == count)


async def until_pings(charge_point: ScriptedChargePoint, count: int) -> None:
    await charge_point.until(lambda: charge_point.pings == count)


async def test_maintain_without_contact_does_nothing(station: OcppStation) -> None:
    station.maintain()
    assert not station.online


async def test_a_charger_that_does_not_introduce_itself_is_asked_to(
    station: OcppStation, connect: Connect, clock: Clock
) -> None:
    charge_point = await connect()
    await settled(charge_point)
    before = len(charge_point.received)
    await tick(charge_point, station, clock, 4.9)
    assert len(charge_point.received) == before
    await tick(charge_point, station, clock, 0.2)
    await charge_point.until(lambda: len(charge_point.received) == before + 3)
    asked = [command.payload for command in charge_point.received[before:]]
    assert asked == [
        {"requestedMessage": "BootNotification"},
        {"requestedMessage": "StatusNotification", "connectorId": 1},
        {"requestedMessage": "MeterValues", "connectorId": 1},
    ]
    await tick(charge_point, station, clock, 5)
    assert triggers(charge_point, "BootNotification") == 1


async def test_a_charger_that_introduced_itself_is_not_asked(
    station: OcppStation, charge_point: ScriptedChargePoint, clock: Clock
) -> None:
    await tick(charge_point, station, clock, 6)
    assert triggers(charge_point, "BootNotification") == 0


@pytest.mark.parametrize("config", [CentralSystemConfig(errand_timeout=timedelta(milliseconds=20))])
async def test_triggers_that_are_not_answered_hold_up_nothing(
    station: OcppStation, connect: Connect, clock: Clock
) -> None:
    charge_point = await connect()
    charge_point.script["TriggerMessage"] = Special.SILENCE
    await settled(charge_point)
    await tick(charge_point, station, clock, 6)
    await until_triggers(charge_point, 1)
    station.set_current(1, 16)
    await station.settled()
    assert station.reading(1).confirmed == 16.0


async def test_missing_samples_are_asked_for_but_not_for_ever(
    station: OcppStation, charge_point: ScriptedChargePoint, clock: Clock
) -> None:
    charge_point.script["TriggerMessage"] = REJECTED
    await charge_point.status("Charging")
    await tick(charge_point, station, clock, 30)
    assert triggers(charge_point, "MeterValues") == 0
    await tick(charge_point, station, clock, 1)
    await until_triggers(charge_point, 1)
    await tick(charge_point, station, clock, 29)
    assert triggers(charge_point, "MeterValues") == 1
    for count in (2, 3, 4, 5):
        await tick(charge_point, station, clock, 30)
        await until_triggers(charge_point, count)
    await tick(charge_point, station, clock, 30)
    assert triggers(charge_point, "MeterValues") == 5
    await charge_point.meter({"value": "7"})
    await tick(charge_point, station, clock, 31)
    await until_triggers(charge_point, 6)


async def test_samples_are_not_asked_for_while_they_come_or_nothing_charges(
    station: OcppStation, charge_point: ScriptedChargePoint, clock: Clock
) -> None:
    await tick(charge_point, station, clock, 40)
    await charge_point.status("Charging")
    await charge_point.meter({"value": "7"})
    await tick(charge_point, station, clock, 30)
    assert triggers(charge_point, "MeterValues") == 0


async def test_pings_are_sent_at_their_interval(
    station: OcppStation, charge_point: ScriptedChargePoint, clock: Clock
) -> None:
    await tick(charge_point, station, clock, 24)
    assert charge_point.pings == 0
    await tick(charge_point, station, clock, 1)
    await until_pings(charge_point, 1)
    await tick(charge_point, station, clock, 24)
    assert charge_point.pings == 1


async def test_a_silent_connection_is_cut(
    station: OcppStation,
    charge_point: ScriptedChargePoint,
    clock: Clock,
    caplog: pytest.LogCaptureFixture,
) -> None:
    charge_point.answers_pings = False
    for count in (1, 2, 3):
        clock.advance(25)
        station.maintain()
        assert station.online
        await until_pings(charge_point, count)
    await station.settled()
    clock.advance(25)
    station.maintain()
    with pytest.raises(ChargerOffline):
        await station.reset(hard=True)
    await until(station, lambda: not station.online)
    await charge_point.until_closed()
    assert "Station CP1 has gone silent" in caplog.text


@pytest.mark.parametrize("pongs", [True, False])
async def test_a_pong_or_any_message_keeps_the_connection(
    station: OcppStation, charge_point: ScriptedChargePoint, clock: Clock, *, pongs: bool
) -> None:
    charge_point.answers_pings = pongs
    for count in range(1, 9):
        clock.advance(25)
        station.maintain()
        await until_pings(charge_point, count)
        await charge_point.call("Heartbeat")
    assert station.online


async def test_a_jump_of_the_clock_does_not_end_a_connection(
    station: OcppStation, charge_point: ScriptedChargePoint, clock: Clock
) -> None:
    for jump in (86400, -86400):
        await tick(charge_point, station, clock, jump)
        assert station.online
