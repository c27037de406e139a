"""The host's TCP port: framings, limits, silence, faults."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import sqlite3
import ssl
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
from tillbench.host.acquirer import alertness
from tillbench.host.acquirer.business import Outcome, Taking
from tillbench.host.acquirer.monitor import Monitor
from tillbench.host.acquirer.peer import MOST_IN_FLIGHT
from tillbench.host.acquirer.server import Manners, Server, serve
from tillbench.protocols.iso8583 import UNIONPAY
from tillbench.protocols.iso8583.lines import LINES, Line

from .acquirer_ports import SERIAL, UNION, code_of_answer, connected, framed, play, signed_on
from .acquirer_till import UNIONPAY_CARD, Bench, Chip, file_url


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


def test_a_line_that_is_alone_is_answered_before_the_loop_turns() -> None:
    async def scene(bench: Bench, server: Server) -> None:
        till, chip = signed_on(bench), Chip(UNIONPAY_CARD)
        line, other = server.peer(), server.peer()
        transports = [Mock(asyncio.Transport, is_closing=Mock(return_value=False)) for _ in range(2)]
        line.connection_made(transports[0])
        line.data_received(till.frame(till.sale_message(chip, 100)))
        assert transports[0].write.call_count == 1
        other.connection_made(transports[1])
        line.data_received(till.frame(till.sale_message(chip, 100)))
        assert transports[0].write.call_count == 1, "the other line may have brought a message too"
        await asyncio.sleep(0)
        assert transports[0].write.call_count == 2
        for each in line, other:
            each.connection_lost(None)

    play(scene)


def test_a_peer_that_stops_reading_while_it_is_caught_up_with_is_not_read_from() -> None:
    async def scene(bench: Bench, server: Server) -> None:
        till = signed_on(bench)
        echo = till.frame(till.message("0820", {60: "00000000301"}))
        line = server.peer()
        transport = Mock(asyncio.Transport, is_closing=Mock(return_value=False))
        line.connection_made(transport)
        line.pause_writing()
        line.data_received(echo * (MOST_IN_FLIGHT + 2))
        assert transport.write.call_count == MOST_IN_FLIGHT
        transport.write.side_effect = lambda _: line.pause_writing()
        line.resume_writing()
        assert transport.write.call_count == MOST_IN_FLIGHT + 2
        assert transport.resume_reading.call_count == 0
        transport.write.side_effect = None
        line.resume_writing()
        assert transport.resume_reading.call_count == 1
        line.connection_lost(None)

    play(scene)


def test_a_flood_on_one_line_comes_before_no_other_line() -> None:
    count = 1500

    async def scene(bench: Bench, server: Server) -> None:
        till = signed_on(bench)
        echo = till.frame(till.message("0820", {60: "00000000301"}))
        async with connected(server) as (flood, flooder), connected(server) as (reader, writer):
            flooder.write(echo * count)
            flooder.write_eof()
            chip = Chip(UNIONPAY_CARD)
            for _ in range(4):
                writer.write(till.frame(till.sale_message(chip, 100)))
                assert await code_of_answer(UNION, reader) == "00"
            answers = await flood.read()
        assert answers.count(bytes.fromhex("0830")) == count
        sales = [0, *(exchange.number for exchange in bench.acquirer.journal("0200"))]
        assert max(after - before for before, after in itertools.pairwise(sales)) < 8 * MOST_IN_FLIGHT, (
            "each waits for a few groups"
        )
        assert sales[-1] < count, "they were among it, not after it"

    play(scene)


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


def test_a_terminal_that_speaks_tls_where_there_is_none_is_told_as_such(caplog: pytest.LogCaptureFixture) -> None:
    context = ssl.create_default_context()

    async def scene(bench: Bench, server: Server) -> None:
        with pytest.raises(ConnectionError):
            await asyncio.open_connection("127.0.0.1", server.port, ssl=context, server_hostname="acquirer")

    play(scene)
    assert "expected length 11..4096, found 5635: a TLS handshake, and this port speaks without TLS" in caplog.text


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


def test_a_line_that_is_waited_for_sees_what_others_write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its books are opened ahead, and another process changes them, or other lines come, before it asks again."""
    monkeypatch.setattr(alertness, "AWAKE_S", 60.0)
    bench = Bench(file_url(tmp_path))

    async def scene(bench: Bench, server: Server) -> None:
        till, chip = signed_on(bench), Chip(UNIONPAY_CARD)
        writer_of_books: Any = bench.acquirer.ledger._writer
        with contextlib.closing(sqlite3.connect(tmp_path / "ledger.db", timeout=0)) as other:
            async with connected(server) as (reader, writer):

                async def sale() -> str:
                    writer.write(till.frame(till.sale_message(chip, 100)))
                    return await code_of_answer(UNION, reader)

                async def opened_ahead() -> None:
                    while not writer_of_books._cursor.connection.in_transaction:
                        await asyncio.sleep(0)

                assert [await sale(), await sale()] == ["00", "00"]
                await opened_ahead()
                with other:
                    other.execute("UPDATE cards SET status = 'stolen'")
                assert [await sale(), await sale()] == ["43", "43"]  # the first found books that another had written
                await opened_ahead()
                with other:
                    other.execute("UPDATE cards SET status = 'active'")
                assert [await sale(), await sale()] == ["00", "00"]
                await opened_ahead()
                async with connected(server) as (second_reader, second_writer):
                    second_writer.write(till.frame(till.sale_message(chip, 100)))
                    assert await code_of_answer(UNION, second_reader) == "00"
                    assert await sale() == "00"
            async with connected(server) as (reader, writer):
                writer.write(till.frame(till.sale_message(chip, 100)))
                assert await code_of_answer(UNION, reader) == "00"
                await opened_ahead()
        assert [row.response_code for row in bench.acquirer.ledger.transactions()] == [
            *["00"] * 2,
            *["43"] * 2,
            *["00"] * 5,
        ]

    play(scene, bench=bench)
    ended: Any = bench.acquirer.ledger._writer
    assert not ended._cursor.connection.in_transaction, "nobody is there to wait for"
    bench.acquirer.close()
    assert bench.acquirer.ledger.balance(UNIONPAY_CARD.pan) == UNIONPAY_CARD.balance - 700
