"""Cars that charge already when they come to follow the sun."""

from dataclasses import replace
from datetime import timedelta

import pytest

from custom_components.headroom.engine.decision import ReasonCode
from custom_components.headroom.engine.snapshot import ConnectorStatus
from custom_components.headroom.engine.when.permit import SunMode
from custom_components.headroom.engine.when.planned import PlannedQuarter

from ..plant import Plant, charger
from .sunny import code, plant, shine, sunny_site


def lowest(site: Plant, current: float, seconds: float) -> float:
    """Let the sun shine; return the lowest setpoint meanwhile."""
    least = 32.0
    for _ in range(round(seconds)):
        least = min(least, shine(site, current, 1)["a"].current)
    return least


def stops(site: Plant) -> int:
    return site.controller.state.connectors["a"].wear.stops


def charges_from_the_grid() -> Plant:
    """Return a plant whose car takes all that it can, whatever the sun does."""
    site = plant(charger("a", max_current=16.0), mode=SunMode.OFF)
    assert shine(site, 0, 120)["a"].current == 16
    return site


@pytest.mark.parametrize("mode", [SunMode.SUN_ONLY, SunMode.SUN_HYBRID])
def test_a_car_goes_on_when_it_comes_to_follow_a_bright_sun(mode: SunMode) -> None:
    site = charges_from_the_grid()
    shine(site, 12, 60)
    site.sun_modes["a"] = mode
    assert lowest(site, 12, 200) >= 12 - 0.7
    assert code(site.decision.setpoints["a"]) is ReasonCode.SUN_SURPLUS
    assert stops(site) == 0


def test_a_car_goes_on_by_the_sun_when_it_is_not_forced_any_more() -> None:
    site = plant(charger("a", max_current=16.0))
    site.forced = frozenset({"a"})
    shine(site, 12, 120)
    site.forced = frozenset()
    assert lowest(site, 12, 200) >= 12 - 0.7


def test_a_car_that_has_joined_stops_by_the_stop_delay() -> None:
    site = charges_from_the_grid()
    shine(site, 12, 200)
    site.sun_modes["a"] = SunMode.SUN_ONLY
    shine(site, 12, 60)
    assert lowest(site, 0, 150) == 6
    assert code(site.decision.setpoints["a"]) is ReasonCode.SUN_TOO_LITTLE
    shine(site, 0, 60)
    assert code(site.decision.setpoints["a"]) is ReasonCode.WAITING_FOR_SUN
    assert stops(site) == 1


def test_a_car_for_which_the_sun_is_too_little_stops_at_once() -> None:
    site = charges_from_the_grid()
    site.sun_modes["a"] = SunMode.SUN_ONLY
    assert shine(site, 5, 3)["a"].current == 0


def test_a_car_that_joins_takes_nothing_from_one_that_charges_by_the_sun() -> None:
    site = plant(charger("a", max_current=16.0), charger("b", max_current=16.0))
    site.sun_modes["a"] = SunMode.OFF
    site.cars["a"].status = ConnectorStatus.AVAILABLE
    shine(site, 10, 200)
    site.cars["a"].status = ConnectorStatus.CHARGING
    shine(site, 26, 120)
    site.sun_modes["a"] = SunMode.SUN_ONLY
    later = shine(site, 10, 30)
    assert later["a"].current == 0
    assert later["b"].current == pytest.approx(10, abs=0.7)


def test_after_an_orderly_restart_a_car_goes_on_from_its_fallback() -> None:
    site = plant(charger("a", max_current=16.0, fallback=6.0))
    shine(site, 12, 200)
    site.restart(orderly=True)
    site.cars["a"].online = False
    shine(site, 12, 5)
    site.cars["a"].come_back()
    assert lowest(site, 12, 60) == 6
    assert shine(site, 12, 60)["a"].current == pytest.approx(12, abs=0.7)


def test_after_a_restart_a_car_is_not_forgotten_while_the_meter_is_silent() -> None:
    site = plant(charger("a", max_current=16.0, fallback=0.0))
    shine(site, 12, 200)
    site.restart(orderly=True)
    site.metered = False
    shine(site, 12, 5)
    site.metered = True
    assert shine(site, 12, 40)["a"].current >= 6


def by_plan(site: Plant, current: float) -> None:
    """Let a plan give the car a current for the next hours."""
    site.plans = {"a": PlannedQuarter(current=current, expires=site.now + timedelta(hours=3))}


def test_a_car_goes_on_by_the_sun_when_its_plan_lets_it_wait() -> None:
    site = plant(charger("a", max_current=16.0))
    by_plan(site, 16)
    assert shine(site, 12, 120)["a"].current == 16
    by_plan(site, 0)
    assert lowest(site, 12, 120) >= 12 - 0.7


def test_clouds_stop_no_car_that_its_plan_feeds() -> None:
    site = plant(charger("a", max_current=16.0))
    by_plan(site, 8)
    for _ in range(6):
        shine(site, 12, 120)
        assert lowest(site, 0, 400) == 8
    assert stops(site) == 0


def test_rules_that_change_stop_no_car() -> None:
    site = plant(charger("a", max_current=16.0))
    shine(site, 12, 200)
    changed = sunny_site(site.site.chargers, reserve=230.0)
    site.controller.reconfigure(replace(changed, zones=site.site.zones))
    assert lowest(site, 12, 60) >= 6
