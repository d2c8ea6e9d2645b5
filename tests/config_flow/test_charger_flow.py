"""Adding and changing chargers."""

from types import MappingProxyType

import pytest
from homeassistant.config_entries import SOURCE_INTEGRATION_DISCOVERY, ConfigSubentry
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType, InvalidData
from homeassistant.helpers import entity_registry as er
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.headroom.const import DOMAIN

from .site import (
    AUTOMATIC,
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
    site,
    suggested,
    zone,
    zone_data,
)

OTHER = CONNECTOR | {
    "wiring": "mono2",
    "max_current": 16.0,
    "floor": 8.0,
    "offline": "cap",
    "fallback": 10.0,
    "priority": True,
}


async def test_a_charger_is_added_connector_by_connector(hass: HomeAssistant) -> None:
    entry = nested_site()
    result = await add(hass, entry, "charger")
    assert suggested(result) == {"connector_count": 1} | AUTOMATIC
    assert options(result, "zone") == [GARAGE]

    result = await enter(hass, result, station_id=" CP2 ", zone=GARAGE, connector_count=2)
    assert result["step_id"] == "connector"
    assert result["description_placeholders"] == {"station": "CP2", "number": "1", "count": "2"}
    # Left empty, the fallback follows from the limits of the zones.
    assert suggested(result) == {k: v for k, v in CONNECTOR.items() if k != "fallback"}

    result = await enter(hass, result, **OTHER)
    assert result["step_id"] == "connector"
    assert result["description_placeholders"] == {"station": "CP2", "number": "2", "count": "2"}
    assert suggested(result) == OTHER

    result = await enter(hass, result, **CONNECTOR)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    stored = list(entry.subentries.values())[-1]
    assert (stored.title, stored.unique_id) == ("CP2", "charger_CP2")
    assert stored.data == {
        "station_id": "CP2",
        "zone": GARAGE,
        "connectors": [OTHER, CONNECTOR],
    }


@pytest.mark.parametrize(
    ("station_id", "errors"),
    [
        (" ", {"station_id": "empty"}),
        ("CP1", {"base": "station_taken"}),
        ("CP\n2", {"station_id": "station_id_unusable"}),
        ("C" * 65, {"station_id": "station_id_unusable"}),
    ],
)
async def test_a_station_is_refused_and_then_corrected(
    hass: HomeAssistant, station_id: str, errors: dict[str, str]
) -> None:
    entry = nested_site()
    result = await add(hass, entry, "charger")

    result = await enter(hass, result, station_id=station_id, zone=GARAGE, connector_count=3)
    assert result["errors"] == errors
    assert suggested(result) == {
        "station_id": station_id,
        "zone": GARAGE,
        "connector_count": 3,
        **AUTOMATIC,
    }

    result = await enter(hass, result, station_id="cp1", zone=GARAGE, connector_count=1)
    result = await enter(hass, result, **CONNECTOR)
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_a_zone_that_feeds_others_by_now_is_refused(hass: HomeAssistant) -> None:
    entry = site(zone(MAIN, "Main"), zone(GARAGE, "Garage"))
    result = await add(hass, entry, "charger")
    hass.config_entries.async_add_subentry(
        entry,
        ConfigSubentry(
            data=MappingProxyType(zone_data(16.0, parent=MAIN)),
            subentry_type="zone",
            title="Shed",
            unique_id="zone_shed",
        ),
    )

    result = await enter(hass, result, station_id="CP1", zone=MAIN, connector_count=1)
    assert result["errors"] == {"base": "zone_not_terminal"}
    assert result["description_placeholders"] is not None
    assert result["description_placeholders"]["zone"] == "Main"

    result = await enter(hass, result, station_id="CP1", zone=GARAGE, connector_count=1)
    result = await enter(hass, result, **CONNECTOR)
    assert result["type"] is FlowResultType.CREATE_ENTRY


@pytest.mark.parametrize(
    ("changes", "key", "said"),
    [
        (
            {"floor": 14.0, "max_current": 10.0},
            "floor_above_max",
            {"connector": "CP1 (2)", "floor": "14", "max_current": "10"},
        ),
        ({"fallback": 33.0}, "fallback_above_max", {"connector": "CP1 (2)"}),
        ({"fallback": 5.0}, "fallback_below_floor", {"connector": "CP1 (2)"}),
        ({"fallback": 16.0}, "fallback_above_zone", {"zone": "Main", "total": "26"}),
    ],
)
async def test_a_connector_is_refused_and_then_corrected(
    hass: HomeAssistant, changes: dict[str, float], key: str, said: dict[str, str]
) -> None:
    result = await add(hass, site(zone(MAIN, "Main", limit=20.0)), "charger")
    result = await enter(hass, result, station_id="CP1", zone=MAIN, connector_count=2)
    result = await enter(hass, result, **CONNECTOR | {"fallback": 10.0})

    result = await enter(hass, result, **CONNECTOR | changes)
    assert result["errors"] == {"base": key}
    assert result["description_placeholders"] is not None
    assert (said | {"number": "2"}).items() <= result["description_placeholders"].items()
    assert suggested(result) == CONNECTOR | changes

    result = await enter(hass, result, **CONNECTOR)
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_a_place_in_the_order_is_not_copied_to_the_next_connector(
    hass: HomeAssistant,
) -> None:
    entry = site(zone(MAIN, "Main"))
    first = CONNECTOR | {"vip": True, "order": 7}
    result = await add(hass, entry, "charger")
    result = await enter(hass, result, station_id="CP1", zone=MAIN, connector_count=2)

    result = await enter(hass, result, **first)
    assert suggested(result) == CONNECTOR | {"vip": True}
    await enter(hass, result, **CONNECTOR)
    stored = list(entry.subentries.values())[-1]
    assert stored.data["connectors"] == [first, CONNECTOR]

    result = await change(hass, entry, stored.subentry_id)
    result = await enter(hass, result, station_id="CP1", zone=MAIN, connector_count=2)
    assert suggested(result) == first


async def test_a_floor_that_never_fits_the_balance_of_phases_is_refused(
    hass: HomeAssistant,
) -> None:
    result = await add(hass, site(zone(MAIN, "Main", unbalance=8.0)), "charger")
    result = await enter(hass, result, station_id="CP1", zone=MAIN, connector_count=1)
    one_phase = CONNECTOR | {"wiring": "mono1"}

    result = await enter(hass, result, **one_phase | {"floor": 9.0})
    assert result["errors"] == {"base": "floor_above_unbalance"}

    result = await enter(hass, result, **one_phase | {"floor": 8.0})
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_a_connector_of_the_first_release_is_changed(hass: HomeAssistant) -> None:
    connector = {"wiring": "tri123", "max_current": 32.0, "floor": 6.0, "fallback": 0.0}
    entry = site(zone(MAIN, "Main"), charger(CHARGER, "CP1", MAIN, connector))
    result = await change(hass, entry, CHARGER)
    result = await enter(hass, result, station_id="CP1", zone=MAIN, connector_count=1)
    assert suggested(result) == CONNECTOR

    await enter(hass, result, **connector)
    assert entry.subentries[CHARGER].data["connectors"] == [CONNECTOR]


@pytest.mark.parametrize("connector_count", [0, 5])
async def test_a_charger_has_one_to_four_connectors(
    hass: HomeAssistant, connector_count: int
) -> None:
    result = await add(hass, site(zone(MAIN, "Main")), "charger")
    with pytest.raises(InvalidData):
        await enter(hass, result, station_id="CP1", zone=MAIN, connector_count=connector_count)


@pytest.mark.parametrize(
    "changes",
    [
        {"wiring": "tri111"},
        {"max_current": 5.9},
        {"max_current": 81},
        {"floor": 5},
        {"fallback": -1},
        {"offline": "x"},
        {"order": 0},
    ],
)
async def test_an_impossible_connector_is_invalid(
    hass: HomeAssistant, changes: dict[str, object]
) -> None:
    result = await add(hass, site(zone(MAIN, "Main")), "charger")
    result = await enter(hass, result, station_id="CP1", zone=MAIN, connector_count=1)
    with pytest.raises(InvalidData):
        await enter(hass, result, **CONNECTOR | changes)


async def test_a_charger_needs_a_zone(hass: HomeAssistant) -> None:
    result = await add(hass, site(), "charger")
    assert result["reason"] == "no_zones"


async def test_a_charger_gets_a_connector_more_and_moves(hass: HomeAssistant) -> None:
    entry = site(zone(MAIN, "Main"), zone(GARAGE, "Garage"), charger(CHARGER, "CP1", MAIN, OTHER))
    entry.add_to_hass(hass)
    renamed = entry.subentries[CHARGER]
    hass.config_entries.async_update_subentry(entry, renamed, title="By the gate")
    result = await change(hass, entry, CHARGER)
    assert suggested(result) == {
        "station_id": "CP1",
        "zone": MAIN,
        "connector_count": 1,
        **AUTOMATIC,
    }

    result = await enter(hass, result, station_id="CP1", zone=GARAGE, connector_count=2)
    assert suggested(result) == OTHER
    result = await enter(hass, result, **OTHER)
    assert suggested(result) == OTHER
    result = await enter(hass, result, **CONNECTOR)
    assert result["reason"] == "reconfigure_successful"
    stored = entry.subentries[CHARGER]
    assert stored.title == "By the gate"
    assert stored.data == {
        "station_id": "CP1",
        "zone": GARAGE,
        "connectors": [OTHER, CONNECTOR],
    }


async def test_an_empty_fallback_stays_empty(hass: HomeAssistant) -> None:
    connector = {key: value for key, value in CONNECTOR.items() if key != "fallback"}
    entry = site(zone(MAIN, "Main"), charger(CHARGER, "CP1", MAIN))
    result = await change(hass, entry, CHARGER)
    result = await enter(hass, result, station_id="CP1", zone=MAIN, connector_count=1)
    await enter(hass, result, **connector)
    assert entry.subentries[CHARGER].data["connectors"] == [connector]

    result = await change(hass, entry, CHARGER)
    result = await enter(hass, result, station_id="CP1", zone=MAIN, connector_count=1)
    assert suggested(result) == connector


async def test_a_charger_is_replaced_by_another(hass: HomeAssistant) -> None:
    entry = site(
        zone(MAIN, "Main"),
        charger(CHARGER, "CP1", MAIN, OTHER, CONNECTOR),
        charger("01CHARGER2", "CP2", MAIN),
    )
    result = await change(hass, entry, CHARGER)

    result = await enter(hass, result, station_id="CP2", zone=MAIN, connector_count=1)
    assert result["errors"] == {"base": "station_taken"}
    assert suggested(result)["station_id"] == "CP2"

    result = await enter(hass, result, station_id="CP3", zone=MAIN, connector_count=1)
    result = await enter(hass, result, **OTHER)
    assert result["reason"] == "reconfigure_successful"
    stored = entry.subentries[CHARGER]
    assert (stored.title, stored.unique_id) == ("CP3", "charger_CP3")
    assert stored.data["connectors"] == [OTHER]


async def test_a_charger_that_was_added_is_offered_no_longer(hass: HomeAssistant) -> None:
    entry = nested_site()
    entry.add_to_hass(hass)
    for station_id in ("CP2", "CP3"):
        await hass.config_entries.flow.async_init(
            DOMAIN,
            context={"source": SOURCE_INTEGRATION_DISCOVERY},
            data={"entry_id": entry.entry_id, "station_id": station_id, "remote": None},
        )
    result = await add(hass, entry, "charger")
    result = await enter(hass, result, station_id="CP2", zone=GARAGE, connector_count=1)
    await enter(hass, result, **CONNECTOR)

    (offer,) = hass.config_entries.flow.async_progress_by_handler(DOMAIN)
    assert offer["context"]["title_placeholders"] == {"name": "CP3"}


def stored_password(entry: MockConfigEntry) -> object:
    return list(entry.subentries.values())[-1].data.get("password")


async def test_a_charger_is_added_with_a_password(hass: HomeAssistant) -> None:
    entry = site(zone(MAIN, "Main"))
    result = await add(hass, entry, "charger")
    result = await enter(
        hass, result, station_id="CP1", zone=MAIN, connector_count=1, password="12345678"
    )
    await enter(hass, result, **CONNECTOR)
    assert stored_password(entry) == "12345678"


@pytest.mark.parametrize(
    ("entered", "kept"),
    [
        ({"remove_password": False}, "old-password"),
        ({"remove_password": False, "password": ""}, "old-password"),
        ({"remove_password": False, "password": "new-password"}, "new-password"),
        ({"remove_password": True}, None),
    ],
)
async def test_a_password_is_kept_changed_and_removed(
    hass: HomeAssistant, entered: dict[str, object], kept: str | None
) -> None:
    entry = secured_site()
    result = await change(hass, entry, CHARGER)
    assert suggested(result) == {
        "station_id": "CP1",
        "zone": MAIN,
        "connector_count": 1,
        **AUTOMATIC,
        "remove_password": False,
    }
    result = await enter(hass, result, station_id="CP1", zone=MAIN, connector_count=1, **entered)
    await enter(hass, result, **CONNECTOR)
    assert stored_password(entry) == kept


@pytest.mark.parametrize(
    ("entered", "error"),
    [
        ({"password": "short"}, "password_unusable"),
        ({"password": "x" * 65}, "password_unusable"),
        ({"password": "tab\there-"}, "password_unusable"),
        ({"password": "new-password", "remove_password": True}, "password_and_removal"),
    ],
)
async def test_a_password_is_refused_and_then_corrected(
    hass: HomeAssistant, entered: dict[str, object], error: str
) -> None:
    entry = secured_site()
    result = await change(hass, entry, CHARGER)
    place = {
        "station_id": "CP1",
        "zone": MAIN,
        "connector_count": 1,
        **AUTOMATIC,
        "remove_password": False,
    }
    result = await enter(hass, result, **place | entered)
    assert result["errors"] == {"base": error}
    assert suggested(result) == place | entered

    result = await enter(hass, result, **place, password="new-password")
    await enter(hass, result, **CONNECTOR)
    assert stored_password(entry) == "new-password"


async def test_a_certificate_of_another_name_is_allowed(hass: HomeAssistant) -> None:
    entry = site(zone(MAIN, "Main"), charger(CHARGER, "CP1", MAIN))
    place = {
        "station_id": "CP1",
        "zone": MAIN,
        "connector_count": 1,
        **AUTOMATIC,
    }
    entry.add_to_hass(hass)
    hass.config_entries.async_update_entry(entry, data={**entry.data, "client_ca": "ca.pem"})
    result = await entry.start_subentry_reconfigure_flow(hass, CHARGER)
    assert suggested(result) == place | {"any_certificate": False}
    result = await enter(hass, result, **place, any_certificate=True)
    await enter(hass, result, **CONNECTOR)
    assert entry.subentries[CHARGER].data["any_certificate"] is True

    hass.config_entries.async_update_entry(entry, data={"name": "Home", "port": 9000})
    result = await entry.start_subentry_reconfigure_flow(hass, CHARGER)
    assert suggested(result) == place
    result = await enter(hass, result, **place)
    await enter(hass, result, **CONNECTOR)
    assert entry.subentries[CHARGER].data["any_certificate"] is True, "nobody was asked"

    hass.config_entries.async_update_entry(entry, data={**entry.data, "client_ca": "ca.pem"})
    result = await entry.start_subentry_reconfigure_flow(hass, CHARGER)
    assert suggested(result) == place | {"any_certificate": True}
    result = await enter(hass, result, **place, any_certificate=False)
    await enter(hass, result, **CONNECTOR)
    assert "any_certificate" not in entry.subentries[CHARGER].data


def secured_site() -> MockConfigEntry:
    """Return a site with a charger that has a password."""
    secured = charger(CHARGER, "CP1", MAIN)
    secured["data"] = {**secured["data"], "password": "old-password"}
    return site(zone(MAIN, "Main"), secured)


@pytest.mark.parametrize(
    ("field", "choices"),
    [
        ("ocpp_version", ["v201"]),
        ("profile_purpose", ["station", "default", "transaction"]),
        ("profile_unit", ["ampere", "watt"]),
    ],
)
async def test_what_is_found_out_may_be_chosen_and_left_open_again(
    hass: HomeAssistant, field: str, choices: list[str]
) -> None:
    entry = site(zone(MAIN, "Main"), charger(CHARGER, "CP1", MAIN))
    place = {"station_id": "CP1", "zone": MAIN, "connector_count": 1}
    for chosen in (*choices, "automatic"):
        result = await change(hass, entry, CHARGER)
        result = await enter(hass, result, **place | {field: chosen})
        await enter(hass, result, **CONNECTOR)
        stored = None if chosen == "automatic" else chosen
        assert entry.subentries[CHARGER].data.get(field) == stored
        assert suggested(await change(hass, entry, CHARGER))[field] == chosen


async def test_a_connector_knows_the_battery_of_its_car(hass: HomeAssistant) -> None:
    level = er.async_get(hass).async_get_or_create(
        "sensor", "acme", "level", suggested_object_id="level"
    )
    entry = site(zone(MAIN, "Main"))
    result = await add(hass, entry, "charger")
    result = await enter(hass, result, station_id="CP1", zone=MAIN, connector_count=2)

    result = await enter(hass, result, **CONNECTOR, car_charge_entity="sensor.level")
    assert result["errors"] == {"car": "capacity_missing"}
    car = {"car_charge_entity": "sensor.level", "car_capacity": 60}
    result = await enter(hass, result, **CONNECTOR, **car)
    assert suggested(result) == CONNECTOR
    await enter(hass, result, **CONNECTOR)
    stored = list(entry.subentries.values())[-1]
    kept = CONNECTOR | {"car_charge_entity": level.id, "car_capacity": 60}
    assert stored.data["connectors"] == [kept, CONNECTOR]

    result = await change(hass, entry, stored.subentry_id)
    result = await enter(hass, result, station_id="CP1", zone=MAIN, connector_count=2)
    assert suggested(result) == CONNECTOR | car


async def test_a_sensor_of_a_battery_must_be_one(hass: HomeAssistant) -> None:
    result = await add(hass, site(zone(MAIN, "Main")), "charger")
    result = await enter(hass, result, station_id="CP1", zone=MAIN, connector_count=1)
    car = {"car_charge_entity": "sensor.gone", "car_capacity": 60}
    result = await enter(hass, result, **CONNECTOR, **car)
    assert result["errors"] == {"car": "entity_missing"}
    result = await enter(hass, result, **CONNECTOR)
    assert result["type"] is FlowResultType.CREATE_ENTRY
