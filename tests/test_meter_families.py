"""From what a meter's subentry keeps to what the meter is made of."""

from datetime import timedelta
from typing import Any

import pytest

from custom_components.headroom.engine.site.wiring import Wiring
from custom_components.headroom.meter_families import family_of, mounting_of, sensors_of
from custom_components.headroom.meters.entity_meter import EntityMeterConfig
from custom_components.headroom.meters.estimate import Spread
from custom_components.headroom.meters.measured import Mounting
from custom_components.headroom.meters.models import CurrentSign, Kind


def test_all_sensors_of_a_meter() -> None:
    data = {
        "family": "entities",
        "current_entities": ["i1", "i2", "i3"],
        "signed": True,
        "power_entities": ["p1", "p2", "p3"],
        "power_back_entities": ["b1", "b2", "b3"],
        "total_entity": "p",
        "total_back_entity": "b",
        "voltage_entities": ["u1"],
        "import_entity": "drawn",
        "export_entity": "back",
        "max_age": 45,
        "wiring": "tri231",
        "inverted": True,
        "spread": "even",
    }
    assert family_of(data) == "entities"
    assert sensors_of(data) == EntityMeterConfig(
        entities={
            Kind.CURRENTS: ("i1", "i2", "i3"),
            Kind.POWERS: ("p1", "p2", "p3"),
            Kind.POWER: ("p",),
            Kind.VOLTAGES: ("u1",),
            Kind.ENERGY_IMPORT: ("drawn",),
            Kind.ENERGY_EXPORT: ("back",),
        },
        given_back={Kind.POWERS: ("b1", "b2", "b3"), Kind.POWER: ("b",)},
        max_age=timedelta(seconds=45),
        sign=CurrentSign.SIGNED,
        mounting=Mounting(wiring=Wiring.TRI231, inverted=True, spread=Spread.EVEN),
    )


def test_sensors_that_are_not_chosen_are_none() -> None:
    config = sensors_of({"total_entity": "p", "signed": False, "max_age": 30})
    assert config.entities == {Kind.POWER: ("p",)}
    assert config.given_back == {}
    assert config.sign is CurrentSign.UNSIGNED


@pytest.mark.parametrize("data", [{}, {"wiring": "tri123", "inverted": False, "spread": "worst"}])
def test_meters_from_before_the_choice_are_on_modbus_and_mounted_as_usual(
    data: dict[str, Any],
) -> None:
    assert family_of(data) == "modbus"
    assert mounting_of(data) == Mounting()
