"""What all tests share."""

import os
import socket
from collections.abc import Callable
from itertools import count
from typing import Final

import pytest
from hypothesis import settings

import custom_components  # noqa: F401 - before the harness finds its own package of that name

settings.register_profile("ci", deadline=None, derandomize=True)
settings.register_profile("nightly", deadline=None, max_examples=2000, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


_FIRST_PORT: Final = 20_000
_PORTS_PER_WORKER: Final = 500


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that run inside a Home Assistant."""
    for item in items:
        if "hass" in getattr(item, "fixturenames", ()):
            item.add_marker("home_assistant")


@pytest.fixture(autouse=True)
def enable_event_loop_debug() -> None:
    """Leave it to `pytest --asyncio-debug`, as every night; the harness always enables it.

    A loop in debug mode keeps the whole stack of each future, which takes longer than the rest.
    """


@pytest.fixture(autouse=True)
def load_headroom(request: pytest.FixtureRequest) -> None:
    """Let a test's Home Assistant find the integration; other tests need none."""
    if "hass" in request.fixturenames:
        request.getfixturevalue("enable_custom_integrations")


@pytest.fixture(scope="session")
def unused_tcp_port_factory(worker_id: str) -> Callable[[], int]:
    """Give ports of which the system gives none to outgoing connections of other workers."""
    worker = int(worker_id.removeprefix("gw")) if worker_id.startswith("gw") else 0
    ports = count(_FIRST_PORT + worker * _PORTS_PER_WORKER)
    return lambda: next(filter(_is_free, ports))


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0
