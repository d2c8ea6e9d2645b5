"""Which version of OCPP a station is spoken to in."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from aiohttp import web

from .connection import Connection
from .v2.versions import Connection21, Connection201
from .v16.connection import Connection16

_VERSIONS: Final[tuple[type[Connection], ...]] = (Connection21, Connection201, Connection16)
"""The best first."""
_UNNAMED: Final = Connection16
"""What a station speaks that names no version."""
SPOKEN: Final = tuple(version.subprotocol for version in _VERSIONS)
NAMES: Final = {
    "v16": Connection16.subprotocol,
    "v201": Connection201.subprotocol,
    "v21": Connection21.subprotocol,
}
"""Names of the versions in what people choose from."""


class Choice(NamedTuple):
    """A version, and its name as the station wrote it; None where it named none."""

    version: type[Connection]
    offer: str | None


def offers_of(request: web.Request) -> list[str]:
    """Return the subprotocols that a station offers."""
    headers = request.headers.getall("Sec-WebSocket-Protocol", [])
    return [offer.strip() for header in headers for offer in header.split(",") if offer.strip()]


def choose(offers: Sequence[str], only: str | None = None) -> Choice | None:
    """Return the best version on offer, or the only one that is wanted; None without either."""
    wanted = [version for version in _VERSIONS if only in {None, version.subprotocol}]
    if not offers:
        return Choice(_UNNAMED if only is None else wanted[0], None)
    by_name = {offer.lower(): offer for offer in reversed(offers)}
    return next(
        (
            Choice(version, by_name[version.subprotocol])
            for version in wanted
            if version.subprotocol in by_name
        ),
        None,
    )
