"""The configuration that makes entities of what Headroom reaches by entities only."""

from typing import Any

import pytest
import yaml
from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.helpers.template import Template

from demo.helpers import helpers
from demo.install import meters_of
from tests.simulator.test_site_file import DEMO

APP = {"id": "YARD-4", "kind": "app", "max": 16}


def test_a_box_is_read_and_limited_over_the_simulators_control() -> None:
    boxes = [APP, {"id": "V", "kind": "vestel"}]
    made = helpers({"control_port": 8780, "zones": [], "boxes": boxes})
    assert made["rest_command"]["simulator_box"]["url"] == "http://127.0.0.1:8780/box"
    (template,) = made["template"]
    assert [sensor["unique_id"] for sensor in template["sensor"]] == [
        "YARD-4_status",
        "YARD-4_current_l1",
        "YARD-4_current_l2",
        "YARD-4_current_l3",
    ]
    (limit,) = template["number"]
    assert (limit["unique_id"], limit["min"], limit["max"]) == ("YARD-4_limit", 0, 16)
    assert limit["state"] == "{{ simulator.content.boxes['YARD-4'].setpoint }}"


def test_the_charge_of_a_house_battery_is_read_there_too() -> None:
    zones = [{"id": "a"}, {"id": "b", "battery": {}}]
    (template,) = helpers({"control_port": 8780, "zones": zones})["template"]
    assert template.keys() == {"triggers", "actions", "sensor", "switch"}
    (charge,) = template["sensor"]
    assert charge["unique_id"] == "b_battery_charge"
    state = "simulator.content.batteries['b'].state_of_charge"
    assert charge["state"] == f"{{{{ ({state} * 100) | round(1) }}}}"


def test_a_house_battery_is_held_by_a_switch() -> None:
    zones = [{"id": "a"}, {"id": "b", "battery": {}}]
    made = helpers({"control_port": 8780, "zones": zones})
    (template,) = made["template"]
    (hold,) = template["switch"]
    assert (hold["unique_id"], hold["name"]) == ("b_battery_hold", "B battery hold")
    assert hold["state"] == "{{ simulator.content.batteries['b'].held }}"
    for order, held in (("turn_on", True), ("turn_off", False)):
        action = {"action": "rest_command.simulator_battery", "data": {"zone": "b", "held": held}}
        assert hold[order] == action
    assert made["rest_command"]["simulator_battery"]["url"] == "http://127.0.0.1:8780/battery"


def test_without_all_of_these_nothing_is_added() -> None:
    bare: dict[str, Any] = {"control_port": 8780, "zones": []}
    assert not helpers(bare)
    assert not helpers(bare | {"boxes": [{"id": "V", "kind": "vestel"}]})


@pytest.fixture
def site() -> dict[str, Any]:
    """Return the site of the demo."""
    content: dict[str, Any] = yaml.safe_load(DEMO.read_text())
    return content


async def test_prices_of_now_today_and_tomorrow_are_shown(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, site: dict[str, Any]
) -> None:
    await hass.config.async_set_time_zone("Europe/Paris")
    freezer.move_to("2026-06-21T17:20:00+00:00")
    _, prices = helpers(site)["template"]
    price, *others = prices["sensor"]
    today, tomorrow = (
        Template(price["attributes"][key], hass).async_render()
        for key in ("raw_today", "raw_tomorrow")
    )
    assert (len(today), len(tomorrow)) == (96, 96)
    assert today[77] == {
        "start": "2026-06-21T19:15:00+02:00",
        "end": "2026-06-21T19:30:00+02:00",
        "value": 42,
    }
    assert tomorrow[0]["start"] == today[-1]["end"]
    shown = [Template(sensor["state"], hass).async_render() for sensor in (price, *others)]
    assert shown == [42, 8, 98]


def test_meters_are_told_apart_by_what_they_measure(site: dict[str, Any]) -> None:
    found = {measured: meters_of(site, measured) for measured in ("supply", "solar", "battery")}
    assert {key: [m["id"] for m in meters] for key, meters in found.items()} == {
        "supply": ["main"],
        "solar": ["roof"],
        "battery": ["cellar"],
    }
