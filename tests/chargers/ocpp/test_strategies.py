"""Over the wire: what a station that is choosy about limits ends up with."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import ClientSession

from custom_components.headroom.chargers.base import Failsafe
from custom_components.headroom.chargers.ocpp.config import CentralSystemConfig
from custom_components.headroom.chargers.ocpp.experience import Experience
from custom_components.headroom.chargers.ocpp.server import CentralSystem
from custom_components.headroom.chargers.ocpp.station import OcppStation
from custom_components.headroom.chargers.ocpp.strategy import Purpose, WayChoice
from custom_components.headroom.chargers.ocpp.traits import Unit

from .charge_point import ACCEPTED, REJECTED, Refusal, ScriptedChargePoint, Special
from .conftest import PROFILE, Clock, Connect, settled, until
from .test_station import amps, begin, end

IMPATIENT = CentralSystemConfig(
    command_timeout=timedelta(milliseconds=30), errand_timeout=timedelta(milliseconds=30)
)
NOT_SUPPORTED = {"status": "NotSupported"}

type Taste = Callable[[dict[str, Any]], bool]


def takes(taste: Taste, otherwise: Any = REJECTED) -> Callable[[dict[str, Any]], Any]:
    """Accept the profiles that are to a station's taste."""

    def answer(payload: dict[str, Any]) -> Any:
        return ACCEPTED if taste(payload["csChargingProfiles"]) else otherwise

    return answer


def unit_of(profile: dict[str, Any]) -> str:
    unit: str = profile["chargingSchedule"]["chargingRateUnit"]
    return unit


def purpose_of(profile: dict[str, Any]) -> str:
    purpose: str = profile["chargingProfilePurpose"]
    return purpose


async def start(
    connect: Connect, taste: Taste, otherwise: Any = REJECTED, **boot: str
) -> ScriptedChargePoint:
    """Connect a choosy station and wait until it has been asked everything."""
    charge_point = await connect()
    charge_point.script["SetChargingProfile"] = takes(taste, otherwise)
    await charge_point.boot(**boot)
    await settled(charge_point)
    return charge_point


def strategy(station: OcppStation) -> object:
    return station.details["strategy"]


async def aim(station: OcppStation, current: float) -> float | None:
    station.set_current(1, current)
    await station.settled()
    return station.reading(1).confirmed


async def test_an_ordinary_station_gets_a_lease(
    station: OcppStation, charge_point: ScriptedChargePoint
) -> None:
    assert strategy(station) == "TxDefaultProfile at level 1 over TxDefaultProfile, Absolute, A"
    assert station.capabilities.failsafe is Failsafe.LEASE
    assert station.limitable
    assert not station.reading(1).fallback_refused


async def test_watts_only(station: OcppStation, connect: Connect) -> None:
    charge_point = await start(connect, lambda profile: unit_of(profile) == "W")
    assert strategy(station) == "TxDefaultProfile at level 1 over TxDefaultProfile, Absolute, W"
    assert not station.reading(1).fallback_refused
    await charge_point.status("Charging")
    await charge_point.meter(*[amps(8, phase) for phase in ("L1", "L2", "L3")])
    assert await aim(station, 16) == 16.0
    assert charge_point.profiles[-1].limit == 16 * 3 * 230
    await charge_point.meter(*[amps(8 if p == "L1" else 0, p) for p in ("L1", "L2", "L3")])
    station.maintain()
    await station.settled()
    assert charge_point.profiles[-1].limit == 16 * 230
    assert station.reading(1).confirmed == 16.0


async def test_a_limit_of_the_station_only(station: OcppStation, connect: Connect) -> None:
    charge_point = await start(
        connect, lambda profile: purpose_of(profile) == "ChargePointMaxProfile", NOT_SUPPORTED
    )
    assert "ChargePointMaxProfile at level 1 over" in str(strategy(station))
    assert charge_point.profiles[-1].payload["connectorId"] == 0
    assert await aim(station, 16) == 16.0
    reading = station.reading(1)
    assert (reading.fallback_refused, reading.lease_until is None) == (False, False)
    assert station.capabilities.failsafe is Failsafe.LEASE


async def test_stack_level_0_with_a_limit_for_the_transaction(
    station: OcppStation, connect: Connect, clock: Clock
) -> None:
    charge_point = await start(
        connect,
        lambda p: p["stackLevel"] == 0 and purpose_of(p) != "ChargePointMaxProfile",
    )
    assert strategy(station) == "TxProfile at level 0 over TxDefaultProfile, Absolute, A"
    assert await aim(station, 16) == 6.0, "without a transaction the base limit holds"
    transaction = await begin(charge_point)
    await station.settled()
    lease = charge_point.profiles[-1].profile
    assert (lease["transactionId"], charge_point.profiles[-1].limit) == (transaction, 16)
    assert "validTo" in lease
    assert station.reading(1).confirmed == 16.0
    assert station.capabilities.failsafe is Failsafe.LEASE
    clock.advance(1)
    await end(charge_point, transaction)
    assert station.reading(1).confirmed == 6.0
    assert station.reading(1).lease_until is None


async def test_stack_level_0_only_has_no_failsafe(station: OcppStation, connect: Connect) -> None:
    charge_point = await start(
        connect, lambda p: p["stackLevel"] == 0 and purpose_of(p) == "TxDefaultProfile"
    )
    await begin(charge_point)
    assert await aim(station, 16) == 16.0
    assert strategy(station) == "TxDefaultProfile at level 0 alone, Absolute, A"
    standing = charge_point.profiles[-1].profile
    assert "validTo" not in standing
    assert "duration" not in standing["chargingSchedule"]
    assert station.capabilities.failsafe is Failsafe.NONE
    reading = station.reading(1)
    assert (reading.fallback_refused, reading.lease_until) == (True, None)
    assert await aim(station, 0) == 0.0
    charge_point.cut()
    await until(station, lambda: not station.online)
    offline = station.reading(1)
    assert (offline.confirmed, offline.fallback_refused) == (0.0, True)


async def test_a_standing_limit_is_not_written_again_and_again(
    station: OcppStation, connect: Connect, clock: Clock
) -> None:
    charge_point = await start(
        connect, lambda p: p["stackLevel"] == 0 and purpose_of(p) == "TxDefaultProfile"
    )
    await begin(charge_point)
    await aim(station, 16)
    before = len(charge_point.profiles)
    clock.advance(3600)
    station.maintain()
    await station.settled()
    assert len(charge_point.profiles) == before
    assert station.reading(1).confirmed == 16.0


async def test_a_limit_for_the_transaction_only(station: OcppStation, connect: Connect) -> None:
    charge_point = await start(
        connect, lambda p: purpose_of(p) == "TxProfile" and p.get("transactionId", 0) > 0
    )
    transaction = await begin(charge_point)
    assert await aim(station, 16) == 16.0
    assert strategy(station) == "TxProfile at level 0 alone, Absolute, A"
    await end(charge_point, transaction)
    reading = station.reading(1)
    assert (reading.confirmed, reading.fallback_refused) == (None, True)


async def test_relative_only(station: OcppStation, connect: Connect) -> None:
    charge_point = await start(
        connect,
        lambda p: p["chargingProfileKind"] == "Relative" and purpose_of(p) == "TxDefaultProfile",
    )
    await begin(charge_point)
    assert await aim(station, 16) == 16.0
    assert "startSchedule" not in charge_point.profiles[-1].profile["chargingSchedule"]
    assert station.capabilities.failsafe is Failsafe.NONE


async def test_a_refused_base_limit_shows(station: OcppStation, connect: Connect) -> None:
    charge_point = await start(connect, lambda profile: profile["stackLevel"] == 1)
    await begin(charge_point)
    assert await aim(station, 16) == 16.0
    assert station.reading(1).fallback_refused
    assert station.capabilities.failsafe is Failsafe.NONE


@pytest.mark.parametrize("answer", [NOT_SUPPORTED, Refusal("NotImplemented")])
async def test_nothing_works(station: OcppStation, connect: Connect, answer: Any) -> None:
    charge_point = await start(connect, lambda _: False, answer, chargePointVendor="Growatt")
    await begin(charge_point)
    await station.settled()
    assert station.details["strategy_accepted"] is False
    assert not station.limitable
    reading = station.reading(1)
    assert (reading.confirmed, reading.fallback_refused) == (None, True)
    charge_point.script["SetChargingProfile"] = ACCEPTED
    await charge_point.boot()
    await station.settled()
    assert (station.limitable, station.reading(1).confirmed) == (True, 6.0)


async def test_a_way_is_chosen_while_a_station_is_connected(
    system: CentralSystem, station: OcppStation, charge_point: ScriptedChargePoint
) -> None:
    remembered = strategy(station)
    station.choose(WayChoice(unit=Unit.WATT))
    await station.settled()
    assert strategy(station) == "TxDefaultProfile at level 1 over TxDefaultProfile, Absolute, W"
    assert station.reading(1).confirmed is not None
    before = len(charge_point.profiles)
    station.choose(WayChoice(unit=Unit.WATT))
    await station.settled()
    assert len(charge_point.profiles) == before
    twin = system.register("CP2", {1: PROFILE})
    assert strategy(twin) == remembered, "a choice is for one charger"
    station.choose(WayChoice())
    await station.settled()
    assert strategy(station) == remembered


async def test_a_chosen_way_without_effect_is_told(
    station: OcppStation, charge_point: ScriptedChargePoint, clock: Clock
) -> None:
    station.choose(WayChoice(purpose=Purpose.TRANSACTION, unit=Unit.AMPERE))
    await begin(charge_point)
    await station.settled()
    followed = strategy(station)
    clock.advance(31)
    await charge_point.meter(amps(5.5))
    assert strategy(station) == followed
    for _ in range(2):
        await charge_point.meter(amps(20))
    assert strategy(station) != followed


@pytest.mark.parametrize("config", [IMPATIENT])
async def test_time_outs_in_a_row_are_a_refusal(
    station: OcppStation, connect: Connect, clock: Clock
) -> None:
    charge_point = await connect()
    charge_point.script["SetChargingProfile"] = takes(
        lambda profile: unit_of(profile) == "W", Special.SILENCE
    )
    await charge_point.boot()
    for _ in range(3):
        clock.advance(60)
        station.maintain()
        await station.settled()
    assert strategy(station) == "TxDefaultProfile at level 1 over TxDefaultProfile, Absolute, W"
    assert station.reading(1).confirmed is not None


@pytest.mark.parametrize("config", [CentralSystemConfig(trial_timeout=timedelta(milliseconds=30))])
async def test_what_is_only_tried_is_not_waited_for_long(
    station: OcppStation, connect: Connect, clock: Clock
) -> None:
    charge_point = await connect()
    charge_point.script["SetChargingProfile"] = takes(
        lambda profile: profile["chargingProfileKind"] == "Relative", Special.SILENCE
    )
    for _ in range(10):
        clock.advance(60)
        station.maintain()
        async with asyncio.timeout(5):
            await station.settled()
    assert strategy(station) == "TxDefaultProfile at level 0 alone, Relative, A"


async def test_old_limits_are_cleared_once_a_new_one_holds(
    station: OcppStation, connect: Connect
) -> None:
    def taste(profile: dict[str, Any]) -> bool:
        is_base = purpose_of(profile) == "TxDefaultProfile" and profile["stackLevel"] == 0
        is_amps = unit_of(profile) == "A"
        return is_amps and (is_base or purpose_of(profile) == "ChargePointMaxProfile")

    charge_point = await start(connect, taste)
    await station.settled()
    cleared = charge_point.commands("ClearChargingProfile")
    assert [command.payload for command in cleared] == [{"id": 1001}]
    after = charge_point.received.index(cleared[0])
    lease = next(
        i
        for i, c in enumerate(charge_point.received)
        if c.action == "SetChargingProfile" and c.profile["chargingProfileId"] == 5001
    )
    assert lease < after


async def test_an_old_limit_that_is_not_cleared_is_not_asked_for_at_once(
    station: OcppStation, connect: Connect
) -> None:
    charge_point = await connect()
    charge_point.script["ClearChargingProfile"] = REJECTED
    charge_point.script["SetChargingProfile"] = takes(
        lambda p: purpose_of(p) == "ChargePointMaxProfile" or p["stackLevel"] == 0
    )
    await charge_point.boot()
    await settled(charge_point)
    await station.settled()
    assert len(charge_point.commands("ClearChargingProfile")) == 1
    assert station.reading(1).confirmed == 6.0


async def draw(
    charge_point: ScriptedChargePoint, clock: Clock, current: float, seconds: float = 31
) -> None:
    clock.advance(seconds)
    for _ in range(2):
        await charge_point.meter(*[amps(current, phase) for phase in ("L1", "L2", "L3")])


async def test_accepted_but_not_applied(
    station: OcppStation,
    charge_point: ScriptedChargePoint,
    clock: Clock,
    caplog: pytest.LogCaptureFixture,
) -> None:
    await charge_point.status("Charging")
    await aim(station, 10)
    await draw(charge_point, clock, 20, seconds=29)
    first = strategy(station)
    await draw(charge_point, clock, 20, seconds=2)
    assert strategy(station) != first
    assert station.details["strategies_without_effect"] == (first,)
    await station.settled()
    assert [r.message for r in caplog.records if "does not apply" in r.message] == [
        f"Station CP1 accepts but does not apply {first}"
    ]
    await charge_point.boot()
    await station.settled()
    assert strategy(station) != first, "not again with this firmware"
    await charge_point.boot(firmwareVersion="2")
    await station.settled()
    assert strategy(station) == first


async def test_a_liar_in_everything_cannot_be_limited(
    station: OcppStation, charge_point: ScriptedChargePoint, clock: Clock
) -> None:
    await begin(charge_point)
    await charge_point.status("Charging")
    await aim(station, 10)
    for _ in range(20):
        await draw(charge_point, clock, 30)
        station.maintain()
        await station.settled()
    assert not station.limitable


async def test_an_offer_above_the_limit_is_a_lie_too(
    station: OcppStation, charge_point: ScriptedChargePoint, clock: Clock
) -> None:
    first = strategy(station)
    clock.advance(31)
    for _ in range(2):
        await charge_point.meter({"value": "32", "measurand": "Current.Offered"})
    assert strategy(station) != first


async def test_a_charger_that_was_followed_once_is_believed(
    station: OcppStation, charge_point: ScriptedChargePoint, clock: Clock
) -> None:
    await aim(station, 10)
    await draw(charge_point, clock, 9.8)
    assert station.details["strategy_followed"]
    first = strategy(station)
    await draw(charge_point, clock, 20)
    assert strategy(station) == first, "it is the car"


async def test_a_small_car_proves_nothing(
    station: OcppStation, charge_point: ScriptedChargePoint, clock: Clock
) -> None:
    await aim(station, 16)
    await draw(charge_point, clock, 8)
    assert not station.details["strategy_followed"]


async def test_a_reboot_in_the_middle_of_the_climb(station: OcppStation, connect: Connect) -> None:
    charge_point = await connect()
    charge_point.script["SetChargingProfile"] = takes(
        lambda p: purpose_of(p) == "TxDefaultProfile" and unit_of(p) == "W", Special.HANG_UP
    )
    await charge_point.until_closed()
    again = await start(connect, lambda _: True)
    await station.settled()
    assert strategy(station) == "TxDefaultProfile at level 1 over TxDefaultProfile, Absolute, A"
    assert [command.limit for command in again.profiles] == [6, 6]


async def test_what_works_is_remembered_across_a_restart(
    clock: Clock, session: ClientSession
) -> None:
    experience = Experience()
    tries = []
    for _ in range(2):
        experience = Experience.from_json(experience.to_json())
        system = CentralSystem(now=clock, random=lambda: 0.0, experience=experience)
        await system.start("127.0.0.1", 0)
        station = system.register("CP1", {1: PROFILE})
        charge_point = await ScriptedChargePoint.connect(
            session, f"http://127.0.0.1:{system.port}/CP1"
        )
        charge_point.script["SetChargingProfile"] = takes(lambda p: unit_of(p) == "W")
        try:
            await charge_point.boot()
            await settled(charge_point)
            tries.append(len(charge_point.profiles))
            assert unit_of(charge_point.profiles[-1].profile) == "W"
            assert station.limitable
        finally:
            await charge_point.close()
            await system.stop()
    assert tries[0] > tries[1] == 2


async def test_another_station_of_the_kind_begins_where_the_first_ended(
    system: CentralSystem, station: OcppStation, connect: Connect
) -> None:
    await start(connect, lambda p: unit_of(p) == "W")
    second = system.register("CP2", {1: PROFILE})
    charge_point = await connect("CP2")
    charge_point.script["SetChargingProfile"] = takes(lambda p: unit_of(p) == "W")
    await charge_point.boot()
    await settled(charge_point)
    assert strategy(second) == strategy(station)
