"""What a station must show before it is let in."""

import base64
import binascii
import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import unquote_to_bytes

SHORTEST_PASSWORD: Final = 8
LONGEST_PASSWORD: Final = 64

_HEX_KEY: Final = re.compile(r"(?:[0-9A-Fa-f]{2}){16,}")
"""An AuthorizationKey of 16 bytes or more as a person may enter it (OCPP 1.6 whitepaper, 2.1)."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """What is known of a station; without a password it may show any or none."""

    password: str | None = field(default=None, repr=False)
    any_certificate: bool = False
    """Whether its certificate may be made out to another name."""

    def admit(self, station_id: str, login: Login) -> bool:
        """Return whether a login is this station's, in a time that tells nothing of the password.

        The user is the station id, also percent-encoded; an id with a colon has to be.
        """
        identity = station_id.encode()
        users = [
            hmac.compare_digest(user, identity)
            for user in (login.user, unquote_to_bytes(login.user))
        ]
        passwords = [hmac.compare_digest(login.password, known) for known in self._passwords()]
        return any(users) & any(passwords)

    def _passwords(self) -> list[bytes]:
        if self.password is None:
            return []
        text = self.password.encode()
        if _HEX_KEY.fullmatch(self.password):
            return [text, bytes.fromhex(self.password)]
        return [text]


@dataclass(frozen=True, slots=True)
class Login:
    """User and password of a request; both are bytes, because keys need not be text."""

    user: bytes
    password: bytes = field(repr=False)


def is_password(text: str) -> bool:
    """Return whether a charger can be given this password."""
    return SHORTEST_PASSWORD <= len(text) <= LONGEST_PASSWORD and text.isprintable()


def read_login(headers: Sequence[str]) -> Login | None:
    """Return what the Authorization headers of a request say; None if they make no sense."""
    if len(headers) != 1:
        return None
    scheme, _, token = headers[0].strip().encode(errors="surrogateescape").partition(b" ")
    if scheme.lower() != b"basic":
        return None
    try:
        decoded = base64.b64decode(token.strip(), validate=True)
    except binascii.Error:
        return None
    user, colon, password = decoded.partition(b":")
    return Login(user, password) if colon else None
