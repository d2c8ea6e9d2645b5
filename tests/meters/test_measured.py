"""From what a meter measures to currents at the supply of its zone."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.headroom.engine.currents import PerPhase
from custom_components.headroom.engine.site.wiring import Wiring
from custom_components.headroom.meters.base import MeterData, MeterImplausible
from custom_components.headroom.meters.estimate import POWER_FACTOR, Spread
from custom_components.headroom.meters.measured import Mounting, Values, meter_data
from custom_components.headroom.meters.models import CurrentSign, Kind

AT = datetime(2026, 3, 1, tzinfo=UTC)
SIGNED, UNSIGNED = CurrentSign.SIGNED, CurrentSign.UNSIGNED


def _data(
    values: Values, sign: CurrentSign = UNSIGNED, mounting: Mounting | None = None
) -> MeterData:
    return meter_data(values, AT, sign, mounting)


@pytest.mark.parametrize(
    ("current", "power", "expected"),
    [
        (10.0, 2300.0, 10.0),
        (10.0, -2300.0, -10.0),
        (-10.0, -2300.0, -10.0),
        (-10.0, 2300.0, -10.0),
        (10.0, 0.0, 10.0),
        (0.0, -5.0, 0.0),
    ],
)
def test_unsigned_currents_go_where_their_power_goes(
    current: float, power: float, expected: float
) -> None:
    values = {Kind.CURRENTS: (current, 1.0, 2.0), Kind.POWERS: (power, 1.0, 1.0)}
    assert _data(values).currents == PerPhase(expected, 1.0, 2.0)
    assert _data(values, SIGNED).currents == PerPhase(current, 1.0, 2.0)


def test_unsigned_currents_without_powers_count_as_import() -> None:
    data = _data({Kind.CURRENTS: (1.0, 2.0, 3.0)})
    assert data == MeterData(at=AT, currents=PerPhase(1.0, 2.0, 3.0))


def test_a_phase_without_power_counts_as_import() -> None:
    data = _data({Kind.CURRENTS: (1.0, 2.0, 3.0), Kind.POWERS: (-1.0, None, -1.0)})
    assert data.currents == PerPhase(-1.0, 2.0, -3.0)
    assert data.lost == set()
    assert data.powers is None
    assert data.power is None


def test_a_phase_without_current_is_lost() -> None:
    data = _data({Kind.CURRENTS: (1.0, None, 3.0), Kind.POWERS: (230.0, None, 690.0)})
    assert data.currents == PerPhase(1.0, 0.0, 3.0)
    assert data.lost == {1}
    assert data.powers == PerPhase(230.0, 0.0, 690.0)
    assert data.power == 920.0


def test_the_total_comes_from_the_phases_where_it_is_not_measured() -> None:
    powers = {Kind.CURRENTS: (1.0, 2.0, 3.0), Kind.POWERS: (230.0, -460.0, 690.0)}
    assert _data(powers).power == 460.0
    assert _data(powers | {Kind.POWER: (450.0,)}).power == 450.0


@pytest.mark.parametrize(
    ("voltages", "expected"),
    [
        (None, 10.0),
        ((220.0, 230.0, 240.0), 2185 / 220 / POWER_FACTOR),
        ((0.0, 0.0, 0.0), 10.0),
    ],
)
def test_currents_of_phase_powers(voltages, expected: float) -> None:
    values: dict[Kind, tuple[float | None, ...]] = {Kind.POWERS: (2185.0, -2300.0, None)}
    if voltages is not None:
        values[Kind.VOLTAGES] = voltages
    data = _data(values)
    assert [*data.currents] == pytest.approx([expected, -10.0, 0.0])
    assert data.lost == {2}


@pytest.mark.parametrize(
    ("spread", "power", "expected"),
    [
        (Spread.WORST, 2185.0, 10.0),
        (Spread.WORST, -6900.0, 0.0),
        (Spread.EVEN, 6555.0, 10.0),
        (Spread.EVEN, -6900.0, -10.0),
    ],
)
def test_currents_of_a_total(spread: Spread, power: float, expected: float) -> None:
    data = _data({Kind.POWER: (power,)}, mounting=Mounting(spread=spread))
    assert [*data.currents] == pytest.approx([expected] * 3)
    assert data.power == power


@pytest.mark.parametrize("spread", Spread)
@pytest.mark.parametrize(("power", "expected"), [(2185.0, 10.0), (-2300.0, -10.0)])
def test_the_total_of_one_phase_lies_on_it(spread: Spread, power: float, expected: float) -> None:
    mounting = Mounting(wiring=Wiring.MONO2, spread=spread)
    data = _data({Kind.POWER: (power,)}, mounting=mounting)
    assert [*data.currents] == pytest.approx([0.0, expected, 0.0])
    assert data.lost == {0, 2}


def test_nothing_that_tells_a_current() -> None:
    with pytest.raises(MeterImplausible, match="neither currents nor powers"):
        _data({Kind.ENERGY_IMPORT: (1.0,)})


def test_a_power_that_no_supply_can_carry() -> None:
    with pytest.raises(MeterImplausible, match=r"currents of .* cannot be"):
        _data({Kind.POWER: (9e6,)})


def test_phases_in_another_order() -> None:
    values = {
        Kind.CURRENTS: (1.0, 2.0, 3.0),
        Kind.POWERS: (-1.0, 1.0, 1.0),
        Kind.VOLTAGES: (231.0, 232.0, 233.0),
    }
    data = _data(values, mounting=Mounting(wiring=Wiring.TRI231))
    assert data.currents == PerPhase(3.0, -1.0, 2.0)
    assert data.voltages == PerPhase(233.0, 231.0, 232.0)


def test_a_meter_of_one_phase_on_the_second() -> None:
    values = {Kind.CURRENTS: (7.0, 0.0, 0.0)}
    data = _data(values, mounting=Mounting(wiring=Wiring.MONO2))
    assert data.currents == PerPhase(0.0, 7.0, 0.0)
    assert data.lost == {0, 2}


@pytest.mark.parametrize("sign", CurrentSign)
def test_transformers_the_wrong_way_round(sign: CurrentSign) -> None:
    way = -1 if sign is SIGNED else 1
    values = {
        Kind.CURRENTS: (10.0 * way, 5.0, 1.0),
        Kind.POWERS: (-2300.0, 1150.0, 230.0),
        Kind.ENERGY_IMPORT: (1.0,),
        Kind.ENERGY_EXPORT: (2.0,),
    }
    data = _data(values, sign, Mounting(inverted=True))
    assert data.currents == PerPhase(10.0, -5.0, -1.0)
    assert data.powers == PerPhase(2300.0, -1150.0, -230.0)
    assert data.power == 920.0
    assert (data.energy_import, data.energy_export) == (2.0, 1.0)


CURRENT = st.none() | st.floats(-1000, 1000)


@given(
    currents=st.tuples(CURRENT, CURRENT, CURRENT),
    powers=st.tuples(CURRENT, CURRENT, CURRENT),
    sign=st.sampled_from(CurrentSign),
    wiring=st.sampled_from(Wiring),
)
def test_no_magnitude_is_lost_and_none_invented(currents, powers, sign, wiring) -> None:
    data = _data({Kind.CURRENTS: currents, Kind.POWERS: powers}, sign, Mounting(wiring=wiring))
    shown = [c for c in currents[: len(wiring.phases)] if c is not None]
    found = [abs(data.currents[phase]) for phase in range(3) if phase not in data.lost]
    assert sorted(found) == sorted(map(abs, shown))
