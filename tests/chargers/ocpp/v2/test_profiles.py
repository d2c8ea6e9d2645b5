"""Charging profiles as they are sent, and the names of all fields on their way."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ocpp.charge_point import (  # type: ignore[import-untyped]
    camel_to_snake_case,
    snake_to_camel_case,
)

from custom_components.headroom.chargers.ocpp.commands import LimitCommand, Urgency
from custom_components.headroom.chargers.ocpp.profiles import Limit, usable_current
from custom_components.headroom.chargers.ocpp.strategy import Kind, Place, Purpose, Strategy
from custom_components.headroom.chargers.ocpp.traits import Unit
from custom_components.headroom.chargers.ocpp.v2.profiles import charging_profile, offline_end
from custom_components.headroom.chargers.ocpp.v2.transactions import TransactionEvent
from tests.chargers.ocpp.charge_point import validate_call

UNTIL = datetime(2026, 7, 1, 12, 3, tzinfo=UTC)
PLACES = (
    Place(Purpose.DEFAULT),
    Place(Purpose.DEFAULT, 1),
    Place(Purpose.TRANSACTION),
    Place(Purpose.STATION),
    Place(Purpose.STATION, 1),
)


def command(limit: Limit) -> LimitCommand:
    return LimitCommand(
        urgency=Urgency.RAISE,
        connector=1,
        current=limit.amount,
        counts=limit.amount,
        limit=limit,
        strategy=Strategy(setpoint=limit.place),
        life=timedelta(minutes=3),
    )


@given(
    st.floats(min_value=-10, max_value=500),
    st.sampled_from(PLACES),
    st.sampled_from(Kind),
    st.sampled_from(Unit),
    st.sampled_from([UNTIL, None]),
)
def test_every_profile_fits_the_schema(
    current: float, place: Place, kind: Kind, unit: Unit, until: datetime | None
) -> None:
    limit = Limit(
        place=place,
        kind=kind,
        unit=unit,
        amount=usable_current(current),
        transaction="T1",
        until=until,
    )
    sent = command(limit)
    profile = charging_profile(sent)
    for version, fields in (("2.0.1", profile), ("2.1", profile | offline_end(sent))):
        payload = {"evse_id": sent.target, "charging_profile": fields}
        validate_call("SetChargingProfile", snake_to_camel_case(payload), version)
    assert ("transaction_id" in profile) is (place.purpose is Purpose.TRANSACTION)
    assert (sent.target == 0) is (
        profile["charging_profile_purpose"] == "ChargingStationMaxProfile"
    )


def test_a_limit_without_an_end_has_none_by_lost_contact_either() -> None:
    limit = Limit(place=PLACES[1], kind=Kind.ABSOLUTE, unit=Unit.AMPERE, amount=10.0)
    assert offline_end(command(limit)) == {}


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ("evseId", "evse_id"),
        ("idToken", "id_token"),
        ("seqNo", "seq_no"),
        ("unitOfMeasure", "unit_of_measure"),
        ("limitAtSoC", "limit_at_soc"),
        ("limit_L2", "limit_l2"),
    ],
)
def test_how_the_library_names_fields(sent: str, read: str) -> None:
    assert camel_to_snake_case({sent: 1}) == {read: 1}


def test_a_message_with_every_trap_is_read() -> None:
    message: dict[str, Any] = {
        "eventType": "Updated",
        "timestamp": "2026-07-01T12:00:00.123456789Z",
        "triggerReason": "SoCLimitReached",
        "seqNo": 3,
        "evseSleep": True,
        "idToken": {"idToken": "A1", "type": "eMAID", "additionalInfo": []},
        "transactionInfo": {
            "transactionId": "T1",
            "chargingState": "SuspendedEV",
            "remoteStartId": 7,
            "operationMode": "ChargingOnly",
            "transactionLimit": {"maxSoC": 80},
        },
        "costDetails": {"totalCost": {"typeOfCost": "NormalCost"}},
        "meterValue": [{"timestamp": "x", "sampledValue": [{"value": 5, "measurand": "SoC"}]}],
    }
    event = TransactionEvent.read(camel_to_snake_case(message))
    assert (event.kind, event.id, event.evse, event.badge) == ("Updated", "T1", 0, "A1")
    assert (event.charging_state, event.offline, event.meter) == ("SuspendedEV", False, None)
