"""Chargers made of entities that do not obey, in a real Home Assistant."""

from collections.abc import Callable

import pytest
from homeassistant.config_entries import ConfigSubentryData
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.headroom.coordinator import SiteCoordinator
from tests.config_flow.site import zone

from .conftest import GARAGE
from .life import Life
from .test_entity_charger import POST, WALL, Wall, entity_charger, registry_id, shown, wall
from .wrongs import Wrongs

__all__ = ["wall"]

ONE, OTHER = f"{WALL}:1", f"{POST}:1"


class Pair:
    """A charger of another integration, whose car draws what it likes, and one that obeys."""

    def __init__(self, hass: HomeAssistant, life: Life, wall: Wall) -> None:
        self._hass = hass
        self._life = life
        self.wall = wall
        self.drawn: float | None = None
        """A that the first car draws; None: what it may."""

    async def go_on(self, seconds: int = 1) -> None:
        """Let the sensors report and a second pass."""
        for _ in range(seconds):
            drawn = self.wall.native_value if self.drawn is None else self.drawn
            states = self._hass.states
            states.async_set("sensor.wall_current", str(drawn), force_update=True)
            states.async_set("sensor.post_current", self.post, force_update=True)
            await self._life.go_on()

    @property
    def post(self) -> str:
        """Return what the second car may draw, in A."""
        is_on = shown(self._hass, "input_boolean.post") == "on"
        return shown(self._hass, "input_number.post") if is_on else "0"

    async def seconds_until(self, predicate: Callable[[], bool], within: int = 100) -> int:
        """Return how long it takes until something is so."""
        for passed in range(within):
            if predicate():
                return passed
            await self.go_on()
        raise AssertionError(f"not so within {within} seconds")


@pytest.fixture
async def subentries(hass: HomeAssistant, wall: Wall) -> list[ConfigSubentryData]:
    helpers = {"post": {"min": 6, "max": 32, "step": 1, "initial": 6}}
    assert await async_setup_component(hass, "input_number", {"input_number": helpers})
    assert await async_setup_component(hass, "input_boolean", {"input_boolean": {"post": {}}})
    for name in ("post", "wall"):
        hass.states.async_set(f"sensor.{name}", "charging")
        hass.states.async_set(f"sensor.{name}_current", "0")
    return [
        zone(GARAGE, "Garage", limit=32.0),
        entity_charger(
            WALL,
            registry_id(wall),
            status_entity="sensor.wall",
            current_entities=["sensor.wall_current"],
        ),
        entity_charger(
            POST,
            "input_number.post",
            switch_entity="input_boolean.post",
            status_entity="sensor.post",
            current_entities=["sensor.post_current"],
        ),
    ]


@pytest.fixture
def wrongs(
    hass: HomeAssistant, entry: MockConfigEntry, life: Life, caplog: pytest.LogCaptureFixture
) -> Wrongs:
    return Wrongs(hass, entry, life, caplog)


@pytest.fixture
async def pair(hass: HomeAssistant, site: SiteCoordinator, life: Life, wall: Wall) -> Pair:
    """Return two cars that have shared the garage's 32 A for a while."""
    pair = Pair(hass, life, wall)
    await pair.seconds_until(lambda: (wall.native_value, pair.post) == (16, "16.0"), within=200)
    await pair.go_on(40)
    return pair


async def test_a_car_that_draws_too_much_is_counted_told_of_and_forgiven(
    pair: Pair, wrongs: Wrongs
) -> None:
    pair.drawn = 26.0
    assert await pair.seconds_until(lambda: pair.post == "6.0") <= 10
    await pair.seconds_until(lambda: wrongs.text(WALL) == "charger_overdraw", within=50)
    assert wrongs.cause(ONE) == "overdraw"
    assert wrongs.cause(OTHER) is None
    pair.drawn = None
    await pair.seconds_until(lambda: wrongs.issue(WALL) is None, within=60)
    await pair.seconds_until(lambda: pair.post != "6.0")


async def test_a_charger_that_does_not_stop(pair: Pair, wrongs: Wrongs, life: Life) -> None:
    pair.drawn = 16.0
    await life.act("switch", "turn_off", f"{ONE}_charging_allowed")
    assert await pair.seconds_until(lambda: wrongs.text(WALL) == "charger_stuck") <= 60
    assert pair.wall.native_value == 0
    assert pair.post == "16.0"
    pair.drawn = None
    await pair.seconds_until(lambda: wrongs.issue(WALL) is None, within=60)


async def test_an_entity_that_refuses(pair: Pair, wrongs: Wrongs, life: Life) -> None:
    pair.wall.fault = ServiceValidationError("no")
    await life.act("number", "set_value", f"{ONE}_limit", value=10)
    assert await pair.seconds_until(lambda: wrongs.text(WALL) == "charger_refuses") <= 60
    pair.wall.fault = None
    await pair.seconds_until(lambda: wrongs.issue(WALL) is None, within=120)


async def test_an_automation_that_writes_again_and_again(pair: Pair, wrongs: Wrongs) -> None:
    for _ in range(3):
        assert wrongs.issue(WALL) is None
        pair.wall.show(32)
        await pair.go_on(15)
    assert wrongs.text(WALL) == "charger_overwritten"


async def test_an_integration_that_comes_and_goes(pair: Pair, wrongs: Wrongs) -> None:
    pair.drawn = 6.0
    for _ in range(4):
        assert wrongs.issue(WALL) is None
        pair.wall.go_away()
        await pair.go_on(2)
        pair.wall.show(6)
        await pair.go_on(2)
    assert wrongs.text(WALL) == "charger_restarts"
