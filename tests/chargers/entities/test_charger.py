"""What is written to the entities of a charger, and what it is believed to offer."""

from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import timedelta

import pytest

from custom_components.headroom.chargers.base import (
    ChargerInfo,
    ChargerRefused,
    ChargerTimeout,
    ConnectorProfile,
    Failsafe,
)
from custom_components.headroom.chargers.car_session import CarSessions
from custom_components.headroom.chargers.entities.config import LimitUnit
from custom_components.headroom.engine.snapshot import ConnectorStatus
from custom_components.headroom.entity_state import EntityState

from .entities import PROFILE, Bench, World


def written(value: float) -> tuple[str, str, object]:
    return ("number", "set_value", value)


ON = ("switch", "turn_on", None)
OFF = ("switch", "turn_off", None)


@pytest.fixture
def world() -> World:
    world = World()
    world.number()
    world.show("switch", "on")
    return world


@pytest.fixture
async def plain(world: World) -> AsyncGenerator[Bench]:
    """Return a charger whose limit may be 0."""
    bench = Bench(world)
    yield bench
    await bench.charger.close()


@pytest.fixture
async def switched(world: World) -> AsyncGenerator[Bench]:
    """Return a charger with a switch and a limit of at least 6 A."""
    world.number(low=6)
    bench = Bench(world, switch="switch")
    yield bench
    await bench.charger.close()


async def test_nothing_is_written_before_there_is_a_setpoint(plain: Bench) -> None:
    assert await plain.later(5) == []
    assert plain.reading.confirmed == 16


async def test_what_the_entity_shows_already_is_not_written(plain: Bench) -> None:
    assert await plain.set(16) == []
    assert await plain.set(16.9) == [], "it counts in whole amperes"


async def test_a_setpoint_is_rounded_down_and_confirmed_by_the_entity(plain: Bench) -> None:
    assert await plain.set(10.9) == [written(10)]
    assert plain.reading.confirmed == 10
    assert plain.reading.confirmed_at == plain.world.time
    assert plain.changes
    assert await plain.set(10.4) == []


async def test_raises_wait_and_cuts_do_not(plain: Bench) -> None:
    assert await plain.set(10) == [written(10)]
    assert await plain.set(12) == []
    assert await plain.set(8) == [written(8)]
    assert await plain.set(20) == []
    assert await plain.later(29) == []
    assert await plain.later(1) == [written(20)]


async def test_the_highest_limits_are_kept(world: World) -> None:
    bench = Bench(world, replace(PROFILE, max_current=20.0))
    assert await bench.set(32) == [written(20)]
    bench.charger.update({1: replace(PROFILE, max_current=13.0)})
    assert await bench.later(0) == [written(13)]
    world.number("6", high=10)
    assert await bench.later(60) == [written(10)], "the entity allows no more"


async def test_a_number_that_can_be_0_pauses_with_it(plain: Bench) -> None:
    assert await plain.set(5.9) == [written(0)]
    assert plain.reading.confirmed == 0
    assert plain.charger.refused_settings == frozenset()


async def test_a_car_that_is_offered_nothing_waits_for_the_charger(world: World) -> None:
    """Otherwise it would wait behind all that charge until one of them leaves."""
    world.show("status", "B")
    bench = Bench(world, status="status")
    seen = [bench.reading.status]
    await bench.set(0)
    seen.append(bench.reading.status)
    await bench.set(6)
    await bench.later(30)
    seen.append(bench.reading.status)
    assert seen == [
        ConnectorStatus.PREPARING,
        ConnectorStatus.SUSPENDED_EVSE,
        ConnectorStatus.PREPARING,
    ]


async def test_a_switch_pauses_and_lets_go_on_at_the_right_limit(switched: Bench) -> None:
    assert await switched.set(0) == [OFF]
    assert switched.reading.confirmed == 0
    assert switched.reading.offered == 0
    assert await switched.set(8) == [written(8), ON]
    assert switched.reading.confirmed == 8


async def test_charging_does_not_go_on_while_the_limit_is_refused(switched: Bench) -> None:
    await switched.set(0)
    switched.world.fault = ChargerRefused("no")
    assert await switched.set(8) == [written(8)]
    assert switched.reading.confirmed == 0
    switched.world.fault = None
    assert await switched.later(1) == [written(8), ON]


async def test_charging_goes_on_once_the_limit_was_taken_though_it_is_not_shown(
    switched: Bench,
) -> None:
    await switched.set(0)
    switched.world.obeys = False
    assert await switched.set(8) == [written(8), ON]
    assert switched.reading.confirmed == 16, "the limit that is shown may be in force"


async def test_a_switch_may_pause_when_it_is_on(world: World) -> None:
    world.number(low=6)
    bench = Bench(world, switch="switch", switch_pauses=True)
    assert bench.reading.offered == 0
    assert await bench.set(8) == [written(8), OFF]
    assert bench.reading.confirmed == 8
    assert await bench.set(0) == [ON]


async def test_a_charger_that_cannot_pause_says_so_and_counts(world: World) -> None:
    world.number(low=1)
    bench = Bench(world)
    assert await bench.set(0) == [written(1)]
    assert bench.reading.confirmed == 6, "no car charges with less than 6 A"
    assert bench.charger.refused_settings == {"pause"}


async def test_a_value_counts_until_the_entity_shows_another(plain: Bench) -> None:
    plain.world.obeys = False
    assert await plain.set(10) == [written(10)]
    assert plain.reading.confirmed == 16
    assert await plain.later(30) == []
    plain.world.show("number", "10")
    assert plain.reading.confirmed == 10

    assert await plain.set(20) == [written(20)]
    assert plain.reading.confirmed == 20, "it may be in force"
    plain.world.show("number", "10")
    assert plain.reading.confirmed == 20, "the report may be older than the effect"


async def test_a_value_that_is_never_shown_is_written_again(
    plain: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    plain.world.obeys = False
    await plain.set(20)
    assert await plain.later(59) == []
    plain.world.show("number", "16")
    assert await plain.later(1) == [written(20)]
    assert plain.charger.refused_settings == {"write"}
    assert await plain.later(61) == [written(20)]
    assert [r.message for r in caplog.records if "does not take" in r.message] == [
        "Charger Garage does not take its limit and will be asked again: None"
    ]
    plain.world.show("number", "20")
    assert plain.charger.refused_settings == frozenset()
    assert plain.reading.confirmed == 20


async def test_a_charger_that_keeps_its_own_limit_counts_with_it_in_the_end(plain: Bench) -> None:
    await plain.set(16)
    plain.world.obeys = False
    await plain.set(25)
    plain.world.time += timedelta(seconds=61)
    plain.world.show("number", "16")
    assert await plain.later(0) == [written(25)]
    assert plain.reading.confirmed == 25, "it may have taken it this time"
    plain.world.time += timedelta(seconds=61)
    plain.world.show("number", "16")
    assert plain.reading.confirmed == 16, "it has gone its own way for long enough"
    writes = 0
    for _ in range(60):
        plain.world.show("number", "16")
        writes += len(await plain.later(60))
    assert 5 < writes < 15, "each write wears the charger"


async def test_a_report_of_the_first_seconds_proves_nothing(plain: Bench) -> None:
    plain.world.obeys = False
    await plain.set(25)
    plain.world.time += timedelta(seconds=1)
    plain.world.show("number", "16")
    await plain.later(60)
    assert plain.reading.confirmed == 25


async def test_a_silent_entity_may_have_taken_the_value(plain: Bench) -> None:
    plain.world.obeys = False
    await plain.set(25)
    await plain.later(600)
    assert plain.reading.confirmed == 25


async def test_what_something_else_writes_counts_and_is_put_right(plain: Bench) -> None:
    await plain.set(10)
    plain.world.show("number", "32")
    assert plain.reading.confirmed == 32
    await plain.charger.settled()
    assert plain.calls == [written(10)]
    assert plain.reading.confirmed == 10
    assert plain.charger.connectors[1].overwritten == 1


async def test_a_fight_about_the_limit_slows_down_and_ends(plain: Bench) -> None:
    await plain.set(10)
    writes = 0
    for _ in range(120):
        plain.world.show("number", "32")
        writes += len(await plain.later(1))
    assert 5 < writes < 12
    assert plain.charger.connectors[1].overwritten >= writes
    await plain.later(60)
    await plain.later(60)
    plain.world.show("number", "32")
    assert await plain.later(0) == [written(10)]


async def test_a_limit_that_came_back_after_a_reboot_is_put_right(plain: Bench) -> None:
    await plain.set(10)
    shown = plain.world.states["number"]
    assert shown is not None
    plain.world.put("number", None)
    assert [plain.reading.online] == [False]
    plain.world.put("number", replace(shown, value="32", reported_at=plain.world.time))
    assert plain.reading.online
    assert plain.reading.confirmed == 32
    await plain.charger.settled()
    assert plain.calls == [written(10)]


async def test_a_charger_without_its_entities_is_lost(
    switched: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    state = switched.world.states["number"]
    switched.world.put("number", None)
    assert [switched.reading.online] == [False]
    assert switched.reading.fallback_refused, "it may draw its maximum"
    assert await switched.set(0) == []
    switched.world.put("number", state)
    await switched.charger.settled()
    assert switched.calls == [OFF]
    lost = "The entities of charger Garage are not available"
    assert [r.message for r in caplog.records].count(lost) == 1


async def test_a_switch_that_is_away_is_done_without(switched: Bench) -> None:
    state = switched.world.states["switch"]
    switched.world.put("switch", None)
    assert switched.charger.online
    assert switched.charger.refused_settings == {"pause"}
    assert await switched.set(0) == [written(6)]
    assert switched.reading.confirmed == 6
    switched.world.put("switch", state)
    await switched.charger.settled()
    assert switched.calls == [OFF]
    assert switched.reading.confirmed == 0


async def test_a_switch_that_was_off_before_is_switched_off_to_be_sure(switched: Bench) -> None:
    switched.world.show("switch", "off")
    assert switched.reading.confirmed == 16, "it may be off because nothing flows"
    assert await switched.set(0) == [OFF]
    assert switched.reading.confirmed == 0
    assert await switched.set(0) == []


async def test_entities_that_come_late_are_met_in_passing(world: World) -> None:
    world.states.clear()
    bench = Bench(world)
    assert not bench.reading.online
    assert bench.reading.confirmed is None
    assert await bench.set(10) == []
    world.number("16")
    assert await bench.later(1) == [written(10)]
    assert bench.changes


async def test_a_limit_that_is_not_known_is_written(world: World) -> None:
    world.number(None)
    bench = Bench(world)
    assert bench.reading.online
    assert bench.reading.confirmed is None
    assert bench.reading.offered is None
    assert await bench.set(10) == [written(10)]
    assert bench.reading.confirmed == 10


async def test_a_switch_that_is_not_known_may_be_on(switched: Bench) -> None:
    switched.world.show("switch", None)
    assert switched.reading.confirmed == 16
    assert await switched.set(0) == [OFF]


@pytest.mark.parametrize("fault", [ChargerRefused("no"), ChargerTimeout("late")])
async def test_a_failing_write_is_logged_once_and_repeated_with_growing_pauses(
    plain: Bench, fault: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    plain.world.fault = fault  # type: ignore[assignment]
    assert await plain.set(10) == [written(10)]
    assert plain.reading.confirmed == 16
    attempts = [second for second in range(1, 32) if await plain.later(1)]
    assert attempts == [1, 3, 7, 15, 31]
    assert plain.charger.refused_settings == {"write"}

    assert await plain.set(9) == [written(9)], "a lower one is tried at once"
    plain.world.fault = None
    assert await plain.later(60) == [written(9)]
    assert plain.charger.refused_settings == frozenset()
    told = [r.message for r in caplog.records if "limit" in r.message]
    assert told == [
        f"Charger Garage does not take its limit and will be asked again: {fault!r}",
        "Charger Garage takes its limit again",
    ]


async def test_a_refused_raise_is_not_in_force_and_an_unanswered_one_may_be(plain: Bench) -> None:
    plain.world.fault = ChargerRefused("no")
    await plain.set(20)
    assert plain.reading.confirmed == 16
    plain.world.fault = ChargerTimeout("late")
    await plain.later(60)
    assert plain.reading.confirmed == 20
    assert await plain.set(16) == [written(16)], "the raise may come yet"
    plain.world.fault = None
    assert await plain.later(60) == [written(16)]
    assert plain.reading.confirmed == 16


async def test_a_clock_that_is_set_back_stops_nothing(plain: Bench) -> None:
    await plain.set(10)
    plain.world.time -= timedelta(days=1)
    assert await plain.set(20) == [written(20)]
    assert plain.reading.confirmed == 20


async def test_a_select_takes_the_option_below(world: World) -> None:
    world.states["select"] = EntityState(
        domain="select",
        value="16 A",
        reported_at=world.time,
        options=("Off", "6 A", "10 A", "13,5 A", "16 A"),
    )
    bench = Bench(world, limit="select")
    assert bench.reading.confirmed == 16
    assert await bench.set(13.9) == [("select", "select_option", "13,5 A")]
    assert bench.reading.confirmed == 13.5
    assert await bench.set(0) == [("select", "select_option", "6 A")]
    assert bench.charger.refused_settings == {"pause"}
    assert bench.charger.capabilities.step == 1


async def test_a_select_without_numbers_takes_nothing(world: World) -> None:
    world.states["select"] = EntityState(
        domain="select", value="fast", reported_at=world.time, options=("slow", "fast")
    )
    bench = Bench(world, limit="select")
    assert await bench.set(10) == []
    assert await bench.set(0) == []
    assert bench.reading.confirmed is None


async def test_a_limit_in_w_on_one_phase(world: World) -> None:
    world.number("3680", high=7360, step=10)
    bench = Bench(world, replace(PROFILE, phases=1), unit=LimitUnit.WATT)
    assert bench.reading.confirmed == 16
    assert await bench.set(10.03) == [written(2300)]
    assert bench.reading.confirmed == 10
    assert bench.charger.capabilities.step == 0.1


async def test_a_limit_in_w_on_three_phases_counts_for_one_until_the_car_shows_more(
    world: World,
) -> None:
    world.number("0", high=11040, step=1)
    world.show("status", "connected")
    for phase in "123":
        world.show(f"l{phase}", "0")
    bench = Bench(world, unit=LimitUnit.WATT, status="status", currents=("l1", "l2", "l3"))
    assert await bench.set(10) == [written(6900)]
    assert bench.reading.confirmed == 16, "no more than the charger can give"

    for phase in "123":
        world.show(f"l{phase}", "9.8")
    assert bench.reading.confirmed == 10
    for phase in "123":
        world.show(f"l{phase}", "0")
    assert await bench.later(60) == []
    assert bench.reading.confirmed == 10, "the car is still there"
    world.show("l1", "15.8")
    assert await bench.later(4) == []
    assert bench.reading.confirmed == 10
    assert await bench.later(1) == [written(2300)]
    assert bench.reading.confirmed == 10
    world.show("l1", "0")
    world.show("status", "available")
    assert await bench.set(0) == [written(0)]
    assert bench.reading.confirmed == 0


def test_what_it_can_do(world: World) -> None:
    charger = Bench(world).charger
    can = charger.capabilities
    assert can.failsafe is Failsafe.NONE
    assert (can.step, can.starts_sessions, can.resets) == (1, False, False)
    assert charger.info == ChargerInfo(vendor="ACME", model="number")


async def test_what_it_cannot_do_is_refused(plain: Bench) -> None:
    with pytest.raises(ChargerRefused):
        await plain.charger.start(1, "CAFE")
    with pytest.raises(ChargerRefused):
        await plain.charger.stop(1)
    with pytest.raises(ChargerRefused):
        await plain.charger.reset(hard=True)


async def test_listeners_and_subscriptions_end(world: World) -> None:
    bench = Bench(world)
    heard: list[bool] = []
    end = bench.charger.subscribe(lambda: heard.append(True))
    world.show("number", "13")
    assert heard
    heard.clear()
    end()
    world.show("number", "14")
    assert not heard
    bench.charger.set_current(1, 6)
    await bench.charger.close()
    assert world.listeners == 0
    assert await bench.set(32) == []


async def test_a_charger_of_more_connectors_is_not_made(world: World) -> None:
    with pytest.raises(KeyError):
        Bench(world).charger.reading(2)


async def test_a_session_lasts_while_a_car_is_there(world: World) -> None:
    world.show("status", "Charging")
    world.put(
        "session",
        EntityState(domain="sensor", value="1.5", unit="kWh", reported_at=world.time),
    )
    bench = Bench(world, status="status", session_energy="session")
    session = bench.charger.connectors[1].session
    assert session is not None
    assert (session.started_at, session.energy) == (world.time, 1500)
    assert bench.reading.energy == 1500
    assert bench.reading.session is None
    world.show("status", "Available")
    assert bench.charger.connectors[1].session is None


def count(world: World, value: str, entity: str = "session") -> None:
    """Let a counter show kWh."""
    known = EntityState(domain="sensor", value=value, unit="kWh", reported_at=world.time)
    world.put(entity, known)


def charged(bench: Bench) -> float | None:
    """Return what the running session has had in Wh."""
    session = bench.charger.connectors[1].session
    assert bench.reading.energy == (None if session is None else session.energy)
    return None if session is None else session.energy


async def test_the_next_car_does_not_get_the_count_of_the_one_before(world: World) -> None:
    world.show("status", "Charging")
    count(world, "1.5")
    bench = Bench(world, status="status", session_energy="session")
    world.show("status", "Available")
    count(world, "1.6")
    assert bench.reading.energy is None
    assert [session.energy for session in bench.charger.connectors[1].ended] == [1600]
    world.show("status", "Connected")
    assert charged(bench) == 0
    count(world, "0")
    count(world, "0.2")
    assert charged(bench) == 200


@pytest.mark.parametrize("silent", ["unavailable", "Offline", "Error"])
async def test_a_state_that_does_not_tell_of_cars_ends_no_session(
    world: World, silent: str
) -> None:
    world.show("status", "Charging")
    count(world, "1.5")
    bench = Bench(world, status="status", session_energy="session")
    before = bench.charger.connectors[1].session
    await bench.later(60)
    world.show("status", silent)
    world.show("status", "Charging")
    assert bench.charger.connectors[1].session == before


async def test_a_charger_that_counts_no_sessions_has_them_counted_by_its_register(
    world: World,
) -> None:
    world.show("status", "Available")
    count(world, "4000", "register")
    bench = Bench(world, status="status", energy="register")
    world.show("status", "Charging")
    count(world, "4001", "register")
    assert charged(bench) == 1000


async def test_a_session_outlives_a_restart_of_ours_and_a_counter_that_comes_late(
    world: World,
) -> None:
    world.show("status", "Charging")
    count(world, "1.5")
    kept = CarSessions()
    bench = Bench(world, status="status", session_energy="session", car=kept.resume("1"))
    before = bench.charger.connectors[1].session
    assert before is not None
    await bench.charger.close()
    count(world, "unavailable")
    bench = Bench(world, status="status", session_energy="session", car=kept.resume("1"))
    await bench.later(600)
    assert charged(bench) == 1500
    count(world, "1.7")
    assert bench.charger.connectors[1].session == replace(before, energy=1700)


async def test_the_profile_decides_where_a_single_current_flows(world: World) -> None:
    world.show("current", "9")
    bench = Bench(
        world,
        ConnectorProfile(fallback=0, max_current=16, phases=2),
        currents=("current",),
    )
    assert bench.reading.status is ConnectorStatus.CHARGING
    assert bench.reading.drawn is not None
    assert tuple(bench.reading.drawn) == (9, 9, 0)
    assert not bench.reading.per_phase
