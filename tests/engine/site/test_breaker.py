"""What a protective device bears: its curve, its memory, and what both allow."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from math import inf, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.headroom.engine.site.breaker import (
    CEILING,
    COOLING,
    CURVES,
    LONGEST,
    LONGEST_GAP,
    SHARE,
    ProtectiveDevice,
    ThermalMemory,
    overdraft,
    trip_time,
)

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
RATING = 25.0
HARD, GG, MCB_B, MCB_C = ProtectiveDevice
THERMAL = (GG, MCB_B, MCB_C)
REACTION = 3
"""Seconds that a caller needs to bring the current down."""

devices = st.sampled_from(THERMAL)


def after(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def rested(heat: float = 0.0, current: float = 0.0) -> ThermalMemory:
    return ThermalMemory(
        heat=heat,
        current=current,
        noted_at=NOON,
        rested=True,
        below_since=NOON if current <= RATING else None,
        over_since=NOON if current > RATING else None,
    )


class Feed:
    """Readings of one device, a second apart unless told."""

    def __init__(self, device: ProtectiveDevice = MCB_B, *, rating: float = RATING) -> None:
        self.memory = ThermalMemory()
        self.device = device
        self.rating = rating
        self.now = NOON

    def rest(self) -> Feed:
        return self.hold(0.5, COOLING.total_seconds() + 1)

    def hold(self, ratio: float, seconds: float) -> Feed:
        for _ in range(int(seconds)):
            self.read(ratio)
        return self

    def read(self, ratio: float, *, later: float = 1.0) -> Feed:
        self.now += timedelta(seconds=later)
        self.memory.note(ratio * self.rating, self.rating, self.now, self.device)
        return self

    @property
    def borne(self) -> float:
        """What may go on, as a part of the rating."""
        return overdraft(self.memory, self.device, self.rating, self.now) / self.rating


@pytest.mark.parametrize(
    ("ratio", "seconds"), [(1.3, 80), (1.45, 28), (2.0, 8), (2.55, 4), (2.99, 2.4)]
)
@pytest.mark.parametrize("device", [MCB_B, MCB_C])
def test_breaker_trips_from_hot_after(
    device: ProtectiveDevice, ratio: float, seconds: float
) -> None:
    assert trip_time(device, ratio) == pytest.approx(seconds, rel=0.02)


@pytest.mark.parametrize(("ratio", "seconds"), [(1.6, 48), (2.06, 4), (5.299, 0.04)])
def test_fuse_blows_from_hot_after(ratio: float, seconds: float) -> None:
    assert trip_time(GG, ratio) == pytest.approx(seconds, rel=0.02)


@pytest.mark.parametrize(
    ("device", "ratio", "seconds"),
    [
        (MCB_B, 1.13, inf),
        (MCB_C, 1.13, inf),
        (GG, 1.25, inf),
        (HARD, 1.0, inf),
        (GG, -3.0, inf),
        (MCB_B, 3.0, 0),
        (MCB_C, 5.0, 0),
        (GG, 5.3, 0),
        (HARD, 1.001, 0),
    ],
)
def test_never_and_at_once(device: ProtectiveDevice, ratio: float, seconds: float) -> None:
    assert trip_time(device, ratio) == seconds


def test_c_trips_by_heat_where_b_trips_magnetically() -> None:
    assert trip_time(MCB_B, 4) == 0
    assert 0.4 * 1.2 < trip_time(MCB_C, 4) < 0.4 * 6


@pytest.mark.parametrize("device", THERMAL)
def test_every_anchor_is_on_the_curve_and_names_its_source(device: ProtectiveDevice) -> None:
    curve = CURVES[device]
    for anchor in curve.anchors:
        assert anchor.source.startswith(("IEC ", "typical"))
        if curve.anchors[0].ratio < anchor.ratio < curve.at_once:
            assert trip_time(device, anchor.ratio) == pytest.approx(0.4 * anchor.seconds)
    assert all(a.ratio < b.ratio and a.seconds > b.seconds for a, b in pairwise(curve.anchors))


@given(devices, st.floats(1, 6), st.floats(1, 6))
def test_more_current_never_takes_longer(
    device: ProtectiveDevice, first: float, second: float
) -> None:
    low, high = sorted((first, second))
    assert trip_time(device, low) >= trip_time(device, high)


@given(devices, st.floats(0.01, 200))
def test_ratio_is_the_inverse_of_time(device: ProtectiveDevice, seconds: float) -> None:
    curve = CURVES[device]
    ratio = curve.ratio(seconds)
    assert ratio == curve.bears or curve.seconds(ratio) == pytest.approx(seconds)
    assert curve.seconds(ratio) >= seconds - 1e-6


@pytest.mark.parametrize(("device", "most"), [(HARD, 0), (GG, 0.6), (MCB_B, 0.45), (MCB_C, 0.45)])
def test_cool_device_bears_its_conventional_tripping_current(
    device: ProtectiveDevice, most: float
) -> None:
    assert Feed(device).rest().borne == pytest.approx(most)


def test_the_longer_it_lasts_the_less_may_go_on() -> None:
    feed = Feed().rest()
    borne = [feed.read(1.2).borne for _ in range(11)]
    assert borne[0] == pytest.approx(0.45)
    assert borne[3] == pytest.approx(0.3)
    assert borne[8] > 0.2
    assert borne[9:] == [0, 0]


def test_small_overload_is_borne_for_ten_seconds_and_no_longer() -> None:
    memory = rested(current=1.1 * RATING)
    assert overdraft(memory, MCB_B, RATING, after(LONGEST - 0.01)) > 0.1 * RATING
    assert overdraft(memory, MCB_B, RATING, after(LONGEST)) == 0


def test_time_passes_between_readings() -> None:
    memory = rested(current=1.45 * RATING)
    allowed = SHARE * trip_time(MCB_B, 1.45)
    assert overdraft(memory, MCB_B, RATING, after(allowed - 0.01)) == pytest.approx(0.45 * RATING)
    assert overdraft(memory, MCB_B, RATING, after(allowed + 0.01)) < 0.45 * RATING


def test_large_overload_heats_to_the_ceiling_within_seconds() -> None:
    feed = Feed().rest()
    assert feed.hold(2.0, 2).borne == 0
    assert feed.memory.heat >= CEILING


def test_time_after_an_overload_gives_back_what_it_has_used() -> None:
    feed = Feed().rest().hold(1.2, 12)
    assert feed.borne == 0
    feed.read(0.9)
    assert feed.memory.over_since is None
    assert feed.borne == 0
    assert 0 < feed.hold(0.9, 300).borne < feed.hold(0.9, 3600).borne
    assert feed.borne == pytest.approx(0.45)


def test_a_load_that_clocks_is_not_borne_again_and_again() -> None:
    feed = Feed().rest()
    borne = []
    for _ in range(4):
        borne.append(feed.hold(1.2, 4).borne)
        feed.hold(0.6, 6)
    assert borne[0] > borne[1] > borne[2] == borne[3] == 0


def test_the_higher_of_two_readings_counts_in_between() -> None:
    rising = Feed().rest().read(1.45, later=4)
    falling = Feed().rest().read(1.45, later=0).read(0.5, later=4)
    for feed in (rising, falling):
        assert feed.memory.heat == pytest.approx(4 / 28)
    assert rising.memory.over_since == rising.now - timedelta(seconds=4)


def test_heat_decays_while_the_current_is_not_above_the_rating() -> None:
    memory = rested(heat=0.5, current=RATING)
    memory.note(RATING, RATING, after(10), MCB_B)
    assert memory.heat == pytest.approx(0.5 * 2.718281828 ** (-10 / 300))


def test_overload_that_never_trips_neither_heats_nor_cools() -> None:
    memory = rested(heat=0.1)
    memory.note(1.1 * RATING, RATING, after(5), MCB_B)
    assert memory.heat == 0.1
    assert memory.over_since == NOON


def test_hot_device_bears_nothing_until_it_has_cooled() -> None:
    feed = Feed().rest()
    feed.memory.heat = 2 * CEILING
    assert feed.read(0.5).borne == 0
    assert feed.hold(0.5, 200).borne == 0
    assert feed.hold(0.5, 20).borne == pytest.approx(0.45)


def test_heat_until_now_counts() -> None:
    memory = rested(heat=CEILING - 0.01, current=1.4 * RATING)
    assert memory.heat_at(RATING, NOON, MCB_B) == CEILING - 0.01
    assert memory.heat_at(RATING, after(1), MCB_B) > CEILING
    assert overdraft(memory, MCB_B, RATING, NOON) > 0
    assert overdraft(memory, MCB_B, RATING, after(1)) == 0


def test_export_heats_as_import_does() -> None:
    memory = rested()
    memory.note(-1.45 * RATING, RATING, after(2.8), MCB_B)
    assert memory.heat == pytest.approx(0.1)
    assert memory.over_since == NOON


@pytest.mark.parametrize(("device", "ratio"), [(HARD, 1.01), (MCB_B, 3.0), (MCB_C, 5.0), (GG, 6)])
def test_what_trips_at_once_heats_fully(device: ProtectiveDevice, ratio: float) -> None:
    assert Feed(device).rest().read(ratio).memory.heat == 1


def test_a_reading_noted_twice_counts_once() -> None:
    feed = Feed().rest().read(1.4)
    heat, since = feed.memory.heat, feed.memory.over_since
    feed.read(1.4, later=0)
    assert (feed.memory.heat, feed.memory.over_since) == (heat, since)


def test_zone_without_a_rating_bears_nothing() -> None:
    memory = ThermalMemory()
    for second in range(302):
        memory.note(0, 0, after(second), MCB_B)
    assert overdraft(memory, MCB_B, 0, after(301)) == 0
    memory.note(1, 0, after(302), MCB_B)
    assert memory.heat == 1


def silence(feed: Feed) -> None:
    feed.read(0.5, later=LONGEST_GAP.total_seconds() + 1)


def set_back(feed: Feed) -> None:
    feed.read(0.5, later=-3600)


def nonsense(feed: Feed) -> None:
    feed.read(nan).read(0.5)


def forgotten(feed: Feed) -> None:
    feed.memory.forget()
    feed.read(0.5)


def restart(feed: Feed) -> None:
    feed.memory = ThermalMemory.from_json(feed.memory.to_json())
    feed.read(0.5)


GAPS = [silence, set_back, nonsense, forgotten, restart]


@pytest.mark.parametrize("gap", GAPS)
def test_after_a_gap_nothing_is_borne_until_it_has_rested(gap: Callable[[Feed], None]) -> None:
    feed = Feed().rest()
    assert feed.borne > 0
    gap(feed)
    assert feed.borne == 0
    assert feed.hold(0.5, 299).borne == 0
    assert feed.read(0.5).borne == pytest.approx(0.45)


@pytest.mark.parametrize("gap", GAPS)
def test_rest_after_a_gap_must_be_unbroken(gap: Callable[[Feed], None]) -> None:
    feed = Feed().rest()
    gap(feed)
    feed.hold(0.5, 200).read(1.1).hold(0.5, 300)
    assert feed.borne == 0
    assert feed.read(0.5).borne == pytest.approx(0.45)


def test_gap_while_over_counts_in_full() -> None:
    memory = rested(current=1.3 * RATING)
    memory.note(0, RATING, after(40), MCB_B)
    assert memory.heat == pytest.approx(0.5)
    memory.note(1.3 * RATING, RATING, after(3600), MCB_B)
    assert memory.heat == 1


def test_gap_does_not_cool() -> None:
    memory = rested(heat=0.3)
    memory.note(0, RATING, after(3600), MCB_B)
    assert memory.heat == 0.3


def test_clock_set_back_during_an_overload_keeps_no_time_in_the_future() -> None:
    feed = Feed().rest().hold(1.2, 5).read(1.2, later=-600)
    assert feed.memory.over_since == feed.now
    assert feed.borne == 0


@pytest.mark.parametrize("now", [-1, LONGEST_GAP.total_seconds() + 1])
def test_without_a_fresh_reading_nothing_is_borne(now: float) -> None:
    assert overdraft(rested(), MCB_B, RATING, NOON) > 0
    assert overdraft(rested(), MCB_B, RATING, after(now)) == 0


def test_new_memory_grants_nothing() -> None:
    assert overdraft(ThermalMemory(), MCB_B, RATING, NOON) == 0
    assert ThermalMemory(heat=0.1).heat_at(RATING, NOON, MCB_B) == 0.1


def test_heat_outlives_a_restart() -> None:
    stored = json.loads(json.dumps(rested(heat=0.25).to_json()))
    assert ThermalMemory.from_json(stored) == ThermalMemory(heat=0.25)


@pytest.mark.parametrize(
    "data",
    [None, [], "0.1", {}, *({"heat": heat} for heat in (None, "0.1", True, -0.1, 1.1, nan, inf))],
)
def test_damaged_memory_is_refused(data: object) -> None:
    with pytest.raises(ValueError, match="not a thermal memory"):
        ThermalMemory.from_json(data)


@given(
    device=devices,
    wishes=st.lists(st.tuples(st.floats(0, 2), st.integers(1, 60)), max_size=30),
)
def test_a_caller_who_obeys_never_trips_the_device(
    device: ProtectiveDevice, wishes: list[tuple[float, int]]
) -> None:
    feed = Feed(device).rest()
    overdrawn = 0
    for wish, seconds in wishes:
        for _ in range(seconds):
            feed.read(min(wish, 1.0) if overdrawn >= REACTION else wish)
            overdrawn = 0 if feed.borne > 0 else overdrawn + 1
            assert feed.memory.heat < 1


@pytest.mark.parametrize("device", THERMAL)
def test_the_worst_sequence_ends_short_of_a_trip(device: ProtectiveDevice) -> None:
    feed = Feed(device).rest()
    feed.memory.heat = CEILING - 1e-6
    feed.hold(2.0, 1 + REACTION)
    assert feed.borne == 0
    assert feed.memory.heat < 1


readings = st.lists(st.tuples(st.floats(0, 4), st.floats(0, 20)), max_size=40)


@given(readings)
def test_hard_limit_never_bears_anything(steps: list[tuple[float, float]]) -> None:
    feed = Feed(HARD).rest()
    for ratio, later in steps:
        assert feed.read(ratio, later=later).borne == 0


@given(devices, readings)
def test_restart_never_grants_more(
    device: ProtectiveDevice, steps: list[tuple[float, float]]
) -> None:
    feed, restarted = Feed(device).rest(), Feed(device).rest()
    restarted.memory = ThermalMemory.from_json(restarted.memory.to_json())
    for ratio, later in steps:
        feed.read(ratio, later=later)
        restarted.read(ratio, later=later)
        assert restarted.borne <= feed.borne


@given(
    device=devices,
    heats=st.tuples(st.floats(0, 1), st.floats(0, 1)),
    times=st.tuples(st.floats(0, 20), st.floats(0, 20)),
    ratio=st.floats(0, 3),
)
def test_more_heat_or_a_longer_overload_never_grants_more(
    device: ProtectiveDevice,
    heats: tuple[float, float],
    times: tuple[float, float],
    ratio: float,
) -> None:
    cool, hot = (rested(heat=heat, current=ratio * RATING) for heat in sorted(heats))
    soon, late = (after(seconds) for seconds in sorted(times))
    best = overdraft(cool, device, RATING, soon)
    assert 0 <= best <= (CURVES[device].bears - 1) * RATING
    assert overdraft(hot, device, RATING, soon) <= best
    assert overdraft(cool, device, RATING, late) <= best
    assert overdraft(hot, device, RATING, late) <= best


@given(devices, readings, st.floats(1, 1000))
def test_only_the_multiple_of_the_rating_matters(
    device: ProtectiveDevice, steps: list[tuple[float, float]], rating: float
) -> None:
    one, other = Feed(device, rating=1).rest(), Feed(device, rating=rating).rest()
    for ratio, later in steps:
        exact = round(ratio * 64) / 64
        one.read(exact, later=later)
        other.read(exact, later=later)
        assert other.memory.heat == pytest.approx(one.memory.heat)
        assert other.borne == pytest.approx(one.borne)
