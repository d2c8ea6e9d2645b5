"""Flows run against a Home Assistant in which Headroom itself does nothing."""

import json
from collections.abc import AsyncGenerator, Generator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import probatio
import pytest
from homeassistant.config_entries import OptionsFlow
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowManager, FlowResultType, section
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.json import json_bytes
from homeassistant.loader import async_get_integration
from pytest_homeassistant_custom_component.common import mock_component

import custom_components.headroom
from custom_components.headroom.const import DOMAIN

TRANSLATIONS: dict[str, Any] = json.loads(
    (Path(custom_components.headroom.__file__).parent / "translations" / "en.json").read_text()
)


@pytest.fixture(autouse=True)
async def integration(
    hass: HomeAssistant, enable_custom_integrations: None
) -> AsyncGenerator[None]:
    """Let entries of Headroom be set up without doing anything."""
    for dependency in (await async_get_integration(hass, DOMAIN)).dependencies:
        mock_component(hass, dependency)
    with (
        patch("custom_components.headroom.async_setup", return_value=True, create=True),
        patch("custom_components.headroom.async_setup_entry", return_value=True, create=True),
    ):
        yield


@pytest.fixture(autouse=True)
def every_result_is_translated() -> Generator[None]:
    """Check the texts of whatever a flow of Headroom shows."""
    handle_step = FlowManager._async_handle_step

    async def checked(self: Any, flow: Any, *args: Any) -> Any:
        result = await handle_step(self, flow, *args)
        if isinstance(flow, OptionsFlow):
            check(TRANSLATIONS["options"], result)
        elif isinstance(flow.handler, tuple):
            check(TRANSLATIONS["config_subentries"][flow.handler[1]], result)
        else:
            check(TRANSLATIONS["config"], result)
        return result

    with patch.object(FlowManager, "_async_handle_step", checked):
        yield


def check(texts: dict[str, Any], result: Any) -> None:
    """Fail if a text is missing, or one of its placeholders."""
    if result["type"] is FlowResultType.FORM:
        check_form(texts, result)
    elif result["type"] is FlowResultType.MENU:
        options = texts["step"][result["step_id"]]["menu_options"]
        assert list(options) == list(result["menu_options"])
    elif result["type"] is FlowResultType.SHOW_PROGRESS:
        assert texts["progress"][result["progress_action"]]
    elif result["type"] is FlowResultType.ABORT and "translation_domain" not in result:
        texts["abort"][result["reason"]].format(**result["description_placeholders"] or {})


def check_form(texts: dict[str, Any], result: Any) -> None:
    """Fail if a form lacks a text or cannot be sent to a browser."""
    schema = result["data_schema"]
    assert json_bytes(probatio.to_field_list(schema, custom_serializer=cv.custom_serializer))
    placeholders = result["description_placeholders"]
    step = texts["step"][result["step_id"]]
    for text in (step["title"], step["description"]):
        text.format(**placeholders)
    check_fields(step, schema)
    for error in result["errors"].values():
        texts["error"][error].format(**placeholders)


def check_fields(texts: dict[str, Any], schema: probatio.Schema) -> None:
    """Fail if a field of a form, or of a section of one, lacks a text."""
    for field, selector in schema.schema.items():
        if isinstance(selector, section):
            part = texts["sections"][field]
            assert part["name"]
            assert part["description"]
            check_fields(part, selector.schema)
            continue
        assert texts["data"][field]
        assert texts["data_description"][field]
        config = getattr(selector, "config", {})
        if key := config.get("translation_key"):
            part = "options" if "options" in config else "fields"
            assert set(config[part]) == set(TRANSLATIONS["selector"][key][part])
