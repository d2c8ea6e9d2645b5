"""Parts that do not fit: they get no current and a repair issue, the others go on."""

import pytest
from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.issue_registry import IssueSeverity
from homeassistant.helpers.translation import async_get_translations
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.headroom.const import DOMAIN
from custom_components.headroom.coordinator import SiteCoordinator
from tests.chargers.ocpp.charge_point import ScriptedChargePoint
from tests.config_flow.site import charger, part, zone

from .conftest import (
    BUILDING,
    GARAGE,
    LEFT,
    METER,
    RIGHT,
    Dial,
    add_part,
    arrive,
    change_part,
    meter,
    remove_part,
    set_up,
    site_entry,
    small_site,
)
from .life import Life

TWIN = "01TWIN"


async def issues(hass: HomeAssistant) -> dict[str, str]:
    """Return the title of each repair issue by the id of its subentry."""
    texts = await async_get_translations(hass, "en", "issues", {DOMAIN})
    shown = {}
    for (domain, issue_id), issue in ir.async_get(hass).issues.items():
        assert domain == DOMAIN
        prefix = f"component.{DOMAIN}.issues.{issue.translation_key}"
        placeholders = issue.translation_placeholders or {}
        assert texts[f"{prefix}.description"].format(**placeholders)
        shown[issue_id.rpartition("_")[2]] = texts[f"{prefix}.title"].format(**placeholders)
    return shown


def device(hass: HomeAssistant, identifier: str) -> dr.DeviceEntry:
    found = dr.async_get(hass).async_get_device_by_identifier((DOMAIN, identifier), "01SITE")
    assert found is not None
    return found


async def test_chargers_whose_zone_is_deleted_pause(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    life: Life,
    site: SiteCoordinator,
    left: ScriptedChargePoint,
    caplog: pytest.LogCaptureFixture,
) -> None:
    await left.status("Charging")
    await life.act("switch", "turn_off", f"{LEFT}:2_charging_allowed")
    await life.until(lambda: left.leases[-1] == 32)

    await remove_part(hass, entry, GARAGE)
    await life.settle()
    assert left.leases[-1] == 0
    assert await issues(hass) == {
        LEFT: "Charger LEFT-1 has no place in Home",
        RIGHT: "Charger RIGHT-1 has no place in Home",
    }
    assert life.value("number", f"{LEFT}:1_limit") == STATE_UNAVAILABLE
    assert life.value("switch", f"{LEFT}:1_charging_allowed") == STATE_UNAVAILABLE
    assert life.value("sensor", f"{LEFT}:1_setpoint_reason") == STATE_UNAVAILABLE
    assert life.value("sensor", f"{LEFT}:1_status") == "charging"
    assert device(hass, LEFT).via_device_id == device(hass, "01SITE").id

    await change_part(hass, entry, LEFT, zone=BUILDING)
    assert await issues(hass) == {RIGHT: "Charger RIGHT-1 has no place in Home"}
    await life.until(lambda: left.leases[-1] == 32)
    assert life.value("switch", f"{LEFT}:2_charging_allowed") == "off", "what people set is kept"
    await change_part(hass, entry, RIGHT, zone=BUILDING)
    assert await issues(hass) == {}
    assert "ERROR" not in caplog.text


@pytest.mark.parametrize("port", [0])
async def test_a_site_starts_with_parts_that_do_not_fit(
    hass: HomeAssistant, socket_enabled: None, life: Life, caplog: pytest.LogCaptureFixture
) -> None:
    entry = site_entry(
        [
            zone(GARAGE, "Garage", parent="01GONE"),
            meter(1, GARAGE),
            charger(LEFT, "LEFT-1", GARAGE),
            zone(BUILDING, "Building", supply="dynamic"),
            charger(RIGHT, "RIGHT-1", BUILDING),
        ]
    )
    await set_up(hass, entry)
    assert await issues(hass) == {
        GARAGE: "Zone Garage does not fit into Home",
        METER: "Meter iEM3155 has no place in Home",
        LEFT: "Charger LEFT-1 has no place in Home",
        BUILDING: "Zone Building has no meter",
    }
    severities = {issue.severity for issue in ir.async_get(hass).issues.values()}
    assert severities == {IssueSeverity.ERROR, IssueSeverity.WARNING}
    assert life.value("number", f"{GARAGE}_limit") == STATE_UNAVAILABLE
    assert life.value("number", f"{LEFT}:1_limit") == STATE_UNAVAILABLE
    assert life.value("number", f"{RIGHT}:1_limit") == "32.0"
    assert life.value("binary_sensor", f"{METER}_contact") == "off"
    assert "ERROR" not in caplog.text
    await hass.config_entries.async_remove(entry.entry_id)
    assert await issues(hass) == {}


async def test_zones_in_a_ring_have_their_devices_all_the_same(
    hass: HomeAssistant, entry: MockConfigEntry, site: SiteCoordinator
) -> None:
    await change_part(hass, entry, BUILDING, parent=GARAGE)
    assert set(await issues(hass)) == {BUILDING, GARAGE, LEFT, RIGHT}
    assert device(hass, BUILDING).name == "Building"


async def test_a_dynamic_zone_needs_a_meter(
    hass: HomeAssistant, entry: MockConfigEntry, site: SiteCoordinator, unused_tcp_port: int
) -> None:
    await change_part(hass, entry, BUILDING, supply="dynamic")
    assert await issues(hass) == {BUILDING: "Zone Building has no meter"}
    await add_part(hass, entry, meter(unused_tcp_port))
    assert await issues(hass) == {}


async def test_a_part_of_a_newer_release_is_left_alone(
    hass: HomeAssistant, entry: MockConfigEntry, life: Life, site: SiteCoordinator
) -> None:
    await add_part(hass, entry, part("01NEWER", "tariff", "Night", "tariff_night", {}))
    assert await issues(hass) == {}
    assert life.value("number", f"{GARAGE}_limit") == "32.0"
    assert hass.config_entries.async_loaded_entries(DOMAIN) == [entry]


@pytest.fixture
def twins(port: int) -> MockConfigEntry:
    """Return a site in which, by hand, two chargers have got the same station id."""
    return site_entry([*small_site(), charger(TWIN, "LEFT-1", GARAGE)], port)


async def test_of_two_chargers_with_one_station_id_the_first_one_counts(
    hass: HomeAssistant, twins: MockConfigEntry, port: int, dial: Dial, freezer: object
) -> None:
    site = await set_up(hass, twins)
    life = Life(hass, freezer, twins)  # type: ignore[arg-type]
    assert await issues(hass) == {TWIN: "Charger LEFT-1 exists twice in Home"}
    left = await arrive(dial, "LEFT-1", 1, 2)
    right = await arrive(dial, "RIGHT-1", 1)
    await left.status("Charging")
    await right.status("Charging")
    await life.until(lambda: left.leases[-1] == 16 and right.leases[-1] == 16)
    assert life.value("binary_sensor", f"{LEFT}_contact") == "on"
    assert life.value("binary_sensor", f"{TWIN}_contact") == STATE_UNAVAILABLE
    assert life.value("sensor", f"{TWIN}:1_status") == STATE_UNAVAILABLE
    assert TWIN not in site.equipment.chargers

    await remove_part(hass, twins, LEFT)
    assert await issues(hass) == {}
    await left.until_closed()
    left = await arrive(dial, "LEFT-1", 1)
    await left.status("Charging")
    await life.until(lambda: left.leases[-1] == 16)
    assert life.value("binary_sensor", f"{TWIN}_contact") == "on"
    await right.call("Heartbeat")
    await hass.config_entries.async_unload(twins.entry_id)


async def test_a_twin_that_is_removed_leaves_the_other_alone(
    hass: HomeAssistant, twins: MockConfigEntry, dial: Dial
) -> None:
    await set_up(hass, twins)
    left = await arrive(dial, "LEFT-1", 1, 2)
    await remove_part(hass, twins, TWIN)
    assert await issues(hass) == {}
    await left.call("Heartbeat")
    await hass.config_entries.async_unload(twins.entry_id)


async def test_a_meter_of_an_unknown_model_does_not_stop_the_rest(
    hass: HomeAssistant, port: int, dial: Dial
) -> None:
    parts = [*small_site(), meter(502, model="of_the_future")]
    site = await set_up(hass, entry := site_entry(parts, port))
    assert await issues(hass) == {METER: "Meter iEM3155 is of an unknown model"}
    assert METER not in site.equipment.meters
    left = await arrive(dial, "LEFT-1", 1, 2)
    await left.call("Heartbeat")
    await hass.config_entries.async_unload(entry.entry_id)
