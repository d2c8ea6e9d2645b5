"""Charging profiles as they are sent."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ocpp.charge_point import (  # type: ignore[import-untyped]
    snake_to_camel_case,
)

from custom_components.headroom.chargers.ocpp.profiles import Limit, Profile, usable_current
from custom_components.headroom.chargers.ocpp.strategy import Kind, Place, Purpose
from custom_components.headroom.chargers.ocpp.traits import Unit

from .charge_point import validate_call

UNTIL = datetime(2026, 7, 1, 12, 3, tzinfo=UTC)
LIFE = timedelta(minutes=3)


def base_profile(connector: int, current: float) -> Profile:
    limit = Limit(
        place=Place(Purpose.DEFAULT), kind=Kind.ABSOLUTE, unit=Unit.AMPERE, amount=current
    )
    return limit.profile(connector, LIFE)


def lease_profile(connector: int, current: float, until: datetime | None) -> Profile:
    limit = Limit(
        place=Place(Purpose.DEFAULT, 1),
        kind=Kind.ABSOLUTE,
        unit=Unit.AMPERE,
        amount=current,
        until=until,
    )
    return limit.profile(connector, LIFE)


@pytest.mark.parametrize(
    ("current", "usable"),
    [
        (16.0, 16.0),
        (10.35, 10.3),
        (10.3, 10.3),
        (13.799999999999999, 13.8),
        (0.1 + 0.2 + 6, 6.3),
        (6.0, 6.0),
        (5.99, 0.0),
        (0.0, 0.0),
        (-3.0, 0.0),
        (float("nan"), 0.0),
        (float("inf"), 0.0),
    ],
)
def test_currents_are_rounded_down_to_tenths_or_to_nothing(current: float, usable: float) -> None:
    assert usable_current(current) == usable


@given(st.floats(min_value=-10, max_value=500))
def test_every_current_fits_the_schema_and_never_grows(current: float) -> None:
    usable = usable_current(current)
    assert usable <= max(current, 0) + 1e-9
    assert usable == 0 or usable >= 6
    for until in (UNTIL, None):
        profile = lease_profile(1, usable, until)
        payload = {"connector_id": 1, "cs_charging_profiles": profile}
        validate_call("SetChargingProfile", snake_to_camel_case(payload))


def test_the_base_profile_is_permanent() -> None:
    assert base_profile(2, 6.0) == {
        "charging_profile_id": 1002,
        "stack_level": 0,
        "charging_profile_purpose": "TxDefaultProfile",
        "charging_profile_kind": "Absolute",
        "charging_schedule": {
            "start_schedule": "2020-01-01T00:00:00Z",
            "charging_rate_unit": "A",
            "charging_schedule_period": [{"start_period": 0, "limit": 6}],
        },
    }


def test_the_lease_ends_by_its_duration_and_by_its_validity() -> None:
    assert lease_profile(2, 10.5, UNTIL) == {
        "charging_profile_id": 2002,
        "stack_level": 1,
        "charging_profile_purpose": "TxDefaultProfile",
        "charging_profile_kind": "Absolute",
        "valid_to": "2026-07-01T12:03:00Z",
        "charging_schedule": {
            "duration": 240,
            "start_schedule": "2026-07-01T11:59:00Z",
            "charging_rate_unit": "A",
            "charging_schedule_period": [{"start_period": 0, "limit": 10.5}],
        },
    }


def test_a_lease_without_an_end_is_permanent_above_the_base() -> None:
    assert lease_profile(2, 10.5, None) == {
        "charging_profile_id": 2002,
        "stack_level": 1,
        "charging_profile_purpose": "TxDefaultProfile",
        "charging_profile_kind": "Absolute",
        "charging_schedule": {
            "start_schedule": "2020-01-01T00:00:00Z",
            "charging_rate_unit": "A",
            "charging_schedule_period": [{"start_period": 0, "limit": 10.5}],
        },
    }
