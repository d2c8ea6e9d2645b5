"""Counting where a connector's energy came from."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.headroom.origin.account import Account, Draw
from custom_components.headroom.origin.mix import GRID, UNKNOWN, Mix
from custom_components.headroom.origin.parts import NO_RATES, Parts, Rates

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
SUN = Mix(solar=1.0)
HALF = Mix(solar=0.5, grid=0.5)
RATES = Rates(grid=0.30, own=0.08, carbon=400.0)


class Car:
    """A car that charges, and the account of its connector."""

    def __init__(self, account: Account | None = None) -> None:
        self.account = account or Account(pending=Parts(), seen_at=NOON)
        self.now = NOON
        self.draw = Draw(session="1", started_at=NOON, energy=0.0, power=3600.0)

    def go_on(
        self,
        mix: Mix = GRID,
        *,
        seconds: float = 10,
        rates: Rates = RATES,
        **changes: Any,
    ) -> Parts:
        """Let time pass and look; return what the session has had by then."""
        self.now += timedelta(seconds=seconds)
        self.draw = replace(self.draw, **changes)
        self.account = self.account.after(self.draw, mix, rates, self.now)
        return self.account.session


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


def test_neither_power_nor_energy_is_nothing(car: Car) -> None:
    assert car.go_on(SUN, seconds=61, energy=None, power=None).energy == 0


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


def test_the_next_session_begins_at_nothing_and_the_total_goes_on(car: Car) -> None:
    car.go_on(SUN, energy=100.0)
    assert car.go_on(session=None).energy == 100
    started = car.now
    assert car.go_on(session="2", started_at=started, energy=None).energy == 100
    assert car.go_on(GRID, energy=40.0).grid == pytest.approx(40)
    total = car.account.total
    assert [total.solar, total.grid] == pytest.approx([100, 40])


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


def test_a_session_that_is_found_again_under_another_name_goes_on(car: Car) -> None:
    car.go_on(SUN, energy=5000.0)
    car.go_on(session="2", started_at=car.now, energy=None)
    assert car.go_on(GRID, energy=5010.0).energy == pytest.approx(5010)
    assert car.account.total.energy == pytest.approx(5010)


@pytest.mark.parametrize("energy", [4000.0, 5010.0])
def test_another_session_is_told_by_less_energy_or_by_its_age(car: Car, energy: float) -> None:
    car.go_on(SUN, energy=5000.0)
    started = car.now - timedelta(hours=1 if energy > 5000 else 0)
    assert car.go_on(session="2", started_at=started, energy=energy).energy == energy
    assert car.account.total.energy == pytest.approx(5000 + energy)


def test_a_count_that_falls_for_a_moment_is_no_energy(car: Car) -> None:
    car.go_on(energy=5000.0)
    assert car.go_on(energy=0.0).energy == 5000
    assert car.go_on(energy=5010.0).energy == pytest.approx(5010)


def test_a_count_that_begins_anew_goes_on_from_there(car: Car) -> None:
    car.go_on(energy=5000.0)
    car.go_on(energy=0.0)
    assert car.go_on(energy=10.0).energy == pytest.approx(5010)
    assert car.go_on(energy=6000.0).energy == pytest.approx(11_000)


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


STEPS = st.lists(
    st.tuples(
        st.floats(0, 100),
        st.sampled_from([SUN, GRID, HALF, UNKNOWN]),
        st.floats(0, 500) | st.none(),
        st.floats(-100, 22_000) | st.none(),
        st.sampled_from(["1", "1", "1", None]),
    ),
    max_size=30,
)


@given(STEPS)
def test_parts_sum_to_the_count_and_never_fall(
    steps: Sequence[tuple[float, Mix, float | None, float | None, str | None]],
) -> None:
    car, counted = Car(), 0.0
    car.go_on(seconds=0, energy=0.0)
    for seconds, mix, rise, power, session in steps:
        before = car.account.total
        counted += (rise or 0.0) if session else 0.0
        energy = None if rise is None else counted
        found = car.go_on(
            mix, seconds=seconds, energy=energy, power=power, session=session, rates=NO_RATES
        )
        total = car.account.total
        for key in ("solar", "battery", "grid", "assumed", "carbon", "unpriced", "unrated"):
            assert getattr(total, key) >= getattr(before, key) >= 0
        assert found.assumed <= found.grid * (1 + 1e-9)
        assert found.unpriced == pytest.approx(found.energy)
        if energy is not None and session:
            assert found.energy == pytest.approx(counted)
