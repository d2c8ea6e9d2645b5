"""A meter on loopback: what it measures is shown and shared, its silence makes the site careful."""

import struct

import pytest
from homeassistant.config_entries import ConfigSubentryData
from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.headroom.coordinator import SiteCoordinator
from tests.chargers.ocpp.charge_point import ScriptedChargePoint
from tests.modbus.fakes import FakeServer

from .conftest import BUILDING, GARAGE, LEFT, METER, change_part, metered_site
from .life import Life
from .metered import CURRENTS, Watch, measure

ONE = f"{LEFT}:1"
SHOWN = ("current_l1", "current_l2", "current_l3", "power", "energy_import")


@pytest.fixture
def subentries(server: FakeServer) -> list[ConfigSubentryData]:
    return metered_site(server.port)


@pytest.fixture
async def watch(site: SiteCoordinator, watch: Watch) -> Watch:
    """Wait for the first readings."""
    await watch.until(lambda: site.equipment.meters[METER].data is not None)
    await watch.go_on()
    return watch


@pytest.mark.usefixtures("watch")
async def test_what_a_meter_measures_is_shown(life: Life) -> None:
    shown = [float(life.value("sensor", f"{METER}_{key}")) for key in SHOWN]
    assert shown == pytest.approx([10, 20, 5, 8050, 123_456_789.012], rel=1e-4)
    assert life.value("binary_sensor", f"{METER}_contact") == "on"
    energy = life.state("sensor", f"{METER}_energy_import").attributes
    assert (energy["device_class"], energy["state_class"]) == ("energy", "total_increasing")
    assert energy["unit_of_measurement"] == "kWh"


async def test_chargers_get_what_the_building_leaves(
    server: FakeServer, watch: Watch, life: Life, left: ScriptedChargePoint
) -> None:
    assert life.value("sensor", f"{BUILDING}_budget_l2") == "20.0"
    reason = life.state("sensor", f"{BUILDING}_budget_reason")
    assert reason.state == "other_loads"
    assert {"code": "other_loads", "current": 35.0, "zone": "Building", "phase": "L3"} in (
        reason.attributes["reasons"]
    )
    await left.status("Charging")
    await watch.until(lambda: left.leases[-1] > 19)
    assert left.leases[-1] == pytest.approx(19.7), "but for a margin for the meter's noise"

    await watch.go_on(12)

    # The car takes nothing yet, so that all that the meter shows is others' load.
    await measure(server, 10, 31, 5)
    await watch.go_on()
    await left.meter({"measurand": "Current.Import", "value": "0"})
    await watch.go_on()
    assert life.value("sensor", f"{ONE}_setpoint") == "8.7"
    assert left.leases[-1] == pytest.approx(8.7)


async def test_a_silent_meter_pauses_its_zone_until_it_speaks_again(
    server: FakeServer, watch: Watch, life: Life, left: ScriptedChargePoint
) -> None:
    await left.status("Charging")
    await watch.until(lambda: left.leases[-1] > 6)

    await server.stop()
    await watch.until(lambda: life.value("binary_sensor", f"{BUILDING}_degraded") == "on", within=6)
    await life.settle()
    assert life.value("binary_sensor", f"{GARAGE}_degraded") == "off"
    assert life.value("binary_sensor", f"{METER}_contact") == "off"
    assert life.value("sensor", f"{BUILDING}_budget_reason") == "meter_silent"
    assert life.value("sensor", f"{ONE}_setpoint") == "0.0"
    assert left.leases[-1] == 0
    assert {life.value("sensor", f"{METER}_{key}") for key in SHOWN} == {STATE_UNAVAILABLE}

    await server.start()
    await watch.until(lambda: life.value("binary_sensor", f"{METER}_contact") == "on")
    assert life.value("binary_sensor", f"{BUILDING}_degraded") == "off"
    assert life.value("sensor", f"{METER}_current_l1") == "10.5", "as a restarted meter shows"
    await watch.until(lambda: left.leases[-1] > 6)


async def test_a_meter_that_is_mounted_in_another_way_is_made_anew(
    hass: HomeAssistant, site: SiteCoordinator, entry: MockConfigEntry, life: Life
) -> None:
    await change_part(hass, entry, METER, wiring="tri312", inverted=True)
    watch = Watch(site.equipment.meters[METER], life)
    await watch.until(lambda: site.equipment.meters[METER].data is not None)
    await watch.go_on()
    shown = [life.value("sensor", f"{METER}_current_l{phase}") for phase in (1, 2, 3)]
    assert shown == ["-20.0", "-5.0", "-10.0"]


async def test_the_meters_noise_is_not_written(
    hass: HomeAssistant, server: FakeServer, watch: Watch
) -> None:
    await watch.go_on(2)
    reported = {state.entity_id: state.last_reported for state in hass.states.async_all()}
    await server.write(255, CURRENTS, struct.pack(">3f", 10.01, 20.02, 5.01))
    await watch.go_on(2)
    assert reported == {state.entity_id: state.last_reported for state in hass.states.async_all()}


async def test_what_binds_a_budget_follows_the_tightest_phase(
    server: FakeServer, watch: Watch, life: Life
) -> None:
    await measure(server, 0, 0, 0)
    await watch.go_on(2)
    assert life.value("sensor", f"{BUILDING}_budget_reason") == "nominal"
    await measure(server, 0, 0, 1)
    await watch.go_on(2)
    assert life.value("sensor", f"{BUILDING}_budget_reason") == "other_loads"
