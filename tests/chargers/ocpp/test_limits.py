"""What one connector is told, and what it may offer by that."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.headroom.chargers.base import ConnectorProfile
from custom_components.headroom.chargers.ocpp.commands import LimitCommand, Urgency
from custom_components.headroom.chargers.ocpp.ladder import Ladder
from custom_components.headroom.chargers.ocpp.limits import ConnectorLimits
from custom_components.headroom.chargers.ocpp.traits import StationTraits

from .conftest import PROFILE, Clock

IN_TRANSACTION = "TxProfile at level 0 over TxDefaultProfile, Absolute, A"
LIFE = timedelta(seconds=180)


@pytest.fixture
def limits() -> ConnectorLimits:
    return ConnectorLimits(1, PROFILE, LIFE, lambda: 0.0, Ladder())


@pytest.fixture
def installed(limits: ConnectorLimits, clock: Clock) -> ConnectorLimits:
    """Return limits that the charger has accepted: a base of 6 A and a lease of 10 A."""
    limits.aim(10)
    accept(limits, clock)
    accept(limits, clock)
    return limits


def send(limits: ConnectorLimits, clock: Clock) -> LimitCommand:
    command = limits.next_command(clock())
    assert isinstance(command, LimitCommand)
    limits.sending(command, clock())
    return command


def accept(limits: ConnectorLimits, clock: Clock) -> LimitCommand:
    command = send(limits, clock)
    limits.accepted(command, clock())
    return command


def refuse(limits: ConnectorLimits, clock: Clock) -> LimitCommand:
    command = send(limits, clock)
    limits.refused(command, clock())
    return command


def lose(limits: ConnectorLimits, clock: Clock) -> LimitCommand:
    command = send(limits, clock)
    limits.unanswered(command, clock())
    return command


def test_base_comes_first_then_the_lease_of_the_fallback(
    limits: ConnectorLimits, clock: Clock
) -> None:
    base = accept(limits, clock)
    assert (base.is_base, base.current, limits.confirmed) == (True, 6.0, None)
    lease = accept(limits, clock)
    assert (lease.until, lease.current) == (clock() + LIFE, 6.0)
    assert limits.confirmed == 6.0
    assert limits.confirmed_at == clock()
    assert limits.lease_until == lease.until
    assert limits.next_command(clock()) is None


def test_the_target_is_usable_and_within_the_maximum(limits: ConnectorLimits) -> None:
    for current, target in ((16.04, 16.0), (40, 32.0), (5.9, 0.0)):
        limits.aim(current)
        assert limits.target == target


def test_a_raise_counts_from_when_it_is_sent(installed: ConnectorLimits, clock: Clock) -> None:
    installed.aim(16)
    command = send(installed, clock)
    assert command.urgency is Urgency.RAISE
    assert installed.confirmed == 16.0
    installed.accepted(command, clock())
    assert installed.confirmed == 16.0


def test_a_decrease_counts_from_when_it_is_accepted(
    installed: ConnectorLimits, clock: Clock
) -> None:
    installed.aim(0)
    clock.advance(1)
    command = send(installed, clock)
    assert command.urgency is Urgency.LOWER
    assert installed.confirmed == 10.0
    installed.accepted(command, clock())
    assert installed.confirmed == 0.0
    assert installed.confirmed_at == clock()


def test_a_refused_raise_changes_nothing(installed: ConnectorLimits, clock: Clock) -> None:
    lease_until = installed.lease_until
    clock.advance(1)
    installed.aim(16)
    refuse(installed, clock)
    assert installed.confirmed == 10.0
    assert installed.lease_until == lease_until
    assert installed.failing


@pytest.mark.parametrize(("current", "worst"), [(16, 16.0), (0, 10.0)])
def test_without_an_answer_the_worse_counts(
    installed: ConnectorLimits, clock: Clock, current: float, worst: float
) -> None:
    clock.advance(1)
    installed.aim(current)
    command = lose(installed, clock)
    assert installed.confirmed == worst
    assert installed.lease_until == command.until
    clock.advance(1)
    again = accept(installed, clock)
    assert again.current == current
    assert installed.confirmed == current


def test_failures_are_tried_again_with_growing_pauses(
    installed: ConnectorLimits, clock: Clock
) -> None:
    installed.aim(16)
    for pause in (1, 2, 4, 8, 16, 32, 60, 60):
        refuse(installed, clock)
        clock.advance(pause - 0.1)
        assert installed.next_command(clock()) is None
        clock.advance(0.1)
    accept(installed, clock)
    assert not installed.failing


def test_a_decrease_does_not_wait_for_a_pause(installed: ConnectorLimits, clock: Clock) -> None:
    installed.aim(16)
    refuse(installed, clock)
    installed.aim(12)
    assert send(installed, clock).current == 12


def test_a_clock_that_is_set_back_ends_a_pause(installed: ConnectorLimits, clock: Clock) -> None:
    installed.aim(16)
    refuse(installed, clock)
    clock.advance(-3600)
    assert installed.next_command(clock()) is not None


def test_a_lease_is_renewed_when_half_its_life_is_over(
    installed: ConnectorLimits, clock: Clock
) -> None:
    clock.advance(89)
    assert installed.next_command(clock()) is None
    clock.advance(1)
    renewal = accept(installed, clock)
    assert renewal.urgency is Urgency.RENEW
    assert renewal.until == clock() + LIFE
    assert installed.confirmed == 10.0
    clock.advance(-3600)
    assert installed.next_command(clock()) is not None


def test_jitter_renews_earlier(clock: Clock) -> None:
    limits = ConnectorLimits(1, PROFILE, LIFE, lambda: 1.0, Ladder())
    accept(limits, clock)
    accept(limits, clock)
    clock.advance(71)
    assert limits.next_command(clock()) is None
    clock.advance(1)
    assert limits.next_command(clock()) is not None


def test_after_its_lease_a_paused_connector_is_counted_at_its_fallback(
    installed: ConnectorLimits, clock: Clock
) -> None:
    installed.aim(0)
    accept(installed, clock)
    clock.advance(100)
    lose(installed, clock)
    clock.advance(79)
    assert not installed.expire(clock())
    clock.advance(1)
    assert installed.expire(clock())
    assert installed.confirmed == 6.0
    assert not installed.expire(clock())


def test_after_its_lease_a_raised_connector_keeps_its_count(
    installed: ConnectorLimits, clock: Clock
) -> None:
    clock.advance(180)
    assert not installed.expire(clock())
    assert installed.confirmed == 10.0


def test_a_refusal_after_the_end_of_the_lease_does_not_restore_it(
    installed: ConnectorLimits, clock: Clock
) -> None:
    installed.aim(0)
    accept(installed, clock)
    clock.advance(170)
    command = send(installed, clock)
    clock.advance(20)
    installed.refused(command, clock())
    assert installed.confirmed == 6.0


def test_an_unanswered_base_limit_leaves_the_current_unknown(
    limits: ConnectorLimits, clock: Clock
) -> None:
    lose(limits, clock)
    accept(limits, clock)
    assert limits.confirmed is None
    clock.advance(1)
    accept(limits, clock)
    assert limits.confirmed == 6.0


def test_a_new_contact_starts_with_nothing_known(installed: ConnectorLimits, clock: Clock) -> None:
    installed.forget_contact(clock())
    assert installed.confirmed is None
    assert accept(installed, clock).is_base
    assert accept(installed, clock).current == 10.0
    assert installed.confirmed == 10.0


def test_what_was_in_flight_when_contact_was_lost_may_hold(clock: Clock) -> None:
    ladder = Ladder()
    ladder.begin(StationTraits(), connectors=1, remembered=IN_TRANSACTION, barred=())
    limits = ConnectorLimits(1, PROFILE, LIFE, lambda: 0.0, ladder)
    accept(limits, clock)
    limits.begin_transaction(7, clock())
    confirmed = [limits.confirmed]
    limits.aim(32)
    send(limits, clock)
    clock.advance(5)
    limits.forget_contact(clock())
    assert accept(limits, clock).is_base
    confirmed.append(limits.confirmed)
    limits.aim(10)
    accept(limits, clock)
    confirmed.append(limits.confirmed)
    assert confirmed == [6.0, None, 10.0]
    assert not limits.failing


def test_the_base_limit_is_rewritten_only_when_it_changed(
    installed: ConnectorLimits, clock: Clock
) -> None:
    installed.profile = ConnectorProfile(fallback=6.0, max_current=20.0)
    assert installed.next_command(clock()) is None
    installed.profile = ConnectorProfile(fallback=8.0, max_current=20.0)
    assert accept(installed, clock).current == 8.0
    assert installed.next_command(clock()) is None


def test_lowering_goes_before_a_base_limit(installed: ConnectorLimits, clock: Clock) -> None:
    installed.profile = ConnectorProfile(fallback=8.0, max_current=32.0)
    installed.aim(0)
    assert accept(installed, clock).urgency is Urgency.LOWER
    assert accept(installed, clock).is_base


@pytest.fixture
def keeping(clock: Clock) -> ConnectorLimits:
    """Return limits of a connector whose car goes on without contact; it has just begun."""
    profile = ConnectorProfile(fallback=0.0, max_current=32.0, keep=True)
    limits = ConnectorLimits(1, profile, LIFE, lambda: 0.0, Ladder())
    limits.forget_contact(clock())
    limits.aim(10)
    accept(limits, clock)
    assert accept(limits, clock).until is not None
    limits.charging = True
    return limits


def test_a_car_that_charges_keeps_its_limit_without_end(
    keeping: ConnectorLimits, clock: Clock
) -> None:
    endless = accept(keeping, clock)
    assert (endless.is_base, endless.until, endless.current) == (False, None, 10.0)
    assert keeping.lease_until is None
    assert keeping.fallback_unproven
    assert keeping.next_command(clock()) is None
    clock.advance(3600)
    assert not keeping.expire(clock())
    assert keeping.confirmed == 10.0


def test_the_limit_gets_an_end_again_when_the_car_stops(
    keeping: ConnectorLimits, clock: Clock
) -> None:
    accept(keeping, clock)
    keeping.charging = False
    lost = lose(keeping, clock)
    assert lost.until is not None
    assert keeping.lease_until is None, "the one without an end may still hold"
    clock.advance(1)
    ending = accept(keeping, clock)
    assert keeping.lease_until == ending.until == clock() + LIFE
    assert not keeping.fallback_unproven


def test_a_limit_without_end_that_is_refused_changes_nothing(
    keeping: ConnectorLimits, clock: Clock
) -> None:
    before = keeping.lease_until
    refuse(keeping, clock)
    assert before is not None
    assert keeping.lease_until == before
    assert not keeping.fallback_unproven


def test_a_limit_without_end_counts_as_long_as_the_charger_may_have_it(
    keeping: ConnectorLimits, clock: Clock
) -> None:
    accept(keeping, clock)
    keeping.forget_contact(clock())
    keeping.profile = PROFILE
    assert keeping.fallback_unproven
    accept(keeping, clock)
    assert accept(keeping, clock).until is not None
    assert not keeping.fallback_unproven


def test_a_refusal_of_phases_that_are_not_wanted_any_more_changes_nothing(
    installed: ConnectorLimits, clock: Clock
) -> None:
    installed.use_phases(1, clock())
    overtaken = send(installed, clock)
    installed.use_phases(3, clock())
    installed.refused(overtaken, clock())
    assert (installed.phases, installed.failing) == (3, False)
    assert send(installed, clock).limit.phases == 3


def test_phases_of_a_lease_alone_are_proven_by_it(clock: Clock) -> None:
    ladder = Ladder()
    traits = StationTraits(max_profiles=1)
    ladder.begin(traits, connectors=1, remembered=None, barred=())
    limits = ConnectorLimits(1, PROFILE, LIFE, lambda: 0.0, ladder)
    limits.use_phases(1, clock())
    before = limits.phases_taken
    accept(limits, clock)
    taken = limits.phases_taken
    limits.use_phases(3, clock())
    assert (before, taken, limits.phases_taken) == (False, True, False)
    assert accept(limits, clock).limit.phases == 3
    assert limits.next_command(clock()) is None


@given(current=st.floats(0, 100), maximum=st.floats(0, 80))
def test_what_is_sent_is_never_more_than_was_asked_for(current: float, maximum: float) -> None:
    clock = Clock()
    profile = ConnectorProfile(fallback=0.0, max_current=maximum)
    limits = ConnectorLimits(1, profile, LIFE, lambda: 0.0, Ladder())
    limits.aim(current)
    accept(limits, clock)
    sent = accept(limits, clock).limit.amount
    assert sent <= min(current, maximum) + 1e-9
    assert sent == 0 or sent > min(current, maximum) - 0.1 - 1e-9
    assert limits.confirmed == sent
