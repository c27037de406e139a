"""Certificates for a lab: an authority of its own, one for the host, one for a terminal. For TLS, not for cards."""

import ipaddress
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

ORGANISATION = "tillbench TEST - not for production"
Key = ec.EllipticCurvePrivateKey


@dataclass(frozen=True)
class Pair:
    """A certificate and its key, as PEM files."""

    certificate: Path
    key: Path


@dataclass(frozen=True)
class Certificates:
    """Where they are. The authority's own key is thrown away once it has signed: nothing else can be made with it."""

    folder: Path

    @property
    def authority(self) -> Path:
        """The authority's certificate: what both ends trust."""
        return self.folder / "authority.pem"

    @property
    def host(self) -> Pair:
        return Pair(self.folder / "host.pem", self.folder / "host.key")

    @property
    def terminal(self) -> Pair:
        return Pair(self.folder / "terminal.pem", self.folder / "terminal.key")

    @property
    def all(self) -> list[Path]:
        """Every file."""
        pairs = (self.host, self.terminal)
        return [self.authority, *(path for pair in pairs for path in (pair.certificate, pair.key))]


def make(folder: Path, names: tuple[str, ...], days: int, now: datetime | None = None) -> Certificates:
    """Make a new set in `folder`, in place of one that is there.

    names: DNS names and IP addresses of the host, at least one. days: how long they are valid, from a day before
    `now`. Raises OSError; ValueError for a name that is none.
    """
    start = (now or datetime.now(UTC)) - timedelta(days=1)
    end = start + timedelta(days=days + 1)
    made = Certificates(folder)
    folder.mkdir(parents=True, exist_ok=True)
    authority_key = ec.generate_private_key(ec.SECP256R1())
    authority = _sign("test authority", authority_key, None, authority_key, start, end, [])
    _write(made.authority, authority.public_bytes(serialization.Encoding.PEM), 0o644)
    alternatives = x509.SubjectAlternativeName([_name(name) for name in names])
    for pair, title, extensions in (
        (made.host, names[0], [alternatives, x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])]),
        (made.terminal, "test terminal", [x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH])]),
    ):
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = _sign(title, key, authority, authority_key, start, end, extensions)
        _write(pair.certificate, certificate.public_bytes(serialization.Encoding.PEM), 0o644)
        _write(pair.key, _pem(key), 0o600)
    return made


def _sign(
    title: str,
    key: Key,
    issuer: x509.Certificate | None,
    issuer_key: Key,
    start: datetime,
    end: datetime,
    extensions: Sequence[x509.ExtensionType],
) -> x509.Certificate:
    """A certificate over `key`; without an issuer, that of an authority."""
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, ORGANISATION),
            x509.NameAttribute(NameOID.COMMON_NAME, title[:64]),
        ]
    )
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(end)
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=0 if issuer is None else None), True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), False)
        .add_extension(_usage(authority=issuer is None), True)
    )
    for extension in extensions:
        builder = builder.add_extension(extension, False)
    return builder.sign(issuer_key, hashes.SHA256())


def _usage(*, authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not authority,
        key_cert_sign=authority,
        crl_sign=authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _pem(key: Key) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _write(path: Path, data: bytes, mode: int) -> None:
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(data)
