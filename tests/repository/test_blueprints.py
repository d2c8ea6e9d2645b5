"""Blueprints can be found, imported and told apart."""

from urllib.parse import quote

import pytest
from homeassistant.components.blueprint.models import Blueprint
from homeassistant.components.blueprint.schemas import BLUEPRINT_SCHEMA
from homeassistant.util.yaml import load_yaml_dict

from .files import ROOT

FOLDER = ROOT / "blueprints/automation/headroom"
SOURCE = "https://github.com/headroom-ha/headroom/blob/main/blueprints/automation/headroom"
IMPORT = "https://my.home-assistant.io/redirect/blueprint_import/?blueprint_url="
NAMES = sorted(file.stem for file in FOLDER.glob("*.yaml"))


@pytest.mark.parametrize("name", NAMES)
def test_a_blueprint_knows_where_it_comes_from(name: str) -> None:
    content = load_yaml_dict(str(FOLDER / f"{name}.yaml"))
    blueprint = Blueprint(content, expected_domain="automation", schema=BLUEPRINT_SCHEMA)
    assert blueprint.metadata["source_url"] == f"{SOURCE}/{name}.yaml"
    assert blueprint.name.startswith("Headroom: ")
    assert blueprint.validate() is None


@pytest.mark.parametrize("name", NAMES)
def test_a_blueprint_is_listed_with_its_import(name: str) -> None:
    page = (ROOT / "docs/automations.md").read_text("utf-8")
    assert f"[Import]({IMPORT}{quote(f'{SOURCE}/{name}.yaml', safe='')})" in page
    assert f"(../blueprints/automation/headroom/{name}.yaml)" in page
