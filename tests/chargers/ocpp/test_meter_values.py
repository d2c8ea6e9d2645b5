"""MeterValues as chargers send them, and which of them are fresh."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from custom_components.headroom.chargers.ocpp.clock import ChargerClock
from custom_components.headroom.chargers.ocpp.meter_values import Sample, read_samples
from custom_components.headroom.engine.currents import PerPhase

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)


def value(number: object, measurand: str | None = None, **fields: str) -> dict[str, Any]:
    named = {} if measurand is None else {"measurand": measurand}
    return {"value": number} | named | fields


def current(number: object, phase: str | None = None, **fields: str) -> dict[str, Any]:
    return value(number, "Current.Import", **({} if phase is None else {"phase": phase}), **fields)


def power(number: object, **fields: str) -> dict[str, Any]:
    return value(number, "Power.Active.Import", **fields)


def volts(number: object, phase: str) -> dict[str, Any]:
    return value(number, "Voltage", phase=phase)


def sample(*values: object) -> Sample:
    [only] = read_samples([{"timestamp": "2026-07-01T12:00:00Z", "sampled_value": list(values)}])
    return only


@pytest.mark.parametrize(
    ("values", "terminals", "drawn"),
    [
        ([current("6.1", "L1"), current(6.2, "L2-N"), current("6,3", "L3")], 3, (6.1, 6.2, 6.3)),
        ([current("16", "L1-N"), current("99")], 3, (16, 0, 0)),
        ([current("16")], 3, (16, 16, 16)),
        ([current("16")], 1, (16, 0, 0)),
        ([current("16", "N")], 3, (16, 16, 16)),
        ([current("16", "L1"), current("3", "N")], 3, (16, 0, 0)),
        ([current("16000", "L1", unit="mA")], 3, (16, 0, 0)),
        ([current("-0.1", "L1"), current("0.2", "L2")], 3, (0, 0.2, 0)),
        ([current("-16", "L1"), current("8", "L2")], 3, (0, 8, 0)),
        ([current("16000", "L1")], 3, None),
        ([current("NaN", "L1"), current("\N{EN DASH}", "L2"), current("Infinity", "L3")], 3, None),
        ([current("16", "L1-L2")], 3, None),
        ([power("2300", phase="L1"), volts("230", "L1")], 3, (10, 0, 0)),
        ([power("6.9", unit="kW"), volts("230", "L1"), volts("0", "L2")], 3, (10, 10, 10)),
        ([power("2.3", unit="kw"), volts("230", "L1-N")], 1, (10, 0, 0)),
        ([power("2300")], 3, None),
        ([power("2300"), volts("0", "L1")], 3, None),
        ([volts("230", "L1")], 3, None),
        ([value("1000")], 3, None),
    ],
)
def test_drawn_current(
    values: list[Any], terminals: int, drawn: tuple[float, float, float] | None
) -> None:
    assert sample(*values).drawn(terminals) == (None if drawn is None else PerPhase(*drawn))


@pytest.mark.parametrize(
    ("values", "terminals", "per_phase"),
    [
        ([current("6", "L1"), current("6", "L2"), current("0", "L3-N")], 3, True),
        ([current("6", "L1"), current("6", "L2")], 3, False),
        ([current("6", "L1")], 3, False),
        ([current("6", "L1")], 1, True),
        ([current("6", "L2")], 1, False),
        ([current("18")], 3, False),
        ([current("6")], 1, False),
        ([current("6", "L1"), current("-9", "L2"), current("6", "L3")], 3, False),
        ([power("2300", phase=f"L{n}") for n in (1, 2, 3)] + [volts("230", "L1")], 3, False),
        ([], 3, False),
    ],
)
def test_whether_the_terminals_are_told_apart(
    values: list[Any], terminals: int, per_phase: bool
) -> None:
    assert sample(*values).is_per_phase(terminals) is per_phase


@pytest.mark.parametrize(
    ("values", "energy"),
    [
        ([value("1234")], 1234),
        ([value("1.5", unit="kWh")], 1500),
        ([value("1500", "Energy.Active.Import.Register", unit="wh")], 1500),
        ([value("1", phase="L1"), value("2", phase="L2")], 3),
        ([value("1", phase="L1"), value("7")], 7),
        ([value("-5")], None),
        ([value(None)], None),
    ],
)
def test_energy_register(values: list[Any], energy: float | None) -> None:
    assert sample(*values).energy == energy


def test_power_voltage_and_offered_current() -> None:
    read = sample(
        power("1000", phase="L1"),
        power("500", phase="L2"),
        volts("231", "L1"),
        volts("229", "L2-N"),
        value("16", "Current.Offered"),
        value("20", "Temperature", unit="Celcius"),
    )
    assert read.power == 1500
    assert read.voltages(3) == PerPhase(231, 229, 0)
    assert read.offered == 16
    assert sample().offered is None
    assert sample(value("230", "Voltage")).voltages(1) == PerPhase(230, 0, 0)


@pytest.mark.parametrize(
    "meter_values", [None, "x", [], [None, 3], [{"sampled_value": "x"}], [{"sampled_value": [7]}]]
)
def test_nonsense_gives_no_values(meter_values: object) -> None:
    for read in read_samples(meter_values):
        assert read.drawn(3) is None
        assert read.energy is None


def test_values_of_one_moment_make_one_sample() -> None:
    early, late = "2026-07-01T11:59:50Z", "2026-07-01T12:00:00Z"
    samples = read_samples(
        [
            {"timestamp": early, "sampled_value": [power("2300")]},
            {"timestamp": early, "sampled_value": [volts("230", "L1")]},
            {"timestamp": late, "sampled_value": [current("7", "L1")]},
        ]
    )
    assert [read.drawn(1) for read in samples] == [PerPhase(10), PerPhase(7)]
    assert [read.at for read in samples] == [NOON - timedelta(seconds=10), NOON]


def at(seconds: float, *, triggered: bool = False) -> Sample:
    return Sample(NOON + timedelta(seconds=seconds), triggered)


def test_old_samples_are_not_fresh() -> None:
    clock = ChargerClock(timedelta(seconds=20))
    assert clock.is_fresh(at(-20), NOON)
    assert not clock.is_fresh(at(-21), NOON)
    assert clock.is_fresh(at(7200), NOON)


def test_clocks_that_were_never_set_say_nothing_of_age() -> None:
    clock = ChargerClock(timedelta(seconds=20))
    assert clock.is_fresh(Sample(datetime(1970, 1, 1, tzinfo=UTC)), NOON)
    assert clock.is_fresh(Sample(None), NOON)


def test_a_slow_clock_is_known_from_a_sample_that_was_asked_for() -> None:
    clock = ChargerClock(timedelta(seconds=20))
    assert not clock.is_fresh(at(-3600), NOON)
    assert clock.is_fresh(at(-3600, triggered=True), NOON)
    assert clock.is_fresh(at(-3610), NOON)
    assert not clock.is_fresh(at(-3630), NOON)
    assert clock.is_fresh(at(-5), NOON)
    assert not clock.is_fresh(at(-3600), NOON)
    assert clock.is_fresh(at(3600, triggered=True), NOON)
    assert not clock.is_fresh(at(-30), NOON)


def test_the_context_tells_that_a_sample_was_asked_for() -> None:
    assert sample(current("6", context="Trigger")).triggered
    assert not sample(current("6", context="Sample.Periodic")).triggered
