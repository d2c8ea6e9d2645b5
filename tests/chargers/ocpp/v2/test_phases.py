"""Switching between one phase and three by the profiles of OCPP 2.0.1 and 2.1."""

from typing import Any

import pytest

from custom_components.headroom.chargers.base import ChargerRefused
from custom_components.headroom.chargers.ocpp.station import OcppStation
from tests.chargers.ocpp.charge_point import ACCEPTED, REJECTED

from .charge_point import Payload, Received2, ScriptedStation
from .conftest import Dial, settled


def period(command: Received2) -> Payload:
    (schedule,) = command.profile["chargingSchedule"]
    (only,) = schedule["chargingSchedulePeriod"]
    found: Payload = only
    return found


async def test_phases_are_named_if_the_station_can_switch_them(
    station: OcppStation, dial: Dial
) -> None:
    charge_point = await dial()
    charge_point.variables["SmartChargingCtrlr.Phases3to1"] = "true"
    await charge_point.boot()
    await settled(charge_point)
    assert station.capabilities.switches_phases
    before = len(charge_point.profiles)
    station.set_current(1, 0)
    await station.set_phases(1, 1)
    assert [period(command) for command in profiles(charge_point)[before:]] == [
        {"startPeriod": 0, "limit": 0, "numberPhases": 1},
        {"startPeriod": 0, "limit": 6, "numberPhases": 1},
    ]


async def test_phases_that_cannot_be_ensured_are_left_out(
    station: OcppStation, charge_point: ScriptedStation
) -> None:
    def answer(payload: Payload) -> Any:
        (schedule,) = payload["chargingProfile"]["chargingSchedule"]
        named = "numberPhases" in schedule["chargingSchedulePeriod"][0]
        return REJECTED if named else ACCEPTED

    strategy = station.details["strategy"]
    charge_point.script["SetChargingProfile"] = answer
    with pytest.raises(ChargerRefused):
        await station.set_phases(1, 1)
    station.set_current(1, 10)
    await station.settled()
    assert period(profiles(charge_point)[-1]) == {"startPeriod": 0, "limit": 10}
    assert station.reading(1).confirmed == 10.0
    assert station.details["strategy"] == strategy
    assert not station.connectors[1].refusing


def profiles(charge_point: ScriptedStation) -> list[Received2]:
    return [command for command in charge_point.profiles if isinstance(command, Received2)]
