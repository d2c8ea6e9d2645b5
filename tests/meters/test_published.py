"""Every model, read over a socket from a device made of what was published about it."""

import struct
from collections import defaultdict
from collections.abc import Callable, Mapping

import pytest

from custom_components.headroom.engine.currents import PerPhase
from custom_components.headroom.meters.base import MeterImplausible
from custom_components.headroom.meters.model_files import load_models
from custom_components.headroom.meters.models import CurrentSign, MeterModel

from .conftest import MakeMeter, StartServer
from .published import Row, Shown, published, tables

UNIT = 17
BASE = 40000 + 2 + 68
"""Where the simulated SunSpec devices keep their meter: after the mark and the common model."""
VOLTAGES = PerPhase(229.0, 230.0, 231.0)
SHOWN = Shown(PerPhase(10.0, -20.0, 5.0), VOLTAGES, PerPhase(2300.0, -4600.0, 1100.0))
ONE_PHASE_SHOWN = Shown(PerPhase(l1=10.0), VOLTAGES, PerPhase(l1=-2300.0))
READ_OVER_GAPS = {
    "huawei_sun2000",
    "klefr_693x",
    "wago_879",
    "sunspec_meter",
    "sunspec_meter_float",
}
TOTAL_ONLY = {"eastron_sdm72"}
ONE_PHASE = {"abb_b21", "eastron_sdm120", "klefr_1ph"}
MODELS = sorted(published())

type Change = Callable[[Row, dict[int, int]], dict[int, int]]


def _shown(model: str) -> Shown:
    return ONE_PHASE_SHOWN if model in ONE_PHASE else SHOWN


def _device(model: MeterModel, change: Change | None = None) -> Mapping[int, dict[int, bytes]]:
    """Return the registers of a device by unit and address."""
    shown = _shown(model.id)
    images = defaultdict[int, dict[int, int]](dict)
    for row in published()[model.id]:
        value = shown.of(row.quantity)
        if row.quantity.startswith("I") and model.current_sign is CurrentSign.UNSIGNED:
            value = abs(value)
        registers = row.registers(value)
        if change is not None:
            registers = change(row, registers)
        images[row.unit or UNIT] |= registers
    if model.sunspec:
        images[UNIT] = _sunspec(images[UNIT], max(model.sunspec))
    gaps = 40 if model.id in READ_OVER_GAPS else 0
    return {unit: tables(image, gaps=gaps) for unit, image in images.items()}


def _sunspec(offsets: Mapping[int, int], model: int) -> dict[int, int]:
    map_ = {40000: 0x5375, 40001: 0x6E53, 40002: 1, 40003: 66, BASE: model, BASE + 1: 105}
    return map_ | {BASE + offset: word for offset, word in offsets.items()}


def test_everything_published_has_a_model_and_the_other_way_round() -> None:
    assert sorted(load_models()) == MODELS


@pytest.mark.parametrize("model", MODELS)
async def test_reads_back_what_the_device_shows(
    model: str, start_server: StartServer, make_meter: MakeMeter
) -> None:
    server = await start_server(_device(load_models()[model]))
    meter = make_meter(server.port, UNIT, model)
    await meter.poll()
    assert meter.fault is None
    data = meter.data
    assert data is not None
    shown, offered = _shown(model), {row.quantity for row in published()[model]}
    assert [*data.currents] == pytest.approx([*_expected_currents(model, shown)], abs=1e-6)
    assert data.lost == ({1, 2} if model in ONE_PHASE else set())
    assert data.power == pytest.approx(sum(shown.powers))
    assert (data.powers is None) is ("P1" not in offered)
    assert data.powers is None or [*data.powers] == pytest.approx([*shown.powers])
    assert (data.voltages is None) is ("U1" not in offered)
    if data.voltages is not None:
        known = [0.0 if phase in data.lost else u for phase, u in enumerate(shown.voltages)]
        assert [*data.voltages] == pytest.approx(known)
    for name, value in (("import", data.energy_import), ("export", data.energy_export)):
        assert value == (pytest.approx(shown.of(name)) if name in offered else None)


def _expected_currents(model: str, shown: Shown) -> PerPhase:
    if model in TOTAL_ONLY:
        return PerPhase()
    if model in ONE_PHASE:
        return PerPhase(l1=-10.0)
    if model == "huawei_smartlogger":
        return PerPhase(*map(abs, shown.currents))
    return shown.currents


@pytest.mark.parametrize("model", MODELS)
async def test_asks_for_nothing_that_was_not_published(
    model: str, start_server: StartServer, make_meter: MakeMeter
) -> None:
    server = await start_server(_device(load_models()[model]))
    meter = make_meter(server.port, UNIT, model)
    await meter.poll()
    base = BASE if load_models()[model].sunspec else 0
    functions = {
        (row.unit or UNIT, address + base): row.function
        for row in published()[model]
        for address in row.registers(1.0)
    }
    located = [request for request in server.requests if request[2] >= base]
    for unit, function, first, count in located:
        for address in (first, first + count - 1):
            assert functions.get((unit, address), function) == function
            assert (unit, address) in functions or first == base


_MARKERS = {
    "f": struct.pack(">f", float("nan")),
    "h": b"\x80\x00",
    "H": b"\xff\xff",
    "i": b"\x80\x00\x00\x00",
    "I": b"\xff\xff\xff\xff",
}


def _marked(*quantities: str) -> Change:
    def change(row: Row, registers: dict[int, int]) -> dict[int, int]:
        if row.quantity not in quantities:
            return registers
        marker = _MARKERS[row.code]
        return registers | row.marked(marker[2:] + marker[:2] if row.low_word_first else marker)

    return change


@pytest.mark.parametrize("model", [m for m in MODELS if m not in TOTAL_ONLY | ONE_PHASE])
async def test_a_phase_that_is_marked_is_lost_and_not_zero(
    model: str, start_server: StartServer, make_meter: MakeMeter
) -> None:
    server = await start_server(_device(load_models()[model], _marked("I2")))
    meter = make_meter(server.port, UNIT, model)
    await meter.poll()
    assert meter.fault is None
    assert meter.data is not None
    assert meter.data.lost == {1}
    assert [*meter.data.currents] == pytest.approx([10.0, 0.0, 5.0], abs=1e-6)
    reading = meter.reading()
    assert reading is not None
    assert reading.lost == {1}


@pytest.mark.parametrize("model", MODELS)
async def test_a_meter_without_any_value_fails(
    model: str, start_server: StartServer, make_meter: MakeMeter
) -> None:
    marked = _marked("P") if model in TOTAL_ONLY else _marked("I1", "I2", "I3")
    server = await start_server(_device(load_models()[model], marked))
    meter = make_meter(server.port, UNIT, model)
    await meter.poll()
    assert isinstance(meter.fault, MeterImplausible)
    assert meter.data is None
