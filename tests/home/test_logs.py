"""Logs that chargers send to Home Assistant, by a real HTTP upload."""

import asyncio
import os
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from aiohttp import FormData
from aiohttp.test_utils import TestClient
from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.network import NoURLAvailableError
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.headroom import log_transfer, upload
from custom_components.headroom.const import DOMAIN
from custom_components.headroom.log_files import delete_old_logs, list_logs, log_path
from tests.chargers.ocpp.charge_point import PATIENCE, Refusal, ScriptedChargePoint

from .conftest import LEFT
from .targets import device_of

CONTENT = b"line after line\n" * 1000
BASE = "http://ha.local:8123"

type Client = TestClient
type Fetch = Callable[..., asyncio.Task[dict[str, Any]]]


@pytest.fixture(autouse=True)
def folder(hass: HomeAssistant, tmp_path: Path) -> Path:
    """Return where the logs of the double charger go."""
    hass.config.config_dir = str(tmp_path)
    hass.config.internal_url = BASE
    return tmp_path / DOMAIN / LEFT


@pytest.fixture
async def client(
    left: ScriptedChargePoint, hass_client_no_auth: ClientSessionGenerator
) -> AsyncGenerator[Client]:
    """Return a client that is not logged in."""
    client = await hass_client_no_auth()
    yield client
    await client.close()


@pytest.fixture
def charge_point(left: ScriptedChargePoint) -> ScriptedChargePoint:
    """Return the double charger, which has something to send."""
    left.script["GetDiagnostics"] = {"fileName": "diag.zip"}
    return left


@pytest.fixture
def fetch(hass: HomeAssistant, site: object) -> Fetch:
    """Return a way to call the action without waiting for it."""

    async def call(**data: Any) -> dict[str, Any]:
        response = await hass.services.async_call(
            DOMAIN,
            "get_diagnostics",
            {"device_id": device_of(hass, LEFT)} | data,
            blocking=True,
            return_response=True,
        )
        assert response is not None
        return dict(response)

    return lambda **data: asyncio.create_task(call(**data))


async def path_of(charge_point: ScriptedChargePoint) -> str:
    """Return where the charger was asked to send its diagnostics."""
    command = await charge_point.until_called("GetDiagnostics")
    location: str = command.payload["location"]
    assert location.startswith(f"{BASE}/api/headroom/upload/")
    return location.removeprefix(BASE)


def form(name: str | None = "C:\\logs/../../ diag 1.zip") -> FormData:
    """Return a form with a field and a file."""
    form = FormData(default_to_multipart=True)
    form.add_field("station", "LEFT-1")
    if name is not None:
        form.add_field("file", CONTENT, filename=name, content_type="application/zip")
    return form


@pytest.mark.parametrize(
    ("method", "suffix", "content", "name"),
    [
        ("PUT", "", CONTENT, "log"),
        ("POST", "", CONTENT, "log"),
        ("PUT", "/diag.zip", CONTENT, "diag.zip"),
        ("PUT", "/of%20today/diag.zip", CONTENT, "diag.zip"),
        ("POST", "", form, "diag_1.zip"),
        ("POST", "/other.zip", form, "diag_1.zip"),
    ],
    ids=["put", "post", "named", "folder", "form", "named-form"],
)
async def test_a_charger_sends_its_diagnostics(
    hass: HomeAssistant,
    charge_point: ScriptedChargePoint,
    client: Client,
    fetch: Fetch,
    folder: Path,
    method: str,
    suffix: str,
    content: Any,
    name: str,
) -> None:
    fetching = fetch()
    path = await path_of(charge_point)
    data = content() if callable(content) else content
    answer = await client.request(method, path + suffix, data=data)
    assert answer.status == 200
    stored = await fetching
    file = Path(stored["path"])
    assert file.parent == folder
    assert file.name.partition("-")[2] == name
    assert await hass.async_add_executor_job(file.read_bytes) == CONTENT
    assert stored["size"] == len(CONTENT)
    assert await hass.async_add_executor_job(os.listdir, folder) == [file.name]

    again = await client.put(path, data=CONTENT)
    assert again.status == 404, "the address is good for one file"


async def test_what_is_asked_for_is_passed_on(
    charge_point: ScriptedChargePoint, client: Client, fetch: Fetch
) -> None:
    charge_point.script["GetLog"] = {"status": "Accepted", "filename": "security.log"}
    fetching = fetch(
        kind="security", since="2026-07-01T00:00:00+00:00", until="2026-07-02T00:00:00+00:00"
    )
    command = await charge_point.until_called("GetLog")
    log = command.payload["log"]
    assert (log["oldestTimestamp"], log["latestTimestamp"]) == (
        "2026-07-01T00:00:00Z",
        "2026-07-02T00:00:00Z",
    )
    await client.put(log["remoteLocation"].removeprefix(BASE), data=CONTENT)
    assert (await fetching)["size"] == len(CONTENT)


async def test_nobody_can_send_what_was_not_asked_for(client: Client) -> None:
    for method in ("PUT", "POST"):
        answer = await client.request(method, "/api/headroom/upload/guess", data=CONTENT)
        assert answer.status == 404
    assert (await client.get("/api/headroom/upload/guess")).status == 405


async def test_more_than_is_allowed_is_not_kept(
    hass: HomeAssistant,
    charge_point: ScriptedChargePoint,
    client: Client,
    fetch: Fetch,
    folder: Path,
) -> None:
    fetching = fetch()
    path = await path_of(charge_point)
    with patch.object(upload, "MOST_BYTES", len(CONTENT) - 1):
        answer = await client.put(path, data=CONTENT)
    assert answer.status == 413
    with pytest.raises(HomeAssistantError) as raised:
        await fetching
    assert raised.value.translation_key == "log_too_large"
    assert "50 MB" in str(raised.value)
    assert await hass.async_add_executor_job(os.listdir, folder) == []


async def test_a_file_that_cannot_be_stored_is_told_of(
    hass: HomeAssistant,
    charge_point: ScriptedChargePoint,
    client: Client,
    fetch: Fetch,
    folder: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    await hass.async_add_executor_job(folder.parent.write_bytes, b"no folder")
    fetching = fetch()
    answer = await client.put(await path_of(charge_point), data=CONTENT)
    assert answer.status == 507
    with pytest.raises(HomeAssistantError) as raised:
        await fetching
    assert raised.value.translation_key == "log_not_stored"
    assert "cannot be stored" in caplog.text


async def test_an_upload_that_breaks_off_can_be_tried_again(
    hass: HomeAssistant,
    charge_point: ScriptedChargePoint,
    client: Client,
    fetch: Fetch,
    folder: Path,
) -> None:
    fetching = fetch()
    path = await path_of(charge_point)
    assert (await client.post(path, data=form(None))).status == 400

    async with half_sent(client, path):
        assert (await client.put(path, data=CONTENT)).status == 409
    assert await sent_in_the_end(client, path) == 200
    name = Path((await fetching)["path"]).name
    assert await hass.async_add_executor_job(os.listdir, folder) == [name]


async def sent_in_the_end(client: Client, path: str) -> int:
    """Try until the server has noticed that the other upload has broken off."""
    status = 409
    async with asyncio.timeout(PATIENCE):
        while status == 409:
            status = (await client.put(path, data=CONTENT)).status
    return status


@asynccontextmanager
async def half_sent(client: Client, path: str) -> AsyncGenerator[None]:
    """Send the first half of a file, and hang up in the end."""
    reader, writer = await asyncio.open_connection(client.host, client.port)
    head = f"PUT {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\nExpect: 100-continue\r\n\r\n"
    writer.write(head.encode())
    assert b"100" in await reader.readline(), "the server has begun to handle the request"
    writer.write(b"half")
    await writer.drain()
    yield
    writer.transport.abort()


@pytest.mark.parametrize(
    ("status", "key"), [("UploadFailed", "log_failed"), ("Uploaded", "log_not_sent")]
)
async def test_a_file_that_goes_elsewhere_is_missed(
    hass: HomeAssistant,
    charge_point: ScriptedChargePoint,
    client: Client,
    fetch: Fetch,
    status: str,
    key: str,
) -> None:
    with patch.object(upload.Expected, "outcome", impatient(upload.Expected.outcome)):
        fetching = fetch()
        await path_of(charge_point)
        await charge_point.call("DiagnosticsStatusNotification", {"status": status})
        with pytest.raises(HomeAssistantError) as raised:
            await fetching
    assert raised.value.translation_key == key
    assert BASE in str(raised.value)
    assert "FTP" in str(raised.value)


def impatient(outcome: Any) -> Any:
    """Return a wait that ends at once if nothing has come by the next answer of a charger."""

    async def wait(expected: upload.Expected, patience: Any) -> Any:
        return await outcome(expected, patience / 1000)

    return wait


@pytest.mark.parametrize(
    ("answer", "key"),
    [(Refusal("InternalError"), "charger_refused"), ({}, "charger_refused")],
    ids=str,
)
async def test_a_charger_that_refuses(
    charge_point: ScriptedChargePoint, fetch: Fetch, answer: Any, key: str
) -> None:
    charge_point.script["GetDiagnostics"] = answer
    with pytest.raises(HomeAssistantError) as raised:
        await fetch()
    assert raised.value.translation_key == key


async def test_a_charger_that_knows_no_logs(
    charge_point: ScriptedChargePoint, fetch: Fetch
) -> None:
    charge_point.script["GetDiagnostics"] = Refusal("NotImplemented")
    charge_point.script["GetLog"] = Refusal("NotImplemented")
    with pytest.raises(HomeAssistantError) as raised:
        await fetch()
    assert raised.value.translation_key == "charger_unable"


async def test_without_an_address_nothing_is_asked_for(
    charge_point: ScriptedChargePoint, fetch: Fetch
) -> None:
    with (
        patch.object(log_transfer, "get_url", side_effect=NoURLAvailableError),
        pytest.raises(HomeAssistantError) as raised,
    ):
        await fetch()
    assert raised.value.translation_key == "no_address"
    assert charge_point.commands("GetDiagnostics") == []


def name_of(name: str) -> str:
    """Return what a file is called that a charger has sent."""
    return f"20260701T060000Z-{name}"


def store(folder: Path, *names: str) -> None:
    """Write files as if a charger had sent them."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / name).write_bytes(CONTENT)


async def test_logs_are_deleted_on_demand(
    hass: HomeAssistant, left: ScriptedChargePoint, folder: Path
) -> None:
    await hass.async_add_executor_job(store, folder, name_of("a.zip"), name_of("b.zip"))
    target = {"device_id": device_of(hass, LEFT)}
    for deleted in (2, 0):
        answer = await hass.services.async_call(
            DOMAIN, "delete_logs", target, blocking=True, return_response=True
        )
        assert answer == {"deleted": deleted}
    assert not await hass.async_add_executor_job(folder.exists)


async def test_logs_are_deleted_with_their_site(
    hass: HomeAssistant, left: ScriptedChargePoint, folder: Path, entry: MockConfigEntry
) -> None:
    await hass.async_add_executor_job(store, folder, name_of("a.zip"))
    await hass.config_entries.async_remove(entry.entry_id)
    assert not await hass.async_add_executor_job(folder.exists)


async def test_logs_are_deleted_when_they_are_old(
    hass: HomeAssistant,
    left: ScriptedChargePoint,
    folder: Path,
    freezer: FrozenDateTimeFactory,
) -> None:
    old, new, broken = name_of("old.zip"), name_of("new.zip"), f".{name_of('broken.zip')}.part"
    certificate = folder.parent / "tls" / "server.key"
    await hass.async_add_executor_job(store, folder, old, new, broken)
    await hass.async_add_executor_job(store, certificate.parent, certificate.name)
    morning = dt_util.start_of_local_day().replace(hour=6) + timedelta(days=1)
    for path, days in (
        (folder / old, 32),
        (folder / broken, 32),
        (folder / new, 20),
        (certificate, 400),
    ):
        stamp = morning.timestamp() - days * 86_400
        os.utime(path, (stamp, stamp))
    freezer.move_to(morning + timedelta(seconds=1))
    async_fire_time_changed(hass)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert await hass.async_add_executor_job(os.listdir, folder) == [new]
    assert await hass.async_add_executor_job(certificate.exists), "it is a person's own"


def test_a_log_that_goes_meanwhile_is_no_fault(hass: HomeAssistant, folder: Path) -> None:
    store(folder, name_of("kept.zip"))
    (folder / name_of("gone.zip")).symlink_to(folder / "nothing")
    assert [Path(log.path).name for log in list_logs(hass, LEFT)] == [name_of("kept.zip")]
    delete_old_logs(hass, dt_util.utcnow() + timedelta(days=31))
    assert not (folder / name_of("kept.zip")).exists()


def test_a_file_that_has_not_come_as_a_whole_is_no_log(hass: HomeAssistant, folder: Path) -> None:
    store(folder, f".{name_of('half.zip')}.part")
    assert list_logs(hass, LEFT) == []


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        (None, "log"),
        ("", "log"),
        ("..", "log"),
        ("/etc/passwd", "passwd"),
        ("ü.zip", "_.zip"),
        ("..%2F..%5Csecret.yaml", "secret.yaml"),
        (".hidden", "hidden"),
        ("x" * 200 + ".zip", "x" * 76 + ".zip"),
    ],
)
def test_names_are_harmless(tmp_path: Path, name: str | None, safe: str) -> None:
    path = log_path(tmp_path, name, dt_util.utc_from_timestamp(0))
    assert path == tmp_path / f"19700101T000000Z-{safe}"
