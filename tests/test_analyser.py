"""The figures of a building analyser, against the example of the source (A2.9)."""

from datetime import UTC, datetime, timedelta

import pytest

from custom_components.headroom.analyser import (
    AnalyserStatus,
    SiteAnalyser,
    Thresholds,
    ZoneAnalyser,
)
from custom_components.headroom.engine.currents import PHASES, PerPhase
from custom_components.headroom.engine.decision import ZoneState

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
TWO = PerPhase.same(2)


def seen(
    measured: PerPhase | None, drawn: PerPhase | None = None, *, degraded: bool = False
) -> ZoneState:
    """Return a zone as it is after a step."""
    return ZoneState(
        limit=PerPhase.same(50),
        measured=measured,
        budget=PerPhase(),
        drawn=drawn or PerPhase(),
        committed=PerPhase(),
        headroom=PerPhase(),
        degraded=degraded,
        reasons=((), (), ()),
    )


def watched(*currents: float | PerPhase, every: float = 1.0) -> ZoneAnalyser:
    """Return an analyser that has looked so often."""
    analyser = ZoneAnalyser()
    for n, current in enumerate(currents):
        measured = current if isinstance(current, PerPhase) else PerPhase.same(current)
        analyser.look(seen(measured), NOON + timedelta(seconds=n * every))
    return analyser


def test_the_example_of_the_source() -> None:
    analyser = watched(2, 2, 2)
    assert (analyser.current, analyser.average) == (TWO, TWO)
    for phase in PHASES:
        assert analyser.thresholds(phase, 10) == Thresholds(
            min_alarm=1, min_pre_alarm=1, max_pre_alarm=3, max_alarm=3
        )
    assert analyser.status(10) is AnalyserStatus.WITHIN


@pytest.mark.parametrize(
    ("average", "margin", "low", "high"),
    [
        (0, 10, 0, 0),
        (10, 10, 9, 11),
        (30, 10, 27, 33),
        (25.2, 10, 22, 28),
        (20, 25, 15, 25),
        (2, 100, 0, 4),
        (-2, 10, -3, -1),
    ],
)
def test_thresholds_are_rounded_away_from_the_average(
    average: float, margin: float, low: float, high: float
) -> None:
    assert Thresholds.around(average, margin) == Thresholds(
        min_alarm=low, min_pre_alarm=low, max_pre_alarm=high, max_alarm=high
    )


def test_cars_are_no_other_load() -> None:
    analyser = ZoneAnalyser()
    analyser.look(seen(PerPhase(20, 10, 5), PerPhase(16, 16, 0)), NOON)
    assert analyser.current == PerPhase(4, -6, 5)


def test_the_average_is_that_of_the_last_minute() -> None:
    assert watched(10, 20, 30).average == PerPhase.same(20)
    assert watched(*[100] * 10, *[10] * 60).average == PerPhase.same(10)
    assert watched(100, 10, every=60).average == PerPhase.same(10)


def test_a_clock_that_leaps_back_starts_the_average_anew() -> None:
    assert watched(100, 10, every=-30).average == PerPhase.same(10)


@pytest.mark.parametrize(
    ("phase", "status"),
    [
        (40.0, AnalyserStatus.ABOVE),
        (0.0, AnalyserStatus.BELOW),
        (20.5, AnalyserStatus.WITHIN),
    ],
)
def test_the_worst_phase_counts(phase: float, status: AnalyserStatus) -> None:
    calm = [PerPhase.same(20)] * 59
    assert watched(*calm, PerPhase(20, phase, 20)).status(10) is status


def test_above_is_worse_than_below() -> None:
    calm = [PerPhase.same(20)] * 59
    assert watched(*calm, PerPhase(0, 20, 40)).status(10) is AnalyserStatus.ABOVE


@pytest.mark.parametrize("silent", [seen(None, degraded=True), seen(TWO, degraded=True)])
def test_a_silent_meter_tells_nothing(silent: ZoneState) -> None:
    analyser = watched(2, 2)
    analyser.look(silent, NOON + timedelta(seconds=3))
    assert (analyser.current, analyser.average) == (None, None)
    assert analyser.thresholds(0, 10) is None
    assert analyser.status(10) is AnalyserStatus.OFFLINE
    analyser.look(seen(PerPhase.same(8)), NOON + timedelta(seconds=4))
    assert analyser.average == PerPhase.same(8)


def test_each_zone_has_its_own_figures_as_long_as_it_exists() -> None:
    site = SiteAnalyser()
    site.look({"a": seen(TWO), "b": seen(PerPhase.same(8))}, NOON)
    later = NOON + timedelta(seconds=1)
    site.look({"b": seen(PerPhase.same(10))}, later)
    assert site.zone("a").current is None
    assert site.zone("b").average == PerPhase.same(9)
