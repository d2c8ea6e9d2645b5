"""What no file of the repository may say, and what scripts and workflows must."""

import re
from pathlib import Path
from subprocess import run
from typing import Any

import pytest
import yaml

from .files import ROOT, repository_files

REGISTRY = re.compile(
    r"pypi\.org|pythonhosted\.org|npmjs\.(?:org|com)|debian\.org/debian|--(?:extra-)?index-url\b"
)
MACHINE_PATH = re.compile(r"(?<![\w.~/$}])/(?:work|root|home|Users)/[\w.]")
BINARY = {".png", ".zip", ".gz", ".woff2"}
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
UNNUMBERED = {"home-assistant/actions/hassfest@master", "hacs/action@main"}
"""Actions without a current numbered version."""


def texts() -> dict[Path, str]:
    """Return every text file of the repository."""
    return {
        path: path.read_text("utf-8") for path in repository_files() if path.suffix not in BINARY
    }


def shell_scripts() -> list[Path]:
    """Return every script for bash."""
    return [path for path, text in texts().items() if text.startswith("#!/usr/bin/env bash")]


def mentions(pattern: re.Pattern[str]) -> list[str]:
    """Return where a pattern stands in the repository."""
    return [
        f"{path.relative_to(ROOT)}: {match[0]}"
        for path, text in texts().items()
        for match in pattern.finditer(text)
    ]


def test_no_file_names_a_package_registry() -> None:
    assert REGISTRY.search("https://pypi" + ".org/simple")
    assert mentions(REGISTRY) == []


def test_no_file_names_a_place_on_one_machine() -> None:
    assert MACHINE_PATH.search("see /home" + "/someone/notes")
    assert mentions(MACHINE_PATH) == []


def test_scripts_are_executable() -> None:
    scripts = [path for path, text in texts().items() if text.startswith("#!")]
    assert ROOT / "scripts/bootstrap" in scripts
    assert [path.name for path in scripts if not path.stat().st_mode & 0o100] == []


@pytest.mark.parametrize("script", shell_scripts(), ids=lambda path: path.name)
def test_shell_scripts_parse_and_stop_at_the_first_failure(script: Path) -> None:
    assert "\nset -euo pipefail\n" in script.read_text("utf-8")
    run(["/usr/bin/env", "bash", "-n", script], check=True)


def test_ci_runs_the_test_command_and_nothing_else() -> None:
    commands = (ROOT / ".ci/run").read_text("utf-8").splitlines()[2:]
    assert commands == ['exec "$(dirname "$0")/../scripts/test"']


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.stem)
def test_workflows_have_few_rights_and_numbered_actions(workflow: Path) -> None:
    content: dict[str, Any] = yaml.safe_load(workflow.read_text("utf-8"))
    assert content["permissions"] in ({}, {"contents": "read"})
    for job in content["jobs"].values():
        assert job["timeout-minutes"]
        assert job.get("permissions", {}) in ({}, {"contents": "write"})
        actions = {step["uses"] for step in job["steps"] if "uses" in step}
        assert all(re.search(r"@v\d+$", action) for action in actions - UNNUMBERED)


def test_only_a_release_may_write() -> None:
    writers = [path.stem for path in WORKFLOWS if ": write" in path.read_text("utf-8")]
    assert writers == ["release"]
