"""The figures of a building analyser as people see them."""

from collections.abc import Generator
from unittest.mock import patch

import pytest
from homeassistant.config_entries import ConfigSubentryData
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity import Entity
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.headroom.coordinator import SiteCoordinator
from tests.modbus.fakes import FakeServer

from .conftest import BUILDING, GARAGE, METER, RunMeter, change_part, metered_site
from .life import Life
from .metered import Watch

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
async def server(run_meter: RunMeter) -> FakeServer:
    """Run a meter that shows 2 A a phase."""
    return await run_meter(2, 2, 2)


@pytest.fixture(autouse=True)
def everything_enabled() -> Generator[None]:
    """Enable every entity from the beginning."""
    with patch.object(Entity, "entity_registry_enabled_default", new=True):
        yield


@pytest.fixture
def subentries(server: FakeServer) -> list[ConfigSubentryData]:
    """Return a building with a meter that counts with 25 A while it is silent."""
    return metered_site(server.port, assumed_l1=25.0)


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

    watch = Watch(site.equipment.meters[METER], life)
    await watch.until(lambda: status() == "within")
    assert [shown(key) for key in FIGURES] == ["2.0", "2.0", "1.0", "1.0", "3.0", "3.0", "25.0"]
    assert hass.states.get(f"sensor.{GARAGE}_analyser_status") is None

    await change_part(hass, entry, BUILDING, analyser_margin=100)
    await watch.until(lambda: shown("max_alarm") == "4.0")
    await server.stop()
    await watch.until(lambda: status() == "offline")
    assert shown("other_loads_average") == "unknown"
    assert shown("assumed_load") == "25.0"
