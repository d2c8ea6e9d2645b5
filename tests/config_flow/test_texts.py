"""Texts that no single flow can prove to be there."""

import ast
from pathlib import Path
from typing import Any

import pytest

from custom_components.headroom.engine import model
from custom_components.headroom.engine.model import Supply
from custom_components.headroom.engine.wiring import Wiring

from .conftest import TRANSLATIONS


def site_error_keys() -> set[str]:
    """Return the keys of all SiteErrors that the engine raises."""
    calls = [
        node
        for node in ast.walk(ast.parse(Path(model.__file__).read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "SiteError"
    ]
    return {str(ast.literal_eval(call.args[0])) for call in calls}


@pytest.mark.parametrize(
    "texts",
    [
        TRANSLATIONS["config"],
        *(TRANSLATIONS["config_subentries"][kind] for kind in ("zone", "meter", "charger")),
    ],
)
def test_every_form_can_explain_every_fault_of_a_site(texts: dict[str, Any]) -> None:
    keys = site_error_keys()
    assert len(keys) > 8
    assert keys <= texts["error"].keys()


@pytest.mark.parametrize("kind", ["zone", "meter", "charger"])
def test_every_part_of_a_site_is_labelled(kind: str) -> None:
    texts = TRANSLATIONS["config_subentries"][kind]
    assert texts["entry_type"]
    assert texts["initiate_flow"].keys() == {"user", "reconfigure"}
    assert "already_configured" in texts["abort"]


def test_choices_are_labelled() -> None:
    assert TRANSLATIONS["selector"]["supply"]["options"].keys() == set(Supply)
    assert TRANSLATIONS["selector"]["wiring"]["options"].keys() == set(Wiring)


def test_no_text_has_an_address_in_it() -> None:
    assert "://" not in repr(TRANSLATIONS)
