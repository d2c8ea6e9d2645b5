from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from simulator.station.profiles import Period, ProfileError, ProfileStore, Purpose, Usage
from simulator.station.v16.profiles import parse_profile

NOW = datetime(2026, 6, 21, 12, tzinfo=UTC)
RUNNING = Usage(7, NOW - timedelta(minutes=5))


def payload(limit: float, **changes: Any) -> dict[str, Any]:
    """Return a permanent default profile; changes with `schedule_` go into its schedule."""
    schedule: dict[str, Any] = {
        "charging_rate_unit": "A",
        "start_schedule": "2026-06-20T12:00:00Z",
        "charging_schedule_period": [{"start_period": 0, "limit": limit}],
    }
    schedule |= {k.removeprefix("schedule_"): v for k, v in changes.items() if "schedule_" in k}
    return {
        "charging_profile_id": 1,
        "stack_level": 0,
        "charging_profile_purpose": "TxDefaultProfile",
        "charging_profile_kind": "Absolute",
        "charging_schedule": {k: v for k, v in schedule.items() if v is not None},
        **{k: v for k, v in changes.items() if "schedule_" not in k},
    }


def later(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def install(store: ProfileStore, connector: int, limit: float, **changes: Any) -> None:
    store.install(parse_profile(connector, payload(limit, **changes)))


def test_without_profiles_there_is_no_limit() -> None:
    store = ProfileStore()
    assert store.limit(1, NOW, RUNNING) is None
    assert store.station_limit(NOW) is None


def test_the_highest_stack_level_wins_until_its_duration_ends() -> None:
    store = ProfileStore()
    install(store, 1, 6)
    install(
        store,
        1,
        20,
        charging_profile_id=2,
        stack_level=1,
        schedule_start_schedule="2026-06-21T12:00:00Z",
        schedule_duration=60,
    )
    assert [store.limit(1, later(s), RUNNING) for s in (-1, 0, 59.9, 60)] == [6, 20, 20, 6]


def test_a_profile_ends_at_valid_to_and_begins_at_valid_from() -> None:
    store = ProfileStore()
    install(store, 1, 10, valid_from="2026-06-21T12:00:10Z", valid_to="2026-06-21T12:01:00+00:00")
    assert [store.limit(1, later(s)) for s in (9, 10, 59, 60)] == [None, 10, 10, None]


def test_transaction_before_own_default_before_common_default() -> None:
    store = ProfileStore()
    install(store, 0, 8)
    assert store.limit(1, NOW, RUNNING) == 8
    install(store, 1, 12, charging_profile_id=2)
    assert (store.limit(1, NOW, RUNNING), store.limit(2, NOW, RUNNING)) == (12, 8)
    tx = {"charging_profile_purpose": "TxProfile", "transaction_id": 7, "charging_profile_id": 3}
    install(store, 1, 16, **tx)
    assert (store.limit(1, NOW, RUNNING), store.limit(1, NOW)) == (16, 12)
    assert store.limit(1, NOW, Usage(8, NOW)) == 12
    store.end_transaction(1)
    assert store.limit(1, NOW, RUNNING) == 12


def test_the_same_place_or_the_same_id_is_replaced() -> None:
    store = ProfileStore()
    install(store, 1, 6)
    install(store, 1, 8, charging_profile_id=2)
    assert store.limit(1, NOW) == 8
    install(store, 1, 9, charging_profile_id=2, stack_level=3)
    store.clear(lambda profile: profile.stack == 3)
    assert store.limit(1, NOW) is None


def test_clearing_takes_away_what_is_wanted() -> None:
    store = ProfileStore()
    install(store, 1, 6)
    install(store, 2, 6, charging_profile_id=2)
    assert not store.clear(lambda profile: profile.id == 3)
    assert store.clear(lambda profile: profile.purpose is Purpose.DEFAULT and profile.id == 2)
    assert store.limit(2, NOW) is None
    assert store.clear()
    assert not store.clear()


def test_periods_follow_each_other() -> None:
    store = ProfileStore()
    periods = [{"start_period": 0, "limit": 6}, {"start_period": 30, "limit": 10.5}]
    install(
        store,
        1,
        0,
        schedule_start_schedule="2026-06-21T12:00:00Z",
        schedule_charging_schedule_period=periods,
    )
    assert [store.limit(1, later(s)) for s in (0, 29, 30)] == [6, 6, 10.5]
    assert store.changes(NOW, later(60), None) == [NOW, later(30)]


def test_watts_are_divided_by_the_phases() -> None:
    store = ProfileStore()
    install(store, 1, 11_040, schedule_charging_rate_unit="W")
    assert store.limit(1, NOW) == pytest.approx(16)
    one = [{"start_period": 0, "limit": 2300, "number_phases": 1}]
    install(store, 1, 0, schedule_charging_rate_unit="W", schedule_charging_schedule_period=one)
    assert store.limit(1, NOW) == pytest.approx(10)


@pytest.mark.parametrize("kind", ["Relative", "Absolute"])
def test_without_a_start_the_transaction_is_the_start(kind: str) -> None:
    profile = parse_profile(
        1,
        payload(
            10, charging_profile_kind=kind, schedule_start_schedule=None, schedule_duration=310
        ),
    )
    assert profile.period(later(9), RUNNING) == Period(0, 10)
    assert profile.period(later(10), RUNNING) is None
    assert profile.period(NOW, None) is None


def test_a_daily_profile_comes_back() -> None:
    profile = parse_profile(
        1,
        payload(
            10,
            charging_profile_kind="Recurring",
            recurrency_kind="Daily",
            schedule_start_schedule="2026-06-19T11:00:00Z",
            schedule_duration=7200,
        ),
    )
    hours = [profile.period(NOW + timedelta(hours=h), None) for h in (-1.5, 0, 1, 23, 25)]
    assert hours == [None, Period(0, 10), None, Period(0, 10), None]
    assert profile.period(datetime(2026, 6, 19, 10, tzinfo=UTC), None) is None
    two_days = profile.changes(NOW, NOW + timedelta(days=2), None)
    assert two_days == {NOW + timedelta(hours=h) for h in (1, 23, 25, 47)}


@pytest.mark.parametrize(
    ("connector", "wrong"),
    [
        (1, {"stack_level": 9}),
        (1, {"charging_profile_purpose": "ChargePointMaxProfile"}),
        (0, {"charging_profile_purpose": "TxProfile"}),
        (
            0,
            {
                "charging_profile_purpose": "ChargePointMaxProfile",
                "charging_profile_kind": "Relative",
            },
        ),
        (1, {"charging_profile_kind": "Recurring"}),
        (1, {"valid_to": "yesterday"}),
        (1, {"valid_to": "2026-06-21T12:00:00"}),
        (1, {"schedule_charging_rate_unit": "V"}),
        (1, {"schedule_charging_schedule_period": []}),
        (1, {"schedule_charging_schedule_period": [{"start_period": 5, "limit": 6}]}),
    ],
)
def test_wrong_profiles_are_refused(connector: int, wrong: dict[str, Any]) -> None:
    with pytest.raises(ProfileError):
        parse_profile(connector, payload(10, **wrong))
