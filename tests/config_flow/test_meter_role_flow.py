"""What a meter measures: some roles need to know more, some exclude each other."""

from collections.abc import Generator
from unittest.mock import patch

import pytest
from homeassistant.config_entries import SubentryFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import entity_registry as er
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.headroom.meters.survey import Survey

from .site import (
    CHARGER,
    CONNECTOR,
    MAIN,
    METER_DATA,
    add,
    change,
    charger,
    enter,
    meter,
    options,
    site,
    suggested,
    zone,
)
from .test_meter_flow import READING

OTHER = METER_DATA | {"unit": 2}


@pytest.fixture(autouse=True)
def probe() -> Generator[None]:
    """Stand in for the read of a device."""
    with patch(
        "custom_components.headroom.subentry_flows.probe.survey", return_value=Survey(READING)
    ):
        yield


@pytest.fixture
def entry() -> MockConfigEntry:
    return site(
        zone(MAIN, "Main", supply="dynamic"), charger(CHARGER, "CP1", MAIN, *[CONNECTOR] * 2)
    )


async def confirmed(
    hass: HomeAssistant, entry: MockConfigEntry, role: str, unit: int = 255
) -> SubentryFlowResult:
    """Add a meter and confirm what it shows."""
    result = await add(hass, entry, "meter")
    result = await enter(hass, result, **METER_DATA | {"role": role, "unit": unit})
    assert result["step_id"] == "confirm"
    return await enter(hass, result)


def stored(entry: MockConfigEntry) -> dict[str, object]:
    return dict(list(entry.subentries.values())[-1].data)


@pytest.mark.parametrize("role", ["supply", "house", "solar", "outlet"])
async def test_most_roles_need_nothing_else(
    hass: HomeAssistant, entry: MockConfigEntry, role: str
) -> None:
    result = await confirmed(hass, entry, role)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert stored(entry) == METER_DATA | {"role": role}


async def test_a_battery_may_have_a_sensor_of_its_charge(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    registry = er.async_get(hass)
    sensor = registry.async_get_or_create("sensor", "acme", "soc", suggested_object_id="soc")
    own = registry.async_get_or_create("sensor", "headroom", "own", suggested_object_id="own")
    result = await confirmed(hass, entry, "battery")
    result = await enter(hass, result, charge_entity=own.entity_id)
    assert result["errors"] == {"charge_entity": "entity_of_headroom"}
    result = await enter(hass, result, charge_entity="sensor.soc")
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert stored(entry) == METER_DATA | {"role": "battery", "charge_entity": sensor.id}

    key = list(entry.subentries)[-1]
    result = await change(hass, entry, key)
    result = await enter(hass, await enter(hass, result, **suggested(result)))
    assert suggested(result) == {"charge_entity": "sensor.soc"}
    await enter(hass, result)
    assert stored(entry) == METER_DATA | {"role": "battery"}


async def test_a_meter_of_a_charger_belongs_to_one_connector(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    result = await confirmed(hass, entry, "charger")
    assert options(result, "connector") == [f"{CHARGER}:1", f"{CHARGER}:2"]
    result = await enter(hass, result, connector=f"{CHARGER}:2")
    assert result["type"] is FlowResultType.CREATE_ENTRY
    kept = METER_DATA | {"role": "charger", "connector": f"{CHARGER}:2"}
    assert stored(entry) == kept

    result = await change(hass, entry, list(entry.subentries)[-1])
    result = await enter(hass, await enter(hass, result, **suggested(result)))
    assert suggested(result) == {"connector": f"{CHARGER}:2"}
    await enter(hass, result, **suggested(result))
    assert stored(entry) == kept

    result = await confirmed(hass, entry, "charger", unit=2)
    result = await enter(hass, result, connector=f"{CHARGER}:2")
    assert result["errors"] == {"base": "second_own_meter"}
    result = await enter(hass, result, connector=f"{CHARGER}:1")
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_a_meter_of_a_charger_needs_one(hass: HomeAssistant) -> None:
    result = await confirmed(hass, site(zone(MAIN, "Main")), "charger")
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "no_chargers"


async def test_a_zone_has_one_supply_or_one_pair(hass: HomeAssistant) -> None:
    entry = site(zone(MAIN, "Main", supply="dynamic"), meter())
    result = await add(hass, entry, "meter")
    result = await enter(hass, result, **OTHER | {"role": "house"})
    assert result["errors"] == {"base": "second_meter"}
    result = await enter(hass, result, **OTHER | {"role": "solar"})
    assert result["step_id"] == "confirm"
