"""What Home Assistant and HACS read of the integration."""

import json
import tomllib

from awesomeversion import AwesomeVersion
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from custom_components.headroom.const import DOMAIN

from .files import PACKAGE, ROOT

MANIFEST = json.loads((PACKAGE / "manifest.json").read_text("utf-8"))
HACS = json.loads((ROOT / "hacs.json").read_text("utf-8"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
KNOWN_BY_HACS = {
    "content_in_root",
    "country",
    "filename",
    "hacs",
    "hide_default_branch",
    "homeassistant",
    "name",
    "persistent_directory",
    "zip_release",
}


def requirement(name: str) -> Requirement:
    """Return one of the project's run-time requirements."""
    requirements = [Requirement(line) for line in PROJECT["dependencies"]]
    return next(item for item in requirements if item.name == name)


def test_keys_are_in_the_order_that_hassfest_wants() -> None:
    first, second, *others = MANIFEST
    assert (first, second) == ("domain", "name")
    assert others == sorted(others)


def test_keys_of_a_custom_hub_are_there() -> None:
    assert MANIFEST["domain"] == DOMAIN == PACKAGE.name
    assert MANIFEST["config_flow"] is True
    assert MANIFEST["integration_type"] == "hub"
    assert MANIFEST["iot_class"] == "local_push"
    assert all(owner.startswith("@") for owner in MANIFEST["codeowners"])
    assert MANIFEST["codeowners"]
    assert MANIFEST["issue_tracker"] == f"{MANIFEST['documentation']}/issues"


def test_core_alone_judges_the_quality_scale_and_the_minimum_version() -> None:
    assert not {"quality_scale", "homeassistant"} & MANIFEST.keys()


def test_requirements_and_version_are_those_of_the_project() -> None:
    assert AwesomeVersion(MANIFEST["version"]).valid
    assert MANIFEST["version"] == PROJECT["version"]
    needed = [line for line in PROJECT["dependencies"] if not line.startswith("homeassistant")]
    assert MANIFEST["requirements"] == needed


def test_hacs_offers_the_archive_of_a_release_from_the_oldest_supported_version_on() -> None:
    assert HACS.keys() <= KNOWN_BY_HACS
    assert HACS["name"] == MANIFEST["name"]
    assert HACS["zip_release"] is True
    assert requirement("homeassistant").specifier == SpecifierSet(f">={HACS['homeassistant']}")
    release = (ROOT / ".github/workflows/release.yml").read_text("utf-8")
    assert f'gh release upload "$TAG" {HACS["filename"]}' in release


def test_the_changelog_tells_of_this_version() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text("utf-8")
    assert f"\n## [{MANIFEST['version']}]" in changelog
