"""What the sensors of a charger tell."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.headroom.chargers.entities.config import EntityChargerConfig
from custom_components.headroom.chargers.entities.phase_use import PhaseUse
from custom_components.headroom.chargers.entities.scale import (
    LEAST_CURRENT,
    Scale,
    as_number,
)
from custom_components.headroom.chargers.entities.senses import Senses
from custom_components.headroom.chargers.entities.status import normal, status_of
from custom_components.headroom.engine.snapshot import ConnectorStatus
from custom_components.headroom.entity_state import EntityState, as_float

from .entities import World


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("available", ConnectorStatus.AVAILABLE),
        ("Disconnected", ConnectorStatus.AVAILABLE),
        ("not connected", ConnectorStatus.AVAILABLE),
        ("Ready", ConnectorStatus.AVAILABLE),
        ("Preparing", ConnectorStatus.PREPARING),
        ("CONNECTED", ConnectorStatus.PREPARING),
        ("awaiting_start", ConnectorStatus.PREPARING),
        ("Charging", ConnectorStatus.CHARGING),
        ("paused", ConnectorStatus.SUSPENDED_EVSE),
        ("SuspendedEV", ConnectorStatus.SUSPENDED_EV),
        ("suspended_ev", ConnectorStatus.SUSPENDED_EV),
        ("SuspendedEVSE", ConnectorStatus.SUSPENDED_EVSE),
        ("Finishing", ConnectorStatus.FINISHING),
        ("completed", ConnectorStatus.SUSPENDED_EV),
        ("Error", ConnectorStatus.FAULTED),
        ("Faulted", ConnectorStatus.FAULTED),
        ("out of order", ConnectorStatus.UNAVAILABLE),
        ("B2", ConnectorStatus.PREPARING),
        ("42", ConnectorStatus.UNKNOWN),
        (None, ConnectorStatus.UNKNOWN),
    ],
)
def test_common_words(word: str | None, status: ConnectorStatus) -> None:
    assert status_of(word, {}) is status


def test_own_words_come_first() -> None:
    own = {normal("Ready!"): ConnectorStatus.SUSPENDED_EV}
    assert status_of(" READY", own) is ConnectorStatus.SUSPENDED_EV


def test_numbers_in_texts() -> None:
    assert as_number("max. 13,5 A") == 13.5
    assert as_number("-1") == -1
    assert as_number("off") is None
    assert as_number(None) is None
    assert as_float("1e3") == 1000
    assert as_float("nan") is None
    assert as_float("16 A") is None
    assert as_float(None) is None


def test_steps_begin_at_the_minimum() -> None:
    scale = Scale(minimum=6.5, maximum=16, step=2)
    assert scale.usable(9) == 8.5
    assert scale.usable(40) == 14.5
    assert scale.usable(6.4) is None
    assert not scale.has_zero
    assert Scale(step=0.1).usable(10.3) == 10.3


def test_a_range_that_is_not_told_has_no_end() -> None:
    state = EntityState(domain="number", value="6", reported_at=World().time)
    assert Scale.of(state, 1.0).usable(63.5) == 63


def test_status_follows_from_what_flows() -> None:
    world = World()
    senses = Senses(EntityChargerConfig(limit="number", power="power"), world)
    assert senses.status(is_off=False) is ConnectorStatus.PREPARING
    assert senses.status(is_off=True) is ConnectorStatus.SUSPENDED_EVSE
    world.show("power", "50")
    assert senses.status(is_off=False) is ConnectorStatus.PREPARING
    world.show("power", "51")
    assert senses.status(is_off=True) is ConnectorStatus.CHARGING


def test_currents_follow_from_power() -> None:
    world = World()
    senses = Senses(EntityChargerConfig(limit="number", power="power"), world)
    assert senses.drawn(3) == (None, None)
    state = EntityState(domain="sensor", value="6.9", unit="kW", reported_at=world.time)
    world.put("power", state)
    drawn, at = senses.drawn(3)
    assert drawn is not None
    assert tuple(drawn) == pytest.approx((10, 10, 10))
    assert at == world.time
    world.put("power", replace(state, value="unavailable"))
    assert senses.drawn(3) == (None, None)


@pytest.mark.parametrize(
    ("value", "unit", "energy"),
    [
        ("5", "kWh", 5000),
        ("5", "Wh", 5),
        ("5", None, 5),
        ("0.005", "MWh", 5000),
        ("18", "MJ", 5000),
        ("0.018", "GJ", 5000),
        ("5", "gal", None),
        ("nan", "kWh", None),
    ],
)
def test_energy_in_any_unit_that_counters_have(
    value: str, unit: str | None, energy: float | None
) -> None:
    world = World()
    state = EntityState(domain="sensor", value=value, unit=unit, reported_at=world.time)
    world.put("energy", state)
    senses = Senses(EntityChargerConfig(limit="number", energy="energy"), world)
    assert senses.energy == (None if energy is None else pytest.approx(energy))


def test_nothing_measured_is_nothing_known() -> None:
    senses = Senses(EntityChargerConfig(limit="number"), World())
    assert senses.drawn(3) == (None, None)
    assert senses.energy is None
    assert senses.session_energy is None
    assert not senses.is_per_phase


def test_the_phases_of_a_car() -> None:
    world, use = World(), PhaseUse()
    seen = []
    for currents, minutes in (
        ((9, 9, 9), 0),
        ((9, 0, 0), 0),
        ((9, 0, 0), -60),
        ((9, 0, 0), -59),
        ((0, 0, 0), 0),
    ):
        use.observe(currents, world.time + timedelta(minutes=minutes), has_car=True)
        seen.append(use.count)
    assert seen == [3, 3, 3, 1, 1]


def test_the_phases_of_no_car_or_of_no_measurement() -> None:
    world, use = World(), PhaseUse()
    use.observe((9, 9, 9), world.time, has_car=False)
    use.observe((9,), world.time, has_car=True)
    assert use.count is None


def test_three_currents_tell_the_terminals_apart() -> None:
    world = World()
    names = ("l1", "l2", "l3")
    senses = Senses(EntityChargerConfig(limit="number", currents=names), world)
    for name, value in zip(names, ("1.5", "-0.1", "0"), strict=True):
        world.show(name, value)
    drawn, _ = senses.drawn(3)
    assert drawn is not None
    assert tuple(drawn) == (1.5, 0, 0)
    assert senses.is_per_phase
    world.put("l2", None)
    assert senses.drawn(3) == (None, None)
    assert not senses.is_per_phase


@given(
    current=st.floats(0, 100),
    per_ampere=st.sampled_from((1.0, 230.0, 690.0)),
    minimum=st.sampled_from((0.0, 6.0, 6.5)),
    step=st.sampled_from((0.1, 0.5, 1.0, 2.0)),
)
def test_what_an_entity_is_set_to_is_never_more_and_within_a_step(
    current: float, per_ampere: float, minimum: float, step: float
) -> None:
    scale = Scale(
        per_ampere=per_ampere, minimum=minimum * per_ampere, maximum=32 * per_ampere, step=step
    )
    value = scale.usable(current)
    if value is None:
        assert current < max(LEAST_CURRENT, minimum) + scale.current(step)
        return
    assert LEAST_CURRENT - 1e-3 <= scale.current(value) <= min(current, 32) + 1e-3
    assert scale.current(value) > min(current, 32) - scale.current(step) - 1e-3
