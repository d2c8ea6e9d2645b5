"""The command line, in this process and as the subprocess that the demo starts."""

import asyncio
import json
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from pymodbus.client import AsyncModbusTcpClient
from yarl import URL

from simulator.__main__ import main
from simulator.assembly import build
from simulator.serve import Options, running, serve
from simulator.site_file import load_site

from .conftest import START, until
from .csms import CentralSystem

SITE = """
name: Small
zones: [{id: garage, limit: 32}]
meters: [{id: main, zone: garage, model: klefr, port: 0}]
stations: [{id: G-1, zone: garage, connectors: [{badge: CAFE}]}]
cars: [{station: G-1}]
"""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    file = tmp_path / "small.yaml"
    file.write_text(SITE, encoding="utf-8")
    return file


def test_run_prints_json_lines(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "simulator/scenarios/static_share.json"]) == 0
    out, err = capsys.readouterr()
    assert json.loads(out.splitlines()[0])["at"] == 0
    assert err == ""


def test_run_says_which_expectation_failed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    scenario = json.loads(Path("simulator/scenarios/static_share.json").read_text("utf-8"))
    scenario["expect"] = [{"at": 50, "connector": "A-1", "equal": 31}]
    file = tmp_path / "wrong.json"
    file.write_text(json.dumps(scenario), encoding="utf-8")
    assert main(["run", str(file)]) == 1
    err = capsys.readouterr().err
    assert err.startswith("wrong.json: second 50: connector A-1: setpoint is")
    assert "expected 31 A" in err


@pytest.mark.parametrize("command", ["run", "serve"])
def test_a_missing_file_is_status_2(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([command, "missing"]) == 2
    assert "missing: " in capsys.readouterr().err


@pytest.mark.parametrize("option", [["--start", "25:00"], ["--speed", "0"], ["--speed", "nan"]])
def test_wrong_options_are_explained(option: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["serve", "small.yaml", *option])
    assert "must be" in capsys.readouterr().err


async def get_state(port: int) -> Any:
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"http://127.0.0.1:{port}/state") as response,
    ):
        return await response.json()


async def test_live_stations_call_and_come_back(csms: CentralSystem, url: str, site: Path) -> None:
    simulation = build(load_site(site), seed=1, start=START, day_start=0, speed=1)
    station = simulation.stations["G-1"]
    async with running(simulation, url=url, seed=1) as port:

        async def settled() -> bool:
            return bool(csms.payloads("StartTransaction")) and simulation.park.elapsed > 1.2

        await until(settled)
        await csms.hang_up()

        async def lost() -> bool:
            return not station.online

        async def back() -> bool:
            return station.online

        await until(lost)
        await until(back)
        assert (await get_state(port))["stations"]["G-1"]["online"]
        assert simulation.servers[0].listening
    assert not station.online
    assert not simulation.servers[0].listening


@pytest.mark.usefixtures("socket_enabled")
async def test_live_stations_try_again(site: Path, csms: CentralSystem) -> None:
    simulation = build(load_site(site), seed=1, start=START, day_start=0, speed=1)
    async with running(simulation, url="ws://127.0.0.1:1", seed=1) as port:

        async def moved() -> bool:
            return simulation.park.elapsed > 1.2

        await until(moved)
        state = await get_state(port)
    assert not state["stations"]["G-1"]["online"]
    assert state["stations"]["G-1"]["connectors"]["1"]["car"] is not None


async def test_serve_ends_by_a_signal(
    csms: CentralSystem, url: str, site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = Options(site=site, url=url, speed=1, seed=0, day_start=43_200)
    serving = asyncio.create_task(serve(options))

    async def connected() -> bool:
        return bool(csms.heard)

    await until(connected)
    signal.raise_signal(signal.SIGINT)
    async with asyncio.timeout(10):
        await serving
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "Small at 12:00"
    assert lines[-1] == "stopped"


@asynccontextmanager
async def subprocess(*arguments: str) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "simulator",
        *arguments,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def lines_until_ready(process: asyncio.subprocess.Process) -> list[str]:
    lines: list[str] = []
    assert process.stdout
    async with asyncio.timeout(40):
        while not lines or not lines[-1].startswith("ready "):
            line = (await process.stdout.readline()).decode()
            assert line, "it ended before it was ready"
            lines.append(line.strip())
    return lines


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_serve_as_a_subprocess(
    number: signal.Signals, site: Path, csms: CentralSystem, url: str
) -> None:
    async with subprocess("serve", str(site), "--url", url, "--start", "08:30") as process:
        head, meter, station, ready = await lines_until_ready(process)
        assert head == "Small at 08:30"
        assert station == f"station G-1 in garage: tri123 calls {url}/G-1 by ocpp1.6"
        port = int(meter.split("127.0.0.1:")[1].split()[0])
        client = AsyncModbusTcpClient("127.0.0.1", port=port)
        assert await client.connect()
        answer = await client.read_holding_registers(0x5002, count=2, device_id=255)
        assert answer.registers == [0x4366, 0]
        client.close()
        state = await get_state(int(ready.rsplit(":", 1)[1]))
        assert state["zones"]["garage"]["limit"] == 32
        process.send_signal(number)
        async with asyncio.timeout(10):
            out, err = await process.communicate()
        assert (process.returncode, out.decode(), err.decode()) == (0, "stopped\n", "")


@pytest.fixture
def site_on_taken_port(site: Path, url: str) -> Path:
    site.write_text(SITE.replace("port: 0", f"port: {URL(url).port}"), encoding="utf-8")
    return site


async def test_serve_says_when_its_port_is_taken(site_on_taken_port: Path, url: str) -> None:
    async with subprocess("serve", str(site_on_taken_port), "--url", url) as process:
        async with asyncio.timeout(40):
            _, err = await process.communicate()
    assert process.returncode == 2
    assert f"port {URL(url).port} is taken" in err.decode()
