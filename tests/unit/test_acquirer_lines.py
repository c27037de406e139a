"""The host's ports: framings, limits, silence, TLS, a serial line, and what is told of them."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import pty
import sqlite3
import ssl
import urllib.error
import urllib.request
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from tillbench.host.acquirer.business import Outcome, Taking
from tillbench.host.acquirer.certificates import Certificates, make
from tillbench.host.acquirer.monitor import Monitor
from tillbench.host.acquirer.serial_line import SerialLine
from tillbench.host.acquirer.server import CannotListen, Manners, Server, serve
from tillbench.host.acquirer.service import JsonFormatter
from tillbench.host.acquirer.tls import TlsError, server_context
from tillbench.host.acquirer.watch_port import WatchPort
from tillbench.protocols.iso8583 import UNIONPAY
from tillbench.protocols.iso8583.lines import LINES, Line

from .acquirer_till import HEADER, TPDU, UNIONPAY_CARD, Bench, Chip, Till, file_url

UNION = LINES["unionpay"]
SERIAL = LINES["unionpay-serial"]
Scene = Callable[[Bench, Server], Awaitable[None]]


def play(scene: Scene, manners: Manners | None = None, monitor: Monitor | None = None) -> None:
    async def whole() -> None:
        bench = Bench()
        server = await serve(bench.acquirer, port=0, manners=manners, monitor=monitor)
        try:
            await scene(bench, server)
        finally:
            await server.close()

    asyncio.run(asyncio.wait_for(whole(), 30))


@contextlib.asynccontextmanager
async def connected(server: Server, **tls: object):  # type: ignore[no-untyped-def]
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port, **tls)  # type: ignore[arg-type]
    try:
        yield reader, writer
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


def signed_on(bench: Bench) -> Till:
    till = Till(bench.acquirer.connect())
    till.sign_on()
    return till


def framed(line: Line, body: bytes) -> bytes:
    return line.build(body, TPDU if line.tpdu else b"", bytes.fromhex(HEADER) if line.header else b"")


async def code_of_answer(line: Line, reader: asyncio.StreamReader) -> str:
    data = b""
    while (size := line.frame_size(data)) is None or len(data) < size:
        more = await reader.read(1)
        assert more, f"the line ended after {data.hex()}"
        data += more
    return UNIONPAY.decode(line.parse(data).body).text(39)


@pytest.mark.parametrize(
    "line",
    [UNION, SERIAL, *(LINES[name] for name in ("binary2", "binary2-whole", "binary4", "ascii4", "bcd2"))],
)
def test_every_framing(line: Line) -> None:
    async def scene(bench: Bench, server: Server) -> None:
        till = signed_on(bench)
        async with connected(server) as (reader, writer):
            for _ in range(2):
                writer.write(framed(line, till.body(till.sale_message(Chip(UNIONPAY_CARD), 100))))
            assert await code_of_answer(line, reader) == "00"
            assert await code_of_answer(line, reader) in ("00", "05")  # a new chip with an old counter

    play(scene, Manners(line=line))


def test_a_line_without_lengths_is_refused() -> None:
    with pytest.raises(ValueError, match="without lengths"):
        Server(Bench().acquirer, manners=Manners(line=LINES["bare"])).peer()


def test_many_requests_in_flight_on_one_line_are_answered_in_order() -> None:
    async def scene(bench: Bench, server: Server) -> None:
        till, chip = signed_on(bench), Chip(UNIONPAY_CARD)
        sales = [till.sale_message(chip, 100) for _ in range(80)]
        async with connected(server) as (reader, writer):
            writer.write(b"".join(till.frame(sale) for sale in sales))
            stans = []
            for _ in sales:
                head = await reader.readexactly(2)
                stans.append(UNIONPAY.decode((await reader.readexactly(int.from_bytes(head, "big")))[11:])[11])
        assert stans == [sale[11] for sale in sales]

    monitor = Monitor()
    play(scene, monitor=monitor)
    groups = monitor.registry.get_sample_value("tillbench_group_messages_count")
    assert groups is not None
    assert groups < 40, "messages that wait together share a commit"


def test_a_connection_for_each_message() -> None:
    async def scene(bench: Bench, server: Server) -> None:
        till, chip = signed_on(bench), Chip(UNIONPAY_CARD)
        for _ in range(5):
            async with connected(server) as (reader, writer):
                writer.write(till.frame(till.sale_message(chip, 100)))
                writer.write_eof()
                assert await code_of_answer(UNION, reader) == "00"
                assert await reader.read() == b""

    play(scene)


def test_one_connection_too_many_is_closed_at_once(caplog: pytest.LogCaptureFixture) -> None:
    async def scene(bench: Bench, server: Server) -> None:
        till = signed_on(bench)
        async with connected(server) as (reader, writer):
            writer.write(till.frame(till.sale_message(Chip(UNIONPAY_CARD), 100)))
            assert await code_of_answer(UNION, reader) == "00"
            async with connected(server) as (other, _):
                with contextlib.suppress(ConnectionResetError):
                    assert await other.read() == b""
            writer.write(till.frame(till.sale_message(Chip(UNIONPAY_CARD, atc=9), 100)))
            assert await code_of_answer(UNION, reader) == "00"

    monitor = Monitor()
    play(scene, Manners(most_lines=1), monitor)
    assert "line refused: 1 are open" in caplog.text
    assert monitor.registry.get_sample_value("tillbench_lines_refused_total", {"reason": "limit"}) == 1


def test_silence_and_bytes_that_make_no_message_end_a_line(caplog: pytest.LogCaptureFixture) -> None:
    async def scene(bench: Bench, server: Server) -> None:
        async with connected(server) as (silent, _), connected(server) as (slow, writer):
            writer.write(b"\x00\xf0\x60")
            for reader in (silent, slow):
                with contextlib.suppress(ConnectionResetError):
                    assert await reader.read() == b""

    play(scene, Manners(idle_s=0.05))
    assert caplog.text.count("no message for 0.05 s") == 2


def test_a_peer_that_does_not_read_holds_up_nobody() -> None:
    async def scene(bench: Bench, server: Server) -> None:
        till, chip = signed_on(bench), Chip(UNIONPAY_CARD)
        frame = till.frame(till.sale_message(chip, 100))
        async with connected(server) as (_, deaf), connected(server) as (reader, writer):
            deaf.write(frame * 100)
            writer.write(till.frame(till.sale_message(chip, 100)))
            assert await code_of_answer(UNION, reader) == "00"

    play(scene)


def test_a_longer_frame_than_allowed_is_told_with_its_place(caplog: pytest.LogCaptureFixture) -> None:
    async def scene(bench: Bench, server: Server) -> None:
        async with connected(server) as (reader, writer):
            writer.write(b"\x02\x00")
            assert await reader.read() == b""

    play(scene, Manners(line=replace(UNION, largest=511)))
    assert "closed: length at byte 0: expected length 11..511, found 512" in caplog.text


def test_a_fault_of_the_host_ends_its_lines_and_no_others(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def scene(bench: Bench, server: Server) -> None:
        till, chip = signed_on(bench), Chip(UNIONPAY_CARD)
        at_once = Taking.at_once
        faults = iter([RuntimeError("a fault of the host")])

        def faulty(taking: Taking) -> list[Outcome] | None:
            for fault in faults:
                raise fault
            return at_once(taking)

        monkeypatch.setattr(Taking, "at_once", faulty)
        async with connected(server) as (reader, writer):
            writer.write(till.frame(till.sale_message(chip, 100)))
            with contextlib.suppress(ConnectionResetError):
                assert await reader.read() == b""
        async with connected(server) as (reader, writer):
            writer.write(till.frame(till.sale_message(chip, 100)))
            assert await code_of_answer(UNION, reader) == "00"

    play(scene)
    assert "a group of 1 messages failed" in caplog.text


# TLS


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


# Serial


class SerialEnd:
    """A terminal's end of a serial line: the master of a pty."""

    def __init__(self, fd: int) -> None:
        self.fd = fd

    def send(self, data: bytes) -> None:
        os.write(self.fd, data)

    async def frame(self) -> bytes:
        """The next frame of `SERIAL`."""
        data = b""
        while (size := SERIAL.frame_size(data)) is None or len(data) < size:
            data += await self._some()
        return data

    async def _some(self) -> bytes:
        loop, arrived = asyncio.get_running_loop(), asyncio.Event()
        loop.add_reader(self.fd, arrived.set)
        try:
            await arrived.wait()
        finally:
            loop.remove_reader(self.fd)
        return os.read(self.fd, 1)


def on_serial(scene: Callable[[Bench, SerialEnd], Awaitable[None]]) -> None:
    async def whole() -> None:
        bench = Bench()
        server = Server(bench.acquirer)
        master, slave = pty.openpty()
        try:
            line = SerialLine(os.ttyname(slave), 9600, lambda: server.peer(SERIAL))
            await scene(bench, SerialEnd(master))
            line.stop()
        finally:
            os.close(master)
            os.close(slave)

    asyncio.run(asyncio.wait_for(whole(), 30))


def serial_sale(till: Till, chip: Chip) -> bytes:
    return framed(SERIAL, till.body(till.sale_message(chip, 100)))


def code(frame: bytes) -> str:
    return UNIONPAY.decode(SERIAL.parse(frame).body).text(39)


def test_a_sale_over_a_serial_line() -> None:
    async def scene(bench: Bench, end: SerialEnd) -> None:
        till, chip = signed_on(bench), Chip(UNIONPAY_CARD)
        for _ in range(2):
            end.send(serial_sale(till, chip))
            assert code(await end.frame()) == "00"

    on_serial(scene)


def test_noise_and_a_wrong_lrc_cost_their_own_frame(caplog: pytest.LogCaptureFixture) -> None:
    async def scene(bench: Bench, end: SerialEnd) -> None:
        till, chip = signed_on(bench), Chip(UNIONPAY_CARD)
        spoilt = bytearray(serial_sale(till, chip))
        spoilt[-1] ^= 0xFF
        end.send(b"\xffnoise" + bytes(spoilt) + serial_sale(till, chip))
        assert code(await end.frame()) == "00"
        assert len(bench.acquirer.journal("0200")) == 1

    on_serial(scene)
    assert "frame dropped: STX at byte 0: expected 02, found FF" in caplog.text
    assert "frame dropped: LRC at byte " in caplog.text


def test_half_a_frame_and_a_silence_is_forgotten(caplog: pytest.LogCaptureFixture) -> None:
    async def scene(bench: Bench, end: SerialEnd) -> None:
        till, chip = signed_on(bench), Chip(UNIONPAY_CARD)
        line = Server(bench.acquirer).peer(SERIAL)
        line.data_received(serial_sale(till, chip)[:100])
        line.silence()
        end.send(serial_sale(till, chip))
        assert code(await end.frame()) == "00"

    on_serial(scene)
    assert "100 bytes of an unfinished frame dropped" in caplog.text


def test_a_rule_that_hangs_up_leaves_the_port_open() -> None:
    async def scene(bench: Bench, end: SerialEnd) -> None:
        till, chip = signed_on(bench), Chip(UNIONPAY_CARD)
        bench.acquirer.rules.drop("0200")
        end.send(serial_sale(till, chip) + serial_sale(till, chip))
        end.send(serial_sale(till, chip))
        assert code(await end.frame()) == "00"

    on_serial(scene)


def test_a_port_that_cannot_be_opened_is_told() -> None:
    async def whole() -> None:
        with pytest.raises(CannotListen, match="cannot open /dev/none: No such file or directory"):
            SerialLine("/dev/none", 9600, lambda: pytest.fail("no peer without a port"))

    asyncio.run(whole())


# Watching


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[tuple[Bench, Monitor, WatchPort]]:
    bench, monitor = Bench(file_url(tmp_path)), Monitor()
    port = WatchPort(monitor, bench.acquirer.ledger.trouble, "127.0.0.1", 0)
    yield bench, monitor, port
    port.close()
    bench.acquirer.close()


def got(port: WatchPort, path: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port.port}{path}", timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def test_health(watched: tuple[Bench, Monitor, WatchPort]) -> None:
    bench, _, port = watched
    assert got(port, "/health") == (200, '{"status": "ok", "trouble": ""}\n')
    with bench.acquirer.ledger.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE terminals RENAME TO lost")
    status, text = got(port, "/health")
    assert (status, json.loads(text)["trouble"]) == (503, "no such table: terminals")


def test_health_waits_for_no_writer(watched: tuple[Bench, Monitor, WatchPort]) -> None:
    bench, _, port = watched
    with bench.acquirer.ledger.engine.begin():
        assert got(port, "/health")[0] == 200


def test_metrics(watched: tuple[Bench, Monitor, WatchPort]) -> None:
    _, monitor, port = watched
    monitor.answered("0200", "00", 0.003)
    monitor.answered("0200", "00", 0.3)
    monitor.answered("zz; DROP", "", 0.3)
    monitor.group_taken(2)
    status, text = got(port, "/metrics")
    assert status == 200
    assert 'tillbench_messages_total{code="00",mti="0200"} 2.0' in text
    assert 'tillbench_messages_total{code="none",mti="other"} 1.0' in text
    assert 'tillbench_message_seconds_bucket{le="0.005"} 1.0' in text
    assert got(port, "/")[0] == 404


def test_a_taken_watch_port_is_told(watched: tuple[Bench, Monitor, WatchPort]) -> None:
    bench, monitor, port = watched
    with pytest.raises(CannotListen, match="the port is taken"):
        WatchPort(monitor, bench.acquirer.ledger.trouble, "127.0.0.1", port.port)


def test_the_transaction_line_has_who_what_how_much_and_how_long(caplog: pytest.LogCaptureFixture) -> None:
    async def scene(bench: Bench, server: Server) -> None:
        till = signed_on(bench)
        async with connected(server) as (reader, writer):
            writer.write(till.frame(till.sale_message(Chip(UNIONPAY_CARD), 12_34, pin="123456")))
            assert await code_of_answer(UNION, reader) == "00"

    with caplog.at_level(logging.INFO, "tillbench.acquirer"):
        play(scene)
    line = caplog.messages[-1]
    assert line.startswith("12345678 000002 0200 620000******0005 12.34 -> 00 ")
    assert line.endswith(" ms")


def test_a_json_log_line() -> None:
    record = logging.LogRecord("tillbench.acquirer", logging.WARNING, "", 0, "line %s: closed", ("?",), None)
    row = json.loads(JsonFormatter().format(record))
    assert (row["level"], row["text"]) == ("warning", "line ?: closed")
    assert row["at"].endswith("+00:00")


def test_a_locked_database_holds_up_no_other_line(tmp_path: Path) -> None:
    """The books wait in a thread of their own: bytes that are no message are still refused at once."""

    async def whole() -> None:
        bench = Bench(file_url(tmp_path))
        till, chip = signed_on(bench), Chip(UNIONPAY_CARD)
        server = await serve(bench.acquirer, port=0)
        other_writer = sqlite3.connect(tmp_path / "ledger.db", isolation_level=None)
        async with connected(server) as (reader, writer):
            for locked in (False, True, True):
                if locked:
                    other_writer.execute("BEGIN IMMEDIATE")
                writer.write(till.frame(till.sale_message(chip, 100)))
                if locked:
                    await asyncio.wait_for(waiting(server), 20)
                    async with connected(server) as (third, nonsense):
                        nonsense.write(b"GET / HTTP/1.1\r\n\r\n")
                        assert await third.read() == b""
                    other_writer.execute("ROLLBACK")
                assert await code_of_answer(UNION, reader) == "00"
        other_writer.close()
        await server.close()
        bench.acquirer.close()

    async def waiting(server: Server) -> None:
        while server._groups._patient is None:
            await asyncio.sleep(0)

    asyncio.run(asyncio.wait_for(whole(), 30))
