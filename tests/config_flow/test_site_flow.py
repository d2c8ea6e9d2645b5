"""Setting up a site and changing it."""

import socket
from collections.abc import Generator
from unittest.mock import patch

import pytest
from homeassistant.config_entries import SOURCE_USER, FlowType
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType, InvalidData

from custom_components.headroom.config_flow import port_is_free
from custom_components.headroom.const import DOMAIN

from .site import site, suggested


@pytest.fixture(autouse=True)
def busy_ports() -> Generator[set[int]]:
    """Return the ports that other programs use; a test may add some."""
    busy: set[int] = set()
    with patch(
        "custom_components.headroom.config_flow.port_is_free", side_effect=lambda p: p not in busy
    ):
        yield busy


async def test_a_site_is_set_up_and_its_first_zone_is_next(hass: HomeAssistant) -> None:
    result = await hass.config_entries.flow.async_init(DOMAIN, context={"source": SOURCE_USER})
    assert result["type"] is FlowResultType.FORM
    assert suggested(result) == {"name": hass.config.location_name, "port": 9000}

    result = await hass.config_entries.flow.async_configure(
        result["flow_id"], {"name": " Car park ", "port": 9001}
    )
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["title"] == "Car park"
    assert result["result"].data == {"name": "Car park", "port": 9001}

    kind, flow_id = result["next_flow"]
    assert kind is FlowType.CONFIG_SUBENTRIES_FLOW
    zone_flow = hass.config_entries.subentries.async_get(flow_id)
    assert zone_flow["handler"] == (result["result"].entry_id, "zone")
    assert zone_flow["step_id"] == "user"


@pytest.mark.parametrize(
    ("name", "port", "errors"),
    [
        ("  ", 9001, {"name": "empty"}),
        ("Car park", 9000, {"port": "port_taken"}),
        ("Car park", 9002, {"port": "port_busy"}),
    ],
)
async def test_a_site_is_refused_and_then_corrected(
    hass: HomeAssistant, busy_ports: set[int], name: str, port: int, errors: dict[str, str]
) -> None:
    busy_ports |= {9000, 9002}
    site().add_to_hass(hass)
    result = await hass.config_entries.flow.async_init(DOMAIN, context={"source": SOURCE_USER})

    result = await hass.config_entries.flow.async_configure(
        result["flow_id"], {"name": name, "port": port}
    )
    assert result["errors"] == errors
    assert suggested(result) == {"name": name, "port": port}

    result = await hass.config_entries.flow.async_configure(
        result["flow_id"], {"name": "Car park", "port": 9001}
    )
    assert result["type"] is FlowResultType.CREATE_ENTRY


@pytest.mark.parametrize("port", [0, 65536, "nan"])
async def test_an_impossible_port_is_invalid(hass: HomeAssistant, port: object) -> None:
    result = await hass.config_entries.flow.async_init(DOMAIN, context={"source": SOURCE_USER})
    with pytest.raises(InvalidData):
        await hass.config_entries.flow.async_configure(
            result["flow_id"], {"name": "Home", "port": port}
        )


async def test_a_site_is_renamed_while_its_own_port_is_in_use(
    hass: HomeAssistant, busy_ports: set[int]
) -> None:
    busy_ports.add(9000)
    entry = site()
    entry.add_to_hass(hass)
    result = await entry.start_reconfigure_flow(hass)
    assert suggested(result) == {"name": "Home", "port": 9000}

    result = await hass.config_entries.flow.async_configure(
        result["flow_id"], {"name": "Farm", "port": 9000}
    )
    assert result["reason"] == "reconfigure_successful"
    assert entry.title == "Farm"
    assert entry.data == {"name": "Farm", "port": 9000}


async def test_a_new_port_must_be_free(hass: HomeAssistant, busy_ports: set[int]) -> None:
    busy_ports.add(9001)
    entry = site()
    entry.add_to_hass(hass)
    result = await entry.start_reconfigure_flow(hass)

    result = await hass.config_entries.flow.async_configure(
        result["flow_id"], {"name": "Home", "port": 9001}
    )
    assert result["errors"] == {"port": "port_busy"}
    assert suggested(result) == {"name": "Home", "port": 9001}

    result = await hass.config_entries.flow.async_configure(
        result["flow_id"], {"name": "Home", "port": 9002}
    )
    assert result["reason"] == "reconfigure_successful"
    assert entry.data["port"] == 9002


@pytest.mark.usefixtures("socket_enabled")
def test_a_port_is_free_unless_somebody_listens() -> None:
    with socket.create_server(("", 0)) as server:
        port: int = server.getsockname()[1]
        assert not port_is_free(port)
    assert port_is_free(port)
