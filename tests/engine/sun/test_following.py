"""Cars that follow the sun, in a closed loop with a meter at the grid connection."""

from datetime import timedelta
from typing import Any

import pytest

from custom_components.headroom.engine.cars.wear import WearPolicy
from custom_components.headroom.engine.currents import PerPhase
from custom_components.headroom.engine.decision import ReasonCode
from custom_components.headroom.engine.known.power import NOMINAL_VOLTAGE
from custom_components.headroom.engine.site.model import (
    Meter,
    Rules,
    Site,
    Supply,
    Zone,
)
from custom_components.headroom.engine.site.wiring import Wiring
from custom_components.headroom.engine.snapshot import ConnectorStatus
from custom_components.headroom.engine.sun.rules import Metering
from custom_components.headroom.engine.when.permit import SunMode

from ..plant import Plant, charger
from .sunny import code, currents, plant, shine


def test_a_car_starts_two_amperes_above_its_floor_after_the_delay_and_takes_what_is_left() -> None:
    site = plant()
    waiting = shine(site, 7.9, 300)["a"]
    assert waiting.current == 0
    assert code(waiting) is ReasonCode.WAITING_FOR_SUN
    delayed = shine(site, 8.1, 30)["a"]
    assert delayed.current == 0
    assert code(delayed) is ReasonCode.SUN_START_DELAY
    until = delayed.reasons[0].until
    assert until is not None
    assert timedelta(seconds=30) <= until - site.now <= timedelta(seconds=60)
    assert shine(site, 8.1, 28)["a"].reasons[0].until == until
    assert shine(site, 8.1, 15)["a"].current == 6
    steady = shine(site, 8.1, 60)["a"]
    assert steady.current == pytest.approx(8.1, abs=0.1)
    assert code(steady) is ReasonCode.SUN_SURPLUS


def test_a_charging_car_stays_at_its_floor_through_a_cloud_and_stops_after_the_delay() -> None:
    site = plant()
    shine(site, 12, 150)
    cloudy = shine(site, 0, 60)["a"]
    assert cloudy.current == 6
    assert code(cloudy) is ReasonCode.SUN_TOO_LITTLE
    assert shine(site, 0, 90)["a"].current == 6
    stopped = shine(site, 0, 60)["a"]
    assert stopped.current == 0
    assert code(stopped) is ReasonCode.WAITING_FOR_SUN
    assert site.controller.state.connectors["a"].wear.stops == 1


def test_a_car_is_lowered_at_once_and_raised_when_surplus_has_lasted() -> None:
    site = plant()
    shine(site, 14, 150)
    assert shine(site, 9, 15)["a"].current == pytest.approx(9, abs=0.3)
    assert shine(site, 14, 5)["a"].current == pytest.approx(9, abs=0.3)
    assert shine(site, 14, 40)["a"].current == pytest.approx(14, abs=0.3)


def test_what_is_not_worth_a_setpoint_changes_nothing() -> None:
    site = plant()
    before = shine(site, 10, 200)["a"].current
    for surplus in (10.1, 9.95, 10.4, 9.9, 10.2):
        assert shine(site, surplus, 20)["a"].current == before


def test_a_car_takes_no_more_than_it_can_and_others_have_the_rest() -> None:
    site = plant(charger("a", max_current=10.0), charger("b"))
    assert currents(shine(site, 22, 400)) == pytest.approx({"a": 10, "b": 12}, abs=0.3)


def test_two_cars_share_and_the_second_starts_when_there_is_enough_for_both() -> None:
    site = plant(charger("a"), charger("b"))
    assert currents(shine(site, 13, 300)) == pytest.approx({"a": 13, "b": 0}, abs=0.3)
    both = shine(site, 15, 20)
    assert both["b"].current == 0
    assert code(both["b"]) is ReasonCode.SUN_START_DELAY
    assert currents(shine(site, 15, 150)) == pytest.approx({"a": 7.5, "b": 7.5}, abs=0.8)
    assert site.controller.state.connectors["a"].wear.stops == 0


def test_two_cars_do_not_both_start_on_what_is_enough_for_one() -> None:
    site = plant(charger("a"), charger("b"))
    site.house = PerPhase.same(-9)
    for _ in range(300):
        site.run(1)
        assert min(site.setpoints().values()) == 0
    assert max(site.setpoints().values()) == pytest.approx(9, abs=0.3)


def test_a_starting_car_waits_until_the_other_has_made_room() -> None:
    site = plant(charger("a"), charger("b"))
    shine(site, 18, 15)
    site.paused = frozenset({"b"})
    assert currents(shine(site, 18, 200)) == pytest.approx({"a": 18, "b": 0}, abs=0.3)
    site.paused = frozenset()
    site.history.clear()
    assert currents(shine(site, 18, 200)) == pytest.approx({"a": 9, "b": 9}, abs=0.3)
    assert max(grid.l1 for _, grid in site.history) <= 0.3


def test_a_car_that_charges_is_not_displaced_by_one_of_its_own_class() -> None:
    site = plant(charger("a"), charger("b"))
    for _ in range(12):
        assert currents(shine(site, 10, 600))["a"] > 6
    assert site.controller.state.connectors["a"].wear.stops == 0


def test_a_vip_displaces_a_car_that_charges() -> None:
    site = plant(charger("a"), charger("b", vip=True))
    site.cars["b"].status = ConnectorStatus.AVAILABLE
    shine(site, 10, 400)
    site.cars["b"].status = ConnectorStatus.CHARGING
    assert currents(shine(site, 10, 200)) == pytest.approx({"a": 0, "b": 10}, abs=0.3)


def test_the_rest_of_a_cloudy_surplus_goes_to_who_is_held_at_its_floor() -> None:
    site = plant(charger("a"), charger("b"))
    shine(site, 20, 400)
    cloudy = shine(site, 10, 40)
    assert currents(cloudy) == {"a": 6, "b": 6}
    assert sorted(code(setpoint) for setpoint in cloudy.values()) == [
        ReasonCode.SUN_SURPLUS,
        ReasonCode.SUN_TOO_LITTLE,
    ]


def test_after_a_restart_a_car_goes_on() -> None:
    site = plant()
    shine(site, 10, 200)
    site.restart_as_it_is()
    site.run(1)
    assert site.setpoints()["a"] == pytest.approx(10, abs=0.3)
    assert site.controller.state.connectors["a"].wear.stops == 0


def test_a_silent_meter_is_no_surplus() -> None:
    site = plant()
    site.metered = False
    waiting = shine(site, 20, 120)["a"]
    assert waiting.current == 0
    assert code(waiting) is ReasonCode.SUN_UNKNOWN
    assert site.decision.sun.surplus is None
    site.metered = True
    shine(site, 20, 200)
    assert site.decision.sun.surplus == pytest.approx(20 * 3 * NOMINAL_VOLTAGE, rel=0.02)
    assert site.decision.sun.shares["a"] == pytest.approx(20 * 3 * NOMINAL_VOLTAGE, rel=0.02)


def test_a_phase_that_the_meter_does_not_show_is_no_surplus() -> None:
    site = plant()
    site.lost = frozenset({1})
    assert code(shine(site, 20, 120)["a"]) is ReasonCode.SUN_UNKNOWN


def test_a_zone_without_a_meter_knows_of_no_surplus() -> None:
    site = Plant(Site(zones=(Zone(id="z", limit=PerPhase.same(32)),), chargers=(charger("a"),)))
    site.sun_modes = {"a": SunMode.SUN_ONLY}
    assert code(shine(site, 20, 60)["a"]) is ReasonCode.SUN_UNKNOWN


@pytest.mark.parametrize(
    ("rules", "current"), [({"reserve": 690.0}, 9), ({"allowed_import": 690.0}, 11), ({}, 10)]
)
def test_a_person_may_leave_some_surplus_or_add_to_it(
    rules: dict[str, Any], current: float
) -> None:
    assert shine(plant(**rules), 10, 200)["a"].current == pytest.approx(current, abs=0.3)


def test_phases_count_together_unless_each_counts_by_itself() -> None:
    one_phase = charger("a", wiring=Wiring.MONO2)
    for metering, current in ((Metering.TOGETHER, 15), (Metering.PER_PHASE, 10)):
        site = plant(one_phase, metering=metering)
        site.house = PerPhase(-5, -10, 0)
        assert site.run(200).setpoints["a"].current == pytest.approx(current, abs=0.3)


def test_each_phase_by_itself_is_bound_by_the_least_sunny_one() -> None:
    site = plant(metering=Metering.PER_PHASE, reserve=690.0)
    site.house = PerPhase(-20, -12, -10)
    assert site.run(200).setpoints["a"].current == pytest.approx(9, abs=0.3)


def test_a_hybrid_car_begins_with_a_little_more_and_goes_on_with_its_floor() -> None:
    """Sun 3 A, floor 6 A and 2 A to start: 5 A from the grid (A13.8), then 3 A."""
    site = plant(mode=SunMode.SUN_HYBRID)
    starting = shine(site, 3, 50)["a"]
    assert starting.current == 8
    assert code(starting) is ReasonCode.SUN_TOPPED_UP
    assert site.true_current().l1 == pytest.approx(5)
    assert shine(site, 3, 60)["a"].current == 6
    assert site.true_current().l1 == pytest.approx(3)
    sunny = shine(site, 9, 60)["a"]
    assert sunny.current == pytest.approx(9, abs=0.3)
    assert code(sunny) is ReasonCode.SUN_SURPLUS
    assert shine(site, 0, 900)["a"].current == 6
    assert site.controller.state.connectors["a"].wear.stops == 0


def test_a_hybrid_car_does_not_hold_the_floor_of_another_down() -> None:
    site = plant(charger("a"), charger("b"))
    site.sun_modes["b"] = SunMode.SUN_HYBRID
    setpoints = currents(shine(site, 10, 400))
    assert setpoints["b"] >= 6
    assert sum(setpoints.values()) == pytest.approx(16, abs=0.5) or setpoints["a"] == 0


def test_who_does_not_follow_the_sun_is_a_load_for_who_does() -> None:
    site = plant(charger("a"), charger("b", max_current=8.0))
    site.sun_modes["b"] = SunMode.MAX_HYBRID
    assert currents(shine(site, 20, 300)) == pytest.approx({"a": 12, "b": 8}, abs=0.3)
    site.forced = frozenset({"b"})
    assert currents(shine(site, 20, 100)) == pytest.approx({"a": 12, "b": 8}, abs=0.3)


def test_a_car_that_was_stopped_as_often_as_it_may_be_rests() -> None:
    site = plant()
    site.controller.reconfigure(
        Site(
            zones=site.site.zones,
            meters=site.site.meters,
            chargers=site.site.chargers,
            rules=Rules(wear=WearPolicy(stops=1)),
        )
    )
    shine(site, 12, 150)
    shine(site, 0, 300)
    resting = shine(site, 12, 600)["a"]
    assert resting.current == 0
    assert code(resting) is ReasonCode.SUN_RESTS
    assert resting.reasons[0].until is not None
    site.cars["a"].leave()
    shine(site, 12, 5)
    site.cars["a"].status = ConnectorStatus.CHARGING
    assert shine(site, 12, 200)["a"].current > 6


def test_a_car_that_stays_may_be_stopped_as_often_on_the_next_day() -> None:
    site = plant()
    shine(site, 12, 150)
    wear = site.controller.state.connectors["a"].wear
    wear.stops, wear.stopped_at = 4, site.now - timedelta(days=1)
    assert shine(site, 12, 5)["a"].current > 6
    assert wear.stops == 0


def test_a_car_that_is_lost_for_a_moment_keeps_its_right() -> None:
    site = plant()
    shine(site, 10, 200)
    site.cars["a"].lose(site.now)
    shine(site, 10, 20)
    site.cars["a"].come_back()
    assert shine(site, 10, 30)["a"].current == pytest.approx(10, abs=0.3)
    assert site.controller.state.connectors["a"].wear.stops == 0


def test_a_car_that_was_paused_begins_anew() -> None:
    site = plant()
    shine(site, 10, 200)
    site.paused = frozenset({"a"})
    assert code(shine(site, 10, 30)["a"]) is ReasonCode.PAUSED
    site.paused = frozenset()
    assert code(shine(site, 10, 30)["a"]) is ReasonCode.SUN_START_DELAY


def test_every_connection_to_the_grid_has_its_own_surplus() -> None:
    zones = [Zone(id=key, limit=PerPhase.same(63), supply=Supply.DYNAMIC) for key in "xy"]
    site = Plant(
        Site(
            zones=tuple(zones),
            meters=(Meter(id="mx", zone="x"), Meter(id="my", zone="y")),
            chargers=(charger("a", "x"), charger("b", "y", max_current=10.0)),
        ),
        tick=1.0,
    )
    site.sun_modes = {"a": SunMode.SUN_ONLY, "b": SunMode.SUN_ONLY}
    assert currents(shine(site, 12, 200)) == pytest.approx({"a": 12, "b": 10}, abs=0.3)
    assert site.decision.sun.surplus == pytest.approx(2 * 12 * 3 * NOMINAL_VOLTAGE, rel=0.02)


@pytest.mark.parametrize(("cloud", "every"), [(3.0, 6), (0.0, 15)], ids=["thin", "dark"])
def test_on_a_flickering_day_a_car_stays_on_and_uses_the_sun(cloud: float, every: int) -> None:
    """A minute of cloud every few minutes: nearly all that a floor fits into is used."""
    site = plant(charger("a", wiring=Wiring.MONO1))
    site.tick = 5.0
    used = usable = grid = 0.0
    for minute in range(360):
        sun = cloud if minute % every == 0 else 18.0
        site.house = PerPhase(-sun)
        for _ in range(12):
            site.run(5)
            drawn = site.cars["a"].drawn
            used += min(sun, drawn)
            usable += sun if sun >= 6 else 0
            grid += max(0.0, drawn - sun)
    assert site.controller.state.connectors["a"].wear.stops <= 4
    assert used >= 0.95 * usable
    assert grid <= 0.1 * used
