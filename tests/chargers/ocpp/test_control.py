"""Limits over the wire: what is sent first, and what counts while there is no answer."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from custom_components.headroom.chargers.base import (
    ChargerOffline,
    ChargerRefused,
    ChargerTimeout,
    ConnectorProfile,
)
from custom_components.headroom.chargers.ocpp.config import CentralSystemConfig
from custom_components.headroom.chargers.ocpp.server import CentralSystem
from custom_components.headroom.chargers.ocpp.station import OcppStation

from .charge_point import ACCEPTED, REJECTED, Refusal, ScriptedChargePoint, Special
from .conftest import PROFILE, Clock, Connect, until

IMPATIENT = CentralSystemConfig(
    command_timeout=timedelta(milliseconds=50), errand_timeout=timedelta(milliseconds=50)
)


async def test_base_and_lease_come_before_anything_else(
    station: OcppStation, connect: Connect
) -> None:
    charge_point = await connect()
    await charge_point.until(lambda: len(charge_point.received) > 2)
    base, lease, after = charge_point.received[:3]
    assert base.is_base
    assert base.payload["connectorId"] == 1
    assert base.limit == 6
    assert not lease.is_base
    assert lease.limit == 6
    assert after.action == "TriggerMessage"


async def test_every_connection_starts_with_nothing_known(
    station: OcppStation, connect: Connect, charge_point: ScriptedChargePoint
) -> None:
    station.set_current(1, 16)
    await station.settled()
    assert station.reading(1).confirmed == 16.0
    charge_point.cut()
    await until(station, lambda: not station.online)
    offline = station.reading(1)
    assert (offline.online, offline.confirmed) == (False, 16.0)
    again = await connect()
    seen = [station.reading(1).confirmed]
    station.subscribe(lambda: seen.append(station.reading(1).confirmed))
    await again.until_called("SetChargingProfile", 2)
    await station.settled()
    assert seen[0] in {None, 16.0}
    assert None in seen
    assert station.reading(1).confirmed == 16.0
    assert [command.limit for command in again.profiles] == [6, 16]


async def test_a_station_with_two_connectors_is_limited_on_both(
    system: CentralSystem, connect: Connect
) -> None:
    station = system.register("CP2", {1: PROFILE, 2: ConnectorProfile(fallback=0, max_current=16)})
    station.set_current(2, 40)
    charge_point = await connect("CP2")
    await station.settled()
    assert [(c.payload["connectorId"], c.limit) for c in charge_point.profiles] == [
        (1, 6),
        (1, 6),
        (2, 0),
        (2, 16),
    ]
    ids = {command.profile["chargingProfileId"] for command in charge_point.profiles}
    assert len(ids) == 4


async def test_a_setpoint_is_sent_once_and_confirmed(
    station: OcppStation, charge_point: ScriptedChargePoint, clock: Clock
) -> None:
    clock.advance(2)
    station.set_current(1, 13.799999999999999)
    station.set_current(1, 13.84)
    await station.settled()
    assert charge_point.leases[1:] == [13.8]
    reading = station.reading(1)
    assert reading.confirmed == 13.8
    assert reading.confirmed_at == clock()
    assert reading.lease_until == clock() + timedelta(seconds=180)
    assert station.connectors[1].confirmed == 13.8


async def test_below_the_least_current_is_a_pause(
    station: OcppStation, charge_point: ScriptedChargePoint
) -> None:
    station.set_current(1, 5.9)
    await station.settled()
    assert charge_point.leases[-1] == 0
    assert station.reading(1).confirmed == 0.0
    station.set_current(1, 8)
    await station.settled()
    assert charge_point.leases[-1] == 8


async def test_only_the_newest_setpoint_is_sent(
    station: OcppStation, charge_point: ScriptedChargePoint
) -> None:
    for current in (10, 20, 30, 12):
        station.set_current(1, current)
    await station.settled()
    assert charge_point.leases[1:] == [12]


async def test_decreases_go_before_raises(system: CentralSystem, connect: Connect) -> None:
    station = system.register("CP3", dict.fromkeys((1, 2, 3), PROFILE))
    charge_point = await connect("CP3")
    await charge_point.until_called("SetChargingProfile", 6)
    await station.settled()
    station.set_current(1, 16)
    station.set_current(2, 20)
    station.set_current(3, 0)
    await station.settled()
    sent = [(c.payload["connectorId"], c.limit) for c in charge_point.profiles[6:]]
    assert sent == [(3, 0), (1, 16), (2, 20)]


async def test_a_decrease_counts_only_once_it_is_accepted(
    station: OcppStation, charge_point: ScriptedChargePoint
) -> None:
    station.set_current(1, 16)
    await station.settled()
    counted: list[float | None] = []

    def accept(_: dict[str, Any]) -> dict[str, Any]:
        counted.append(station.reading(1).confirmed)
        return ACCEPTED

    charge_point.script["SetChargingProfile"] = accept
    station.set_current(1, 8)
    await station.settled()
    station.set_current(1, 20)
    await station.settled()
    assert counted == [16.0, 20.0]
    assert station.reading(1).confirmed == 20.0


@pytest.mark.parametrize(
    "answer",
    [
        REJECTED,
        {"status": "NotSupported"},
        {},
        [],
        {"status": ["Accepted"]},
        Refusal("NotImplemented"),
        Refusal("NoSuchCode"),
        Refusal("InternalError", details=False),
    ],
)
async def test_a_refused_lease_is_retried_and_logged_once(
    station: OcppStation,
    charge_point: ScriptedChargePoint,
    clock: Clock,
    caplog: pytest.LogCaptureFixture,
    answer: Any,
) -> None:
    charge_point.script["SetChargingProfile"] = answer
    station.set_current(1, 16)
    for _ in range(3):
        await station.settled()
        assert station.reading(1).confirmed == 6.0
        clock.advance(4)
        station.maintain()
    charge_point.script["SetChargingProfile"] = ACCEPTED
    await station.settled()
    clock.advance(8)
    station.maintain()
    await station.settled()
    assert station.reading(1).confirmed == 16.0
    faults = [record.message for record in caplog.records if "its limit" in record.message]
    assert len(faults) == 2
    assert "does not take" in faults[0]
    assert "again" in faults[1]


async def test_an_answer_with_more_than_a_status_is_an_answer(
    station: OcppStation, charge_point: ScriptedChargePoint
) -> None:
    charge_point.script["SetChargingProfile"] = ACCEPTED | {"vendorInfo": {"x": 1}}
    station.set_current(1, 16)
    await station.settled()
    assert station.reading(1).confirmed == 16.0


async def test_a_refused_base_limit_shows(station: OcppStation, connect: Connect) -> None:
    charge_point = await connect()
    charge_point.script["SetChargingProfile"] = lambda payload: (
        REJECTED if payload["csChargingProfiles"]["stackLevel"] == 0 else ACCEPTED
    )
    await charge_point.until_called("SetChargingProfile", 2)
    await station.settled()
    reading = station.reading(1)
    assert reading.fallback_refused
    assert reading.confirmed == 6.0


@pytest.mark.parametrize("config", [IMPATIENT])
@pytest.mark.parametrize(("current", "worst"), [(16, 16.0), (0, 6.0)])
async def test_without_an_answer_the_worse_current_counts(
    station: OcppStation,
    charge_point: ScriptedChargePoint,
    clock: Clock,
    current: float,
    worst: float,
) -> None:
    charge_point.script["SetChargingProfile"] = Special.SILENCE
    station.set_current(1, current)
    await station.settled()
    assert station.reading(1).confirmed == worst
    charge_point.script["SetChargingProfile"] = ACCEPTED
    clock.advance(1)
    station.maintain()
    await station.settled()
    assert station.reading(1).confirmed == current


@pytest.mark.parametrize("config", [IMPATIENT])
async def test_late_answers_are_dropped(
    station: OcppStation, charge_point: ScriptedChargePoint
) -> None:
    charge_point.script["SetChargingProfile"] = Special.SILENCE
    station.set_current(1, 0)
    await station.settled()
    late = charge_point.profiles[-1]
    await charge_point.socket.send_json([3, late.id, ACCEPTED])
    await charge_point.socket.send_json([4, late.id, "InternalError", "", {}])
    await charge_point.call("Heartbeat")
    assert station.reading(1).confirmed == 6.0


async def test_a_connection_that_drops_during_a_command(
    station: OcppStation, connect: Connect, charge_point: ScriptedChargePoint
) -> None:
    charge_point.script["SetChargingProfile"] = Special.HANG_UP
    station.set_current(1, 16)
    await station.settled()
    await until(station, lambda: not station.online)
    reading = station.reading(1)
    assert reading.confirmed == 16.0
    again = await connect()
    await again.until_called("SetChargingProfile", 2)
    await station.settled()
    assert station.reading(1).confirmed == 16.0


async def test_a_lease_is_renewed_at_half_its_life(
    station: OcppStation, charge_point: ScriptedChargePoint, clock: Clock
) -> None:
    before = len(charge_point.profiles)
    clock.advance(89)
    station.maintain()
    await station.settled()
    assert len(charge_point.profiles) == before
    clock.advance(1)
    station.maintain()
    await station.settled()
    renewal = charge_point.profiles[-1]
    assert len(charge_point.profiles) == before + 1
    assert renewal.profile["validTo"] == "2026-07-01T12:04:30Z"
    assert renewal.profile["chargingSchedule"]["startSchedule"] == "2026-07-01T12:00:30Z"
    assert station.reading(1).lease_until == clock() + timedelta(seconds=180)
    assert charge_point.commands("ClearChargingProfile") == []


async def test_an_expired_lease_is_counted_at_the_fallback(
    station: OcppStation, charge_point: ScriptedChargePoint, clock: Clock
) -> None:
    station.set_current(1, 0)
    await station.settled()
    charge_point.script["SetChargingProfile"] = REJECTED
    clock.advance(100)
    station.maintain()
    await station.settled()
    assert station.reading(1).confirmed == 0.0
    clock.advance(80)
    station.maintain()
    assert station.reading(1).confirmed == 6.0
    await station.settled()


async def test_changed_limits_apply_at_once(
    system: CentralSystem, station: OcppStation, charge_point: ScriptedChargePoint
) -> None:
    station.set_current(1, 32)
    await station.settled()
    before = len(charge_point.profiles)
    system.update("CP1", {1: ConnectorProfile(fallback=6, max_current=16)})
    await station.settled()
    assert [(c.is_base, c.limit) for c in charge_point.profiles[before:]] == [(False, 16)]
    system.update("CP1", {1: ConnectorProfile(fallback=8, max_current=16)})
    await station.settled()
    assert (charge_point.profiles[-1].is_base, charge_point.profiles[-1].limit) == (True, 8)


async def test_connectors_come_and_go(
    system: CentralSystem, station: OcppStation, charge_point: ScriptedChargePoint
) -> None:
    system.update("CP1", {2: PROFILE})
    await station.settled()
    assert station.connectors.keys() == {2}
    assert [c.payload["connectorId"] for c in charge_point.profiles[-2:]] == [2, 2]
    await charge_point.until(
        lambda: any(
            c.payload.get("connectorId") == 2 for c in charge_point.commands("TriggerMessage")
        )
    )
    system.update("CP1", {1: PROFILE, 2: PROFILE})
    assert station.connectors.keys() == {1, 2}
    await station.settled()


async def two_at_16(
    system: CentralSystem, station: OcppStation, charge_point: ScriptedChargePoint
) -> None:
    system.update("CP1", {1: PROFILE, 2: PROFILE})
    for number in (1, 2):
        station.set_current(number, 16)
    await station.settled()


def lowest_of(charge_point: ScriptedChargePoint, connector: int) -> float:
    profiles = [c for c in charge_point.profiles if c.payload["connectorId"] == connector]
    return profiles[-1].limit


async def test_a_connector_that_is_removed_is_paused_first(
    system: CentralSystem, station: OcppStation, charge_point: ScriptedChargePoint
) -> None:
    await two_at_16(system, station, charge_point)
    system.update("CP1", {1: PROFILE})
    assert station.connectors.keys() == {1}
    await station.settled()
    assert lowest_of(charge_point, 2) == 0
    assert lowest_of(charge_point, 1) == 16
    before = len(charge_point.profiles)
    system.update("CP1", {1: PROFILE})
    await station.settled()
    assert len(charge_point.profiles) == before, "it is not looked after any more"


async def test_a_removed_connector_is_asked_again_until_it_is_paused(
    system: CentralSystem, station: OcppStation, charge_point: ScriptedChargePoint, clock: Clock
) -> None:
    await two_at_16(system, station, charge_point)
    charge_point.script["SetChargingProfile"] = REJECTED
    system.update("CP1", {1: PROFILE})
    await station.settled()
    charge_point.script["SetChargingProfile"] = ACCEPTED
    before = len(charge_point.profiles)
    clock.advance(2)
    station.maintain()
    await station.settled()
    assert [(c.payload["connectorId"], c.limit) for c in charge_point.profiles[before:]] == [(2, 0)]


async def test_a_removed_connector_that_refuses_is_given_up_after_a_lease(
    system: CentralSystem,
    station: OcppStation,
    charge_point: ScriptedChargePoint,
    clock: Clock,
    caplog: pytest.LogCaptureFixture,
) -> None:
    await two_at_16(system, station, charge_point)
    charge_point.script["SetChargingProfile"] = lambda payload: (
        REJECTED if payload["connectorId"] == 2 else ACCEPTED
    )
    system.update("CP1", {1: PROFILE})
    await station.settled()
    clock.advance(179)
    station.maintain()
    await station.settled()
    assert "was removed" not in caplog.text
    clock.advance(1)
    for _ in range(2):
        station.maintain()
        await station.settled()
    assert caplog.text.count("Connector 2 of station CP1 was removed and does not accept") == 1
    before = len(charge_point.profiles)
    clock.advance(90)
    station.maintain()
    await station.settled()
    assert {c.payload["connectorId"] for c in charge_point.profiles[before:]} == {1}


async def test_a_connector_removed_without_contact_is_paused_at_the_next(
    system: CentralSystem,
    station: OcppStation,
    charge_point: ScriptedChargePoint,
    clock: Clock,
    connect: Connect,
) -> None:
    await two_at_16(system, station, charge_point)
    charge_point.cut()
    await until(station, lambda: not station.online)
    system.update("CP1", {1: PROFILE})
    clock.advance(3600)
    again = await connect()
    await again.until_called("SetChargingProfile", 4)
    await station.settled()
    assert lowest_of(again, 2) == 0


async def test_a_connector_that_comes_back_goes_on_with_what_is_known_of_it(
    system: CentralSystem, station: OcppStation, charge_point: ScriptedChargePoint
) -> None:
    await two_at_16(system, station, charge_point)
    charge_point.script["SetChargingProfile"] = REJECTED
    system.update("CP1", {1: PROFILE})
    await station.settled()
    system.update("CP1", {1: PROFILE, 2: PROFILE})
    assert station.reading(2).confirmed == 16.0


async def test_settled_returns_at_once_without_contact(station: OcppStation) -> None:
    station.set_current(1, 16)
    async with asyncio.timeout(1):
        await station.settled()
    assert station.reading(1).confirmed is None


async def test_settled_lets_go_when_contact_is_lost(
    station: OcppStation, charge_point: ScriptedChargePoint
) -> None:
    charge_point.script["SetChargingProfile"] = Special.SILENCE
    station.set_current(1, 16)
    waiting = asyncio.create_task(station.settled())
    await charge_point.until_called("SetChargingProfile", 3)
    charge_point.cut()
    async with asyncio.timeout(5):
        await waiting


async def test_commands_of_people(station: OcppStation, charge_point: ScriptedChargePoint) -> None:
    await station.start(1, "BADGE1")
    command = charge_point.commands("RemoteStartTransaction")[-1]
    assert command.payload == {"idTag": "BADGE1", "connectorId": 1}
    await station.stop(1)
    assert charge_point.commands("RemoteStopTransaction") == []
    started = await charge_point.call(
        "StartTransaction",
        {"connectorId": 1, "idTag": "BADGE1", "meterStart": 0, "timestamp": "2026-07-01T12:00:00Z"},
    )
    await station.stop(1)
    stop = charge_point.commands("RemoteStopTransaction")[-1]
    assert stop.payload == {"transactionId": started["transactionId"]}
    await station.reset(hard=True)
    await station.reset(hard=False)
    assert [c.payload["type"] for c in charge_point.commands("Reset")] == ["Hard", "Soft"]


async def test_commands_that_are_refused(
    station: OcppStation, charge_point: ScriptedChargePoint
) -> None:
    charge_point.script["RemoteStartTransaction"] = REJECTED
    charge_point.script["Reset"] = Refusal("NotSupported")
    with pytest.raises(ChargerRefused, match="Rejected"):
        await station.start(1, "A")
    with pytest.raises(ChargerRefused, match="Reset"):
        await station.reset(hard=True)


@pytest.mark.parametrize("config", [IMPATIENT])
async def test_commands_without_answer(
    station: OcppStation, charge_point: ScriptedChargePoint
) -> None:
    charge_point.script["RemoteStartTransaction"] = Special.SILENCE
    with pytest.raises(ChargerTimeout) as silence:
        await station.start(1, "SECRET")
    assert "SECRET" not in str(silence.value)


async def test_commands_without_contact(station: OcppStation) -> None:
    with pytest.raises(ChargerOffline):
        await station.start(1, "A")
    with pytest.raises(ChargerOffline):
        await station.reset(hard=True)


async def test_a_command_fails_at_once_when_contact_is_lost(
    station: OcppStation, charge_point: ScriptedChargePoint
) -> None:
    charge_point.script["Reset"] = Special.HANG_UP
    with pytest.raises(ChargerOffline):
        await station.reset(hard=True)


async def test_commands_that_queue_fail_when_contact_is_lost(
    station: OcppStation, charge_point: ScriptedChargePoint
) -> None:
    charge_point.script["Reset"] = Special.SILENCE
    first = asyncio.create_task(station.reset(hard=True))
    second = asyncio.create_task(station.reset(hard=False))
    await charge_point.until_called("Reset")
    charge_point.cut()
    for command in (first, second):
        with pytest.raises(ChargerOffline):
            await command


async def test_a_car_that_is_to_go_on_without_contact_has_a_limit_without_end(
    system: CentralSystem, connect: Connect
) -> None:
    keep = ConnectorProfile(fallback=0, max_current=32, keep=True)
    station = system.register("CP2", {1: keep})
    charge_point = await connect("CP2")
    station.set_current(1, 10)
    await station.settled()
    assert "validTo" in charge_point.profiles[-1].profile

    await charge_point.status("Charging")
    station.maintain()
    await station.settled()
    assert (charge_point.leases[-1], station.reading(1).lease_until) == (10, None)
    endless = charge_point.profiles[-1].profile
    assert "validTo" not in endless
    assert "duration" not in endless["chargingSchedule"]

    await charge_point.status("Finishing")
    station.maintain()
    await station.settled()
    assert "validTo" in charge_point.profiles[-1].profile
    assert station.reading(1).lease_until is not None
