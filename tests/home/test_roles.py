"""What meters with roles show, and what chargers get by them."""

import pytest
from homeassistant.config_entries import ConfigSubentryData
from homeassistant.const import STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.headroom.coordinator import SiteCoordinator
from tests.chargers.ocpp.charge_point import ScriptedChargePoint
from tests.config_flow.site import part
from tests.modbus.fakes import FakeServer

from .conftest import (
    BUILDING,
    LEFT,
    METER,
    ROOF,
    RunMeter,
    add_part,
    change_part,
    meter,
    solar_site,
)
from .life import Life
from .metered import Watch, show

ONE = f"{LEFT}:1"
SITE = "01SITE"


@pytest.fixture
async def server(run_meter: RunMeter) -> FakeServer:
    """Run a meter of the house that shows 20 A."""
    return await run_meter(20, 20, 20)


@pytest.fixture
def subentries(server: FakeServer, inverter: FakeServer) -> list[ConfigSubentryData]:
    return solar_site(server.port, inverter.port)


async def test_what_flows_at_the_grid_comes_from_house_and_inverter(
    watch: Watch, life: Life, inverter: FakeServer
) -> None:
    await watch.until(lambda: life.value("sensor", f"{BUILDING}_budget_l1") == "28.0")
    assert life.value("sensor", f"{METER}_current_l1") == "20.0"
    await watch.until(lambda: life.value("sensor", f"{SITE}_grid_power") != STATE_UNKNOWN)
    assert float(life.value("sensor", f"{SITE}_grid_power")) == pytest.approx(13_800 - 5520)
    assert float(life.value("sensor", f"{SITE}_solar_power")) == pytest.approx(5520)
    assert float(life.value("sensor", f"{SITE}_house_power")) == pytest.approx(13_800)

    await inverter.stop()
    await watch.until(lambda: life.value("sensor", f"{BUILDING}_budget_l1") == "20.0")
    assert life.value("binary_sensor", f"{BUILDING}_degraded") == "off"
    assert life.value("sensor", f"{SITE}_solar_power") == STATE_UNKNOWN


async def test_sensors_come_with_the_first_meter_of_a_role(
    hass: HomeAssistant,
    watch: Watch,
    entry: MockConfigEntry,
    life: Life,
) -> None:
    hass.states.async_set("sensor.soc", "60")
    await change_part(hass, entry, ROOF, role="battery", charge_entity="sensor.soc")
    battery = f"{SITE}_battery_power"
    await watch.until(lambda: life.value("sensor", battery).startswith("-5"))
    assert float(life.value("sensor", battery)) == pytest.approx(-5520)
    assert life.value("sensor", f"{SITE}_solar_power") == STATE_UNAVAILABLE
    assert life.value("sensor", f"{SITE}_battery_charge") == "60.0"

    hass.states.async_set("sensor.soc", "full")
    await watch.until(lambda: life.value("sensor", f"{SITE}_battery_charge") == STATE_UNKNOWN)


async def test_an_outlet_is_available_consuming_or_disconnected(
    hass: HomeAssistant,
    watch: Watch,
    entry: MockConfigEntry,
    life: Life,
    inverter: FakeServer,
) -> None:
    await change_part(hass, entry, ROOF, role="outlet")
    await watch.until(lambda: life.value("sensor", f"{ROOF}_outlet_status") == "consuming")
    await show(inverter, 0.05)
    await watch.until(lambda: life.value("sensor", f"{ROOF}_outlet_status") == "available")
    await inverter.stop()
    await watch.until(lambda: life.value("sensor", f"{ROOF}_outlet_status") == "disconnected")
    await change_part(hass, entry, ROOF, role="solar")
    assert life.value("sensor", f"{ROOF}_outlet_status") == STATE_UNAVAILABLE


async def test_a_meter_shows_what_a_silent_charger_draws(
    hass: HomeAssistant,
    watch: Watch,
    entry: MockConfigEntry,
    left: ScriptedChargePoint,
    inverter: FakeServer,
    life: Life,
) -> None:
    await show(inverter, 8)
    await change_part(hass, entry, ROOF, role="charger", connector=ONE)
    await left.status("Charging")
    await watch.until(lambda: life.value("sensor", f"{BUILDING}_drawn_l1") == "8.0")


async def test_a_second_supply_is_left_out(
    hass: HomeAssistant, site: SiteCoordinator, entry: MockConfigEntry, server: FakeServer
) -> None:
    second = part("01SECOND", "meter", "Second", "meter_second", meter(server.port)["data"])
    await add_part(hass, entry, second)
    assert [(fault.subentry_id, fault.key) for fault in site.data.faults] == [
        ("01SECOND", "second_meter")
    ]
