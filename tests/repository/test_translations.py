"""Texts and icons: nothing that the code names is missing, and nothing is left over."""

import ast
import importlib
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import is_dataclass
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import probatio
import pytest
import yaml
from homeassistant.const import Platform

from custom_components.headroom import PLATFORMS
from custom_components.headroom.decision_text import state_of
from custom_components.headroom.engine.decision import ReasonCode
from custom_components.headroom.engine.snapshot import ConnectorStatus
from custom_components.headroom.explanation import names_in
from custom_components.headroom.services import ACTIONS, get_diagnostics
from custom_components.headroom.site_actions import SITE_ACTIONS

from .files import PACKAGE, nodes

EN: dict[str, Any] = json.loads((PACKAGE / "translations/en.json").read_text("utf-8"))
ICONS: dict[str, Any] = json.loads((PACKAGE / "icons.json").read_text("utf-8"))
SERVICES = (PACKAGE / "services.yaml").read_text("utf-8")
LANGUAGES = sorted((PACKAGE / "translations").glob("*.json"))


def leaves(texts: dict[str, Any], path: str = "") -> Iterator[tuple[str, str]]:
    """Yield every text with the path of keys that leads to it."""
    for key, value in texts.items():
        if isinstance(value, dict):
            yield from leaves(value, f"{path}{key}.")
        else:
            yield f"{path}{key}", value


def described_keys(value: object) -> Iterator[str]:
    """Yield the translation keys of the entity descriptions in a constant."""
    if isinstance(value, tuple | list):
        for item in value:
            yield from described_keys(item)
    elif is_dataclass(value) and isinstance(key := getattr(value, "translation_key", None), str):
        yield key


def entity_keys(platform: Platform) -> set[str]:
    """Return the translation keys of a platform's entities."""
    module = importlib.import_module(f"custom_components.headroom.{platform}")
    return set(described_keys(tuple(vars(module).values())))


def words() -> str:
    """Return every string in the code, one a line; what an f-string fills in is a *.

    What selectors of actions name is among them.
    """
    constants = (node.value for _, node in nodes(ast.Constant) if isinstance(node.value, str))
    patterns = (
        "".join(str(part.value) if isinstance(part, ast.Constant) else "*" for part in node.values)
        for _, node in nodes(ast.JoinedStr)
    )
    selectors = re.findall(r"translation_key: (\w+)", SERVICES)
    return "\n".join([*constants, *patterns, *selectors])


def unused(keys: Iterable[str]) -> list[str]:
    """Return the keys that no string in the code makes."""
    lines = {
        line for line in words().splitlines() if re.fullmatch(r"[a-z\d_*]*[a-z][a-z\d_*]*", line)
    }
    patterns = [re.compile(line.replace("*", "[a-z0-9_]+")) for line in lines]
    return [key for key in keys if not any(pattern.fullmatch(key) for pattern in patterns)]


@pytest.mark.parametrize("platform", PLATFORMS)
def test_exactly_the_entities_have_names(platform: Platform) -> None:
    texts = EN["entity"][platform]
    assert texts.keys() == entity_keys(platform)
    assert all(text["name"] for text in texts.values())


def test_only_platforms_have_entity_texts() -> None:
    assert EN["entity"].keys() == set(PLATFORMS)


@pytest.mark.parametrize("sensor", ["setpoint_reason", "budget_reason"])
def test_every_reason_has_a_text(sensor: str) -> None:
    assert EN["entity"]["sensor"][sensor]["state"].keys() == {state_of(code) for code in ReasonCode}


def test_every_reason_has_a_sentence() -> None:
    sensor = EN["entity"]["sensor"]["setpoint_reason"]
    sentences = dict(sensor["state_attributes"]["explanation"]["state"])
    frames = {key: sentences.pop(key) for key in ("starts", "until")}
    assert sentences.keys() == {state_of(code) for code in ReasonCode}
    for sentence in sentences.values():
        assert names_in(sentence) <= {"current", "zone", "phase"}
        assert not sentence.endswith(".")
    for frame in frames.values():
        assert names_in(frame) == {"sentence", "time"}


def test_every_status_has_a_text() -> None:
    known = set(ConnectorStatus) - {ConnectorStatus.UNKNOWN}
    assert EN["entity"]["sensor"]["status"]["state"].keys() == {state_of(s) for s in known}


def test_every_literal_translation_key_has_a_text() -> None:
    keys = {
        node.value.value
        for _, node in nodes(ast.keyword)
        if node.arg == "translation_key" and isinstance(node.value, ast.Constant)
    }
    paths = {part for path, _ in leaves(EN) for part in path.split(".")}
    assert "port_busy" in keys
    assert keys <= paths


@pytest.mark.parametrize("group", ["exceptions", "issues", "selector", "device"])
def test_no_text_is_left_over(group: str) -> None:
    assert EN[group]
    assert unused([*EN[group], "said_nowhere"]) == ["said_nowhere"]


def test_every_field_of_a_form_is_explained() -> None:
    steps = [
        step
        for flow in (EN["config"], EN["options"], *EN["config_subentries"].values())
        for step in flow["step"].values()
    ]
    forms = [form for step in steps for form in (step, *step.get("sections", {}).values())]
    assert len(forms) > len(steps)
    for form in forms:
        assert form.get("data", {}).keys() == form.get("data_description", {}).keys()


def test_actions_have_fields_texts_and_icons() -> None:
    described = yaml.safe_load(SERVICES)
    actions = (*ACTIONS, get_diagnostics(Mock()), *SITE_ACTIONS)
    known = {action.name: action for action in actions}
    assert described.keys() == known.keys() == EN["services"].keys() == ICONS["services"].keys()
    for name, action in known.items():
        fields = described[name]["fields"]
        assert fields.keys() == EN["services"][name]["fields"].keys()
        assert fields.keys() == {str(marker.schema) for marker in action.schema.schema}
        needed = {str(m.schema) for m in action.schema.schema if isinstance(m, probatio.Required)}
        assert {key for key, field in fields.items() if field.get("required")} == needed


def test_icons_belong_to_entities() -> None:
    for platform, icons in ICONS["entity"].items():
        assert icons.keys() <= EN["entity"][platform].keys()
    assert all(icon.startswith("mdi:") for _, icon in leaves(ICONS))


@pytest.mark.parametrize("language", LANGUAGES, ids=lambda path: path.stem)
def test_texts_are_complete_and_ready_to_show(language: Path) -> None:
    texts = dict(leaves(json.loads(language.read_text("utf-8"))))
    assert texts.keys() == dict(leaves(EN)).keys()
    for path, text in texts.items():
        assert text == text.strip() != "", path
        assert "[%key:" not in text, f"{path}: references are not resolved in custom integrations"
        assert "://" not in text, f"{path}: addresses are passed as placeholders"
