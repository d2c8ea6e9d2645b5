"""The blueprint that lets cars charge in cheap hours, in a real Home Assistant."""

from pathlib import Path
from typing import Any

import pytest
from homeassistant.core import CoreState, HomeAssistant
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.headroom.coordinator import SiteCoordinator
from tests.chargers.ocpp.charge_point import ScriptedChargePoint

from .blueprints import start, use_blueprint
from .conftest import LEFT
from .life import Life

ALLOWED = f"{LEFT}:1_charging_allowed"
PRICE = "sensor.price"
HOURS = [float(20 + hour % 12) for hour in range(24)]
"""The lowest ones are 20 at midnight and noon, and 21 an hour later."""
QUARTERS = [{"start": "x", "value": price} for price in HOURS for _ in range(4)]


@pytest.fixture
async def rule(hass: HomeAssistant, site: SiteCoordinator, life: Life, tmp_path: Path) -> Any:
    """Return a way to make the automation; the price is not known at first."""

    async def rule(**inputs: Any) -> None:
        given = {"price": PRICE, "switches": [life.entity("switch", ALLOWED)]} | inputs
        await use_blueprint(hass, tmp_path, "charge_in_cheap_hours", given)

    return rule


async def show(hass: HomeAssistant, price: str, **attributes: Any) -> None:
    """Let the sensor show a price, and lists of prices in attributes."""
    hass.states.async_set(PRICE, price, attributes)
    await hass.async_block_till_done()


async def test_below_a_price_a_car_charges(
    hass: HomeAssistant, rule: Any, left: ScriptedChargePoint, life: Life
) -> None:
    await rule(limit=25)
    await left.status("Charging")
    await life.until(lambda: left.leases[-1] == 32)
    await show(hass, "25.1")
    assert life.value("switch", ALLOWED) == "off"
    await life.until(lambda: left.leases[-1] == 0)
    await show(hass, "25.0")
    assert life.value("switch", ALLOWED) == "on"
    await life.until(lambda: left.leases[-1] == 32)


@pytest.mark.parametrize("unknown", ["unavailable", "unknown", "soon"])
async def test_nothing_is_switched_while_the_price_is_not_known(
    hass: HomeAssistant, rule: Any, life: Life, unknown: str
) -> None:
    await rule(limit=25)
    await show(hass, "30")
    await show(hass, unknown)
    assert life.value("switch", ALLOWED) == "off"


@pytest.mark.parametrize(
    ("listed", "hours"),
    [
        ({"raw_today": QUARTERS}, 2),
        ({"raw_today": HOURS}, 2),
        ({"raw_today": [{"from": "x", "value_inc_vat": price} for price in HOURS]}, 2),
    ],
)
async def test_the_cheapest_hours_are_found_in_a_list(
    hass: HomeAssistant, rule: Any, life: Life, listed: dict[str, Any], hours: int
) -> None:
    await rule(rule="cheapest", hours=hours)
    await show(hass, "21", **listed)
    assert life.value("switch", ALLOWED) == "off"
    await show(hass, "20", **listed)
    assert life.value("switch", ALLOWED) == "on"


async def test_the_attribute_may_have_another_name(
    hass: HomeAssistant, rule: Any, life: Life
) -> None:
    await rule(rule="cheapest", hours=4, attribute="prices_today")
    await show(hass, "22", raw_today=HOURS)
    assert life.value("switch", ALLOWED) == "on"
    await show(hass, "22", prices_today=[{"time": "x", "price": price} for price in HOURS])
    assert life.value("switch", ALLOWED) == "off"
    await show(hass, "21", prices_today=[{"time": "x", "price": price} for price in HOURS])
    assert life.value("switch", ALLOWED) == "on"


async def test_the_price_is_looked_at_when_home_assistant_has_started(
    hass: HomeAssistant, rule: Any, life: Life
) -> None:
    hass.states.async_set(PRICE, "30")
    hass.set_state(CoreState.starting)
    await rule(limit=25)
    assert life.value("switch", ALLOWED) == "on"
    await start(hass)
    assert life.value("switch", ALLOWED) == "off"


async def test_a_price_that_changes_while_headroom_is_away_counts_when_it_is_back(
    hass: HomeAssistant, rule: Any, life: Life, entry: MockConfigEntry
) -> None:
    await show(hass, "20")
    await rule(limit=25)
    await hass.config_entries.async_unload(entry.entry_id)
    await show(hass, "30")
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    assert life.value("switch", ALLOWED) == "off"
