"""TLS for the host's port: 1.2 and 1.3, the host's certificate, and the terminals' where they are asked for."""

import ssl
from pathlib import Path


class TlsError(ValueError):
    """A certificate, a key or a list of authorities cannot be used; the text names the file."""


def server_context(certificate: Path, key: Path, terminal_ca: Path | None = None) -> ssl.SSLContext:
    """For a port that shows `certificate`, and with `terminal_ca` takes only terminals certified by it (mutual TLS).

    All are PEM files. Raises TlsError.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    _load(f"{certificate}, {key}", lambda: context.load_cert_chain(certificate, key, password=_no_password))
    if terminal_ca is not None:
        _load(str(terminal_ca), lambda: context.load_verify_locations(terminal_ca))
        context.verify_mode = ssl.CERT_REQUIRED
    return context


def _load(files: str, load: object) -> None:
    assert callable(load)
    try:
        load()
    except (ssl.SSLError, OSError) as error:
        raise TlsError(f"{files}: {error.strerror or error}") from None


def _no_password() -> str:
    """Asked of an encrypted key, so that nobody is asked on a terminal."""
    return ""
