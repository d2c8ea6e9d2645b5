"""The fallback of chargers: tested by the press of a button, and what follows from it."""

import pytest
from homeassistant.config_entries import ConfigSubentryData
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.headroom.coordinator import SiteCoordinator
from tests.chargers.ocpp.charge_point import ScriptedChargePoint
from tests.config_flow.site import CONNECTOR, charger, zone

from .conftest import GARAGE, LEFT, RIGHT, Dial, arrive, change_part, remove_part, site_entry
from .life import Life

SILENCE = 180 + 30
"""Seconds: the lease, and what charger and car may need after it."""


@pytest.fixture
def subentries() -> list[ConfigSubentryData]:
    connector = CONNECTOR | {"fallback": 6.0}
    return [
        zone(GARAGE, "Garage", limit=32.0),
        charger(LEFT, "LEFT-1", GARAGE, connector),
        charger(RIGHT, "RIGHT-1", GARAGE, connector),
    ]


@pytest.fixture
def entry(subentries: list[ConfigSubentryData], port: int) -> MockConfigEntry:
    return site_entry(subentries, port, options={})


async def charge(charge_point: ScriptedChargePoint, amps: float) -> None:
    """Let a car charge on all phases."""
    await charge_point.status("Charging")
    await charge_point.meter(
        *(
            {"measurand": "Current.Import", "value": str(amps), "phase": f"L{phase}"}
            for phase in (1, 2, 3)
        )
    )


async def go_on_charging(
    life: Life, seconds: int, **cars: tuple[ScriptedChargePoint, float]
) -> None:
    """Let time pass while cars draw what they draw."""
    for _ in range(seconds // 10):
        for charge_point, amps in cars.values():
            await charge(charge_point, amps)
        await life.go_on(10)


@pytest.fixture
async def right(site: SiteCoordinator, dial: Dial) -> ScriptedChargePoint:
    return await arrive(dial, "RIGHT-1", 1)


@pytest.fixture
async def left(right: ScriptedChargePoint, dial: Dial, life: Life) -> ScriptedChargePoint:
    """Let two cars share the current."""
    left = await arrive(dial, "LEFT-1", 1)
    await go_on_charging(life, 60, left=(left, 16), right=(right, 16))
    assert (left.leases[-1], right.leases[-1]) == (16, 16)
    return left


def fallback(life: Life, charger_id: str = LEFT) -> str:
    return life.value("sensor", f"{charger_id}_fallback")


def after_restart(life: Life) -> str:
    shown: str = life.state("sensor", f"{LEFT}_fallback").attributes["after_restart"]
    return shown


async def press(life: Life) -> None:
    await life.act("button", "press", f"{LEFT}_test_fallback")


async def return_at(
    life: Life, dial: Dial, amps: float, *, after_restart: float | None = None
) -> ScriptedChargePoint:
    """Let the left one come back, and show after a restart what it does then, if anything."""
    back = await dial("LEFT-1")
    await charge(back, amps)
    if after_restart is None:
        return back
    await life.until(lambda: bool(back.commands("Reset")))
    assert back.commands("Reset")[0].payload == {"type": "Hard"}
    assert (back.profiles, fallback(life)) == ([], "testing")
    back.cut()
    await life.go_on(20)
    started = await dial("LEFT-1")
    assert (await started.boot())["status"] == "Pending"
    await go_on_charging(life, 60, started=(started, after_restart))
    assert (await started.boot())["status"] == "Accepted"
    return started


async def test_who_was_not_tested_counts_with_its_maximum_after_its_lease(
    left: ScriptedChargePoint, right: ScriptedChargePoint, life: Life
) -> None:
    assert fallback(life) == "not_tested"
    left.cut()
    await go_on_charging(life, 60, right=(right, 16))
    assert right.leases[-1] == 16
    await go_on_charging(life, 110, right=(right, 16))
    await go_on_charging(life, 20, right=(right, 0))
    assert right.leases[-1] == 0
    reasons = life.state("sensor", f"{RIGHT}:1_setpoint_reason").attributes["reasons"]
    assert [reason["code"] for reason in reasons[:2]] == ["floor_does_not_fit", "nominal"]
    assert {"code": "beyond_control", "current": 32.0, "zone": "Garage", "phase": "L1"} in reasons
    assert fallback(life) == "not_tested"


async def test_who_has_passed_counts_with_its_fallback(
    left: ScriptedChargePoint, right: ScriptedChargePoint, life: Life, dial: Dial
) -> None:
    await press(life)
    assert fallback(life) == "testing"
    await go_on_charging(life, SILENCE, right=(right, 0))
    back = await return_at(life, dial, 6, after_restart=6)
    assert (fallback(life), after_restart(life)) == ("proven", "holds")
    assert fallback(life, RIGHT) == "not_tested", "it does not say of what kind it is"
    await go_on_charging(life, 60, back=(back, 6), right=(right, 16))
    assert back.leases[-1] >= 6

    back.cut()
    await go_on_charging(life, 300, right=(right, 26))
    assert right.leases[-1] == 26


@pytest.mark.parametrize("untested", ["maximum", "fallback"])
async def test_who_has_failed_says_so_and_counts_with_its_maximum(
    left: ScriptedChargePoint,
    right: ScriptedChargePoint,
    life: Life,
    dial: Dial,
    site: SiteCoordinator,
    untested: str,
    hass: HomeAssistant,
    entry: MockConfigEntry,
) -> None:
    hass.config_entries.async_update_entry(entry, options={"untested": untested})
    await press(life)
    await go_on_charging(life, SILENCE, right=(right, 0))
    back = await return_at(life, dial, 16)
    await life.until(lambda: fallback(life) == "failed")
    back.cut()
    await go_on_charging(life, 240, right=(right, 16))
    assert right.leases[-1] == 0


@pytest.fixture
async def free(
    left: ScriptedChargePoint, right: ScriptedChargePoint, life: Life, dial: Dial
) -> ScriptedChargePoint:
    """Let the left one show that it knows no limit after a restart."""
    await press(life)
    await go_on_charging(life, SILENCE, right=(right, 0))
    return await return_at(life, dial, 6, after_restart=16)


@pytest.mark.parametrize("untested", ["maximum", "fallback"])
async def test_who_starts_free_says_so_and_counts_with_its_maximum(
    hass: HomeAssistant,
    free: ScriptedChargePoint,
    right: ScriptedChargePoint,
    life: Life,
    entry: MockConfigEntry,
    untested: str,
) -> None:
    hass.config_entries.async_update_entry(entry, options={"untested": untested})
    await go_on_charging(life, 60, free=(free, 6), right=(right, 6))
    assert (fallback(life), after_restart(life)) == ("proven", "free")
    assert right.leases[-1] >= 6
    free.cut()
    await go_on_charging(life, 160, right=(right, 6))
    assert right.leases[-1] >= 6
    await go_on_charging(life, 40, right=(right, 6))
    assert right.leases[-1] == 0


async def test_who_starts_free_counts_with_its_maximum_from_a_start_until_it_is_heard(
    hass: HomeAssistant,
    free: ScriptedChargePoint,
    life: Life,
    dial: Dial,
    entry: MockConfigEntry,
) -> None:
    await hass.config_entries.async_reload(entry.entry_id)
    right = await arrive(dial, "RIGHT-1", 1)
    await go_on_charging(life, 40, right=(right, 0))
    assert set(right.leases) == {0}
    left = await arrive(dial, "LEFT-1", 1)
    await go_on_charging(life, 60, left=(left, 16), right=(right, 16))
    assert (left.leases[-1], right.leases[-1]) == (16, 16)


async def test_other_firmware_makes_both_unknown_again(
    free: ScriptedChargePoint, life: Life
) -> None:
    assert (fallback(life), after_restart(life)) == ("proven", "free")
    await free.boot(firmwareVersion="2.0")
    await life.go_on(2)
    assert (fallback(life), after_restart(life)) == ("not_tested", "unknown")


async def test_a_proof_outlives_a_restart(
    hass: HomeAssistant,
    left: ScriptedChargePoint,
    right: ScriptedChargePoint,
    life: Life,
    dial: Dial,
    entry: MockConfigEntry,
) -> None:
    await press(life)
    await go_on_charging(life, SILENCE, right=(right, 0))
    await return_at(life, dial, 6, after_restart=6)
    assert (fallback(life), after_restart(life)) == ("proven", "holds")
    await hass.config_entries.async_reload(entry.entry_id)
    await life.settle()
    assert (fallback(life), after_restart(life)) == ("proven", "holds")


async def test_without_a_car_there_is_nothing_to_see(left: ScriptedChargePoint, life: Life) -> None:
    await charge(left, 7)
    with pytest.raises(HomeAssistantError) as error:
        await press(life)
    assert error.value.translation_key == "nothing_to_see"
    assert fallback(life) == "not_tested"


async def test_a_charger_that_shall_keep_its_setpoint_is_not_tested(
    hass: HomeAssistant, left: ScriptedChargePoint, life: Life, entry: MockConfigEntry
) -> None:
    await change_part(hass, entry, LEFT, connectors=[CONNECTOR | {"offline": "keep"}])
    with pytest.raises(HomeAssistantError) as error:
        await press(life)
    assert error.value.translation_key == "no_failsafe"


async def test_a_second_press_does_not_begin_anew(
    left: ScriptedChargePoint, life: Life, site: SiteCoordinator
) -> None:
    await press(life)
    site.async_test_fallback(LEFT)
    assert fallback(life) == "testing"


async def test_a_charger_that_is_deleted_meanwhile_is_not_tested_on(
    hass: HomeAssistant,
    left: ScriptedChargePoint,
    life: Life,
    entry: MockConfigEntry,
    site: SiteCoordinator,
) -> None:
    await press(life)
    await remove_part(hass, entry, LEFT)
    await life.go_on(2)
    assert site.fallback_tests.state(LEFT) is None
