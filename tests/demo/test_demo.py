"""The demo as people run it: a real Home Assistant, twice, and a port that is taken."""

import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]


@pytest.fixture
def site(tmp_path: Path, socket_enabled: None, unused_tcp_port_factory: Callable[[], int]) -> Path:
    """Return the demo's site on ports that nobody uses."""
    content = yaml.safe_load((ROOT / "simulator" / "sites" / "demo.yaml").read_text())
    content["control_port"] = unused_tcp_port_factory()
    for unit in (*content["meters"], *content["boxes"]):
        if "port" in unit:
            unit["port"] = unused_tcp_port_factory()
    file = tmp_path / "site.yaml"
    file.write_text(yaml.safe_dump(content))
    return file


@contextmanager
def demo(site: Path, *, port: int, ocpp_port: int) -> Iterator[subprocess.Popen[str]]:
    """Run the demo as a child."""
    arguments = ["--headless", "--data", str(site.parent / "data"), "--site", str(site)]
    arguments += ["--port", str(port), "--ocpp-port", str(ocpp_port)]
    process = subprocess.Popen(
        [sys.executable, "-m", "demo", *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def read_until(process: subprocess.Popen[str], text: str) -> str:
    """Return what the demo prints up to a line with a text."""
    assert process.stdout
    printed = ""
    for line in process.stdout:
        printed += line
        if text in line:
            return printed
    pytest.fail(f"ended before {text!r}: {printed}")


def interrupt(process: subprocess.Popen[str]) -> str:
    """Press Ctrl-C and return what is printed after it."""
    process.send_signal(signal.SIGINT)
    assert process.stdout
    rest = process.stdout.read()
    assert process.wait() == 0
    return rest


@pytest.mark.timeout(240)
def test_it_sets_itself_up_once_and_keeps_its_data(
    site: Path, unused_tcp_port_factory: Callable[[], int]
) -> None:
    ocpp_port = unused_tcp_port_factory()
    with demo(site, port=(port := unused_tcp_port_factory()), ocpp_port=ocpp_port) as process:
        printed = read_until(process, f"ready at http://127.0.0.1:{port} ")
        assert "through its config flows" in printed
        assert "stopped; its data stay in" in interrupt(process)
    with demo(site, port=(port := unused_tcp_port_factory()), ocpp_port=ocpp_port) as process:
        printed = read_until(process, f"ready at http://127.0.0.1:{port} ")
        assert "through its config flows" not in printed
        interrupt(process)


def test_a_port_that_is_taken_is_named(
    site: Path, unused_tcp_port_factory: Callable[[], int]
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        busy = taken.getsockname()[1]
        with demo(site, port=unused_tcp_port_factory(), ocpp_port=busy) as process:
            printed = read_until(process, "--ocpp-port")
            assert process.wait() == 1
    assert f"port {busy} is taken by another program, but needed for the chargers" in printed
