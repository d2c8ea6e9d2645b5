"""Encryption of the central system's own port (security profiles 2 and 3)."""

import logging
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final, override

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import load_pem_private_key

_LOGGER = logging.getLogger(__name__)

_CIPHERS: Final = "ECDHE+AESGCM:AES128-GCM-SHA256:AES256-GCM-SHA384"
"""OCPP wants static RSA as well, which contexts do not offer by themselves (A00.FR.318)."""

_NAMES: Final = frozenset({"commonName", "serialNumber"})


class TlsError(Exception):
    """A file for the encryption cannot be used; `key` says why."""

    def __init__(self, key: str, path: Path) -> None:
        super().__init__(f"{path}: {key}")
        self.key = key
        self.path = path


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """Files in PEM form: the server's chain and key, and who signs the chargers' certificates."""

    certificate: Path
    key: Path
    client_ca: Path | None = None


@dataclass(frozen=True, slots=True)
class Tls:
    """What a listener needs for encryption, and until when its certificate is valid."""

    context: ssl.SSLContext
    expires: datetime

    @property
    def demands_certificates(self) -> bool:
        """Return whether chargers have to show a certificate."""
        return self.context.verify_mode is ssl.CERT_REQUIRED


class _Handshake(ssl.SSLObject):
    """Says why a handshake fails, once per reason: asyncio keeps that to itself."""

    context: _Context

    @override
    def do_handshake(self) -> None:
        try:
            super().do_handshake()
        except ssl.SSLWantReadError, ssl.SSLWantWriteError, ssl.SSLSyscallError:
            raise
        except ssl.SSLError as error:
            self.context.complain(_reason(error))
            raise


class _Context(ssl.SSLContext):
    """A context of a server."""

    sslobject_class = _Handshake

    def __init__(self, _: int) -> None:
        super().__init__()
        self._complaints: set[str] = set()

    def complain(self, reason: str) -> None:
        """Log why a peer was refused, unless that was logged before."""
        if reason not in self._complaints:
            self._complaints.add(reason)
            _LOGGER.warning("A peer was refused at the encrypted port: %s", reason)


def load_tls(files: TlsFiles) -> Tls:
    """Read the files; this blocks. Raises TlsError."""
    certificate = _read_certificates(files.certificate)[0]
    _check_key(files.key, certificate)
    context = _Context(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(_CIPHERS)
    # A resumed session would not show its certificate anew
    context.options |= ssl.OP_NO_TICKET
    context.num_tickets = 0
    try:
        context.load_cert_chain(files.certificate, files.key)
    except ssl.SSLError as error:
        raise TlsError("tls_certificate_unusable", files.certificate) from error
    if files.client_ca is not None:
        _read_certificates(files.client_ca)
        context.load_verify_locations(files.client_ca)
        context.verify_mode = ssl.CERT_REQUIRED
    return Tls(context, certificate.not_valid_after_utc)


def names_in(certificate: Mapping[str, Any]) -> set[str]:
    """Return the names of whom a peer's certificate was made for, its serial number included."""
    return {
        value for names in certificate.get("subject", ()) for kind, value in names if kind in _NAMES
    }


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise TlsError("tls_file_missing", path) from error


def _read_certificates(path: Path) -> list[x509.Certificate]:
    try:
        return x509.load_pem_x509_certificates(_read(path))
    except ValueError as error:
        raise TlsError("tls_certificate_unusable", path) from error


def _check_key(path: Path, certificate: x509.Certificate) -> None:
    try:
        key = load_pem_private_key(_read(path), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise TlsError("tls_key_unusable", path) from error
    if key.public_key() != certificate.public_key():
        raise TlsError("tls_key_mismatch", path)


def _reason(error: ssl.SSLError) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return error.verify_message
    return error.reason.lower().replace("_", " ") if error.reason else "handshake failed"
