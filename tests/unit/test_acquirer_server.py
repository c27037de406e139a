"""The host on TCP: real sockets on loopback; every wait is for bytes or for the end of a line."""

import asyncio
import logging
import signal
import socket
import subprocess
import sys
from collections.abc import Awaitable, Callable

import pytest
from tillbench.host.acquirer import TerminalSetup
from tillbench.host.acquirer.server import CannotListen, Server, serve
from tillbench.protocols.iso8583 import UNIONPAY, Message, framing

from .acquirer_till import MERCHANT, TMK, UNIONPAY_CARD, Bench, Chip, Till


class Wire:
    """A terminal's end of a TCP line."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    @classmethod
    async def open(cls, server: Server) -> "Wire":
        return cls(*await asyncio.open_connection("127.0.0.1", server.port))

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def receive(self) -> bytes:
        head = await self.reader.readexactly(2)
        return head + await self.reader.readexactly(int.from_bytes(head, "big"))

    async def answer(self) -> Message:
        (frame,) = framing.FrameReader().feed(await self.receive())
        return UNIONPAY.decode(frame.body)

    async def ended(self) -> bool:
        return await self.reader.read() == b""

    async def close(self) -> None:
        self.writer.close()
        await self.writer.wait_closed()


class Sleeper:
    """Delays that end when the test says so."""

    def __init__(self) -> None:
        self.asked: list[float] = []
        self.started = asyncio.Event()
        self.over = asyncio.Event()

    async def __call__(self, seconds: float) -> None:
        self.asked.append(seconds)
        self.started.set()
        await self.over.wait()


Scene = Callable[[Bench, Server, Sleeper], Awaitable[None]]


def play(scene: Scene) -> Bench:
    """Run a scene against a listening host and leave nothing behind."""
    bench = Bench()

    async def whole() -> None:
        sleeper = Sleeper()
        server = await serve(bench.acquirer, port=0, sleep=sleeper)
        try:
            await scene(bench, server, sleeper)
        finally:
            await server.close()

    asyncio.run(whole())
    return bench


def offline_till(bench: Bench, terminal_id: str = "12345678") -> Till:
    """A till to make frames with; its own line leads past the server."""
    till = Till(bench.acquirer.connect(), terminal_id)
    till.sign_on()
    return till


def test_a_sale_over_tcp() -> None:
    async def scene(bench: Bench, server: Server, _: Sleeper) -> None:
        till, wire = offline_till(bench), await Wire.open(server)
        await wire.send(till.frame(till.sale_message(Chip(UNIONPAY_CARD), 100)))
        assert (await wire.answer())[39] == "00"
        await wire.close()

    bench = play(scene)
    assert bench.acquirer.ledger.balance(UNIONPAY_CARD.pan) == UNIONPAY_CARD.balance - 100


def test_bytes_that_trickle_in_one_by_one() -> None:
    async def scene(bench: Bench, server: Server, _: Sleeper) -> None:
        till, wire = offline_till(bench), await Wire.open(server)
        for byte in till.frame(till.sale_message(Chip(UNIONPAY_CARD), 100)):
            await wire.send(bytes([byte]))
        assert (await wire.answer())[39] == "00"
        await wire.close()

    play(scene)


def test_half_a_frame_and_gone_harms_nobody(caplog: pytest.LogCaptureFixture) -> None:
    async def scene(bench: Bench, server: Server, _: Sleeper) -> None:
        till = offline_till(bench)
        half, whole = await Wire.open(server), await Wire.open(server)
        frame = till.frame(till.sale_message(Chip(UNIONPAY_CARD), 100))
        await half.send(frame[: len(frame) // 2])
        half.writer.write_eof()
        assert await half.ended()  # the host hangs up
        await half.close()
        await whole.send(frame)
        assert (await whole.answer())[39] == "00"
        await whole.close()

    play(scene)
    assert "bytes of an unfinished frame" in caplog.text


def test_a_line_that_is_reset_harms_nobody() -> None:
    async def scene(bench: Bench, server: Server, sleeper: Sleeper) -> None:
        till, chip = offline_till(bench), Chip(UNIONPAY_CARD)
        bench.acquirer.rules.delay("0200", 1)
        wire = await Wire.open(server)
        await wire.send(till.frame(till.sale_message(chip, 100)))
        await sleeper.started.wait()
        raw = wire.writer.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        wire.writer.transport.abort()  # a reset, while the answer still waits
        sleeper.over.set()
        other = await Wire.open(server)
        await other.send(till.frame(till.sale_message(chip, 100)))
        assert (await other.answer())[39] == "00"
        await other.close()

    play(scene)


def test_garbage_closes_its_line_only() -> None:
    async def scene(bench: Bench, server: Server, _: Sleeper) -> None:
        till = offline_till(bench)
        good, bad = await Wire.open(server), await Wire.open(server)
        await bad.send(b"GET / HTTP/1.1\r\n\r\n")
        assert await bad.ended()
        await bad.close()
        await good.send(till.frame(till.sale_message(Chip(UNIONPAY_CARD), 100)))
        assert (await good.answer())[39] == "00"
        await good.close()

    play(scene)


def test_a_dropped_line_ends_without_an_answer() -> None:
    async def scene(bench: Bench, server: Server, _: Sleeper) -> None:
        till, wire = offline_till(bench), await Wire.open(server)
        bench.acquirer.rules.drop("0200")
        await wire.send(till.frame(till.sale_message(Chip(UNIONPAY_CARD), 100)))
        assert await wire.ended()
        await wire.close()

    bench = play(scene)
    assert bench.acquirer.ledger.balance(UNIONPAY_CARD.pan) == UNIONPAY_CARD.balance - 100


def test_a_late_answer_holds_up_no_other() -> None:
    async def scene(bench: Bench, server: Server, sleeper: Sleeper) -> None:
        till, chip, wire = offline_till(bench), Chip(UNIONPAY_CARD), await Wire.open(server)
        bench.acquirer.rules.delay("0200", 61_500_000)
        first, second = till.sale_message(chip, 1), till.sale_message(chip, 2)
        await wire.send(till.frame(first) + till.frame(second))
        assert (await wire.answer())[11] == second[11]
        assert sleeper.asked == [61.5]
        sleeper.over.set()
        assert (await wire.answer())[11] == first[11]
        await wire.close()

    play(scene)


def test_an_answer_still_waiting_is_sent_to_a_peer_that_ended_its_side() -> None:
    async def scene(bench: Bench, server: Server, sleeper: Sleeper) -> None:
        till, wire = offline_till(bench), await Wire.open(server)
        bench.acquirer.rules.delay("0200", 1)
        await wire.send(till.frame(till.sale_message(Chip(UNIONPAY_CARD), 1)))
        wire.writer.write_eof()
        await sleeper.started.wait()
        sleeper.over.set()
        assert (await wire.answer())[39] == "00"
        assert await wire.ended()
        await wire.close()

    play(scene)


def test_many_terminals_at_once() -> None:
    count = 30

    async def one(bench: Bench, server: Server, index: int) -> str:
        till, wire = offline_till(bench, f"T{index:07}"), await Wire.open(server)
        sale = till.sale_message(Chip(UNIONPAY_CARD, atc=index), 100)
        await wire.send(till.frame(sale))
        answer = await wire.answer()
        await wire.send(till.frame(till.reversal_message(sale)))
        assert (await wire.answer())[39] == "00"
        await wire.close()
        return answer.text(39)

    async def scene(bench: Bench, server: Server, _: Sleeper) -> None:
        bench.acquirer.provision([], [TerminalSetup(f"T{index:07}", MERCHANT, TMK) for index in range(count)])
        codes = await asyncio.gather(*(one(bench, server, index) for index in range(count)))
        assert set(codes) <= {"00", "05"}  # one card in many slots: a counter overtaken is refused
        assert "00" in codes

    bench = play(scene)
    assert bench.acquirer.ledger.balance(UNIONPAY_CARD.pan) == UNIONPAY_CARD.balance
    assert len(bench.acquirer.ledger.transactions(kind="reversal")) == count


def test_a_peer_that_never_reads_stops_only_itself() -> None:
    async def scene(bench: Bench, server: Server, _: Sleeper) -> None:
        till, chip = offline_till(bench), Chip(UNIONPAY_CARD)
        deaf = await Wire.open(server)
        deaf.writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
        bench.acquirer.rules.garbage("0500", bytes(8_000_000))  # more than the sockets in between can hold
        await deaf.send(till.frame(till.message("0500", {11: "000009"})))
        other = await Wire.open(server)
        await other.send(till.frame(till.sale_message(chip, 100)))
        assert (await other.answer())[39] == "00"
        await other.close()
        await server.close()  # which does not wait for the deaf one either
        deaf.writer.transport.abort()

    play(scene)


def test_closing_the_server_ends_the_lines() -> None:
    async def scene(bench: Bench, server: Server, _: Sleeper) -> None:
        till, wire = offline_till(bench), await Wire.open(server)
        await wire.send(till.frame(till.sale_message(Chip(UNIONPAY_CARD), 1)))
        await wire.receive()
        assert server.lines == 1
        await server.close()
        assert server.lines == 0
        with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
            await wire.receive()
        wire.writer.close()

    play(scene)


def test_taken_port_is_told_in_words() -> None:
    async def scene(bench: Bench, server: Server, _: Sleeper) -> None:
        with pytest.raises(CannotListen) as caught:
            await serve(bench.acquirer, port=server.port)
        expected = f"cannot listen on 127.0.0.1 port {server.port}: the port is taken; choose another"
        assert expected in str(caught.value)

    play(scene)


def test_address_of_another_machine_is_told_in_words() -> None:
    with pytest.raises(CannotListen, match=r"cannot listen on 192\.0\.2\.1 port 8583: "):
        asyncio.run(serve(Bench().acquirer, "192.0.2.1"))


PROGRAM = """
import datetime
from tillbench.host.acquirer import Acquirer
from tillbench.host.acquirer.service import Service, run
run(Acquirer("sqlite://", datetime.datetime.now, bytes), Service(port=0))
"""


def test_run_serves_until_interrupted() -> None:
    with subprocess.Popen([sys.executable, "-u", "-c", PROGRAM], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        first = process.stdout.readline()
        assert "acquirer on 127.0.0.1 port " in first
        with socket.create_connection(("127.0.0.1", int(first.split()[-1]))) as line:
            line.sendall(b"garbage")
            assert line.recv(1) == b""
        assert "closed: length at byte 0" in process.stdout.readline()
        process.send_signal(signal.SIGINT)
        assert "acquirer stopped" in process.stdout.read()
        assert process.wait() == 0


def test_console_handler_does_not_stay() -> None:
    assert not [h for h in logging.getLogger("tillbench.acquirer").handlers if isinstance(h, logging.StreamHandler)]
