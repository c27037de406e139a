"""The host's TLS port: versions, mutual, strangers, certificates."""

from __future__ import annotations

import contextlib
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from tillbench.host.acquirer.certificates import Certificates, make
from tillbench.host.acquirer.server import Manners, Server
from tillbench.host.acquirer.tls import TlsError, server_context

from .acquirer_ports import UNION, code_of_answer, connected, play, signed_on
from .acquirer_till import UNIONPAY_CARD, Bench, Chip


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return make(tmp_path_factory.mktemp("tls"), ("localhost", "127.0.0.1"), 30)


@pytest.fixture(scope="module")
def strangers(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return make(tmp_path_factory.mktemp("strangers"), ("localhost",), 30)


def client(trusted: Certificates, version: ssl.TLSVersion, own: Certificates | None = None) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=str(trusted.authority))
    context.minimum_version = context.maximum_version = version
    if own:
        context.load_cert_chain(own.terminal.certificate, own.terminal.key)
    return context


def secure(certificates: Certificates, *, mutual: bool = False) -> Manners:
    pair = certificates.host
    return Manners(tls=server_context(pair.certificate, pair.key, certificates.authority if mutual else None))


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
@pytest.mark.parametrize("mutual", [False, True])
def test_a_sale_over_tls(certificates: Certificates, version: ssl.TLSVersion, mutual: bool) -> None:
    async def scene(bench: Bench, server: Server) -> None:
        till = signed_on(bench)
        context = client(certificates, version, certificates if mutual else None)
        async with connected(server, ssl=context, server_hostname="localhost") as (reader, writer):
            spoken = writer.get_extra_info("ssl_object").version()
            assert spoken == {ssl.TLSVersion.TLSv1_2: "TLSv1.2", ssl.TLSVersion.TLSv1_3: "TLSv1.3"}[version]
            writer.write(till.frame(till.sale_message(Chip(UNIONPAY_CARD), 100)))
            assert await code_of_answer(UNION, reader) == "00"

    play(scene, secure(certificates, mutual=mutual))


def test_a_terminal_without_a_certificate_of_the_authority_is_not_let_in(
    certificates: Certificates, strangers: Certificates
) -> None:
    async def scene(bench: Bench, server: Server) -> None:
        for own in (None, strangers):
            context = client(certificates, ssl.TLSVersion.TLSv1_2, own)
            with pytest.raises((ssl.SSLError, ConnectionError)):
                async with connected(server, ssl=context, server_hostname="localhost"):
                    pass
        assert server.lines == 0

    play(scene, secure(certificates, mutual=True))


def test_a_host_of_another_authority_is_not_believed(certificates: Certificates, strangers: Certificates) -> None:
    async def scene(bench: Bench, server: Server) -> None:
        context = client(strangers, ssl.TLSVersion.TLSv1_3)
        with pytest.raises(ssl.SSLCertVerificationError):
            async with connected(server, ssl=context, server_hostname="localhost"):
                pass

    play(scene, secure(certificates))


def test_plain_bytes_on_a_tls_port_end_their_line_only(certificates: Certificates) -> None:
    async def scene(bench: Bench, server: Server) -> None:
        till = signed_on(bench)
        async with connected(server) as (reader, writer):
            writer.write(b"GET / HTTP/1.1\r\n\r\n")
            with contextlib.suppress(ConnectionResetError):
                await reader.read()
        context = client(certificates, ssl.TLSVersion.TLSv1_3)
        async with connected(server, ssl=context, server_hostname="localhost") as (reader, writer):
            writer.write(till.frame(till.sale_message(Chip(UNIONPAY_CARD), 100)))
            assert await code_of_answer(UNION, reader) == "00"

    play(scene, secure(certificates))


def test_certificates_say_what_they_are(certificates: Certificates) -> None:
    read = [x509.load_pem_x509_certificate(path.read_bytes()) for path in certificates.all if path.suffix == ".pem"]
    authority, host, terminal = read
    for certificate in read:
        assert "TEST" in certificate.subject.rfc4514_string()
        certificate.verify_directly_issued_by(authority)
        assert certificate.not_valid_after_utc - datetime.now(UTC) < timedelta(days=31)
    assert authority.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    assert not host.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    assert host.public_key() != terminal.public_key()
    for pair in (certificates.host, certificates.terminal):
        assert pair.key.stat().st_mode & 0o077 == 0


def test_a_certificate_that_cannot_be_used_is_told(certificates: Certificates, tmp_path: Path) -> None:
    with pytest.raises(TlsError, match=r"none\.pem.*No such file"):
        server_context(tmp_path / "none.pem", certificates.host.key)
    with pytest.raises(TlsError, match=r"terminal\.key"):
        server_context(certificates.host.certificate, certificates.terminal.key)
    with pytest.raises(TlsError, match=r"host\.key"):
        server_context(certificates.host.certificate, certificates.host.key, certificates.host.key)
