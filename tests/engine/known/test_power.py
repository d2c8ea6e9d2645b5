"""A contracted power as currents."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.headroom.engine.currents import PHASES, PerPhase
from custom_components.headroom.engine.known.power import amperes

ALL = (0, 1, 2)


def test_contract_of_the_sample_site_is_above_its_breaker() -> None:
    limit = amperes(36_000, None, ALL)
    assert limit == PerPhase.same(52.17)
    assert limit.lowest(PerPhase.same(50)) == PerPhase.same(50)


@pytest.mark.parametrize(
    ("power", "phases", "expected"),
    [
        (6_900, ALL, PerPhase(10, 10, 10)),
        (6_900, (1,), PerPhase(0, 30, 0)),
        (6_900, (0, 2), PerPhase(15, 0, 15)),
        (6_899, ALL, PerPhase(9.99, 9.99, 9.99)),
        (0, ALL, PerPhase()),
        (6_900, (), PerPhase()),
    ],
)
def test_equal_parts_on_the_phases_of_the_supply(
    power: float, phases: tuple[int, ...], expected: PerPhase
) -> None:
    assert amperes(power, None, phases) == expected


def test_each_phase_uses_its_own_voltage() -> None:
    assert amperes(6_900, PerPhase(250, 230, 184), ALL) == PerPhase(9.2, 10, 12.5)


@pytest.mark.parametrize("voltage", [0, 160.9, 299.1, -230, 400, float("nan"), float("inf")])
def test_implausible_voltage_counts_as_nominal(voltage: float) -> None:
    assert amperes(6_900, PerPhase(voltage, 250, 230), ALL) == PerPhase(10, 9.2, 10)


@pytest.mark.parametrize(("voltage", "current"), [(84.0, 27.38), (156.0, 14.74)])
def test_voltage_at_the_edge_of_the_plausible_is_used(voltage: float, current: float) -> None:
    assert amperes(2_300, PerPhase.same(voltage), (0,), nominal=120).l1 == current


def test_other_nominal_voltage() -> None:
    assert amperes(4_800, None, (0, 1), nominal=120) == PerPhase(20, 20, 0)


@pytest.mark.parametrize("power", [-1, float("nan"), float("inf")])
def test_absurd_power_is_refused(power: float) -> None:
    with pytest.raises(ValueError, match="not a power"):
        amperes(power, None, ALL)


@pytest.mark.parametrize("nominal", [0, -230, float("nan"), float("inf")])
def test_absurd_nominal_voltage_is_refused(nominal: float) -> None:
    with pytest.raises(ValueError, match="not a voltage"):
        amperes(6_900, None, ALL, nominal)


@pytest.mark.parametrize("phases", [(0, 0), (3,), (-1, 0)])
def test_absurd_phases_are_refused(phases: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="not the phases of a supply"):
        amperes(6_900, None, phases)


VOLTAGES = st.floats(161, 299)


@given(
    power=st.floats(0, 1e6),
    voltages=st.builds(PerPhase, VOLTAGES, VOLTAGES, VOLTAGES),
    phases=st.sampled_from([(0,), (1, 2), ALL]),
)
def test_never_above_the_contract_and_close_below_it(
    power: float, voltages: PerPhase, phases: tuple[int, ...]
) -> None:
    limit = amperes(power, voltages, phases)
    total = sum(limit[phase] * voltages[phase] for phase in PHASES)
    assert power - 0.01 * 299 * len(phases) - 1e-6 <= total <= power + 1e-6
