"""The host that only plays one: every request approved, unless a rule says otherwise."""

import asyncio
import threading
from contextlib import AbstractContextManager
from datetime import datetime

import pytest
from tillbench.host.acquirer import Connection, Reply
from tillbench.host.acquirer.server import serve
from tillbench.host.acquirer.stand_in import StandIn
from tillbench.protocols.iso8583 import UNIONPAY, Message, framing

from .acquirer_till import HEADER, TPDU, UNIONPAY_CARD, Chip, Till


def answer(replies: list[Reply]) -> Message:
    (reply,) = replies
    (frame,) = framing.FrameReader().feed(reply.data)
    return UNIONPAY.decode(frame.body)


@pytest.fixture
def host() -> StandIn:
    return StandIn(lambda: datetime(2026, 11, 23, 14, 5, 9))


def test_a_terminal_that_never_signed_on_is_approved(host: StandIn) -> None:
    till = Till(Connection(host.business), "ANYTHING")
    sale = till.sale_message(Chip(UNIONPAY_CARD), 12_34)
    approved = answer(till.send(sale))
    assert (approved.mti, approved[39], approved[4], approved[11]) == ("0210", "00", sale[4], sale[11])
    assert (approved[12], approved[37], approved[38]) == ("140509", "632714000001", approved.text(38))
    assert 64 not in approved


def test_a_rule_decides(host: StandIn) -> None:
    host.rules.answer("0200", "51")
    till, chip = Till(Connection(host.business)), Chip(UNIONPAY_CARD)
    declined = answer(till.send(till.sale_message(chip, 100)))
    assert (declined[39], 38 in declined) == ("51", False)
    assert answer(till.send(till.sale_message(chip, 100)))[39] == "00"
    assert [exchange.code for exchange in host.journal("0200")] == ["51", "00"]


def test_what_cannot_be_read_is_30_and_what_is_no_request_is_ignored(host: StandIn) -> None:
    line = Connection(host.business)
    assert answer(line.feed(framing.build(TPDU, HEADER, b"\x02\x00" + bytes.fromhex("40") + bytes(7))))[39] == "30"
    assert line.feed(framing.build(TPDU, HEADER, b"\x02\x10" + bytes(8))) == []
    assert line.feed(framing.build(TPDU, HEADER, b"zz")) == []
    assert host.trouble() == ""


def test_it_is_served_without_a_thread_of_its_own(host: StandIn) -> None:
    """Nothing in it waits: a group is taken where its messages are read."""
    threads: list[int] = []
    group = host.business._desk.group

    def watched(*, wait: bool) -> AbstractContextManager[object]:
        threads.append(threading.get_ident())
        return group(wait=wait)

    async def scene() -> None:
        host.business._desk.group = watched  # type: ignore[method-assign, assignment]  # in its place for this test
        server = await serve(host, port=0)
        till = Till(Connection(host.business))
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(till.frame(till.sale_message(Chip(UNIONPAY_CARD), 100)))
        head = await reader.readexactly(2)
        assert UNIONPAY.decode((await reader.readexactly(int.from_bytes(head, "big")))[11:])[39] == "00"
        writer.close()
        await writer.wait_closed()
        await server.close()

    asyncio.run(scene())
    assert threads == [threading.get_ident()]
