"""The blueprint that sends reports on, in a real Home Assistant."""

from pathlib import Path
from typing import Any

import pytest
from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.common import async_mock_service

from custom_components.headroom.coordinator import SiteCoordinator
from custom_components.headroom.report import EVENT_REPORT, async_report_of

from .blueprints import notice, use_blueprint
from .conftest import LEFT


async def automate(hass: HomeAssistant, tmp_path: Path, **inputs: Any) -> None:
    """Send reports on by mail."""
    send = notice("notify.mail")
    await use_blueprint(hass, tmp_path, "send_report", {"send": send} | inputs)


@pytest.mark.parametrize(
    ("inputs", "online", "sent"),
    [
        ({}, False, 1),
        ({}, True, 0),
        ({"problems_only": False}, True, 1),
    ],
)
async def test_a_report_is_sent_on(
    hass: HomeAssistant,
    site: SiteCoordinator,
    tmp_path: Path,
    inputs: dict[str, Any],
    online: bool,
    sent: int,
) -> None:
    mails = async_mock_service(hass, "notify", "mail")
    await automate(hass, tmp_path, **inputs)
    item = site.config_entry.subentries[LEFT]
    report = await async_report_of(site, item)
    hass.bus.async_fire(EVENT_REPORT, report | {"online": online})
    await hass.async_block_till_done()
    assert len(mails) == sent
    for mail in mails:
        assert mail.data["title"] == "Home: LEFT-1"
        start = "Connected" if online else "Not connected"
        assert mail.data["message"].startswith(
            f"{start}. Contact lost: 0. Without contact: 0 min. "
        )
    await hass.services.async_call("automation", "turn_off", {"entity_id": "all"}, blocking=True)


async def test_contact_that_was_lost_before_the_24_hours_is_a_problem_too(
    hass: HomeAssistant, site: SiteCoordinator, tmp_path: Path
) -> None:
    mails = async_mock_service(hass, "notify", "mail")
    await automate(hass, tmp_path)
    report = await async_report_of(site, site.config_entry.subentries[LEFT])
    contact = report["contact"] | {"lost": 0, "without_contact": 5400}
    hass.bus.async_fire(EVENT_REPORT, report | {"online": True, "contact": contact})
    await hass.async_block_till_done()
    assert "Without contact: 90 min." in mails[0].data["message"]


async def test_errors_are_listed(
    hass: HomeAssistant, site: SiteCoordinator, tmp_path: Path
) -> None:
    mails = async_mock_service(hass, "notify", "mail")
    await automate(hass, tmp_path)
    report = await async_report_of(site, site.config_entry.subentries[LEFT])
    error = {"at": "2026-07-01T12:00:00+00:00", "detail": "GroundFailure", "connector": 2}
    hass.bus.async_fire(EVENT_REPORT, report | {"online": True, "errors": [error]})
    await hass.async_block_till_done()
    assert "GroundFailure at connector 2" in mails[0].data["message"]
    await hass.services.async_call("automation", "turn_off", {"entity_id": "all"}, blocking=True)
