"""What is remembered of a car for as long as it is plugged in."""

from datetime import UTC, datetime, timedelta

import pytest

from custom_components.headroom.plan.visit import Visit

NOW = datetime(2026, 3, 10, 21, tzinfo=UTC)


@pytest.mark.parametrize(
    ("shown", "charged"),
    [
        ([0.0, 500.0, 2000.0], 2000.0),
        ([12_000.0], 0.0),
        ([12_000.0, 12_000.0, 0.0, 700.0], 700.0),
        ([12_000.0, 12_400.0], 400.0),
        ([0.0, 2000.0, 0.0, 300.0], 2300.0),
        ([0.0, 2000.0, 1950.0, 2000.0], 2000.0),
    ],
    ids=["its own", "last one", "anew later", "never anew", "for the same car", "wavers"],
)
def test_energy_of_the_last_session_does_not_count(shown: list[float], charged: float) -> None:
    visit = Visit.begun(NOW)
    for energy in shown:
        visit.count(energy, possible=1000.0)
    assert visit.charged == charged


def test_a_goal_is_met_until_clearly_less_is_there() -> None:
    visit = Visit.begun(NOW)
    steps: list[tuple[float | None, float | None, bool]] = [
        (2000, 500, False),
        (0.5, 0, True),
        (900, 0, True),
        (None, None, True),
        (2000, 500, False),
    ]
    for lacks, lacks_clearly, met in steps:
        visit.judge(lacks, lacks_clearly)
        assert visit.met is met


def test_a_changed_goal_begins_anew() -> None:
    visit = Visit(came_at=NOW, since=NOW, met=True, charged=500.0)
    visit.renew(NOW + timedelta(hours=1))
    assert visit == Visit(came_at=NOW, since=NOW + timedelta(hours=1), charged=500.0)


@pytest.mark.parametrize("before", [None, 1200.0, -2000.0])
def test_it_survives_a_restart(before: float | None) -> None:
    visit = Visit(
        came_at=NOW, since=NOW + timedelta(hours=1), met=True, charged=10.5, before=before
    )
    assert Visit.from_json(visit.to_json()) == visit


@pytest.mark.parametrize(
    "wrong", [{"came_at": None}, {"since": None}, {"charged": -1}, {"before": "some"}]
)
def test_what_makes_no_sense_is_not_read(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"never began|not a number"):
        Visit.from_json(Visit.begun(NOW).to_json() | wrong)
