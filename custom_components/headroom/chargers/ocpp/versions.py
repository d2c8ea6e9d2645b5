"""Which version of OCPP a station is spoken to in."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from aiohttp import web

from .connection import Connection
from .v16.connection import Connection16

_VERSIONS: Final[tuple[type[Connection], ...]] = (Connection16,)
"""The best first."""
SPOKEN: Final = tuple(version.subprotocol for version in _VERSIONS)


class Choice(NamedTuple):
    """A version, and its name as the station wrote it; None where it named none."""

    version: type[Connection]
    offer: str | None


def offers_of(request: web.Request) -> list[str]:
    """Return the subprotocols that a station offers."""
    headers = request.headers.getall("Sec-WebSocket-Protocol", [])
    return [offer.strip() for header in headers for offer in header.split(",") if offer.strip()]


def choose(offers: Sequence[str]) -> Choice | None:
    """Return the best version on offer; without any offer a station speaks OCPP 1.6."""
    if not offers:
        return Choice(Connection16, None)
    by_name = {offer.lower(): offer for offer in reversed(offers)}
    return next(
        (
            Choice(version, by_name[version.subprotocol])
            for version in _VERSIONS
            if version.subprotocol in by_name
        ),
        None,
    )
