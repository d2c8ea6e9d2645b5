"""Cars follow the sun in a real Home Assistant, at chargers that speak OCPP."""

from copy import deepcopy
from typing import Any

import pytest
from homeassistant.config_entries import ConfigSubentryData
from homeassistant.const import EVENT_HOMEASSISTANT_STOP, STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import CoreState, HomeAssistant, ServiceCall
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers import issue_registry as ir
from pytest_homeassistant_custom_component.common import MockConfigEntry, async_mock_service

from custom_components.headroom.const import DOMAIN
from custom_components.headroom.coordinator import SiteCoordinator
from tests.chargers.ocpp.charge_point import ScriptedChargePoint
from tests.chargers.ocpp.conftest import settled
from tests.chargers.ocpp.test_phases import phases
from tests.config_flow.site import CONNECTOR, charger, part, zone
from tests.modbus.fakes import FakeServer

from .conftest import BUILDING, LEFT, RIGHT, ROOF, Dial, RunMeter, meter
from .life import Life
from .metered import Watch, measure
from .test_phases_ocpp import plug_in

ONE = f"{RIGHT}:1"
OTHER = f"{LEFT}:1"
SITE = "01SITE"
STORE = f"{DOMAIN}.{SITE}"


@pytest.fixture
async def server(run_meter: RunMeter) -> FakeServer:
    """Run a meter at the grid connection that shows an export of 10 A on each phase."""
    return await run_meter(-10, -10, -10)


@pytest.fixture
async def battery(run_meter: RunMeter) -> FakeServer:
    """Run a meter at a house battery that rests."""
    return await run_meter(0, 0, 0)


@pytest.fixture
def subentries(server: FakeServer, battery: FakeServer) -> list[ConfigSubentryData]:
    """Return a house with a meter at the grid, one at its battery, and two chargers."""
    return [
        zone(BUILDING, "Building", limit=40.0, supply="dynamic"),
        charger(RIGHT, "RIGHT-1", BUILDING, CONNECTOR),
        charger(LEFT, "LEFT-1", BUILDING, CONNECTOR),
        meter(server.port),
        part(ROOF, "meter", "Battery", "b", meter(battery.port, role="battery")["data"]),
    ]


async def choose(life: Life, unique_id: str, option: str) -> None:
    """Choose how cars follow the sun."""
    await life.act("select", "select_option", f"{unique_id}_sun_mode", option=option)


def bound_by(life: Life, connector: str = ONE) -> str:
    return life.value("sensor", f"{connector}_setpoint_reason")


async def test_a_car_waits_for_the_sun_and_starts(
    watch: Watch, life: Life, dial: Dial, server: FakeServer
) -> None:
    await choose(life, SITE, "sun_only")
    assert life.value("select", f"{ONE}_sun_mode") == "as_site"
    await measure(server, -5, -5, -5)
    charge_point = await plug_in(dial, life)
    await watch.until(lambda: bound_by(life) == "waiting_for_sun")
    await watch.until(lambda: life.value("sensor", f"{SITE}_surplus") == "3450.0")
    assert charge_point.leases[-1] == 0

    await measure(server, -10, -10, -10)
    await watch.until(lambda: bound_by(life) == "sun_start_delay")
    starts = life.value("sensor", f"{ONE}_charging_starts")
    assert starts not in {STATE_UNKNOWN, STATE_UNAVAILABLE}
    await watch.until(lambda: life.value("sensor", f"{ONE}_setpoint") == "6.0", within=200)
    assert charge_point.leases[-1] == 6
    share = float(life.value("sensor", f"{ONE}_sun_share"))
    assert share == pytest.approx(6 * 3 * 230, abs=25)


async def test_a_connector_chooses_for_itself(watch: Watch, life: Life, dial: Dial) -> None:
    await choose(life, SITE, "sun_only")
    await choose(life, ONE, "off")
    await plug_in(dial, life)
    await watch.until(lambda: life.value("sensor", f"{ONE}_setpoint") == "6.0")
    assert life.value("sensor", f"{ONE}_sun_share") == STATE_UNKNOWN
    await choose(life, ONE, "sun_only")
    await watch.until(lambda: bound_by(life) in {"waiting_for_sun", "sun_start_delay"})
    await choose(life, ONE, "as_site")
    assert life.value("select", f"{ONE}_sun_mode") == "as_site"
    assert life.value("select", f"{SITE}_sun_mode") == "sun_only"
    await choose(life, SITE, "off")
    await watch.until(lambda: life.value("sensor", f"{ONE}_setpoint") == "6.0")


async def test_modes_survive_a_restart(
    hass: HomeAssistant, watch: Watch, life: Life, entry: MockConfigEntry
) -> None:
    await choose(life, SITE, "sun_hybrid")
    await choose(life, ONE, "max_hybrid")
    assert await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()
    assert life.value("select", f"{SITE}_sun_mode") == "sun_hybrid"
    assert life.value("select", f"{ONE}_sun_mode") == "max_hybrid"


async def force_a_session(charge_point: ScriptedChargePoint, life: Life) -> None:
    """Force a charge, and let the session that it is for end."""
    await life.act("switch", "turn_on", f"{ONE}_force_charge")
    await life.go_on(2)
    await charge_point.status("Available")
    await life.go_on(2)
    await charge_point.status("Preparing")
    await life.go_on(2)
    assert life.value("switch", f"{ONE}_force_charge") == "off"


@pytest.mark.parametrize(
    ("after", "mode", "then"),
    [
        ("as_before", "sun_hybrid", "sun_hybrid"),
        ("sun_only", "sun_hybrid", "sun_only"),
        ("sun_only", "off", "off"),
    ],
)
async def test_after_a_forced_session_a_car_follows_the_sun_as_the_site_wants(
    hass: HomeAssistant,
    watch: Watch,
    life: Life,
    dial: Dial,
    entry: MockConfigEntry,
    after: str,
    mode: str,
    then: str,
) -> None:
    options = {**entry.options, "sun": {"after_force": after}}
    hass.config_entries.async_update_entry(entry, options=options)
    await choose(life, ONE, mode)
    await force_a_session(await plug_in(dial, life), life)
    assert life.value("select", f"{ONE}_sun_mode") == then


async def test_phases_can_go_by_the_sun(
    hass: HomeAssistant, watch: Watch, life: Life, dial: Dial, site: SiteCoordinator
) -> None:
    await plug_in(dial, life)
    await life.until(lambda: RIGHT in site.switching_phases)
    await life.act("select", "select_option", f"{ONE}_phases", option="automatic")
    assert life.value("select", f"{ONE}_phases") == "automatic"
    assert site.wishes.automatic_phases == {ONE}
    await life.act("select", "select_option", f"{ONE}_phases", option="one_phase")
    assert life.value("select", f"{ONE}_phases") == "one_phase"
    assert not site.wishes.automatic_phases


async def test_little_sun_switches_a_charger_to_one_phase(
    watch: Watch, life: Life, dial: Dial, server: FakeServer, site: SiteCoordinator
) -> None:
    await choose(life, ONE, "sun_only")
    charge_point = await plug_in(dial, life)
    await life.until(lambda: RIGHT in site.switching_phases)
    await life.act("select", "select_option", f"{ONE}_phases", option="automatic")
    await measure(server, -4, -4, -4)
    await watch.until(lambda: life.value("sensor", f"{ONE}_setpoint") == "6.0", within=300)
    await settled(charge_point)
    assert phases(charge_point.profiles[-1]) == 1


@pytest.fixture
def calls(hass: HomeAssistant) -> dict[str, list[ServiceCall]]:
    """Take the place of the switches of another integration."""
    hass.states.async_set("switch.hold", "off")
    return {act: async_mock_service(hass, "switch", act) for act in ("turn_on", "turn_off")}


async def hold_with(hass: HomeAssistant, entry: MockConfigEntry, entity: str | None) -> None:
    """Let an entity hold the battery."""
    sun = {} if entity is None else {"hold_entity": entity}
    hass.config_entries.async_update_entry(entry, options={**entry.options, "sun": sun})
    await hass.async_block_till_done()


def targets(calls: list[ServiceCall]) -> list[str]:
    return [call.data["entity_id"] for call in calls]


async def test_the_battery_is_held_while_a_car_charges_from_the_grid(
    hass: HomeAssistant,
    watch: Watch,
    life: Life,
    dial: Dial,
    entry: MockConfigEntry,
    calls: dict[str, list[ServiceCall]],
) -> None:
    await hold_with(hass, entry, "switch.hold")
    held = f"{SITE}_battery_held"
    assert life.value("binary_sensor", held) == "off"
    charge_point = await plug_in(dial, life)
    await watch.go_on(20)
    assert life.value("binary_sensor", held) == "off", "the car does not charge yet"
    await charge_point.status("Charging")
    await watch.until(lambda: life.value("binary_sensor", held) == "on")
    await watch.until(lambda: targets(calls["turn_on"]) == ["switch.hold"])
    assert not calls["turn_off"]

    await choose(life, ONE, "sun_only")
    await watch.until(lambda: life.value("binary_sensor", held) == "off")
    await watch.until(lambda: targets(calls["turn_off"]) == ["switch.hold"])


@pytest.fixture
async def held(
    hass: HomeAssistant,
    watch: Watch,
    life: Life,
    dial: Dial,
    entry: MockConfigEntry,
    calls: dict[str, list[ServiceCall]],
) -> None:
    """Let a car charge from the grid, for which the house battery is held."""
    await hold_with(hass, entry, "switch.hold")
    charge_point = await plug_in(dial, life)
    await charge_point.status("Charging")
    await watch.until(lambda: targets(calls["turn_on"]) == ["switch.hold"])


@pytest.mark.usefixtures("held")
async def test_the_battery_is_let_go_when_headroom_stops_or_another_switch_is_chosen(
    hass: HomeAssistant,
    watch: Watch,
    entry: MockConfigEntry,
    calls: dict[str, list[ServiceCall]],
) -> None:
    hass.states.async_set("switch.other", "off")
    await hold_with(hass, entry, "switch.other")
    await watch.until(lambda: targets(calls["turn_on"]) == ["switch.hold", "switch.other"])
    assert targets(calls["turn_off"]) == ["switch.hold"]

    assert await hass.config_entries.async_unload(entry.entry_id)
    await hass.async_block_till_done()
    assert targets(calls["turn_off"]) == ["switch.hold", "switch.other"]


@pytest.mark.usefixtures("held")
async def test_a_switch_that_was_removed_is_forgotten(
    hass: HomeAssistant,
    watch: Watch,
    entry: MockConfigEntry,
    calls: dict[str, list[ServiceCall]],
    caplog: pytest.LogCaptureFixture,
) -> None:
    hass.states.async_remove("switch.hold")
    hass.states.async_set("switch.other", "off")
    await hold_with(hass, entry, "switch.other")
    await watch.until(lambda: targets(calls["turn_on"]) == ["switch.hold", "switch.other"])
    await watch.go_on(5)
    assert not calls["turn_off"]
    assert caplog.text.count("switch.hold, which held the house battery, does not exist any") == 1
    assert (DOMAIN, f"battery_{entry.entry_id}") not in ir.async_get(hass).issues


@pytest.fixture
async def crashed(
    hass: HomeAssistant,
    hass_storage: dict[str, Any],
    held: None,
    entry: MockConfigEntry,
    calls: dict[str, list[ServiceCall]],
) -> None:
    """Let a site crash while it holds its battery."""
    await crash(hass, hass_storage, entry)
    calls["turn_off"].clear()


@pytest.mark.usefixtures("crashed")
async def test_a_switch_that_has_yet_to_come_is_not_forgotten(
    hass: HomeAssistant,
    life: Life,
    entry: MockConfigEntry,
    calls: dict[str, list[ServiceCall]],
) -> None:
    """A site can be set up twice while Home Assistant starts."""
    hass.states.async_remove("switch.hold")
    hass.set_state(CoreState.starting)
    await begin_again(hass, entry)
    assert await hass.config_entries.async_unload(entry.entry_id)
    await begin_again(hass, entry)
    assert not calls["turn_off"]

    hass.states.async_set("switch.hold", "on")
    hass.set_state(CoreState.running)
    await life.until(lambda: targets(calls["turn_off"]) == ["switch.hold"])


@pytest.mark.parametrize("registered", [False, True])
@pytest.mark.usefixtures("held")
async def test_a_switch_that_is_away_keeps_no_other_one_back(
    hass: HomeAssistant,
    hass_storage: dict[str, Any],
    watch: Watch,
    entry: MockConfigEntry,
    calls: dict[str, list[ServiceCall]],
    registered: bool,
) -> None:
    if registered:
        hass.states.async_remove("switch.hold")
        registry = er.async_get(hass)
        registry.async_get_or_create("switch", "inverter", "1", suggested_object_id="hold")
    else:
        hass.states.async_set("switch.hold", STATE_UNAVAILABLE)
    hass.states.async_set("switch.other", "off")
    await hold_with(hass, entry, "switch.other")
    await watch.until(lambda: targets(calls["turn_on"]) == ["switch.hold", "switch.other"])
    await watch.go_on(20)
    assert len(calls["turn_on"]) == 2, "it is on already"
    assert hass_storage[STORE]["data"]["held_switches"] == ["switch.hold", "switch.other"]
    issue = (DOMAIN, f"battery_{entry.entry_id}")
    assert issue in ir.async_get(hass).issues

    hass.states.async_set("switch.hold", "on")
    await watch.until(lambda: targets(calls["turn_off"]) == ["switch.hold"])
    await watch.until(lambda: issue not in ir.async_get(hass).issues)
    assert hass_storage[STORE]["data"]["held_switches"] == ["switch.other"]


@pytest.mark.usefixtures("held")
async def test_a_switch_is_tried_at_once_while_the_one_before_is_away(
    hass: HomeAssistant,
    watch: Watch,
    life: Life,
    entry: MockConfigEntry,
    calls: dict[str, list[ServiceCall]],
) -> None:
    """Attempts at one that has been away for long are minutes apart."""
    hass.states.async_set("switch.hold", STATE_UNAVAILABLE)
    hass.states.async_set("switch.other", "off")
    await hold_with(hass, entry, "switch.other")
    await watch.until(lambda: targets(calls["turn_on"]) == ["switch.hold", "switch.other"])
    await watch.go_on(40)
    await choose(life, ONE, "sun_only")
    held = f"{SITE}_battery_held"
    await watch.until(lambda: life.value("binary_sensor", held) == "off")
    await watch.go_on(2)
    assert targets(calls["turn_off"]) == ["switch.other"]


@pytest.mark.usefixtures("held")
async def test_the_battery_is_let_go_when_home_assistant_stops(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    calls: dict[str, list[ServiceCall]],
) -> None:
    hass.bus.async_fire(EVENT_HOMEASSISTANT_STOP)
    await hass.async_block_till_done()
    assert targets(calls["turn_off"]) == ["switch.hold"]


async def crash(hass: HomeAssistant, hass_storage: dict[str, Any], entry: MockConfigEntry) -> None:
    """Leave behind what a crash leaves at this moment: the file that was written last."""
    stored = deepcopy(hass_storage[STORE])
    assert await hass.config_entries.async_unload(entry.entry_id)
    await hass.async_block_till_done()
    hass_storage[STORE] = stored


async def begin_again(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Set the site up again."""
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()


@pytest.mark.usefixtures("crashed")
@pytest.mark.parametrize("then", ["switch.hold", "switch.other", None])
async def test_what_was_held_before_a_crash_is_let_go(
    hass: HomeAssistant,
    hass_storage: dict[str, Any],
    entry: MockConfigEntry,
    calls: dict[str, list[ServiceCall]],
    then: str | None,
) -> None:
    await hold_with(hass, entry, then)
    await begin_again(hass, entry)
    assert targets(calls["turn_off"]) == ["switch.hold"]

    await crash(hass, hass_storage, entry)
    calls["turn_off"].clear()
    await begin_again(hass, entry)
    assert not calls["turn_off"], "it is not held any more"


@pytest.mark.usefixtures("crashed")
async def test_what_was_held_is_let_go_once_its_switch_is_there(
    hass: HomeAssistant,
    life: Life,
    entry: MockConfigEntry,
    calls: dict[str, list[ServiceCall]],
) -> None:
    """Other integrations may start later."""
    hass.states.async_set("switch.hold", STATE_UNAVAILABLE)
    hass.set_state(CoreState.starting)
    await begin_again(hass, entry)
    issues = ir.async_get(hass).issues
    assert (DOMAIN, f"battery_{entry.entry_id}") not in issues

    hass.set_state(CoreState.running)
    await life.go_on(5)
    assert not calls["turn_off"]
    assert (DOMAIN, f"battery_{entry.entry_id}") in issues
    hass.states.async_set("switch.hold", "on")
    await life.until(lambda: targets(calls["turn_off"]) == ["switch.hold"])
    assert (DOMAIN, f"battery_{entry.entry_id}") not in issues


async def test_a_switch_that_does_not_follow_is_told_of_and_tried_again(
    hass: HomeAssistant,
    watch: Watch,
    life: Life,
    dial: Dial,
    entry: MockConfigEntry,
    caplog: pytest.LogCaptureFixture,
) -> None:
    failing = True
    switched: list[str] = []

    async def turn_on(call: ServiceCall) -> None:
        if failing:
            raise HomeAssistantError("the inverter is away")
        switched.append(call.data["entity_id"])

    hass.states.async_set("switch.hold", "off")
    hass.services.async_register("switch", "turn_on", turn_on)
    async_mock_service(hass, "switch", "turn_off")
    await hold_with(hass, entry, "switch.hold")
    charge_point = await plug_in(dial, life)
    await charge_point.status("Charging")
    issue = (DOMAIN, f"battery_{entry.entry_id}")
    await watch.until(lambda: issue in ir.async_get(hass).issues)
    assert caplog.text.count("does not follow") == 1
    failing = False
    await watch.until(lambda: switched == ["switch.hold"], within=200)
    await watch.until(lambda: issue not in ir.async_get(hass).issues)
    assert caplog.text.count("follows again") == 1
