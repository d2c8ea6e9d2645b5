"""Composite schedules, as stations answer them."""

from typing import Any

import pytest

from custom_components.headroom.chargers.ocpp.schedule import limit_now
from custom_components.headroom.chargers.ocpp.station import OcppStation
from custom_components.headroom.chargers.ocpp.traits import Unit
from tests.chargers.ocpp.charge_point import ACCEPTED, REJECTED, Refusal
from tests.chargers.ocpp.conftest import Connect, settled


def schedule(*periods: Any, unit: str = "A") -> dict[str, Any]:
    return {"charging_rate_unit": unit, "charging_schedule_period": list(periods)}


@pytest.mark.parametrize(
    ("told", "limit"),
    [
        (schedule({"start_period": 0, "limit": 16.0}), 16.0),
        (schedule({"start_period": 0, "limit": 6}, {"start_period": 30, "limit": 32}), 6.0),
        (schedule({"start_period": 0, "limit": "10,5"}), 10.5),
        (schedule({"start_period": 0, "limit": -1}), None),
        (schedule({"start_period": 0, "limit": 3680}, unit="W"), None),
        (schedule({"start_period": 0}), None),
        (schedule("16"), None),
        (schedule(), None),
        ({}, None),
        (None, None),
    ],
)
def test_the_first_period_counts_if_it_can_be_read(told: object, limit: float | None) -> None:
    assert limit_now(told, Unit.AMPERE) == limit


@pytest.mark.parametrize(
    ("answer", "shown"),
    [
        (
            ACCEPTED
            | {
                "connectorId": 1,
                "chargingSchedule": {
                    "chargingRateUnit": "A",
                    "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 6.0}],
                },
            },
            "6 A",
        ),
        (ACCEPTED, None),
        (REJECTED, None),
        (Refusal("NotImplemented"), None),
    ],
)
async def test_what_a_station_says_is_in_force_is_shown(
    station: OcppStation, connect: Connect, answer: Any, shown: str | None
) -> None:
    charge_point = await connect()
    charge_point.script["GetCompositeSchedule"] = answer
    await charge_point.boot()
    await settled(charge_point)
    (question,) = charge_point.commands("GetCompositeSchedule")
    assert question.payload == {"connectorId": 1, "duration": 60, "chargingRateUnit": "A"}
    assert station.details["composite_limits"] == {1: shown}
