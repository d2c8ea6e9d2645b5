"""Making, copying, pasting, changing and exporting meter models."""

from collections.abc import Mapping
from typing import Any

import pytest
import yaml
from homeassistant.config_entries import ConfigSubentryData, SubentryFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.headroom.meters.model_files import load_models, parse_model
from custom_components.headroom.meters.model_text import MOST_CHARACTERS, as_text, describe
from custom_components.headroom.meters.models import CurrentSign, Kind, MeterModel
from custom_components.headroom.modbus.registers import Format, Function, WordOrder
from custom_components.headroom.own_models import own_models

from .conftest import TRANSLATIONS
from .site import MAIN, change, choose, enter, options, part, site, suggested, zone

MODEL = "01MODEL"

ACME: Mapping[str, Any] = {
    "id": "acme_3p",
    "name": "Acme 3P",
    "confidence": "low",
    "source": "",
    "function": "holding",
    "word_order": "msw",
    "current_sign": "unsigned",
    "max_read": 125,
    "max_gap": 0,
    "quantities": {"currents": {"address": [0, 2, 4], "format": "float32"}},
}
GENERAL: dict[str, Any] = {
    "name": "Acme 3P",
    "function": "holding",
    "word_order": "msw",
    "current_sign": "unsigned",
    "phases": 3,
    "max_read": 125,
    "max_gap": 0,
    "pause": 0,
    "line": "19200 8E1",
}
CURRENTS: dict[str, Any] = {"address": "0, 2, 4", "format": "float32", "scale": 1}


def acme(**changes: Any) -> ConfigSubentryData:
    """Return a stored model."""
    return part(MODEL, "meter_model", "Acme 3P", "meter_model_acme_3p", {**ACME, **changes})


def empty_site(*parts: ConfigSubentryData) -> MockConfigEntry:
    return site(zone(MAIN, "Main"), *parts)


async def begin(hass: HomeAssistant, entry: MockConfigEntry, way: str) -> SubentryFlowResult:
    """Start the flow that adds a model in one of its ways."""
    entry.add_to_hass(hass)
    menu = await hass.config_entries.subentries.async_init(
        (entry.entry_id, "meter_model"), context={"source": "user"}
    )
    assert menu["menu_options"] == ["blank", "copy", "text"]
    return await choose(hass, menu, way)


async def begin_change(hass: HomeAssistant, entry: MockConfigEntry, way: str) -> SubentryFlowResult:
    """Start the flow that changes the stored model in one of its ways."""
    menu = await change(hass, entry, MODEL)
    assert menu["menu_options"] == ["general", "text"]
    return await choose(hass, menu, way)


async def fill_in(
    hass: HomeAssistant, result: SubentryFlowResult, **quantities: Mapping[str, Any]
) -> SubentryFlowResult:
    """Submit the form of the quantities; those that are not named stay without addresses."""
    values = {kind.value: dict(quantities.get(kind, {})) for kind in Kind}
    return await hass.config_entries.subentries.async_configure(result["flow_id"], values)


def shown(result: SubentryFlowResult, kind: str) -> dict[str, Any]:
    """Return what the form shows of a quantity."""
    schema = result["data_schema"]
    assert schema is not None
    return suggested({"data_schema": schema.schema[kind].schema})


def stored_model(entry: MockConfigEntry) -> MeterModel:
    """Return the last model that a site keeps."""
    return list(own_models(entry.subentries.values()).values())[-1]


async def test_a_model_is_made_from_nothing(hass: HomeAssistant) -> None:
    entry = empty_site()
    result = await begin(hass, entry, "blank")
    assert result["step_id"] == "general"
    assert suggested(result) | {"name": "Acme 3P"} == GENERAL | {"source": ""}
    values = {
        "name": " Acme 3P ",
        "function": "input",
        "word_order": "lsw",
        "current_sign": "signed",
        "max_read": 50,
        "max_gap": 4,
        "pause": 0.05,
        "line": "9600 8N1",
        "source": "Its manual",
    }
    result = await enter(hass, result, **{**GENERAL, **values})
    assert result["step_id"] == "quantities"
    assert shown(result, "currents") == {"format": "float32", "scale": 1, "optional": False}
    result = await fill_in(
        hass,
        result,
        currents={"address": "0x0A, 12;14", "format": "uint16", "scale": 0.1},
        powers={"address": "20 22 24", "format": "int32", "word_order": "msw"},
        power={"address": "30", "format": "int64", "function": "holding", "optional": True},
    )
    assert result["type"] is FlowResultType.CREATE_ENTRY
    item = list(entry.subentries.values())[-1]
    assert (item.title, item.unique_id) == ("Acme 3P", "meter_model_acme_3p")
    model = parse_model(dict(item.data))
    assert own_models(entry.subentries.values()) == {"own:acme_3p": model}
    assert (model.id, model.name, model.source) == ("acme_3p", "Acme 3P", "Its manual")
    assert model.current_sign is CurrentSign.SIGNED
    assert (model.max_read, model.max_gap) == (50, 4)
    assert (model.pause.total_seconds(), str(model.line)) == (0.05, "9600 8N1")
    currents, powers, power = model.quantities
    assert (currents.addresses, currents.format, currents.scale) == (
        (10, 12, 14),
        Format.UINT16,
        0.1,
    )
    assert (currents.table.function, currents.word_order) == (Function.INPUT, WordOrder.LSW)
    assert (powers.addresses, powers.word_order) == ((20, 22, 24), WordOrder.MSW)
    assert (power.format, power.table.function, power.optional) == (
        Format.INT64,
        Function.HOLDING,
        True,
    )


async def test_a_copy_has_all_of_the_original_but_its_name(hass: HomeAssistant) -> None:
    entry = empty_site(acme())
    result = await begin(hass, entry, "copy")
    assert set(options(result, "copy_of")) == {*load_models(), "own:acme_3p"}
    result = await enter(hass, result, copy_of="victron_gx")
    assert "name" not in suggested(result)
    result = await enter(hass, result, **suggested(result), name="My GX")
    assert shown(result, "currents") == {
        "address": "2617, 2619, 2621",
        "format": "int16",
        "scale": 0.1,
        "optional": False,
    }
    assert "address" not in shown(result, "energy_import")
    await fill_in(hass, result, currents=shown(result, "currents"), powers=shown(result, "powers"))
    original = describe(load_models()["victron_gx"])
    copied = describe(stored_model(entry))
    assert copied == original | {"id": "my_gx", "name": "My GX", "confidence": "low"}
    assert copied["quantities"]["powers"]["unit"] == 100, "which no form shows"


async def test_an_own_model_is_copied_without_changing_it(hass: HomeAssistant) -> None:
    entry = empty_site(acme())
    result = await begin(hass, entry, "copy")
    result = await enter(hass, result, copy_of="own:acme_3p")
    result = await enter(hass, result, **suggested(result), name="Acme 3P turned")
    await fill_in(hass, result, currents={"address": "6, 2, 4", "format": "float32"})
    assert entry.subentries[MODEL].data == ACME
    assert own_models(entry.subentries.values()).keys() == {"own:acme_3p", "own:acme_3p_turned"}


async def test_a_model_is_pasted(hass: HomeAssistant) -> None:
    entry = empty_site()
    result = await begin(hass, entry, "text")
    assert suggested(result) == {}
    result = await enter(hass, result, yaml=as_text(ACME))
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert stored_model(entry) == parse_model(ACME)


async def test_a_model_is_shown_as_text_and_changed_there(hass: HomeAssistant) -> None:
    entry = empty_site(acme())
    result = await begin_change(hass, entry, "text")
    text = suggested(result)["yaml"]
    assert yaml.safe_load(text) == ACME
    result = await enter(hass, result, yaml=text.replace("Acme 3P", "Acme 3P-2"))
    assert result["reason"] == "reconfigure_successful"
    assert entry.subentries[MODEL].title == stored_model(entry).name == "Acme 3P-2"
    assert entry.subentries[MODEL].unique_id == "meter_model_acme_3p"


async def test_a_model_keeps_its_id_when_it_is_renamed_in_the_form(hass: HomeAssistant) -> None:
    entry = empty_site(acme())
    result = await begin_change(hass, entry, "general")
    assert suggested(result) == GENERAL | {"source": ""}
    result = await enter(hass, result, **GENERAL | {"name": "Acme, the other"})
    assert shown(result, "currents") == {**CURRENTS, "optional": False}
    await fill_in(hass, result, currents=CURRENTS | {"address": "6, 8, 10"})
    model = stored_model(entry)
    assert (model.id, model.name) == ("acme_3p", "Acme, the other")
    assert model.quantities[0].addresses == (6, 8, 10)


@pytest.mark.parametrize(
    ("values", "errors"),
    [
        ({"name": " "}, {"name": "empty"}),
        ({"name": "Acme 3P"}, {"name": "name_taken"}),
        ({"name": "Shelly Pro 3EM"}, {"name": "name_taken"}),
        ({"name": "acme-3p"}, {"name": "id_taken"}),
        ({"name": "shelly pro 3em"}, {"name": "id_taken"}),
        ({"name": "New", "line": "9600"}, {"line": "line_invalid"}),
        ({"name": "New", "line": " "}, {"line": "empty"}),
    ],
)
async def test_what_a_model_cannot_be_is_said_at_its_field(
    hass: HomeAssistant, values: dict[str, Any], errors: dict[str, str]
) -> None:
    result = await begin(hass, empty_site(acme()), "blank")
    result = await enter(hass, result, **{**GENERAL, **values})
    assert (result["step_id"], result["errors"]) == ("general", errors)
    assert suggested(result) == {**GENERAL, **values}
    result = await enter(hass, result, **GENERAL | {"name": "New"})
    assert result["step_id"] == "quantities"


@pytest.mark.parametrize(
    ("quantities", "errors"),
    [
        ({}, {"base": "nothing_measured"}),
        ({"currents": CURRENTS | {"optional": True}}, {"base": "nothing_measured"}),
        ({"currents": CURRENTS | {"address": "0, 2"}}, {"currents": "address_count"}),
        ({"currents": CURRENTS | {"address": "a, b, c"}}, {"currents": "address_invalid"}),
        ({"currents": CURRENTS | {"address": "0, 2, 65536"}}, {"currents": "address_invalid"}),
        ({"currents": CURRENTS | {"address": "-1, 2, 4"}}, {"currents": "address_invalid"}),
        ({"currents": CURRENTS | {"address": "0, 2, 65535"}}, {"currents": "address_too_high"}),
        ({"currents": CURRENTS | {"scale": 0}}, {"currents": "entry_invalid"}),
        ({"currents": CURRENTS | {"format": "uint64"}}, {"currents": "too_long"}),
        (
            {"currents": CURRENTS, "power": {"address": "1, 2"}},
            {"power": "address_count"},
        ),
    ],
)
async def test_what_a_quantity_cannot_be_is_said_at_its_section(
    hass: HomeAssistant, quantities: dict[str, Any], errors: dict[str, str]
) -> None:
    entry = empty_site()
    result = await begin(hass, entry, "blank")
    result = await enter(hass, result, **GENERAL | {"max_read": 2})
    result = await fill_in(hass, result, **quantities)
    assert (result["step_id"], result["errors"]) == ("quantities", errors)
    for kind, entered in quantities.items():
        assert shown(result, kind).items() >= entered.items(), "nothing has to be entered twice"
    await fill_in(hass, result, currents=CURRENTS)
    assert stored_model(entry).quantities[0].addresses == (0, 2, 4)


async def test_what_no_form_shows_can_make_a_change_impossible(hass: HomeAssistant) -> None:
    entry = empty_site()
    result = await begin(hass, entry, "copy")
    result = await enter(hass, result, copy_of="sma_energy_meter")
    result = await enter(hass, result, **suggested(result) | {"name": "Two phases", "phases": 2})
    sides = {"currents": "1, 2", "powers": "3, 4"}
    values = {kind: {"address": text, "format": "uint16"} for kind, text in sides.items()}
    result = await fill_in(hass, result, **values)
    assert result["errors"] == {"powers": "less_count"}


@pytest.mark.parametrize(
    ("text", "error"),
    [
        (" ", "empty"),
        ("a" * (MOST_CHARACTERS + 1), "text_too_long"),
        ("id: [", "no_yaml"),
        ("id: 2026-02-31", "no_yaml"),
        ("[" * 9_000, "no_yaml"),
        ("just words", "entry_invalid"),
        (as_text({**ACME, "colour": "red"}), "entry_invalid"),
        (as_text({**ACME, "quantities": {}}), "nothing_measured"),
        (as_text({**ACME, "id": "Acme 3P"}), "id_invalid"),
        (as_text({**ACME, "id": "schneider_iem3000", "name": "New"}), "id_taken"),
        (as_text({**ACME, "name": "Siemens PAC2200"}), "name_taken"),
        (as_text({**ACME, "name": "New"}), "id_taken"),
    ],
)
async def test_text_that_is_no_model_is_explained_and_kept(
    hass: HomeAssistant, text: str, error: str
) -> None:
    entry = empty_site(acme())
    result = await begin(hass, entry, "text")
    result = await enter(hass, result, yaml=text)
    assert (result["step_id"], result["errors"]) == ("text", {"yaml": error})
    assert suggested(result) == {"yaml": text}
    result = await enter(hass, result, yaml=as_text({**ACME, "id": "new", "name": "New"}))
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_the_id_that_meters_refer_to_stays(hass: HomeAssistant) -> None:
    result = await begin_change(hass, empty_site(acme()), "text")
    result = await enter(hass, result, yaml=as_text({**ACME, "id": "acme"}))
    assert result["errors"] == {"yaml": "id_changed"}


async def test_an_id_stays_taken_by_a_model_that_cannot_be_read(hass: HomeAssistant) -> None:
    result = await begin(hass, empty_site(acme(max_read=0)), "text")
    result = await enter(hass, result, yaml=as_text(ACME))
    assert result["errors"] == {"yaml": "id_taken"}


def test_every_quantity_has_the_same_fields() -> None:
    step = TRANSLATIONS["config_subentries"]["meter_model"]["step"]["quantities"]
    fields = [part["data"] for part in step["sections"].values()]
    assert list(step["sections"]) == list(Kind)
    assert all(names == fields[0] for names in fields)
