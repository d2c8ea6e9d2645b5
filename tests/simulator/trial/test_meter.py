"""A meter shows the RMS value of a second, late, in tenths of an ampere."""

from itertools import pairwise
from random import Random

import pytest

from simulator.trial.meter import Meter, MeterKind, Sample


def samples(kind: MeterKind, currents: list[float]) -> list[tuple[int, Sample]]:
    meter = Meter(kind, Random(1))
    seen = ((tick, meter.see((current, 0.0, 1.04), tick)) for tick, current in enumerate(currents))
    return [(tick, sample) for tick, sample in seen if sample is not None]


def test_samples_come_once_a_period_and_late() -> None:
    found = samples(MeterKind(period=2, latency=(0.5, 0.5)), [3.0] * 200)
    assert [round(tick / 10 - sample.at, 1) for tick, sample in found] == [0.5] * len(found)
    times = [sample.at for _, sample in found]
    assert [round(b - a, 1) for a, b in pairwise(times)] == [2.0] * (len(times) - 1)
    assert found[0][1].currents == (3.0, 0.0, 1.0)


def test_a_sample_covers_the_second_before_it_as_rms() -> None:
    kind = MeterKind(period=1, latency=(0, 0))
    (first, _), *_ = samples(kind, [0.0] * 40)
    currents = [0.0] * 40
    currents[first + 6 : first + 11] = [10.0] * 5
    (_, (_, half), (_, none), *_) = samples(kind, currents)
    assert half.currents[0] == pytest.approx(7.1)
    assert none.currents[0] == 0


def test_news_does_not_overtake_older_news() -> None:
    found = samples(MeterKind(period=1, latency=(0, 5)), [1.0] * 600)
    times = [sample.at for _, sample in found]
    assert times == sorted(times)
    assert len(times) >= 54
