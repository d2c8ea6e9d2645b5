"""Chargers that Home Assistant knows already, in a real Home Assistant."""

import asyncio
from collections.abc import Callable
from typing import Any, override

import pytest
from homeassistant.components.diagnostics import REDACTED
from homeassistant.components.number import NumberEntity
from homeassistant.config_entries import ConfigEntry, ConfigFlow, ConfigSubentryData
from homeassistant.const import STATE_UNKNOWN, Platform
from homeassistant.core import HomeAssistant, ServiceCall
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.device_registry import DeviceInfo
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    MockModule,
    MockPlatform,
    mock_config_flow,
    mock_integration,
    mock_platform,
)

from custom_components.headroom import entity_access
from custom_components.headroom.chargers.base import (
    ChargerError,
    ChargerInfo,
    ChargerOffline,
    ChargerRefused,
    ChargerTimeout,
)
from custom_components.headroom.const import DOMAIN
from custom_components.headroom.coordinator import SiteCoordinator
from custom_components.headroom.diagnostics import async_get_config_entry_diagnostics
from custom_components.headroom.entity_access import HomeAssistantEntities
from tests.config_flow.site import CONNECTOR, part, zone

from .conftest import GARAGE, change_part, remove_part
from .life import Life

WALL = "01WALL"
POST = "01POST"


def entity_charger(subentry_id: str, limit: str, **entities: Any) -> ConfigSubentryData:
    """Return a stored charger that is made of entities."""
    data = {
        "family": "entities",
        "zone": GARAGE,
        "limit_entity": limit,
        "connectors": [CONNECTOR],
        **entities,
    }
    return part(subentry_id, "charger", subentry_id, f"charger_entity_{limit}", data)


class Wall(NumberEntity):
    """The limit of a charger of another integration, with all that may go wrong with it."""

    _attr_unique_id = "limit"
    _attr_name = "Wall"
    _attr_native_unit_of_measurement = "A"
    _attr_native_min_value = 0
    _attr_native_max_value = 32
    _attr_native_step = 1
    _attr_native_value: float | None = 0
    _attr_should_poll = False
    _attr_device_info = DeviceInfo(
        identifiers={("acme", "wall")},
        manufacturer="ACME",
        model="Wall",
        serial_number="SN-0815",
        sw_version="1.2",
    )

    def __init__(self) -> None:
        self.writes: list[float] = []
        self.fault: Exception | None = None

    def show(self, value: float) -> None:
        """Report a limit."""
        self._attr_available, self._attr_native_value = True, value
        self.async_write_ha_state()

    def go_away(self) -> None:
        """Become unavailable."""
        self._attr_available = False
        self.async_write_ha_state()

    def status(self, word: str) -> None:
        """Report the state of the charger."""
        self.hass.states.async_set("sensor.wall", word)

    @override
    async def async_set_native_value(self, value: float) -> None:
        self.writes.append(value)
        if self.fault is not None:
            raise self.fault
        self.show(value)


@pytest.fixture
async def wall(hass: HomeAssistant) -> Wall:
    wall = Wall()

    async def set_up_entry(hass: HomeAssistant, entry: ConfigEntry) -> bool:
        await hass.config_entries.async_forward_entry_setups(entry, [Platform.NUMBER])
        return True

    async def set_up_platform(
        hass: HomeAssistant, entry: ConfigEntry, add: AddConfigEntryEntitiesCallback
    ) -> None:
        add([wall])

    module = MockModule("acme", async_setup_entry=set_up_entry)
    mock_integration(hass, module, built_in=False)
    mock_platform(hass, "acme.config_flow")
    mock_platform(hass, "acme.number", MockPlatform(async_setup_entry=set_up_platform))
    entry = MockConfigEntry(domain="acme")
    entry.add_to_hass(hass)
    with mock_config_flow("acme", ConfigFlow):
        assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    wall.status("available")
    return wall


@pytest.fixture
async def subentries(hass: HomeAssistant, wall: Wall) -> list[ConfigSubentryData]:
    """Return a garage with a charger of another integration, and one of helpers."""
    helpers = {"post": {"min": 6, "max": 32, "step": 1, "initial": 6}}
    assert await async_setup_component(hass, "input_number", {"input_number": helpers})
    assert await async_setup_component(hass, "input_boolean", {"input_boolean": {"post": {}}})
    hass.states.async_set("sensor.post", "disconnected")
    return [
        zone(GARAGE, "Garage", limit=32.0),
        entity_charger(WALL, registry_id(wall), status_entity="sensor.wall"),
        entity_charger(
            POST,
            "input_number.post",
            switch_entity="input_boolean.post",
            status_entity="sensor.post",
        ),
    ]


def registry_id(wall: Wall) -> str:
    assert wall.registry_entry is not None
    return wall.registry_entry.id


def shown(hass: HomeAssistant, entity_id: str) -> str:
    state = hass.states.get(entity_id)
    assert state is not None
    return state.state


async def test_two_cars_share(
    hass: HomeAssistant, site: SiteCoordinator, wall: Wall, life: Life
) -> None:
    await life.go_on(2)
    assert shown(hass, "input_boolean.post") == "off"
    assert life.value("sensor", f"{WALL}:1_status") == "available"
    assert life.value("binary_sensor", f"{WALL}_contact") == "on"

    wall.status("charging")
    await life.until(lambda: wall.writes[-1:] == [32])
    hass.states.async_set("sensor.post", "charging")
    await life.until(lambda: shown(hass, "input_number.post") == "16.0")
    assert wall.writes[-1] == 16
    assert shown(hass, "input_boolean.post") == "on"
    assert life.value("sensor", f"{POST}:1_setpoint") == "16.0"

    hass.states.async_set("sensor.post", "disconnected")
    await life.until(lambda: shown(hass, "input_boolean.post") == "off")
    await life.until(lambda: wall.writes[-1] == 32)


def count(hass: HomeAssistant, kwh: str) -> None:
    """Let the count of the session show energy."""
    hass.states.async_set("sensor.session", kwh, {"unit_of_measurement": "kWh"})


async def test_the_energy_of_a_session_is_counted_once(
    hass: HomeAssistant, site: SiteCoordinator, entry: MockConfigEntry, wall: Wall, life: Life
) -> None:
    count(hass, "0")
    await change_part(hass, entry, WALL, session_entity="sensor.session")

    def charged() -> list[float]:
        keys = ("session_energy_grid", "energy_grid")
        return [float(life.value("sensor", f"{WALL}:1_{key}")) for key in keys]

    wall.status("charging")
    await life.go_on(2)
    count(hass, "5")
    await life.go_on(150)
    assert charged() == [5, 5]

    count(hass, "unavailable")
    assert await hass.config_entries.async_reload(entry.entry_id)
    await life.go_on(70)
    assert charged() == [5, 5]
    count(hass, "6")
    await life.go_on(2)
    assert charged() == [6, 6]

    wall.status("available")
    await life.go_on(2)
    wall.status("charging")
    await life.go_on(90)
    assert charged() == [0, 6], "the counter still shows what the last car has had"
    count(hass, "0")
    count(hass, "0.5")
    await life.go_on(2)
    assert charged() == [0.5, 6.5]
    assert life.value("sensor", f"{WALL}:1_session_energy") == "0.5"


async def test_a_charger_that_is_lost_may_draw_its_maximum(
    hass: HomeAssistant, site: SiteCoordinator, wall: Wall, life: Life
) -> None:
    hass.states.async_set("sensor.post", "charging")
    await life.until(lambda: shown(hass, "input_number.post") == "32.0")
    wall.go_away()
    await life.go_on(2)
    assert life.value("binary_sensor", f"{WALL}_contact") == "off"
    assert shown(hass, "input_boolean.post") == "off"

    wall.show(0)
    await life.until(lambda: shown(hass, "input_boolean.post") == "on")
    assert life.value("binary_sensor", f"{WALL}_contact") == "on"


async def test_a_charger_that_keeps_its_limit_counts_with_it(
    hass: HomeAssistant, site: SiteCoordinator, entry: MockConfigEntry, wall: Wall, life: Life
) -> None:
    await change_part(hass, entry, WALL, connectors=[CONNECTOR | {"offline": "keep"}])
    wall.status("charging")
    hass.states.async_set("sensor.post", "charging")
    await life.until(lambda: wall.writes[-1:] == [16])
    await life.until(lambda: shown(hass, "input_number.post") == "16.0")
    wall.go_away()
    await life.go_on(60)
    assert shown(hass, "input_number.post") == "16.0"
    assert shown(hass, "input_boolean.post") == "on"


async def test_entities_that_are_restored_late_after_a_restart(
    hass: HomeAssistant, site: SiteCoordinator, wall: Wall, life: Life
) -> None:
    wall.go_away()
    hass.states.async_remove("sensor.wall")
    await life.go_on(2)
    assert life.value("binary_sensor", f"{WALL}_contact") == "off"
    wall.show(25)
    await life.go_on()
    assert wall.writes == [0]
    wall.status("charging")
    await life.until(lambda: wall.writes[-1] == 32)


async def test_what_another_automation_writes_is_put_right(
    site: SiteCoordinator, wall: Wall, life: Life
) -> None:
    await life.go_on()
    wall.show(25)
    await life.go_on(2)
    assert wall.writes == [0]
    assert site.equipment.chargers[WALL].reading(1).confirmed == 0


async def test_a_failing_action_is_repeated_and_counts(
    hass: HomeAssistant,
    site: SiteCoordinator,
    wall: Wall,
    life: Life,
    caplog: pytest.LogCaptureFixture,
) -> None:
    wall.status("charging")
    await life.until(lambda: wall.writes[-1:] == [32])
    wall.fault = HomeAssistantError("no answer")
    wall.writes.clear()
    hass.states.async_set("sensor.post", "charging")
    await life.go_on(20)
    assert 2 <= len(wall.writes) <= 6
    assert site.equipment.chargers[WALL].reading(1).confirmed == 32
    assert shown(hass, "input_boolean.post") == "off", "there is no room while it may draw 32 A"
    assert caplog.text.count("does not take its limit") == 1

    wall.fault = None
    await life.until(lambda: shown(hass, "input_number.post") == "16.0")
    assert "takes its limit again" in caplog.text


async def test_a_rename_is_followed(
    hass: HomeAssistant, site: SiteCoordinator, wall: Wall, life: Life
) -> None:
    await life.go_on()
    er.async_get(hass).async_update_entity(wall.entity_id, new_entity_id="number.renamed")
    await life.go_on()
    assert wall.entity_id == "number.renamed"
    assert life.value("binary_sensor", f"{WALL}_contact") == "on"
    wall.status("charging")
    await life.until(lambda: wall.writes[-1:] == [32])


async def test_an_entity_that_is_deleted_takes_the_charger_with_it(
    hass: HomeAssistant, site: SiteCoordinator, wall: Wall, life: Life
) -> None:
    key = registry_id(wall)
    er.async_get(hass).async_remove(wall.entity_id)
    await life.go_on()
    assert life.value("binary_sensor", f"{WALL}_contact") == "off"
    with pytest.raises(ChargerOffline):
        await HomeAssistantEntities(hass).call(key, "set_value", value=6)


async def test_the_words_of_a_person_come_first(
    hass: HomeAssistant, site: SiteCoordinator, entry: MockConfigEntry, wall: Wall, life: Life
) -> None:
    words = {"words_no_car": ["Leer"], "words_charging": ["Lädt!", "Available"]}
    await change_part(hass, entry, WALL, **words, preset="lektrico")
    for word, status in (
        ("LEER", "available"),
        ("available", "charging"),
        ("need_auth", "suspended_evse"),
        ("connected", "preparing"),
    ):
        wall.status(word)
        await life.until(lambda: life.value("sensor", f"{WALL}:1_status") == status)  # noqa: B023 - at once


async def test_another_limit_makes_another_charger(
    hass: HomeAssistant, site: SiteCoordinator, entry: MockConfigEntry, wall: Wall, life: Life
) -> None:
    before = site.equipment.chargers[WALL]
    await change_part(hass, entry, WALL, connectors=[CONNECTOR | {"max_current": 16.0}])
    assert site.equipment.chargers[WALL] is before
    hass.states.async_set("sensor.other", "charging")
    await change_part(hass, entry, WALL, status_entity="sensor.other")
    assert site.equipment.chargers[WALL] is not before
    await life.until(lambda: wall.writes[-1:] == [16])

    await remove_part(hass, entry, WALL)
    assert WALL not in site.equipment.chargers
    wall.writes.clear()
    wall.show(3)
    await life.go_on(3)
    assert wall.writes == []


async def test_what_such_a_charger_has_and_has_not(
    hass: HomeAssistant,
    site: SiteCoordinator,
    entry: MockConfigEntry,
    life: Life,
) -> None:
    registry = er.async_get(hass)
    for platform, missing in (
        ("button", f"{WALL}_reset"),
        ("button", f"{WALL}_hard_reset"),
        ("button", f"{WALL}:1_start_session"),
        ("button", f"{WALL}:1_stop_session"),
        ("button", f"{WALL}:1_unlock"),
        ("event", f"{WALL}_notice"),
        ("switch", f"{WALL}_charger_available"),
        ("switch", f"{WALL}:1_available"),
        ("update", f"{WALL}_firmware"),
    ):
        assert registry.async_get_entity_id(platform, DOMAIN, missing) is None
    device = dr.async_get(hass).async_get_device_by_identifier((DOMAIN, WALL), "01SITE")
    assert device is not None
    for action, data in (("update_firmware", {"url": "http://x/y.bin"}), ("force_stop", {})):
        with pytest.raises(HomeAssistantError) as raised:
            await hass.services.async_call(
                DOMAIN, action, {"device_id": device.id} | data, blocking=True
            )
        assert raised.value.translation_key == "charger_unable"
    assert site.firmware == {}
    assert (device.manufacturer, device.model, device.sw_version) == ("ACME", "Wall", "1.2")

    diagnostics = await async_get_config_entry_diagnostics(hass, entry)
    told = diagnostics["chargers"][WALL]
    assert told["capabilities"]["failsafe"] == "none"
    assert told["info"]["serial"] == REDACTED
    assert told["connectors"]["1"]["reading"]["fallback_refused"] is True
    assert "SN-0815" not in str(diagnostics)


async def test_of_two_chargers_with_one_limit_the_first_counts(
    hass: HomeAssistant, site: SiteCoordinator, entry: MockConfigEntry
) -> None:
    await change_part(hass, entry, POST, limit_entity=entry.subentries[WALL].data["limit_entity"])
    assert POST not in site.equipment.chargers
    assert WALL in site.equipment.chargers


async def hang(_: ServiceCall) -> None:
    await asyncio.Event().wait()


def raising(error: Exception) -> Callable[[ServiceCall], None]:
    def act(_: ServiceCall) -> None:
        raise error

    return act


@pytest.mark.parametrize(
    ("act", "fault"),
    [
        (raising(ServiceValidationError("no")), ChargerRefused),
        (raising(HomeAssistantError("perhaps")), ChargerTimeout),
        (raising(RuntimeError("broken")), ChargerTimeout),
        (hang, ChargerTimeout),
    ],
)
async def test_what_an_action_may_come_to(
    hass: HomeAssistant,
    monkeypatch: pytest.MonkeyPatch,
    act: Callable[[ServiceCall], Any],
    fault: type[ChargerError],
) -> None:
    monkeypatch.setattr(entity_access, "ACTION_TIMEOUT", 0)
    if act is not hang:
        monkeypatch.setattr(entity_access, "ACTION_TIMEOUT", 20)
    hass.services.async_register("number", "set_value", act)
    with pytest.raises(fault):
        await HomeAssistantEntities(hass).call("number.limit", "set_value", value=6)


async def test_an_action_that_does_not_exist_is_refused(hass: HomeAssistant) -> None:
    with pytest.raises(ChargerRefused):
        await HomeAssistantEntities(hass).call("number.limit", "set_value", value=6)


def test_what_entities_show(hass: HomeAssistant) -> None:
    access = HomeAssistantEntities(hass)
    assert access.state("select.limit") is None
    assert access.state("0123456789abcdef0123456789abcdef") is None
    assert access.info("select.limit") == ChargerInfo()
    assert not access.exists("select.limit")
    assert not access.exists("0123456789abcdef0123456789abcdef")
    hass.states.async_set("select.limit", "6 A", {"options": ["6 A", "10 A"]})
    state = access.state("select.limit")
    assert state is not None
    assert (state.domain, state.value, state.options) == ("select", "6 A", ("6 A", "10 A"))
    assert access.exists("select.limit")
    hass.states.async_set("select.limit", STATE_UNKNOWN)
    state = access.state("select.limit")
    assert state is not None
    assert state.value is None
