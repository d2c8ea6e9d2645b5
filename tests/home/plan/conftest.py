"""An evening with prices, and a car that charges."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import ConfigSubentryData
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)

from custom_components.headroom.coordinator import SiteCoordinator
from tests.chargers.ocpp.charge_point import ScriptedChargePoint
from tests.home.conftest import LEFT, change_part, site_entry
from tests.home.life import Life

ONE, TWO = f"{LEFT}:1", f"{LEFT}:2"
PRICE = "sensor.price"
LEVEL = "sensor.car_level"
EVENING = datetime.fromisoformat("2026-03-10T21:00:30+00:00")
MINUTE = 62
"""Seconds after which a change of a sensor has led to a new plan."""
NIGHT = (0.4, 0.3, 0.1, 0.1, 0.3, 0.3, 0.3, 0.3, 0.4, 0.4)
"""From nine o'clock on; eleven to one is cheap."""


def price_list(*prices: float) -> dict[str, Any]:
    """Return the attributes of a price sensor with an hour for each price."""
    begin = EVENING.replace(minute=0, second=0)
    rows = [
        {
            "start": (begin + timedelta(hours=hour)).isoformat(),
            "end": (begin + timedelta(hours=hour + 1)).isoformat(),
            "value": price,
        }
        for hour, price in enumerate(prices)
    ]
    return {"raw_today": rows, "raw_tomorrow": [], "unit_of_measurement": "EUR/kWh"}


@pytest.fixture
async def evening(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> None:
    """Begin at nine o'clock in the evening, in a home that pays in euros."""
    await hass.config.async_set_time_zone("UTC")
    freezer.move_to(EVENING)
    hass.states.async_set(PRICE, "0.4", price_list(*NIGHT))


@pytest.fixture
def entry(subentries: list[ConfigSubentryData], port: int) -> MockConfigEntry:
    """Return the entry of a site that knows prices."""
    options = {"untested": "fallback", "price_entity": PRICE}
    return site_entry(subentries, port, options=options)


@pytest.fixture
async def charging(
    site: SiteCoordinator, left: ScriptedChargePoint, life: Life
) -> ScriptedChargePoint:
    """Let a car charge with all that there is."""
    await left.status("Charging")
    await life.until(lambda: left.lease(1) == 32)
    return left


async def planned(hass: HomeAssistant, life: Life, within: int = 2) -> None:
    """Wait for the plan that is made after a change of a goal, a car or an option."""
    await life.go_on(within)
    await hass.async_block_till_done(wait_background_tasks=True)
    await life.settle()


async def want(hass: HomeAssistant, life: Life, kwh: float, connector: str = ONE) -> None:
    """Set a goal for every day, as a person does."""
    await life.act("number", "set_value", f"{connector}_target_energy", value=kwh)
    await life.act("switch", "turn_on", f"{connector}_plan_charging")
    await planned(hass, life)


async def come_to(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    charger: ScriptedChargePoint,
    life: Life,
    clock: str,
) -> None:
    """Let the time be a full quarter of an hour, and the site go on from there."""
    moment = datetime.fromisoformat(f"2026-03-{clock}+00:00")
    freezer.move_to(moment)
    await charger.call("Heartbeat")
    async_fire_time_changed(hass, moment)
    await hass.async_block_till_done(wait_background_tasks=True)
    await life.go_on(2)


async def show_level(hass: HomeAssistant, entry: MockConfigEntry, level: str) -> None:
    """Let the form of the first connector name a sensor of a car's battery of 60 kWh."""
    sensor = er.async_get(hass).async_get_or_create(
        "sensor", "acme", "level", suggested_object_id="car_level"
    )
    hass.states.async_set(LEVEL, level)
    connectors = [dict(one) for one in entry.subentries[LEFT].data["connectors"]]
    connectors[0] |= {"car_charge_entity": sensor.id, "car_capacity": 60}
    await change_part(hass, entry, LEFT, connectors=connectors)


async def want_level(hass: HomeAssistant, life: Life, percent: float) -> None:
    """Set a goal for every day in percent of a battery."""
    await life.act("number", "set_value", f"{ONE}_target_charge", value=percent)
    await life.act("switch", "turn_on", f"{ONE}_plan_charging")
    await planned(hass, life)
