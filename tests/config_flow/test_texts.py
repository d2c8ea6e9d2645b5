"""Texts that no single flow can prove to be there."""

import ast
from pathlib import Path
from typing import Any

import pytest

from custom_components.headroom import engine
from custom_components.headroom.engine.site.breaker import ProtectiveDevice
from custom_components.headroom.engine.site.degraded import OfflinePolicy
from custom_components.headroom.engine.site.model import SharingMode, Supply
from custom_components.headroom.engine.site.wiring import Wiring
from custom_components.headroom.engine.turns.rotation import SheddingPriority
from custom_components.headroom.parts import SHARES_AS_ABOVE
from custom_components.headroom.tariffs.settings import Weekday

from .conftest import TRANSLATIONS


def site_error_keys() -> set[str]:
    """Return the keys of all SiteErrors that the engine raises."""
    calls = [
        node
        for module in Path(engine.__file__).parent.rglob("*.py")
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8")))
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


@pytest.mark.parametrize("kind", ["zone", "meter", "charger", "tariff_period"])
def test_every_part_of_a_site_is_labelled(kind: str) -> None:
    texts = TRANSLATIONS["config_subentries"][kind]
    assert texts["entry_type"]
    assert texts["initiate_flow"].keys() == {"user", "reconfigure"}
    assert "already_configured" in texts["abort"]


@pytest.mark.parametrize(
    ("key", "values"),
    [
        ("offline", set(OfflinePolicy)),
        ("protection", set(ProtectiveDevice)),
        ("sharing", {SHARES_AS_ABOVE, *SharingMode}),
        ("shedding", set(SheddingPriority)),
        ("supply", set(Supply)),
        ("weekdays", set(Weekday)),
        ("wiring", set(Wiring)),
    ],
)
def test_choices_are_labelled(key: str, values: set[str]) -> None:
    assert TRANSLATIONS["selector"][key]["options"].keys() == values


def test_every_fault_of_a_tariff_period_is_explained() -> None:
    texts = TRANSLATIONS["config_subentries"]["tariff_period"]["error"]
    assert {key for key in site_error_keys() if key.startswith("tariff_")} <= texts.keys()


def test_no_text_has_an_address_in_it() -> None:
    assert "://" not in repr(TRANSLATIONS)
