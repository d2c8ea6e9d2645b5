"""The ladder of strategies, against chargers of every obstinacy."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import IntEnum, auto

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from custom_components.headroom.chargers.base import ConnectorProfile
from custom_components.headroom.chargers.ocpp.commands import ClearCommand, LimitCommand
from custom_components.headroom.chargers.ocpp.config import CentralSystemConfig
from custom_components.headroom.chargers.ocpp.ladder import Ladder
from custom_components.headroom.chargers.ocpp.leftovers import Leftovers
from custom_components.headroom.chargers.ocpp.limits import ConnectorLimits
from custom_components.headroom.chargers.ocpp.profiles import Limit
from custom_components.headroom.chargers.ocpp.strategy import Kind, Place, Purpose, WayChoice, rungs
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


class Act(IntEnum):
    """What may happen next."""

    SEND = auto()
    ACCEPT = auto()
    REFUSE = auto()
    APPLY_IN_SILENCE = auto()
    LOSE = auto()
    WAIT = auto()
    AIM = auto()
    BEGIN = auto()
    END = auto()
    MEASURE = auto()
    RECONNECT = auto()
    ANOTHER_IS_REFUSED = auto()


ACTS = st.sampled_from([*Act, Act.SEND, Act.SEND, Act.SEND, Act.ACCEPT, Act.ACCEPT, Act.REFUSE])
ANSWERS = frozenset({Act.ACCEPT, Act.REFUSE, Act.APPLY_IN_SILENCE, Act.LOSE})


@dataclass
class Course:
    """A connector's limits and its charger, through whatever happens."""

    phases: int
    clock: Clock = field(default_factory=Clock)
    ladder: Ladder = field(default_factory=Ladder)
    transaction: int | None = None
    pending: LimitCommand | ClearCommand | None = None
    transactions: int = 0
    is_applied: bool = False

    def __post_init__(self) -> None:
        self.charger = Obstinate(self.phases)
        self.limits = ConnectorLimits(1, PROFILE, LIFE, lambda: 0.0, self.ladder)
        self.limits.forget_contact(self.clock())

    def go_on(self, act: Act, number: int) -> None:
        limits, now = self.limits, self.clock()
        command = limits.next_command(now)
        if act in ANSWERS and self.pending is not None:
            if act is Act.REFUSE and self.is_applied:
                act = Act.LOSE
            answer(limits, self.charger, self.clock, self.pending, act)
            self.pending = None
        elif act is Act.SEND and self.pending is None and command is not None:
            self.pending = command
            self.is_applied = number % 2 == 1
            if isinstance(command, LimitCommand):
                limits.sending(command, now)
            if self.is_applied:
                self.charger.apply(command)
        elif act is Act.WAIT:
            self.clock.advance(number)
            limits.expire(self.clock())
        elif act is Act.AIM:
            limits.aim(number)
        elif act in {Act.BEGIN, Act.END}:
            self.transactions += 1
            self.transaction = self.transactions if act is Act.BEGIN else None
            limits.begin_transaction(self.transaction, now)
        else:
            self.happen(act)

    def happen(self, act: Act) -> None:
        if act is Act.MEASURE:
            self.limits.measure(self.phases, 230.0, self.clock())
        elif act is Act.RECONNECT and self.pending is None:
            self.limits.forget_contact(self.clock())
        elif act is Act.ANOTHER_IS_REFUSED and not self.ladder.proven:
            self.ladder.refuse()


@given(
    steps=st.lists(st.tuples(ACTS, st.integers(0, 40)), min_size=10, max_size=120),
    refusals=st.integers(0, 15),
    phases=st.sampled_from([1, 3]),
)
@settings(max_examples=300, deadline=None)
def test_never_less_is_counted_than_may_be_offered(
    steps: list[tuple[Act, int]], refusals: int, phases: int
) -> None:
    course = Course(phases)
    for _ in range(refusals):
        course.ladder.refuse()
    for act, number in steps:
        course.go_on(act, number)
        confirmed = course.limits.confirmed
        if confirmed is not None:
            offered = course.charger.offers(course.clock(), course.transaction)
            assert confirmed >= offered - 1e-9


def answer(
    limits: ConnectorLimits,
    charger: Obstinate,
    clock: Clock,
    command: LimitCommand | ClearCommand,
    act: Act,
) -> None:
    """Answer a command, or not; a refused one was not applied."""
    if isinstance(command, ClearCommand):
        if act is Act.ACCEPT:
            charger.apply(command)
            limits.cleared(command, clock())
        else:
            limits.not_cleared(clock())
        return
    if act is Act.ACCEPT:
        charger.apply(command)
        limits.accepted(command, clock())
    elif act is Act.REFUSE:
        limits.refused(command, clock())
    else:
        if act is Act.APPLY_IN_SILENCE:
            charger.apply(command)
        limits.unanswered(command, clock())


def exchange(limits: ConnectorLimits, charger: Obstinate, clock: Clock, act: Act) -> None:
    command = limits.next_command(clock())
    if command is None:
        return
    if isinstance(command, LimitCommand):
        limits.sending(command, clock())
    answer(limits, charger, clock, command, act)


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


def test_a_person_may_leave_only_some_ways() -> None:
    for purpose in Purpose:
        for unit in Unit:
            left = rungs(EVERY, connectors=1, choice=WayChoice(purpose=purpose, unit=unit))
            assert {(rung.setpoint.purpose, rung.unit) for rung in left} == {(purpose, unit)}
    impossible = WayChoice(purpose=Purpose.STATION)
    assert rungs(EVERY, connectors=2, choice=impossible) == rungs(EVERY, connectors=2)


def test_what_was_chosen_goes_before_what_is_remembered() -> None:
    ladder = Ladder()
    name = rungs(EVERY, connectors=1)[0].name
    choice = WayChoice(unit=Unit.WATT)
    ladder.begin(EVERY, connectors=1, remembered=name, barred=(), choice=choice)
    assert ladder.strategy.unit is Unit.WATT


def test_several_connectors_are_not_limited_as_one() -> None:
    for rung in rungs(EVERY, connectors=2):
        assert rung.setpoint.purpose is not Purpose.STATION


def test_after_a_whole_round_of_refusals_it_is_tried_again_with_pauses(clock: Clock) -> None:
    ladder = Ladder()
    limits = ConnectorLimits(1, PROFILE, LIFE, lambda: 0.0, ladder)
    limits.forget_contact(clock())
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


def test_a_mute_station_is_asked_in_every_way_within_three_minutes(clock: Clock) -> None:
    ladder = Ladder()
    limits = ConnectorLimits(1, PROFILE, LIFE, lambda: 0.0, ladder)
    limits.forget_contact(clock())
    limits.begin_transaction(7, clock())
    config, started, tried = CentralSystemConfig(), clock(), []
    while not ladder.exhausted:
        command = limits.next_command(clock())
        if command is None:
            clock.advance(1)
            continue
        assert isinstance(command, LimitCommand)
        assert command.is_trial
        tried.append(ladder.strategy)
        limits.sending(command, clock())
        clock.advance(config.trial_timeout.total_seconds())
        limits.unanswered(command, clock())
    assert tried == [tried[0], *rungs(EVERY, connectors=1)]
    assert clock() - started < timedelta(minutes=3)


def test_what_has_worked_is_given_more_time(clock: Clock) -> None:
    ladder = Ladder()
    first = ladder.strategy
    ladder.begin(EVERY, connectors=1, remembered=first.name, barred=())
    assert not ladder.is_trial
    limits = ConnectorLimits(1, PROFILE, LIFE, lambda: 0.0, ladder)
    exchange(limits, Obstinate(3), clock, Act.LOSE)
    command = limits.next_command(clock() + timedelta(seconds=1))
    assert isinstance(command, LimitCommand)
    assert (command.strategy, command.is_trial) == (first, False)


def test_a_remembered_strategy_comes_first_even_against_the_hints() -> None:
    ladder = Ladder()
    name = rungs(EVERY, connectors=1)[0].name
    ladder.begin(StationTraits(max_profiles=1), connectors=1, remembered=name, barred=())
    assert ladder.strategy.name == name
    ladder.begin(EVERY, connectors=1, remembered="of another release", barred=(name,))
    assert ladder.strategy == rungs(EVERY, connectors=1)[1]


def test_what_worked_before_is_not_given_up_at_the_first_refusal(clock: Clock) -> None:
    ladder = Ladder()
    first = ladder.strategy
    ladder.begin(EVERY, connectors=1, remembered=first.name, barred=())
    limits = ConnectorLimits(1, PROFILE, LIFE, lambda: 0.0, ladder)
    charger = Obstinate(3)
    for _ in range(2):
        exchange(limits, charger, clock, Act.REFUSE)
        assert ladder.strategy == first
        clock.advance(60)
    exchange(limits, charger, clock, Act.REFUSE)
    assert ladder.strategy != first


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
        exchange(limits, charger, clock, Act.ACCEPT)
    assert charger.installed[Place(Purpose.DEFAULT)].amount == 6 * 230
    assert charger.installed[Place(Purpose.DEFAULT, 1)].amount == 10 * 3 * 230
    assert limits.confirmed == 30.0
    limits.measure(3, 225.0, clock())
    exchange(limits, charger, clock, Act.ACCEPT)
    assert charger.installed[Place(Purpose.DEFAULT, 1)].amount == 10 * 3 * 225
    assert limits.confirmed == 10.0
    limits.measure(1, 240.0, clock())
    assert limits.confirmed is not None
    assert limits.confirmed > 29
    exchange(limits, charger, clock, Act.ACCEPT)
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
        exchange(limits, charger, clock, Act.ACCEPT)
    assert limits.confirmed == 6.0


@pytest.fixture
def moving(clock: Clock) -> tuple[ConnectorLimits, Ladder, Obstinate]:
    """Return limits with a base of 6 A that are about to get a setpoint of 20 A."""
    ladder, charger = Ladder(), Obstinate(3)
    limits = ConnectorLimits(1, PROFILE, LIFE, lambda: 0.0, ladder)
    limits.forget_contact(clock())
    exchange(limits, charger, clock, Act.ACCEPT)
    limits.aim(20)
    return limits, ladder, charger


def go_to_transactions(ladder: Ladder) -> None:
    while ladder.strategy.setpoint != Place(Purpose.TRANSACTION):
        ladder.refuse()


def test_what_may_be_left_of_an_old_strategy_counts_until_it_ends(
    moving: tuple[ConnectorLimits, Ladder, Obstinate], clock: Clock
) -> None:
    limits, ladder, charger = moving
    exchange(limits, charger, clock, Act.APPLY_IN_SILENCE)
    limits.aim(10)
    exchange(limits, charger, clock, Act.LOSE)
    go_to_transactions(ladder)
    clock.advance(1)
    exchange(limits, charger, clock, Act.ACCEPT)
    assert limits.confirmed == charger.offers(clock(), None) == 20.0
    clock.advance(180)
    assert limits.expire(clock())
    assert limits.confirmed == charger.offers(clock(), None) == 6.0


def test_a_command_that_is_overtaken_counts_whatever_its_answer(
    moving: tuple[ConnectorLimits, Ladder, Obstinate], clock: Clock
) -> None:
    limits, ladder, charger = moving
    command = limits.next_command(clock())
    assert isinstance(command, LimitCommand)
    limits.sending(command, clock())
    charger.apply(command)
    go_to_transactions(ladder)
    assert limits.next_command(clock()) is None
    assert limits.confirmed == 20.0
    limits.accepted(command, clock())
    assert limits.confirmed == charger.offers(clock(), None) == 20.0
    assert ladder.strategy.setpoint == Place(Purpose.TRANSACTION)


def test_an_overtaken_refusal_does_not_cost_the_next_strategy_its_turn(
    moving: tuple[ConnectorLimits, Ladder, Obstinate], clock: Clock
) -> None:
    limits, ladder, _ = moving
    command = limits.next_command(clock())
    assert isinstance(command, LimitCommand)
    limits.sending(command, clock())
    go_to_transactions(ladder)
    limits.next_command(clock())
    before = ladder.strategy
    limits.refused(command, clock())
    limits.unanswered(command, clock())
    assert ladder.strategy == before


def test_a_limit_for_a_transaction_that_has_ended_is_not_believed(
    moving: tuple[ConnectorLimits, Ladder, Obstinate], clock: Clock
) -> None:
    limits, ladder, charger = moving
    go_to_transactions(ladder)
    limits.begin_transaction(1, clock())
    command = limits.next_command(clock())
    assert isinstance(command, LimitCommand)
    limits.sending(command, clock())
    limits.begin_transaction(2, clock())
    charger.apply(command)
    limits.accepted(command, clock())
    assert limits.confirmed == charger.offers(clock(), 2) == 6.0
    exchange(limits, charger, clock, Act.ACCEPT)
    assert limits.confirmed == charger.offers(clock(), 2) == 20.0


def test_a_worse_leftover_takes_the_place_of_a_better_one(clock: Clock) -> None:
    leftovers, place = Leftovers(), Place(Purpose.DEFAULT, 1)
    leftovers.add(place, 10.0, clock())
    leftovers.add(place, 20.0, None)
    leftovers.add(place, 5.0, clock())
    assert not leftovers.expire(clock())
    assert leftovers.above(Place(Purpose.DEFAULT)) == 20.0
    assert leftovers.above(Place(Purpose.STATION)) == 0.0
