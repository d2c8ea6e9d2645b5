"""A meter that answers, and is wrong: what counts instead, and what people are told."""

import logging
import struct

import pytest
from homeassistant.config_entries import ConfigSubentryData
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.headroom.const import DOMAIN
from custom_components.headroom.coordinator import SiteCoordinator
from custom_components.headroom.diagnostics import async_get_config_entry_diagnostics
from tests.modbus.fakes import FakeServer

from .conftest import BUILDING, METER, metered_site
from .life import Life
from .metered import CURRENTS, POWERS, Watch, measure

LOGGER = "custom_components.headroom.quality_report"


@pytest.fixture
def subentries(server: FakeServer) -> list[ConfigSubentryData]:
    return metered_site(server.port)


@pytest.fixture
async def watch(site: SiteCoordinator, watch: Watch, caplog: pytest.LogCaptureFixture) -> Watch:
    """Wait for the first readings, and hear what is logged of them."""
    caplog.set_level(logging.INFO, LOGGER)
    await watch.until(lambda: site.equipment.meters[METER].data is not None)
    await watch.go_on()
    return watch


def issue(hass: HomeAssistant, entry: MockConfigEntry) -> ir.IssueEntry | None:
    issue_id = f"quality_{entry.entry_id}_{METER}"
    return ir.async_get(hass).async_get_issue(DOMAIN, issue_id)


async def break_currents(server: FakeServer) -> None:
    """Let the meter count its currents in mA."""
    await server.write(255, CURRENTS, struct.pack(">3f", 0.01, 0.02, 0.005))


async def test_currents_in_another_unit_are_not_used_and_told_of(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    server: FakeServer,
    watch: Watch,
    life: Life,
    caplog: pytest.LogCaptureFixture,
) -> None:
    assert life.value("binary_sensor", f"{METER}_readings") == "off"
    await break_currents(server)
    await watch.go_on(13)
    state = life.state("binary_sensor", f"{METER}_readings")
    assert state.state == "on"
    assert state.attributes["cause"] == "too_small"
    assert state.attributes["phases"] == ["L1", "L2", "L3"]
    assert life.value("binary_sensor", f"{BUILDING}_degraded") == "on"
    assert life.value("sensor", f"{BUILDING}_budget_reason") == "phase_lost"
    assert life.value("binary_sensor", f"{METER}_contact") == "on"
    told = issue(hass, entry)
    assert told is not None
    assert (told.translation_key, told.severity) == ("meter_too_small", ir.IssueSeverity.ERROR)
    assert told.translation_placeholders == {
        "name": "iEM3155",
        "site": "Home",
        "phases": "L1, L2, L3",
    }
    diagnostics = await async_get_config_entry_diagnostics(hass, entry)
    (incident,) = diagnostics["meters"][METER]["incidents"]
    assert incident["cause"] == "too_small"

    await measure(server, 10, 20, 5)
    await watch.go_on(13)
    assert life.value("binary_sensor", f"{METER}_readings") == "off"
    assert life.value("binary_sensor", f"{BUILDING}_degraded") == "off"
    assert issue(hass, entry) is None
    assert [(r.levelno, r.message) for r in caplog.records if r.name == LOGGER] == [
        (logging.WARNING, "Meter iEM3155: too_small on L1, L2, L3"),
        (logging.INFO, "Meter iEM3155: no longer so: too_small"),
    ]


async def test_a_phase_without_a_value_is_degraded_alone(
    hass: HomeAssistant, entry: MockConfigEntry, server: FakeServer, watch: Watch, life: Life
) -> None:
    await server.write(255, CURRENTS, struct.pack(">3f", 10, 20, float("nan")))
    await watch.go_on(4)
    assert life.value("binary_sensor", f"{BUILDING}_degraded") == "on"
    assert life.value("sensor", f"{BUILDING}_budget_l2") == "20.0"
    assert life.value("sensor", f"{BUILDING}_budget_l3") == "0.0"
    assert issue(hass, entry) is None
    await watch.go_on(30)
    told = issue(hass, entry)
    assert told is not None
    assert told.translation_key == "meter_no_value"
    state = life.state("binary_sensor", f"{METER}_readings")
    assert state.attributes["phases"] == ["L3"]


async def test_powers_in_another_unit_are_a_warning(
    hass: HomeAssistant, entry: MockConfigEntry, server: FakeServer, watch: Watch, life: Life
) -> None:
    powers = [current * 0.00023 for current in (10, 20, 5)]
    await server.write(255, POWERS, struct.pack(">4f", *powers, sum(powers)))
    await watch.go_on(63)
    told = issue(hass, entry)
    assert told is not None
    assert (told.translation_key, told.severity) == ("meter_power_unit", ir.IssueSeverity.WARNING)
    assert life.value("binary_sensor", f"{BUILDING}_degraded") == "off"


async def test_a_meter_that_is_removed_leaves_no_issue(
    hass: HomeAssistant, entry: MockConfigEntry, server: FakeServer, watch: Watch, life: Life
) -> None:
    await break_currents(server)
    await watch.go_on(13)
    assert issue(hass, entry) is not None
    hass.config_entries.async_remove_subentry(entry, METER)
    await hass.async_block_till_done()
    await life.go_on(2)
    assert issue(hass, entry) is None


async def test_a_site_that_is_removed_leaves_no_issue(
    hass: HomeAssistant, entry: MockConfigEntry, server: FakeServer, watch: Watch
) -> None:
    await break_currents(server)
    await watch.go_on(13)
    await hass.config_entries.async_remove(entry.entry_id)
    await hass.async_block_till_done()
    assert issue(hass, entry) is None
