"""Every target of the fuzzer with bytes by chance, and that a target can find something."""

import base64
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from custom_components.headroom.chargers.ocpp.meter_values import Sample
from custom_components.headroom.engine.currents import PerPhase
from custom_components.headroom.meters.base import MeterData
from fuzz import targets
from fuzz.targets import TARGETS

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4)
    ),
    max_leaves=12,
)
VALUE = st.fixed_dictionaries(
    {"value": st.floats().map(str) | st.integers().map(str) | JSON},
    optional={
        "measurand": st.sampled_from(["Current.Import", "Voltage", "Power.Active.Import"]) | JSON,
        "phase": st.sampled_from(["L1", "L2-N", "N"]) | JSON,
        "unit": st.sampled_from(["A", "mA", "kW", "Wh"]) | JSON,
        "context": JSON,
    },
)
MOMENT = st.fixed_dictionaries(
    {"sampled_value": st.lists(VALUE | JSON, max_size=5) | JSON}, optional={"timestamp": JSON}
)
SEEDS = sorted((Path(targets.__file__).parent / "seeds").glob("*/*"))


@pytest.mark.parametrize("seed", SEEDS, ids=lambda seed: f"{seed.parent.name}/{seed.name}")
def test_what_the_fuzzer_begins_with(seed: Path) -> None:
    TARGETS[seed.parent.name](seed.read_bytes())


@pytest.mark.parametrize("name", TARGETS)
@given(data=st.binary(max_size=512))
def test_any_bytes(name: str, data: bytes) -> None:
    TARGETS[name](data)


@given(frame=JSON | st.lists(JSON, min_size=2, max_size=5))
def test_any_json_as_frame(frame: object) -> None:
    targets.ocpp_frame(json.dumps(frame).encode())


@given(frame=st.tuples(st.sampled_from([2, 3, 4]), JSON, JSON, JSON))
@example((2, None, "Heartbeat", None))
def test_anything_like_a_frame(frame: tuple[object, ...]) -> None:
    targets.ocpp_frame(json.dumps(frame).encode())


@given(content=st.lists(MOMENT | JSON, max_size=4))
def test_anything_like_meter_values(content: object) -> None:
    targets.meter_values(json.dumps(content).encode())


@given(name=st.binary(max_size=20), password=st.binary(max_size=70))
def test_any_user_and_password(name: bytes, password: bytes) -> None:
    targets.login(b"Basic " + base64.b64encode(name + b":" + password))


def test_a_current_that_cannot_be_is_found() -> None:
    with pytest.raises(AssertionError):
        targets.check_sample(Sample(_values={("Current.Import", 0): -1.0}))
    with pytest.raises(AssertionError):
        targets.check_sample(Sample(_values={("Voltage", 0): float("inf")}))
    with pytest.raises(AssertionError):
        targets.check_meter(
            MeterData(at=datetime(2026, 7, 1, tzinfo=UTC), currents=PerPhase(2e4, 0, 0))
        )


def test_a_password_that_is_known_is_found() -> None:
    header = b"Basic " + base64.b64encode(b"CP1:a password that nobody guesses")
    with pytest.raises(AssertionError):
        targets.login(header)
