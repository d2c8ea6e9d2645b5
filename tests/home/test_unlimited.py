"""A charger that takes no limit: it counts with its maximum, and a person is told."""

import pytest
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.headroom.const import DOMAIN
from custom_components.headroom.coordinator import SiteCoordinator
from custom_components.headroom.repairs import report_unlimited_chargers
from tests.chargers.ocpp.charge_point import ACCEPTED, REJECTED

from .conftest import LEFT, Dial
from .life import Life


def issue(hass: HomeAssistant, entry: MockConfigEntry) -> ir.IssueEntry | None:
    return ir.async_get(hass).async_get_issue(DOMAIN, f"unlimited_{entry.entry_id}_{LEFT}")


@pytest.mark.parametrize(
    ("vendor", "text"),
    [("Acme", "charger_unlimited"), ("KEBA", "charger_unlimited_setting")],
)
async def test_a_charger_that_takes_no_limit_is_told_of(
    hass: HomeAssistant,
    site: SiteCoordinator,
    entry: MockConfigEntry,
    dial: Dial,
    life: Life,
    vendor: str,
    text: str,
) -> None:
    charge_point = await dial("LEFT-1")
    charge_point.script["SetChargingProfile"] = REJECTED
    await charge_point.boot(chargePointVendor=vendor)
    for connector in (1, 2):
        start = {"connectorId": connector, "idTag": "A", "meterStart": 0}
        await charge_point.call("StartTransaction", start | {"timestamp": "2026-07-01T12:00:00Z"})
    await life.until(lambda: issue(hass, entry) is not None)
    told = issue(hass, entry)
    assert told is not None
    assert told.translation_key == text
    assert site.equipment.chargers[LEFT].reading(1).confirmed is None
    charge_point.script["SetChargingProfile"] = ACCEPTED
    await charge_point.boot(chargePointVendor=vendor)
    await life.until(lambda: issue(hass, entry) is None)


async def test_a_site_that_is_removed_leaves_no_issue(
    hass: HomeAssistant, site: SiteCoordinator, entry: MockConfigEntry
) -> None:
    report_unlimited_chargers(hass, entry, {LEFT: None})
    assert issue(hass, entry) is not None
    await hass.config_entries.async_remove(entry.entry_id)
    await hass.async_block_till_done()
    assert issue(hass, entry) is None
