"""A site whose own port is encrypted."""

import ssl
from collections.abc import AsyncGenerator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiohttp import ClientConnectorError, ClientSession, WSServerHandshakeError
from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import ConfigEntryState, ConfigSubentryData
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.headroom.certificates import LOOK_EVERY
from custom_components.headroom.const import DOMAIN
from custom_components.headroom.coordinator import SiteCoordinator
from tests.chargers.ocpp.pki import Authority, Made

from .conftest import LEFT, change_part, site_entry

type Knock = Callable[..., Awaitable[str]]
"""Dial in encrypted and return the name that the site shows."""


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority.create(tmp_path)


def issue_server(authority: Authority, name: str, days: int) -> Made:
    """Write a certificate of the site, always into the same files."""
    expires = datetime.now(UTC) + timedelta(days=days)
    return authority.issue(name, expires=expires, file="server")


@pytest.fixture
def entry(subentries: list[ConfigSubentryData], port: int, authority: Authority) -> MockConfigEntry:
    """Return the entry of a site with an encrypted port."""
    server = issue_server(authority, "first", 90)
    encryption = {"certificate": str(server.certificate), "private_key": str(server.key)}
    return site_entry(subentries, port, encryption)


@pytest.fixture
async def knock(port: int, authority: Authority) -> AsyncGenerator[Knock]:
    async with ClientSession() as session:

        async def knock(shown: Made | None = None) -> str:
            trust = ssl.create_default_context(cafile=authority.certificate)
            trust.verify_flags &= ~ssl.VERIFY_X509_STRICT
            if shown is not None:
                trust.load_cert_chain(shown.certificate, shown.key)
            url = f"https://127.0.0.1:{port}/LEFT-1"
            async with session.ws_connect(url, ssl=trust, protocols=("ocpp1.6",)) as socket:
                name: str = socket.get_extra_info("peercert")["subject"][0][0][1]
                return name

        yield knock


async def a_day_later(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> None:
    freezer.tick(LOOK_EVERY + timedelta(minutes=1))
    async_fire_time_changed(hass)
    await hass.async_block_till_done(wait_background_tasks=True)


def issue(hass: HomeAssistant) -> ir.IssueEntry | None:
    return ir.async_get(hass).async_get_issue(DOMAIN, "certificate_01SITE")


async def test_new_files_are_shown_a_day_later(
    hass: HomeAssistant,
    site: SiteCoordinator,
    authority: Authority,
    knock: Knock,
    freezer: FrozenDateTimeFactory,
) -> None:
    assert await knock() == "first"
    issue_server(authority, "second", 90)
    assert await knock() == "first"
    await a_day_later(hass, freezer)
    assert await knock() == "second"


async def test_an_end_within_a_month_is_told_of(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    site: SiteCoordinator,
    authority: Authority,
    freezer: FrozenDateTimeFactory,
) -> None:
    assert issue(hass) is None
    made = issue_server(authority, "short", 30)
    await a_day_later(hass, freezer)
    told = issue(hass)
    assert told is not None
    assert told.translation_placeholders == {
        "site": "Home",
        "date": made.content.not_valid_after_utc.date().isoformat(),
    }

    issue_server(authority, "long", 90)
    await hass.config_entries.async_reload(entry.entry_id)
    assert issue(hass) is None

    issue_server(authority, "short", 20)
    await a_day_later(hass, freezer)
    assert issue(hass) is not None
    await hass.config_entries.async_remove(entry.entry_id)
    assert issue(hass) is None


async def test_files_that_cannot_be_used_any_more_leave_the_certificate(
    hass: HomeAssistant,
    site: SiteCoordinator,
    authority: Authority,
    knock: Knock,
    freezer: FrozenDateTimeFactory,
    caplog: pytest.LogCaptureFixture,
) -> None:
    (authority.folder / "server.key").unlink()
    for _ in range(2):
        await a_day_later(hass, freezer)
    assert caplog.text.count("The certificate cannot be renewed") == 1
    assert await knock() == "first"

    issue_server(authority, "second", 90)
    await a_day_later(hass, freezer)
    assert "The certificate can be renewed again" in caplog.text
    assert await knock() == "second"


async def test_the_port_stays_shut_without_its_encryption(
    hass: HomeAssistant, entry: MockConfigEntry, authority: Authority, knock: Knock, port: int
) -> None:
    (authority.folder / "server.pem").unlink()
    entry.add_to_hass(hass)
    assert await async_setup_component(hass, "http", {})
    await hass.config_entries.async_setup(entry.entry_id)
    assert entry.state is ConfigEntryState.SETUP_RETRY
    assert entry.reason == (
        f"Headroom does not open port {port}, because the file {authority.folder}/server.pem cannot"
        " be used for its encryption. Reconfigure the site to see what is wrong with it"
    )
    with pytest.raises(ClientConnectorError):
        await knock()


async def test_chargers_show_certificates_as_soon_as_they_have_to(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    site: SiteCoordinator,
    authority: Authority,
    knock: Knock,
    hass_client_no_auth: ClientSessionGenerator,
    caplog: pytest.LogCaptureFixture,
) -> None:
    data = {**entry.data, "client_ca": str(authority.certificate)}
    hass.config_entries.async_update_entry(entry, data=data)
    await hass.async_block_till_done()
    other = authority.issue("OTHER-1")
    with pytest.raises(WSServerHandshakeError) as refused:
        await knock(other)
    assert refused.value.status == 403
    assert await knock(authority.issue("LEFT-1")) == "first"
    await change_part(hass, entry, LEFT, any_certificate=True)
    assert await knock(other) == "first"

    client = await hass_client_no_auth()
    for _ in range(2):
        with pytest.raises(WSServerHandshakeError) as refused:
            await client.ws_connect("/api/headroom/ocpp/LEFT-1", protocols=("ocpp1.6",))
        assert refused.value.status == 403
    assert caplog.text.count("Station LEFT-1 at 127.0.0.1 shows no certificate") == 1
    await client.close()
