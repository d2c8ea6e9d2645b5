"""What the tests of OCPP 2.x stations say to them."""

from datetime import timedelta
from typing import Any

from simulator.plant.ev import CarModel
from simulator.plant.park import CarPark
from simulator.station.station import Station
from simulator.station.times import timestamp

from ..csms import CentralSystem

QUICK = CarModel(start_delay=1, reaction=0, ramp_up=1, onboard=16)

TX: dict[str, Any] = {"chargingProfilePurpose": "TxProfile"}
STATION: dict[str, Any] = {"chargingProfilePurpose": "ChargingStationMaxProfile"}


async def charge(station: Station, park: CarPark, outlet: str = "one") -> None:
    park.arrive(outlet, QUICK)
    await station.report()
    park.advance(10)
    await station.report()


async def running(station: Station, csms: CentralSystem, park: CarPark) -> str:
    """Charge and return the transaction's id."""
    await charge(station, park)
    return str(csms.events("Started")[-1]["transactionInfo"]["transactionId"])


def profile(park: CarPark, limit: float, **changes: Any) -> dict[str, Any]:
    """Return a permanent default profile; changes with `schedule_` go into its schedule."""
    duration = changes.get("schedule_duration")
    schedule: dict[str, Any] = {
        "id": 1,
        "chargingRateUnit": "A",
        "startSchedule": timestamp(park.now - timedelta(hours=0 if duration else 1)),
        "chargingSchedulePeriod": [{"startPeriod": 0, "limit": limit}],
    }
    schedule |= {k.removeprefix("schedule_"): v for k, v in changes.items() if "schedule_" in k}
    return {
        "id": 1,
        "stackLevel": 0,
        "chargingProfilePurpose": "TxDefaultProfile",
        "chargingProfileKind": "Absolute",
        "chargingSchedule": [{k: v for k, v in schedule.items() if v is not None}],
        **{k: v for k, v in changes.items() if "schedule_" not in k},
    }


async def install(
    csms: CentralSystem, park: CarPark, limit: float, *, evse: int = 1, **changes: Any
) -> str:
    """Return Accepted, or why not."""
    answer = await csms.ask(
        "SetChargingProfile", evseId=evse, chargingProfile=profile(park, limit, **changes)
    )
    status, info = answer["status"], answer.get("statusInfo", {})
    return str(info.get("reasonCode", status))


async def write(csms: CentralSystem, component: str, name: str, value: str) -> str:
    """Return the status of one variable, with its reason if it has one."""
    item = {"component": {"name": component}, "variable": {"name": name}, "attributeValue": value}
    answer = await csms.ask("SetVariables", setVariableData=[item])
    (result,) = answer["setVariableResult"]
    reason = result.get("attributeStatusInfo", {}).get("reasonCode")
    return str(reason or result["attributeStatus"])


async def read(csms: CentralSystem, component: Any, name: str, **more: Any) -> Any:
    item = {"component": component, "variable": {"name": name}, **more}
    answer = await csms.ask("GetVariables", getVariableData=[item])
    return answer["getVariableResult"][0]
