"""Firmware for chargers: offered, fetched, followed through restarts of both sides."""

from typing import Any

import pytest
from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant, State
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.headroom.chargers.base import ChargerInfo
from custom_components.headroom.chargers.maintenance import FirmwareFile, FirmwareStage
from custom_components.headroom.const import DOMAIN
from custom_components.headroom.coordinator import SiteCoordinator
from custom_components.headroom.firmware import PATIENCE, FirmwareOffer
from tests.chargers.ocpp.charge_point import REJECTED, ScriptedChargePoint

from .conftest import LEFT, Dial, arrive, remove_part, set_up
from .life import Life
from .targets import device_of

URL = "http://files.local/acme/one-2.0.bin?key=1"


@pytest.fixture
async def charge_point(left: ScriptedChargePoint) -> ScriptedChargePoint:
    """Return the double charger with its old firmware."""
    await left.boot(firmwareVersion="1.9")
    left.script["UpdateFirmware"] = {}
    return left


async def update(hass: HomeAssistant, **data: Any) -> None:
    """Call the action for the double charger, and let all entities hear of it."""
    target = {"device_id": device_of(hass, LEFT), "url": URL}
    await hass.services.async_call(DOMAIN, "update_firmware", target | data, blocking=True)
    await hass.async_block_till_done()


async def tell(charge_point: ScriptedChargePoint, life: Life, status: str) -> State:
    """Let the charger tell how its update stands, and return what is shown then."""
    await charge_point.call("FirmwareStatusNotification", {"status": status})
    await life.go_on(2)
    return shown(life)


def shown(life: Life) -> State:
    """Return the state of the update."""
    return life.state("update", f"{LEFT}_firmware")


async def test_an_update_from_offer_to_restart(
    hass: HomeAssistant, charge_point: ScriptedChargePoint, life: Life
) -> None:
    await life.go_on(2)
    assert (shown(life).state, shown(life).attributes["installed_version"]) == ("off", "1.9")
    await update(hass)
    assert charge_point.commands("UpdateFirmware")[0].payload["location"] == URL
    started = shown(life)
    assert (started.state, started.attributes["latest_version"]) == ("on", "one-2.0")
    assert started.attributes["in_progress"] is True

    assert started.attributes["update_percentage"] == 0
    for status, percent in (("Downloading", 25), ("Downloaded", 50), ("Installing", 75)):
        told = await tell(charge_point, life, status)
        assert told.attributes["update_percentage"] == percent
    await charge_point.boot(firmwareVersion="2.0")
    await life.go_on(2)
    done = shown(life)
    assert (done.state, done.attributes["installed_version"]) == ("off", "2.0")
    assert (done.attributes["in_progress"], done.attributes["stage"]) == (False, "installed")


async def test_a_firmware_can_be_offered_first_and_installed_later(
    hass: HomeAssistant, charge_point: ScriptedChargePoint, life: Life
) -> None:
    await update(hass, install=False, version="1.8")
    assert charge_point.commands("UpdateFirmware") == []
    assert (shown(life).state, shown(life).attributes["in_progress"]) == ("on", False)
    await life.act("update", "install", f"{LEFT}_firmware")
    assert shown(life).attributes["in_progress"] is True
    assert len(charge_point.commands("UpdateFirmware")) == 1


async def test_an_address_without_a_file_is_named_by_its_host(
    hass: HomeAssistant, charge_point: ScriptedChargePoint, life: Life
) -> None:
    await update(hass, url="ftp://anna:secret@files.local/")
    assert shown(life).attributes["latest_version"] == "files.local"


async def test_without_an_offer_there_is_nothing_to_install(
    hass: HomeAssistant, charge_point: ScriptedChargePoint, life: Life
) -> None:
    await life.go_on(2)
    with pytest.raises(HomeAssistantError):
        await life.act("update", "install", f"{LEFT}_firmware")
    assert charge_point.commands("UpdateFirmware") == []


@pytest.mark.parametrize(
    ("status", "stage"),
    [
        ("DownloadFailed", "download_failed"),
        ("InstallationFailed", "installation_failed"),
        ("Idle", "idle"),
    ],
)
async def test_a_failure_is_shown_and_the_update_can_be_tried_again(
    hass: HomeAssistant, charge_point: ScriptedChargePoint, life: Life, status: str, stage: str
) -> None:
    await update(hass)
    await tell(charge_point, life, "Downloading")
    failed = await tell(charge_point, life, status)
    assert (failed.state, failed.attributes["in_progress"]) == ("on", False)
    assert failed.attributes["stage"] == stage
    await life.act("update", "install", f"{LEFT}_firmware")
    assert shown(life).attributes["stage"] == "waiting"


async def test_a_charger_that_has_not_begun_may_say_that_it_is_idle(
    hass: HomeAssistant, charge_point: ScriptedChargePoint, life: Life
) -> None:
    await update(hass)
    assert (await tell(charge_point, life, "Idle")).attributes["in_progress"] is True


async def test_a_charger_that_refuses_is_left_as_it_is(
    hass: HomeAssistant, charge_point: ScriptedChargePoint, life: Life
) -> None:
    charge_point.script["SignedUpdateFirmware"] = REJECTED
    with pytest.raises(HomeAssistantError) as raised:
        await update(hass, signature="c2ln", certificate="PEM")
    assert raised.value.translation_key == "charger_refused"
    assert (shown(life).state, shown(life).attributes["in_progress"]) == ("on", False)


async def test_after_a_restart_of_home_assistant_the_update_goes_on(
    hass: HomeAssistant,
    charge_point: ScriptedChargePoint,
    entry: MockConfigEntry,
    dial: Dial,
    life: Life,
) -> None:
    await update(hass)
    await tell(charge_point, life, "Downloading")
    await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()
    assert shown(life).attributes["in_progress"] is True

    again = await arrive(dial, "LEFT-1", 1, 2)
    asked = [c.payload["requestedMessage"] for c in again.commands("TriggerMessage")]
    assert "FirmwareStatusNotification" in asked
    await again.boot(firmwareVersion="1.9")
    assert (await tell(again, life, "Installing")).attributes["stage"] == "installing"
    await again.boot(firmwareVersion="2.0")
    await life.go_on(2)
    assert (shown(life).state, shown(life).attributes["stage"]) == ("off", "installed")


async def test_an_update_whose_entity_is_disabled_ends_too(
    hass: HomeAssistant,
    charge_point: ScriptedChargePoint,
    entry: MockConfigEntry,
    dial: Dial,
    life: Life,
) -> None:
    await update(hass)
    er.async_get(hass).async_update_entity(
        life.entity("update", f"{LEFT}_firmware"), disabled_by=er.RegistryEntryDisabler.USER
    )
    await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()
    again = await arrive(dial, "LEFT-1", 1, 2)
    asked = [c.payload["requestedMessage"] for c in again.commands("TriggerMessage")]
    assert "FirmwareStatusNotification" in asked
    await again.boot(firmwareVersion="2.0")
    await life.go_on(2)
    assert entry.runtime_data.firmware[LEFT].stage is FirmwareStage.INSTALLED


async def test_it_stays_while_the_charger_restarts(
    hass: HomeAssistant, charge_point: ScriptedChargePoint, life: Life
) -> None:
    await update(hass)
    charge_point.cut()
    await life.until(lambda: life.value("binary_sensor", f"{LEFT}_contact") == "off")
    assert (shown(life).state, shown(life).attributes["in_progress"]) == ("on", True)


async def test_an_offer_goes_with_its_charger(
    hass: HomeAssistant,
    charge_point: ScriptedChargePoint,
    entry: MockConfigEntry,
    hass_storage: dict[str, Any],
) -> None:
    await update(hass)
    stored = hass_storage[f"{DOMAIN}.{entry.entry_id}"]["data"]["firmware"]
    assert stored[LEFT]["version"] == "one-2.0"
    await remove_part(hass, entry, LEFT)
    assert entry.runtime_data.firmware == {}


@pytest.mark.parametrize("stored", [{LEFT: {}}, {LEFT: {"file": {"retrieve_at": 3}}}, []], ids=str)
async def test_an_offer_that_cannot_be_read_is_none(
    hass: HomeAssistant, hass_storage: dict[str, Any], entry: MockConfigEntry, stored: object
) -> None:
    hass_storage[f"{DOMAIN}.{entry.entry_id}"] = {"version": 1, "data": {"firmware": stored}}
    site = await set_up(hass, entry)
    assert site.firmware == {}
    await hass.config_entries.async_unload(entry.entry_id)


def offer(**changes: Any) -> FirmwareOffer:
    """Return an offer."""
    return FirmwareOffer(file=FirmwareFile(url=URL), version="2.0", **changes)


def test_silence_ends_an_update(freezer: FrozenDateTimeFactory) -> None:
    now = freezer().astimezone()
    started = offer().start("1.9", now)
    assert started.follow(None, "1.9", now + PATIENCE) is started
    later = started.follow(None, "1.9", now + 2 * PATIENCE)
    assert later.stage is FirmwareStage.IDLE
    assert not later.is_under_way


def test_waiting_for_the_night_is_no_silence(freezer: FrozenDateTimeFactory) -> None:
    now = freezer().astimezone()
    night = now + 2 * PATIENCE
    started = FirmwareOffer(file=FirmwareFile(url=URL, retrieve_at=night), version="2").start(
        None, now
    )
    assert started.follow(None, None, night).is_under_way
    assert FirmwareOffer.from_json(started.to_json()) == started


def test_an_offer_that_was_not_started_stays_one(freezer: FrozenDateTimeFactory) -> None:
    waiting = offer()
    now = freezer().astimezone()
    assert waiting.follow(FirmwareStage.INSTALLED, "3.0", now) is waiting
    assert FirmwareOffer.from_json(waiting.to_json()) == waiting


async def test_a_charger_that_has_not_spoken_has_no_version(
    hass: HomeAssistant, site: SiteCoordinator, entry: MockConfigEntry, life: Life
) -> None:
    assert site.equipment.chargers[LEFT].info == ChargerInfo()
    assert shown(life).state == "unknown"
