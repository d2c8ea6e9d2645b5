from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from simulator.assembly import Simulation, build
from simulator.control import application
from simulator.meters import Mode
from simulator.site_file import load_site
from simulator.station.connector import Start

SITE = """
zones:
  - {id: building, limit: 63, house: {yearly_kwh: 4000}}
  - {id: garage, limit: 32, parent: building}
  - {id: cellar, limit: 16, battery: {capacity_kwh: 10, stored_kwh: 5, power_kw: 3}}
meters: [{id: main, zone: building, model: klefr, port: 0}]
stations: [{id: G-1, zone: garage, connectors: [{badge: CAFE}, {wiring: mono2}]}]
boxes: [{id: B-1, zone: garage, kind: keba_p30}]
cars: [{station: G-1, arrives_s: 1000, phases: 2, onboard: 20}]
"""


type Client = TestClient[web.Request, web.Application]


@pytest.fixture
def simulation(tmp_path: Path) -> Simulation:
    file = tmp_path / "site.yaml"
    file.write_text(SITE, encoding="utf-8")
    return build(
        load_site(file),
        seed=0,
        start=datetime(2026, 6, 21, 10, tzinfo=UTC),
        day_start=45_000,
        speed=1,
    )


@pytest.fixture
async def client(simulation: Simulation, socket_enabled: None) -> AsyncIterator[Client]:
    async with TestClient(TestServer(application(simulation))) as client:
        yield client


def modes(simulation: Simulation) -> list[Mode]:
    return [meter.mode for meter in simulation.meters.values()]


async def post(client: Client, path: str, **body: Any) -> tuple[int, Any]:
    async with client.post(path, json=body) as response:
        return response.status, await response.json()


async def state(client: Client) -> Any:
    async with client.get("/state") as response:
        return await response.json()


async def test_state_tells_what_is_true(client: Client, simulation: Simulation) -> None:
    await post(client, "/car", station="G-1", action="arrive")
    await simulation.stations["G-1"].report()
    simulation.stations["G-1"].connectors[1].start(simulation.park.now, Start("CAFE"))
    simulation.park.advance(30)
    now = await state(client)
    assert now["batteries"] == {"cellar": {"power": 0, "state_of_charge": 0.5, "held": False}}
    assert (now["time"], now["time_of_day"]) == ("2026-06-21T10:00:30+00:00", "12:30")
    assert now["zones"]["garage"]["currents"] == [20, 20, 0]
    assert now["zones"]["building"]["currents"][0] > 20
    assert now["meters"] == {"main": {"mode": "normal"}}
    connector = now["stations"]["G-1"]["connectors"]["1"]
    assert connector["car"]["phases"] == 2
    assert (connector["status"], connector["offered"]) == ("Charging", 32)
    assert now["stations"]["G-1"]["connectors"]["2"]["car"] is None


async def test_a_kettle(client: Client, simulation: Simulation) -> None:
    answer = await post(client, "/kettle", zone="garage", phase="L2", amps=9.5, seconds=60)
    assert answer == (200, {"amps": 9.5})
    simulation.park.advance(1)
    assert (await state(client))["zones"]["garage"]["currents"] == [0, 9.5, 0]
    status, answer = await post(client, "/kettle", zone="garage", phase="L1")
    assert status == 200
    assert 9 <= answer["amps"] <= 10


async def test_cars_arrive_and_leave(client: Client, simulation: Simulation) -> None:
    arrival = {"station": "G-1", "connector": 2, "action": "arrive"}
    assert await post(client, "/car", **arrival) == (200, {})
    assert (await post(client, "/car", **arrival))[0] == 409
    assert await post(client, "/car", **{**arrival, "action": "leave"}) == (200, {})
    assert simulation.park.outlets["G-1/2"].car is None


async def test_a_meter_falls_silent(client: Client, simulation: Simulation) -> None:
    assert await post(client, "/meter", id="main", silent=True) == (200, {})
    assert modes(simulation) == [Mode.SILENT]
    assert await post(client, "/meter", id="main", silent=False) == (200, {})
    assert modes(simulation) == [Mode.NORMAL]


async def test_a_station_stays_away(client: Client, simulation: Simulation) -> None:
    assert await post(client, "/station", id="G-1", connected=False) == (200, {})
    assert not simulation.stations["G-1"].wanted
    assert await post(client, "/station", id="G-1", connected=True) == (200, {})
    assert simulation.stations["G-1"].wanted


async def test_a_station_misbehaves(client: Client, simulation: Simulation) -> None:
    assert (await state(client))["stations"]["G-1"]["faults"] == {}
    faults = {"stuck_contactor": True, "slow": 20}
    assert await post(client, "/station", id="G-1", faults=faults) == (200, {})
    assert simulation.stations["G-1"].wanted
    told = (await state(client))["stations"]["G-1"]
    assert (told["faults"], told["protocol"]) == (faults, "ocpp1.6")
    answer = await post(client, "/station", id="G-1", connected=False, faults={"gremlins": True})
    assert answer == (400, {"error": "unknown fault gremlins"})
    assert simulation.stations["G-1"].wanted


async def test_a_box_and_its_app(client: Client, simulation: Simulation) -> None:
    await post(client, "/car", station="B-1", action="arrive")
    assert await post(client, "/box", id="B-1", limit=12.5) == (200, {})
    simulation.park.advance(30)
    box = (await state(client))["boxes"]["B-1"]
    assert (box["kind"], box["status"], box["setpoint"]) == ("keba_p30", "C", 12.5)
    assert (box["offered"], box["currents"]) == (12.5, [12.5, 12.5, 12.5])
    assert (box["fallen_back"], box["timeout"], box["fallback"]) == (False, 0, 0)
    await post(client, "/box", id="B-1", enabled=False)
    simulation.park.advance(10)
    assert (await state(client))["boxes"]["B-1"]["status"] == "B"
    await post(client, "/box", id="B-1", power_cycle=True)
    simulation.park.advance(1)
    assert (await state(client))["boxes"]["B-1"]["offered"] == 32


async def test_faults_of_a_box(client: Client) -> None:
    await post(client, "/box", id="B-1", faults=["watchdog_missing", "frozen"])
    await post(client, "/box", id="B-1", limit=8)
    box = (await state(client))["boxes"]["B-1"]
    assert (box["setpoint"], box["faults"]) == (8, ["frozen", "watchdog_missing"])
    await post(client, "/box", id="B-1", faults=[])
    assert not (await state(client))["boxes"]["B-1"]["faults"]


async def test_a_battery_is_held_and_let_go(client: Client, simulation: Simulation) -> None:
    assert await post(client, "/battery", zone="cellar", held=True) == (200, {})
    assert simulation.park.batteries["cellar"].held
    assert (await state(client))["batteries"]["cellar"]["held"]
    await post(client, "/battery", zone="cellar", held=False)
    assert not (await state(client))["batteries"]["cellar"]["held"]


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/kettle", {"zone": "attic", "phase": "L1"}, 404),
        ("/kettle", {"zone": "garage", "phase": "L4"}, 400),
        ("/kettle", {"zone": "garage"}, 400),
        ("/kettle", {"zone": "garage", "phase": "L1", "amps": True}, 400),
        ("/kettle", [], 400),
        ("/car", {"station": "G-9", "action": "leave"}, 404),
        ("/car", {"station": "G-1", "action": "fly"}, 400),
        ("/meter", {"id": "side", "silent": True}, 404),
        ("/meter", {"id": "main", "silent": 1}, 400),
        ("/station", {"id": "G-9", "connected": True}, 404),
        ("/station", {"id": "G-1", "connected": "yes"}, 400),
        ("/station", {"id": "G-1", "faults": ["slow"]}, 400),
        ("/battery", {"zone": "garage", "held": True}, 404),
        ("/battery", {"zone": "cellar"}, 400),
        ("/box", {"id": "G-1", "limit": 6}, 404),
        ("/box", {"id": "B-1", "limit": "6"}, 400),
        ("/box", {"id": "B-1", "limit": True}, 400),
        ("/box", {"id": "B-1", "enabled": 1}, 400),
        ("/box", {"id": "B-1", "faults": ["evil"]}, 400),
    ],
)
async def test_bad_input_is_explained(client: Client, path: str, body: object, status: int) -> None:
    async with client.post(path, json=body) as response:
        assert response.status == status
        assert (await response.json())["error"]


async def test_a_body_that_is_not_json(client: Client) -> None:
    async with client.post("/kettle", data="zone=garage") as response:
        assert response.status == 400
        assert "JSON" in (await response.json())["error"]
