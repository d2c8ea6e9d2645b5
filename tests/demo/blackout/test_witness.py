"""What the witness sees in a simulated plant."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import pytest
import yaml
from aiohttp.test_utils import TestServer

from demo.blackout.judgement import Guard, Held
from demo.blackout.witness import Witness
from simulator.assembly import Simulation, build
from simulator.boxes.registers import Setting
from simulator.control import application
from simulator.site_file import load_site

SITE = {
    "zones": [{"id": "garage", "limit": 10}],
    "stations": [{"id": "S", "zone": "garage", "connectors": [{}, {}]}],
    "boxes": [
        {"id": "V", "zone": "garage", "kind": "vestel"},
        {"id": "A", "zone": "garage", "kind": "app"},
    ],
    "cars": [{"station": "A"}],
}
HELD = Held(setpoint=13.0, fallback=6.0, session=None, arrived_at="")


@pytest.fixture
def simulation(tmp_path: Path) -> Simulation:
    file = tmp_path / "site.yaml"
    file.write_text(yaml.safe_dump(SITE))
    start = datetime(2026, 6, 21, 10, tzinfo=UTC)
    return build(load_site(file), seed=0, start=start, day_start=0, speed=1)


@pytest.fixture
async def witness(simulation: Simulation, socket_enabled: None) -> AsyncIterator[Witness]:
    async with TestServer(application(simulation)) as server, aiohttp.ClientSession() as session:
        assert server.port
        yield Witness(session, server.port)


async def test_it_samples_true_currents_and_overloads(
    witness: Witness, simulation: Simulation
) -> None:
    simulation.boxes["A"].set(Setting.SETPOINT, 12)
    simulation.park.advance(30)
    await witness.look()
    assert witness.currents() == {"S/1": 0, "S/2": 0, "V/1": 0, "A/1": 12}
    assert witness.overload == {"garage": 2}


async def test_a_guard_is_what_is_armed(witness: Witness) -> None:
    held = {"S/1": HELD, "V/1": HELD, "A/1": replace(HELD, fallback=None)}
    guards = await witness.guards(SITE, held)
    assert guards == {
        "S/1": Guard(kind="ocpp1.6 lease", timeout=180.0, fallback=6.0),
        "V/1": Guard(kind="vestel", timeout=20.0, fallback=6.0),
        "A/1": Guard(kind="app", timeout=None, fallback=0.0),
    }
