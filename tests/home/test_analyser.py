"""The figures of a building analyser as people see them."""

import struct
from collections.abc import AsyncGenerator, Generator
from unittest.mock import patch

import pytest
from homeassistant.config_entries import ConfigSubentryData
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity import Entity
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.headroom.coordinator import SiteCoordinator
from tests.config_flow.site import zone
from tests.meters.fakes import IEM3155
from tests.modbus.fakes import FakeServer

from .conftest import BUILDING, GARAGE, change_part, meter, small_site
from .life import Life
from .test_meter import CURRENTS, Watch

FIGURES = (
    "other_loads",
    "other_loads_average",
    "min_alarm",
    "min_pre_alarm",
    "max_pre_alarm",
    "max_alarm",
    "assumed_load",
)


@pytest.fixture
async def server(socket_enabled: None) -> AsyncGenerator[FakeServer]:
    """Run a meter that shows 2 A a phase."""
    server = FakeServer({255: IEM3155})
    await server.start()
    await server.write(255, CURRENTS, struct.pack(">3f", 2, 2, 2))
    await server.write(255, 3054 - 1, struct.pack(">4f", 0.46, 0.46, 0.46, 1.38))
    yield server
    await server.stop()


@pytest.fixture(autouse=True)
def everything_enabled() -> Generator[None]:
    """Enable every entity from the beginning."""
    with patch.object(Entity, "entity_registry_enabled_default", new=True):
        yield


@pytest.fixture
def subentries(server: FakeServer) -> list[ConfigSubentryData]:
    """Return a building with a meter that counts with 25 A while it is silent."""
    return [
        zone(BUILDING, "Building", limit=40.0, supply="dynamic", assumed_l1=25.0),
        *small_site()[1:],
        meter(server.port),
    ]


async def test_the_figures_of_the_sources_example(
    hass: HomeAssistant,
    site: SiteCoordinator,
    entry: MockConfigEntry,
    server: FakeServer,
    life: Life,
) -> None:
    def shown(key: str) -> str:
        return life.value("sensor", f"{BUILDING}_{key}_l1")

    def status() -> str:
        return life.value("sensor", f"{BUILDING}_analyser_status")

    watch = Watch(site, life)
    await watch.until(lambda: status() == "within")
    assert [shown(key) for key in FIGURES] == ["2.0", "2.0", "1.0", "1.0", "3.0", "3.0", "25.0"]
    assert hass.states.get(f"sensor.{GARAGE}_analyser_status") is None

    await change_part(hass, entry, BUILDING, analyser_margin=100)
    await watch.until(lambda: shown("max_alarm") == "4.0")
    await server.stop()
    await watch.until(lambda: status() == "offline")
    assert shown("other_loads_average") == "unknown"
    assert shown("assumed_load") == "25.0"
