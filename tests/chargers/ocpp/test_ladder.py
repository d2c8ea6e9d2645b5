"""The ladder of strategies, against chargers of every obstinacy."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.headroom.chargers.base import ConnectorProfile
from custom_components.headroom.chargers.ocpp.ladder import Ladder
from custom_components.headroom.chargers.ocpp.limits import (
    ClearCommand,
    ConnectorLimits,
    LimitCommand,
)
from custom_components.headroom.chargers.ocpp.profiles import Limit
from custom_components.headroom.chargers.ocpp.strategy import Kind, Place, Purpose, rungs
from custom_components.headroom.chargers.ocpp.traits import StationTraits, Unit

from .conftest import PROFILE, Clock

LIFE = timedelta(seconds=180)
EVERY = StationTraits()


@dataclass
class Obstinate:
    """A charger with one car that keeps to the rules for whatever it accepts."""

    phases: int
    installed: dict[Place, Limit] = field(default_factory=dict)

    def apply(self, command: LimitCommand | ClearCommand) -> None:
        if isinstance(command, ClearCommand):
            self.installed.pop(command.place, None)
        else:
            self.installed[command.limit.place] = command.limit

    def offers(self, now: datetime, transaction: int | None) -> float:
        """Return what it offers in A, dividing W by the phases that the car uses."""
        station = self._first((Place(Purpose.STATION, 1), Place(Purpose.STATION)), now, None)
        places = (Place(Purpose.TRANSACTION), Place(Purpose.DEFAULT, 1), Place(Purpose.DEFAULT))
        return min(PROFILE.max_current, station, self._first(places, now, transaction))

    def _first(self, places: tuple[Place, ...], now: datetime, transaction: int | None) -> float:
        for place in places:
            limit = self.installed.get(place)
            if limit is None or (limit.until is not None and limit.until <= now):
                continue
            if place.purpose is Purpose.TRANSACTION and limit.transaction != transaction:
                continue
            by_current = limit.unit is Unit.AMPERE
            return limit.amount if by_current else limit.amount / 230 / self.phases
        return PROFILE.max_current


class Acts:
    """What may happen next."""

    ACCEPT, REFUSE, SILENT, DEAF, WAIT, AIM, BEGIN, END, MEASURE, RECONNECT = range(10)


STEPS = st.lists(
    st.tuples(st.integers(0, 9), st.integers(0, 40)) | st.tuples(st.just(1), st.just(0)),
    max_size=80,
)


@given(steps=STEPS, phases=st.sampled_from([1, 3]))
def test_never_less_is_counted_than_may_be_offered(
    steps: list[tuple[int, int]], phases: int
) -> None:
    clock, charger, ladder = Clock(), Obstinate(phases), Ladder()
    limits = ConnectorLimits(1, PROFILE, LIFE, lambda: 0.0, ladder)
    limits.forget_contact(clock())
    transaction: int | None = None
    last = 0
    for act, number in steps:
        if act in {Acts.ACCEPT, Acts.REFUSE, Acts.SILENT, Acts.DEAF}:
            exchange(limits, charger, clock, act)
        elif act == Acts.WAIT:
            clock.advance(number * 5)
            limits.expire(clock())
        elif act == Acts.AIM:
            limits.aim(number)
        elif act in {Acts.BEGIN, Acts.END}:
            last += 1
            transaction = last if act == Acts.BEGIN else None
            limits.begin_transaction(transaction, clock())
        elif act == Acts.MEASURE:
            limits.measure(phases, 230.0, clock())
        else:
            limits.forget_contact(clock())
        if limits.confirmed is not None:
            assert limits.confirmed >= charger.offers(clock(), transaction) - 1e-9


def exchange(limits: ConnectorLimits, charger: Obstinate, clock: Clock, act: int) -> None:
    command = limits.next_command(clock())
    if command is None:
        return
    if isinstance(command, ClearCommand):
        if act == Acts.ACCEPT:
            charger.apply(command)
            limits.cleared(command, clock())
        else:
            limits.not_cleared(clock())
        return
    limits.sending(command, clock())
    if act in {Acts.ACCEPT, Acts.SILENT}:
        charger.apply(command)
    if act == Acts.ACCEPT:
        limits.accepted(command, clock())
    elif act == Acts.REFUSE:
        limits.refused(command, clock())
    else:
        limits.unanswered(command, clock())


def climb(limits: ConnectorLimits, ladder: Ladder, clock: Clock, name: str) -> None:
    """Refuse every strategy until one is reached."""
    for _ in range(40):
        if ladder.strategy.name == name:
            return
        command = limits.next_command(clock())
        assert isinstance(command, LimitCommand)
        limits.sending(command, clock())
        limits.refused(command, clock())
    pytest.fail(f"{name} is never tried")


def test_the_order_of_the_strategies() -> None:
    names = [rung.name for rung in rungs(EVERY, connectors=1) if rung.unit is Unit.AMPERE]
    assert names == [
        "TxDefaultProfile at level 1 over TxDefaultProfile, Absolute, A",
        "ChargePointMaxProfile at level 1 over ChargePointMaxProfile, Absolute, A",
        "TxProfile at level 0 over TxDefaultProfile, Absolute, A",
        "TxDefaultProfile at level 0 alone, Absolute, A",
        "TxDefaultProfile at level 0 alone, Relative, A",
        "ChargePointMaxProfile at level 0 alone, Absolute, A",
        "TxDefaultProfile at level 1 alone, Absolute, A",
        "TxProfile at level 0 alone, Absolute, A",
    ]


def test_no_lease_is_relative() -> None:
    for rung in rungs(EVERY, connectors=1):
        assert not (rung.leases and rung.kind is Kind.RELATIVE)


def test_what_a_station_says_shortens_the_ladder() -> None:
    flat = rungs(StationTraits(max_stack_level=0), connectors=1)
    assert all(rung.setpoint.level == 0 for rung in flat)
    assert any(rung.leases for rung in flat)
    single = rungs(StationTraits(max_profiles=1), connectors=1)
    assert not any(rung.leases for rung in single)
    watts = rungs(StationTraits(units=frozenset({Unit.WATT})), connectors=1)
    assert [rung.unit for rung in watts[:2]] == [Unit.WATT, Unit.AMPERE]


def test_several_connectors_are_not_limited_as_one() -> None:
    for rung in rungs(EVERY, connectors=2):
        assert rung.setpoint.purpose is not Purpose.STATION


def test_after_a_whole_round_of_refusals_it_is_tried_again_with_pauses(clock: Clock) -> None:
    ladder = Ladder()
    limits = ConnectorLimits(1, PROFILE, LIFE, lambda: 0.0, ladder)
    limits.begin_transaction(7, clock())
    first = ladder.strategy
    tried = []
    while (command := limits.next_command(clock())) is not None:
        assert isinstance(command, LimitCommand)
        tried.append(ladder.strategy)
        limits.sending(command, clock())
        limits.refused(command, clock())
    assert tried == list(rungs(EVERY, connectors=1))
    assert ladder.exhausted
    assert ladder.strategy == first
    assert limits.confirmed is None
    assert limits.fallback_unproven
    clock.advance(60)
    assert limits.next_command(clock()) is not None


def test_a_remembered_strategy_comes_first_even_against_the_hints() -> None:
    ladder = Ladder()
    name = rungs(EVERY, connectors=1)[0].name
    ladder.begin(StationTraits(max_profiles=1), connectors=1, remembered=name, barred=())
    assert ladder.strategy.name == name
    ladder.begin(EVERY, connectors=1, remembered="of another release", barred=(name,))
    assert ladder.strategy == rungs(EVERY, connectors=1)[1]


def test_the_last_strategy_is_not_left_out() -> None:
    ladder = Ladder()
    every = rungs(EVERY, connectors=1)
    assert all(ladder.bar() for _ in every[1:])
    assert not ladder.exhausted
    assert not ladder.bar()
    assert ladder.exhausted


def test_a_limit_in_watts_counts_with_a_car_on_one_phase_until_it_is_seen(clock: Clock) -> None:
    ladder = Ladder()
    limits = ConnectorLimits(1, PROFILE, LIFE, lambda: 0.0, ladder)
    climb(limits, ladder, clock, "TxDefaultProfile at level 1 over TxDefaultProfile, Absolute, W")
    limits.aim(10)
    charger = Obstinate(3)
    for _ in range(2):
        exchange(limits, charger, clock, Acts.ACCEPT)
    assert charger.installed[Place(Purpose.DEFAULT)].amount == 6 * 230
    assert charger.installed[Place(Purpose.DEFAULT, 1)].amount == 10 * 3 * 230
    assert limits.confirmed == 30.0
    limits.measure(3, 225.0, clock())
    exchange(limits, charger, clock, Acts.ACCEPT)
    assert charger.installed[Place(Purpose.DEFAULT, 1)].amount == 10 * 3 * 225
    assert limits.confirmed == 10.0
    limits.measure(1, 240.0, clock())
    assert limits.confirmed is not None
    assert limits.confirmed > 29
    exchange(limits, charger, clock, Acts.ACCEPT)
    assert charger.installed[Place(Purpose.DEFAULT, 1)].amount == 10 * 230
    assert limits.confirmed == 10.0
    limits.forget_car(clock())
    assert limits.confirmed == 10.0


def test_a_connector_with_one_phase_gets_its_watts(clock: Clock) -> None:
    ladder = Ladder()
    one = ConnectorProfile(fallback=6.0, max_current=32.0, phases=1)
    limits = ConnectorLimits(1, one, LIFE, lambda: 0.0, ladder)
    climb(limits, ladder, clock, "TxDefaultProfile at level 1 over TxDefaultProfile, Absolute, W")
    charger = Obstinate(1)
    for _ in range(2):
        exchange(limits, charger, clock, Acts.ACCEPT)
    assert limits.confirmed == 6.0
