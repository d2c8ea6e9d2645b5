"""Counting where a connector's energy came from."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.headroom.chargers.base import Session
from custom_components.headroom.chargers.car_session import CarRecord, CarSession
from custom_components.headroom.engine.snapshot import ConnectorStatus
from custom_components.headroom.origin.account import Account, Draw
from custom_components.headroom.origin.mix import GRID, UNKNOWN, Mix
from custom_components.headroom.origin.parts import NO_RATES, Parts, Rates

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
SUN = Mix(solar=1.0)
HALF = Mix(solar=0.5, grid=0.5)
RATES = Rates(grid=0.30, own=0.08, carbon=400.0)


def session(name: str = "1", energy: float | None = 0.0, began: datetime = NOON) -> Session:
    return Session(id=name, badge=None, started_at=began, energy=energy)


class Car:
    """A car that charges, and the account of its connector."""

    def __init__(self, account: Account | None = None) -> None:
        self.account = account or Account(pending=Parts(), seen_at=NOON)
        self.now = NOON
        self.draw = Draw(session=session(), power=3600.0)

    def go_on(
        self, mix: Mix = GRID, *, seconds: float = 10, rates: Rates = RATES, **changes: Any
    ) -> Parts:
        """Let time pass and look; return what the session has had by then."""
        self.now += timedelta(seconds=seconds)
        if "energy" in changes and self.draw.session is not None:
            changes["session"] = replace(self.draw.session, energy=changes.pop("energy"))
        self.draw = replace(self.draw, **changes)
        self.account = self.account.after(self.draw, mix, rates, self.now)
        return self.account.session

    def end(self, energy: float | None, mix: Mix = GRID, **changes: Any) -> Parts:
        """Let the session end, with all that it has had; return the parts of it."""
        assert self.draw.session is not None
        ended = (*self.draw.ended, replace(self.draw.session, energy=energy))
        return self.go_on(mix, ended=ended, **{"session": None} | changes)


@pytest.fixture
def car() -> Car:
    """Return a car that has just begun to charge with 3.6 kW."""
    car = Car()
    car.go_on(seconds=0)
    return car


def test_the_composition_until_the_count_rises_is_that_of_the_rise(car: Car) -> None:
    car.go_on(SUN)
    car.go_on(GRID)
    found = car.go_on(GRID, energy=33.0)
    assert found.to_json() == pytest.approx(
        Parts(solar=11, grid=22, cost=0.011 * 0.08 + 0.022 * 0.30, carbon=0.022 * 400).to_json()
    )
    assert car.go_on(SUN, energy=43.0).solar == pytest.approx(21)
    assert car.account.total == car.account.session


def test_a_charger_without_power_is_weighted_by_time(car: Car) -> None:
    car.go_on(SUN, power=None)
    car.go_on(GRID)
    assert car.go_on(GRID, energy=30.0).solar == pytest.approx(10)


def test_a_charger_that_counts_nothing_counts_by_power() -> None:
    car = Car()
    car.go_on(SUN, energy=None)
    assert car.go_on(SUN).energy == 0
    assert car.go_on(SUN, seconds=50).solar == pytest.approx(70)
    assert car.go_on(GRID).grid == pytest.approx(10)
    assert car.go_on(GRID, energy=85.0).energy == pytest.approx(85)
    assert car.go_on(GRID, energy=None).energy == pytest.approx(85)
    assert car.go_on(GRID, energy=100.0).energy == pytest.approx(100)


def test_a_first_count_below_what_the_power_made_is_caught_up_with() -> None:
    car = Car()
    car.go_on(SUN, energy=None)
    assert car.go_on(SUN, seconds=55).solar == pytest.approx(65)
    assert car.go_on(GRID, energy=50.0).energy == pytest.approx(65)
    assert car.go_on(GRID, energy=60.0).energy == pytest.approx(65)
    assert car.go_on(GRID, energy=85.0).energy == pytest.approx(85)


def test_neither_power_nor_energy_is_nothing(car: Car) -> None:
    assert car.go_on(SUN, seconds=61, energy=None, power=None).energy == 0


@pytest.mark.parametrize("power", [-500.0, 2e6, 1e308])
def test_a_power_that_cannot_be_is_none(car: Car, power: float) -> None:
    for _ in range(3):
        car.go_on(SUN, power=power)
    assert car.go_on(GRID, power=3600.0, energy=10.0).grid == pytest.approx(10)
    other = Car()
    assert other.go_on(SUN, seconds=60, energy=None, power=power).energy == 0


def test_what_was_not_looked_at_is_of_unknown_origin(car: Car) -> None:
    car.go_on(SUN, energy=10.0)
    found = car.go_on(SUN, seconds=61, energy=70.0)
    assert [found.solar, found.grid, found.assumed] == [10, 60, 60]
    assert [found.unpriced, found.unrated] == [60, 60]
    assert car.go_on(SUN, energy=80.0).solar == pytest.approx(20)


def test_after_a_gap_origin_is_unknown_until_the_count_has_risen(car: Car) -> None:
    car.go_on(SUN, seconds=61)
    car.go_on(SUN)
    assert car.go_on(SUN, energy=70.0).assumed == 70


def test_a_clock_that_is_set_back_takes_nothing_away(car: Car) -> None:
    car.go_on(SUN)
    car.go_on(GRID, seconds=-3600)
    assert car.go_on(SUN, energy=20.0).solar == pytest.approx(20)


def test_a_rise_without_any_power_is_of_unknown_origin(car: Car) -> None:
    assert car.go_on(SUN, power=0.0, energy=5.0).assumed == 5
    assert car.go_on(SUN, power=1e-310, energy=9.0).assumed == 9


def test_the_next_session_begins_at_nothing_and_the_total_goes_on(car: Car) -> None:
    car.go_on(SUN, energy=100.0)
    assert car.go_on(session=None).energy == 100
    started = car.now
    assert car.go_on(session=session("2", None, started)).energy == 100
    assert car.go_on(GRID, energy=40.0).grid == pytest.approx(40)
    total = car.account.total
    assert [total.solar, total.grid] == pytest.approx([100, 40])


def test_the_end_of_a_session_tells_what_it_has_had_since_the_last_count(car: Car) -> None:
    car.go_on(SUN, energy=10.0)
    car.go_on(SUN)
    found = car.end(30.0, SUN)
    assert found.to_json() == pytest.approx(Parts(solar=30, cost=0.03 * 0.08).to_json())
    assert car.go_on(SUN) == found, "it is told once"
    assert car.account.total == found


def test_what_is_counted_after_the_end_is_added(car: Car) -> None:
    car.end(10.0)
    assert car.go_on(ended=(session(energy=25.0),)).energy == 25
    assert car.account.total.energy == 25


def test_a_session_that_is_followed_at_once_is_counted_to_its_end(car: Car) -> None:
    car.go_on(SUN, energy=10.0)
    found = car.end(30.0, SUN, session=session("2", 0.0, car.now))
    assert [found.energy, car.account.total.solar] == pytest.approx([0, 30])
    assert car.go_on(GRID, energy=5.0).grid == pytest.approx(5)
    assert car.account.total.energy == pytest.approx(35)


def test_an_end_without_a_count_adds_nothing_to_what_was_counted(car: Car) -> None:
    car.go_on(SUN, energy=10.0)
    assert car.end(None).energy == 10


def test_a_session_without_any_count_ends_with_what_its_power_made(car: Car) -> None:
    car = Car()
    car.go_on(SUN, seconds=60, energy=None)
    assert car.end(None, SUN).solar == pytest.approx(70)
    assert car.go_on(GRID).energy == pytest.approx(70)


def test_sessions_that_nobody_has_seen_are_of_unknown_origin(car: Car) -> None:
    car.end(10.0)
    told = (session(energy=10.0), session("2", 2000.0), session("3", 500.0))
    assert car.go_on(SUN, ended=told).assumed == 500
    assert car.account.total.energy == pytest.approx(2510)
    car.go_on(SUN)
    assert car.account.total.energy == pytest.approx(2510)


def test_a_session_that_began_unseen_is_of_unknown_origin_until_it_was_seen(car: Car) -> None:
    car.go_on(session=None, seconds=50)
    car.go_on(seconds=50)
    assert car.go_on(SUN, session=session("2", 3000.0, NOON)).assumed == 3000
    assert car.go_on(SUN, energy=3010.0).solar == pytest.approx(10)


def test_a_session_that_comes_back_under_its_id_is_not_counted_again(car: Car) -> None:
    car.end(5000.0, session=session("2", 0.0, car.now))
    again = session("1", 0.0, car.now)
    car.go_on(session=again, ended=(session(energy=5000.0), session("2", 0.0)))
    for energy in (10.0, 20.0):
        assert car.go_on(energy=energy).energy == pytest.approx(energy)
    ended = (session(energy=5000.0), session("2", 0.0), replace(again, energy=30.0))
    for _ in range(3):
        assert car.go_on(session=None, ended=ended).energy == pytest.approx(30)
    assert car.account.total.energy == pytest.approx(5030)


def test_what_is_told_late_does_not_take_the_place_of_the_running_session(car: Car) -> None:
    car.go_on(SUN, energy=100.0)
    assert car.go_on(SUN, ended=(session("0", 7000.0),)).solar == pytest.approx(100)
    assert car.account.total.energy == pytest.approx(100)


def test_a_session_that_is_first_seen_in_its_midst_is_of_unknown_origin() -> None:
    car = Car(Account())
    car.now += timedelta(hours=2)
    assert car.go_on(SUN, energy=5000.0).assumed == 5000


def test_a_restart_loses_nothing_of_the_count(car: Car) -> None:
    car.go_on(SUN, energy=100.0)
    stored = json.loads(json.dumps(car.account.to_json()))
    again = Car(Account.from_json(stored))
    again.now = car.now + timedelta(hours=1)
    again.go_on(SUN, energy=100.0)
    found = again.go_on(SUN, energy=1000.0)
    assert (found.solar, found.assumed) == (100, 900)
    assert again.go_on(SUN, energy=1010.0).solar == pytest.approx(110)


def test_another_session_begins_at_nothing_however_much_it_has_had(car: Car) -> None:
    car.go_on(SUN, energy=5000.0)
    assert car.go_on(session=session("2", 5010.0, car.now)).energy == 5010
    assert car.account.total.energy == pytest.approx(10_010)


def test_a_count_that_is_lower_after_a_restart_takes_nothing_away(car: Car) -> None:
    car.go_on(energy=5000.0)
    assert car.go_on(energy=200.0).energy == 5000
    assert car.go_on(energy=210.0).energy == pytest.approx(5010)


def test_a_price_below_zero_is_earned(car: Car) -> None:
    assert car.go_on(energy=1000.0, rates=Rates(grid=-0.1)).cost == pytest.approx(-0.1)


def test_energy_without_a_price_or_intensity_is_told(car: Car) -> None:
    found = car.go_on(HALF, energy=1000.0, rates=Rates(own=0.1))
    assert [found.cost, found.unpriced] == pytest.approx([0.05, 500])
    assert [found.carbon, found.unrated] == pytest.approx([0, 500])


@pytest.mark.parametrize(
    "wrong", [{"solar": -1.0}, {"grid": float("inf")}, {"cost": float("nan")}], ids=str
)
def test_stored_parts_must_be_possible(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="energies are finite"):
        Parts.from_json(Parts().to_json() | wrong)


MOMENTS = st.lists(
    st.tuples(
        st.floats(1, 100),
        st.sampled_from([SUN, GRID, HALF, UNKNOWN]),
        st.sampled_from([RATES, NO_RATES, Rates(grid=-0.1, own=None, carbon=50.0)]),
        st.floats(0, 20_000) | st.none(),
        st.floats(-100, 22_000) | st.none(),
        st.sampled_from([*ConnectorStatus, *[ConnectorStatus.CHARGING] * 8]),
        st.sampled_from(["restart", "lost", *[""] * 8]),
    ),
    max_size=40,
)


class Life:
    """A connector through cars, restarts and whatever its counter shows."""

    def __init__(self, *, of_session: bool) -> None:
        self.of_session = of_session
        self.account = Account()
        self.session = CarSession()
        self.now = NOON
        self.told: dict[str, float] = {}
        """What each session has had in the end, by its id."""

    def disturb(self, kind: str) -> None:
        """Restart, or lose contact with the charger."""
        if kind == "restart":
            self.account = Account.from_json(json.loads(json.dumps(self.account.to_json())))
            self.session = CarSession(CarRecord.from_json(self.session.record.to_json()))
        elif kind == "lost":
            self.session.lose_sight()

    def look(
        self,
        status: ConnectorStatus,
        count: float | None,
        power: float | None,
        mix: Mix,
        rates: Rates,
    ) -> None:
        """Let the charger tell, and look."""
        self.session.look(status, self.now)
        self.session.count(count, self.now, of_session=self.of_session)
        draw = Draw(session=self.session.running, ended=self.session.ended, power=power)
        self.account = self.account.after(draw, mix, rates, self.now)
        for session in (*draw.ended, *([draw.session] if draw.session else [])):
            if session.energy is not None:
                self.told[session.id] = session.energy


@given(MOMENTS, st.booleans())
def test_parts_sum_to_what_the_charger_counts_and_never_fall(
    moments: Sequence[tuple[float, Mix, Rates, float | None, float | None, ConnectorStatus, str]],
    of_session: bool,
) -> None:
    life = Life(of_session=of_session)
    life.look(ConnectorStatus.AVAILABLE, 0.0, 0.0, GRID, RATES)
    for seconds, mix, rates, count, power, status, disturbance in moments:
        before = life.account.total
        life.now += timedelta(seconds=seconds)
        life.disturb(disturbance)
        life.look(status, count, power, mix, rates)
        total, found = life.account.total, life.account.session
        for key in ("solar", "battery", "grid", "assumed", "carbon", "unpriced", "unrated"):
            assert getattr(total, key) >= getattr(before, key) >= 0
        assert found.assumed <= found.grid * (1 + 1e-9)
        assert found.unpriced <= found.energy * (1 + 1e-9)
        told = life.told.get(life.account.id or "")
        if told is not None and life.account.count is not None:
            assert found.energy == pytest.approx(told, abs=1e-6)
