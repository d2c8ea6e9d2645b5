"""What all tests share."""

import os

import pytest
from hypothesis import settings

import custom_components  # noqa: F401 - before the harness finds its own package of that name

settings.register_profile("ci", deadline=None, derandomize=True)
settings.register_profile("nightly", deadline=None, max_examples=2000, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


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
