"""An energy manager and a grid operator in a real Home Assistant, by its REST API and otherwise."""

from datetime import timedelta
from typing import Any

import pytest
from homeassistant.config_entries import ConfigEntryState, ConfigSubentryData
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.headroom.const import DOMAIN
from custom_components.headroom.coordinator import SiteCoordinator
from custom_components.headroom.engine.grid.excursion import SchemeMemory
from custom_components.headroom.engine.grid.standing import SchemeState
from tests.chargers.ocpp.charge_point import ScriptedChargePoint
from tests.config_flow.site import CONNECTOR, charger, zone

from .conftest import BUILDING, GARAGE, LEFT, remove_part
from .life import Life

ONE = f"{LEFT}:1"
SITE = "01SITE"
RELAY = "binary_sensor.dim"


@pytest.fixture
async def charging(left: ScriptedChargePoint, life: Life) -> ScriptedChargePoint:
    """Let a car charge with all that there is."""
    await left.status("Charging")
    await life.until(lambda: left.leases[-1] == 32)
    return left


async def act(hass: HomeAssistant, action: str, **data: Any) -> dict[str, Any]:
    """Call an action and return its response."""
    response = await hass.services.async_call(
        DOMAIN, action, data, blocking=True, return_response=True
    )
    assert response is not None
    return dict(response)


async def limit(hass: HomeAssistant, **data: Any) -> None:
    await hass.services.async_call(DOMAIN, "limit_consumption", data, blocking=True)


async def set_options(hass: HomeAssistant, entry: MockConfigEntry, **options: Any) -> None:
    hass.config_entries.async_update_entry(entry, options={**entry.options, **options})
    await hass.async_block_till_done()


async def restart(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    assert await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()
    assert entry.state is ConfigEntryState.LOADED


async def test_an_energy_manager_writes_by_rest(
    hass: HomeAssistant,
    site: SiteCoordinator,
    charging: ScriptedChargePoint,
    life: Life,
    hass_client: ClientSessionGenerator,
) -> None:
    assert await async_setup_component(hass, "api", {})
    client = await hass_client()
    url = f"/api/services/{DOMAIN}/set_zone_setpoint?return_response"
    setpoint = {"zone": "Garage", "controller": "EMS", "current": 10}

    async def write(**changes: Any) -> tuple[int, dict[str, Any]]:
        response = await client.post(url, json=setpoint | changes)
        return response.status, (await response.json()).get("service_response", {})

    status, told = await write()
    assert (status, told["status"], told["current"]) == (200, "accepted", 10)
    await life.settle()
    assert charging.leases[-1] == 10
    assert life.value("sensor", f"{GARAGE}_budget_reason") == "energy_manager"
    assert life.value("binary_sensor", f"{GARAGE}_remote_management") == "on"

    await life.go_on(59)
    status, told = await write(current=16)
    assert (status, told["status"], told["current"]) == (200, "dropped", 10)
    assert charging.leases[-1] == 10
    response = await client.post(url, json=setpoint | {"controller": "other"})
    assert response.status == 400

    await life.go_on(1)
    status, told = await write(current=16)
    assert (status, told["status"], told["current"]) == (200, "accepted", 16)
    await life.until(lambda: charging.leases[-1] == 16)


async def test_a_setpoint_lapses_and_another_controller_takes_over(
    hass: HomeAssistant,
    site: SiteCoordinator,
    entry: MockConfigEntry,
    charging: ScriptedChargePoint,
    life: Life,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("INFO")
    chosen = {"heartbeat": 120, "when_silent": "fallback", "fallback_current": 6.0}
    await set_options(hass, entry, energy_manager=chosen)
    await act(hass, "set_zone_setpoint", zone="Garage", controller="EMS", power=6900)
    await life.settle()
    assert charging.leases[-1] == 10
    shown = life.state("binary_sensor", f"{GARAGE}_remote_management")
    assert (shown.attributes["controller"], shown.attributes["power"]) == ("EMS", 6900)
    assert caplog.text.count("Garage is controlled by EMS") == 1

    with pytest.raises(ServiceValidationError) as refused:
        await act(hass, "set_zone_setpoint", zone="Garage", controller="other", current=8)
    assert refused.value.translation_key == "zone_is_controlled"

    await life.go_on(121)
    assert life.value("binary_sensor", f"{GARAGE}_remote_management") == "off"
    assert life.value("sensor", f"{GARAGE}_budget_reason") == "energy_manager_silent"
    await life.until(lambda: charging.leases[-1] == 6)
    assert caplog.text.count("EMS of Garage is silent") == 1

    told = await act(hass, "set_zone_setpoint", zone="Garage", controller="other", current=8)
    assert told["status"] == "accepted"
    told = await act(hass, "release_zone", zone="Garage", controller="other")
    assert told == {"status": "released"}
    told = await act(hass, "release_zone", zone="Garage", controller="other")
    assert told == {"status": "free"}
    await life.until(lambda: charging.leases[-1] == 32)
    assert caplog.text.count("other of Garage has ended its control") == 1


async def test_a_setpoint_survives_a_restart_with_the_time_that_is_left(
    hass: HomeAssistant, site: SiteCoordinator, entry: MockConfigEntry, life: Life
) -> None:
    device = dr.async_get(hass).async_get_device_by_identifier((DOMAIN, GARAGE), SITE)
    assert device is not None
    await act(
        hass,
        "set_zone_setpoint",
        zone=device.id,
        controller="EMS",
        current=10,
        duration={"seconds": 100},
    )
    life.pass_by(60)
    await restart(hass, entry)
    assert life.value("sensor", f"{GARAGE}_budget_l1") == "10.0"
    assert life.value("binary_sensor", f"{GARAGE}_remote_management") == "on"
    life.pass_by(41)
    await life.go_on(1)
    assert life.value("sensor", f"{GARAGE}_budget_l1") == "32.0"
    assert life.value("binary_sensor", f"{GARAGE}_remote_management") == "off"


@pytest.mark.usefixtures("site")
async def test_the_fallback_of_a_silent_manager_is_a_choice(
    hass: HomeAssistant, entry: MockConfigEntry, life: Life
) -> None:
    chosen = {"heartbeat": 120, "when_silent": "no_limit", "fallback_current": 6.0}
    await set_options(hass, entry, energy_manager=chosen)
    await act(
        hass, "set_zone_setpoint", zone="Garage", controller="EMS", current=8, only_chargers=True
    )
    await life.go_on(1)
    assert life.value("sensor", f"{GARAGE}_budget_l1") == "8.0"
    life.pass_by(121)
    await life.go_on(1)
    assert life.value("sensor", f"{GARAGE}_budget_l1") == "32.0"


@pytest.mark.usefixtures("site")
@pytest.mark.parametrize(
    ("data", "key"),
    [
        ({"zone": "Attic", "current": 10}, "no_zone"),
        ({"zone": "Garage"}, "no_setpoint"),
    ],
)
async def test_a_setpoint_that_makes_no_sense_is_refused(
    hass: HomeAssistant, data: dict[str, Any], key: str
) -> None:
    with pytest.raises(ServiceValidationError) as refused:
        await act(hass, "set_zone_setpoint", controller="EMS", **data)
    assert refused.value.translation_key == key


async def test_the_grid_operator_limits_cars_for_a_while(
    hass: HomeAssistant,
    site: SiteCoordinator,
    entry: MockConfigEntry,
    charging: ScriptedChargePoint,
    life: Life,
) -> None:
    await limit(hass, power=4200, duration={"hours": 1})
    await life.settle()
    assert charging.leases[-1] == pytest.approx(6)
    assert life.value("binary_sensor", f"{SITE}_operator_limit") == "on"
    shown = life.state("sensor", f"{SITE}_operator_power")
    assert (float(shown.state), shown.attributes["limitation"]) == (4200, "limited")
    assert shown.attributes["until"] is not None
    assert life.value("sensor", f"{ONE}_setpoint_reason") == "zone_limit"
    reasons = life.state("sensor", f"{ONE}_setpoint_reason").attributes["reasons"]
    assert any(reason["code"] == "grid_operator" and "until" in reason for reason in reasons)
    assert float(life.value("sensor", f"{SITE}_least_power")) == pytest.approx(10_500)

    await restart(hass, entry)
    assert life.value("binary_sensor", f"{SITE}_operator_limit") == "on"
    life.pass_by(3601)
    await life.go_on(1)
    assert life.value("binary_sensor", f"{SITE}_operator_limit") == "off"
    assert life.value("sensor", f"{SITE}_operator_power") == "unknown"
    record = entry.runtime_data.grid.operator.record
    assert [(one.power, one.ended is None) for one in record] == [(4200.0, False)]


@pytest.mark.usefixtures("site")
async def test_the_grid_operator_ends_a_limit_of_a_zone(hass: HomeAssistant, life: Life) -> None:
    await limit(hass, power=0, zone="Garage")
    await life.go_on(1)
    assert life.value("sensor", f"{GARAGE}_budget_l1") == "0.0"
    await hass.services.async_call(DOMAIN, "end_consumption_limit", {}, blocking=True)
    await life.go_on(1)
    assert life.value("sensor", f"{GARAGE}_budget_l1") == "32.0"


@pytest.mark.usefixtures("site")
async def test_zones_are_limited_each_by_itself_beside_the_site(
    hass: HomeAssistant, entry: MockConfigEntry, life: Life
) -> None:
    await limit(hass, power=4140, zone="Garage")
    await limit(hass, power=13_800, zone="Building")
    await limit(hass, power=11_040)
    await life.go_on(1)
    shown = life.state("sensor", f"{SITE}_operator_power")
    assert float(shown.state) == 11_040
    assert shown.attributes["zones"] == {"Garage": 4140.0, "Building": 13_800.0}
    assert life.value("sensor", f"{GARAGE}_budget_l1") == "6.0"
    assert life.value("sensor", f"{BUILDING}_budget_l1") == "16.0"

    await hass.services.async_call(
        DOMAIN, "end_consumption_limit", {"zone": "Building"}, blocking=True
    )
    await hass.services.async_call(DOMAIN, "limit_consumption", {"power": 20_700}, blocking=True)
    await life.go_on(1)
    assert life.value("sensor", f"{GARAGE}_budget_l1") == "6.0"
    assert life.value("sensor", f"{BUILDING}_budget_l1") == "30.0"

    await remove_part(hass, entry, GARAGE)
    await life.go_on(1)
    shown = life.state("binary_sensor", f"{SITE}_operator_limit")
    assert shown.attributes["zones"] == {}
    assert len(entry.runtime_data.grid.operator.messengers["action"].orders) == 1


def operator(**changes: Any) -> dict[str, Any]:
    return {
        "operator_entity": RELAY,
        "operator_contact": "normally_open",
        "heartbeat": 120,
        "repeats": False,
        "failsafe_hours": 2,
        "surplus_on_top": True,
        "other_devices": 0,
    } | changes


async def wait(life: Life, seconds: int) -> None:
    """Let a long time pass in strides in which nobody falls silent."""
    for _ in range(seconds // 100 + 1):
        life.pass_by(99)
        await life.go_on(1)


@pytest.mark.usefixtures("site")
async def test_only_the_entity_can_be_silent_beside_an_action(
    hass: HomeAssistant, entry: MockConfigEntry, life: Life
) -> None:
    hass.states.async_set(RELAY, "on")
    await set_options(hass, entry, grid_operator=operator(dimmed_power=9, failsafe_power=6.9))
    await life.go_on(1)
    hass.states.async_set(RELAY, "unavailable")
    await life.go_on(1)
    life.pass_by(121)
    await limit(hass, power=4140)
    await life.go_on(1)
    shown = life.state("sensor", f"{SITE}_operator_power")
    assert (float(shown.state), shown.attributes["limitation"]) == (4140, "failsafe")
    await hass.services.async_call(DOMAIN, "end_consumption_limit", {}, blocking=True)
    await life.go_on(1)
    shown = life.state("sensor", f"{SITE}_operator_power")
    assert (float(shown.state), shown.attributes["limitation"]) == (6900, "failsafe")


@pytest.mark.usefixtures("site")
@pytest.mark.parametrize(("repeats", "state"), [(True, "failsafe"), (False, "limited")])
async def test_actions_are_silent_only_if_they_were_to_be_repeated(
    hass: HomeAssistant, entry: MockConfigEntry, life: Life, repeats: bool, state: str
) -> None:
    bridge = operator(repeats=repeats, failsafe_power=6.9)
    del bridge["operator_entity"]
    await set_options(hass, entry, grid_operator=bridge)
    await limit(hass, power=4140)
    await life.go_on(1)
    life.pass_by(121)
    await life.go_on(1)
    shown = life.state("sensor", f"{SITE}_operator_power")
    assert shown.attributes["limitation"] == state
    await hass.services.async_call(DOMAIN, "end_consumption_limit", {}, blocking=True)
    await life.go_on(1)
    shown = life.state("sensor", f"{SITE}_operator_power")
    assert shown.attributes["limitation"] == "controlled"


@pytest.mark.usefixtures("site")
async def test_a_long_time_off_does_not_end_the_limit_of_a_silent_operator(
    hass: HomeAssistant, entry: MockConfigEntry, life: Life
) -> None:
    hass.states.async_set(RELAY, "on")
    await set_options(hass, entry, grid_operator=operator(failsafe_power=6.9))
    await life.go_on(1)
    hass.states.async_remove(RELAY)
    assert await hass.config_entries.async_unload(entry.entry_id)
    life.pass_by(86_400)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await life.go_on(1)
    shown = life.state("sensor", f"{SITE}_operator_power")
    assert (float(shown.state), shown.attributes["limitation"]) == (6900, "failsafe")


@pytest.mark.usefixtures("site")
async def test_a_contact_dims_cars_and_its_silence_leads_to_the_failsafe(
    hass: HomeAssistant, entry: MockConfigEntry, life: Life, caplog: pytest.LogCaptureFixture
) -> None:
    hass.states.async_set(RELAY, "on")
    await set_options(hass, entry, grid_operator=operator(failsafe_power=6.9))
    await life.go_on(1)
    assert float(life.value("sensor", f"{SITE}_operator_power")) == pytest.approx(10_500)
    hass.states.async_set(RELAY, "off")
    await life.go_on(1)
    assert life.value("binary_sensor", f"{SITE}_operator_limit") == "off"

    hass.states.async_set(RELAY, "unavailable")
    await life.go_on(2)
    assert life.value("binary_sensor", f"{SITE}_operator_limit") == "off"
    life.pass_by(121)
    await life.go_on(1)
    shown = life.state("sensor", f"{SITE}_operator_power")
    assert (float(shown.state), shown.attributes["limitation"]) == (6900, "failsafe")
    assert caplog.text.count("Grid operator's entity shows nothing") == 1
    assert caplog.text.count("Grid operator: failsafe, 6900 W for cars") == 1
    await wait(life, 7200)
    assert life.value("sensor", f"{SITE}_operator_power") == "unknown"

    await set_options(hass, entry, grid_operator={**operator(), "operator_entity": "sensor.none"})
    hass.states.async_set(RELAY, "on")
    await life.go_on(1)
    assert life.value("binary_sensor", f"{SITE}_operator_limit") == "off"


@pytest.mark.usefixtures("site")
async def test_a_sensor_of_power_has_to_be_repeated_if_that_was_said(
    hass: HomeAssistant, entry: MockConfigEntry, life: Life
) -> None:
    unit = {"unit_of_measurement": "kW"}
    hass.states.async_set("sensor.lpc", "5", unit)
    options = operator(operator_entity="sensor.lpc", repeats=True)
    await set_options(hass, entry, grid_operator=options)
    await life.go_on(1)
    assert float(life.value("sensor", f"{SITE}_operator_power")) == 5000
    life.pass_by(121)
    await life.go_on(1)
    assert life.state("sensor", f"{SITE}_operator_power").attributes["limitation"] == "failsafe"
    hass.states.async_set("sensor.lpc", "7", unit)
    await life.go_on(1)
    assert float(life.value("sensor", f"{SITE}_operator_power")) == 7000
    hass.states.async_set("sensor.lpc", "7", {"unit_of_measurement": "kWh"})
    await life.go_on(1)
    assert float(life.value("sensor", f"{SITE}_operator_power")) == 7000

    await set_options(hass, entry, grid_operator={**options, "other_devices": 1})
    assert float(life.value("sensor", f"{SITE}_least_power")) == pytest.approx(13_020 - 4200)
    rest = {key: value for key, value in operator().items() if key != "operator_entity"}
    await set_options(hass, entry, grid_operator=rest)
    await life.go_on(1)
    assert life.value("binary_sensor", f"{SITE}_operator_limit") == "off"


async def test_a_silent_sensor_is_not_heard_after_the_clock_has_leapt_back(
    hass: HomeAssistant, site: SiteCoordinator, entry: MockConfigEntry, life: Life
) -> None:
    hass.states.async_set("sensor.lpc", "5", {"unit_of_measurement": "kW"})
    options = operator(operator_entity="sensor.lpc", repeats=True)
    await set_options(hass, entry, grid_operator=options)
    await life.go_on(1)
    states = []
    for seconds in (-3600, 120, 1):
        life.pass_by(seconds)
        site.async_step()
        states.append(site.grid.operator.state.value)
    assert states == ["limited", "limited", "failsafe"]


@pytest.mark.usefixtures("site")
async def test_the_log_tells_of_each_limitation(
    hass: HomeAssistant, entry: MockConfigEntry, life: Life, caplog: pytest.LogCaptureFixture
) -> None:
    unit = {"unit_of_measurement": "W"}
    options = operator(operator_entity="sensor.lpc", failsafe_power=6.9)
    await set_options(hass, entry, grid_operator=options)
    for power in ("9000", "9050", "8960", "7000"):
        hass.states.async_set("sensor.lpc", power, unit)
        await life.go_on(1)
    await limit(hass, power=4200, zone="Garage")
    await life.go_on(1)
    await hass.services.async_call(DOMAIN, "end_consumption_limit", {}, blocking=True)
    hass.states.async_set("sensor.lpc", "unavailable")
    life.pass_by(121)
    await life.go_on(1)
    await wait(life, 7200)
    lines = [one.message for one in caplog.records if one.message.startswith("Grid operator: ")]
    assert lines == [
        "Grid operator: limited, 9000 W for cars",
        "Grid operator: limited, 7000 W for cars",
        "Grid operator: limited, 4200 W for cars of Garage",
        "Grid operator: failsafe, 6900 W for cars",
        "Grid operator: controlled, no limit for cars",
    ]


async def open_reset(hass: HomeAssistant) -> dict[str, Any]:
    """Walk through the menus to the end of a lockout."""
    manager = hass.config_entries.options
    menu = await manager.async_init(SITE)
    menu = await manager.async_configure(menu["flow_id"], {"next_step_id": "grid"})
    return dict(await manager.async_configure(menu["flow_id"], {"next_step_id": "g100_reset"}))


class TestGuards:
    """Zones whose import is guarded."""

    @pytest.fixture
    def subentries(self) -> list[ConfigSubentryData]:
        """Return a dynamic building with a charger, without contact to its meter."""
        return [
            zone("01BUILDING", "Building", limit=63.0, supply="dynamic"),
            charger(LEFT, "LEFT-1", "01BUILDING", CONNECTOR),
        ]

    @pytest.mark.usefixtures("site")
    async def test_a_capacity_tariff_gets_its_entities_while_the_site_runs(
        self, hass: HomeAssistant, entry: MockConfigEntry, life: Life
    ) -> None:
        tariff = {
            "guarded_zone": "01BUILDING",
            "peak_target": 4.0,
            "peak_period": "hour",
            "follow_month": True,
            "net_phases": True,
        }
        await set_options(hass, entry, capacity_tariff=tariff)
        await life.go_on(1)
        assert float(life.value("sensor", "01BUILDING_month_peak")) == 0
        assert float(life.value("sensor", "01BUILDING_period_average")) > 0
        assert float(life.value("sensor", "01BUILDING_projected_average")) > 0
        assert life.value("number", "01BUILDING_peak_target") == "4.0"
        await life.act("number", "set_value", "01BUILDING_peak_target", value=5.5)
        await life.go_on(1)
        assert life.value("number", "01BUILDING_peak_target") == "5.5"
        assert entry.runtime_data.data.decision.guards.peaks["01BUILDING"].allowed == 5500
        assert entry.options["capacity_tariff"] == tariff | {"peak_target": 5.5}

        await set_options(hass, entry, capacity_tariff=tariff | {"peak_target": 3.0})
        await life.go_on(1)
        assert life.value("number", "01BUILDING_peak_target") == "3.0"
        assert entry.runtime_data.data.decision.guards.peaks["01BUILDING"].allowed == 3000

        await set_options(hass, entry, capacity_tariff={})
        await life.go_on(1)
        assert life.value("number", "01BUILDING_peak_target") == "unavailable"

    @pytest.mark.usefixtures("site")
    async def test_an_agreed_import_shows_its_state(
        self,
        hass: HomeAssistant,
        entry: MockConfigEntry,
        life: Life,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        agreed = {"guarded_zone": "01BUILDING", "import_limit": 60.0, "premises": "domestic"}
        await set_options(hass, entry, g100=agreed)
        await life.go_on(7)
        shown = life.state("sensor", "01BUILDING_import_scheme")
        assert (shown.state, shown.attributes["import_limit"]) == ("unmeasured", 60.0)
        assert shown.attributes["excursions_24_h"] == 0
        assert life.value("sensor", "01BUILDING_budget_reason") == "g100_unmeasured"
        assert caplog.text.count("Agreed import of Building: unmeasured") == 1

    @pytest.mark.usefixtures("site")
    async def test_a_stored_scheme_that_is_not_usable_is_locked_out(
        self,
        hass: HomeAssistant,
        entry: MockConfigEntry,
        life: Life,
        hass_storage: dict[str, Any],
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        agreed = {"guarded_zone": "01BUILDING", "import_limit": 60.0, "premises": "domestic"}
        await set_options(hass, entry, g100=agreed)
        await life.go_on(1)
        assert await hass.config_entries.async_unload(entry.entry_id)
        controller = hass_storage[f"{DOMAIN}.{SITE}"]["data"]["controller"]
        controller["guards"]["schemes"]["01BUILDING"] = {"locked": False}
        assert await hass.config_entries.async_setup(entry.entry_id)
        await life.go_on(1)
        assert life.value("sensor", "01BUILDING_import_scheme") == "lockout"
        assert caplog.text.count("of the import of Building is not usable and starts anew") == 1
        assert "controller is not usable" not in caplog.text

    async def test_a_lockout_is_ended_by_who_may(
        self, hass: HomeAssistant, site: SiteCoordinator, entry: MockConfigEntry, life: Life
    ) -> None:
        agreed = {"guarded_zone": "01BUILDING", "import_limit": 60.0, "premises": "domestic"}
        await set_options(hass, entry, g100=agreed)
        result = await open_reset(hass)
        assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "not_locked_out")

        days = [dt_util.utcnow() - timedelta(days=day) for day in range(3)]
        memory = SchemeMemory(state=SchemeState.LOCKOUT, lockouts=tuple(days))
        site.grid.guards.schemes["01BUILDING"] = memory
        await life.go_on(1)
        assert life.value("sensor", "01BUILDING_import_scheme") == "lockout"
        await restart(hass, entry)
        assert life.value("sensor", "01BUILDING_import_scheme") == "lockout"
        issue = (DOMAIN, f"lockout_{SITE}_01BUILDING")
        assert issue in ir.async_get(hass).issues

        result = await open_reset(hass)
        manager = hass.config_entries.options
        for values, errors in (
            ({"confirmed": False, "by_installer": True}, {"confirmed": "not_confirmed"}),
            ({"confirmed": True, "by_installer": False}, {"by_installer": "no_resets_left"}),
        ):
            result = dict(await manager.async_configure(result["flow_id"], values))
            assert result["errors"] == errors
        values = {"confirmed": True, "by_installer": True}
        result = dict(await manager.async_configure(result["flow_id"], values))
        assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "lockout_ended")
        await life.go_on(7)
        assert issue not in ir.async_get(hass).issues
        shown = life.state("sensor", "01BUILDING_import_scheme")
        assert (shown.state, shown.attributes["lockouts_30_days"]) == ("unmeasured", 0)
