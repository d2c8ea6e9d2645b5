"""How a box limits its car, by the plant's clock."""

import pytest

from custom_components.headroom.engine.site.wiring import Wiring
from simulator.boxes.box import Box, Fault
from simulator.boxes.registers import Pilot, Setting
from simulator.plant.ev import CarModel
from simulator.plant.park import CarPark


def box(park: CarPark, kind: str, **options: float | bool | None) -> Box:
    outlet = park.outlets["one"]
    return Box("B", kind=kind, outlet=outlet, clock=lambda: park.now, **options)  # type: ignore[arg-type]


def offered_after(park: CarPark, seconds: float) -> float:
    park.advance(seconds)
    return park.outlets["one"].offered


def test_a_sign_of_life_keeps_the_setpoint_for_its_timeout(park: CarPark) -> None:
    vestel = box(park, "vestel")
    vestel.set(Setting.FALLBACK, 8)
    vestel.set(Setting.SETPOINT, 20)
    vestel.set(Setting.ALIVE, 1)
    assert offered_after(park, 19) == 20
    vestel.set(Setting.SETPOINT, 18)
    assert offered_after(park, 2) == 8
    assert vestel.has_fallen_back
    vestel.set(Setting.ALIVE, 1)
    assert offered_after(park, 1) == 18


def test_a_renewed_setpoint_is_the_sign_of_life_of_an_alfen(park: CarPark) -> None:
    alfen = box(park, "alfen_ng9", fallback=7)
    assert offered_after(park, 1) == 7
    alfen.set(Setting.SETPOINT, 16)
    assert offered_after(park, 59) == 16
    assert alfen.inside().remaining == pytest.approx(1)
    assert offered_after(park, 2) == 7


@pytest.mark.parametrize("kind", ["bender_cc61x", "abb_terra_ac", "app"])
def test_others_keep_their_setpoint_for_ever(park: CarPark, kind: str) -> None:
    keeper = box(park, kind)
    keeper.set(Setting.SETPOINT, 15)
    assert offered_after(park, 600) == 15
    assert not keeper.has_fallen_back


def test_a_timeout_of_0_wants_no_sign_of_life(park: CarPark) -> None:
    keba = box(park, "keba_p40")
    assert offered_after(park, 600) == 32
    keba.set(Setting.FALLBACK, 6)
    keba.set(Setting.TIMEOUT, 20)
    assert offered_after(park, 21) == 6


@pytest.mark.parametrize(("wiring", "expected"), [(Wiring.MONO2, 7), (Wiring.TRI123, 9)])
def test_a_fallback_of_its_own_for_one_phase(
    park: CarPark, wiring: Wiring, expected: float
) -> None:
    park.outlets["one"].wiring = wiring
    evlink = box(park, "schneider_evlink_pro_ac")
    evlink.set(Setting.FALLBACK_SINGLE, 7)
    evlink.set(Setting.FALLBACK, 9)
    assert offered_after(park, 11) == expected


def test_disabled_it_pauses(park: CarPark) -> None:
    keba = box(park, "keba_p30")
    keba.set(Setting.ENABLED, 0)
    assert offered_after(park, 1) == 0
    keba.set(Setting.ENABLED, 1)
    assert offered_after(park, 1) == 32


def test_it_ignores_its_limit(park: CarPark) -> None:
    vestel = box(park, "vestel")
    vestel.misbehave([Fault.IGNORES_LIMIT])
    assert offered_after(park, 60) == 32


def test_it_never_falls_back_without_a_watchdog(park: CarPark) -> None:
    vestel = box(park, "vestel")
    vestel.misbehave([Fault.WATCHDOG_MISSING])
    vestel.set(Setting.SETPOINT, 20)
    assert offered_after(park, 600) == 20


def test_frozen_it_shows_what_was(park: CarPark) -> None:
    app = box(park, "app")
    app.misbehave([Fault.FROZEN])
    park.arrive("one", CarModel())
    park.advance(30)
    app.misbehave([Fault.FROZEN, Fault.IGNORES_LIMIT])
    assert app.inside().pilot is Pilot.NO_CAR
    app.misbehave([])
    assert app.inside().pilot is Pilot.CHARGING


@pytest.mark.parametrize(("starts_free", "expected"), [(True, 32), (False, 6)])
def test_a_loss_of_power_forgets_what_was_set(
    park: CarPark, starts_free: bool, expected: float
) -> None:
    vestel = box(park, "vestel", starts_free=starts_free)
    vestel.set(Setting.SETPOINT, 20)
    vestel.set(Setting.ALIVE, 1)
    vestel.lose_power()
    assert offered_after(park, 30) == expected
    vestel.set(Setting.SETPOINT, 10)
    vestel.set(Setting.ALIVE, 1)
    assert offered_after(park, 1) == 10


def test_a_session_begins_with_its_car(park: CarPark) -> None:
    app = box(park, "app")
    assert app.inside().session == 0
    park.arrive("one", CarModel())
    park.advance(60)
    first = app.inside().session
    assert first == pytest.approx(park.outlets["one"].energy)
    park.leave("one")
    park.advance(1)
    park.arrive("one", CarModel())
    park.advance(30)
    assert 0 < app.inside().session < first
    assert app.inside().energy == pytest.approx(first + app.inside().session)
