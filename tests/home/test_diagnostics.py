"""What a person sends along with a report: all that helps, nothing that identifies."""

import json
from typing import Any

import pytest
from homeassistant.components.diagnostics import REDACTED
from homeassistant.config_entries import ConfigSubentryData
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.components.diagnostics import (
    get_diagnostics_for_config_entry,
)
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.headroom.const import DOMAIN
from custom_components.headroom.coordinator import SiteCoordinator
from tests.chargers.ocpp.charge_point import REJECTED, ScriptedChargePoint
from tests.config_flow.site import zone

from .conftest import BUILDING, GARAGE, LEFT, METER, RIGHT, meter, small_site
from .life import Life
from .targets import device_of

ONE = f"{LEFT}:1"
PASSWORD = "Sesame-open"
SECRETS = [
    "LEFT-1",
    "RIGHT-1",
    "SN-4711",
    "CAFE1234",
    "127.0.0.1",
    "Home",
    "Building",
    "iEM3155",
    PASSWORD,
]


@pytest.fixture
def subentries(socket_enabled: None, unused_tcp_port_factory: Any) -> list[ConfigSubentryData]:
    """Return a site with a silent meter and a zone without one."""
    _, garage, left, right = small_site()
    right["data"] = {**right["data"], "password": PASSWORD}
    building = zone(BUILDING, "Building", limit=63.0)
    garage["data"] = dict(garage["data"]) | {"supply": "dynamic", "degraded": 32.0}
    return [building, garage, left, right, meter(unused_tcp_port_factory())]


@pytest.fixture
async def diagnostics(
    hass: HomeAssistant,
    site: SiteCoordinator,
    entry: MockConfigEntry,
    left: ScriptedChargePoint,
    life: Life,
    hass_client: ClientSessionGenerator,
) -> dict[str, Any]:
    left.script["ChangeConfiguration"] = REJECTED
    await left.boot(chargePointSerialNumber="SN-4711")
    await left.call(
        "StartTransaction",
        {
            "connectorId": 1,
            "idTag": "CAFE1234",
            "meterStart": 0,
            "timestamp": "2020-01-01T00:00:00Z",
        },
    )
    await left.status("Charging")
    await life.act("switch", "turn_off", f"{LEFT}:2_charging_allowed")
    await life.until(lambda: left.leases[-1] > 0)
    offer = {
        "device_id": device_of(hass, LEFT),
        "url": f"ftp://anna:{PASSWORD}@files.local/one.bin",
        "install": False,
    }
    await hass.services.async_call(DOMAIN, "update_firmware", offer, blocking=True)
    assert await async_setup_component(hass, "diagnostics", {})
    got: dict[str, Any] = await get_diagnostics_for_config_entry(hass, hass_client, entry)
    return got


def test_all_that_helps_is_in_it(diagnostics: dict[str, Any]) -> None:
    assert diagnostics["subentries"][GARAGE]["type"] == "zone"
    assert diagnostics["subentries"][LEFT]["data"]["connectors"][0]["wiring"] == "tri123"
    assert diagnostics["faults"] == ["no_meter"]
    assert diagnostics["wishes"]["paused"] == [f"{LEFT}:2"]
    setpoint = diagnostics["decision"]["setpoints"][ONE]
    assert setpoint["current"] == 6, "below a meter, it begins with the floor"
    assert {reason["code"] for reason in setpoint["reasons"]} >= {"connector_max"}
    assert diagnostics["decision"]["zones"][GARAGE]["degraded"] is True
    load = diagnostics["load_tables"][GARAGE]["all"]["L1"]
    assert (load["state"], load["occupied"], load["charging"]) == ("available", 1, 1)
    assert diagnostics["options"] == {"untested": "fallback"}
    assert diagnostics["meters"][METER]["data"] is None
    assert diagnostics["meters"][METER]["fault"] in {None, "ServerUnreachable"}


def test_chargers_are_described(diagnostics: dict[str, Any]) -> None:
    charger = diagnostics["chargers"][LEFT]
    assert charger["online"] is True
    assert charger["info"]["model"] == "One"
    assert charger["firmware"]["version"] == "one"
    assert {notice["kind"] for notice in charger["upkeep"]["notices"]} == {"boot"}
    assert charger["journal"][0]["kind"] == "contact"
    assert diagnostics["logs"] == {LEFT: [], RIGHT: []}
    connector = charger["connectors"]["1"]
    assert connector["data"]["status"] == "charging"
    assert connector["reading"]["confirmed"] == 6
    assert connector["reading"]["lease_until"].startswith("20")


def test_nothing_that_identifies_is_in_it(diagnostics: dict[str, Any]) -> None:
    text = json.dumps(diagnostics)
    assert [secret for secret in SECRETS if secret in text] == []
    assert diagnostics["subentries"][LEFT]["data"]["station_id"] == REDACTED
    assert diagnostics["subentries"][RIGHT]["data"]["password"] == REDACTED
    assert diagnostics["chargers"][LEFT]["info"]["serial"] == REDACTED
    assert diagnostics["chargers"][LEFT]["connectors"]["1"]["data"]["session"] == REDACTED
