"""A car charges: what the charger says becomes what people see."""

from collections import Counter
from typing import Any

import pytest
from homeassistant.const import EVENT_STATE_CHANGED, STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import Event, EventStateChangedData, HomeAssistant, callback
from homeassistant.helpers import device_registry as dr

from custom_components.headroom.const import DOMAIN
from custom_components.headroom.coordinator import SiteCoordinator
from tests.chargers.ocpp.charge_point import ScriptedChargePoint

from .conftest import BUILDING, GARAGE, LEFT, RIGHT
from .life import Life

ONE = f"{LEFT}:1"
TWO = f"{LEFT}:2"
START = {
    "connectorId": 1,
    "idTag": "CAFE",
    "meterStart": 5000,
    "timestamp": "2020-01-01T00:00:00Z",
}


def sample(measurand: str, value: float, phase: str | None = None) -> dict[str, Any]:
    """Return one value as a charger sends it."""
    return {"measurand": measurand, "value": str(value)} | ({"phase": phase} if phase else {})


def currents(*amperes: float) -> list[dict[str, Any]]:
    return [
        sample("Current.Import", value, f"L{phase}") for phase, value in enumerate(amperes, start=1)
    ]


async def test_a_car_comes_charges_and_goes(
    site: SiteCoordinator, left: ScriptedChargePoint, life: Life
) -> None:
    await life.go_on()
    assert life.value("sensor", f"{ONE}_status") == "available"
    assert life.value("sensor", f"{ONE}_setpoint") == "0.0"
    assert life.value("sensor", f"{ONE}_setpoint_reason") == "no_car"
    assert life.value("sensor", f"{ONE}_session_energy") == STATE_UNKNOWN

    await left.status("Preparing")
    await life.go_on()
    assert life.value("sensor", f"{ONE}_status") == "preparing"
    assert life.value("sensor", f"{ONE}_setpoint") == "6.0"
    assert life.value("sensor", f"{ONE}_setpoint_reason") == "car_not_ready"

    await left.status("Charging")
    await life.until(lambda: left.leases[-1] == 32)
    assert life.value("sensor", f"{ONE}_setpoint") == "32.0"
    assert life.value("sensor", f"{ONE}_setpoint_reason") == "connector_max"
    assert life.value("sensor", "01SITE_charging_cars") == "1"

    await left.status("Available")
    await life.go_on()
    assert life.value("sensor", f"{ONE}_setpoint") == "0.0"
    assert left.leases[-1] == 0


async def test_what_flows_and_has_flowed_is_shown(
    site: SiteCoordinator, left: ScriptedChargePoint, life: Life
) -> None:
    started = await left.call("StartTransaction", START)
    await left.status("Charging")
    await left.meter(
        *currents(31.5, 31.25, 30.0),
        sample("Power.Active.Import", 21_300),
        sample("Energy.Active.Import.Register", 5345),
        transactionId=started["transactionId"],
    )
    await life.go_on()
    shown = {
        key: life.value("sensor", f"{ONE}_{key}")
        for key in ("current_l1", "current_l2", "current_l3", "power", "energy", "session_energy")
    }
    assert shown == {
        "current_l1": "31.5",
        "current_l2": "31.25",
        "current_l3": "30.0",
        "power": "21300.0",
        "energy": "5.345",
        "session_energy": "0.345",
    }
    assert life.value("sensor", f"{GARAGE}_drawn_l1") == "31.5"
    assert life.value("sensor", "01SITE_charging_power") == "21300.0"

    stop = {"transactionId": started["transactionId"], "meterStop": 7400}
    await left.call("StopTransaction", stop | {"timestamp": "2020-01-01T01:00:00Z"})
    await left.status("Available")
    await life.go_on()
    assert life.value("sensor", f"{ONE}_session_energy") == STATE_UNKNOWN
    assert life.value("sensor", f"{ONE}_power") == "0.0"


async def test_energy_is_ready_for_the_energy_dashboard(
    site: SiteCoordinator, left: ScriptedChargePoint, life: Life
) -> None:
    await left.meter(sample("Energy.Active.Import.Register", 7345))
    await life.go_on()
    energy = life.state("sensor", f"{ONE}_energy")
    assert energy.attributes["device_class"] == "energy"
    assert energy.attributes["state_class"] == "total_increasing"
    assert energy.attributes["unit_of_measurement"] == "kWh"


async def test_a_charger_tells_what_it_is(
    hass: HomeAssistant, site: SiteCoordinator, left: ScriptedChargePoint, life: Life
) -> None:
    await left.boot(firmwareVersion="1.2", chargePointSerialNumber="SN-4711")
    await life.go_on()
    device = dr.async_get(hass).async_get_device_by_identifier((DOMAIN, LEFT), "01SITE")
    assert device is not None
    assert (device.manufacturer, device.model) == ("Acme", "One")
    assert (device.sw_version, device.serial_number) == ("1.2", "SN-4711")

    await hass.config_entries.async_reload("01SITE")
    device = dr.async_get(hass).async_get_device_by_identifier((DOMAIN, LEFT), "01SITE")
    assert device is not None
    assert device.serial_number == "SN-4711", "what is known is kept until something else is said"


async def test_two_cars_share_and_people_see_why(
    site: SiteCoordinator, left: ScriptedChargePoint, life: Life
) -> None:
    for connector in (1, 2):
        await left.status("Charging", connector)
    await life.until(lambda: life.value("sensor", f"{TWO}_setpoint") == "16.0")
    await life.until(lambda: life.value("sensor", f"{ONE}_setpoint_reason") == "zone_limit")
    assert life.value("sensor", f"{ONE}_setpoint") == "16.0"
    why = life.state("sensor", f"{ONE}_setpoint_reason").attributes["reasons"]
    assert why[0] == {"code": "zone_limit", "current": 16.0, "zone": "Garage", "phase": "L1"}
    assert why[1] == {"code": "nominal", "current": 32.0, "zone": "Garage", "phase": "L1"}
    assert why[-1] == {"code": "connector_max", "current": 32.0}
    assert life.value("sensor", f"{GARAGE}_headroom_l1") == "0.0"
    assert life.value("sensor", f"{GARAGE}_budget_reason") == "nominal"


async def test_a_charger_out_of_service_is_not_an_unavailable_entity(
    site: SiteCoordinator, left: ScriptedChargePoint, life: Life
) -> None:
    await left.status("Unavailable")
    await life.go_on()
    assert life.value("sensor", f"{ONE}_status") == "out_of_service"
    reason = life.state("sensor", f"{ONE}_setpoint_reason")
    assert reason.state == "out_of_service"
    assert reason.attributes["reasons"][0]["code"] == "out_of_service"


async def test_an_unknown_status_is_unknown(
    site: SiteCoordinator, left: ScriptedChargePoint, life: Life
) -> None:
    await left.status("Dancing")
    await life.go_on()
    assert life.value("sensor", f"{ONE}_status") == STATE_UNKNOWN


async def test_contact_is_lost_and_comes_back(
    site: SiteCoordinator, left: ScriptedChargePoint, life: Life, dial: Any
) -> None:
    await left.status("Charging")
    await life.go_on()
    assert life.value("binary_sensor", f"{LEFT}_contact") == "on"
    assert life.value("sensor", "01SITE_lost_chargers") == "1"

    await left.close()
    await life.until(lambda: life.value("binary_sensor", f"{LEFT}_contact") == "off")
    assert life.value("sensor", f"{ONE}_status") == STATE_UNAVAILABLE
    assert life.value("button", f"{LEFT}_reset") == STATE_UNAVAILABLE
    assert life.value("sensor", f"{ONE}_setpoint_reason") == "offline"
    assert life.value("number", f"{ONE}_limit") == "32.0"
    assert life.value("switch", f"{ONE}_charging_allowed") == "on"
    assert life.value("sensor", "01SITE_lost_chargers") == "2"

    await dial("LEFT-1")
    await life.until(lambda: life.value("binary_sensor", f"{LEFT}_contact") == "on")
    assert life.value("sensor", f"{ONE}_status") == "charging"


@pytest.fixture
def written(hass: HomeAssistant) -> Counter[str]:
    """Count the states that are written."""
    counter = Counter[str]()

    @callback
    def count(event: Event[EventStateChangedData]) -> None:
        counter[event.data["entity_id"]] += 1

    hass.bus.async_listen(EVENT_STATE_CHANGED, count)
    return counter


async def test_nothing_is_written_while_nothing_changes(
    hass: HomeAssistant,
    site: SiteCoordinator,
    left: ScriptedChargePoint,
    life: Life,
    written: Counter[str],
) -> None:
    await left.status("Charging")
    await left.meter(*currents(20, 20, 20), sample("Power.Active.Import", 13_800))
    await life.until(lambda: life.value("sensor", f"{ONE}_current_l3") == "20.0")
    written.clear()
    reported = {state.entity_id: state.last_reported for state in hass.states.async_all()}

    await left.meter(*currents(20.01, 20.02, 20.03), sample("Power.Active.Import", 13_800.2))
    await life.go_on(5)

    assert not written
    assert reported == {state.entity_id: state.last_reported for state in hass.states.async_all()}


async def test_only_what_changes_is_written(
    site: SiteCoordinator, left: ScriptedChargePoint, life: Life, written: Counter[str]
) -> None:
    await left.status("Charging")
    await left.meter(*currents(20, 20, 20))
    await life.until(lambda: life.value("sensor", f"{ONE}_current_l3") == "20.0")
    written.clear()

    await left.meter(*currents(20, 20, 21))
    await life.go_on(5)

    assert written == {
        life.entity("sensor", f"{ONE}_current_l3"): 1,
        life.entity("sensor", f"{GARAGE}_drawn_l3"): 1,
        life.entity("sensor", f"{BUILDING}_drawn_l3"): 1,
    }
    assert RIGHT not in str(written)
