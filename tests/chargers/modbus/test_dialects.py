"""Dialect files and what makes a bad one."""

from collections.abc import Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from custom_components.headroom.chargers.base import Failsafe
from custom_components.headroom.chargers.modbus.dialect import Dialect, DialectError
from custom_components.headroom.chargers.modbus.dialect_files import (
    load_dialects,
    parse_dialect,
    read_folder,
)
from custom_components.headroom.chargers.modbus.register import Register
from custom_components.headroom.modbus.errors import ModbusImplausible
from custom_components.headroom.modbus.registers import Function

from .boxes import BOXES

GOOD: Mapping[str, Any] = {
    "name": "Some box",
    "vendors": ["Acme"],
    "confidence": "low",
    "source": "A guess",
    "port": 502,
    "units": [1, 2],
    "function": "input",
    "word_order": "msw",
    "max_read": 10,
    "max_gap": 0,
    "signals": {"state": {"address": 1}},
    "states": [{"state": "A", "when": {"state": [0]}}],
    "identity": {"state": [0, 1]},
    "info": {"model": {"address": 2, "text": 5}},
    "quantities": {"currents": {"address": [10, 11, 12]}},
    "control": {"setpoint": {"address": 20}, "step": 1, "floor": 6, "single": True},
    "failsafe": {"kind": "watchdog", "timeout": 20, "currents": [{"address": 21}]},
}

PHASES = {
    "check": {"address": 1},
    "one": 0,
    "to_one": {"address": 1, "value": 0},
    "to_three": {"address": 1, "value": 1},
}


def test_every_kind_of_charger_is_tested() -> None:
    assert load_dialects().keys() == BOXES.keys()


@pytest.mark.parametrize("dialect", load_dialects().values(), ids=load_dialects())
def test_shipped_dialects_can_be(dialect: Dialect) -> None:
    assert dialect.connectors[1] == dialect.unit
    assert dialect.control.setpoint.function is Function.HOLDING
    assert dialect.control.usable(dialect.control.floor) == dialect.control.floor
    assert {rule.state for rule in dialect.states} >= {"A", "B", "C"}
    failsafe = dialect.failsafe
    assert 2 * failsafe.every <= failsafe.timeout
    if failsafe.kind is Failsafe.LEASE:
        assert dialect.control.renew is not None
        assert 2 * dialect.control.renew <= failsafe.timeout


@given(current=st.floats(), dialect=st.sampled_from(sorted(load_dialects())))
def test_usable_currents_are_never_higher(current: float, dialect: str) -> None:
    control = load_dialects()[dialect].control
    usable = control.usable(current)
    assert usable == 0 or control.floor <= usable <= current + 1e-3
    for order in control.orders(usable):
        assert order.register.encode(order.value)


def test_reads_a_dialect() -> None:
    dialect = parse_dialect(GOOD)
    assert dialect.connectors == {1: 1, 2: 2}
    assert dialect.signals["state"].function is Function.INPUT
    assert dialect.control.check == dialect.control.setpoint
    assert dialect.failsafe.currents_check == dialect.failsafe.currents


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (("colour",), "red", "not a valid option at 'colour'"),
        (("name",), None, "expected str at 'name'"),
        (("units",), [], "at 'units'"),
        (("units",), [256], "value must be at most 255"),
        (("function",), "coil", "expected Function"),
        (("pause",), 60, "value must be at most 10"),
        (("line",), "fast", "at 'line'"),
        (("max_read",), 4, "register 2 does not fit in one read"),
        (("signals", "state", "address"), 65536, "value must be at most 65535"),
        (("states",), [{"state": "G"}], "expected State"),
        (("states",), [{"state": "A", "unless": {"cable": [1]}}], "there is no signal cable"),
        (("identity",), {}, "nothing tells such a charger from other devices"),
        (("identity",), {"cable": [1]}, "there is no signal cable"),
        (("info", "model"), {"address": 65533, "text": 5}, "ends above the last one"),
        (("info", "model", "scale"), 2, "register 2 is a text and a number"),
        (("quantities",), {}, "currents are missing"),
        (("quantities", "currents", "address"), 10, "currents needs 3 address"),
        (("quantities", "currents", "scale"), 0, "expected a finite number above 0"),
        (("quantities", "currents", "scale"), True, "expected a number"),
        (("control", "setpoint", "format"), "float32", "cannot be written singly"),
        (("failsafe", "timeout"), -1, "expected a finite number above 0"),
        (("failsafe",), {"kind": "lease"}, "a lease needs a timeout"),
        (("failsafe", "every"), 10, "a sign of life needs a period"),
        (("commands",), {"sing": {"address": 1, "value": 1}}, "at 'commands"),
        (("phases",), PHASES | {"permitted": 3}, "a permit needs a register and a value"),
        (("phases",), {"one": 0}, "required key not provided"),
    ],
)
def test_rejects_a_bad_dialect(path: tuple[str, ...], value: object, message: str) -> None:
    raw = deepcopy(dict(GOOD))
    place = raw
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    with pytest.raises(DialectError) as error:
        parse_dialect(raw)
    assert message in str(error.value)


@pytest.mark.parametrize("raw", [None, [], "some box"])
def test_rejects_what_is_no_mapping(raw: object) -> None:
    with pytest.raises(DialectError, match="expected a mapping"):
        parse_dialect(raw)


def test_names_the_bad_file(tmp_path: Path) -> None:
    (tmp_path / "good.yaml").write_text(yaml.safe_dump(dict(GOOD)), encoding="utf-8")
    assert read_folder(tmp_path) == {"good": parse_dialect(GOOD)}
    (tmp_path / "bad.yaml").write_bytes(b"name: [")
    with pytest.raises(DialectError, match=r"^bad\.yaml: while parsing"):
        read_folder(tmp_path)


def test_texts() -> None:
    text = Register(address=0, format=None, length=2)
    assert text.decode({0: 0x4132, 1: 0x2000}) == "A2"
    assert text.decode({0: 0x0041, 1: 0x0032}) == "A2"
    with pytest.raises(ModbusImplausible, match="is not a text"):
        text.decode({0: 0xFFFE, 1: 0})
    with pytest.raises(ValueError, match="register 0 holds a text"):
        text.encode(1)
