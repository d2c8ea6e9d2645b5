"""What one reading, or several of the same, tell by themselves."""

from dataclasses import replace
from datetime import timedelta

import pytest

from custom_components.headroom.engine.currents import PHASES, PerPhase
from custom_components.headroom.engine.site.model import MeterRole
from custom_components.headroom.engine.site.wiring import Wiring
from custom_components.headroom.meters.base import MeterData
from custom_components.headroom.meters.quality.incident import Cause

from .house import SECOND, House


@pytest.fixture
def house() -> House:
    house = House(Wiring.TRI123)
    house.go_on(60)
    return house


def spike(phase: int, current: float):
    """Return a way to show another current on a phase."""

    def dress(data: MeterData) -> MeterData:
        currents = (current if p == phase else data.currents[p] for p in PHASES)
        return replace(data, currents=PerPhase(*currents))

    return dress


def test_the_first_reading_counts(house: House) -> None:
    assert House().read() is not None
    reading = house.go_on()
    assert reading == house.meter.reading()


@pytest.mark.parametrize("current", [125.1, -125.1, 9999.0])
def test_a_current_that_cannot_be_is_bridged_for_two_polls(house: House, current: float) -> None:
    before = house.go_on().currents.l2
    house.dress = spike(1, current)
    for _ in range(2):
        reading = house.go_on()
        assert (reading.currents.l2, reading.lost) == (before, frozenset())
        assert reading.at == house.now
    reading = house.go_on()
    assert (reading.currents.l2, reading.lost) == (0.0, frozenset({1}))
    assert house.causes == {}
    house.dress = lambda data: data
    assert house.go_on().lost == frozenset()


def test_five_times_the_limit_is_a_current(house: House) -> None:
    house.dress = spike(1, 125.0)
    assert house.go_on().currents.l2 == 125.0


def test_a_phase_without_value_is_told_of_after_a_while(house: House) -> None:
    house.dress = house.without(0)
    began = house.now + 3 * SECOND
    reading = house.go_on(32)
    assert reading.lost == {0}
    assert house.causes == {}
    house.go_on()
    assert house.causes == {Cause.NO_VALUE: (0,)}
    assert house.gate.incidents("meter")[0].since == began
    house.dress = lambda data: data
    house.go_on(9)
    assert Cause.NO_VALUE in house.causes
    house.go_on()
    assert house.causes == {}


@pytest.mark.parametrize(("max_age", "seconds"), [(5, 5), (60, 10)])
def test_a_bridged_value_grows_too_old(max_age: int, seconds: int) -> None:
    house = House(max_age=timedelta(seconds=max_age))
    house.go_on()
    house.dress = house.without(0)
    assert house.go_on().lost == frozenset()
    house.now += timedelta(seconds=seconds - 1)
    reading = house.pass_gate()
    assert reading is not None
    assert reading.lost == frozenset()
    house.now += SECOND
    reading = house.pass_gate()
    assert reading is not None
    assert reading.lost == {0}


def test_a_silent_meter_is_left_to_the_engine(house: House) -> None:
    house.dress = house.without(0)
    house.go_on()
    for missed in (1, 2, 3):
        house.meter.miss()
        reading = house.pass_gate()
        assert reading is not None
        assert reading.missed == missed
    assert reading == house.meter.reading()
    assert house.go_on().lost == {0}, "what was bridged is forgotten"
    house.now += timedelta(minutes=10)
    assert house.pass_gate() == house.meter.reading()
    assert house.causes == {}


def test_phases_that_a_zone_does_not_have_are_no_matter() -> None:
    house = House(Wiring.MONO1, limit=PerPhase(25.0, 0.0, 0.0))
    house.dress = house.without(1, 2)
    house.go_on(120)
    assert house.causes == {}
    house.shown = lambda true: PerPhase(-true.l1, 0.0, 0.0)
    house.go_on(60)
    for _ in range(3):
        house.charge(16.0)
    assert house.causes == {Cause.SIGN: (0,)}


def milliamperes(data: MeterData) -> MeterData:
    return replace(data, currents=PerPhase(*(current / 1000 for current in data.currents)))


def kilowatts(data: MeterData) -> MeterData:
    assert data.powers is not None
    return replace(data, powers=PerPhase(*(power / 1000 for power in data.powers)))


def microwatts(data: MeterData) -> MeterData:
    assert data.powers is not None
    return replace(data, powers=PerPhase(*(power * 1000 for power in data.powers)))


def test_currents_that_are_too_small_for_their_powers_are_lost(house: House) -> None:
    house.dress = milliamperes
    assert house.go_on(10).lost == frozenset(), "a load may come on between two registers"
    assert house.go_on().lost == {0, 1, 2}
    assert house.causes == {Cause.TOO_SMALL: (0, 1, 2)}
    house.dress = lambda data: data
    assert house.go_on(8).lost == {0, 1, 2}
    assert house.go_on(2).lost == frozenset()
    assert house.causes == {}


@pytest.mark.parametrize("wrong", [kilowatts, microwatts])
def test_powers_in_another_unit_are_told_of_and_change_nothing(house: House, wrong) -> None:
    house.dress = wrong
    assert house.go_on(60).lost == frozenset()
    assert house.causes == {}
    assert house.go_on(2).lost == frozenset()
    assert house.causes == {Cause.POWER_UNIT: (0, 1, 2)}


def test_one_phase_whose_power_fits_acquits_the_unit(house: House) -> None:
    def dress(data: MeterData) -> MeterData:
        powers, other = kilowatts(data).powers, data.powers
        assert powers is not None
        assert other is not None
        return replace(data, powers=PerPhase(powers.l1, powers.l2, other.l3))

    house.dress = dress
    house.go_on(200)
    assert house.causes == {}


def test_where_little_flows_units_are_not_judged(house: House) -> None:
    house.loads = PerPhase(1.0, 1.0, 1.0)
    house.dress = kilowatts
    house.go_on(200)
    house.dress = milliamperes
    house.go_on(200)
    assert house.causes == {}


def test_numbers_that_stay_the_same_are_not_measured(house: House) -> None:
    stuck = house.data()
    house.dress = lambda data: replace(stuck, at=data.at)
    assert house.go_on(300).lost == frozenset()
    reading = house.go_on(2)
    assert house.causes == {Cause.FROZEN: (0, 1, 2)}
    assert reading.lost == {0, 1, 2}
    assert house.go_on(200).lost == {0, 1, 2}
    house.dress = lambda data: data
    assert house.go_on().lost == frozenset()
    assert house.causes == {}


def test_a_coarse_meter_may_stand_still_while_nothing_changes(house: House) -> None:
    house = House(Wiring.TRI123)
    house.noise = 0.0
    house.loads = PerPhase(4.0, 5.0, 6.0)
    house.go_on(900)
    house.loads = PerPhase(5.0, 5.0, 6.0)
    house.go_on(900)
    assert house.causes == {}


def test_where_nothing_flows_numbers_may_stand_still(house: House) -> None:
    house.loads = PerPhase(1.5, 0.0, 0.0)
    house.go_on(10)
    house.noise = 0.0
    house.go_on(900)
    assert house.causes == {}


def test_a_meter_that_stands_still_while_chargers_step() -> None:
    house = House(Wiring.TRI123)
    stuck = MeterData(at=house.now, currents=PerPhase())
    house.dress = lambda data: replace(stuck, at=data.at)
    house.go_on(60)
    house.draw(16.0)
    assert house.go_on(50).lost == frozenset()
    house.draw(0.0)
    assert house.go_on(50).lost == {0, 1, 2}
    assert house.causes == {Cause.FROZEN: (0, 1, 2)}


def test_a_clock_that_is_set_back_is_no_fault(house: House) -> None:
    house.draw(10.0)
    house.go_on(60)
    house.now -= timedelta(hours=1)
    house.go_on(1)
    house.charge(16.0, 6.0)
    assert house.causes == {}


def test_a_meter_that_only_reports_is_passed_on() -> None:
    house = House(Wiring.TRI123, role=MeterRole.OUTLET)
    house.dress = spike(0, 5000.0)
    assert house.go_on().currents.l1 == 5000.0


def test_a_meter_that_was_never_read_has_no_reading() -> None:
    assert House().pass_gate() is None


def test_a_meter_that_is_made_anew_is_judged_anew(house: House) -> None:
    house.dress = milliamperes
    house.go_on(20)
    assert Cause.TOO_SMALL in house.causes
    house.meter = type(house.meter)()
    house.go_on()
    assert house.causes == {}


def test_a_meter_that_is_gone_is_forgotten(house: House) -> None:
    house.dress = milliamperes
    house.go_on(20)
    house.gate.look({}, {}, house.site, house.now)
    assert house.causes == {}
