"""What counts as wrong with a connector, from when and until when."""

from datetime import timedelta

import pytest

from custom_components.headroom.compliance.incident import Cause
from custom_components.headroom.engine.currents import PerPhase
from custom_components.headroom.engine.snapshot import ConnectorStatus

from .course import SECOND, START, Course


@pytest.fixture(params=[1, 10, 15], ids=lambda seconds: f"sample every {seconds} s")
def course(request: pytest.FixtureRequest) -> Course:
    """Return a car that has charged with 16 A for a minute."""
    course = Course(every=request.param)
    course.draw(16.0, 16.0, 16.0)
    course.go_on(60)
    assert course.causes == set()
    return course


@pytest.fixture
def slow() -> Course:
    """Return a car that has charged with 16 A for a minute, sampled every 10 s."""
    course = Course()
    course.draw(16.0, 16.0, 16.0)
    course.go_on(60)
    return course


@pytest.mark.parametrize(
    ("limit", "drawn", "expected"),
    [
        (16.0, 18.0, set()),
        (16.0, 18.1, {Cause.OVERDRAW}),
        (32.0, 35.2, set()),
        (32.0, 35.3, {Cause.OVERDRAW}),
        (6.0, 8.0, set()),
        (6.0, 8.1, {Cause.OVERDRAW}),
        (0.0, 2.0, set()),
        (0.0, 2.1, {Cause.STUCK}),
    ],
)
def test_more_than_the_tolerance_is_too_much(
    slow: Course, limit: float, drawn: float, expected: set[Cause]
) -> None:
    slow.draw(min(limit, 16.0))
    slow.limit(limit)
    slow.go_on(60)
    slow.draw(0.0, drawn)
    slow.go_on(60)
    assert slow.causes == expected


@pytest.mark.parametrize("limit", [6.0, 0.0])
def test_a_charger_that_ignores_a_lower_limit_is_found_within_a_minute(
    course: Course, limit: float
) -> None:
    course.limit(limit)
    assert 30 < course.seconds_until(lambda: bool(course.causes)) <= 60
    incident = course.incident
    assert incident.cause is (Cause.OVERDRAW if limit else Cause.STUCK)
    assert (incident.drawn, incident.allowed, incident.connector) == (16.0, limit, 1)
    assert incident.since <= course.now - 5 * SECOND


def test_it_is_over_when_the_charger_has_followed_for_a_while(course: Course) -> None:
    course.limit(6.0)
    course.seconds_until(lambda: bool(course.causes))
    course.draw(6.0, 6.0, 6.0)
    assert 15 <= course.seconds_until(lambda: not course.causes) <= 60
    course.go_on(300)
    assert course.causes == set()


def test_the_figures_are_those_of_the_beginning(slow: Course) -> None:
    slow.limit(6.0)
    slow.seconds_until(lambda: bool(slow.causes))
    begun = slow.incident
    slow.draw(14.0)
    slow.go_on(60)
    assert slow.incident == begun


def test_a_charger_that_follows_late_is_borne(course: Course) -> None:
    course.limit(6.0)
    course.go_on(29)
    course.draw(6.0, 6.0, 6.0)
    course.go_on(300)
    assert course.causes == set()


def test_one_sample_is_none(slow: Course) -> None:
    for _ in range(5):
        slow.draw(30.0)
        slow.go_on(10)
        slow.draw(16.0)
        slow.go_on(10)
        assert slow.causes == set()


def test_an_offence_goes_on_through_single_good_samples(slow: Course) -> None:
    slow.limit(6.0)
    slow.seconds_until(lambda: bool(slow.causes))
    for _ in range(10):
        slow.draw(6.0)
        slow.go_on(10)
        slow.draw(16.0)
        slow.go_on(10)
        assert slow.causes == {Cause.OVERDRAW}


def test_a_limit_that_moves_is_judged_by_its_highest_value(slow: Course) -> None:
    for _ in range(20):
        slow.limit(6.0)
        slow.go_on(20)
        slow.limit(16.0)
        slow.go_on(5)
        assert slow.causes == set()


def test_a_limit_that_was_not_taken_is_no_overdraw(slow: Course) -> None:
    slow.setpoint = 6.0
    slow.go_on(300)
    assert slow.causes == set()


def test_without_any_confirmed_limit_the_setpoint_counts(slow: Course) -> None:
    slow.setpoint = 6.0
    slow.show(confirmed=None)
    slow.go_on(60)
    assert slow.causes == {Cause.OVERDRAW}


def test_what_is_not_measured_is_not_judged(slow: Course) -> None:
    slow.show(drawn=None)
    slow.limit(0.0)
    slow.go_on(300)
    assert slow.causes == set()


@pytest.mark.parametrize("age", [timedelta(seconds=60), -SECOND], ids=["old", "future"])
def test_a_sample_of_another_time_is_not_judged(slow: Course, age: timedelta) -> None:
    slow.every = 0
    slow.limit(0.0)
    for _ in range(100):
        slow.show(measured_at=slow.now + SECOND - age)
        slow.go_on()
    assert slow.causes == set()


def test_a_car_that_is_unplugged_ends_it_with_a_single_sample(slow: Course) -> None:
    slow.limit(0.0)
    slow.seconds_until(lambda: bool(slow.causes))
    slow.every = 0
    slow.go_on()
    slow.show(status=ConnectorStatus.AVAILABLE, drawn=PerPhase(), measured_at=slow.now)
    assert slow.seconds_until(lambda: not slow.causes) <= 31


def test_without_samples_an_offence_stays(slow: Course) -> None:
    slow.limit(0.0)
    slow.seconds_until(lambda: bool(slow.causes))
    slow.every = 0
    slow.go_on(600)
    assert slow.causes == {Cause.STUCK}


def test_lost_contact_is_no_reason_to_forget_and_none_to_blame(slow: Course) -> None:
    slow.limit(0.0)
    slow.go_on(35)
    slow.online = False
    slow.go_on(100)
    assert slow.causes == set()
    slow.online = True
    assert slow.seconds_until(lambda: bool(slow.causes)) > 30
    slow.online = False
    slow.draw(0.0)
    slow.go_on(100)
    assert slow.causes == {Cause.STUCK}
    slow.online = True
    slow.seconds_until(lambda: not slow.causes)


def test_a_clock_that_is_set_back_blames_nobody_and_keeps_nothing_for_ever(slow: Course) -> None:
    slow.limit(6.0)
    slow.seconds_until(lambda: bool(slow.causes))
    slow.now -= timedelta(hours=1)
    slow.draw(6.0)
    slow.seconds_until(lambda: not slow.causes, within=120)
    slow.now -= timedelta(hours=1)
    slow.go_on(300)
    assert slow.causes == set()


def test_more_phases_than_wired(course: Course) -> None:
    course.phases = 1
    assert course.seconds_until(lambda: bool(course.causes)) <= 60
    assert course.incident.cause is Cause.PHASES
    course.phases = 3
    course.seconds_until(lambda: not course.causes, within=60)


def test_another_phase_than_the_first_is_not_one_more(slow: Course) -> None:
    slow.phases = 1
    slow.draw(0.3, 16.0, 0.9)
    slow.go_on(300)
    assert slow.causes == set()


def test_refusals_that_last_are_found_within_a_minute_and_end(course: Course) -> None:
    course.setpoint = 6.0
    course.show(refusing=True)
    assert course.seconds_until(lambda: bool(course.causes)) <= 25
    incident = course.incident
    assert (incident.cause, incident.allowed) == (Cause.REFUSES, 6.0)
    course.show(refusing=False)
    course.limit(6.0)
    course.draw(6.0)
    course.seconds_until(lambda: not course.causes, within=40)


def test_a_charger_that_is_busy_for_a_moment_does_not_refuse(course: Course) -> None:
    for _ in range(10):
        course.show(refusing=True)
        course.go_on(15)
        course.show(refusing=False)
        course.go_on(15)
    assert course.causes == set()


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (ConnectorStatus.AVAILABLE, set()),
        (ConnectorStatus.FAULTED, set()),
        (ConnectorStatus.UNAVAILABLE, set()),
        (ConnectorStatus.UNKNOWN, {Cause.REFUSES}),
        (ConnectorStatus.SUSPENDED_EVSE, {Cause.REFUSES}),
    ],
)
def test_refusals_matter_where_a_car_may_draw(
    slow: Course, status: ConnectorStatus, expected: set[Cause]
) -> None:
    slow.draw(0.0)
    slow.show(refusing=True, status=status)
    slow.go_on(60)
    assert slow.causes == expected


def test_somebody_else_who_writes_again_and_again(course: Course) -> None:
    for count in range(1, 4):
        assert course.causes == set()
        course.show(overwritten=count)
        course.go_on(20)
    assert (course.incident.cause, course.incident.allowed) == (Cause.OVERWRITTEN, 16.0)
    assert 500 < course.seconds_until(lambda: not course.causes) <= 600


def test_somebody_else_who_writes_now_and_then_is_borne(slow: Course) -> None:
    for count in range(1, 10):
        slow.show(overwritten=count)
        slow.go_on(300)
        assert slow.causes == set()


def test_overwriting_from_before_the_watch_is_not_counted() -> None:
    course = Course()
    course.show(overwritten=100)
    course.go_on(60)
    assert course.causes == set()


def test_an_offer_that_leaves_the_limit_again_and_again_is_somebody_elses(slow: Course) -> None:
    slow.limit(10.0)
    slow.draw(10.0)
    for _ in range(3):
        assert slow.causes == set()
        slow.show(offered=10.0)
        slow.go_on(50)
        slow.show(offered=32.0)
        slow.go_on(20)
    assert slow.causes == {Cause.OVERWRITTEN}


def test_one_change_that_shows_twice_is_one(slow: Course) -> None:
    slow.limit(10.0)
    slow.draw(10.0)
    for count in range(1, 3):
        slow.show(offered=10.0)
        slow.go_on(50)
        slow.show(offered=32.0, overwritten=count)
        slow.go_on(20)
        assert slow.causes == set()


@pytest.mark.parametrize("offered", [5.0, 10.0, 32.0], ids=["less", "the same", "more"])
def test_an_offer_that_stays_is_nobodys_work(slow: Course, offered: float) -> None:
    slow.draw(6.0)
    slow.show(offered=offered)
    for _ in range(10):
        slow.limit(10.0)
        slow.go_on(50)
        slow.limit(32.0)
        slow.go_on(50)
    assert slow.causes == set()


def test_measurements_that_never_change() -> None:
    course = Course(every=0)
    course.draw(16.0)
    course.show(power=3680.0, energy=1000.0)
    for _ in range(61):
        assert course.causes == set()
        course.show(measured_at=course.now)
        course.go_on(10)
    assert course.causes == {Cause.FROZEN}
    assert course.incident.drawn == 16.0
    course.show(measured_at=course.now, energy=1001.0)
    course.seconds_until(lambda: not course.causes, within=40)


@pytest.mark.parametrize(
    "data",
    [
        {"power": None, "energy": None},
        {"drawn": PerPhase(4.9)},
        {"status": ConnectorStatus.SUSPENDED_EV},
    ],
    ids=["current alone", "little current", "not charging"],
)
def test_measurements_that_may_well_stay_the_same(data: dict[str, object]) -> None:
    course = Course(every=0)
    course.draw(16.0)
    course.show(**data)
    for _ in range(200):
        course.show(measured_at=course.now)
        course.go_on(10)
    assert course.causes == set()


def test_stillness_before_contact_was_lost_does_not_count() -> None:
    course = Course(every=0)
    course.draw(16.0)
    for second in range(1200):
        course.online = second % 300 != 0
        course.show(measured_at=course.now)
        course.go_on()
    assert course.causes == set()
    assert course.now == START + timedelta(seconds=1200)
