"""Less than full contact: nothing at all, or reports without commands."""

import pytest
from aiohttp import WSServerHandshakeError

from custom_components.headroom.chargers.base import Contact
from custom_components.headroom.chargers.ocpp.station import OcppStation

from .charge_point import ScriptedChargePoint
from .conftest import Connect, until


async def test_a_station_is_cut_off_and_not_let_in(
    station: OcppStation, charge_point: ScriptedChargePoint, connect: Connect
) -> None:
    station.restrict(Contact.NONE)
    assert not station.online
    with pytest.raises(WSServerHandshakeError) as refusal:
        await connect()
    assert refusal.value.status == 503


async def test_a_station_that_is_listened_to_reports_and_is_told_no_limit(
    station: OcppStation, charge_point: ScriptedChargePoint, connect: Connect
) -> None:
    station.restrict(Contact.NONE)
    station.restrict(Contact.LISTENING)
    back = await connect()
    station.set_current(1, 16)
    await back.until(lambda: "MeterValues" in triggered(back))
    await back.status("Charging")
    await back.meter({"measurand": "Current.Import", "value": "6.0", "phase": "L1"})
    data = station.connectors[1]
    assert data.drawn is not None
    assert data.drawn.l1 == 6
    assert station.reading(1).confirmed is None
    assert back.profiles == []

    station.restrict(Contact.FULL)
    await until(station, lambda: station.reading(1).confirmed == 16)
    assert [command.limit for command in back.profiles] == [6, 16]


async def test_a_station_that_starts_is_not_accepted_before_it_has_shown_what_it_does(
    station: OcppStation, charge_point: ScriptedChargePoint, connect: Connect
) -> None:
    station.restrict(Contact.NONE)
    station.restrict(Contact.LISTENING)
    back = await connect()
    pending = await back.boot(firmwareVersion="2")
    assert (pending["status"], pending["interval"]) == ("Pending", 10)
    assert station.info.firmware is None
    station.restrict(Contact.FULL)
    assert (await back.boot(firmwareVersion="2"))["status"] == "Accepted"
    assert station.info.firmware == "2"


async def test_the_same_restriction_again_changes_nothing(
    station: OcppStation, charge_point: ScriptedChargePoint
) -> None:
    station.restrict(Contact.FULL)
    assert station.online
    station.set_current(1, 10)
    await until(station, lambda: station.reading(1).confirmed == 10)


def triggered(charge_point: ScriptedChargePoint) -> list[str]:
    """Return what was asked for."""
    return [
        command.payload["requestedMessage"] for command in charge_point.commands("TriggerMessage")
    ]
