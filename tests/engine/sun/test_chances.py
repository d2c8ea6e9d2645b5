"""Who is seldom there while the sun shines comes first, and nobody stops for that."""

from datetime import UTC, datetime, timedelta

import pytest

from custom_components.headroom.engine.decision import ReasonCode
from custom_components.headroom.engine.site.wiring import Wiring
from custom_components.headroom.engine.snapshot import ConnectorStatus
from custom_components.headroom.engine.sun.chances import Chance, standing_back

from ..plant import Plant, charger
from .sunny import code, currents, plant, shine

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
WEEK = timedelta(days=7)


def after_a_sunny_day(energy: float = 30_000.0) -> Plant:
    """Return two cars, of which only the connector of a had one while there were so many Wh."""
    site = plant(charger("a"), charger("b"))
    site.controller.state.connectors["a"].chance = Chance(energy=energy, at=site.now)
    return site


def comes_home(site: Plant, key: str) -> None:
    site.cars[key].status = ConnectorStatus.CHARGING


def test_surplus_counts_while_a_car_is_there_and_half_after_a_week() -> None:
    chance = Chance()
    chance.note(5000, HOUR, NOW)
    chance.note(-800, HOUR, NOW)
    assert chance.energy == 5000
    chance.note(0, timedelta(), NOW + WEEK)
    assert chance.energy == pytest.approx(2500)
    chance.note(1000, HOUR, NOW)  # the clock went back
    assert chance.energy == pytest.approx(3500)
    chance.note(0, timedelta(), NOW + WEEK)
    assert chance.energy == pytest.approx(1750)


def test_chances_outlive_a_restart() -> None:
    chance = Chance(energy=1234.5, at=NOW)
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
