"""Setting up a site and changing it."""

import socket
from collections.abc import Generator
from pathlib import Path
from unittest.mock import patch

import pytest
from homeassistant.config_entries import SOURCE_USER, FlowType
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType, InvalidData
from homeassistant.util import dt as dt_util

from custom_components.headroom.config_flow import port_is_free
from custom_components.headroom.const import DOMAIN
from tests.chargers.ocpp.pki import DAY, Authority, Made, lock

from .site import site, submit, suggested


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

    result = await submit(hass, result, name=" Car park ", port=9001)
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

    result = await submit(hass, result, name=name, port=port)
    assert result["errors"] == errors
    assert suggested(result) == {"name": name, "port": port}

    result = await submit(hass, result, name="Car park", port=9001)
    assert result["type"] is FlowResultType.CREATE_ENTRY


@pytest.mark.parametrize("port", [0, 65536, "nan"])
async def test_an_impossible_port_is_invalid(hass: HomeAssistant, port: object) -> None:
    result = await hass.config_entries.flow.async_init(DOMAIN, context={"source": SOURCE_USER})
    with pytest.raises(InvalidData):
        await submit(hass, result, name="Home", port=port)


async def test_a_site_is_renamed_while_its_own_port_is_in_use(
    hass: HomeAssistant, busy_ports: set[int]
) -> None:
    busy_ports.add(9000)
    entry = site()
    entry.add_to_hass(hass)
    result = await entry.start_reconfigure_flow(hass)
    assert suggested(result) == {"name": "Home", "port": 9000}

    result = await submit(hass, result, name="Farm", port=9000)
    assert result["reason"] == "reconfigure_successful"
    assert entry.title == "Farm"
    assert entry.data == {"name": "Farm", "port": 9000}


async def test_a_new_port_must_be_free(hass: HomeAssistant, busy_ports: set[int]) -> None:
    busy_ports.add(9001)
    entry = site()
    entry.add_to_hass(hass)
    result = await entry.start_reconfigure_flow(hass)

    result = await submit(hass, result, name="Home", port=9001)
    assert result["errors"] == {"port": "port_busy"}
    assert suggested(result) == {"name": "Home", "port": 9001}

    result = await submit(hass, result, name="Home", port=9002)
    assert result["reason"] == "reconfigure_successful"
    assert entry.data["port"] == 9002


def paths(made: Made, **others: Path) -> dict[str, str]:
    """Return the encryption of a site as a person enters it."""
    files = {"certificate": made.certificate, "private_key": made.key, **others}
    return {name: str(path) for name, path in files.items()}


async def test_a_site_is_set_up_with_encryption(hass: HomeAssistant, tmp_path: Path) -> None:
    authority = Authority.create(tmp_path)
    entered = paths(authority.issue("server"), client_ca=authority.certificate)
    result = await hass.config_entries.flow.async_init(DOMAIN, context={"source": SOURCE_USER})
    result = await submit(hass, result, name="Home", port=9001, **entered)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["result"].data == {"name": "Home", "port": 9001, **entered}


async def test_paths_begin_at_the_configuration_folder(hass: HomeAssistant, tmp_path: Path) -> None:
    hass.config.config_dir = str(tmp_path)
    Authority.create(tmp_path).issue("server")
    entry = site()
    entry.add_to_hass(hass)
    result = await entry.start_reconfigure_flow(hass)
    entered = {"certificate": " server.pem ", "private_key": "server.key", "client_ca": " "}
    await submit(hass, result, name="Home", port=9000, **entered)
    assert entry.data == {
        "name": "Home",
        "port": 9000,
        "certificate": "server.pem",
        "private_key": "server.key",
    }


async def test_encryption_is_changed_and_taken_away(hass: HomeAssistant, tmp_path: Path) -> None:
    entered = paths(Authority.create(tmp_path).issue("server"))
    entry = site()
    entry.add_to_hass(hass)
    result = await entry.start_reconfigure_flow(hass)
    await submit(hass, result, name="Home", port=9000, **entered)

    result = await entry.start_reconfigure_flow(hass)
    assert suggested(result) == {"name": "Home", "port": 9000, **entered}
    await submit(hass, result, name="Home", port=9000)
    assert entry.data == {"name": "Home", "port": 9000}


async def test_files_are_refused_and_then_corrected(hass: HomeAssistant, tmp_path: Path) -> None:
    authority = Authority.create(tmp_path)
    good, other, locked = (authority.issue(name) for name in ("good", "other", "locked"))
    lock(locked)
    expired = authority.issue("expired", expires=dt_util.utcnow() - DAY)
    absent = tmp_path / "absent"
    refused = [
        ({"certificate": str(good.certificate)}, "tls_incomplete"),
        ({"client_ca": str(good.certificate)}, "tls_incomplete"),
        (paths(good, certificate=absent), "tls_file_missing"),
        (paths(good, private_key=absent), "tls_file_missing"),
        (paths(good, client_ca=absent), "tls_file_missing"),
        (paths(good, private_key=other.key), "tls_key_mismatch"),
        (paths(locked), "tls_key_unusable"),
        (paths(good, certificate=good.key), "tls_certificate_unusable"),
        (paths(expired), "tls_expired"),
    ]
    entry = site()
    entry.add_to_hass(hass)
    result = await entry.start_reconfigure_flow(hass)
    for entered, error in refused:
        result = await submit(hass, result, name="Home", port=9000, **entered)
        assert result["errors"] == {"base": error}
        assert suggested(result) == {"name": "Home", "port": 9000, **entered}

    result = await submit(hass, result, name="Home", port=9000, **paths(good))
    assert result["reason"] == "reconfigure_successful"


@pytest.mark.usefixtures("socket_enabled")
def test_a_port_is_free_unless_somebody_listens() -> None:
    with socket.create_server(("", 0)) as server:
        port: int = server.getsockname()[1]
        assert not port_is_free(port)
    assert port_is_free(port)
