"""Sessions of chargers that know cars and counts, but no transactions."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from custom_components.headroom.chargers.car_session import CarRecord, CarSession, CarSessions
from custom_components.headroom.engine.snapshot import ConnectorStatus

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)
FREE, PLUGGED = ConnectorStatus.AVAILABLE, ConnectorStatus.PREPARING
CHARGING = ConnectorStatus.CHARGING


class Outlet:
    """A connector whose charger counts, and the session that is made of that."""

    def __init__(self, *, of_session: bool = True, record: CarRecord | None = None) -> None:
        self.now = NOON
        self.of_session = of_session
        self.session = CarSession(record)

    def show(self, status: ConnectorStatus, count: float | None = None) -> float | None:
        """Let a minute pass and the charger tell; return what the session has had."""
        self.now += timedelta(minutes=1)
        self.session.look(status, self.now)
        self.session.count(count, self.now, of_session=self.of_session)
        return self.energy

    @property
    def energy(self) -> float | None:
        running = self.session.running
        return None if running is None else running.energy

    @property
    def ended(self) -> list[float | None]:
        return [session.energy for session in self.session.ended]

    def restart(self) -> None:
        """Forget all that does not survive a restart of ours, which takes an hour."""
        stored = json.loads(json.dumps(self.session.record.to_json()))
        self.now += timedelta(hours=1)
        self.session = CarSession(CarRecord.from_json(stored))


@pytest.fixture
def outlet() -> Outlet:
    """Return an outlet whose car has had 5 kWh and has gone."""
    outlet = Outlet()
    outlet.show(FREE, 0)
    outlet.show(CHARGING, 0)
    outlet.show(CHARGING, 5000)
    outlet.show(FREE, 5000)
    return outlet


def test_a_charger_that_never_shows_that_no_car_is_there_tells_of_another_by_its_count() -> None:
    outlet = Outlet()
    outlet.show(PLUGGED, 0)
    assert outlet.show(CHARGING, 2000) == 2000
    began = outlet.session.running
    assert [outlet.show(PLUGGED, 0) for _ in range(3)] == [2000, 2000, 0]
    assert outlet.session.running != began
    assert outlet.ended == [2000]
    assert outlet.show(CHARGING, 300) == 300


def test_a_charger_that_shows_cars_may_count_one_in_parts(outlet: Outlet) -> None:
    outlet.show(CHARGING, 0)
    outlet.now += timedelta(hours=1)
    assert outlet.show(CHARGING, 5000) == 5000
    began = outlet.session.running
    outlet.show(PLUGGED, 0)
    assert outlet.session.running == began
    assert outlet.show(CHARGING, 300) == 5300


def test_a_session_lasts_while_a_car_is_there() -> None:
    outlet = Outlet()
    assert outlet.show(FREE, 0) is None
    assert outlet.show(PLUGGED, 0) == 0
    began = outlet.now
    assert outlet.show(CHARGING, 1000) == 1000
    assert outlet.session.running is not None
    assert outlet.session.running.started_at == began
    assert outlet.session.running.id == began.isoformat()
    assert outlet.show(FREE, 1000) is None
    assert outlet.ended == [1000]


@pytest.mark.parametrize(
    "status", [ConnectorStatus.UNKNOWN, ConnectorStatus.UNAVAILABLE, ConnectorStatus.FAULTED]
)
def test_what_does_not_tell_of_cars_neither_begins_nor_ends_a_session(
    status: ConnectorStatus,
) -> None:
    outlet = Outlet()
    assert outlet.show(status, 0) is None
    outlet.show(CHARGING, 700)
    assert outlet.show(status) == 700
    assert outlet.show(CHARGING, 800) == 800


def test_a_car_that_was_there_first_has_had_what_the_session_counts() -> None:
    assert Outlet().show(CHARGING, 1500) == 1500
    assert Outlet(of_session=False).show(CHARGING, 123_456) == 0


def test_the_count_of_the_car_before_is_not_given_to_the_next(outlet: Outlet) -> None:
    assert outlet.show(PLUGGED, 5000) == 0
    assert outlet.show(CHARGING, 5000) == 0
    assert outlet.show(CHARGING, 0) == 0
    assert outlet.show(CHARGING, 40) == 40


@pytest.mark.parametrize("first", [180.0, 6000.0])
def test_a_count_that_is_seen_late_is_the_next_cars(outlet: Outlet, first: float) -> None:
    assert outlet.show(PLUGGED, 5000) == 0
    seen = outlet.show(CHARGING, first)
    assert seen == (180 if first < 5000 else 1000), "it is not told apart if it is higher"


def test_a_count_that_goes_on_is_counted_from_where_the_car_came(outlet: Outlet) -> None:
    assert outlet.show(PLUGGED, 5000) == 0
    assert outlet.show(CHARGING, 5200) == 200


def test_a_count_that_is_a_little_lower_has_not_begun_anew(outlet: Outlet) -> None:
    assert outlet.show(PLUGGED, 4990) == 0
    assert outlet.show(CHARGING, 5000) == 0


def test_a_count_that_is_away_for_a_moment_is_not_counted_twice(outlet: Outlet) -> None:
    outlet.show(PLUGGED, 5000)
    assert outlet.show(PLUGGED, 0) == 0
    assert outlet.show(PLUGGED, 5000) == 0


@pytest.mark.parametrize("nothing", [None, -1.0])
def test_a_count_that_is_none_changes_nothing(outlet: Outlet, nothing: float | None) -> None:
    assert outlet.show(PLUGGED, nothing) is None
    assert outlet.show(CHARGING, 5300) == 300
    assert outlet.show(CHARGING, nothing) == 300


def test_what_is_counted_after_the_end_belongs_to_the_session(outlet: Outlet) -> None:
    assert outlet.show(FREE, 5150) is None
    assert outlet.ended == [5150]
    outlet.show(FREE, 0)
    assert outlet.ended == [5150]


def test_a_register_goes_on_between_sessions_without_them() -> None:
    outlet = Outlet(of_session=False)
    outlet.show(CHARGING, 70_000)
    outlet.show(FREE, 70_000)
    outlet.show(FREE, 71_000)
    assert outlet.ended == [1000], "it tells the last rise after the car has gone"
    outlet.show(FREE, 71_005)
    assert outlet.ended == [1000]
    assert outlet.show(PLUGGED, 71_005) == 0
    assert outlet.show(CHARGING, 72_005) == 1000
    outlet.show(FREE)
    assert outlet.ended == [1000]


def test_a_session_goes_on_after_a_restart_however_late_its_count_comes() -> None:
    outlet = Outlet()
    outlet.show(CHARGING, 0)
    outlet.show(CHARGING, 2000)
    before = outlet.session.running
    outlet.restart()
    assert outlet.show(CHARGING) == 2000
    assert outlet.show(CHARGING, 2600) == 2600
    after = outlet.session.running
    assert before is not None
    assert after == replace(before, energy=2600)


def test_less_than_before_a_restart_is_another_car() -> None:
    outlet = Outlet()
    outlet.show(CHARGING, 5000)
    before = outlet.session.running
    outlet.restart()
    assert [outlet.show(CHARGING, count) for count in (100, 200, 300)] == [5000, 5000, 300]
    assert outlet.session.running is not None
    assert before is not None
    assert outlet.session.running.id != before.id
    assert outlet.ended == [5000]
    assert outlet.show(CHARGING, 5000) == 300, "it showed too little for a while"


def test_a_count_that_falls_for_a_moment_after_a_restart_is_of_the_same_car() -> None:
    outlet = Outlet()
    outlet.show(CHARGING, 15_000)
    before = outlet.session.running
    outlet.restart()
    assert outlet.show(CHARGING, 0) == 15_000
    assert outlet.show(CHARGING, 15_200) == 15_200
    assert before is not None
    assert outlet.session.running == replace(before, energy=15_200)
    assert outlet.ended == []
    assert outlet.show(CHARGING, 0) == 15_200


def test_how_long_a_count_has_fallen_is_not_known_where_contact_was_lost() -> None:
    outlet = Outlet()
    outlet.show(CHARGING, 15_000)
    outlet.restart()
    for _ in range(3):
        assert outlet.show(CHARGING, 0) == 15_000
        outlet.session.lose_sight()
        outlet.now += timedelta(hours=1)
    assert outlet.show(CHARGING, 15_200) == 15_200


def test_the_time_of_the_last_count_outlives_a_restart(outlet: Outlet) -> None:
    outlet = Outlet(of_session=False)
    outlet.show(CHARGING, 100_000)
    outlet.show(CHARGING, 101_000)
    outlet.restart()
    assert outlet.show(CHARGING, 900_000) == 1000
    old = {key: value for key, value in outlet.session.record.to_json().items() if key != "at"}
    outlet.session = CarSession(CarRecord.from_json(old))
    assert outlet.show(CHARGING, 901_000) == 2000


def test_the_first_count_of_a_session_may_be_wrong() -> None:
    assert Outlet().show(CHARGING, 4_294_967_295) == 0


def test_a_car_that_has_gone_during_a_restart_has_ended_its_session() -> None:
    outlet = Outlet()
    outlet.show(CHARGING, 5000)
    outlet.restart()
    assert outlet.show(FREE, 5100) is None
    assert outlet.ended == [5000], "nobody knows whose the rest is"
    assert outlet.show(PLUGGED, 5100) == 0


def test_the_count_of_the_car_before_is_known_after_a_restart(outlet: Outlet) -> None:
    outlet.restart()
    assert outlet.show(PLUGGED, 5000) == 0
    assert outlet.show(CHARGING, 30) == 30


def test_another_car_that_came_while_contact_was_lost_is_told_by_its_count(outlet: Outlet) -> None:
    outlet.show(CHARGING, 0)
    outlet.show(CHARGING, 2000)
    outlet.session.lose_sight()
    assert [outlet.show(CHARGING, 200) for _ in range(3)] == [2000, 2000, 200]


def test_another_counter_says_nothing_of_what_was_charged() -> None:
    outlet = Outlet()
    outlet.show(CHARGING, 5000)
    outlet.of_session = False
    assert outlet.show(CHARGING, 900_000) == 5000
    assert outlet.show(CHARGING, 900_500) == 5500


def test_the_sessions_of_a_site_are_kept_by_connector() -> None:
    sessions = CarSessions()
    left, right = sessions.resume("left"), sessions.resume("right")
    left.look(CHARGING, NOON)
    left.count(700, NOON, of_session=True)
    right.look(FREE, NOON)
    stored = json.loads(json.dumps(sessions.to_json()))
    again = CarSessions.from_json(stored)
    resumed = again.resume("left")
    assert resumed.record == left.record
    assert resumed.running is not None
    assert again.resume("right").running is None
    again.forget_all_but({"right"})
    assert again.to_json().keys() == {"right"}
    assert again.resume("left").running is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"started_at": 7},
        {"started_at": "2026-07-01T12:00:00"},
        {"count": "x"},
        {"count": float("nan")},
        {"count": float("inf")},
        {"energy": -1.0},
        {"at": "2026-07-01T12:00:00"},
    ],
    ids=str,
)
def test_what_is_stored_must_be_possible(outlet: Outlet, wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="not a"):
        CarRecord.from_json(outlet.session.record.to_json() | wrong)


def test_a_session_that_cannot_be_read_takes_no_other_with_it(outlet: Outlet) -> None:
    outlet.show(CHARGING, 700)
    record = outlet.session.record.to_json()
    again = CarSessions.from_json({"left": record, "right": {"started_at": 7}})
    assert again.to_json() == {"left": record}
