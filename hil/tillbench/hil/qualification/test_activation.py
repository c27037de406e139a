"""Power, answer to reset, protocols, resets."""

from __future__ import annotations

import pytest
from tillbench.hil.qualification import scard
from tillbench.hil.qualification.bench import SELECT_PSE, ReaderBench, first_aid, select
from tillbench.hil.qualification.cases import case, not_offered
from tillbench.protocols.atr import first_protocol, interface_characters

GPO = bytes.fromhex("80A8000002830000")
CONDITIONS_NOT_SATISFIED = "6985"


@case(
    "RQ-ACT-01",
    requirement="ISO/IEC 7816-3 8.2; PC/SC part 5, SCardStatus",
    passes="the ATR begins with 3B or 3F, has all characters it announces, and is the same from status and state",
)
def test_atr(bench: ReaderBench) -> None:
    atr = bench.connect().atr()
    assert atr[0] in (0x3B, 0x3F)
    found = interface_characters(atr)
    historical = atr[1] & 0x0F
    has_check = any(value & 0x0F for name, value in found.items() if name.startswith("TD"))
    assert len(atr) == 2 + len(found) + historical + has_check
    assert bench.context.state(bench.reader).atr == atr


@case(
    "RQ-ACT-02",
    requirement="ISO/IEC 7816-3 8.2.5",
    needs="a card whose ATR has a check character",
    passes="the characters from T0 to TCK give zero",
)
def test_check_character(bench: ReaderBench) -> None:
    bench.at_t1()
    check = 0
    for value in bench.connect().atr()[1:]:
        check ^= value
    assert check == 0


@case(
    "RQ-ACT-03",
    requirement="ISO/IEC 7816-3 6.3.1; PC/SC part 5, SCardConnect",
    passes="the protocol in use is one that the card offers, the first one where both are asked for",
)
def test_protocol(bench: ReaderBench) -> None:
    connection = bench.connect()
    assert connection.protocol == (scard.T1 if first_protocol(connection.atr()) else scard.T0)


@case(
    "RQ-ACT-04",
    requirement="PC/SC part 5, SCardConnect",
    passes="a protocol that the card does not offer is refused",
)
def test_protocol_that_is_not_offered(bench: ReaderBench) -> None:
    connection = bench.connect()
    other = scard.T0 if connection.protocol == scard.T1 else scard.T1
    offered = {value & 0x0F for name, value in interface_characters(connection.atr()).items() if name.startswith("TD")}
    connection.disconnect(scard.COLD)
    if len(offered) > 1:
        not_offered("its card speaks both protocols")
    with pytest.raises(scard.ScardError) as error:
        bench.connect(protocol=other)
    assert error.value.code in scard.PROTOCOL_REFUSED


def _forgets(bench: ReaderBench, how: int) -> None:
    connection = bench.connect()
    atr, aid = connection.atr(), first_aid(connection)
    assert connection.send(select(aid))[1].hex() == "9000"
    connection.reconnect(how)
    assert connection.atr() == atr
    assert connection.send(GPO)[1].hex() == CONDITIONS_NOT_SATISFIED
    assert connection.send(select(aid))[1].hex() == "9000"


@case(
    "RQ-ACT-05",
    requirement="ISO/IEC 7816-3 6.2.3; PC/SC part 5, SCardReconnect",
    needs="an EMV card with a directory",
    passes="after a warm reset the same ATR, and no application is selected",
)
def test_warm_reset(bench: ReaderBench) -> None:
    _forgets(bench, scard.WARM)


@case(
    "RQ-ACT-06",
    requirement="ISO/IEC 7816-3 6.2.2 and 6.4; PC/SC part 5, SCardReconnect",
    needs="an EMV card with a directory",
    passes="after power off and on the same ATR, and no application is selected",
)
def test_cold_reset(bench: ReaderBench) -> None:
    _forgets(bench, scard.COLD)


@case(
    "RQ-ACT-07",
    requirement="PC/SC part 5, SCardReconnect and SCardDisconnect",
    needs="an EMV card with a directory",
    passes="left alone between two connections, the card still has its application selected",
)
def test_left_alone(bench: ReaderBench) -> None:
    connection = bench.connect()
    aid = first_aid(connection)
    assert connection.send(select(aid))[1].hex() == "9000"
    connection.disconnect(scard.LEAVE)
    assert bench.connect().send(GPO)[1].hex() != CONDITIONS_NOT_SATISFIED


@case(
    "RQ-ACT-08",
    requirement="PC/SC part 3, 3.1.4",
    needs="a reader that tells its attributes",
    passes="the attribute ATR_STRING is the card's ATR",
)
def test_atr_attribute(bench: ReaderBench) -> None:
    connection = bench.connect()
    try:
        told = connection.attribute(scard.ATR_STRING)
    except scard.ScardError as error:
        not_offered(str(error))
    assert told == connection.atr()


@case(
    "RQ-ACT-09",
    requirement="ISO/IEC 7816-3 9, PPS; PC/SC part 4",
    needs="a card that offers a rate in TA1 and leaves the choice to the reader, or a way to put one in",
    passes="the card is used after that; where the card is the bench's own, it has answered a PPS for its rate",
)
def test_a_rate_is_agreed_upon(bench: ReaderBench) -> None:
    pps = bench.offering_a_rate("3B1013")
    connection = bench.connect()
    assert connection.transmit(SELECT_PSE)
    connection.reconnect(scard.COLD)
    assert connection.transmit(SELECT_PSE)
    assert pps() in (None, "FF1013FC"), "the PPS of TA1, answered by the card"
