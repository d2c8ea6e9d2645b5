from datetime import date
from itertools import pairwise
from random import Random

import pytest

from custom_components.headroom.engine.currents import PerPhase
from simulator.plant.house import ApplianceKind, House, household_profile
from simulator.plant.profile import at
from simulator.plant.sun import Panels, Place, Sky, Sun, clear_sky_profile

PARIS = Place(latitude=48.86, longitude=2.35, timezone="Europe/Paris")
MIDSUMMER = date(2026, 6, 21)


def test_profile_runs_straight_between_its_points_and_wraps() -> None:
    profile = (0.0, 100.0)
    assert at(profile, 0) == 0
    assert at(profile, 21_600) == 50
    assert at(profile, 64_800) == 50
    assert at(profile, 86_400 + 43_200) == 100


def test_house_spreads_its_profile_on_the_phases() -> None:
    house = House(random=Random(1), profile=(2300.0,), shares=PerPhase(0.5, 0.3, 0.2))
    assert tuple(house.advance(10, 0)) == pytest.approx((5, 3, 2))


def test_shares_must_sum_to_one() -> None:
    with pytest.raises(ValueError, match="sum to 1"):
        House(random=Random(1), shares=PerPhase(0.5, 0.5, 0.5))


def test_kettle_is_on_for_its_time() -> None:
    house = House(random=Random(1))
    house.advance(10, 0)
    current = house.kettle(1, seconds=60)
    assert 9 <= current <= 10
    assert tuple(house.advance(69.9, 0)) == (0, current, 0)
    assert tuple(house.advance(70, 0)) == (0, 0, 0)


def sampled(seed: int, kind: ApplianceKind, seconds: int = 7200) -> list[PerPhase]:
    house = House(random=Random(seed), appliances=[kind])
    return [house.advance(second / 2, 0) for second in range(2 * seconds)]


@pytest.mark.parametrize("kind", ApplianceKind)
def test_appliances_switch_the_same_way_for_the_same_seed(kind: ApplianceKind) -> None:
    first = sampled(1, kind)
    assert first == sampled(1, kind)
    assert first != sampled(2, kind)
    assert {max(currents) > 0 for currents in first} == {True, False}


def test_oven_cycles_on_one_phase() -> None:
    totals = sampled(1, ApplianceKind.OVEN)
    switchings = sum((sum(a) == 0) != (sum(b) == 0) for a, b in pairwise(totals))
    assert 80 <= switchings <= 200
    assert sum(any(c[phase] for c in totals) for phase in range(3)) == 1


def test_heat_pump_has_an_inrush_on_three_phases() -> None:
    house = House(random=Random(1), appliances=[ApplianceKind.HEAT_PUMP])
    currents = [house.advance(tenth / 10, 0) for tenth in range(30_000)]
    on = [c for c in currents if c.l1]
    assert on[0].l1 == pytest.approx(2.5 * on[10].l1)
    assert len(set(on[10])) == 1


def test_household_profile_sums_to_a_plausible_day() -> None:
    profile = household_profile(MIDSUMMER, 3650)
    assert len(profile) == 96
    assert 6_000 < sum(profile) / 4 < 12_000
    assert max(profile[68:88]) > 1.5 * max(profile[8:16])


def test_clear_sky_peaks_at_noon_and_sleeps_at_night() -> None:
    profile = clear_sky_profile(MIDSUMMER, PARIS, Panels(peak_kw=10))
    assert 7_000 < max(profile) < 10_000
    assert at(profile, 0) == 0
    assert 13 < profile.index(max(profile)) / 12 < 15


def test_clouds_dim_the_sun_in_the_same_way_for_the_same_seed() -> None:
    def course(seed: int) -> list[float]:
        sky = Sky(Random(seed))
        return [sky.transmittance(second) for second in range(0, 7200, 10)]

    assert course(1) == course(1)
    assert course(1) != course(2)
    assert max(course(1)) == 1
    assert 0.2 <= min(course(1)) <= 0.7


def test_sun_feeds_in_on_its_phases() -> None:
    sun = Sun(profile=(2300.0,), random=Random(1), phases=(1,))
    assert tuple(sun.advance(1)) == pytest.approx((0, 10, 0))
