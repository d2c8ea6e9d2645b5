"""The year: repeatable days with a sun, a house and cars as they are."""

from datetime import date
from itertools import pairwise
from random import Random

import numpy as np
import pytest

from benchmarks.solar.grid import PER_DAY, TICK
from benchmarks.solar.households import COMMUTER, HOUSEHOLDS, Stay, stays, week_from
from benchmarks.solar.sky import Weather, passing_clouds
from benchmarks.solar.year import Week, draw_week, mondays

SUMMER = date(2025, 6, 16)
WINTER = date(2025, 12, 15)
DAY = 86_400.0


@pytest.fixture(scope="module")
def summer() -> Week:
    return draw_week(HOUSEHOLDS["commuter"], SUMMER, 1)


def mean_share(weather: Weather) -> float:
    times, shares = zip(*passing_clouds(170, DAY, Random(1), weather), strict=True)
    return float(np.interp(np.arange(0, DAY, 10), times, shares).mean())


def test_a_year_is_sampled_in_whole_weeks_that_are_spread_over_it() -> None:
    assert len(mondays(365)) == len(set(mondays(365))) == 52
    nine = mondays(63)
    assert all(day.weekday() == 0 and day.year == 2025 for day in nine)
    assert {(after - before).days // 7 for before, after in pairwise(nine)} <= {5, 6}
    assert len(mondays(1)) == 1


def test_broken_clouds_lie_between_a_clear_and_an_overcast_sky() -> None:
    clear, broken, overcast = (mean_share(weather) for weather in Weather)
    assert clear > 0.9 > broken > 0.4 > overcast > 0.05


def test_broken_clouds_pass_within_seconds_or_minutes() -> None:
    clouds = passing_clouds(170, DAY, Random(1), Weather.BROKEN)
    gaps = [after - before for (before, _), (after, _) in pairwise(clouds)]
    assert 100 < sum(share < 0.7 for _, share in clouds) / 2 < 1000
    assert min(gaps) < 10
    assert max(gaps) <= 1200
    assert all(0 < share < 1.2 for _, share in clouds)


def test_a_seed_decides_a_week(summer: Week) -> None:
    again = draw_week(HOUSEHOLDS["commuter"], SUMMER, 1)
    other = draw_week(HOUSEHOLDS["commuter"], SUMMER, 2)
    assert np.array_equal(summer.sun, again.sun)
    assert np.array_equal(summer.house, again.house)
    assert (summer.stays, summer.seed) == (again.stays, again.seed)
    assert not np.array_equal(summer.sun, other.sun)


def test_a_week_has_the_sun_and_the_loads_of_its_season(summer: Week) -> None:
    winter = draw_week(HOUSEHOLDS["home-office"], WINTER, 1)
    assert len(summer.sun) == len(summer.surplus) == 7 * PER_DAY
    assert 150 < summer.sun.sum() * TICK / 3.6e6 < 500
    assert 20 < winter.sun.sum() * TICK / 3.6e6 < 150
    assert winter.house.mean() > 2 * summer.house.mean()
    assert summer.house.min() >= 0
    assert summer.sun[0] == 0
    assert summer.surplus[0] == pytest.approx(-230 * summer.house[:, 0].sum())


def test_a_commuter_is_home_at_night_and_away_at_noon_of_most_weekdays() -> None:
    weeks = [list(stays(COMMUTER, week_from(SUMMER), Random(seed))) for seed in range(20)]
    noons = [at_home(week, day * PER_DAY + PER_DAY // 2) for week in weeks for day in range(5)]
    nights = [at_home(week, day * PER_DAY + 60) for week in weeks for day in range(7)]
    assert all(nights)
    assert 0.05 < sum(noons) / len(noons) < 0.35
    for week in weeks:
        assert all(stay.begin < stay.end for stay in week)
        assert all(before.end < after.begin for before, after in pairwise(week))
        assert (week[0].begin, week[-1].end) == (0, 7 * PER_DAY)


def at_home(week: list[Stay], tick: int) -> bool:
    return any(stay.begin <= tick < stay.end for stay in week)
