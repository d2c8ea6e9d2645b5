"""Off-peak hours, the randomised delay, power loss and force charge (A8.6 to A8.13, A13.10)."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from custom_components.headroom.engine.decision import ReasonCode
from custom_components.headroom.engine.inputs import Ask, Inputs
from custom_components.headroom.engine.memory.state import ControllerState
from custom_components.headroom.engine.snapshot import ConnectorStatus
from custom_components.headroom.engine.when.off_peak import (
    LONGEST_DELAY,
    ClockRules,
    WeekendRule,
)
from custom_components.headroom.engine.when.waits import Waits

from .wallbox import PARIS, RULES, TEN_MINUTES, Wallbox, paris

PEAK_PAUSE = ReasonCode.OFF_PEAK_WAIT
DELAY = ReasonCode.RANDOM_DELAY
LOSS = ReasonCode.POWER_LOSS_WAIT
MONDAY, SATURDAY, SUNDAY, TUESDAY = "2026-06-01", "2026-06-06", "2026-06-07", "2026-06-02"


def waits(box: Wallbox, code: ReasonCode, starts: str | None) -> None:
    assert (box.current, box.reason.code, box.starts) == (0, code, starts)


def charges(box: Wallbox) -> None:
    assert box.current > 0
    assert box.reason.code not in {PEAK_PAUSE, DELAY, LOSS}


# A13.10


def test_case_1_a_car_of_the_peak_hours_waits_for_their_end_and_the_delay_after_it() -> None:
    box = Wallbox(f"{MONDAY}T09:00")
    box.plug_in()
    waits(box, PEAK_PAUSE, "11:05:00")
    box.lot = 0.9
    box.until(f"{MONDAY}T10:59:59")
    waits(box, PEAK_PAUSE, "11:05:00")
    box.until(f"{MONDAY}T11:00:00")
    waits(box, DELAY, "11:05:00")
    box.until(f"{MONDAY}T11:04:59")
    waits(box, DELAY, "11:05:00")
    box.until(f"{MONDAY}T11:05:00")
    charges(box)


def test_case_2_a_car_of_the_cheap_hours_waits_for_the_delay_alone() -> None:
    box = Wallbox(f"{MONDAY}T12:00")
    box.plug_in()
    waits(box, DELAY, "12:05:00")
    box.until(f"{MONDAY}T12:05:00")
    charges(box)


def test_case_3_a_car_pauses_at_the_end_and_has_another_delay_later() -> None:
    box = Wallbox(f"{MONDAY}T15:00")
    box.plug_in()
    box.until(f"{MONDAY}T15:59:59")
    charges(box)
    box.lot = 0.1
    box.until(f"{MONDAY}T16:00")
    waits(box, PEAK_PAUSE, "22:01:00")
    box.until(f"{MONDAY}T22:00:59")
    waits(box, DELAY, "22:01:00")
    box.until(f"{MONDAY}T22:01")
    charges(box)


def test_case_4_a_car_may_go_on_and_then_has_no_other_delay() -> None:
    box = Wallbox(f"{MONDAY}T15:00", ClockRules(longest_delay=TEN_MINUTES, continues=True))
    box.plug_in()
    box.until(f"{MONDAY}T15:10")
    for text in ("16:00", "17:00", "22:00", "22:01"):
        box.until(f"{MONDAY}T{text}")
        charges(box)


@pytest.mark.parametrize("start", ["09:00", "12:00"])
def test_case_5_force_ends_any_wait_for_this_session(start: str) -> None:
    box = Wallbox(f"{MONDAY}T{start}")
    box.plug_in()
    box.forced = True
    box.step()
    charges(box)
    box.until(f"{MONDAY}T23:00")
    charges(box)
    assert box.is_forced()
    box.unplug()
    assert not box.is_forced()
    box.plug_in("s2")
    waits(box, DELAY, "23:05:00")


def test_case_6_no_delay_if_its_maximum_is_0() -> None:
    box = Wallbox(f"{MONDAY}T10:00", ClockRules())
    box.plug_in()
    waits(box, PEAK_PAUSE, "11:00:00")
    box.until(f"{MONDAY}T11:00")
    charges(box)


def test_case_7_the_delay_is_applied_again_after_a_power_loss() -> None:
    box = Wallbox(f"{MONDAY}T12:00")
    box.plug_in()
    box.until(f"{MONDAY}T13:00")
    charges(box)
    box.lot = 0.2
    box.show(booted_at=box.now)
    waits(box, DELAY, "13:02:00")
    box.until(f"{MONDAY}T13:02")
    charges(box)


@pytest.mark.parametrize(
    ("weekend", "at", "starts"),
    [
        (WeekendRule.OFF_PEAK, f"{SATURDAY}T17:00", None),
        (WeekendRule.AS_WEEKDAYS, f"{SATURDAY}T17:00", "22:00:00"),
        (WeekendRule.PEAK, f"{SATURDAY}T12:00", "11:00:00"),
        (WeekendRule.OFF_PEAK, f"{SUNDAY}T23:59", None),
        (WeekendRule.PEAK, f"{SATURDAY}T07:00", None),
    ],
)
def test_case_8_what_the_weekend_is_was_chosen(
    weekend: WeekendRule, at: str, starts: str | None
) -> None:
    box = Wallbox(at, ClockRules(weekend=weekend))
    box.plug_in()
    assert box.starts == starts
    assert (box.current > 0) is (starts is None)


def test_a_night_goes_on_from_the_weekend_into_monday() -> None:
    box = Wallbox(f"{SUNDAY}T20:00", ClockRules())
    box.plug_in()
    box.until("2026-06-08T07:59:59")
    charges(box)
    box.until("2026-06-08T08:00")
    waits(box, PEAK_PAUSE, "11:00:00")


# The delay, once


def test_without_off_peak_charging_the_delay_comes_once_per_plug_in() -> None:
    box = Wallbox(f"{MONDAY}T17:00", off_peak=False)
    box.plug_in()
    waits(box, DELAY, "17:05:00")
    box.until(f"{MONDAY}T23:00")
    charges(box)
    box.plug_in("s2")
    waits(box, DELAY, "23:05:00")


def test_a_stop_for_lack_of_current_brings_no_other_delay() -> None:
    box = Wallbox(f"{MONDAY}T12:00")
    box.plug_in()
    box.until(f"{MONDAY}T13:00")
    box.inputs = Inputs(stop=Ask(0.0))
    box.until(f"{MONDAY}T13:10")
    assert box.reason.code is ReasonCode.EXTERNAL_ENABLE
    box.inputs = Inputs()
    box.until(f"{MONDAY}T13:11")
    charges(box)


def test_the_delay_begins_when_energy_could_flow() -> None:
    box = Wallbox(f"{MONDAY}T12:00")
    box.paused = True
    box.plug_in()
    box.until(f"{MONDAY}T12:30")
    assert box.reason.code is ReasonCode.PAUSED
    box.paused = False
    box.step()
    waits(box, DELAY, "12:35:00")


def pause(box: Wallbox, *, on: bool) -> None:
    """Let a person pause the car, or let it go on."""
    box.paused = on


def stand_still(box: Wallbox, *, on: bool) -> None:
    """Let a contact keep all cars from charging, or not any more."""
    box.inputs = Inputs(stop=Ask(0.0)) if on else Inputs()


@pytest.mark.parametrize("hold", [pause, stand_still])
@pytest.mark.parametrize("plugged", ["09:00", "11:58"])
def test_the_delay_does_not_pass_while_energy_could_not_flow(
    plugged: str, hold: Callable[..., None]
) -> None:
    box = Wallbox(f"{MONDAY}T{plugged}")
    box.plug_in()
    box.until(f"{MONDAY}T11:02" if plugged == "09:00" else f"{MONDAY}T12:00")
    assert box.reason.code is DELAY
    hold(box, on=True)
    box.until(f"{MONDAY}T12:30")
    hold(box, on=False)
    box.step()
    waits(box, DELAY, "12:35:00")
    box.until(f"{MONDAY}T12:35")
    charges(box)
    hold(box, on=True)
    box.until(f"{MONDAY}T13:00")
    hold(box, on=False)
    box.step()
    charges(box)


def test_hours_that_begin_in_a_pause_bring_a_whole_delay_after_it() -> None:
    box = Wallbox(f"{MONDAY}T09:00")
    box.plug_in()
    box.paused = True
    box.until(f"{MONDAY}T11:30")
    box.paused = False
    box.step()
    waits(box, DELAY, "11:35:00")


def test_a_session_that_begins_with_the_current_brings_no_second_delay() -> None:
    """Some chargers open a transaction only when energy flows."""
    box = Wallbox(f"{MONDAY}T12:00")
    box.show(status=ConnectorStatus.PREPARING)
    waits(box, DELAY, "12:05:00")
    box.until(f"{MONDAY}T12:05")
    charges(box)
    box.plug_in()
    charges(box)


def test_the_delay_begins_with_the_session_if_the_car_waits_for_a_badge() -> None:
    box = Wallbox(f"{MONDAY}T12:00")
    box.show(status=ConnectorStatus.PREPARING)
    box.until(f"{MONDAY}T12:30")
    charges(box)
    box.show(session="s1")
    waits(box, DELAY, "12:35:00")
    box.show(status=ConnectorStatus.SUSPENDED_EVSE)
    box.until(f"{MONDAY}T12:35")
    charges(box)


def test_a_lost_contact_brings_no_other_delay() -> None:
    box = Wallbox(f"{MONDAY}T12:00")
    box.plug_in()
    box.until(f"{MONDAY}T13:00")
    box.show(online=False)
    box.until(f"{MONDAY}T13:30")
    box.show(online=True)
    charges(box)


def test_a_longest_delay_that_is_chosen_later_stops_nobody() -> None:
    box = Wallbox(f"{MONDAY}T12:00", ClockRules())
    box.plug_in()
    charges(box)
    box.change(longest_delay=TEN_MINUTES)
    box.step()
    charges(box)


def test_a_longest_delay_that_is_changed_meanwhile_counts_at_once() -> None:
    box = Wallbox(f"{MONDAY}T12:00")
    box.plug_in()
    box.change(longest_delay=timedelta(seconds=120))
    box.step()
    waits(box, DELAY, "12:01:00")


# The end of the cheap hours


def test_the_stop_is_delayed_as_well_if_that_was_chosen() -> None:
    box = Wallbox(f"{MONDAY}T15:00", ClockRules(longest_delay=TEN_MINUTES, delays_end=True))
    box.plug_in()
    box.until(f"{MONDAY}T16:00")
    box.lot = 0.9
    box.until(f"{MONDAY}T16:04:59")
    charges(box)
    box.until(f"{MONDAY}T16:05")
    waits(box, PEAK_PAUSE, "22:09:00")


def test_who_has_not_begun_when_the_hours_end_does_not_go_on() -> None:
    rules = ClockRules(longest_delay=TEN_MINUTES, continues=True, delays_end=True)
    box = Wallbox(f"{MONDAY}T15:58", rules)
    box.plug_in()
    waits(box, DELAY, "16:03:00")
    box.until(f"{MONDAY}T16:00")
    waits(box, PEAK_PAUSE, "22:05:00")


def test_a_charger_that_was_lost_at_the_end_of_the_hours_stops_once_it_is_back() -> None:
    box = Wallbox(f"{MONDAY}T15:00")
    box.plug_in()
    box.until(f"{MONDAY}T15:59")
    box.show(online=False)
    box.until(f"{MONDAY}T16:30")
    box.show(online=True)
    waits(box, PEAK_PAUSE, "22:05:00")


def test_a_charger_that_says_nothing_of_its_car_stops_as_well() -> None:
    box = Wallbox(f"{MONDAY}T15:00")
    box.plug_in()
    box.until(f"{MONDAY}T15:30")
    box.show(status=ConnectorStatus.UNKNOWN)
    charges(box)
    box.until(f"{MONDAY}T16:00")
    waits(box, PEAK_PAUSE, "22:05:00")


# Home Assistant is away


def test_a_wait_outlives_a_restart() -> None:
    box = Wallbox(f"{MONDAY}T09:00")
    box.plug_in()
    box.lot = 0.9
    box.restart(timedelta(minutes=10))
    box.step()
    waits(box, PEAK_PAUSE, "11:05:00")


def test_a_start_that_falls_into_a_restart_is_made_up_for() -> None:
    box = Wallbox(f"{MONDAY}T10:55")
    box.plug_in()
    box.restart(timedelta(minutes=7))
    box.step()
    waits(box, DELAY, "11:05:00")
    box.restart(timedelta(minutes=5))
    box.step()
    charges(box)


def test_a_restart_while_a_car_charges_brings_no_other_delay() -> None:
    box = Wallbox(f"{MONDAY}T12:00")
    box.plug_in()
    box.until(f"{MONDAY}T13:00")
    box.restart()
    box.step()
    charges(box)


@pytest.mark.parametrize(
    ("away", "code", "starts"), [(2, PEAK_PAUSE, "22:09:00"), (7, DELAY, "22:39:00")]
)
def test_an_end_that_falls_into_a_restart_counts(away: int, code: ReasonCode, starts: str) -> None:
    box = Wallbox(f"{MONDAY}T15:00")
    box.plug_in()
    box.until(f"{MONDAY}T15:30")
    box.lot = 0.9
    box.restart(timedelta(hours=away))
    box.step()
    waits(box, code, starts)


def test_a_delayed_stop_that_falls_into_a_restart_is_not_put_off() -> None:
    box = Wallbox(f"{MONDAY}T15:00", ClockRules(longest_delay=TEN_MINUTES, delays_end=True))
    box.plug_in()
    box.until(f"{MONDAY}T15:58")
    box.restart(timedelta(minutes=4))
    box.step()
    charges(box)
    box.until(f"{MONDAY}T16:05")
    waits(box, PEAK_PAUSE, "22:05:00")


def test_a_force_outlives_a_restart() -> None:
    box = Wallbox(f"{MONDAY}T09:00")
    box.forced = True
    box.plug_in()
    box.restart()
    box.step()
    charges(box)
    box.unplug()
    assert not box.is_forced()


def test_a_memory_of_an_older_release_is_read() -> None:
    box = Wallbox(f"{MONDAY}T12:00", ClockRules())
    box.plug_in()
    stored = box.controller.state.to_json()
    del stored["connectors"]["c1"]["waits"]  # type: ignore[index]  # a JSON object
    assert not ControllerState.from_json(stored).connectors["c1"].waits.delay.is_over


@pytest.mark.parametrize(
    "damage",
    [
        "nonsense",
        {"delay": {"lot": 2}},
        {"delay": {"since": 5}},
        {"hours": {"lot": "half"}},
        {"hours": {"closes_at": 5}},
        {"hours": []},
        {"booted_at": "2026-06-01T12:00:00"},
    ],
)
def test_a_damaged_memory_is_refused(damage: object) -> None:
    with pytest.raises(ValueError, match="not"):
        Waits.from_json(damage)


# The clock


@pytest.mark.parametrize(
    ("date", "hours"), [("2026-03-29", 9), ("2026-10-25", 11)], ids=["spring", "autumn"]
)
def test_a_night_in_which_the_clock_is_changed_begins_and_ends_by_the_wall(
    date: str, hours: int
) -> None:
    evening = paris(f"{date}T12:00") - timedelta(days=1)
    rules = ClockRules(weekend=WeekendRule.AS_WEEKDAYS)
    box = Wallbox(f"{evening:%Y-%m-%d}T20:00", rules)
    box.plug_in()
    waits(box, PEAK_PAUSE, "22:00:00")
    box.until(f"{evening:%Y-%m-%d}T22:00")
    charges(box)
    began = box.now
    box.until(f"{date}T07:59:59")
    charges(box)
    box.until(f"{date}T08:00")
    waits(box, PEAK_PAUSE, "11:00:00")
    assert box.now - began == timedelta(hours=hours)


def test_a_delay_that_runs_is_not_made_longer_by_a_clock_that_is_set_back() -> None:
    box = Wallbox(f"{MONDAY}T12:00")
    box.plug_in()
    box.until(f"{MONDAY}T12:03")
    box.now -= timedelta(minutes=30)
    box.step()
    waits(box, DELAY, "11:35:00")


def test_a_clock_that_is_set_forward_ends_a_wait() -> None:
    box = Wallbox(f"{MONDAY}T09:00")
    box.plug_in()
    box.now += timedelta(hours=4)
    box.step()
    charges(box)


def test_a_wait_for_the_hours_follows_a_clock_that_is_set_back() -> None:
    box = Wallbox(f"{MONDAY}T17:00")
    box.plug_in()
    waits(box, PEAK_PAUSE, "22:05:00")
    box.now -= timedelta(hours=8)
    box.step()
    waits(box, PEAK_PAUSE, "11:05:00")


# Options that change during a wait


def test_other_hours_count_at_once() -> None:
    box = Wallbox(f"{MONDAY}T17:00")
    box.plug_in()
    box.change(windows=(RULES.windows[0], (paris(f"{MONDAY}T20:00").time(), RULES.windows[1][1])))
    box.step()
    waits(box, PEAK_PAUSE, "18:05:00")
    box.until(f"{MONDAY}T17:30")
    box.off_peak = False
    box.step()
    waits(box, DELAY, "17:35:00")


def test_who_chooses_cheap_hours_while_charging_waits_for_the_next_ones() -> None:
    box = Wallbox(f"{MONDAY}T17:00", ClockRules(continues=True), off_peak=False)
    box.plug_in()
    charges(box)
    box.off_peak = True
    box.step()
    waits(box, PEAK_PAUSE, "22:00:00")


def test_who_chooses_cheap_hours_while_charging_in_them_goes_on() -> None:
    box = Wallbox(f"{MONDAY}T12:00", off_peak=False)
    box.plug_in()
    box.until(f"{MONDAY}T13:00")
    box.off_peak = True
    box.until(f"{MONDAY}T13:01")
    charges(box)


# Cars that come and go


def test_another_car_has_a_delay_of_its_own() -> None:
    box = Wallbox(f"{MONDAY}T12:00")
    box.plug_in()
    box.until(f"{MONDAY}T12:30")
    box.unplug()
    box.lot = 0.25
    box.plug_in("s2")
    waits(box, DELAY, "12:32:30")


def test_a_moment_in_which_a_car_seems_gone_changes_nothing() -> None:
    box = Wallbox(f"{MONDAY}T12:00")
    box.plug_in()
    box.until(f"{MONDAY}T12:30")
    box.show(status=ConnectorStatus.AVAILABLE)
    box.show(status=ConnectorStatus.CHARGING)
    box.until(f"{MONDAY}T12:32")
    charges(box)


# Power loss


def test_a_car_waits_for_a_person_after_a_power_loss_if_that_was_chosen() -> None:
    box = Wallbox(f"{MONDAY}T12:00", ClockRules(resumes=False))
    box.plug_in()
    charges(box)
    box.until(f"{MONDAY}T12:10")
    box.show(booted_at=box.now)
    waits(box, LOSS, None)
    box.until(f"{MONDAY}T13:00")
    waits(box, LOSS, None)


@pytest.mark.parametrize("how", ["force", "unplug", "allow", "choose"])
def test_a_person_lets_a_car_go_on_after_a_power_loss(how: str) -> None:
    box = Wallbox(f"{MONDAY}T12:00", ClockRules(resumes=False))
    box.plug_in()
    box.until(f"{MONDAY}T12:10")
    box.show(booted_at=box.now)
    match how:
        case "force":
            box.forced = True
        case "unplug":
            box.unplug()
            box.plug_in("s2")
        case "allow":
            box.paused = True
            box.step()
            box.paused = False
        case "choose":
            box.change(resumes=True)
    box.until(f"{MONDAY}T12:20")
    charges(box)


def test_a_start_of_the_charger_before_the_car_came_is_no_power_loss() -> None:
    box = Wallbox(f"{MONDAY}T12:00", ClockRules(resumes=False))
    box.show(booted_at=box.now)
    box.until(f"{MONDAY}T12:05")
    box.plug_in()
    charges(box)
    box.restart()
    box.step()
    charges(box)


def test_a_new_session_after_a_power_loss_waits_as_well() -> None:
    box = Wallbox(f"{MONDAY}T12:00", ClockRules(resumes=False))
    box.plug_in()
    box.until(f"{MONDAY}T12:05")
    box.show(booted_at=box.now)
    box.plug_in("s2")
    waits(box, LOSS, None)
    box.restart()
    box.step()
    waits(box, LOSS, None)


# Force


def test_a_force_that_is_set_before_a_car_comes_serves_it() -> None:
    box = Wallbox(f"{MONDAY}T09:00")
    box.forced = True
    box.until(f"{MONDAY}T09:10")
    assert box.is_forced()
    box.plug_in()
    charges(box)
    box.plug_in("s2")
    assert not box.is_forced()
    waits(box, PEAK_PAUSE, "11:05:00")


def test_a_force_that_is_taken_back_leaves_the_hours_in_force() -> None:
    box = Wallbox(f"{MONDAY}T09:00")
    box.plug_in()
    box.forced = True
    box.step()
    box.forced = False
    box.until(f"{MONDAY}T09:01")
    waits(box, PEAK_PAUSE, "11:00:00")
    box.until(f"{MONDAY}T11:00")
    waits(box, DELAY, "11:05:00")


def test_a_force_outlasts_a_power_loss() -> None:
    box = Wallbox(f"{MONDAY}T09:00", ClockRules(longest_delay=TEN_MINUTES, resumes=False))
    box.plug_in()
    box.forced = True
    box.step()
    box.show(booted_at=box.now + timedelta(seconds=1))
    charges(box)
    box.forced = False
    box.step()
    waits(box, PEAK_PAUSE, "11:00:00")


def test_hours_that_never_come_have_no_start() -> None:
    box = Wallbox(f"{MONDAY}T09:00", ClockRules(windows=(), weekend=WeekendRule.PEAK))
    box.plug_in()
    waits(box, PEAK_PAUSE, None)


def test_a_force_that_is_taken_back_in_the_cheap_hours_brings_no_delay() -> None:
    box = Wallbox(f"{MONDAY}T12:00")
    box.plug_in()
    box.forced = True
    box.step()
    box.forced = False
    box.until(f"{MONDAY}T12:01")
    charges(box)


# Whatever happens

ACTS = st.one_of(
    st.tuples(st.just("pass"), st.integers(1, 600)),
    st.tuples(st.just("away"), st.integers(1, 1200)),
    st.tuples(
        st.sampled_from(["plug", "session", "unplug", "boot", "contact", "pause"]), st.just(0)
    ),
)


@settings(max_examples=60, deadline=None)
@given(
    rules=st.builds(
        ClockRules,
        weekend=st.sampled_from(WeekendRule),
        continues=st.sampled_from([False, False, True]),
        longest_delay=st.sampled_from([timedelta(), TEN_MINUTES, LONGEST_DELAY]),
        delays_end=st.booleans(),
        resumes=st.booleans(),
    ),
    lots=st.lists(st.floats(0, 1, exclude_max=True), min_size=8, max_size=8),
    acts=st.lists(ACTS, max_size=30),
)
def test_who_charges_may_and_no_delay_is_too_long_or_comes_twice(
    rules: ClockRules, lots: list[float], acts: list[tuple[str, int]]
) -> None:
    box = Wallbox(f"{MONDAY}T07:00", rules)
    diary = Diary(box)
    for number, (act, minutes) in enumerate(acts):
        box.lot = lots[number % len(lots)]
        diary.act(act, f"s{number}", timedelta(minutes=minutes))


class Diary:
    """Lets things happen to a wallbox that never charges by force, and looks at what it does."""

    def __init__(self, box: Wallbox) -> None:
        self.box = box
        self.times = box.rules.times(PARIS)
        self.passed = False
        """A delay has passed, or was of no length, in the hours that are open."""
        self.ends: datetime | None = None
        """When the hours end in which it last looked."""
        self.charged_until: datetime | None = None
        """When the hours end in which this session has charged."""

    def act(self, what: str, session: str, lasts: timedelta) -> None:
        box = self.box
        match what:
            case "pass":
                end = box.now + lasts
                while box.now < end:
                    box.now += timedelta(minutes=5)
                    self.look(box.step)
            case "away":
                box.restart(lasts)
                self.look(box.step)
            case "pause":
                box.paused = not box.paused
                self.look(box.step)
            case "contact":
                self.look(lambda: box.show(online=not box.reading.online))
            case "boot":
                self.look(lambda: box.show(booted_at=box.now), anew=True)
            case "plug" | "session":
                self.charged_until = None
                self.look(lambda: box.plug_in(session), anew=True)
            case "unplug":
                self.charged_until = None
                self.look(box.unplug, anew=True)

    def look(self, happen: Callable[[], None], *, anew: bool = False) -> None:
        """Let something happen; `anew` if another delay may follow it."""
        happen()
        box = self.box
        if not box.reading.online:
            self.passed = False  # whatever was told without contact is heard later
            return
        ends = self.times.next_end(box.now)
        if anew or ends != self.ends:
            self.passed = False
        self.ends = ends
        if box.reason.code is DELAY:
            assert not self.passed
            assert box.reason.until is not None
            assert timedelta() < box.reason.until - box.now <= box.rules.longest_delay
        elif box.current > 0:
            self.passed = self.times.contains(box.now)
            self.check_hours(ends)

    def check_hours(self, ends: datetime | None) -> None:
        """Look whether the car that charges may."""
        rules, now = self.box.rules, self.box.now
        if self.times.contains(now):
            self.charged_until = ends
            return
        assert rules.continues or rules.delays_end
        assert self.charged_until is not None
        assert rules.continues or now < self.charged_until + rules.longest_delay


# Rules that make no sense


@pytest.mark.parametrize("seconds", [-1, 1801])
def test_a_delay_has_its_bounds(seconds: int) -> None:
    with pytest.raises(ValueError, match="delay"):
        ClockRules(longest_delay=timedelta(seconds=seconds))


def test_windows_may_not_overlap() -> None:
    first = RULES.windows[0]
    with pytest.raises(ValueError, match="overlap"):
        ClockRules(windows=(first, first))
