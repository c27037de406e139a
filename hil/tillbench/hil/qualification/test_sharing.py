"""Several programs at one reader."""

from __future__ import annotations

import threading

import pytest
from tillbench.hil.qualification import scard
from tillbench.hil.qualification.bench import SELECT_PSE, ReaderBench
from tillbench.hil.qualification.cases import case, not_offered


@case(
    "RQ-SHR-01",
    requirement="PC/SC part 5, SCardConnect",
    passes="two programs in shared mode both get answers",
)
def test_shared(bench: ReaderBench) -> None:
    first = bench.connect()
    second = bench.another_client().connect(bench.reader)
    for connection in (first, second, first):
        assert connection.send(SELECT_PSE + b"\x00")[1]
    second.disconnect()


@case(
    "RQ-SHR-02",
    requirement="PC/SC part 5, SCardConnect",
    passes="while one program has the card exclusively, a second is refused with a sharing violation, and not after",
)
def test_exclusive(bench: ReaderBench) -> None:
    first = bench.connect(scard.EXCLUSIVE)
    other = bench.another_client()
    with pytest.raises(scard.ScardError) as error:
        other.connect(bench.reader)
    assert error.value.code == scard.SHARING_VIOLATION
    first.disconnect()
    other.connect(bench.reader).disconnect()


@case(
    "RQ-SHR-03",
    requirement="PC/SC part 5, SCardConnect",
    passes="a card that is shared is not given exclusively",
)
def test_no_exclusive_beside_shared(bench: ReaderBench) -> None:
    bench.connect()
    with pytest.raises(scard.ScardError) as error:
        bench.another_client().connect(bench.reader, scard.EXCLUSIVE)
    assert error.value.code == scard.SHARING_VIOLATION


@case(
    "RQ-SHR-04",
    requirement="PC/SC part 5, SCardBeginTransaction",
    passes="a command of another program waits until the transaction of the first has ended",
)
def test_transaction(bench: ReaderBench) -> None:
    first = bench.connect()
    second = bench.another_client().connect(bench.reader)
    first.begin()
    order: list[str] = []

    def other() -> None:
        second.transmit(SELECT_PSE)
        order.append("second")

    waiting = threading.Thread(target=other, daemon=True)
    waiting.start()
    for _ in range(20):
        first.transmit(SELECT_PSE)
    order.append("first")
    first.end()
    waiting.join(20)
    assert order == ["first", "second"]
    second.disconnect()


@case(
    "RQ-SHR-05",
    requirement="PC/SC part 10, 2.2",
    needs="a reader with a key pad or a display",
    passes="it lists its features",
)
def test_features(bench: ReaderBench) -> None:
    connection = bench.connect()
    try:
        features = connection.control(scard.GET_FEATURE_REQUEST)
    except scard.ScardError as error:
        not_offered(str(error))
    if not features:
        not_offered("it lists none")
    assert len(features) % 6 == 0
