"""Stations that call a central system on an encrypted port."""

import ssl
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from simulator.assembly import build
from simulator.site_file import load_site
from simulator.station.link import LinkClosed
from simulator.station.station import Station
from simulator.validation import FileError
from tests.chargers.ocpp.pki import Authority, Made

from .csms import CentralSystem


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority.create(tmp_path)


@pytest.fixture
async def url(authority: Authority, csms: CentralSystem) -> str:
    """Start a central system that wants to see certificates of the authority."""
    own = authority.issue("central")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_verify_locations(authority.certificate)
    context.load_cert_chain(own.certificate, own.key)
    context.verify_mode = ssl.CERT_REQUIRED
    return await csms.start(context)


def station(folder: Path, **tls: Any) -> Station:
    """Return the station of a site file, with its field `tls`."""
    site = {
        "zones": [{"id": "garage", "limit": 32}],
        "stations": [{"id": "S", "zone": "garage", "connectors": [{}], "tls": tls}],
    }
    file = folder / "site.yaml"
    file.write_text(yaml.safe_dump(site))
    start = datetime(2026, 6, 21, tzinfo=UTC)
    return build(load_site(file), seed=0, start=start, day_start=0, speed=1).stations["S"]


def shown(made: Made) -> dict[str, str]:
    return {"certificate": str(made.certificate), "key": str(made.key)}


async def test_a_certificate_of_its_own_opens_an_encrypted_port(
    authority: Authority, csms: CentralSystem, url: str, tmp_path: Path
) -> None:
    assert url.startswith("wss://")
    caller = station(tmp_path, ca=str(authority.certificate), **shown(authority.issue("S")))
    await caller.connect(url)
    assert csms.payloads("BootNotification")
    await caller.disconnect()


async def test_who_shows_nothing_is_not_let_in(
    authority: Authority, csms: CentralSystem, url: str, tmp_path: Path
) -> None:
    with pytest.raises(LinkClosed):
        await station(tmp_path, ca=str(authority.certificate)).connect(url)
    assert csms.heard == []


async def test_it_calls_nobody_that_it_does_not_trust(
    authority: Authority, csms: CentralSystem, url: str, tmp_path: Path
) -> None:
    stranger = Authority.create(tmp_path, "stranger")
    own = shown(authority.issue("S"))
    with pytest.raises(LinkClosed, match="CERTIFICATE_VERIFY_FAILED"):
        await station(tmp_path, ca=str(stranger.certificate), **own).connect(url)
    assert csms.heard == []


def test_files_that_cannot_be_used_are_named(authority: Authority, tmp_path: Path) -> None:
    with pytest.raises(FileError, match=r"tls: .*No such file"):
        station(tmp_path, ca=str(tmp_path / "missing.pem"))
    with pytest.raises(FileError, match="key"):
        station(tmp_path, ca=str(authority.certificate), certificate="S.pem")
