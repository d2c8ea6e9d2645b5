"""A meter made of the sensors of another integration, in a real Home Assistant."""

import logging
from collections.abc import Callable

import pytest
from homeassistant.components.diagnostics import REDACTED
from homeassistant.components.sensor import SensorDeviceClass, SensorEntity
from homeassistant.config_entries import (
    SOURCE_USER,
    ConfigEntry,
    ConfigFlow,
    ConfigSubentryData,
)
from homeassistant.const import STATE_UNAVAILABLE, STATE_UNKNOWN, Platform
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    MockModule,
    MockPlatform,
    mock_config_flow,
    mock_integration,
    mock_platform,
)

from custom_components.headroom.const import DOMAIN
from custom_components.headroom.coordinator import SiteCoordinator
from custom_components.headroom.diagnostics import async_get_config_entry_diagnostics
from tests.chargers.ocpp.charge_point import ScriptedChargePoint
from tests.config_flow.site import choose, enter, part, suggested, zone

from .conftest import BUILDING, METER, Dial, arrive, remove_part, small_site
from .life import Life

LOGGER = "custom_components.headroom.meters.entity_meter"
AGE = 30


class Phase(SensorEntity):
    """The current of one phase as another integration shows it."""

    _attr_device_class = SensorDeviceClass.CURRENT
    _attr_native_unit_of_measurement = "A"
    _attr_should_poll = False

    def __init__(self, phase: int) -> None:
        self._attr_unique_id = f"l{phase}"
        self._attr_name = f"Board L{phase}"

    def show(self, current: float | None) -> None:
        """Report a current; None if it is not known."""
        self._attr_available, self._attr_native_value = True, current
        self.async_write_ha_state()

    def go_away(self) -> None:
        """Become unavailable."""
        self._attr_available = False
        self.async_write_ha_state()


class Board:
    """An integration with the sensors of a switchboard."""

    def __init__(self, hass: HomeAssistant) -> None:
        self._hass = hass
        self._entry = MockConfigEntry(domain="acme")
        self._entry.add_to_hass(hass)
        self._currents = (10.0, 20.0, 5.0)
        self.phases: list[Phase] = []
        module = MockModule(
            "acme", async_setup_entry=self._set_up_entry, async_unload_entry=self._unload_entry
        )
        mock_integration(hass, module, built_in=False)
        mock_platform(hass, "acme.config_flow")
        mock_platform(hass, "acme.sensor", MockPlatform(async_setup_entry=self._set_up_platform))

    async def start(self) -> None:
        """Begin to show currents."""
        with mock_config_flow("acme", ConfigFlow):
            assert await self._hass.config_entries.async_setup(self._entry.entry_id)
        await self._hass.async_block_till_done()
        self.show()

    async def stop(self) -> None:
        """Take the sensors away, as the end of Home Assistant does."""
        assert await self._hass.config_entries.async_unload(self._entry.entry_id)
        await self._hass.async_block_till_done()

    def show(self, *currents: float) -> None:
        """Report new currents, or the same ones again."""
        self._currents = (currents[0], currents[1], currents[2]) if currents else self._currents
        for phase, current in zip(self.phases, self._currents, strict=True):
            phase.show(current)

    def keys(self) -> list[str]:
        """Return the registry ids of the sensors."""
        return [phase.registry_entry.id for phase in self.phases if phase.registry_entry]

    async def _set_up_entry(self, hass: HomeAssistant, entry: ConfigEntry) -> bool:
        self.phases = [Phase(phase) for phase in (1, 2, 3)]
        await hass.config_entries.async_forward_entry_setups(entry, [Platform.SENSOR])
        return True

    async def _unload_entry(self, hass: HomeAssistant, entry: ConfigEntry) -> bool:
        return await hass.config_entries.async_unload_platforms(entry, [Platform.SENSOR])

    async def _set_up_platform(
        self, hass: HomeAssistant, entry: ConfigEntry, add: AddConfigEntryEntitiesCallback
    ) -> None:
        add(self.phases)


@pytest.fixture
async def board(hass: HomeAssistant) -> Board:
    board = Board(hass)
    await board.start()
    return board


@pytest.fixture
def subentries(board: Board) -> list[ConfigSubentryData]:
    """Return a garage below a building whose sensors show what is left."""
    data = {
        "family": "entities",
        "zone": BUILDING,
        "current_entities": board.keys(),
        "signed": True,
        "max_age": AGE,
    }
    return [
        zone(BUILDING, "Building", limit=40.0, supply="dynamic", degraded=7.0),
        *small_site()[1:],
        part(METER, "meter", "Board", "meter_entity", data),
    ]


async def go_on(board: Board, life: Life, seconds: int = 1) -> None:
    """Let seconds pass in each of which the sensors report."""
    for _ in range(seconds):
        board.show()
        await life.go_on()


async def until(board: Board, life: Life, predicate: Callable[[], bool]) -> None:
    """Let seconds pass in which the sensors report, until something is so."""
    for _ in range(100):
        if predicate():
            return
        await go_on(board, life)
    raise AssertionError("not so within 100 seconds")


@pytest.fixture
async def charging(
    site: SiteCoordinator, board: Board, life: Life, left: ScriptedChargePoint
) -> ScriptedChargePoint:
    """Return a charger with a car that may take what the building leaves, and takes nothing."""
    await go_on(board, life)
    await left.status("Charging")
    await left.meter({"measurand": "Current.Import", "value": "0"})
    await until(board, life, lambda: left.lease(1) > 19)
    await go_on(board, life, 12)
    return left


async def test_a_report_lowers_a_setpoint_at_once(
    hass: HomeAssistant, board: Board, life: Life, charging: ScriptedChargePoint
) -> None:
    assert charging.lease(1) == pytest.approx(19.7)
    assert [life.value("sensor", f"{METER}_current_l{phase}") for phase in (1, 2, 3)] == [
        "10.0",
        "20.0",
        "5.0",
    ]
    board.show(10, 45, 5)
    await hass.async_block_till_done()
    await life.settle()
    assert charging.lease(1) == pytest.approx(14.4), "no second has passed"


async def test_the_meter_is_shown_as_any_other(
    hass: HomeAssistant, site: SiteCoordinator, board: Board, life: Life, entry: MockConfigEntry
) -> None:
    await go_on(board, life)
    assert life.value("binary_sensor", f"{METER}_contact") == "on"
    assert life.value("sensor", f"{METER}_power") == STATE_UNKNOWN
    device = dr.async_get(hass).async_get_device_by_identifier((DOMAIN, METER), entry.entry_id)
    assert device is not None
    assert (device.name, device.model) == ("Board", "Sensors")
    diagnostics = await async_get_config_entry_diagnostics(hass, entry)
    assert diagnostics["meters"][METER]["data"]["currents"] == {"l1": 10.0, "l2": 20.0, "l3": 5.0}
    assert diagnostics["subentries"][METER]["data"]["current_entities"] != REDACTED


async def test_a_meter_is_added_to_a_running_site_and_supplies_its_zone(
    hass: HomeAssistant,
    site: SiteCoordinator,
    board: Board,
    life: Life,
    entry: MockConfigEntry,
) -> None:
    await remove_part(hass, entry, METER)
    await life.go_on()
    assert life.value("sensor", f"{BUILDING}_budget_reason") == "meter_silent"

    result = await hass.config_entries.subentries.async_init(
        (entry.entry_id, "meter"), context={"source": SOURCE_USER}
    )
    result = await enter(hass, await choose(hass, result, "entities"))
    entities = [phase.entity_id for phase in board.phases]
    form = suggested(result) | {"zone": BUILDING, "current_entities": entities}
    result = await enter(hass, await enter(hass, result, **form))
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await go_on(board, life, 2)
    assert life.value("sensor", f"{BUILDING}_budget_reason") == "other_loads"
    assert life.value("sensor", f"{BUILDING}_budget_l2") == "20.0"
    (meter,) = entry.get_subentries_of_type("meter")
    assert meter.data["current_entities"] == board.keys()


async def test_a_rename_is_followed(
    hass: HomeAssistant, board: Board, life: Life, charging: ScriptedChargePoint
) -> None:
    renamed = board.phases[1].entity_id
    er.async_get(hass).async_update_entity(renamed, new_entity_id="sensor.renamed")
    await hass.async_block_till_done()
    assert hass.states.get(renamed) is None
    board.show(10, 45, 5)
    await hass.async_block_till_done()
    await life.settle()
    assert charging.lease(1) == pytest.approx(14.4)


@pytest.mark.parametrize("fault", ["unavailable", "unknown", "stale", "deleted", "unit"])
async def test_a_phase_that_is_lost_has_the_degraded_current(
    hass: HomeAssistant, board: Board, life: Life, charging: ScriptedChargePoint, fault: str
) -> None:
    lost, *others = (board.phases[1], board.phases[0], board.phases[2])
    if fault == "unavailable":
        lost.go_away()
    elif fault == "unknown":
        lost.show(None)
    elif fault == "deleted":
        er.async_get(hass).async_remove(lost.entity_id)
    elif fault == "unit":
        lost._attr_native_unit_of_measurement = "W"
        lost._attr_device_class = SensorDeviceClass.POWER
        lost.show(20)
    for _ in range(AGE + 1 if fault == "stale" else 1):
        for phase in others:
            phase.async_write_ha_state()
        await life.go_on()
    assert life.value("sensor", f"{BUILDING}_budget_l2") == "7.0"
    assert charging.lease(1) == 7
    assert life.value("binary_sensor", f"{BUILDING}_degraded") == "on"
    assert life.value("binary_sensor", f"{METER}_contact") == "on"
    assert life.value("sensor", f"{METER}_current_l1") == "10.0"
    assert life.value("sensor", f"{METER}_current_l2") == STATE_UNKNOWN
    assert life.value("sensor", f"{BUILDING}_budget_l1") == "30.0"
    reason = life.state("sensor", f"{BUILDING}_budget_reason")
    assert reason.state == "phase_lost"
    silent = [each for each in reason.attributes["reasons"] if each["code"] == "phase_lost"]
    assert [each["phase"] for each in silent] == ["L2"]


async def test_a_meter_all_of_whose_sensors_are_old_is_silent(
    board: Board, life: Life, charging: ScriptedChargePoint, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, LOGGER)
    await life.go_on(AGE - 1)
    assert life.value("binary_sensor", f"{METER}_contact") == "on"
    await life.go_on()
    assert life.value("binary_sensor", f"{METER}_contact") == "off"
    assert life.value("sensor", f"{METER}_current_l1") == STATE_UNAVAILABLE
    assert life.value("sensor", f"{BUILDING}_budget_reason") == "meter_silent"
    assert charging.lease(1) == 7

    await go_on(board, life)
    assert life.value("binary_sensor", f"{METER}_contact") == "on"
    await until(board, life, lambda: charging.lease(1) > 19)
    logged = [record.message for record in caplog.records if record.name == LOGGER]
    assert len(logged) == 2
    assert logged[0].startswith("Meter Board cannot be read: no entity of its currents")
    assert logged[1] == "Meter Board can be read again"


async def test_after_a_restart_nothing_rises_until_the_sensors_are_there(
    hass: HomeAssistant,
    board: Board,
    life: Life,
    charging: ScriptedChargePoint,
    entry: MockConfigEntry,
    dial: Dial,
) -> None:
    await board.stop()
    assert await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()
    again = await arrive(dial, "LEFT-1", 1, 2)
    await again.status("Charging")
    assert life.value("binary_sensor", f"{METER}_contact") == "off"
    await life.until(lambda: max(again.leases, default=0) >= 6)
    await life.go_on(60)
    assert life.value("binary_sensor", f"{BUILDING}_degraded") == "on"
    assert max(again.leases) <= 7

    await board.start()
    await go_on(board, life, 5)
    assert life.value("binary_sensor", f"{METER}_contact") == "on"
    assert max(again.leases) <= 7, "the room must have been there for a while"
    await until(board, life, lambda: again.lease(1) > 19)
