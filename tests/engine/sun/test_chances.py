"""Who is seldom there while the sun shines comes first, and nobody stops for that."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from custom_components.headroom.engine.currents import PerPhase
from custom_components.headroom.engine.decision import ReasonCode
from custom_components.headroom.engine.site.wiring import Wiring
from custom_components.headroom.engine.snapshot import ConnectorStatus
from custom_components.headroom.engine.sun.chances import Chance, standing_back
from custom_components.headroom.engine.sun.rules import Metering
from custom_components.headroom.engine.when.permit import SunMode

from ..plant import Plant, charger
from .sunny import code, currents, plant, shine

HOUR = timedelta(hours=1)
WEEK = timedelta(days=7)


def after_a_sunny_day(energy: float = 30_000.0) -> Plant:
    """Return two cars, of which only the connector of a had one while there were so many Wh."""
    site = plant(charger("a"), charger("b"))
    site.controller.state.connectors["a"].chance.energy = energy
    return site


def comes_home(site: Plant, key: str) -> None:
    site.cars[key].status = ConnectorStatus.CHARGING


def test_surplus_counts_and_half_after_a_week() -> None:
    chance = Chance()
    chance.note(5000, HOUR)
    chance.note(0, 0 * HOUR)
    assert chance.energy == 5000
    chance.note(0, WEEK)
    assert chance.energy == pytest.approx(2500)


def test_chances_outlive_a_restart() -> None:
    chance = Chance(energy=1234.5)
    assert Chance.from_json(chance.to_json()) == chance
    assert Chance.from_json({}) == Chance()
    with pytest.raises(ValueError, match="not a number"):
        Chance.from_json({"energy": -1})
    site = after_a_sunny_day()
    before = site.controller.state.connectors["a"].chance.energy
    site.restart_as_it_is()
    assert site.controller.state.connectors["a"].chance.energy == before


@pytest.mark.parametrize(
    ("energies", "back"),
    [
        ({}, set()),
        ({"a": 90_000}, set()),
        ({"a": 9_900, "b": 0}, set()),
        ({"a": 10_100, "b": 0}, {"a"}),
        ({"a": 59_000, "b": 40_000}, set()),
        ({"a": 61_000, "b": 40_000}, {"a"}),
        ({"a": 61_000, "b": 40_000, "c": 1_000}, {"a", "b"}),
    ],
)
def test_who_could_have_had_much_more_stands_back(
    energies: dict[str, float], back: set[str]
) -> None:
    assert standing_back({key: Chance(energy=wh) for key, wh in energies.items()}) == back


def test_the_surplus_of_the_day_counts_for_who_is_there() -> None:
    site = plant(charger("a"), charger("b"))
    site.cars["b"].status = ConnectorStatus.AVAILABLE
    shine(site, 20, 600)
    chances = {key: state.chance.energy for key, state in site.controller.state.connectors.items()}
    assert chances["a"] == pytest.approx(20 * 3 * 230 / 6, rel=0.02)
    assert chances["b"] == 0


def test_who_was_away_gets_all_above_the_floors() -> None:
    site = after_a_sunny_day()
    assert currents(shine(site, 20, 400)) == pytest.approx({"a": 6, "b": 14}, abs=0.3)
    assert currents(shine(site, 30, 100)) == pytest.approx({"a": 6, "b": 24}, abs=0.3)


def test_what_the_first_cannot_use_goes_to_who_stands_back() -> None:
    site = after_a_sunny_day()
    site.cars["b"].wants = 10.0
    assert currents(shine(site, 22, 400)) == pytest.approx({"a": 12, "b": 10}, abs=1.6)


def test_of_two_that_wait_the_one_that_was_away_begins_first() -> None:
    site = after_a_sunny_day()
    setpoints = shine(site, 9, 300)
    assert currents(setpoints) == pytest.approx({"a": 0, "b": 9}, abs=0.3)
    assert code(setpoints["a"]) is ReasonCode.SUN_TAKEN


def test_who_stands_back_is_not_stopped_for_who_comes() -> None:
    site = after_a_sunny_day()
    site.cars["b"].status = ConnectorStatus.AVAILABLE
    shine(site, 10, 300)
    comes_home(site, "b")
    setpoints = shine(site, 10, 900)
    assert currents(setpoints) == pytest.approx({"a": 10, "b": 0}, abs=0.3)
    assert code(setpoints["b"]) is ReasonCode.SUN_TAKEN


def test_nobody_stands_back_for_a_full_car() -> None:
    site = after_a_sunny_day(60_000)
    site.cars["b"].wants = 0.0
    assert currents(shine(site, 20, 600))["a"] == pytest.approx(20, abs=0.7)


def test_a_privileged_car_does_not_stand_back_for_others() -> None:
    site = plant(charger("a", vip=True), charger("b"))
    site.controller.state.connectors["a"].chance.energy = 50_000
    assert currents(shine(site, 20, 400)) == pytest.approx({"a": 20, "b": 0}, abs=0.3)


def newcomer_during_a_load(*, vip: bool) -> Plant:
    """Return a site where a load leaves too little for who charges, but enough for who comes."""
    newcomer = charger("b", wiring=Wiring.MONO1, vip=vip)
    site = plant(charger("a"), newcomer, start_delay=timedelta(seconds=5))
    site.cars["b"].status = ConnectorStatus.AVAILABLE
    shine(site, 10, 300)
    comes_home(site, "b")
    shine(site, 4, 40)
    return site


def test_a_load_of_some_minutes_does_not_let_others_stop_who_charges() -> None:
    site = newcomer_during_a_load(vip=False)
    assert site.setpoints() == {"a": 6, "b": 0}
    assert shine(site, 10, 60)["a"].current >= 6
    assert site.controller.state.connectors["a"].wear.stops == 0


def test_a_privileged_car_that_comes_during_a_load_begins_at_once() -> None:
    site = newcomer_during_a_load(vip=True)
    assert site.setpoints() == pytest.approx({"a": 0, "b": 12}, abs=0.5)


@pytest.mark.parametrize(("energy", "owed"), [(30_000, 0), (0, 30)])
def test_one_that_has_begun_but_takes_nothing_yet_does_not_displace_who_charges(
    energy: float, owed: float
) -> None:
    site = after_a_sunny_day(energy)
    states = site.controller.state.connectors
    site.cars["b"].status = ConnectorStatus.AVAILABLE
    shine(site, 14, 300)
    comes_home(site, "b")
    states["a"].chase.owed = timedelta(seconds=owed)
    while not states["b"].chase.charging:
        shine(site, 14, 1)
    assert shine(site, 11.5, 5)["a"].current >= 6
    shine(site, 11.5, 60)
    for _ in range(100):
        assert shine(site, 11.5, 10)["a"].current > 10
    assert states["a"].wear.stops == 0


def test_one_that_the_grid_tops_up_does_not_stop_who_stands_back() -> None:
    site = after_a_sunny_day()
    site.sun_modes["b"] = SunMode.SUN_HYBRID
    site.cars["b"].status = ConnectorStatus.AVAILABLE
    shine(site, 10, 300)
    comes_home(site, "b")
    assert currents(shine(site, 10, 1500)) == {"a": 6, "b": 6}
    assert site.controller.state.connectors["a"].wear.stops == 0


def test_one_that_has_to_wait_long_keeps_the_sun_from_nobody() -> None:
    site = after_a_sunny_day()
    shine(site, 0, 30)
    wear = site.controller.state.connectors["b"].wear
    wear.stops, wear.stopped_at = 3, site.now
    for _ in range(2):
        assert currents(shine(site, 10, 600)) == pytest.approx({"a": 10, "b": 0}, abs=0.3)
        shine(site, 0, 900)


@pytest.mark.parametrize(
    ("step", "hysteresis", "limit", "sun"),
    [(1.0, 2.5, 32.0, 8.6), (1.0, 2.0, 7.5, 20.0), (0.1, 1.25, 32.0, 7.28)],
)
def test_nobody_else_has_the_sun_of_a_car_that_is_alone(
    step: float, hysteresis: float, limit: float, sun: float
) -> None:
    site = plant(charger("a", step=step), hysteresis=hysteresis)
    site.connector_limits = {"a": limit}
    assert code(shine(site, sun, 200)["a"]) is not ReasonCode.SUN_TAKEN


def paused(site: Plant) -> None:
    site.paused = frozenset({"c"})


def offline(site: Plant) -> None:
    site.cars["c"].online = False


def resting(site: Plant) -> None:
    wear = site.controller.state.connectors["c"].wear
    wear.stops, wear.stopped_at = 4, site.now


@pytest.mark.parametrize("out", [paused, offline, resting])
def test_those_who_compete_for_nothing_are_not_compared_with(
    out: Callable[[Plant], None],
) -> None:
    site = plant(charger("a"), charger("b"), charger("c"))
    shine(site, 0, 5)
    for key, energy in {"a": 100_000.0, "b": 12_000.0, "c": 0.0}.items():
        site.controller.state.connectors[key].chance.energy = energy
    out(site)
    assert shine(site, 24, 600)["a"].current == pytest.approx(6, abs=0.3)


def test_other_classes_are_not_compared_with() -> None:
    site = plant(charger("a"), charger("b"), charger("c", vip=True))
    for key, energy in {"a": 100_000.0, "b": 12_000.0, "c": 0.0}.items():
        site.controller.state.connectors[key].chance.energy = energy
    site.cars["c"].wants = 6.0
    assert shine(site, 30, 600)["a"].current == pytest.approx(6, abs=0.3)


def test_each_phase_has_its_own_sun_where_phases_are_metered_alone() -> None:
    one = charger("a", wiring=Wiring.MONO1)
    site = plant(one, metering=Metering.PER_PHASE)
    site.house = PerPhase(-20, 10, 10)
    site.run(600)
    energy = site.controller.state.connectors["a"].chance.energy
    assert energy == pytest.approx(20 * 230 / 6, rel=0.05)


def test_what_the_grid_may_give_is_no_sun() -> None:
    site = plant(allowed_import=4000.0)
    shine(site, -1, 600)
    assert site.controller.state.connectors["a"].chance.energy == 0
