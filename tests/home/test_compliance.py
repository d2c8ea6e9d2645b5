"""Stations that do not obey: counted at once, told of within a minute, forgiven by themselves."""

import logging
from collections.abc import Callable
from typing import Any

import pytest
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.headroom.const import DOMAIN
from custom_components.headroom.coordinator import SiteCoordinator
from custom_components.headroom.diagnostics import async_get_config_entry_diagnostics
from tests.chargers.ocpp.charge_point import ACCEPTED, REJECTED, ScriptedChargePoint

from .conftest import LEFT, RIGHT, Dial, arrive
from .life import Life
from .test_charging import currents, sample
from .wrongs import Wrongs

ONE = f"{LEFT}:1"
OTHER = f"{RIGHT}:1"
EVERY = 10
"""Seconds between the samples of a station."""


def allowed(charge_point: ScriptedChargePoint) -> float:
    """Return the last setpoint of a station's first connector."""
    return [
        command.limit
        for command in charge_point.profiles
        if command.payload["connectorId"] == 1 and not command.is_base
    ][-1]


class Garage:
    """The double charger, which draws what it likes, beside the single one, which obeys."""

    def __init__(self, life: Life, left: ScriptedChargePoint, right: ScriptedChargePoint) -> None:
        self._life = life
        self.left = left
        self.right = right
        self.drawn: float | None = None
        """A that the first car draws; None: what it may."""
        self.offered: float | None = None
        """A that its charger says it offers."""
        self._second = 0

    async def measure(self) -> None:
        """Let both stations send a sample."""
        drawn = allowed(self.left) if self.drawn is None else self.drawn
        offered = [] if self.offered is None else [sample("Current.Offered", self.offered)]
        await self.left.meter(*currents(drawn, drawn, drawn), *offered)
        await self.right.meter(*currents(0.0, allowed(self.right), 0.0))
        self._second = 0

    async def go_on(self, seconds: int = 1) -> None:
        """Let seconds pass; samples come when they are due."""
        for _ in range(seconds):
            await self._life.go_on()
            self._second += 1
            if self._second == EVERY:
                await self.measure()

    async def seconds_until(self, predicate: Callable[[], bool], within: int = 100) -> int:
        """Return how long it takes until something is so."""
        for passed in range(within):
            if predicate():
                return passed
            await self.go_on()
        raise AssertionError(f"not so within {within} seconds")


@pytest.fixture
def wrongs(
    hass: HomeAssistant, entry: MockConfigEntry, life: Life, caplog: pytest.LogCaptureFixture
) -> Wrongs:
    return Wrongs(hass, entry, life, caplog)


@pytest.fixture
def vendor() -> str:
    """Return the maker of the double charger."""
    return "Acme"


@pytest.fixture
async def garage(site: SiteCoordinator, dial: Dial, life: Life, vendor: str) -> Garage:
    """Return two cars that have shared the garage's 32 A for a while."""
    left = await arrive(dial, "LEFT-1", 1, 2, chargePointVendor=vendor)
    right = await arrive(dial, "RIGHT-1", 1)
    garage = Garage(life, left, right)
    await left.status("Charging")
    await right.status("Charging")
    await garage.seconds_until(lambda: (allowed(left), allowed(right)) == (16.0, 16.0))
    await garage.go_on(60)
    assert life.value("binary_sensor", f"{ONE}_compliance") == "off"
    return garage


@pytest.mark.parametrize(
    ("vendor", "text", "setting"),
    [
        ("Acme", "charger_overdraw", None),
        ("Growatt", "charger_overdraw_setting", "G_MaxCurrent"),
    ],
)
async def test_a_car_that_draws_too_much_is_counted_told_of_and_forgiven(
    garage: Garage, wrongs: Wrongs, life: Life, text: str, setting: str | None
) -> None:
    garage.drawn = 26.0
    await garage.measure()
    assert await garage.seconds_until(lambda: allowed(garage.right) == 6.0) <= 10
    assert life.value("sensor", f"{OTHER}_setpoint") == "6.0"

    await garage.seconds_until(lambda: wrongs.text(LEFT) == text, within=50)
    issue = wrongs.issue(LEFT)
    assert issue is not None
    assert issue.severity is ir.IssueSeverity.ERROR
    figures = {"name": "LEFT-1", "site": "Home", "connector": "1", "drawn": "26.0"}
    limit = life.state("binary_sensor", f"{ONE}_compliance").attributes["allowed"]
    figures |= {"allowed": f"{limit:.1f}"} | ({"setting": setting} if setting else {})
    assert issue.translation_placeholders == figures
    assert wrongs.cause(ONE) == "overdraw"
    assert wrongs.cause(f"{LEFT}:2") is None

    garage.drawn = None
    await garage.seconds_until(lambda: wrongs.issue(LEFT) is None, within=60)
    await garage.go_on()
    assert wrongs.cause(ONE) is None
    subject = "Connector 1 of charger LEFT-1"
    assert wrongs.log == [
        (logging.WARNING, f"{subject}: overdraw, 26.0 A drawn, {limit:.1f} A allowed"),
        (logging.INFO, f"{subject}: no longer so: overdraw"),
    ]
    await garage.seconds_until(lambda: allowed(garage.right) > 6.0)


async def test_a_charger_that_does_not_stop(garage: Garage, wrongs: Wrongs, life: Life) -> None:
    garage.drawn = 16.0
    await life.act("switch", "turn_off", f"{ONE}_charging_allowed")
    assert await garage.seconds_until(lambda: wrongs.text(LEFT) == "charger_stuck") <= 60
    assert allowed(garage.left) == 0
    assert allowed(garage.right) == 16.0
    garage.drawn = None
    await garage.seconds_until(lambda: wrongs.issue(LEFT) is None, within=60)


async def test_a_charger_that_refuses_lower_limits(
    garage: Garage, wrongs: Wrongs, life: Life
) -> None:
    garage.drawn = 16.0
    garage.left.script["SetChargingProfile"] = REJECTED
    await life.act("number", "set_value", f"{ONE}_limit", value=10)
    assert await garage.seconds_until(lambda: wrongs.text(LEFT) == "charger_refuses") <= 60
    issue = wrongs.issue(LEFT)
    assert issue is not None
    assert issue.translation_placeholders is not None
    assert issue.translation_placeholders["allowed"] == "10.0"
    assert life.value("sensor", f"{OTHER}_setpoint") == "16.0"
    garage.left.script["SetChargingProfile"] = ACCEPTED
    garage.drawn = None
    await garage.seconds_until(lambda: wrongs.issue(LEFT) is None, within=120)


async def test_another_system_that_raises_the_offer(garage: Garage, wrongs: Wrongs) -> None:
    for _ in range(3):
        assert wrongs.issue(LEFT) is None
        garage.offered = 16.0
        await garage.go_on(60)
        garage.offered = 32.0
        await garage.go_on(20)
    assert wrongs.text(LEFT) == "charger_overwritten"
    issue = wrongs.issue(LEFT)
    assert issue is not None
    assert issue.severity is ir.IssueSeverity.WARNING


async def test_current_on_phases_that_are_not_wired(garage: Garage, wrongs: Wrongs) -> None:
    for _ in range(2):
        await garage.right.meter(*currents(6.0, 6.0, 6.0))
        await garage.go_on(9)
    assert wrongs.text(RIGHT) == "charger_phases"
    await garage.go_on(60)
    assert wrongs.issue(RIGHT) is None


async def test_a_station_that_connects_again_and_again(
    garage: Garage, wrongs: Wrongs, dial: Dial, life: Life
) -> None:
    for _ in range(4):
        assert wrongs.issue(RIGHT) is None
        await life.go_on(10)
        await arrive(dial, "RIGHT-1", 1)
    await life.go_on(2)
    assert wrongs.text(RIGHT) == "charger_restarts"
    assert wrongs.cause(OTHER) == "restarts"
    assert wrongs.log == [(logging.WARNING, "Charger RIGHT-1: restarts")]
    life.pass_by(900)
    await life.go_on()
    assert wrongs.issue(RIGHT) is None


async def test_one_issue_names_the_worst(garage: Garage, wrongs: Wrongs, life: Life) -> None:
    garage.left.script["SetChargingProfile"] = REJECTED
    await life.act("number", "set_value", f"{ONE}_limit", value=10)
    await garage.seconds_until(lambda: wrongs.text(LEFT) == "charger_refuses")
    garage.drawn = 26.0
    await garage.seconds_until(lambda: wrongs.text(LEFT) == "charger_overdraw")
    assert wrongs.cause(ONE) == "overdraw"


async def test_diagnostics_list_what_is_wrong(
    hass: HomeAssistant, entry: MockConfigEntry, garage: Garage, wrongs: Wrongs
) -> None:
    garage.drawn = 26.0
    await garage.seconds_until(lambda: wrongs.issue(LEFT) is not None)
    diagnostics: dict[str, Any] = await async_get_config_entry_diagnostics(hass, entry)
    (incident,) = diagnostics["chargers"][LEFT]["incidents"]
    assert (incident["cause"], incident["connector"], incident["drawn"]) == ("overdraw", 1, 26.0)
    assert diagnostics["chargers"][RIGHT]["incidents"] == []


async def test_a_watch_that_begins_anew_forgets_and_finds_again(
    hass: HomeAssistant, entry: MockConfigEntry, garage: Garage, wrongs: Wrongs, dial: Dial
) -> None:
    garage.drawn = 26.0
    await garage.seconds_until(lambda: wrongs.issue(LEFT) is not None)
    assert await hass.config_entries.async_reload(entry.entry_id)
    garage.left = await arrive(dial, "LEFT-1")
    garage.right = await arrive(dial, "RIGHT-1")
    await garage.left.status("Charging")
    await garage.right.status("Charging")
    await garage.go_on()
    assert wrongs.issue(LEFT) is None
    assert await garage.seconds_until(lambda: wrongs.issue(LEFT) is not None) <= 60


async def test_a_charger_that_cannot_be_limited_is_told_of_once(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    wrongs: Wrongs,
    site: SiteCoordinator,
    dial: Dial,
    life: Life,
) -> None:
    left = await dial("LEFT-1")
    left.script["SetChargingProfile"] = REJECTED
    await left.boot()
    for connector in (1, 2):
        start = {"connectorId": connector, "idTag": "A", "meterStart": 0}
        await left.call("StartTransaction", start | {"timestamp": "2026-07-01T12:00:00Z"})
        await left.status("Charging", connector)
    await life.go_on(60)
    assert wrongs.cause(ONE) == "refuses"
    unlimited = ir.async_get(hass).async_get_issue(DOMAIN, f"unlimited_{entry.entry_id}_{LEFT}")
    assert unlimited is not None
    assert wrongs.issue(LEFT) is None


async def test_a_site_that_is_removed_leaves_no_issue(
    hass: HomeAssistant, entry: MockConfigEntry, garage: Garage, wrongs: Wrongs
) -> None:
    garage.drawn = 26.0
    await garage.seconds_until(lambda: wrongs.issue(LEFT) is not None)
    await hass.config_entries.async_remove(entry.entry_id)
    await hass.async_block_till_done()
    assert wrongs.issue(LEFT) is None


async def test_a_charger_that_is_removed_leaves_no_issue(
    hass: HomeAssistant, entry: MockConfigEntry, garage: Garage, wrongs: Wrongs, life: Life
) -> None:
    garage.drawn = 26.0
    await garage.seconds_until(lambda: wrongs.issue(LEFT) is not None)
    hass.config_entries.async_remove_subentry(entry, LEFT)
    await hass.async_block_till_done()
    await life.go_on(2)
    assert wrongs.issue(LEFT) is None
