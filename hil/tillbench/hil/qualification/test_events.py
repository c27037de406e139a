"""Cards that come and go."""

from __future__ import annotations

import pytest
from tillbench.hil.qualification import scard
from tillbench.hil.qualification.bench import SELECT_PSE, ReaderBench
from tillbench.hil.qualification.cases import case

WAIT_MS = 10_000


@case(
    "RQ-EVT-01",
    requirement="PC/SC part 5, SCardGetStatusChange",
    needs="a way to take the card out",
    passes="whoever waits is told that it is gone, and that it is back, with its ATR",
)
def test_removal_and_insertion(bench: ReaderBench) -> None:
    slot = bench.slot
    before = bench.context.state(bench.reader)
    assert before.state & scard.PRESENT
    slot.pull()
    gone = bench.context.state(bench.reader, before.state, WAIT_MS)
    assert gone.state & scard.EMPTY
    bench.other_card()
    back = bench.context.state(bench.reader, gone.state, WAIT_MS)
    assert back.state & scard.PRESENT
    assert back.atr == before.atr


@case(
    "RQ-EVT-02",
    requirement="PC/SC part 5, SCardTransmit",
    needs="a way to take the card out",
    passes="a command to a card that has gone fails, and so does connecting; both succeed when there is one again",
)
def test_a_card_that_has_gone(bench: ReaderBench) -> None:
    connection = bench.connect()
    connection.transmit(SELECT_PSE)
    before = bench.context.state(bench.reader)
    bench.slot.pull()
    bench.context.state(bench.reader, before.state, WAIT_MS)
    with pytest.raises(scard.ScardError):
        connection.transmit(SELECT_PSE)
    with pytest.raises(scard.ScardError):
        bench.connect()
    bench.other_card()
    assert bench.connect().transmit(SELECT_PSE)


@case(
    "RQ-EVT-03",
    requirement="PC/SC part 5, SCardGetStatusChange",
    passes="without an event the wait ends after its time with a time-out",
)
def test_nothing_happens(bench: ReaderBench) -> None:
    now = bench.context.state(bench.reader)
    with pytest.raises(scard.ScardError) as error:
        bench.context.state(bench.reader, now.state, 200)
    assert error.value.code == scard.TIMEOUT


@case(
    "RQ-EVT-04",
    requirement="own",
    needs="a way to take the card out",
    passes="another card than before shows its own ATR and protocol",
)
def test_another_card(bench: ReaderBench) -> None:
    first = bench.connect()
    atr = first.atr()
    first.disconnect()
    bench.other_card(atr="3BE00000813120" + "4535")
    second = bench.connect()
    assert second.atr() != atr
    assert second.protocol == scard.T1
