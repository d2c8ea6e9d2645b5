"""What readings make likely."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from custom_components.headroom.meters.measured import Mounting, Values
from custom_components.headroom.meters.models import Kind, MeterModel
from custom_components.headroom.meters.proposal import (
    Hint,
    Proposal,
    is_convincing,
    makes_sense,
    propose,
    with_words_swapped,
)
from custom_components.headroom.modbus.registers import WordOrder

BUILDING: Values = {
    Kind.CURRENTS: (10.0, 5.0, 2.0),
    Kind.VOLTAGES: (230.0, 231.0, 229.0),
    Kind.POWERS: (2200.0, 1100.0, 400.0),
    Kind.POWER: (3700.0,),
    Kind.ENERGY_EXPORT: (0.0,),
}


def without(*kinds: Kind, **changed: tuple[float | None, ...]) -> Values:
    """Return the building without some quantities, and with others changed."""
    left = {kind: numbers for kind, numbers in BUILDING.items() if kind not in kinds}
    return left | {Kind(kind): numbers for kind, numbers in changed.items()}


def hints(model: MeterModel, *samples: Values, mounting: Mounting | None = None) -> list[Hint]:
    return [one.hint for one in propose(model, samples, mounting or Mounting())]


@pytest.fixture
def model(models: Mapping[str, MeterModel]) -> MeterModel:
    return models["klefr_693x"]


def test_a_meter_that_is_right_gets_no_hint(model: MeterModel) -> None:
    assert hints(model, BUILDING, BUILDING) == []


@pytest.mark.parametrize(
    ("factor", "expected"),
    [(1e-3, [Hint.POWER_IN_KW]), (1e3, [Hint.POWER_IN_W]), (0.1, []), (10, [])],
)
@pytest.mark.parametrize("missing", [(), (Kind.POWERS,), (Kind.VOLTAGES,)])
def test_a_unit_that_is_wrong_by_a_thousand_is_seen(
    model: MeterModel, factor: float, expected: list[Hint], missing: tuple[Kind, ...]
) -> None:
    scaled = {
        kind: tuple(factor * power for power in BUILDING[kind] if power is not None)
        for kind in (Kind.POWERS, Kind.POWER)
    }
    values = {k: v for k, v in {**BUILDING, **scaled}.items() if k not in missing}
    found = hints(model, values)
    assert [hint for hint in found if hint is not Hint.NO_DIRECTION] == expected


def test_a_unit_is_not_judged_by_an_idle_building(model: MeterModel) -> None:
    idle = without(currents=(0.1, 0.1, 0.1), powers=(0.02, 0.02, 0.02), power=(0.06,))
    assert hints(model, idle) == []


def test_a_unit_is_not_judged_where_nothing_can_be_compared(model: MeterModel) -> None:
    lost = without(Kind.POWER, currents=(10.0, None, None), powers=(None, 1.0, 1.0))
    assert hints(model, lost) == []


@pytest.mark.parametrize(
    ("inverted", "sign", "expected"),
    [
        (False, -1, [Hint.WRONG_WAY_ROUND]),
        (False, 1, []),
        (True, -1, []),
        (True, 1, [Hint.WRONG_WAY_ROUND]),
    ],
)
@pytest.mark.parametrize("missing", [(), (Kind.POWERS,), (Kind.POWERS, Kind.POWER)])
def test_all_phases_the_wrong_way_round(
    models: Mapping[str, MeterModel],
    inverted: bool,
    sign: int,
    expected: list[Hint],
    missing: tuple[Kind, ...],
) -> None:
    turned = {
        kind: tuple(sign * number for number in BUILDING[kind] if number is not None)
        for kind in (Kind.POWERS, Kind.POWER, Kind.CURRENTS)
    }
    values = {k: v for k, v in {**BUILDING, **turned}.items() if k not in missing}
    found = hints(models["huawei_sun2000"], values, mounting=Mounting(inverted=inverted))
    assert found == expected


@pytest.mark.parametrize(
    "powers",
    [(-2200.0, -1100.0, 400.0), (-2200.0, -1100.0, -50.0), (None, None, None)],
    ids=["one draws", "one is idle", "unknown"],
)
def test_what_may_be_solar_is_no_wrong_direction(
    model: MeterModel, powers: tuple[float | None, ...]
) -> None:
    assert hints(model, without(Kind.POWER, powers=powers)) == []


def test_one_reading_that_draws_is_enough(model: MeterModel) -> None:
    back = without(powers=(-2200.0, -1100.0, -400.0))
    assert hints(model, back, BUILDING) == []
    assert hints(model, back, back) == [Hint.WRONG_WAY_ROUND]


@pytest.mark.parametrize(
    ("voltages", "dead"),
    [
        ((230.0, 0.0, 12.0), "L2, L3"),
        ((230.0, None, None), "L2, L3"),
        ((230.0, 230.0, 3.0), "L3"),
    ],
)
def test_phases_without_voltage_are_named(
    model: MeterModel, voltages: tuple[float | None, ...], dead: str
) -> None:
    found = propose(model, [without(voltages=voltages)], Mounting())
    assert found == (Proposal(Hint.NO_VOLTAGE, {"phases": dead}),)


@pytest.mark.parametrize("voltages", [(0.0, 0.0, 0.0), (None, None, None)])
def test_no_voltage_anywhere_says_nothing(
    model: MeterModel, voltages: tuple[float | None, ...]
) -> None:
    assert hints(model, without(voltages=voltages)) == []


def test_a_voltage_that_was_there_once_is_there(model: MeterModel) -> None:
    assert hints(model, without(voltages=(230.0, 0.0, 230.0)), BUILDING) == []


def test_export_that_can_never_be_seen(models: Mapping[str, MeterModel]) -> None:
    total = without(Kind.CURRENTS, Kind.POWERS)
    assert hints(models["eastron_sdm72"], total) == [Hint.ONLY_TOTAL]
    no_powers = without(Kind.POWERS)
    assert hints(models["schneider_pm5xxx"], no_powers) == [Hint.NO_DIRECTION]
    assert hints(models["huawei_sun2000"], no_powers) == []


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (BUILDING, [Hint.EXPORT_BY_SETTING]),
        (without(Kind.ENERGY_EXPORT), [Hint.EXPORT_BY_SETTING]),
        (without(energy_export=(12.0,)), []),
        (without(powers=(2200.0, 1100.0, -400.0)), []),
        (without(Kind.POWERS, Kind.POWER, currents=(10.0, -5.0, 2.0)), []),
    ],
)
@pytest.mark.parametrize(
    "key", ["garo_gnm3", "carlo_gavazzi_em3x0", "carlo_gavazzi_em24", "carlo_gavazzi_em24_e1"]
)
def test_a_meter_that_may_be_set_to_import_only(
    models: Mapping[str, MeterModel], key: str, values: Values, expected: list[Hint]
) -> None:
    assert hints(models[key], values) == expected


@pytest.mark.parametrize(
    ("values", "sense", "convincing"),
    [
        (BUILDING, True, True),
        (without(Kind.VOLTAGES), True, True),
        (without(voltages=(110.0, None, 0.0)), True, True),
        (without(voltages=(2.3, 2.3, 2.3)), False, False),
        (without(voltages=(4e3, 4e3, 4e3)), False, False),
        (without(currents=(2e-41, 0.0, 0.0)), False, False),
        (without(Kind.VOLTAGES, currents=(0.0, 0.0, 0.0)), True, False),
        ({Kind.POWER: (200.0,)}, True, True),
        ({Kind.POWERS: (1.0, 2.0, 3.0)}, True, False),
    ],
)
def test_numbers_that_make_sense(values: Values, sense: bool, convincing: bool) -> None:
    assert makes_sense(values) is sense
    assert is_convincing(values) is convincing


def test_words_are_swapped_in_every_quantity(models: Mapping[str, MeterModel]) -> None:
    for model in models.values():
        swapped = with_words_swapped(model)
        for before, after in zip(model.quantities, swapped.quantities, strict=True):
            assert {before.word_order, after.word_order} == set(WordOrder)
            assert replace(after, word_order=before.word_order) == before
