"""The dashboard shows what there is, and nothing else."""

from collections.abc import Iterator
from typing import Any

import pytest
from homeassistant.core import HomeAssistant
from homeassistant.helpers.template import Template

from demo.cards import chart
from demo.dashboard import Dashboard

SITE: dict[str, Any] = {
    "name": "Home",
    "zones": [{"id": "house"}],
    "meters": [{"id": "main", "zone": "house", "port": 5020, "unit": 1}],
    "stations": [{"id": "BOX", "zone": "house", "connectors": [{}, {}]}],
}
KNOWN = {"zone_house": "Z", "meter_127.0.0.1:5020:1": "M", "charger_BOX": "C"}
NEEDED = [
    *(f"M_current_l{phase}" for phase in (1, 2, 3)),
    *(f"Z_{key}_l{phase}" for key in ("limit", "drawn", "budget") for phase in (1, 2, 3)),
]


def dashboard(*unique_ids: str) -> dict[str, Any]:
    """Return the dashboard of a site with entities of these unique ids, most of them sensors."""
    platforms = {"C:1_sun_mode": "select", "S_calendar": "calendar"}
    entities = {
        key: f"{platforms.get(key, 'sensor')}.{key.lower()}" for key in (*NEEDED, *unique_ids)
    }
    return Dashboard(SITE, KNOWN, entities, "S", {"BOX": "charger_BOX"}).config()


def cards(shown: dict[str, Any], kind: str) -> Iterator[dict[str, Any]]:
    """Yield the cards of a kind."""
    for view in shown["views"]:
        for section in view["sections"]:
            yield from (card for card in section["cards"] if card["type"] == kind)


def test_without_entities_there_are_no_tiles() -> None:
    shown = dashboard()
    assert [view["path"] for view in shown["views"]] == ["cars", "when", "energy"]
    assert [len(view["sections"]) for view in shown["views"]] == [2, 1, 2]
    assert list(cards(shown, "tile")) == []
    assert list(cards(shown, "calendar")) == []


def test_what_there_is_has_a_tile() -> None:
    shown = dashboard("C:1_status", "S_solar_power", "C:2_session_cost", "C:1_sun_mode")
    tiles = {card["entity"]: card for card in cards(shown, "tile")}
    assert tiles.keys() == {"sensor.c:1_status", "sensor.s_solar_power", "select.c:1_sun_mode"}
    assert tiles["select.c:1_sun_mode"]["features"] == [{"type": "select-options"}]
    (sessions,) = cards(shown, "markdown")
    *_, first, second = sessions["content"].splitlines()
    assert first == "| BOX, connector 1 |  |  |  |  |  |  |"
    assert second.startswith("| BOX, connector 2 |  |  |  |  | {{ states('sensor.c:2_session_cost'")


def test_the_reason_is_told_in_a_sentence() -> None:
    reasons = ("C:1_setpoint_reason", "Z_budget_reason")
    found = [card for card in cards(dashboard(*reasons), "markdown") if "text_only" in card]
    shown = [card["content"] for card in found]
    car, zone = (
        f"{{{{ state_attr('sensor.{key.lower()}', 'explanation') or '' }}}}" for key in reasons
    )
    assert shown == [zone, car, car]


def test_a_sensor_has_a_tile_while_it_knows_something() -> None:
    tiles = {card["entity"]: card for card in cards(dashboard("C:1_power", "C:1_sun_mode"), "tile")}
    known = {"condition": "state", "entity": "sensor.c:1_power", "state_not": "unknown"}
    assert tiles["sensor.c:1_power"]["visibility"] == [known]
    assert "visibility" not in tiles["select.c:1_sun_mode"]


def test_lines_of_a_graph_have_short_names() -> None:
    everything, drawn, *_ = cards(dashboard(), "history-graph")
    assert [line["name"] for line in everything["entities"]] == ["L1", "L2", "L3"]
    assert [line["name"] for line in drawn["entities"]] == ["Limit", "L1", "L2", "L3"]


def test_a_plan_is_a_calendar_and_a_chart() -> None:
    shown = dashboard("S_plan", "S_calendar")
    (calendar,) = cards(shown, "calendar")
    assert calendar["entities"] == ["calendar.s_calendar"]
    plan, _ = cards(shown, "markdown")
    assert "sensor.s_plan" in plan["content"]


@pytest.mark.parametrize(
    ("start", "quarters", "lines"),
    [
        (0, 8, ["| 12:00 | 0.2 | ████ | 7.5 |", "| 13:00 | 0.2 | ████ | 7.5 |"]),
        (37, 3, ["| 12:37 | 0.2 | ████ | 7.5 |", "| 13:00 | 0.2 | ████ | 7.5 |"]),
    ],
)
async def test_the_chart_has_a_line_for_each_hour(
    hass: HomeAssistant, start: int, quarters: int, lines: list[str]
) -> None:
    minutes = [max(start, start // 15 * 15 + 15 * quarter) for quarter in range(quarters)]
    plan = [
        {
            "start": f"2026-06-21T{12 + minute // 60:02}:{minute % 60:02}:00+02:00",
            "price": 0.2,
            "surplus": 1.5,
            "BOX (1)": 3.5,
            "BOX (2)": 4.0,
        }
        for minute in minutes
    ]
    hass.states.async_set("sensor.plan", "1", {"quarters": plan})
    content = Template(chart("sensor.plan")["content"], hass).async_render()
    assert content.splitlines()[2:] == lines


async def test_a_plan_of_nothing_says_so(hass: HomeAssistant) -> None:
    hass.states.async_set("sensor.plan", "0", {"quarters": []})
    content = Template(chart("sensor.plan")["content"], hass).async_render()
    assert content.strip() == "No car has a goal yet"


async def test_an_hour_without_cars_has_no_power(hass: HomeAssistant) -> None:
    quarter = {"start": "2026-06-21T12:00:00+02:00", "price": 0.2, "surplus": 1.5}
    hass.states.async_set("sensor.plan", "1", {"quarters": [quarter]})
    content = Template(chart("sensor.plan")["content"], hass).async_render()
    assert content.splitlines()[2:] == ["| 12:00 | 0.2 |  |  |"]
