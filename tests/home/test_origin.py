"""Where the energy of cars came from, what it cost and how much CO2 it made."""

from typing import Any

import pytest
from homeassistant.config_entries import ConfigSubentryData
from homeassistant.const import STATE_UNKNOWN
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.headroom.const import DOMAIN
from custom_components.headroom.report import async_report_of
from tests.chargers.ocpp.charge_point import ScriptedChargePoint
from tests.modbus.fakes import FakeServer

from .conftest import (
    LEFT,
    RIGHT,
    ROOF,
    RunMeter,
    change_part,
    remove_part,
    set_up,
    site_entry,
    small_site,
    solar_site,
)
from .life import Life
from .metered import Watch, show
from .test_charging import START, sample

ONE = f"{LEFT}:1"
SITE = "01SITE"
PRICES = {
    "price_entity": "sensor.price",
    "export_price_entity": "sensor.export_price",
    "carbon_entity": "sensor.carbon",
}


@pytest.fixture
async def server(run_meter: RunMeter) -> FakeServer:
    """Run a meter of the house, which draws 13.8 kW, 5.52 kW of it from the sun."""
    return await run_meter(20, 20, 20)


@pytest.fixture
def subentries(server: FakeServer, inverter: FakeServer) -> list[ConfigSubentryData]:
    return solar_site(server.port, inverter.port)


async def charge(
    charger: ScriptedChargePoint, transaction: int, energy: float, *, power: float = 6900
) -> None:
    """Let a car charge with some power in W, and have had some energy in Wh."""
    await charger.meter(
        sample("Power.Active.Import", power),
        sample("Energy.Active.Import.Register", 5000 + energy),
        transactionId=transaction,
    )


async def begin(charger: ScriptedChargePoint, *, power: float = 6900) -> int:
    """Begin a session and return its transaction."""
    started = await charger.call("StartTransaction", START)
    transaction: int = started["transactionId"]
    await charger.status("Charging")
    await charge(charger, transaction, 0, power=power)
    return transaction


def shown(life: Life, key: str, of: str = ONE) -> float:
    """Return what a sensor shows as a number."""
    return float(life.value("sensor", f"{of}_{key}"))


def there(hass: HomeAssistant, *unique_ids: str) -> list[bool]:
    """Return whether there are sensors with these unique ids."""
    registry = er.async_get(hass)
    return [registry.async_get_entity_id("sensor", DOMAIN, one) is not None for one in unique_ids]


def set_rates(hass: HomeAssistant, price: str) -> None:
    """Let sensors tell prices and a carbon intensity."""
    hass.states.async_set("sensor.price", price, {"unit_of_measurement": "ct/kWh"})
    hass.states.async_set("sensor.export_price", "0.1", {"unit_of_measurement": "EUR/kWh"})
    hass.states.async_set("sensor.carbon", "400", {"unit_of_measurement": "gCO2eq/kWh"})


async def test_a_session_is_split_by_what_flows_meanwhile(
    hass: HomeAssistant,
    watch: Watch,
    entry: MockConfigEntry,
    left: ScriptedChargePoint,
    life: Life,
) -> None:
    set_rates(hass, "30")
    hass.config_entries.async_update_entry(entry, options={**entry.options, **PRICES})
    await watch.until(lambda: life.value("sensor", f"{SITE}_house_power") != STATE_UNKNOWN)
    assert life.value("sensor", f"{ONE}_session_solar_share") == STATE_UNKNOWN
    transaction = await begin(left)
    await watch.go_on(3)
    await charge(left, transaction, 1000)
    await watch.go_on(2)
    for of, energy in ((ONE, "session_energy"), (ONE, "energy"), (SITE, "charging_energy")):
        assert shown(life, f"{energy}_solar", of) == pytest.approx(0.4)
        assert shown(life, f"{energy}_grid", of) == pytest.approx(0.6)
        attributes = life.state("sensor", f"{of}_{energy}_grid").attributes
        assert (attributes["assumed"], attributes["state_class"]) == (0, "total_increasing")
    for of, key in ((ONE, "session"), (ONE, "energy"), (SITE, "charging")):
        assert shown(life, f"{key}_cost", of) == pytest.approx(0.4 * 0.1 + 0.6 * 0.3)
        assert shown(life, f"{key}_carbon", of) == pytest.approx(0.6 * 0.4)
        cost = life.state("sensor", f"{of}_{key}_cost").attributes
        assert cost["unit_of_measurement"] == hass.config.currency
        assert cost.get("state_class") == (None if key == "session" else "total")
    assert shown(life, "session_solar_share") == pytest.approx(40)

    report = await async_report_of(entry.runtime_data, entry.subentries[LEFT])
    assert report["connectors"]["1"]["last_session"] == {
        "solar": 0.4,
        "battery": 0.0,
        "grid": 0.6,
        "assumed": 0.0,
        "cost": 0.22,
        "carbon": 0.24,
    }


async def test_a_session_ends_with_what_its_charger_says_in_the_end(
    hass: HomeAssistant,
    watch: Watch,
    entry: MockConfigEntry,
    left: ScriptedChargePoint,
    life: Life,
) -> None:
    set_rates(hass, "30")
    hass.config_entries.async_update_entry(entry, options={**entry.options, **PRICES})
    await watch.until(lambda: life.value("sensor", f"{SITE}_house_power") != STATE_UNKNOWN)
    transaction = await begin(left)
    await watch.go_on(3)
    await charge(left, transaction, 1000)
    await watch.go_on(2)
    stop = {"transactionId": transaction, "meterStop": 6250, "timestamp": life.now}
    await left.call("StopTransaction", stop)
    await watch.go_on(2)
    parts = [shown(life, f"session_energy_{source}") for source in ("solar", "grid")]
    assert parts == pytest.approx([0.5, 0.75])
    assert shown(life, "session_cost") == pytest.approx(0.5 * 0.1 + 0.75 * 0.3)
    assert shown(life, "session_carbon") == pytest.approx(0.75 * 0.4)
    report = await async_report_of(entry.runtime_data, entry.subentries[LEFT])
    assert [session["energy"] for session in report["sessions"]] == [1.25]


async def test_surplus_goes_to_the_car_that_follows_the_sun(
    watch: Watch,
    left: ScriptedChargePoint,
    right: ScriptedChargePoint,
    server: FakeServer,
    inverter: FakeServer,
    life: Life,
) -> None:
    await life.act("select", "select_option", f"{ONE}_sun_mode", option="sun_only")
    await show(server, 14_000 / 690)
    await show(inverter, -5000 / 690)
    await watch.go_on(2)
    sunny, fast = await begin(left, power=2000), await begin(right, power=10_000)
    await watch.go_on(3)
    await charge(left, sunny, 1000, power=2000)
    await charge(right, fast, 1000, power=10_000)
    await watch.go_on(2)
    assert shown(life, "session_solar_share") == pytest.approx(100)
    assert shown(life, "session_solar_share", f"{RIGHT}:1") == pytest.approx(25, abs=0.5)


async def test_what_is_not_known_counts_as_grid_and_is_told(
    hass: HomeAssistant,
    watch: Watch,
    entry: MockConfigEntry,
    left: ScriptedChargePoint,
    inverter: FakeServer,
    life: Life,
) -> None:
    set_rates(hass, "unavailable")
    hass.config_entries.async_update_entry(entry, options={**entry.options, **PRICES})
    await inverter.stop()
    await watch.until(lambda: life.value("sensor", f"{SITE}_solar_power") == STATE_UNKNOWN)
    transaction = await begin(left)
    await watch.go_on(3)
    await charge(left, transaction, 1000)
    await watch.go_on(2)
    assert shown(life, "session_energy_solar") == 0
    grid = life.state("sensor", f"{ONE}_session_energy_grid")
    assert (float(grid.state), grid.attributes["assumed"]) == (1, 1)
    cost = life.state("sensor", f"{ONE}_session_cost")
    assert (float(cost.state), cost.attributes["without_price"]) == (0, 1)


async def test_sensors_come_with_what_they_need(
    hass: HomeAssistant, watch: Watch, entry: MockConfigEntry, left: ScriptedChargePoint
) -> None:
    sun, battery, grid, cost = (
        tuple(f"{of}_energy_{source}" for of in (ONE, f"{RIGHT}:1", f"{SITE}_charging"))
        for source in ("solar", "battery", "grid", "cost")
    )
    assert there(hass, *sun, *grid) == [True] * 6
    assert there(hass, *battery, f"{ONE}_session_cost", *cost[:2]) == [False] * 6
    await change_part(hass, entry, ROOF, role="battery")
    assert there(hass, *battery) == [True] * 3
    hass.config_entries.async_update_entry(entry, options={"price_entity": "sensor.price"})
    await hass.async_block_till_done()
    assert there(hass, *cost[:2], f"{ONE}_session_cost", f"{SITE}_charging_cost") == [True] * 4


async def test_without_sun_and_battery_all_is_grid(
    hass: HomeAssistant,
    watch: Watch,
    entry: MockConfigEntry,
    left: ScriptedChargePoint,
    life: Life,
) -> None:
    await remove_part(hass, entry, ROOF)
    transaction = await begin(left)
    await watch.go_on(2)
    await charge(left, transaction, 500)
    await watch.go_on(2)
    grid = life.state("sensor", f"{ONE}_session_energy_grid")
    assert (float(grid.state), grid.attributes["assumed"]) == (0.5, 0)


async def test_what_was_counted_outlives_restarts_silence_and_chargers(
    hass: HomeAssistant,
    watch: Watch,
    entry: MockConfigEntry,
    left: ScriptedChargePoint,
    life: Life,
) -> None:
    transaction = await begin(left)
    await watch.go_on(2)
    await charge(left, transaction, 1000)
    await watch.go_on(2)
    await hass.config_entries.async_reload(entry.entry_id)
    await left.until_closed()
    await life.go_on()
    assert shown(life, "session_energy_solar") == pytest.approx(0.4)
    assert shown(life, "energy_solar") == pytest.approx(0.4)

    await remove_part(hass, entry, LEFT)
    await life.go_on()
    assert shown(life, "charging_energy_solar", SITE) == pytest.approx(0.4)


async def test_a_store_of_an_older_release_begins_at_nothing(
    hass: HomeAssistant, hass_storage: dict[str, Any], port: int
) -> None:
    hass_storage["headroom.01SITE"] = {"version": 1, "data": {"controller": {}}}
    site = await set_up(hass, site_entry(small_site(), port))
    assert site.origin.ledger.total.energy == 0
    await hass.config_entries.async_unload(site.config_entry.entry_id)


async def test_what_is_counted_is_written_from_time_to_time(
    watch: Watch, left: ScriptedChargePoint, hass_storage: dict[str, Any], life: Life
) -> None:
    transaction = await begin(left)
    await watch.go_on(40)
    await charge(left, transaction, 1000)
    await watch.go_on(40)

    def stored() -> float:
        content = hass_storage["headroom.01SITE"]["data"]["origin"]["connectors"][ONE]
        count: float = content["count"]
        return count

    assert stored() == 1000
    await charge(left, transaction, 1100)
    await watch.go_on(40)
    assert stored() == 1000, "it is due again in some minutes"
    stop = {"transactionId": transaction, "meterStop": 6200, "timestamp": life.now}
    await left.call("StopTransaction", stop)
    await watch.go_on(40)
    assert stored() == 1200, "nobody would count the end once more"
