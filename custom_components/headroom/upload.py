"""Where chargers send logs: one file to an address that nobody can guess, for some minutes."""

import asyncio
import logging
import secrets
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import timedelta
from enum import StrEnum
from http import HTTPStatus
from pathlib import Path
from typing import BinaryIO, Final

from aiohttp import BodyPartReader, web
from homeassistant.core import HomeAssistant
from homeassistant.helpers.http import HomeAssistantView
from homeassistant.util import dt as dt_util

from .log_files import LogFile, log_path

_LOGGER = logging.getLogger(__name__)

UPLOAD_PATH: Final = "/api/headroom/upload"
MOST_BYTES: Final = 50 * 1024 * 1024
_CHUNK: Final = 256 * 1024


class Problem(StrEnum):
    """Why no file has come: the key of a text."""

    FAILED = "log_failed"
    NOT_SENT = "log_not_sent"
    NOT_STORED = "log_not_stored"
    TOO_LARGE = "log_too_large"


class TooLarge(Exception):
    """A charger sends more than it may."""


class Expected:
    """A file that a charger was asked for."""

    def __init__(self, folder: Path, patience: timedelta) -> None:
        loop = asyncio.get_running_loop()
        self.folder = folder
        self.deadline = loop.time() + patience.total_seconds()
        self.is_busy = False
        self._outcome: asyncio.Future[LogFile | Problem] = loop.create_future()

    @property
    def is_settled(self) -> bool:
        """Return whether nothing is expected any more."""
        return self._outcome.done()

    def settle(self, outcome: LogFile | Problem) -> None:
        """Tell who waits what has come, or why nothing will come; the first word counts."""
        if not self._outcome.done():
            self._outcome.set_result(outcome)

    async def outcome(self, patience: timedelta) -> LogFile | Problem:
        """Wait for what comes."""
        try:
            async with asyncio.timeout(patience.total_seconds()):
                return await self._outcome
        except TimeoutError:
            return Problem.NOT_SENT


class UploadDesk:
    """Knows the files that are expected, and stores them."""

    def __init__(self, hass: HomeAssistant) -> None:
        self._hass = hass
        self._expected: dict[str, Expected] = {}

    @contextmanager
    def expect(self, folder: Path, patience: timedelta) -> Iterator[tuple[str, Expected]]:
        """Accept one file at the path that is returned, until this context ends."""
        token = secrets.token_urlsafe(24)
        expected = self._expected[token] = Expected(folder, patience)
        try:
            yield f"{UPLOAD_PATH}/{token}", expected
        finally:
            del self._expected[token]

    def find(self, token: str) -> Expected | None:
        """Return the file that is expected under a token."""
        return self._expected.get(token)

    async def receive(self, expected: Expected, request: web.Request, name: str) -> None:
        """Store the file of a request. Raises TooLarge, OSError or what the client causes."""
        async with asyncio.timeout_at(expected.deadline):
            own_name, chunks = await _body(request)
            stored = await self._store(expected.folder, own_name or name, chunks)
        expected.settle(stored)

    async def _store(self, folder: Path, name: str, chunks: AsyncIterator[bytes]) -> LogFile:
        run, now = self._hass.async_add_executor_job, dt_util.utcnow()
        path = log_path(folder, name, now)
        part = path.with_name(f".{path.name}.part")
        size = 0
        file = await run(_create, part)
        try:
            async for chunk in chunks:
                size += len(chunk)
                if size > MOST_BYTES:
                    raise TooLarge
                await run(file.write, chunk)
            await run(_keep, file, part, path)
        finally:
            await run(_discard, file, part)
        return LogFile(path=str(path), size=size, stored_at=now)


class UploadView(HomeAssistantView):
    """Takes files from chargers, which have no login; the token in the path stands for one."""

    url = UPLOAD_PATH + "/{token}"
    extra_urls = [UPLOAD_PATH + "/{token}/{name:.*}"]  # noqa: RUF012 - Home Assistant declares it so
    name = "api:headroom:upload"
    requires_auth = False

    def __init__(self, desk: UploadDesk) -> None:
        self._desk = desk

    async def put(self, request: web.Request, token: str, name: str = "") -> web.Response:
        """Take a file."""
        expected = self._desk.find(token)
        if expected is None:
            return web.Response(status=HTTPStatus.NOT_FOUND)
        if expected.is_busy or expected.is_settled:
            return web.Response(status=HTTPStatus.CONFLICT)
        expected.is_busy = True
        try:
            await self._desk.receive(expected, request, name)
        except TooLarge:
            expected.settle(Problem.TOO_LARGE)
            return web.Response(status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        except (web.RequestPayloadError, ConnectionError, TimeoutError, ValueError) as error:
            _LOGGER.debug("An upload has broken off: %r", error)
            return web.Response(status=HTTPStatus.BAD_REQUEST)
        except OSError as error:
            _LOGGER.warning("The log of a charger cannot be stored: %s", error)
            expected.settle(Problem.NOT_STORED)
            return web.Response(status=HTTPStatus.INSUFFICIENT_STORAGE)
        finally:
            expected.is_busy = False
        return web.Response()

    post = put


async def _body(request: web.Request) -> tuple[str | None, AsyncIterator[bytes]]:
    """Return the name and the content of the first file in a form, or of a request as a whole."""
    if not request.content_type.startswith("multipart/"):
        return None, request.content.iter_chunked(_CHUNK)
    async for part in await request.multipart():
        if isinstance(part, BodyPartReader) and part.filename is not None:
            return part.filename, _chunks(part)
    raise ValueError("a form without a file")


async def _chunks(part: BodyPartReader) -> AsyncIterator[bytes]:
    while chunk := await part.read_chunk(_CHUNK):
        yield chunk


def _create(part: Path) -> BinaryIO:
    part.parent.mkdir(parents=True, exist_ok=True)
    return part.open("wb")


def _keep(file: BinaryIO, part: Path, path: Path) -> None:
    file.close()
    part.replace(path)


def _discard(file: BinaryIO, part: Path) -> None:
    file.close()
    part.unlink(missing_ok=True)
