"""Model files and what makes a bad one."""

from collections.abc import Mapping
from copy import deepcopy
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from custom_components.headroom.meters.model_files import load_models, parse_model, read_folder
from custom_components.headroom.meters.model_text import (
    MOST_CHARACTERS,
    as_text,
    describe,
    read_text,
)
from custom_components.headroom.meters.models import (
    CurrentSign,
    Kind,
    MeterModel,
    ModelError,
    Quantity,
    Table,
)
from custom_components.headroom.modbus.descriptions import Confidence
from custom_components.headroom.modbus.line import LineSettings, Parity
from custom_components.headroom.modbus.registers import Format, Function, WordOrder

GOOD: Mapping[str, Any] = {
    "id": "some_meter",
    "name": "Some meter",
    "confidence": "low",
    "source": "A guess",
    "function": "input",
    "word_order": "lsw",
    "current_sign": "signed",
    "max_read": 11,
    "max_gap": 2,
    "quantities": {
        "currents": {"address": [2, 12, 22], "format": "int32", "scale": 0.001},
        "power": {"address": 30, "format": "int32", "optional": True},
    },
}


def test_shipped_models() -> None:
    models = load_models()
    assert all(models[key].id == key for key in models)
    assert load_models() is models
    assert [m.id for m in models.values() if not m.measures_currents] == ["eastron_sdm72"]


@pytest.mark.parametrize("model", load_models().values(), ids=lambda model: model.id)
def test_a_model_becomes_text_and_is_the_same_when_it_is_read(model: MeterModel) -> None:
    text = as_text(describe(model))
    assert parse_model(read_text(text)) == model
    assert len(text) < MOST_CHARACTERS / 10


def test_text_leaves_out_what_goes_without_saying() -> None:
    text = as_text(describe(load_models()["schneider_iem3000"]))
    for entry in ("less", "exponent", "unit", "phases", "pause", "line", "sunspec", "may_hide"):
        assert f"{entry}:" not in text


def test_parses_a_model() -> None:
    assert parse_model(GOOD) == MeterModel(
        id="some_meter",
        name="Some meter",
        confidence=Confidence.LOW,
        source="A guess",
        current_sign=CurrentSign.SIGNED,
        max_read=11,
        max_gap=2,
        quantities=(
            Quantity(
                kind=Kind.CURRENTS,
                addresses=(2, 12, 22),
                format=Format.INT32,
                word_order=WordOrder.LSW,
                table=Table(Function.INPUT),
                scale=0.001,
            ),
            Quantity(
                kind=Kind.POWER,
                addresses=(30,),
                format=Format.INT32,
                word_order=WordOrder.LSW,
                table=Table(Function.INPUT),
                optional=True,
            ),
        ),
    )


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (("colour",), "red", "not a valid option at 'colour'"),
        (("name",), None, "expected str at 'name'"),
        (("function",), "coil", "expected Function or one of 'holding', 'input'"),
        (("word_order",), "middle", "expected WordOrder"),
        (("current_sign",), "maybe", "expected CurrentSign"),
        (("max_read",), 126, "value must be at most 125"),
        (("max_read",), 1, "currents does not fit in one read"),
        (("max_gap",), -1, "value must be at least 0"),
        (("pause",), -0.1, "value must be at least 0"),
        (("pause",), "long", "at 'pause'"),
        (("line",), 9600, "at 'line'"),
        (("line",), "9600 7E1", "at 'line'"),
        (("quantities",), {}, "neither currents nor power can be relied on"),
        (("phases",), 4, "value must be at most 3"),
        (("phases",), 1, r"currents needs 1 address"),
        (("sunspec",), 203, "at 'sunspec'"),
        (("quantities", "frequency"), {"address": 1, "format": "int16"}, "expected Kind"),
        (("quantities", "power", "format"), "float16", "expected Format or one of"),
        (("quantities", "power", "unit"), "W", "expected int at 'quantities.power.unit'"),
        (("quantities", "power", "phase"), 1, "not a valid option at 'quantities.power.phase'"),
        (("quantities", "power", "exponent"), -1, "value must be at least 0"),
        (("quantities", "currents", "less"), 40, "currents needs as many addresses to take off"),
        (("quantities", "power", "address"), 65535, "power ends above the last register"),
        (("quantities", "power", "address"), 65536, "value must be at most 65535"),
        (("quantities", "power", "address"), [1, 2, 3], r"power needs 1 address"),
        (("quantities", "power", "scale"), 0, "expected a finite number other than 0"),
        (("quantities", "power", "scale"), float("inf"), "expected a finite number"),
        (("quantities", "power", "scale"), "1", "expected a number"),
        (("quantities", "power", "scale"), True, "expected a number"),
        (("quantities", "currents", "address"), 2, r"currents needs 3 address"),
        (("quantities", "currents", "optional"), True, "neither currents nor power"),
    ],
)
def test_rejects_a_bad_model(path: tuple[str, ...], value: object, message: str) -> None:
    raw = deepcopy(dict(GOOD))
    place = raw
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    with pytest.raises(ModelError) as error:
        parse_model(raw)
    assert message in str(error.value)


@pytest.mark.parametrize("key", GOOD)
def test_rejects_a_model_with_a_key_missing(key: str) -> None:
    with pytest.raises(ModelError, match="required key not provided"):
        parse_model({name: value for name, value in GOOD.items() if name != key})


@pytest.mark.parametrize("raw", [None, [], "some_meter"])
def test_rejects_what_is_no_mapping(raw: object) -> None:
    with pytest.raises(ModelError, match="expected a mapping"):
        parse_model(raw)


def test_reads_a_folder(tmp_path: Path) -> None:
    (tmp_path / "some_meter.yaml").write_text(yaml.safe_dump(dict(GOOD)), encoding="utf-8")
    (tmp_path / "notes.txt").write_text("no model", encoding="utf-8")
    assert read_folder(tmp_path) == {"some_meter": parse_model(GOOD)}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"id: [", "bad.yaml: while parsing"),
        (b"name: \xff", "bad.yaml: 'utf-8' codec"),
        (b"id: bad", "bad.yaml: required key not provided"),
        (yaml.safe_dump(dict(GOOD)).encode(), "bad.yaml: id some_meter is not the file's name"),
    ],
)
def test_names_the_bad_file(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "bad.yaml").write_bytes(content)
    with pytest.raises(ModelError, match=message):
        read_folder(tmp_path)


def test_a_meter_names_how_its_line_is_set() -> None:
    assert parse_model(GOOD).line == LineSettings(19200, Parity.EVEN, 1)
    assert parse_model({**GOOD, "line": "9600 8N2"}).line == LineSettings(9600, Parity.NONE, 2)


def test_a_slow_meter_names_its_pause() -> None:
    assert parse_model(GOOD).pause == timedelta()
    assert parse_model({**GOOD, "pause": 0.05}).pause == timedelta(milliseconds=50)
