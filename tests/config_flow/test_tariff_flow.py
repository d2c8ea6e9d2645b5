"""Adding and changing tariff periods."""

from typing import Any

import pytest
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType, InvalidData

from .site import (
    GARAGE,
    MAIN,
    add,
    change,
    enter,
    nested_site,
    options,
    part,
    site,
    suggested,
    tariff,
    tariff_data,
    zone,
)

PEAK = "01PEAK"


async def test_a_period_is_added(hass: HomeAssistant) -> None:
    entry = nested_site()
    result = await add(hass, entry, "tariff_period")
    assert result["type"] is FlowResultType.FORM
    assert suggested(result) == {"slots": [], "weekdays": []}
    assert options(result, "zones") == [MAIN, GARAGE]

    entered = tariff_data(60, ("04:30:00", "10:00:00"), ("20:00", "22:20:59"))
    entered |= {"weekdays": ["fri", "tue", "thu"], "zones": []}
    result = await enter(hass, result, name=" Period 2 ", **entered)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    stored = list(entry.subentries.values())[-1]
    assert (stored.title, stored.unique_id) == ("Period 2", "tariff_period_period_2")
    assert stored.data == {
        "slots": [{"start": "04:30", "end": "10:00"}, {"start": "20:00", "end": "22:20"}],
        "weekdays": ["tue", "thu", "fri"],
        "percent": 60,
    }


async def test_a_period_is_changed(hass: HomeAssistant) -> None:
    entry = site(zone(MAIN, "Main"), tariff(PEAK, "Peak"))
    result = await change(hass, entry, PEAK)
    assert suggested(result) == {"name": "Peak", **tariff_data()}

    changed = tariff_data(0, ("22:00", "06:00"), zones=[MAIN])
    result = await enter(hass, result, name="Night", **changed)
    assert result["reason"] == "reconfigure_successful"
    stored = entry.subentries[PEAK]
    assert (stored.title, stored.unique_id) == ("Night", "tariff_period_night")
    assert stored.data == changed


@pytest.mark.parametrize(
    ("name", "changes", "errors"),
    [
        (" ", {}, {"name": "empty"}),
        ("Peak", {}, {"name": "name_taken"}),
        ("Night", {"slots": []}, {"slots": "empty"}),
        ("Night", {"weekdays": []}, {"weekdays": "empty"}),
        (
            "Night",
            {"slots": [{"start": "10:00", "end": "11:00"}] * 20},
            {"base": "tariff_slots"},
        ),
    ],
)
async def test_an_unfinished_period_is_refused_and_then_corrected(
    hass: HomeAssistant, name: str, changes: dict[str, Any], errors: dict[str, str]
) -> None:
    entry = site(zone(MAIN, "Main"), tariff(PEAK, "Peak"))
    result = await add(hass, entry, "tariff_period")
    entered = tariff_data() | changes
    result = await enter(hass, result, name=name, **entered)
    assert result["errors"] == errors
    assert suggested(result) == {"name": name, **entered}

    result = await enter(hass, result, name="Night", **tariff_data())
    assert result["type"] is FlowResultType.CREATE_ENTRY


@pytest.mark.parametrize(
    ("days", "slots", "overlapping"),
    [
        (["mon"], [("10:00", "12:00"), ("11:59", "13:00")], ("10:00 - 12:00", "11:59 - 13:00")),
        (
            ["mon"],
            [("06:00", "07:00"), ("17:00", "20:00"), ("00:00", "00:00")],
            ("06:00 - 07:00", "00:00 - 00:00"),
        ),
        (
            ["mon", "tue"],
            [("22:00", "06:00"), ("05:00", "07:00")],
            ("22:00 - 06:00", "05:00 - 07:00"),
        ),
    ],
)
async def test_slots_of_a_period_that_overlap_are_refused(
    hass: HomeAssistant,
    days: list[str],
    slots: list[tuple[str, str]],
    overlapping: tuple[str, str],
) -> None:
    result = await add(hass, site(zone(MAIN, "Main")), "tariff_period")
    entered = tariff_data(80, *slots) | {"weekdays": days}
    result = await enter(hass, result, name="Peak", **entered)
    assert result["errors"] == {"slots": "slots_overlap"}
    placeholders = result["description_placeholders"]
    assert placeholders is not None
    assert (placeholders["one"], placeholders["other"]) == overlapping


@pytest.mark.parametrize("second", [("06:00", "07:00"), ("05:00", "07:00"), ("21:00", "22:00")])
async def test_slots_that_meet_or_run_on_different_days_are_accepted(
    hass: HomeAssistant, second: tuple[str, str]
) -> None:
    result = await add(hass, site(zone(MAIN, "Main")), "tariff_period")
    entered = tariff_data(80, ("22:00", "06:00"), second) | {"weekdays": ["fri"]}
    result = await enter(hass, result, name="Peak", **entered)
    assert result["type"] is FlowResultType.CREATE_ENTRY


@pytest.mark.parametrize(
    "changes",
    [
        {"percent": None},
        {"percent": ""},
        {"percent": -1},
        {"percent": 101},
        {"percent": "nan"},
        {"weekdays": ["sunday"]},
        {"slots": [{"start": "10:00"}]},
        {"slots": [{"start": "24:00", "end": "10:00"}]},
        {"zones": ["01NOWHERE"]},
    ],
)
async def test_an_impossible_value_is_invalid(hass: HomeAssistant, changes: dict[str, Any]) -> None:
    result = await add(hass, site(zone(MAIN, "Main")), "tariff_period")
    with pytest.raises(InvalidData):
        await enter(hass, result, name="Peak", **tariff_data() | changes)


async def test_a_part_that_is_left_blank_does_not_mean_nothing(hass: HomeAssistant) -> None:
    """A13.6: the half-created period of the manual is shown as 0 A."""
    result = await add(hass, site(zone(MAIN, "Main")), "tariff_period")
    unfinished = tariff_data(0, ("00:00", "00:00"))
    del unfinished["percent"]
    with pytest.raises(InvalidData):
        await enter(hass, result, name="", **unfinished)


async def test_a_sixth_period_is_refused(hass: HomeAssistant) -> None:
    five = [tariff(f"01P{number}", f"P{number}") for number in range(5)]
    result = await add(hass, site(zone(MAIN, "Main"), *five), "tariff_period")
    result = await enter(hass, result, name="P5", **tariff_data())
    assert result["errors"] == {"base": "tariff_periods"}
    assert result["description_placeholders"] == {"most": "5"}


async def test_a_period_that_would_crowd_another_one_out_is_refused(hass: HomeAssistant) -> None:
    hours = [(f"{hour:02}:00", f"{hour:02}:30") for hour in range(19)]
    entry = site(zone(MAIN, "Main"), tariff(PEAK, "Peak"), tariff("01DAY", "Day", 50, *hours))
    result = await change(hass, entry, PEAK)
    two = tariff_data(80, ("10:00", "11:00"), ("12:00", "13:00"))
    result = await enter(hass, result, name="Peak", **two)
    assert result["errors"] == {"base": "tariff_slots"}


async def test_zones_that_are_gone_are_not_offered_again(hass: HomeAssistant) -> None:
    entry = site(zone(MAIN, "Main"), tariff(PEAK, "Peak", zones=[GARAGE, MAIN]))
    result = await change(hass, entry, PEAK)
    assert suggested(result)["zones"] == [MAIN]
    result = await enter(hass, result, name="Peak", **tariff_data(zones=[MAIN]))
    assert result["reason"] == "reconfigure_successful"


async def test_a_damaged_period_is_repaired(hass: HomeAssistant) -> None:
    damaged = part(PEAK, "tariff_period", "Peak", "tariff_period_peak", {"percent": None})
    entry = site(zone(MAIN, "Main"), damaged)
    result = await change(hass, entry, PEAK)
    assert suggested(result)["name"] == "Peak"
    result = await enter(hass, result, name="Peak", **tariff_data())
    assert result["reason"] == "reconfigure_successful"
    assert entry.subentries[PEAK].data == tariff_data()
