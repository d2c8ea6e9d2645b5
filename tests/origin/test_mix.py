"""What each car's current is made of at one moment."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.headroom.origin.mix import UNKNOWN, Mix, mixes
from custom_components.headroom.power_flows import PowerFlows

POWER = st.floats(min_value=-20_000, max_value=20_000)


def flows(
    *,
    grid: float | None = 0.0,
    solar: float | None = None,
    battery: float | None = None,
    house: float | None = 0.0,
) -> PowerFlows:
    """Return power flows; battery is charge, or discharge below 0."""
    return PowerFlows(grid=grid, solar=solar, battery=battery, house=house)


def test_all_that_draws_has_its_sources_in_the_same_proportion() -> None:
    seen = flows(grid=2000, solar=3000, battery=-1000, house=1500)
    expected = Mix(solar=1 / 2, battery=1 / 6, grid=1 / 3)
    found = mixes(seen, {"one": 1400, "two": 3100}, ())
    assert found == {"one": expected, "two": expected}


def test_what_is_exported_or_charged_into_the_battery_is_no_source() -> None:
    seen = flows(grid=-4000, solar=9000, battery=2000, house=1000)
    assert mixes(seen, {"one": 2000}, ()) == {"one": Mix(solar=1.0)}


def test_what_the_house_leaves_of_the_sun_goes_to_followers_first() -> None:
    seen = flows(grid=8000, solar=4000, house=1000)
    found = mixes(seen, {"sunny": 2000, "fast": 9000}, {"sunny"})
    assert found["sunny"] == Mix(solar=1.0)
    assert found["fast"] == Mix(solar=0.2, grid=0.8)


def test_what_followers_draw_beyond_surplus_is_of_the_mix_of_all() -> None:
    seen = flows(grid=2000, solar=5000, house=3000)
    found = mixes(seen, {"sunny": 4000}, {"sunny"})["sunny"]
    assert found.solar == pytest.approx((2000 + 2000 * 3 / 5) / 4000)
    assert found.grid == pytest.approx(2000 * 2 / 5 / 4000)


@pytest.mark.parametrize("silent", ["grid", "house"])
def test_what_no_meter_shows_counts_as_grid_and_is_marked(silent: str) -> None:
    seen = flows(**{"solar": 5000, silent: None})
    assert mixes(seen, {"one": 2000}, ()) == {"one": UNKNOWN}


def test_without_any_source_nothing_is_known() -> None:
    assert mixes(flows(grid=-10, solar=-5), {"one": 2000}, ()) == {"one": UNKNOWN}


def test_a_follower_that_draws_nothing_takes_nothing() -> None:
    found = mixes(flows(grid=500, solar=500), {"sunny": 0.0, "other": 1000}, {"sunny"})
    assert found["other"] == found["sunny"] == Mix(solar=0.5, grid=0.5)


@given(
    grid=POWER,
    solar=POWER,
    battery=POWER,
    house=POWER,
    draws=st.dictionaries(st.sampled_from("abcd"), POWER, min_size=1),
    following=st.sets(st.sampled_from("abcd")),
)
def test_shares_make_one_and_none_is_negative(
    grid: float,
    solar: float,
    battery: float,
    house: float,
    draws: dict[str, float],
    following: set[str],
) -> None:
    seen = flows(grid=grid, solar=solar, battery=battery, house=house)
    for mix in mixes(seen, draws, following).values():
        assert mix.solar + mix.battery + mix.grid == pytest.approx(1)
        assert min(mix.solar, mix.battery, mix.grid, mix.assumed) >= 0
        assert mix.assumed <= mix.grid
