"""The documentation says what the code does, and its links lead somewhere."""

import json
import re
from argparse import ArgumentParser
from collections.abc import Iterator
from dataclasses import fields
from datetime import timedelta
from pathlib import Path
from types import ModuleType
from typing import Any
from unittest.mock import Mock

import pytest
import yaml
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity import EntityDescription
from homeassistant.setup import async_setup_component
from homeassistant.util import slugify

from custom_components.headroom import (
    analyser_sensors,
    binary_sensor,
    button,
    calendar,
    event,
    fallback_sensor,
    number,
    origin_sensors,
    reason_sensors,
    role_sensors,
    select,
    sensor,
    services,
    site_actions,
    switch,
    update,
)
from custom_components.headroom.chargers.entities.presets import PRESETS
from custom_components.headroom.chargers.modbus.dialect_files import load_dialects
from custom_components.headroom.clock import entities as clock_entities
from custom_components.headroom.compliance import hints
from custom_components.headroom.compliance.incident import Cause
from custom_components.headroom.engine.site.wiring import Wiring
from custom_components.headroom.engine.tuning import Tuning
from custom_components.headroom.grid import entities as grid_entities
from custom_components.headroom.inputs import entities as input_entities
from custom_components.headroom.meters.model_files import parse_model
from custom_components.headroom.meters.quality.incident import Cause as MeterCause
from custom_components.headroom.plan import entities as plan_entities
from custom_components.headroom.plan import goal_entities, ready_entities
from custom_components.headroom.services import get_diagnostics
from custom_components.headroom.sun import entities as sun_entities
from custom_components.headroom.tariffs import entities as tariff_entities
from custom_components.headroom.upload import Problem
from demo import __main__ as demo_command

from . import charger_table, meter_table, sensor_table
from .files import PACKAGE, ROOT

EN: dict[str, Any] = json.loads((PACKAGE / "translations/en.json").read_text("utf-8"))
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", *sorted(DOCS.glob("*.md"))]
LINK = re.compile(r"\]\((?P<target>[^)\s]+)\)")
FENCED = re.compile(r"^```(?P<language>\w*)\n(?P<content>.*?)^```$", re.MULTILINE | re.DOTALL)
PHASE = re.compile(r" L[123]$")


def tariff_switches(of: str | None) -> tuple[EntityDescription, ...]:
    """Return the switches that parts of a kind, or sites, have because of tariff periods."""
    return tuple(one for one in tariff_entities.TARIFF_SWITCHES if one.of == of)


ENTITIES: dict[str, dict[str, tuple[EntityDescription, ...]]] = {
    "Site": {
        "sensor": (
            *sensor.SITE_SENSORS,
            *role_sensors.FLOW_SENSORS,
            sun_entities.SURPLUS,
            *origin_sensors.ORIGIN_SENSORS.site,
            tariff_entities.CURRENT_TARIFF,
            *grid_entities.OPERATOR_SENSORS,
            plan_entities.PLAN,
        ),
        "calendar": (calendar.CHARGING_PLAN,),
        "switch": (
            *tariff_switches(None),
            input_entities.SHED_LOAD,
            *input_entities.INPUT_SWITCHES,
        ),
        "number": (input_entities.SHED_TO, *input_entities.INPUT_PERCENTS),
        "binary_sensor": (
            input_entities.LOAD_SHED,
            *input_entities.CONTACTS,
            sun_entities.BATTERY_HELD,
            grid_entities.OPERATOR_LIMIT,
        ),
        "select": (sun_entities.SITE_SUN_MODE,),
    },
    "Zone": {
        "sensor": (
            *sensor.ZONE_SENSORS,
            *analyser_sensors.ANALYSER_SENSORS,
            analyser_sensors.ANALYSER_STATUS,
            reason_sensors.BUDGET_REASON,
            sensor.LOAD_STATE,
            *grid_entities.PEAK_SENSORS,
            grid_entities.IMPORT_SCHEME,
        ),
        "number": (number.ZONE_LIMIT, grid_entities.PEAK_TARGET),
        "binary_sensor": (binary_sensor.DEGRADED, grid_entities.REMOTE_MANAGEMENT),
        "switch": tariff_switches("zone"),
    },
    "Tariff period": {
        "binary_sensor": (tariff_entities.TARIFF_ACTIVE,),
        "number": (tariff_entities.TARIFF_PERCENT,),
        "switch": tariff_switches("tariff_period"),
    },
    "Meter": {
        "sensor": (*sensor.METER_SENSORS, role_sensors.OUTLET_STATUS),
        "binary_sensor": (binary_sensor.CONTACT, binary_sensor.READINGS),
    },
    "Charger": {
        "button": (*button.CHARGER_BUTTONS, button.TEST_FALLBACK),
        "binary_sensor": (binary_sensor.CONTACT,),
        "event": (event.NOTICE,),
        "sensor": (fallback_sensor.FALLBACK,),
        "switch": (switch.CHARGER_AVAILABLE, switch.CONTINUES),
        "update": (update.FIRMWARE,),
    },
    "Connector": {
        "sensor": (
            *sensor.CONNECTOR_SENSORS,
            *origin_sensors.ORIGIN_SENSORS.session,
            *origin_sensors.ORIGIN_SENSORS.total,
            sensor.SETPOINT,
            reason_sensors.SETPOINT_REASON,
            clock_entities.CHARGING_STARTS,
            sun_entities.SUN_SHARE,
            *plan_entities.GOAL_SENSORS,
        ),
        "number": (number.CONNECTOR_LIMIT, *goal_entities.TARGET_NUMBERS),
        "time": (ready_entities.READY_BY, ready_entities.WEEKEND_READY_BY),
        "button": (*button.CONNECTOR_BUTTONS, clock_entities.FORCE_CHARGE_NOW),
        "select": (
            select.PHASES_IN_USE,
            sun_entities.SUN_MODE,
            ready_entities.READY_AT_WEEKENDS,
        ),
        "switch": (
            *switch.WISHES,
            switch.AVAILABLE,
            clock_entities.OFF_PEAK_CHARGING,
            goal_entities.PLAN_CHARGING,
        ),
        "binary_sensor": (binary_sensor.COMPLIANCE, plan_entities.GOAL_AT_RISK),
    },
}
"""The entities of each device by platform; the heading of a table is its device."""

RULES = {
    "docs-actions": "docs/maintenance.md#actions",
    "docs-high-level-description": "README.md#what-it-does",
    "docs-installation-instructions": "README.md#install",
    "docs-removal-instructions": "README.md#remove",
    "docs-use-cases": "README.md#use-cases",
    "docs-known-limitations": "README.md#known-limitations",
    "docs-installation-parameters": "docs/set-up.md#1-the-site",
    "docs-configuration-parameters": "docs/set-up.md#2-zones",
    "docs-data-update": "docs/entities.md#how-often-values-change",
    "docs-supported-devices": "docs/meters.md#supported-models",
    "docs-supported-functions": "docs/entities.md#connector",
    "docs-examples": "docs/entities.md#automations",
    "docs-troubleshooting": "docs/troubleshooting.md#the-setpoint-stays-at-0-a",
}
"""Where each rule of the quality scale about documentation is met."""


def anchors(page: Path) -> set[str]:
    """Return the anchors that GitHub gives to a page's headings."""
    prose = FENCED.sub("", page.read_text("utf-8"))
    headings = re.findall(r"^#+ (.+)$", prose, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def is_found(page: Path, target: str) -> bool:
    """Return whether a relative link on a page leads to a file, and to a heading in it."""
    name, _, anchor = target.partition("#")
    file = page.parent / name if name else page
    return file.is_file() and (not anchor or anchor in anchors(file))


def rows(page: str, heading: str | None = None) -> Iterator[list[str]]:
    """Yield the cells of each row of the tables on a page, or under one of its headings."""
    section = None
    for line in (DOCS / page).read_text("utf-8").splitlines():
        if line.startswith("#"):
            section = line.lstrip("# ")
        if line.startswith("| ") and heading in {None, section}:
            yield [cell.strip() for cell in line.strip("|").split("|")]


def first_cells(page: str) -> set[str]:
    """Return what stands first in the rows of a page."""
    return {row[0] for row in rows(page)}


def row_of(platform: str, description: EntityDescription) -> tuple[str, ...]:
    """Return name, kind, unit and default of an entity; those of three phases are one."""
    text = EN["entity"][platform][description.translation_key]
    unit = getattr(description, "native_unit_of_measurement", None)
    return (
        PHASE.sub(" L1, L2, L3", text["name"]),
        platform.replace("_", " "),
        unit or text.get("unit_of_measurement", ""),
        "yes" if description.entity_registry_enabled_default else "no",
    )


def form_labels() -> set[str]:
    """Return the labels of all fields that people fill in."""
    flows = (EN["config"], EN["options"], *EN["config_subentries"].values())
    steps = [step for flow in flows for step in flow["step"].values()]
    forms = [form for step in steps for form in (step, *step.get("sections", {}).values())]
    return {label for form in forms for label in form.get("data", {}).values()}


def section_names() -> set[str]:
    """Return the names of the sections of all forms."""
    flows = (EN["config"], EN["options"], *EN["config_subentries"].values())
    steps = [step for flow in flows for step in flow["step"].values()]
    return {part["name"] for step in steps for part in step.get("sections", {}).values()}


def in_general(text: str) -> str:
    """Return a text with an ellipsis for everything that is filled in."""
    return re.sub(r"\{\w+\}", "…", text)


def yaml_examples(page: str) -> list[dict[str, Any]]:
    """Return the examples in YAML on a page."""
    found = FENCED.finditer((DOCS / page).read_text("utf-8"))
    return [yaml.safe_load(match["content"]) for match in found if match["language"] == "yaml"]


def entity_ids(example: object) -> Iterator[str]:
    """Yield the entities that an example names."""
    if isinstance(example, dict):
        for key, value in example.items():
            if key == "entity_id":
                yield value
            yield from entity_ids(value)
    elif isinstance(example, list):
        for item in example:
            yield from entity_ids(item)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_to_files_and_headings(page: Path) -> None:
    targets = [match["target"] for match in LINK.finditer(FENCED.sub("", page.read_text("utf-8")))]
    relative = [target for target in targets if "://" not in target]
    assert relative
    assert [target for target in relative if not is_found(page, target)] == []


def test_a_link_to_nowhere_is_noticed() -> None:
    assert is_found(DOCS / "safety.md", "entities.md#reasons")
    assert not is_found(DOCS / "safety.md", "nowhere.md")
    assert not is_found(DOCS / "safety.md", "entities.md#nowhere")


@pytest.mark.parametrize("page", sorted(DOCS.glob("*.md")), ids=lambda page: page.name)
def test_the_readme_leads_to_every_page(page: Path) -> None:
    assert f"](docs/{page.name})" in (ROOT / "README.md").read_text("utf-8")


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_about_documentation_is_met(rule: str) -> None:
    assert is_found(ROOT / "README.md", RULES[rule])


def test_no_rule_about_documentation_is_left_out() -> None:
    answers = yaml.safe_load((PACKAGE / "quality_scale.yaml").read_text("utf-8"))["rules"]
    wanted = {
        rule
        for rule, answer in answers.items()
        if rule.startswith("docs-") and (isinstance(answer, str) or answer["status"] != "exempt")
    }
    assert wanted == RULES.keys()


@pytest.mark.parametrize("device", ENTITIES)
def test_the_table_of_entities_is_the_codes(device: str) -> None:
    _, _, *documented = rows("entities.md", device)
    assert {tuple(row[:4]) for row in documented} == {
        row_of(platform, description)
        for platform, descriptions in ENTITIES[device].items()
        for description in descriptions
    }


def test_no_entity_is_left_out() -> None:
    for platform, texts in EN["entity"].items():
        groups = (group.get(platform, ()) for group in ENTITIES.values())
        assert {one.translation_key for group in groups for one in group} == texts.keys()


@pytest.mark.parametrize("key", ["setpoint_reason", "budget_reason", "status", "load_state"])
def test_every_state_is_explained(key: str) -> None:
    explained = {(row[0], row[1]) for row in rows("entities.md")}
    states = EN["entity"]["sensor"][key]["state"]
    assert {(f"`{code}`", label) for code, label in states.items()} <= explained


def test_every_cause_of_a_problem_is_explained() -> None:
    explained = {(row[0], row[1]) for row in rows("entities.md")}
    sensors = EN["entity"]["binary_sensor"]
    for key, known in (("compliance", Cause), ("readings", MeterCause)):
        causes = sensors[key]["state_attributes"]["cause"]["state"]
        assert causes.keys() == set(known)
        assert {(f"`{code}`", label) for code, label in causes.items()} <= explained


def test_every_setting_to_blame_is_documented() -> None:
    documented = {row[-1].strip("`") for row in rows("chargers.md", "Chargers that do not obey")}
    assert {hint.setting for hint in hints._HINTS} <= documented


@pytest.mark.parametrize("label", sorted(form_labels()))
def test_every_field_of_a_form_is_explained(label: str) -> None:
    assert any(f"**{label}**" in cell for cell in first_cells("set-up.md"))


@pytest.mark.parametrize("name", sorted(section_names()))
def test_every_section_of_a_form_is_named(name: str) -> None:
    assert f"*{name}*" in (DOCS / "set-up.md").read_text("utf-8")


@pytest.mark.parametrize(
    "choice",
    [
        choice
        for key in ("offline", "protection", "shedding", "sharing", "supply")
        for choice in EN["selector"][key]["options"].values()
    ],
)
def test_every_choice_is_explained(choice: str) -> None:
    assert f"- *{choice}*: " in (DOCS / "set-up.md").read_text("utf-8")


def test_the_table_of_wirings_is_the_codes() -> None:
    labels = EN["selector"]["wiring"]["options"]
    names = ("L1", "L2", "L3")
    documented = {row[0]: row[1:] for row in rows("set-up.md") if row[0].lower() in labels}
    assert len(documented) == len(Wiring)
    for wiring in Wiring:
        terminals = [names[phase] for phase in wiring.phases]
        expected = [labels[wiring], *terminals, *["-"] * (3 - len(terminals))]
        assert documented[wiring.upper()] == expected


def test_the_table_of_times_and_tolerances_is_the_codes() -> None:
    documented = {row[2].strip("`"): row[1] for row in rows("safety.md") if len(row) == 3}
    for field in fields(Tuning):
        value = getattr(Tuning(), field.name)
        shown = f"{value.total_seconds():g} s" if isinstance(value, timedelta) else f"{value:g} A"
        assert documented[field.name] == shown


def test_every_dialect_of_modbus_is_listed_with_its_confidence() -> None:
    documented = {(row[0], row[2]) for row in rows("modbus-chargers.md") if len(row) == 5}
    for key, dialect in load_dialects().items():
        assert (f"`{key}`", dialect.confidence) in documented


def test_every_recognised_integration_is_listed_with_its_confidence() -> None:
    documented = [row[:3] for row in rows("chargers.md")]
    for platform, preset in PRESETS.items():
        assert [preset.name, f"`{platform}`", preset.confidence] in documented


def test_the_example_of_a_meter_model_is_one() -> None:
    (example,) = yaml_examples("meters.md")
    assert parse_model(example).id == "acme_3p"


def test_every_repair_issue_and_error_is_explained() -> None:
    titles = {in_general(issue["title"]) for issue in EN["issues"].values()}
    errors = {
        text["message"] for key, text in EN["exceptions"].items() if key.startswith("charger_")
    }
    assert titles | errors <= first_cells("troubleshooting.md")


def test_every_action_is_explained_with_its_fields() -> None:
    documented = {row[0]: row[1:] for row in rows("maintenance.md", "Actions") if len(row) == 4}
    admins = {
        action.name: action.for_admins for action in (*services.ACTIONS, get_diagnostics(Mock()))
    } | dict.fromkeys((action.name for action in site_actions.SITE_ACTIONS), False)
    for key, text in EN["services"].items():
        name, who, fields = documented.pop(f"`headroom.{key}`")
        assert name == text["name"]
        assert who == ("administrators" if admins[key] else "all")
        labels = {field["name"] for field in text["fields"].values()}
        assert set(re.findall(r"\*\*(.+?)\*\*", fields)) == labels
    assert documented.keys() == {"Action", "---"}


def test_every_error_of_an_action_is_explained() -> None:
    texts = EN["exceptions"]
    keys = {"no_address", "no_charger", "site_not_loaded", "time_is_past", "which_connector"}
    keys |= {"goal_is_empty", "no_charge_sensor", "no_weekdays"}
    keys |= {problem.value for problem in Problem}
    assert {in_general(texts[key]["message"]) for key in keys} <= first_cells("maintenance.md")


def test_the_readme_has_the_options_of_the_demo() -> None:
    parser: ArgumentParser = demo_command._parser()
    known = {option for action in parser._actions for option in action.option_strings}
    named = re.findall(r"^\| `(--[a-z-]+)`", (ROOT / "README.md").read_text("utf-8"), re.MULTILINE)
    assert set(named) == known - {"-h", "--help"}


def test_automations_name_entities_that_exist() -> None:
    named = {entity for item in yaml_examples("entities.md") for entity in entity_ids(item)}
    assert named
    for entity in named:
        platform, _, name = entity.partition(".")
        endings = {f"_{slugify(text['name'])}" for text in EN["entity"][platform].values()}
        assert name.endswith(tuple(endings))


async def test_automations_are_valid(hass: HomeAssistant) -> None:
    examples = yaml_examples("entities.md")
    assert await async_setup_component(hass, "automation", {"automation": examples})
    await hass.async_block_till_done()
    states = [state.state for state in hass.states.async_all("automation")]
    assert states == ["on"] * len(examples)
    await hass.services.async_call("automation", "turn_off", {"entity_id": "all"}, blocking=True)


@pytest.mark.parametrize("generator", [charger_table, meter_table, sensor_table])
def test_tables_from_the_code_are_the_codes(generator: ModuleType) -> None:
    assert generator.PLACE.written == generator.table(), f"python -m {generator.__name__} writes it"
