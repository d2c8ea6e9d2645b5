"""Files that go to and from a station by HTTP."""

from http import HTTPStatus
from typing import Final

import aiohttp

_TIMEOUT: Final = aiohttp.ClientTimeout(total=30)


class TransferFailed(Exception):
    """A file could not be fetched or brought away."""


async def fetch(location: str) -> bytes:
    """Return the file at a location. Raises TransferFailed."""
    try:
        async with aiohttp.ClientSession(timeout=_TIMEOUT) as session, session.get(location) as got:
            got.raise_for_status()
            return await got.read()
    except (aiohttp.ClientError, TimeoutError, ValueError) as error:
        raise TransferFailed(str(error)) from error


async def bring(location: str, file_name: str, text: str) -> None:
    """Put a file at a location, or into it if it ends with a slash. Raises TransferFailed.

    A server that does not let itself be PUT to gets a POST.
    """
    target = f"{location}{file_name}" if location.endswith("/") else location
    try:
        async with aiohttp.ClientSession(timeout=_TIMEOUT) as session:
            async with session.put(target, data=text) as answer:
                if answer.status != HTTPStatus.METHOD_NOT_ALLOWED:
                    answer.raise_for_status()
                    return
            async with session.post(target, data=text) as answer:
                answer.raise_for_status()
    except (aiohttp.ClientError, TimeoutError, ValueError) as error:
        raise TransferFailed(str(error)) from error
