"""A small HTTP interface on loopback to look into the plant and to disturb it.

GET /state                                              everything that is true now
POST /kettle   {"zone", "phase", "amps"?, "seconds"?}   switch a load on
POST /car      {"station", "connector"?, "action"}      arrive or leave
POST /meter    {"id", "silent"}                         stop answering or answer again
POST /battery  {"zone", "held"}                         give nothing, or give again
POST /station  {"id", "connected"?, "faults"?}          drop the connection or come back; misbehave
POST /box      {"id", "limit"?, "enabled"?, "faults"?, "power_cycle"?}
                                                        what its app can do, and misbehaviour

Faults of stations have names of docs/simulator.md with true or false, or with a number or null;
those of boxes are a list of names.

Bad input is answered with 400, an unknown id with 404, a car where there is one with 409; the
body is {"error": ...}.
"""

from collections.abc import Awaitable, Callable, Mapping
from types import NoneType
from typing import Any, Final

from aiohttp import web

from custom_components.headroom.engine.currents import PHASE_NAMES, PerPhase

from .assembly import Simulation
from .boxes.box import Box, Fault
from .boxes.registers import Setting
from .plant.ev import CarModel
from .plant.house import KETTLE_SECONDS
from .plant.outlet import Outlet
from .site_file import outlet_id
from .station.connector import StationConnector
from .station.station import Station

type _Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_SIMULATION: Final = web.AppKey("simulation", Simulation)


class _Refused(Exception):
    """A request that is not carried out."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


def application(simulation: Simulation) -> web.Application:
    """Return the web application for a simulated site."""
    app = web.Application(middlewares=[_explain])
    app[_SIMULATION] = simulation
    app.add_routes(
        [
            web.get("/state", _get_state),
            web.post("/kettle", _post_kettle),
            web.post("/car", _post_car),
            web.post("/meter", _post_meter),
            web.post("/battery", _post_battery),
            web.post("/station", _post_station),
            web.post("/box", _post_box),
        ]
    )
    return app


def state(simulation: Simulation) -> dict[str, Any]:
    """Return what is true now; currents in A on grid phases, energies in Wh."""
    park = simulation.park
    return {
        "time": park.now.isoformat(),
        "time_of_day": park.time_of_day,
        "speed": park.speed,
        "zones": {
            zone.id: {
                "limit": zone.limit,
                "parent": zone.parent,
                "currents": _rounded(park.currents(zone.id)),
                "imported": round(park.zone(zone.id).imported, 1),
                "exported": round(park.zone(zone.id).exported, 1),
            }
            for zone in simulation.site.zones
        },
        "batteries": {
            zone: {
                "power": round(battery.power),
                "state_of_charge": round(battery.state_of_charge, 4),
                "held": battery.held,
            }
            for zone, battery in park.batteries.items()
        },
        "meters": {meter.id: {"mode": meter.mode} for meter in simulation.meters.values()},
        "stations": {key: _station_state(s) for key, s in simulation.stations.items()},
        "boxes": {key: _box_state(box) for key, box in simulation.boxes.items()},
    }


def _station_state(station: Station) -> dict[str, Any]:
    return {
        "online": station.online,
        "protocol": station.protocol,
        "faults": station.faults.given(),
        "connectors": {
            str(number): _connector_state(connector)
            for number, connector in station.connectors.items()
        },
    }


def _connector_state(connector: StationConnector) -> dict[str, Any]:
    return {
        "status": connector.status,
        "transaction": connector.transaction.id if connector.transaction else None,
        **_outlet_state(connector.outlet),
    }


def _box_state(box: Box) -> dict[str, Any]:
    return {
        "kind": box.kind,
        "status": box.pilot.value,
        "setpoint": round(box.setting(Setting.SETPOINT), 2),
        "fallback": round(box.fallback, 2),
        "timeout": box.setting(Setting.TIMEOUT),
        "fallen_back": box.has_fallen_back,
        "faults": sorted(box.faults),
        **_outlet_state(box.outlet),
    }


def _outlet_state(outlet: Outlet) -> dict[str, Any]:
    return {
        "wiring": outlet.wiring,
        "offered": round(outlet.offered, 2),
        "currents": _rounded(outlet.currents),
        "energy": round(outlet.energy, 1),
        "car": _car_state(outlet),
    }


def _car_state(outlet: Outlet) -> dict[str, Any] | None:
    if outlet.car is None:
        return None
    return {
        "phases": outlet.car.model.phases,
        "onboard": outlet.car.model.onboard,
        "state": outlet.car.state,
        "state_of_charge": round(outlet.car.state_of_charge, 4),
    }


def _rounded(currents: PerPhase) -> list[float]:
    return [round(current, 2) for current in currents]


@web.middleware
async def _explain(request: web.Request, handler: _Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except _Refused as refused:
        return web.json_response({"error": str(refused)}, status=refused.status)


async def _get_state(request: web.Request) -> web.Response:
    return web.json_response(state(request.app[_SIMULATION]))


async def _post_kettle(request: web.Request) -> web.Response:
    body = await _body(request)
    houses = request.app[_SIMULATION].park.houses
    house = _known(houses, _field(body, "zone", str))
    phase = _field(body, "phase", str)
    if phase not in PHASE_NAMES:
        raise _Refused(400, "phase is L1, L2 or L3")
    amps = float(_field(body, "amps", (int, float))) if "amps" in body else None
    seconds = float(_field(body, "seconds", (int, float), default=KETTLE_SECONDS))
    current = house.kettle(PHASE_NAMES.index(phase), amps=amps, seconds=seconds)
    return web.json_response({"amps": current})


async def _post_car(request: web.Request) -> web.Response:
    body = await _body(request)
    simulation = request.app[_SIMULATION]
    outlet = outlet_id(_field(body, "station", str), _field(body, "connector", int, default=1))
    _known(simulation.park.outlets, outlet)
    match _field(body, "action", str):
        case "arrive":
            _arrive(simulation, outlet)
        case "leave":
            simulation.park.leave(outlet)
        case other:
            raise _Refused(400, f"action is arrive or leave, not {other}")
    return web.json_response({})


def _arrive(simulation: Simulation, outlet: str) -> None:
    usual = (visit.car for visit in simulation.site.visits if visit.outlet == outlet)
    try:
        simulation.park.arrive(outlet, next(usual, CarModel()))
    except ValueError as error:
        raise _Refused(409, str(error)) from error


async def _post_meter(request: web.Request) -> web.Response:
    body = await _body(request)
    meter = _known(request.app[_SIMULATION].meters, _field(body, "id", str))
    if _field(body, "silent", bool):
        meter.silence()
    else:
        meter.speak()
    return web.json_response({})


async def _post_battery(request: web.Request) -> web.Response:
    body = await _body(request)
    batteries = request.app[_SIMULATION].park.batteries
    battery = _known(batteries, _field(body, "zone", str))
    battery.held = _field(body, "held", bool)
    return web.json_response({})


async def _post_station(request: web.Request) -> web.Response:
    body = await _body(request)
    station = _known(request.app[_SIMULATION].stations, _field(body, "id", str))
    faults = _field(body, "faults", dict, default={})
    connected = _field(body, "connected", bool) if "connected" in body else None
    try:
        station.faults.change(faults)
    except ValueError as error:
        raise _Refused(400, str(error)) from error
    if connected:
        station.wanted = True
    elif connected is not None:
        await station.disconnect()
    return web.json_response({})


async def _post_box(request: web.Request) -> web.Response:
    body = await _body(request)
    box = _known(request.app[_SIMULATION].boxes, _field(body, "id", str))
    limit = _field(body, "limit", (int, float, NoneType))
    enabled = _field(body, "enabled", (bool, NoneType))
    faults = _faults(body)
    if _field(body, "power_cycle", bool, default=False):
        box.lose_power()
    if limit is not None:
        box.set(Setting.SETPOINT, float(limit))
    if enabled is not None:
        box.set(Setting.ENABLED, float(enabled))
    if faults is not None:
        box.misbehave(faults)
    return web.json_response({})


def _faults(body: Mapping[str, Any]) -> list[Fault] | None:
    names = _field(body, "faults", (list, NoneType))
    try:
        return None if names is None else [Fault(name) for name in names]
    except ValueError as error:
        raise _Refused(400, str(error)) from error


async def _body(request: web.Request) -> Mapping[str, Any]:
    try:
        body = await request.json()
    except ValueError as error:
        raise _Refused(400, "the body is not JSON") from error
    if not isinstance(body, dict):
        raise _Refused(400, "the body is not an object")
    return body


def _field(
    body: Mapping[str, Any],
    name: str,
    kind: type | tuple[type, ...],
    *,
    default: object = None,
) -> Any:  # noqa: ANN401 - what JSON holds
    value = body.get(name, default)
    kinds = kind if isinstance(kind, tuple) else (kind,)
    if not isinstance(value, kind) or (isinstance(value, bool) and bool not in kinds):
        raise _Refused(400, f"{name} is missing or of the wrong kind")
    return value


def _known[T](things: Mapping[str, T], key: str) -> T:
    if key not in things:
        raise _Refused(404, f"there is no {key}")
    return things[key]
