from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from custom_components.headroom.engine.cars.wear import Wear, WearPolicy
from custom_components.headroom.engine.sun.chase import (
    Chase,
    rests_until,
    start_delay,
    stop_delay,
)
from custom_components.headroom.engine.sun.rules import SunRules

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
RULES = SunRules(stop_delay=3 * MINUTE)
STEP = timedelta(seconds=10)


def test_a_cloud_takes_the_time_that_it_lasts_off_what_was_gathered() -> None:
    chase = Chase()
    for enough in (True, True, True, False, True):
        chase.gather(enough=enough, elapsed=STEP, most=MINUTE)
    assert chase.gathered == 3 * STEP


@pytest.mark.parametrize(("enough", "gathered"), [(True, MINUTE), (False, timedelta())])
def test_no_more_is_gathered_than_is_needed_and_no_less_than_nothing(
    enough: bool, gathered: timedelta
) -> None:
    chase = Chase()
    for _ in range(20):
        chase.gather(enough=enough, elapsed=STEP, most=MINUTE)
    assert chase.gathered == gathered


@pytest.mark.parametrize(
    ("lacking", "seconds"), [(1.0, 180), (0.5, 360), (0.25, 720)], ids=["all", "half", "quarter"]
)
def test_the_grid_may_feed_a_part_of_the_floor_for_longer(lacking: float, seconds: int) -> None:
    chase = Chase(charging=True, since=NOW)
    for second in range(1, seconds + 1):
        assert not chase.is_over(RULES.stop_delay, RULES, NOW + timedelta(seconds=second - 1))
        chase.owe(lacking, timedelta(seconds=1))
    assert chase.is_over(RULES.stop_delay, RULES, NOW + timedelta(seconds=seconds))


def test_sun_pays_back_a_twentieth_of_its_energy() -> None:
    chase = Chase(owed=timedelta(seconds=100))
    chase.owe(1 - 2.0, timedelta(seconds=100))  # twice the floor
    assert chase.owed == timedelta(seconds=90)
    chase.owe(1 - 2.0, timedelta(hours=1))
    assert chase.owed == timedelta()


def test_a_car_runs_for_its_shortest_time() -> None:
    rules = SunRules(stop_delay=timedelta(), min_run=5 * MINUTE)
    chase = Chase(charging=True, since=NOW, owed=STEP)
    assert not chase.is_over(rules.stop_delay, rules, NOW + 4 * MINUTE)
    assert chase.is_over(rules.stop_delay, rules, NOW + 5 * MINUTE)


def test_without_a_stop_delay_a_car_stops_when_it_lacks_something() -> None:
    rules = SunRules(stop_delay=timedelta(), min_run=timedelta())
    chase = Chase(charging=True, since=NOW)
    assert not chase.is_over(rules.stop_delay, rules, NOW)
    chase.owe(0.1, STEP)
    assert chase.is_over(rules.stop_delay, rules, NOW)


@pytest.mark.parametrize(
    ("stops", "start", "stop"), [(0, 1, 3), (1, 2, 6), (2, 4, 12), (3, 8, 24), (4, 16, 24)]
)
def test_every_stop_makes_both_delays_longer(stops: int, start: int, stop: int) -> None:
    wear = Wear(stops=stops)
    assert start_delay(wear, WearPolicy(stops=100), RULES) == start * MINUTE
    assert stop_delay(wear, RULES) == stop * MINUTE


def test_a_start_delay_grows_to_half_an_hour_unless_it_is_longer_by_itself() -> None:
    wear, policy = Wear(stops=100), WearPolicy(stops=200)
    assert start_delay(wear, policy, RULES) == 30 * MINUTE
    assert start_delay(wear, policy, SunRules(start_delay=45 * MINUTE)) == 45 * MINUTE


def test_the_last_start_of_a_day_waits_longest() -> None:
    delays = [start_delay(Wear(stops=stops), WearPolicy(stops=3), RULES) for stops in range(3)]
    assert delays == [MINUTE, 2 * MINUTE, 30 * MINUTE]
    assert start_delay(Wear(), WearPolicy(stops=1), RULES) == MINUTE


def test_stops_count_anew_from_the_next_local_morning_on() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    wear = Wear(stops=3, stopped_at=datetime(2026, 7, 1, 9, tzinfo=UTC))
    wear.forget_stops_of_yesterday(datetime(2026, 7, 2, 1, 59, tzinfo=UTC), berlin)
    assert wear.stops == 3
    wear.forget_stops_of_yesterday(datetime(2026, 7, 2, 2, tzinfo=UTC), berlin)
    assert wear.stops == 0


@pytest.mark.parametrize(
    ("stopped_at", "until"),
    [
        (datetime(2026, 7, 1, 9, tzinfo=UTC), datetime(2026, 7, 2, 2, tzinfo=UTC)),
        (datetime(2026, 7, 1, 1, 59, tzinfo=UTC), datetime(2026, 7, 1, 2, tzinfo=UTC)),
        (datetime(2026, 10, 24, 9, tzinfo=UTC), datetime(2026, 10, 25, 3, tzinfo=UTC)),
    ],
)
def test_who_was_stopped_too_often_rests_until_the_next_local_morning(
    stopped_at: datetime, until: datetime
) -> None:
    policy, berlin = WearPolicy(stops=2), ZoneInfo("Europe/Berlin")
    worn = Wear(stops=2, stopped_at=stopped_at)
    assert rests_until(Wear(stops=1, stopped_at=stopped_at), policy, stopped_at, berlin) is None
    assert rests_until(Wear(stops=2), policy, stopped_at, berlin) is None
    assert rests_until(worn, policy, stopped_at, berlin) == until
    assert rests_until(worn, policy, until, berlin) is None


def test_surplus_for_three_phases_must_not_be_interrupted() -> None:
    chase = Chase()
    told = [chase.gather_more(NOW, enough=True, elapsed=STEP, most=MINUTE)]
    expected = [chase.more_phases_at]
    told.append(chase.gather_more(NOW, enough=False, elapsed=STEP, most=MINUTE))
    expected.append(chase.more_phases_at)
    assert expected == [NOW + MINUTE - STEP, None]
    told += [chase.gather_more(NOW, enough=True, elapsed=STEP, most=MINUTE) for _ in range(6)]
    assert told == [False] * 7 + [True]


def test_another_number_of_phases_owes_nothing() -> None:
    chase = Chase(owed=MINUTE, more_gathered=MINUTE, more_phases_at=NOW)
    chase.take(1)
    assert chase == Chase(phases=1)


def test_a_chase_survives_a_restart() -> None:
    chase = Chase(charging=True, since=NOW, owed=timedelta(seconds=42.5), phases=1)
    assert Chase.from_json(chase.to_json()) == chase
    assert Chase.from_json({}) == Chase()
    assert Chase.from_json({"phases": 2}) == Chase()


@pytest.mark.parametrize("stored", [None, [], {"owed": -1}, {"owed": "x"}, {"since": "12:00"}])
def test_what_is_no_chase_is_refused(stored: object) -> None:
    with pytest.raises(ValueError, match=r"not|Invalid"):
        Chase.from_json(stored)


def test_after_a_leap_back_nothing_lies_in_the_future() -> None:
    chase = Chase(charging=True, since=NOW + MINUTE)
    chase.forget_future(NOW)
    assert chase.since == NOW
    Chase().forget_future(NOW)
