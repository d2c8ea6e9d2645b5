"""Changing the cheap hours of a site, and what a British one begins with."""

from collections.abc import Generator
from datetime import time, timedelta
from typing import Any
from unittest.mock import patch

import pytest
from homeassistant.config_entries import SOURCE_USER
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType, InvalidData

from custom_components.headroom.clock.settings import PROPOSED, clock_of, waits_by_default
from custom_components.headroom.const import DOMAIN
from custom_components.headroom.engine.when.off_peak import ClockRules, WeekendRule

from .site import site, submit, suggested


async def open_form(hass: HomeAssistant, entry_id: str) -> dict[str, Any]:
    """Start the flow that changes the cheap hours of a site."""
    manager = hass.config_entries.options
    menu = await manager.async_init(entry_id)
    return dict(await manager.async_configure(menu["flow_id"], {"next_step_id": "clock"}))


async def enter(hass: HomeAssistant, result: dict[str, Any], **values: Any) -> dict[str, Any]:
    """Submit its form as it is proposed, but for some values."""
    manager = hass.config_entries.options
    return dict(await manager.async_configure(result["flow_id"], {**PROPOSED, **values}))


async def test_the_manuals_hours_are_proposed_and_kept(hass: HomeAssistant) -> None:
    entry = site()
    entry.add_to_hass(hass)
    result = await open_form(hass, entry.entry_id)
    assert suggested(result) == PROPOSED
    assert not waits_by_default(entry.options)
    assert clock_of(entry.options) == ClockRules()

    result = await enter(hass, result)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert entry.options == {"clock": PROPOSED}
    assert waits_by_default(entry.options)
    assert clock_of(entry.options) == ClockRules(longest_delay=timedelta(seconds=600))


async def test_all_of_it_can_be_changed_and_is_shown_again(hass: HomeAssistant) -> None:
    entry = site()
    entry.add_to_hass(hass)
    changes = {
        "off_peak": False,
        "first_start": "23:30:00",
        "first_end": "05:30:00",
        "second": False,
        "weekend": "peak",
        "continues": True,
        "longest_delay": 1800,
        "delays_end": True,
        "resumes": False,
    }
    await enter(hass, await open_form(hass, entry.entry_id), **changes)
    assert not waits_by_default(entry.options)
    assert clock_of(entry.options) == ClockRules(
        windows=((time(23, 30), time(5, 30)),),
        weekend=WeekendRule.PEAK,
        continues=True,
        longest_delay=timedelta(seconds=1800),
        delays_end=True,
        resumes=False,
    )
    again = await open_form(hass, entry.entry_id)
    assert suggested(again) == {**PROPOSED, **changes}


@pytest.mark.parametrize(
    ("values", "errors"),
    [
        ({"second_start": "15:59:00"}, {"second_start": "windows_overlap"}),
        ({"second_end": "11:01:00"}, {"second_start": "windows_overlap"}),
        ({"first_end": "11:00:00"}, {"first_end": "window_empty"}),
        ({"second_end": "22:00:00"}, {"second_end": "window_empty"}),
        ({"first_start": "11:00:30"}, {"first_start": "whole_minutes"}),
        ({"second_end": "08:00:01"}, {"second_end": "whole_minutes"}),
    ],
)
async def test_hours_that_cannot_be_are_refused_and_then_corrected(
    hass: HomeAssistant, values: dict[str, str], errors: dict[str, str]
) -> None:
    entry = site()
    entry.add_to_hass(hass)
    result = await enter(hass, await open_form(hass, entry.entry_id), **values)
    assert result["errors"] == errors
    assert suggested(result) == {**PROPOSED, **values}
    assert "clock" not in entry.options
    result = await enter(hass, result)
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_a_second_window_that_is_not_used_may_be_anything(hass: HomeAssistant) -> None:
    entry = site()
    entry.add_to_hass(hass)
    result = await open_form(hass, entry.entry_id)
    result = await enter(hass, result, second=False, second_start="12:00:00")
    assert result["type"] is FlowResultType.CREATE_ENTRY


@pytest.mark.parametrize(
    "values", [{"longest_delay": 1801}, {"longest_delay": -1}, {"weekend": "sometimes"}]
)
async def test_values_out_of_range_are_refused(hass: HomeAssistant, values: dict[str, Any]) -> None:
    entry = site()
    entry.add_to_hass(hass)
    result = await open_form(hass, entry.entry_id)
    with pytest.raises(InvalidData):
        await enter(hass, result, **values)


@pytest.fixture
def free_port() -> Generator[None]:
    with patch("custom_components.headroom.config_flow.port_is_free", return_value=True):
        yield


@pytest.mark.usefixtures("free_port")
@pytest.mark.parametrize("accepted", [True, False])
async def test_a_british_site_begins_with_cheap_hours_and_says_so(
    hass: HomeAssistant, *, accepted: bool
) -> None:
    hass.config.country = "GB"
    result = await hass.config_entries.flow.async_init(DOMAIN, context={"source": SOURCE_USER})
    result = await submit(hass, result, name="Home", port=9001)
    assert result["step_id"] == "smart_charging"
    result = await submit(hass, result, off_peak=accepted)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    options = result["result"].options
    assert options == {"clock": {**PROPOSED, "delays_end": True, "off_peak": accepted}}
    assert waits_by_default(options) is accepted
    assert result["result"].data == {"name": "Home", "port": 9001}
    assert "next_flow" in result
