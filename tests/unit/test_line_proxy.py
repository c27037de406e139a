"""The misbehaving line between a terminal and a host over TCP on loopback; delays are virtual."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from tillbench.host.acquirer.server import serve
from tillbench.host.line import Record, Scenario, Way
from tillbench.host.line.connection import FaultyConnection
from tillbench.host.line.proxy import Clock, Proxy, Setup
from tillbench.protocols.iso8583 import UNIONPAY, Dialect
from tillbench.protocols.iso8583.lines import LINES, Line

from .acquirer_till import UNIONPAY_CARD, Bench, Chip, Till

UNION = LINES["unionpay"]


class Jumping(Clock):
    """Nobody waits: the time jumps to what is next, once everything that can happen now has happened."""

    def __init__(self) -> None:
        self._now = 0

    def now(self) -> int:
        return self._now

    async def wait(self, woken: asyncio.Event, until: int | None) -> None:
        if until is None:
            await woken.wait()
        else:
            self._now = max(self._now, until)


async def frame_from(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readexactly(2)
    return head + await reader.readexactly(int.from_bytes(head, "big"))


def through(
    scenario: Scenario,
    scene: Callable[[Bench, Proxy], Awaitable[None]],
    *,
    seed: int = 7,
    line: Line = UNION,
    dialect: Dialect | None = UNIONPAY,
    record: Record | None = None,
) -> Record:
    """Play a scene on a line to the host, and give the record."""
    record = record or Record()

    async def whole() -> None:
        bench = Bench()
        host = await serve(bench.acquirer, port=0)
        proxy = Proxy(Setup("127.0.0.1", host.port, scenario, seed, line, dialect, record), Jumping())
        await proxy.listen("127.0.0.1", 0)
        try:
            await scene(bench, proxy)
        finally:
            await proxy.close()
            await host.close()

    asyncio.run(asyncio.wait_for(whole(), 30))
    return record


def scenario(*rules: dict[str, object], **whole: object) -> Scenario:
    return Scenario.model_validate({"rules": rules, **whole})


async def sell(bench: Bench, proxy: Proxy, times: int = 1) -> list[str]:
    """Sales one after the other on one connection; the codes of the answers."""
    till, chip = Till(bench.acquirer.connect()), Chip(UNIONPAY_CARD)
    till.sign_on()
    reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
    codes = []
    for _ in range(times):
        writer.write(till.frame(till.sale_message(chip, 100)))
        codes.append(UNIONPAY.decode((await frame_from(reader))[13:]).text(39))
    writer.close()
    await writer.wait_closed()
    return codes


def test_a_line_without_faults_is_a_line() -> None:
    async def scene(bench: Bench, proxy: Proxy) -> None:
        assert await sell(bench, proxy, 3) == ["00"] * 3

    entries = [entry for entry in through(scenario(), scene).entries if entry.message]
    assert [(entry.way, entry.message, entry.message_class, entry.faults) for entry in entries] == [
        (way, number, mti, ())
        for number in (1, 2, 3)
        for way, mti in ((Way.TO_HOST, "0200"), (Way.TO_TERMINAL, "0210"))
    ]


def test_the_same_seed_gives_the_same_timeline(tmp_path: Path) -> None:
    bad = scenario({"delay": 0.3, "split": 0.3, "merge": 0.2, "reorder": 0.2}, baud=9600)

    def timeline(name: str, seed: int) -> str:
        record = Record()

        async def scene(bench: Bench, proxy: Proxy) -> None:
            assert await sell(bench, proxy, 12) == ["00"] * 12

        with (tmp_path / name).open("w") as file:
            record.write_to(file)
            through(bad, scene, seed=seed, record=record)
        return (tmp_path / name).read_text()

    first = timeline("a.jsonl", 7)
    assert first == timeline("b.jsonl", 7)
    assert first != timeline("c.jsonl", 8)
    rows = [json.loads(line) for line in first.splitlines()]
    assert sum(bool(row.get("faults")) for row in rows) > 5


def test_a_dropped_request_never_arrives_and_its_repeat_does() -> None:
    async def scene(bench: Bench, proxy: Proxy) -> None:
        till = bench.till()
        frame = till.frame(till.sale_message(Chip(UNIONPAY_CARD), 100))
        reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
        writer.write(frame)
        writer.write(frame)
        assert UNIONPAY.decode((await frame_from(reader))[13:])[39] == "00"
        writer.close()
        await writer.wait_closed()
        assert len(bench.acquirer.journal("0200")) == 1

    through(scenario({"message": "0200", "messages": [1], "drop": 1}), scene)


def test_a_doubled_request_gets_two_answers_and_one_booking() -> None:
    async def scene(bench: Bench, proxy: Proxy) -> None:
        till = bench.till()
        reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
        writer.write(till.frame(till.sale_message(Chip(UNIONPAY_CARD), 100)))
        assert [UNIONPAY.decode((await frame_from(reader))[13:])[39] for _ in range(2)] == ["00", "94"]
        assert bench.acquirer.ledger.balance(UNIONPAY_CARD.pan) == UNIONPAY_CARD.balance - 100
        writer.close()
        await writer.wait_closed()

    through(scenario({"message": "0200", "duplicate": 1}), scene)


def test_flipped_bits_behind_the_header_are_told_to_the_terminal() -> None:
    async def scene(bench: Bench, proxy: Proxy) -> None:
        assert (await sell(bench, proxy))[0] in ("30", "A0", "12", "40", "94", "97")

    record = through(scenario({"way": "to-host", "flip": {"skip": 30}}), scene)
    (sale,) = [entry for entry in record.entries if entry.way is Way.TO_HOST and entry.message]
    assert sale.faults[0].startswith("flip bits")


def test_reset_reaches_both_ends() -> None:
    async def scene(bench: Bench, proxy: Proxy) -> None:
        with pytest.raises((ConnectionResetError, asyncio.IncompleteReadError)):
            await sell(bench, proxy)
        assert bench.acquirer.journal("0200") == []

    through(scenario({"message": "0200", "reset": 1}), scene)


def test_half_close_behind_a_request_still_lets_its_answer_back() -> None:
    async def scene(bench: Bench, proxy: Proxy) -> None:
        till, chip = bench.till(), Chip(UNIONPAY_CARD)
        reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
        for _ in range(2):
            writer.write(till.frame(till.sale_message(chip, 100)))
        assert UNIONPAY.decode((await frame_from(reader))[13:])[39] == "00"
        assert await reader.read() == b""  # the host has answered what came, and ended its side
        writer.close()
        await writer.wait_closed()
        assert len(bench.acquirer.journal("0200")) == 1

    through(scenario({"message": "0200", "messages": [1], "half_close": 1}), scene)


def test_a_host_that_is_away_resets_the_terminal() -> None:
    async def whole() -> None:
        record = Record()
        closed = await asyncio.start_server(lambda reader, writer: None, "127.0.0.1", 0)
        port = closed.sockets[0].getsockname()[1]
        closed.close()
        await closed.wait_closed()
        proxy = Proxy(Setup("127.0.0.1", port, Scenario(), 1, UNION, UNIONPAY, record))
        await proxy.listen("127.0.0.1", 0)
        reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
        with pytest.raises(ConnectionResetError):
            await reader.read()
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()
        await proxy.close()
        assert [entry.event for entry in record.entries] == ["opened", "host away"]

    asyncio.run(asyncio.wait_for(whole(), 30))


def test_any_bytes_between_any_two() -> None:
    """No framing and no dialect: an echo service that knows nothing of payments."""

    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(100):
            writer.write(data)
        writer.close()
        await writer.wait_closed()

    async def whole() -> None:
        record = Record()
        service = await asyncio.start_server(echo, "127.0.0.1", 0)
        port = service.sockets[0].getsockname()[1]
        proxy = Proxy(Setup("127.0.0.1", port, Scenario(), 1, LINES["bare"], None, record), Jumping())
        await proxy.listen("127.0.0.1", 0)
        reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
        writer.write(b"SSH-2.0-anything\r\n")
        writer.write_eof()
        assert await reader.read() == b"SSH-2.0-anything\r\n"
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()
        await proxy.close()
        service.close()
        await service.wait_closed()
        assert {entry.message_class for entry in record.entries if entry.message} == {"opaque"}

    asyncio.run(asyncio.wait_for(whole(), 30))


def test_bytes_that_are_no_frame_are_passed_on_and_told() -> None:
    record = Record()
    connection = FaultyConnection(scenario(), 1, 1, record, UNION, UNIONPAY)
    connection.take(Way.TO_HOST, b"GET / HTTP/1.1\r\n", 0)
    connection.take(Way.TO_HOST, b"\r\n", 0)
    left = connection.due(Way.TO_HOST, 0)
    assert b"".join(departure.data for departure in left) == b"GET / HTTP/1.1\r\n\r\n"
    assert [entry.event for entry in record.entries if entry.event] == [
        "opened",
        "no frame, passed on as it comes from here: length at byte 0: expected length 11..4096, found 18245",
    ]


def test_a_timeline_with_contents_is_masked() -> None:
    record = Record(contents=True)
    bench = Bench()
    till = bench.till()
    connection = FaultyConnection(scenario(), 1, 1, record, UNION, UNIONPAY)
    connection.take(Way.TO_HOST, till.frame(till.sale_message(Chip(UNIONPAY_CARD), 100, pin="123456")), 0)
    text = record.entries[-1].as_json()
    assert UNIONPAY_CARD.pan not in text
    assert "620000******0005" in text


def test_without_contents_the_timeline_says_nothing_of_a_message() -> None:
    record = Record()
    bench = Bench()
    till = bench.till()
    connection = FaultyConnection(scenario(), 1, 1, record, UNION, UNIONPAY)
    frame = till.frame(till.sale_message(Chip(UNIONPAY_CARD), 100))
    connection.take(Way.TO_HOST, frame, 0)
    assert json.loads(record.entries[-1].as_json()) == {
        "connection": 1,
        "way": "to-host",
        "message": 1,
        "class": "0200",
        "bytes": len(frame),
        "faults": [],
    }
