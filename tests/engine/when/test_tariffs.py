"""Tariff periods: which one counts, and what zones and their cars have then (A8.1 to A8.5)."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.headroom.engine.currents import PerPhase
from custom_components.headroom.engine.decision import ReasonCode
from custom_components.headroom.engine.inputs import Ask, Inputs
from custom_components.headroom.engine.known.fleet import evenly
from custom_components.headroom.engine.known.terms import supply_of
from custom_components.headroom.engine.site.errors import SiteError
from custom_components.headroom.engine.site.model import Meter, Site, Supply, Zone
from custom_components.headroom.engine.site.tariff import TariffPeriod
from custom_components.headroom.engine.snapshot import Snapshot
from custom_components.headroom.engine.when.tariff_caps import bounds_of, with_tariffs
from custom_components.headroom.engine.when.tariffs import Tariff, TariffClock, TariffState
from custom_components.headroom.engine.when.weekly import EVERY_DAY, WeeklySlot
from tests.engine.plant import START, Plant, charger

PARIS = ZoneInfo("Europe/Paris")
ALL_OFF = frozenset({"P"})


def slot(start: str, end: str, *weekdays: int) -> WeeklySlot:
    days = frozenset(weekdays) or EVERY_DAY
    return WeeklySlot(days, time.fromisoformat(start), time.fromisoformat(end))


def period(
    percent: float, *slots: WeeklySlot, key: str = "P", zones: frozenset[str] | None = None
) -> TariffPeriod:
    """Return a period; without slots it lasts for ever."""
    lasts = slots or (slot("00:00", "00:00"),)
    return TariffPeriod(id=key, slots=lasts, percent=percent, zones=zones)


def clock(*periods: TariffPeriod, zones: tuple[str, ...] = ("z",)) -> TariffClock:
    return TariffClock(periods, zones, PARIS)


def paris(*when: int, fold: int = 0) -> datetime:
    return datetime(*when, tzinfo=PARIS, fold=fold).astimezone(UTC)  # type: ignore[misc, arg-type] # year, month, day, hour, minute


def site(*periods: TariffPeriod, limit: float = 100.0, **zone: Any) -> Site:
    board = Zone(id="z", limit=PerPhase.same(limit), **zone)
    return Site(zones=(board,), chargers=(charger("a"), charger("b")), tariffs=periods)


def look(
    tariffs: TariffClock, now: datetime, off: frozenset[str] = frozenset()
) -> tuple[str | None, datetime | None]:
    """Return the period that counts for the site, and until when."""
    found = tariffs.look(now, off).site
    return found.period, found.until


# Which one counts


def test_the_example_of_the_manual() -> None:
    """A13.6: period 1 on Monday and Tuesday, period 2 on Tuesday, Thursday and Friday."""
    tariffs = clock(
        period(80, slot("10:30", "12:00", 0, 1), key="P1"),
        period(60, slot("04:30", "10:00", 1, 3, 4), slot("20:00", "22:20", 1, 3, 4), key="P2"),
    )
    monday = datetime(2026, 6, 22, tzinfo=PARIS)
    expected = {
        0: {10 * 60 + 30: "P1", 12 * 60: None},
        1: {270: "P2", 600: None, 630: "P1", 720: None, 1200: "P2", 1340: None},
        2: {},
        3: {270: "P2", 600: None, 1200: "P2", 1340: None},
        4: {270: "P2", 600: None, 1200: "P2", 1340: None},
        5: {},
        6: {},
    }
    counts: str | None = None
    for day, changes in expected.items():
        for minute in range(0, 24 * 60, 10):
            counts = changes.get(minute, counts)
            now = monday + timedelta(days=day, minutes=minute)
            assert look(tariffs, now.astimezone(UTC))[0] == counts, now


def test_the_lowest_part_counts_where_periods_overlap() -> None:
    low = period(40, slot("10:00", "14:00"), key="low")
    high = period(70, slot("08:00", "12:00"), slot("13:00", "16:00"), key="high")
    tariffs = clock(high, low)
    day = (2026, 6, 22)
    assert look(tariffs, paris(*day, 7)) == (None, paris(*day, 8))
    assert look(tariffs, paris(*day, 9)) == ("high", paris(*day, 10))
    assert look(tariffs, paris(*day, 11)) == ("low", paris(*day, 14))
    assert look(tariffs, paris(*day, 15)) == ("high", paris(*day, 16))


def test_a_slot_over_midnight_belongs_to_the_day_on_which_it_begins() -> None:
    tariffs = clock(period(50, slot("22:00", "06:00", 4)))
    assert look(tariffs, paris(2026, 6, 26, 5))[0] is None
    assert look(tariffs, paris(2026, 6, 26, 23)) == ("P", paris(2026, 6, 27, 6))
    assert look(tariffs, paris(2026, 6, 27, 5))[0] == "P"
    assert look(tariffs, paris(2026, 6, 27, 23)) == (None, paris(2026, 7, 3, 22))


def test_a_period_without_an_end_has_none() -> None:
    assert look(clock(period(50)), START) == ("P", None)


def test_a_site_without_periods_has_nothing_to_wait_for() -> None:
    assert clock().look(START, frozenset()) == TariffState()
    assert clock(period(50)).look(START, ALL_OFF) == TariffState()


def test_who_is_off_neither_counts_nor_changes_anything() -> None:
    day = (2026, 6, 22)
    tariffs = clock(
        period(40, slot("10:00", "14:00"), key="low"), period(70, slot("08:00", "16:00"))
    )
    off = frozenset({"low"})
    assert look(tariffs, paris(*day, 9), off) == ("P", paris(*day, 16))
    assert tariffs.look(paris(*day, 9), off).hours.keys() == {"P"}


def test_zones_have_the_periods_that_are_for_them() -> None:
    tariffs = clock(
        period(40, key="north", zones=frozenset({"n"})), period(70), zones=("n", "s", "none")
    )
    state = tariffs.look(START, frozenset({"none"}))
    assert state.site == Tariff("north", 40)
    assert state.zones == {"n": Tariff("north", 40), "s": Tariff("P", 70)}


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        # The clock is put forward at 02:00 on 29 March: the slot begins at 03:00
        (paris(2026, 3, 29, 1, 59), (None, paris(2026, 3, 29, 3))),
        (paris(2026, 3, 29, 3), ("P", paris(2026, 3, 29, 4))),
        # It is put back at 03:00 on 25 October: 02:30 comes twice
        (paris(2026, 10, 25, 2, 29), (None, paris(2026, 10, 25, 2, 30))),
        (paris(2026, 10, 25, 2, 30), ("P", paris(2026, 10, 25, 2, 0, fold=1))),
        (paris(2026, 10, 25, 2, 10, fold=1), (None, paris(2026, 10, 25, 2, 30, fold=1))),
        (paris(2026, 10, 25, 2, 30, fold=1), ("P", paris(2026, 10, 25, 4))),
    ],
)
def test_days_on_which_the_clock_is_changed(
    now: datetime, expected: tuple[str | None, datetime]
) -> None:
    assert look(clock(period(50, slot("02:30", "04:00"))), now) == expected


def test_a_clock_that_is_set_back_is_followed() -> None:
    tariffs = clock(period(50, slot("10:00", "12:00")))
    assert look(tariffs, paris(2026, 6, 22, 11))[0] == "P"
    assert look(tariffs, paris(2026, 6, 22, 9)) == (None, paris(2026, 6, 22, 10))
    assert look(tariffs, paris(2026, 6, 22, 13))[0] is None


times = st.builds(time, st.integers(0, 23), st.sampled_from([0, 30]))
slots = st.builds(WeeklySlot, st.frozensets(st.integers(0, 6), min_size=1), times, times)
some_periods = st.lists(
    st.builds(
        lambda percent, slots: period(percent, *slots, key=str(percent)),
        st.sampled_from([0, 20, 50, 80]),
        st.lists(slots, min_size=1, max_size=3),
    ),
    max_size=4,
    unique_by=lambda one: one.id,
)
HALF_AN_HOUR = timedelta(minutes=30)


@given(
    periods=some_periods,
    day=st.sampled_from([(2026, 3, 27), (2026, 6, 22), (2026, 10, 23)]),
    halves=st.integers(0, 200),
)
def test_what_counts_stays_until_it_is_said_to_change(
    periods: list[TariffPeriod], day: tuple[int, int, int], halves: int
) -> None:
    now = paris(*day) + halves * HALF_AN_HOUR
    counts, until = look(clock(*periods), now)
    for ahead in range(1, 2 * 24 * 8):
        later = now + ahead * HALF_AN_HOUR
        changed = look(clock(*periods), later)[0] != counts
        if changed or until == later:
            assert changed
            assert until == later
            return
    assert until is None or until > now + timedelta(days=7)


# What there is for cars then


@pytest.mark.parametrize(
    ("percent", "asked", "budget", "code"),
    [
        pytest.param(20, None, 20, ReasonCode.TARIFF_PERIOD, id="alone"),
        pytest.param(20, Ask(80), 80, ReasonCode.DIGITAL_INPUT, id="overridden"),
        pytest.param(20, Ask(80, silent=True), 20, ReasonCode.TARIFF_PERIOD, id="not overridden"),
        pytest.param(100, None, 100, ReasonCode.NOMINAL, id="all"),
    ],
)
def test_an_active_input_overrides_a_period(
    percent: float, asked: Ask | None, budget: float, code: ReasonCode
) -> None:
    """A9.5; whoever does not know whether an input is active draws less."""
    plant = Plant(site(period(percent)))
    plant.inputs = Inputs(percent=asked)
    zone = plant.run(1).zones["z"]
    assert zone.budget == PerPhase.same(budget)
    assert zone.reasons[0][0].code is code
    assert plant.decision.tariffs.site == Tariff("P", percent)


@pytest.mark.parametrize(("house", "budget"), [(10, 70), (50, 50)])
def test_a_zone_with_a_meter_has_the_lower_of_both(house: float, budget: float) -> None:
    """A8.3"""
    board = Zone(id="z", limit=PerPhase.same(100), supply=Supply.DYNAMIC)
    metered = Site(zones=(board,), meters=(Meter(id="m", zone="z"),), tariffs=(period(70),))
    plant = Plant(metered, house=house)
    assert plant.run(1).zones["z"].budget == PerPhase.same(budget)


def test_a_period_lowers_cars_in_the_step_in_which_it_begins_and_says_when_it_ends() -> None:
    begins = START + timedelta(minutes=2)
    hours = slot(f"{begins:%H:%M}", "13:00")
    plant = Plant(site(period(30, hours)))
    plant.run(119)
    assert sum(plant.setpoints().values()) == pytest.approx(64)
    plant.run(1)
    assert sum(plant.setpoints().values()) <= 30
    ends = START.replace(hour=13)
    until = {r.until for s in plant.decision.setpoints.values() for r in s.reasons if r.until}
    assert until == {ends}

    plant.now = ends - timedelta(seconds=plant.tick)
    plant.run(120)
    assert sum(plant.setpoints().values()) == pytest.approx(64)


@pytest.mark.parametrize("percent", [0.0, 5.0])
def test_a_part_that_is_too_small_for_one_car_is_the_reason_for_the_pause(percent: float) -> None:
    plant = Plant(site(period(percent, slot("00:00", "13:00"))))
    plant.run(60)
    for setpoint in plant.decision.setpoints.values():
        assert setpoint.current == 0
        assert setpoint.reasons[0].code is ReasonCode.TARIFF_PERIOD
        assert setpoint.reasons[0].until == START.replace(hour=13)


def test_what_is_forced_has_a_part_as_well() -> None:
    plant = Plant(site(period(30)))
    plant.run(60)
    forced = frozenset({"a", "b"})
    decision = plant.controller.step(replace(plant.snapshot(), forced=forced))
    assert sum(setpoint.current for setpoint in decision.setpoints.values()) <= 30


def test_the_lowest_part_on_the_way_up_binds_a_connector() -> None:
    main = Zone(id="m", limit=PerPhase.same(40))
    garage = Zone(id="g", limit=PerPhase(30, 20, 0), parent="m")
    other = Zone(id="o", limit=PerPhase.same(20))
    nested = Site(zones=(main, garage, other), chargers=(charger("a", "g"), charger("b", "o")))
    asks = {"m": Ask(50), "g": Ask(80)}
    assert {key: bound.current for key, bound in bounds_of(nested, asks).items()} == {"a": 20}
    assert bounds_of(nested, {}) == {}


def test_switched_off_periods_leave_everything_as_it_was() -> None:
    plant = Plant(site(period(30)))
    plant.tariffs_off = ALL_OFF
    plant.run(120)
    assert set(plant.setpoints().values()) == {32.0}
    plant.tariffs_off = frozenset({"z"})
    plant.run(1)
    assert set(plant.setpoints().values()) == {32.0}
    plant.tariffs_off = frozenset()
    plant.run(plant.tick)
    assert sum(plant.setpoints().values()) <= 30


percents = st.floats(0, 100)


@given(
    limit=st.floats(0, 500),
    tariff=st.none() | percents,
    digital=st.none() | percents,
    silent=st.booleans(),
)
def test_no_part_raises_what_there_is_for_cars(
    limit: float, tariff: float | None, digital: float | None, *, silent: bool
) -> None:
    zone = Zone(id="z", limit=PerPhase(limit, limit / 2, 0))
    state = TariffState(zones={} if tariff is None else {"z": Tariff("P", tariff)})
    split = evenly(zone.phases)
    asked = Inputs(percent=None if digital is None else Ask(digital, silent))
    before = supply_of(zone, Snapshot(now=START), None, split)
    after = supply_of(zone, Snapshot(now=START, inputs=with_tariffs(asked, state)), None, split)
    assert after.limit == before.limit
    assert all(low <= high for low, high in zip(after.cap, before.cap, strict=True))
    digital_part = 100.0 if digital is None else digital
    assert after.cap[0] <= limit * digital_part / 100 or digital is None


# What cannot be


@pytest.mark.parametrize(
    ("periods", "key"),
    [
        ([period(101)], "tariff_unfinished"),
        ([period(-1)], "tariff_unfinished"),
        ([period(float("nan"))], "tariff_unfinished"),
        ([TariffPeriod(id="P", slots=(), percent=50)], "tariff_unfinished"),
        ([period(50, key=str(number)) for number in range(6)], "tariff_periods"),
        ([period(50, *[slot("10:00", "11:00")] * 21)], "tariff_slots"),
        ([period(50), period(60)], "duplicate_id"),
    ],
)
def test_a_site_cannot_have_such_periods(periods: list[TariffPeriod], key: str) -> None:
    with pytest.raises(SiteError) as refused:
        Site(tariffs=tuple(periods))
    assert refused.value.key == key


def test_a_site_may_have_five_periods_with_twenty_slots() -> None:
    slots = [slot("10:00", "11:00")] * 4
    periods = tuple(period(50, *slots, key=str(number)) for number in range(5))
    assert Site(tariffs=periods).tariffs == periods
