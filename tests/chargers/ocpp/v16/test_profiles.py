"""Charging profiles as they are sent."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from ocpp.charge_point import (  # type: ignore[import-untyped]
    snake_to_camel_case,
)

from custom_components.headroom.chargers.ocpp.commands import LimitCommand, Urgency
from custom_components.headroom.chargers.ocpp.profiles import Limit, usable_current
from custom_components.headroom.chargers.ocpp.strategy import Kind, Place, Purpose, Strategy
from custom_components.headroom.chargers.ocpp.traits import Unit
from custom_components.headroom.chargers.ocpp.v16.profiles import Profile, charging_profile
from tests.chargers.ocpp.charge_point import validate_call

UNTIL = datetime(2026, 7, 1, 12, 3, tzinfo=UTC)
BASE = Place(Purpose.DEFAULT)
LEASE = Place(Purpose.DEFAULT, 1)


def profile(place: Place, connector: int, current: float, until: datetime | None = None) -> Profile:
    limit = Limit(place=place, kind=Kind.ABSOLUTE, unit=Unit.AMPERE, amount=current, until=until)
    command = LimitCommand(
        urgency=Urgency.RAISE,
        connector=connector,
        current=current,
        counts=current,
        limit=limit,
        strategy=Strategy(setpoint=place),
        life=timedelta(minutes=3),
    )
    return charging_profile(command)


@given(st.floats(min_value=-10, max_value=500))
def test_every_current_fits_the_schema_and_never_grows(current: float) -> None:
    usable = usable_current(current)
    assert usable <= max(current, 0) + 1e-9
    assert usable == 0 or usable >= 6
    for until in (UNTIL, None):
        payload = {
            "connector_id": 1,
            "cs_charging_profiles": profile(LEASE, 1, usable, until),
        }
        validate_call("SetChargingProfile", snake_to_camel_case(payload))


def test_the_base_profile_is_permanent() -> None:
    assert profile(BASE, 2, 6.0) == {
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
    assert profile(LEASE, 2, 10.5, UNTIL) == {
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
    assert profile(LEASE, 2, 10.5) == {
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
