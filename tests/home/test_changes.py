"""Parts come, change and go while cars charge elsewhere in the site."""

import logging
from collections.abc import AsyncGenerator

import pytest
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.headroom.const import DOMAIN
from custom_components.headroom.coordinator import SiteCoordinator
from tests.chargers.ocpp.charge_point import ScriptedChargePoint
from tests.config_flow.site import CONNECTOR, charger, zone, zone_data

from .conftest import (
    BUILDING,
    LEFT,
    METER,
    RIGHT,
    Dial,
    add_part,
    arrive,
    as_part,
    change_part,
    meter,
    remove_part,
)
from .life import Life

YARD = "01YARD"
NEW = "01NEW"


@pytest.fixture(autouse=True)
async def undisturbed(
    site: SiteCoordinator,
    left: ScriptedChargePoint,
    life: Life,
    caplog: pytest.LogCaptureFixture,
) -> AsyncGenerator[None]:
    """Let a car charge and see that it never hears of what happens elsewhere."""
    started = await left.call(
        "StartTransaction",
        {"connectorId": 1, "idTag": "X", "meterStart": 0, "timestamp": "2020-01-01T00:00:00Z"},
    )
    await left.status("Charging")
    await life.until(lambda: left.leases[-1] == 32)
    commands = len(left.received)
    yield
    await left.call("Heartbeat")
    assert left.received[commands:] == []
    session = site.equipment.chargers[LEFT].connectors[1].session
    assert session is not None
    assert session.id == str(started["transactionId"])
    assert life.value("sensor", f"{LEFT}:1_setpoint") == "32.0"
    for when in ("setup", "call"):
        assert [r for r in caplog.get_records(when) if r.levelno >= logging.ERROR] == []


def unique_ids(hass: HomeAssistant, part: str) -> set[str]:
    """Return the unique ids of a part's entities."""
    entities = er.async_entries_for_config_entry(er.async_get(hass), "01SITE")
    return {e.unique_id for e in entities if e.unique_id.startswith(part)}


def device(hass: HomeAssistant, identifier: str) -> dr.DeviceEntry | dr.ChildDeviceEntry | None:
    registry = dr.async_get(hass)
    identified = (DOMAIN, identifier)
    return registry.async_get_device_by_identifier(
        identified, "01SITE"
    ) or registry.async_get_child_device_by_identifier(identified, "01SITE")


def via(hass: HomeAssistant, identifier: str) -> str | None:
    """Return the identifier of the device that a device hangs under."""
    found = device(hass, identifier)
    assert isinstance(found, dr.DeviceEntry)
    assert found.via_device_id is not None
    above = dr.async_get(hass).async_get(found.via_device_id)
    assert above is not None
    return next(iter(above.identifiers))[1]


async def test_a_zone_comes_changes_and_goes(
    hass: HomeAssistant, entry: MockConfigEntry, life: Life
) -> None:
    await add_part(hass, entry, zone(YARD, "Yard", limit=20.0, parent=BUILDING))
    assert life.value("sensor", f"{YARD}_budget_l1") == "20.0"
    assert life.state("number", f"{YARD}_limit").attributes["max"] == 20.0
    assert via(hass, YARD) == BUILDING

    await change_part(hass, entry, YARD, **zone_data(16.0))
    assert life.value("sensor", f"{YARD}_budget_l1") == "16.0"
    assert life.value("number", f"{YARD}_limit") == "16.0"

    await remove_part(hass, entry, YARD)
    assert unique_ids(hass, YARD) == set()
    assert device(hass, YARD) is None
    await life.go_on()


async def test_a_zone_moves(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    await add_part(hass, entry, zone(YARD, "Yard", limit=20.0))
    assert via(hass, YARD) == "01SITE"
    await change_part(hass, entry, YARD, parent=BUILDING)
    assert via(hass, YARD) == BUILDING


async def test_a_charger_comes_charges_and_goes(
    hass: HomeAssistant, entry: MockConfigEntry, life: Life, dial: Dial
) -> None:
    await add_part(hass, entry, zone(YARD, "Yard", limit=20.0))
    await add_part(hass, entry, charger(NEW, "NEW-1", YARD))
    assert via(hass, NEW) == YARD
    assert life.value("binary_sensor", f"{NEW}_contact") == "off"

    new = await arrive(dial, "NEW-1", 1)
    await new.status("Charging")
    await life.until(lambda: new.leases[-1] == 20)
    assert life.value("binary_sensor", f"{NEW}_contact") == "on"

    await remove_part(hass, entry, NEW)
    await new.until_closed()
    assert unique_ids(hass, NEW) == set()
    assert device(hass, NEW) is None
    assert device(hass, f"{NEW}:1") is None
    await life.go_on()


async def test_a_charger_moves_to_another_zone(
    hass: HomeAssistant, entry: MockConfigEntry, life: Life, right: ScriptedChargePoint
) -> None:
    await add_part(hass, entry, zone(YARD, "Yard", limit=20.0))
    await change_part(hass, entry, RIGHT, zone=YARD)
    assert via(hass, RIGHT) == YARD
    await right.status("Charging")
    await life.until(lambda: right.leases[-1] == 20)
    await right.call("Heartbeat")


async def test_a_charger_grows_and_shrinks(
    hass: HomeAssistant, entry: MockConfigEntry, life: Life, right: ScriptedChargePoint
) -> None:
    first = unique_ids(hass, f"{RIGHT}:1")
    for connectors in ([CONNECTOR, CONNECTOR], [CONNECTOR], [CONNECTOR, CONNECTOR]):
        await change_part(hass, entry, RIGHT, connectors=connectors)
        has_second = len(connectors) == 2
        assert unique_ids(hass, f"{RIGHT}:1") == first
        assert len(unique_ids(hass, f"{RIGHT}:2")) == has_second * len(first)
        assert (device(hass, f"{RIGHT}:2") is not None) == has_second
        await life.go_on()
    await right.status("Faulted", 2, errorCode="GroundFailure")
    await life.go_on()
    assert life.value("sensor", f"{RIGHT}:2_status") == "faulted"
    await right.call("Heartbeat")


async def test_a_charger_is_replaced_by_another(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    life: Life,
    right: ScriptedChargePoint,
    dial: Dial,
) -> None:
    entities = unique_ids(hass, RIGHT)
    await change_part(hass, entry, RIGHT, station_id="RIGHT-2")
    await right.until_closed()
    assert life.value("binary_sensor", f"{RIGHT}_contact") == "off"

    other = await arrive(dial, "RIGHT-2", 1)
    await other.boot(chargePointModel="Two")
    await life.go_on()
    assert life.value("binary_sensor", f"{RIGHT}_contact") == "on"
    assert unique_ids(hass, RIGHT) == entities
    found = device(hass, RIGHT)
    assert isinstance(found, dr.DeviceEntry)
    assert found.model == "Two"


async def test_limits_of_a_connector_change(
    hass: HomeAssistant, entry: MockConfigEntry, life: Life, right: ScriptedChargePoint
) -> None:
    await add_part(hass, entry, zone(YARD, "Yard", limit=40.0))
    await change_part(hass, entry, RIGHT, zone=YARD, connectors=[CONNECTOR])
    await right.status("Charging")
    await life.until(lambda: right.leases[-1] == 32)
    connector = CONNECTOR | {"max_current": 16.0, "fallback": 10.0}
    await change_part(hass, entry, RIGHT, connectors=[connector])
    await life.settle()
    assert right.leases[-1] == 16
    assert [profile.limit for profile in right.profiles if profile.is_base] == [0, 10]
    assert life.state("number", f"{RIGHT}:1_limit").attributes["max"] == 16.0


async def test_a_meter_comes_changes_and_goes(
    hass: HomeAssistant, entry: MockConfigEntry, life: Life, unused_tcp_port: int
) -> None:
    await add_part(hass, entry, meter(unused_tcp_port))
    assert life.value("binary_sensor", f"{METER}_contact") == "off"
    assert via(hass, METER) == BUILDING

    await add_part(hass, entry, zone(YARD, "Yard"))
    await change_part(hass, entry, METER, zone=YARD, model="klefr_693x")
    assert via(hass, METER) == YARD
    found = device(hass, METER)
    assert isinstance(found, dr.DeviceEntry)
    assert found.model is not None
    assert "KLEFR" in found.model

    await remove_part(hass, entry, METER)
    assert unique_ids(hass, METER) == set()
    assert device(hass, METER) is None
    await life.go_on()


@pytest.mark.usefixtures("life")
async def test_names_change(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    hass.config_entries.async_update_entry(entry, title="Villa")
    hass.config_entries.async_update_subentry(entry, entry.subentries[RIGHT], title="By the gate")
    await hass.async_block_till_done()
    names = {found.name for part in ("01SITE", RIGHT) if (found := device(hass, part))}
    assert names == {"Villa", "By the gate"}
    assert entry.state is ConfigEntryState.LOADED


async def test_many_changes_at_once(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    life: Life,
    right: ScriptedChargePoint,
    unused_tcp_port: int,
) -> None:
    """One change waits for a connection to end while the next ones come in."""
    hass.config_entries.async_remove_subentry(entry, RIGHT)
    for stored in (
        zone(YARD, "Yard", limit=20.0),
        charger(NEW, "NEW-1", YARD, CONNECTOR, CONNECTOR),
        meter(unused_tcp_port, YARD),
    ):
        hass.config_entries.async_add_subentry(entry, as_part(stored))
    life.pass_by(1)
    await hass.async_block_till_done()
    await right.until_closed()

    assert unique_ids(hass, RIGHT) == set()
    assert life.value("binary_sensor", f"{NEW}_contact") == "off"
    assert life.value("binary_sensor", f"{METER}_contact") == "off"
    assert via(hass, NEW) == YARD
