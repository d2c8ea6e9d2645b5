"""Cars that are offered sun and do not take it: full ones, and such that begin later."""

from datetime import timedelta

import pytest

from custom_components.headroom.engine.cars.asleep import Alertness
from custom_components.headroom.engine.currents import PerPhase
from custom_components.headroom.engine.snapshot import ConnectorStatus
from custom_components.headroom.engine.when.permit import SunMode

from ..plant import Plant, charger
from .sunny import currents, plant, shine


def one_is_full(mode: SunMode = SunMode.SUN_ONLY, *, vip: bool = False) -> Plant:
    """Return a plant where b is full."""
    site = plant(charger("a"), charger("b", vip=vip), mode=mode)
    site.cars["b"].status = ConnectorStatus.SUSPENDED_EV
    return site


def test_a_floor_is_kept_for_a_minute_and_then_others_have_it_though_it_stays_offered() -> None:
    site = one_is_full()
    site.house = PerPhase.same(-20)
    site.run(1)
    while not site.setpoints()["b"]:
        site.run(1)
    assert currents(shine(site, 20, 50)) == pytest.approx({"a": 14, "b": 6}, abs=0.3)
    assert currents(shine(site, 20, 40)) == pytest.approx({"a": 20, "b": 6}, abs=0.3)


def test_who_begins_late_gets_its_share() -> None:
    site = one_is_full()
    shine(site, 20, 400)
    site.cars["b"].status = ConnectorStatus.CHARGING
    assert currents(shine(site, 20, 60)) == pytest.approx({"a": 10, "b": 10}, abs=0.3)
    assert site.controller.state.connectors["a"].wear.stops == 0


@pytest.mark.parametrize("vip", [False, True])
def test_who_is_idle_is_offered_nothing_where_one_floor_fits(vip: bool) -> None:
    site = one_is_full(vip=vip)
    shine(site, 20, 400)
    assert currents(shine(site, 10, 600)) == pytest.approx({"a": 10, "b": 0}, abs=0.3)
    assert site.controller.state.connectors["a"].wear.stops == 0


def test_nothing_is_kept_for_who_was_idle_the_last_time() -> None:
    site = one_is_full()
    shine(site, 20, 400)
    shine(site, -10, 600)
    assert max(site.setpoints().values()) == 0
    site.history.clear()
    assert currents(shine(site, 20, 400)) == pytest.approx({"a": 20, "b": 6}, abs=0.3)
    assert max(grid.l1 for _, grid in site.history) <= 0.3


def test_the_sun_is_not_kept_for_an_idle_car_on_sun_hybrid() -> None:
    site = one_is_full(SunMode.SUN_HYBRID)
    assert currents(shine(site, 20, 400)) == pytest.approx({"a": 20, "b": 6}, abs=0.3)


def begins(site: Plant, key: str, within: float) -> bool:
    """Return whether a car that now wants to charge does so in time, in s."""
    car = site.cars[key]
    for _ in range(round(within)):
        offered = site.run(1).setpoints[key].current > 0
        car.status = ConnectorStatus.CHARGING if offered else ConnectorStatus.SUSPENDED_EVSE
        if car.drawn:
            return True
    return False


def test_of_two_that_are_idle_the_one_without_an_offer_is_asked_again() -> None:
    """There is enough for one floor only, and the other one stays full."""
    site = one_is_full()
    site.cars["a"].status = ConnectorStatus.SUSPENDED_EV
    shine(site, 9, 900)
    (left_out,) = [key for key, current in site.setpoints().items() if not current]
    assert begins(site, left_out, 2400)


def test_a_privileged_car_that_was_idle_is_asked_again() -> None:
    site = one_is_full(vip=True)
    shine(site, 11, 900)
    assert currents(site.decision.setpoints) == pytest.approx({"a": 11, "b": 0}, abs=0.3)
    assert begins(site, "b", 2400)


def test_one_that_stays_idle_is_asked_as_often_as_the_site_allows() -> None:
    site = one_is_full(vip=True)
    shine(site, 11, 9000)
    assert site.controller.state.connectors["a"].wear.stops <= site.site.rules.queue.retries
    assert site.controller.state.connectors["b"].slumber.alertness is Alertness.SPENT
    assert site.setpoints() == pytest.approx({"a": 11, "b": 0}, abs=0.3)


def test_who_is_idle_owes_nothing() -> None:
    """When it begins it does not come behind one that the grid has fed."""
    site = one_is_full(SunMode.SUN_HYBRID)
    shine(site, 0, 1800)
    owed = {key: state.chase.owed for key, state in site.controller.state.connectors.items()}
    assert owed["a"] > timedelta(minutes=20)
    assert owed["b"] < timedelta(minutes=3)
