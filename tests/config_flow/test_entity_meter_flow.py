"""Adding and changing meters that are made of the sensors of other integrations."""

from datetime import timedelta
from typing import Any

import pytest
from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import SOURCE_USER, SubentryFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType, InvalidData
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.entity_registry import RegistryEntry
from homeassistant.helpers.typing import UNDEFINED, UndefinedType
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.headroom.const import DOMAIN
from custom_components.headroom.meters.estimate import POWER_FACTOR

from .site import (
    GARAGE,
    MAIN,
    change,
    choose,
    enter,
    meter,
    site,
    suggested,
    zone,
)

CURRENTS = ["sensor.i1", "sensor.i2", "sensor.i3"]
POWERS = ["sensor.p1", "sensor.p2", "sensor.p3"]
BACK = ["sensor.b1", "sensor.b2", "sensor.b3"]
FORM: dict[str, Any] = {
    "zone": MAIN,
    "signed": False,
    "max_age": 30,
    "role": "supply",
    "wiring": "tri123",
    "inverted": False,
    "spread": "worst",
}
BY_CURRENTS = FORM | {"current_entities": CURRENTS}


@pytest.fixture(autouse=True)
def states(hass: HomeAssistant) -> None:
    for phase, (current, power, back) in enumerate(
        [("10.04", "2300.4", "0"), ("3", "0", "690"), ("0.5", "0.115", "0")], start=1
    ):
        show(hass, f"sensor.i{phase}", current, "A")
        show(hass, f"sensor.p{phase}", power, "kW" if phase == 3 else "W")
        show(hass, f"sensor.b{phase}", back, "W")
        show(hass, f"sensor.u{phase}", "230", "V")
    show(hass, "sensor.total", "4370", "W")
    show(hass, "sensor.total_back", "0", "W")
    show(hass, "sensor.drawn", "12", "kWh")
    show(hass, "sensor.given_back", "7", "kWh")


def show(hass: HomeAssistant, entity: str, value: str, unit: str) -> None:
    """Let a sensor show something."""
    attributes = {"unit_of_measurement": unit, "friendly_name": entity.removeprefix("sensor.")}
    hass.states.async_set(entity, value, attributes)


def device(
    hass: HomeAssistant,
    platform: str,
    *sensors: tuple[str, str],
    name: str = "Meter",
    via: str | UndefinedType | None = UNDEFINED,
) -> dict[str, RegistryEntry]:
    """Register a device with sensors that show 1, each by its unique id and unit."""
    entry = MockConfigEntry(domain=platform)
    entry.add_to_hass(hass)
    found = dr.async_get(hass).async_get_or_create(
        config_entry_id=entry.entry_id,
        identifiers={(platform, name)},
        name=name,
        via_device_id=via,
    )
    classes = {"A": "current", "W": "power", "V": "voltage", "kWh": "energy"}
    registered = {}
    for unique_id, unit in sensors:
        registered[unique_id] = er.async_get(hass).async_get_or_create(
            "sensor",
            platform,
            unique_id,
            config_entry=entry,
            device_id=found.id,
            original_device_class=classes[unit],
            unit_of_measurement=unit,
        )
        show(hass, registered[unique_id].entity_id, "1", unit)
    return registered


async def begin(hass: HomeAssistant, entry: MockConfigEntry, **chosen: Any) -> SubentryFlowResult:
    """Go to the form of the sensors."""
    entry.add_to_hass(hass)
    result = await hass.config_entries.subentries.async_init(
        (entry.entry_id, "meter"), context={"source": SOURCE_USER}
    )
    assert result["type"] is FlowResultType.MENU
    result = await choose(hass, result, "entities")
    assert result["step_id"] == "entities"
    return await enter(hass, result, **chosen)


async def add(hass: HomeAssistant, entry: MockConfigEntry, **values: Any) -> Any:
    """Add a meter and return what is stored of it."""
    result = await enter(hass, await begin(hass, entry), **values)
    assert result["step_id"] == "confirm", result["errors"]
    result = await enter(hass, result)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    return list(entry.subentries.values())[-1]


async def measured(hass: HomeAssistant, **values: Any) -> dict[str, str]:
    """Return what a person is shown before a meter is saved."""
    result = await enter(hass, await begin(hass, site(zone(MAIN, "Main"))), **values)
    said = result["description_placeholders"]
    assert said is not None, result["errors"]
    return dict(said)


async def test_what_sensors_measure_is_shown_and_the_meter_added(hass: HomeAssistant) -> None:
    entry = site(zone(MAIN, "Main"), zone(GARAGE, "Garage"))
    result = await begin(hass, entry)
    assert suggested(result) == {key: value for key, value in FORM.items() if key != "zone"}
    form = BY_CURRENTS | {
        "power_entities": POWERS,
        "power_back_entities": BACK,
        "voltage_entities": ["sensor.u1", "sensor.u2", "sensor.u3"],
        "total_entity": "sensor.total",
        "total_back_entity": "sensor.total_back",
        "import_entity": "sensor.drawn",
        "export_entity": "sensor.given_back",
    }
    result = await enter(hass, result, **form)
    assert result["step_id"] == "confirm"
    assert result["description_placeholders"] == {
        "current_l1": "10.0",
        "current_l2": "-3.0",
        "current_l3": "0.5",
        "power_l1": "2300",
        "power_l2": "-690",
        "power_l3": "115",
        "power": "4370",
        "hints": "",
    }
    assert len(entry.subentries) == 2

    result = await enter(hass, result)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    stored = list(entry.subentries.values())[-1]
    assert (stored.title, stored.unique_id) == ("i1", "meter_entity_sensor.i1")
    assert stored.data == form | {"family": "entities"}


async def test_a_phase_without_a_value_is_shown_as_unknown(hass: HomeAssistant) -> None:
    show(hass, "sensor.i2", "unavailable", "A")
    said = await measured(hass, **BY_CURRENTS)
    assert [said[f"current_l{phase}"] for phase in (1, 2, 3)] == ["10.0", "?", "0.5"]
    assert {said[f"power_l{phase}"] for phase in (1, 2, 3)} == {"?"}


@pytest.mark.parametrize(
    ("mounting", "expected"),
    [
        ({}, ["10.0", "3.0", "0.5"]),
        ({"wiring": "tri231"}, ["0.5", "10.0", "3.0"]),
        ({"inverted": True, "signed": True}, ["-10.0", "-3.0", "-0.5"]),
    ],
)
async def test_how_a_meter_is_mounted_is_seen_at_once(
    hass: HomeAssistant, mounting: dict[str, Any], expected: list[str]
) -> None:
    said = await measured(hass, **BY_CURRENTS | mounting)
    assert [said[f"current_l{phase}"] for phase in (1, 2, 3)] == expected


@pytest.mark.parametrize(
    ("mounting", "share"),
    [({}, 1), ({"spread": "even"}, 1 / 3), ({"wiring": "mono1", "spread": "even"}, 1)],
)
async def test_a_total_is_spread(
    hass: HomeAssistant, mounting: dict[str, Any], share: float
) -> None:
    said = await measured(hass, **FORM | {"total_entity": "sensor.total"} | mounting)
    assert said["current_l1"] == f"{share * 4370 / 230 / POWER_FACTOR:.1f}"


async def test_one_phase(hass: HomeAssistant) -> None:
    form = FORM | {"wiring": "mono2", "current_entities": ["sensor.i1"]}
    said = await measured(hass, **form)
    assert [said[f"current_l{phase}"] for phase in (1, 2, 3)] == ["?", "10.0", "?"]


async def test_sensors_are_stored_so_that_a_rename_is_followed(hass: HomeAssistant) -> None:
    found = device(hass, "acme", ("a", "A"), ("b", "A"), ("c", "A"), name="Board")
    entities = [one.entity_id for one in found.values()]
    entry = site(zone(MAIN, "Main"), zone(GARAGE, "Garage"))
    stored = await add(hass, entry, **FORM | {"current_entities": entities})
    assert (stored.title, stored.unique_id) == ("Board", f"meter_entity_{found['a'].id}")
    assert stored.data["current_entities"] == [one.id for one in found.values()]

    er.async_get(hass).async_update_entity(entities[0], new_entity_id="sensor.renamed")
    show(hass, "sensor.renamed", "5", "A")
    result = await change(hass, entry, stored.subentry_id)
    assert result["step_id"] == "entity_meter"
    renamed = ["sensor.renamed", *entities[1:]]
    assert suggested(result) == FORM | {"current_entities": renamed}
    result = await enter(hass, result, **suggested(result) | {"zone": GARAGE, "max_age": 60})
    result = await enter(hass, result)
    assert result["reason"] == "reconfigure_successful"
    changed = entry.subentries[stored.subentry_id]
    assert changed.data == stored.data | {"zone": GARAGE, "max_age": 60}
    assert (changed.title, changed.unique_id) == (stored.title, stored.unique_id)


@pytest.mark.parametrize(
    ("changes", "errors"),
    [
        ({"current_entities": []}, {"base": "nothing_tells_a_current"}),
        ({"current_entities": CURRENTS[:2]}, {"current_entities": "one_or_three_sensors"}),
        (
            {"power_entities": POWERS, "power_back_entities": BACK[:1]},
            {"power_back_entities": "as_many_given_back"},
        ),
        ({"total_back_entity": "sensor.total_back"}, {"total_back_entity": "as_many_given_back"}),
        ({"wiring": "mono1"}, {"base": "wiring_too_short"}),
        ({"voltage_entities": ["sensor.gone"]}, {"voltage_entities": "entity_missing"}),
        ({"total_entity": "light.lamp"}, {"total_entity": "entity_of_wrong_kind"}),
        ({"total_entity": "sensor.own"}, {"total_entity": "entity_of_headroom"}),
        ({"total_entity": "sensor.i1"}, {"total_entity": "unit_unusable"}),
        ({"import_entity": "sensor.bare"}, {"import_entity": "unit_unusable"}),
        ({"current_entities": ["sensor.i1"] * 3}, {"current_entities": "sensor_twice"}),
        ({"current_entities": ["sensor.silent"]}, {"base": "no_young_value"}),
        ({"current_entities": ["sensor.wild"]}, {"base": "no_young_value"}),
    ],
)
async def test_sensors_are_refused_and_then_corrected(
    hass: HomeAssistant, changes: dict[str, Any], errors: dict[str, str]
) -> None:
    own = er.async_get(hass).async_get_or_create("sensor", DOMAIN, "own")
    er.async_get(hass).async_update_entity(own.entity_id, new_entity_id="sensor.own")
    hass.states.async_set("light.lamp", "on")
    hass.states.async_set("sensor.bare", "1")
    show(hass, "sensor.silent", "unknown", "A")
    show(hass, "sensor.wild", "1e9", "A")
    result = await begin(hass, site(zone(MAIN, "Main")))
    result = await enter(hass, result, **BY_CURRENTS | changes)
    assert result["errors"] == errors
    result = await enter(hass, result, **BY_CURRENTS)
    assert result["step_id"] == "confirm"


async def test_powers_that_no_supply_can_carry_are_refused(hass: HomeAssistant) -> None:
    show(hass, "sensor.total", "9", "MW")
    result = await begin(hass, site(zone(MAIN, "Main")))
    result = await enter(hass, result, **FORM | {"total_entity": "sensor.total"})
    assert result["errors"] == {"base": "implausible_sensors"}


async def test_old_values_are_none(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> None:
    result = await begin(hass, site(zone(MAIN, "Main")))
    freezer.tick(timedelta(seconds=31))
    result = await enter(hass, result, **BY_CURRENTS)
    assert result["errors"] == {"base": "no_young_value"}
    said = result["description_placeholders"]
    assert said is not None
    assert said["age"] == "30"
    result = await enter(hass, result, **BY_CURRENTS | {"max_age": 60})
    assert result["step_id"] == "confirm"


@pytest.mark.parametrize("changes", [{"max_age": 1}, {"max_age": 601}, {"wiring": "x"}])
async def test_an_impossible_value_is_invalid(hass: HomeAssistant, changes: dict[str, Any]) -> None:
    result = await begin(hass, site(zone(MAIN, "Main")))
    with pytest.raises(InvalidData):
        await enter(hass, result, **BY_CURRENTS | changes)


async def test_the_unit_of_a_sensor_that_shows_nothing_is_that_of_the_registry(
    hass: HomeAssistant,
) -> None:
    late = device(hass, "acme", ("late", "A"))["late"].entity_id
    hass.states.async_remove(late)
    result = await begin(hass, site(zone(MAIN, "Main")))
    result = await enter(hass, result, **FORM | {"current_entities": [late]})
    assert result["errors"] == {"base": "no_young_value"}


async def test_meters_do_not_share_sensors_nor_a_zone(hass: HomeAssistant) -> None:
    entry = site(zone(MAIN, "Main"), zone(GARAGE, "Garage"), meter())
    result = await enter(hass, await begin(hass, entry), **BY_CURRENTS)
    assert result["errors"] == {"base": "second_meter"}
    result = await enter(hass, result, **BY_CURRENTS | {"role": "outlet"})
    await enter(hass, result)
    result = await enter(hass, await begin(hass, entry), **BY_CURRENTS | {"zone": GARAGE})
    assert result["errors"] == {"base": "sensors_taken"}


async def test_the_zones_may_go_meanwhile(hass: HomeAssistant) -> None:
    entry = site(zone(MAIN, "Main"))
    stored = await add(hass, entry, **BY_CURRENTS)
    result = await change(hass, entry, stored.subentry_id)
    hass.config_entries.async_remove_subentry(entry, MAIN)
    result = await enter(hass, result, **BY_CURRENTS)
    assert result["reason"] == "no_zones"


async def test_a_meter_is_found_by_its_integration(hass: HomeAssistant) -> None:
    keys = [f"active_power_l{phase}_w" for phase in (1, 2, 3)]
    found = device(
        hass,
        "homewizard",
        *((f"hw_{key}", "W") for key in keys),
        ("hw_active_power_w", "W"),
        ("hw_total_power_import_kwh", "kWh"),
    )
    result = await begin(
        hass, site(zone(MAIN, "Main")), device_id=found["hw_active_power_w"].device_id
    )
    shown = suggested(result)
    assert shown["power_entities"] == [found[f"hw_{key}"].entity_id for key in keys]
    assert shown["total_entity"] == found["hw_active_power_w"].entity_id
    assert shown["import_entity"] == found["hw_total_power_import_kwh"].entity_id
    assert "current_entities" not in shown
    result = await enter(hass, result, **shown | {"zone": MAIN})
    assert result["step_id"] == "confirm"


async def test_phases_that_are_devices_of_their_own_belong_to_the_meter(
    hass: HomeAssistant,
) -> None:
    main = device(hass, "shelly", ("mac-em:0-total_act_power", "W"))["mac-em:0-total_act_power"]
    phases = {
        phase: device(
            hass, "shelly", (f"mac-em:0-{phase}_current", "A"), name=phase, via=main.device_id
        )[f"mac-em:0-{phase}_current"]
        for phase in "abc"
    }
    for chosen in (main.device_id, phases["b"].device_id):
        result = await begin(hass, site(zone(MAIN, "Main")), device_id=chosen)
        assert suggested(result)["current_entities"] == [one.entity_id for one in phases.values()]
        assert suggested(result)["total_entity"] == main.entity_id


async def test_an_integration_says_how_its_meter_counts(hass: HomeAssistant) -> None:
    found = device(hass, "huawei_solar", *((f"sn_active_grid_{x}_current", "A") for x in "ABC"))
    device_id = found["sn_active_grid_A_current"].device_id
    shown = suggested(await begin(hass, site(zone(MAIN, "Main")), device_id=device_id))
    assert (shown["signed"], shown["inverted"], shown["max_age"]) == (True, True, 75)


async def test_two_phases_of_three_are_not_proposed(hass: HomeAssistant) -> None:
    found = device(hass, "homewizard", ("x_active_power_l1_w", "W"), ("x_active_power_l2_w", "W"))
    device_id = found["x_active_power_l1_w"].device_id
    shown = suggested(await begin(hass, site(zone(MAIN, "Main")), device_id=device_id))
    assert "power_entities" not in shown


@pytest.mark.parametrize(
    ("names", "phases"),
    [("l{}_{}", "123"), ("p1_{1}_l{0}", "123"), ("{1}_phase_{0}", "abc"), ("{1}_PhaseL{0}", "123")],
)
async def test_sensors_of_unknown_integrations_are_found_by_their_names(
    hass: HomeAssistant, names: str, phases: str
) -> None:
    found = device(
        hass,
        "acme",
        *((names.format(phase, "current"), "A") for phase in phases),
        *((names.format(phase, "power"), "W") for phase in phases),
        *((names.format(phase, "power_returned"), "W") for phase in phases),
        *((names.format(phase, "voltage"), "V") for phase in phases),
        ("total_power", "W"),
        ("total_power_produced", "W"),
        ("max_current_l1", "A"),
        ("peak_power", "W"),
        ("power_production", "W"),
    )

    def entities(name: str) -> list[str]:
        return [found[names.format(phase, name)].entity_id for phase in phases]

    device_id = found["total_power"].device_id
    registry = er.async_get(hass)
    registry.async_get_or_create(
        "number", "acme", "current_l2", device_id=device_id, original_device_class="current"
    )
    shown = suggested(await begin(hass, site(zone(MAIN, "Main")), device_id=device_id))
    assert shown["current_entities"] == entities("current")
    assert shown["power_entities"] == entities("power")
    assert shown["power_back_entities"] == entities("power_returned")
    assert shown["voltage_entities"] == entities("voltage")
    assert shown["total_entity"] == found["total_power"].entity_id
    assert shown["total_back_entity"] == found["total_power_produced"].entity_id


async def test_what_is_not_clear_is_not_proposed(hass: HomeAssistant) -> None:
    found = device(
        hass,
        "acme",
        ("power_in", "W"),
        ("power_out", "W"),
        ("l1_current", "A"),
        ("l2_current", "A"),
    )
    device_id = found["power_in"].device_id
    shown = suggested(await begin(hass, site(zone(MAIN, "Main")), device_id=device_id))
    assert not [key for key in shown if key.endswith(("entities", "entity"))]


async def test_headrooms_own_sensors_are_not_proposed(hass: HomeAssistant) -> None:
    found = device(hass, DOMAIN, ("l1_current", "A"), ("l2_current", "A"), ("l3_current", "A"))
    device_id = found["l1_current"].device_id
    shown = suggested(await begin(hass, site(zone(MAIN, "Main")), device_id=device_id))
    assert "current_entities" not in shown
