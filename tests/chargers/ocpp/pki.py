"""Certificates that are made for a test."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID

type Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Made:
    """A certificate and its key, in memory and as files."""

    certificate: Path
    key: Path
    content: x509.Certificate
    private: Key


@dataclass(frozen=True)
class Authority:
    """Makes certificates; its files are in a folder."""

    folder: Path
    made: Made

    @classmethod
    def create(cls, folder: Path, name: str = "Authority") -> Authority:
        key = ec.generate_private_key(ec.SECP256R1())
        return cls(folder, make(folder, name, key, key, name))

    @property
    def certificate(self) -> Path:
        return self.made.certificate

    def issue(
        self,
        name: str,
        *,
        serial: str | None = None,
        expires: datetime | None = None,
        rsa_bits: int = 0,
        file: str | None = None,
    ) -> Made:
        """Make a certificate for a name and for this machine."""
        key: Key = ec.generate_private_key(ec.SECP256R1())
        if rsa_bits:
            key = rsa.generate_private_key(65537, rsa_bits)
        issuer = self.made.content.subject
        return make(
            self.folder, file or name, key, self.made.private, name, issuer, serial, expires
        )


def make(
    folder: Path,
    file: str,
    key: Key,
    signer: Key,
    name: str,
    issuer: x509.Name | None = None,
    serial: str | None = None,
    expires: datetime | None = None,
) -> Made:
    attributes = [x509.NameAttribute(NameOID.COMMON_NAME, name)]
    if serial is not None:
        attributes.append(x509.NameAttribute(NameOID.SERIAL_NUMBER, serial))
    subject = x509.Name(attributes)
    now = datetime.now(UTC)
    expires = expires or now + 365 * DAY
    address = x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))])
    content = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer or subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(min(now, expires) - 30 * DAY)
        .not_valid_after(expires)
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
        .add_extension(address, critical=False)
        .sign(signer, hashes.SHA256())
    )
    certificate, private = folder / f"{file}.pem", folder / f"{file}.key"
    certificate.write_bytes(content.public_bytes(Encoding.PEM))
    private.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return Made(certificate, private, content, key)


def lock(made: Made) -> None:
    """Encrypt a private key, as a person may do by mistake."""
    locked = made.private.private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"Sesame")
    )
    made.key.write_bytes(locked)
