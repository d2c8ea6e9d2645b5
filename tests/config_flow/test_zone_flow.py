"""Adding and changing zones."""

import pytest
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType, InvalidData, section

from .site import (
    CHARGER,
    CONNECTOR,
    GARAGE,
    MAIN,
    add,
    change,
    charger,
    enter,
    nested_site,
    options,
    part,
    site,
    suggested,
    zone,
    zone_data,
)


async def test_the_first_zone_has_no_parent_to_choose(hass: HomeAssistant) -> None:
    entry = site()
    result = await add(hass, entry, "zone")
    assert result["type"] is FlowResultType.FORM
    assert suggested(result) == zone_data(16.0)

    result = await enter(hass, result, name=" Main board ", **zone_data(63.0, limit_l2=50.0))
    assert result["type"] is FlowResultType.CREATE_ENTRY
    (stored,) = entry.subentries.values()
    assert stored.title == "Main board"
    assert stored.unique_id == "zone_main_board"
    assert stored.data == zone_data(63.0, limit_l2=50.0)


async def test_a_zone_is_fed_by_another(hass: HomeAssistant) -> None:
    entry = site(zone(MAIN, "Main"))
    result = await add(hass, entry, "zone")
    assert options(result, "parent") == [MAIN]

    dynamic = zone_data(32.0, parent=MAIN, supply="dynamic", degraded=6.0)
    await enter(hass, result, name="Garage", **dynamic)
    assert list(entry.subentries.values())[1].data == dynamic


@pytest.mark.parametrize(
    ("name", "data", "errors", "said"),
    [
        (" ", zone_data(32.0), {"name": "empty"}, {}),
        ("MAIN", zone_data(32.0), {"name": "name_taken"}, {}),
        (
            "Shed",
            zone_data(64.0, parent=MAIN),
            {"base": "zone_above_parent"},
            {
                "zone": "Shed",
                "parent": "Main",
                "phase": "L1",
                "limit": "64",
                "parent_limit": "63",
            },
        ),
        (
            "Shed",
            zone_data(16.0, parent=GARAGE),
            {"base": "zone_not_terminal"},
            {"zone": "Garage", "charger": "CP1"},
        ),
    ],
)
async def test_a_zone_is_refused_and_then_corrected(
    hass: HomeAssistant,
    name: str,
    data: dict[str, object],
    errors: dict[str, str],
    said: dict[str, str],
) -> None:
    entry = nested_site()
    result = await add(hass, entry, "zone")

    result = await enter(hass, result, name=name, **data)
    assert result["errors"] == errors
    assert result["description_placeholders"] == said
    assert suggested(result) == {"name": name, **data}

    result = await enter(hass, result, name="Shed", **zone_data(16.0, parent=MAIN))
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_the_rules_of_a_zone_are_kept_beside_the_rest(hass: HomeAssistant) -> None:
    entry = site()
    rules = zone_data(
        63.0,
        sharing="combined",
        fifo_percent=30,
        protection="mcb_c",
        margin=10,
        contracted_power=34.5,
        cluster_max=48.0,
        unbalance=20.0,
        assumed_l1=12.0,
        assumed_l3=0.0,
        scale_fallback=True,
    )
    result = await add(hass, entry, "zone")
    await enter(hass, result, name="Main", **rules)
    (stored,) = entry.subentries.values()
    assert stored.data == rules

    result = await change(hass, entry, stored.subentry_id)
    assert suggested(result) == {"name": "Main", **rules}

    plain = zone_data(63.0)
    await enter(hass, result, name="Main", **plain)
    assert entry.subentries[stored.subentry_id].data == plain


async def test_the_rules_of_a_zone_are_in_closed_sections(hass: HomeAssistant) -> None:
    result = await add(hass, site(), "zone")
    schema = result["data_schema"]
    assert schema is not None
    sections = [part for part in schema.schema.values() if isinstance(part, section)]
    assert len(sections) == 5
    assert all(part.options["collapsed"] for part in sections)
    shown = [str(field) for field, part in schema.schema.items() if part not in sections]
    assert shown == ["name", "limit_l1", "limit_l2", "limit_l3", "supply"]


async def test_a_zone_of_the_first_release_is_changed(hass: HomeAssistant) -> None:
    limits = {"limit_l1": 63.0, "limit_l2": 63.0, "limit_l3": 63.0}
    first = limits | {"supply": "static", "degraded": 6.0}
    entry = site(part(MAIN, "zone", "Main", "zone_main", first))
    result = await change(hass, entry, MAIN)
    assert suggested(result) == {"name": "Main", **zone_data(63.0, degraded=6.0)}

    await enter(hass, result, name="Main", **first)
    assert entry.subentries[MAIN].data == zone_data(63.0, degraded=6.0)


async def test_a_margin_that_leaves_too_little_is_refused(hass: HomeAssistant) -> None:
    result = await add(hass, site(), "zone")
    result = await enter(hass, result, name="Main", **zone_data(12.0, margin=20))
    assert result["errors"] == {"base": "margin_too_large"}
    assert result["description_placeholders"] == {"zone": "Main", "left": "9.6", "least": "10"}

    result = await enter(hass, result, name="Main", **zone_data(12.0, margin=10))
    assert result["type"] is FlowResultType.CREATE_ENTRY


@pytest.mark.parametrize(
    "changes",
    [
        {"limit_l1": -1},
        {"limit_l3": 2001},
        {"limit_l2": "nan"},
        {"degraded": -1},
        {"supply": "x"},
        {"sharing": "x"},
        {"fifo_percent": 101},
        {"protection": "x"},
        {"margin": 91},
        {"contracted_power": 0},
        {"cluster_max": 0},
        {"unbalance": 5.9},
        {"assumed_l2": -1},
    ],
)
async def test_an_impossible_value_is_invalid(
    hass: HomeAssistant, changes: dict[str, object]
) -> None:
    result = await add(hass, site(), "zone")
    with pytest.raises(InvalidData):
        await enter(hass, result, name="Main", **zone_data(32.0, **changes))


async def test_a_zone_is_changed(hass: HomeAssistant) -> None:
    entry = nested_site()
    result = await change(hass, entry, GARAGE)
    assert suggested(result) == {"name": "Garage", **zone_data(32.0, parent=MAIN)}
    assert options(result, "parent") == [MAIN]

    result = await enter(hass, result, name="Carport", **zone_data(25.0))
    assert result["reason"] == "reconfigure_successful"
    garage = entry.subentries[GARAGE]
    assert (garage.title, garage.unique_id) == ("Carport", "zone_carport")
    assert garage.data == zone_data(25.0)


async def test_a_zone_keeps_its_name(hass: HomeAssistant) -> None:
    entry = nested_site()
    result = await change(hass, entry, MAIN)
    result = await enter(hass, result, name="Main", **zone_data(40.0))
    assert result["reason"] == "reconfigure_successful"
    assert entry.subentries[MAIN].data == zone_data(40.0)


@pytest.mark.parametrize(
    ("data", "key", "said"),
    [
        (zone_data(31.0), "zone_above_parent", {"zone": "Garage", "parent": "Main"}),
        (zone_data(32.0, parent=GARAGE), "zone_loop", {"zone": "Main"}),
    ],
)
async def test_a_change_that_the_zones_below_forbid_is_refused_and_then_corrected(
    hass: HomeAssistant, data: dict[str, object], key: str, said: dict[str, str]
) -> None:
    entry = nested_site()
    result = await change(hass, entry, MAIN)

    result = await enter(hass, result, name="Main", **data)
    assert result["errors"] == {"base": key}
    assert result["description_placeholders"] is not None
    assert said.items() <= result["description_placeholders"].items()
    assert entry.subentries[MAIN].data == zone_data(63.0)

    result = await enter(hass, result, name="Main", **zone_data(32.0))
    assert result["reason"] == "reconfigure_successful"


async def test_a_limit_below_the_fallback_of_its_chargers_is_refused(hass: HomeAssistant) -> None:
    entry = site(zone(MAIN, "Main"), charger(CHARGER, "CP1", MAIN, CONNECTOR | {"fallback": 10.0}))
    result = await change(hass, entry, MAIN)

    result = await enter(hass, result, name="Main", **zone_data(9.0))
    assert result["errors"] == {"base": "fallback_above_zone"}
    assert result["description_placeholders"] == {"zone": "Main", "total": "10", "limit": "9"}

    result = await enter(hass, result, name="Main", **zone_data(10.0))
    assert result["reason"] == "reconfigure_successful"


async def test_the_fault_of_another_zone_does_not_stand_in_the_way(hass: HomeAssistant) -> None:
    entry = site(zone(MAIN, "Main"), zone(GARAGE, "Garage", parent="01DELETED"))
    result = await add(hass, entry, "zone")
    result = await enter(hass, result, name="Shed", **zone_data(16.0, parent=MAIN))
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_a_zone_cannot_be_fed_by_a_faulty_one(hass: HomeAssistant) -> None:
    entry = site(zone(MAIN, "Main"), zone(GARAGE, "Garage", parent="01DELETED"))
    result = await add(hass, entry, "zone")
    result = await enter(hass, result, name="Shed", **zone_data(16.0, parent=GARAGE))
    assert result["errors"] == {"base": "unknown_zone"}

    result = await enter(hass, result, name="Shed", **zone_data(16.0))
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_a_zone_whose_parent_was_deleted_is_repaired(hass: HomeAssistant) -> None:
    entry = site(zone(MAIN, "Main"), zone(GARAGE, "Garage", parent="01DELETED"))
    result = await change(hass, entry, GARAGE)
    result = await enter(hass, result, name="Garage", **zone_data(63.0, parent=MAIN))
    assert result["reason"] == "reconfigure_successful"
    assert entry.subentries[GARAGE].data["parent"] == MAIN
