"""The four cases of APDUs, and what T=0 and T=1 make of them."""

from __future__ import annotations

import pytest
from tillbench.hil.qualification import scard
from tillbench.hil.qualification.bench import SELECT_PSE, ReaderBench, first_aid
from tillbench.hil.qualification.cases import case, not_offered
from tillbench.protocols.emv import tlv


def is_status(answer: bytes) -> bool:
    """Nothing but a status word."""
    return len(answer) == 2 and answer[0] >> 4 in (6, 9)


@case("RQ-APDU-01", requirement="ISO/IEC 7816-3 12.1.1, case 1", passes="a header alone is answered by a status word")
def test_case_1(bench: ReaderBench) -> None:
    connection = bench.connect()
    header = bytes.fromhex("00A40400")
    assert is_status(connection.transmit(header if connection.protocol == scard.T1 else header + b"\x00"))


@case(
    "RQ-APDU-02",
    requirement="ISO/IEC 7816-3 12.1.1, case 2",
    needs="an EMV card with a directory",
    passes="READ RECORD gives a template 70 and 9000",
)
def test_case_2(bench: ReaderBench) -> None:
    connection = bench.connect()
    first_aid(connection)
    connection.send(SELECT_PSE + b"\x00")
    data, status = connection.send(bytes.fromhex("00B2010C00"))
    assert (data[:1].hex(), status.hex()) == ("70", "9000")


@case(
    "RQ-APDU-03",
    requirement="ISO/IEC 7816-3 12.1.1, case 3",
    passes="a command with data and without Le is answered, whatever it is about",
)
def test_case_3(bench: ReaderBench) -> None:
    connection = bench.connect()
    answer = connection.transmit(bytes.fromhex("00A4040005FFFFFFFFFF"))
    assert is_status(answer)
    assert answer != b"\x90\x00"


@case(
    "RQ-APDU-04",
    requirement="ISO/IEC 7816-3 12.1.1, case 4",
    needs="an EMV card with a directory",
    passes="SELECT gives the file control information of what it selects",
)
def test_case_4(bench: ReaderBench) -> None:
    connection = bench.connect()
    first_aid(connection)
    data, status = connection.send(SELECT_PSE + b"\x00")
    assert status.hex() == "9000"
    name = tlv.find(tlv.parse(data), 0x84)
    assert name is not None
    assert name.value == b"1PAY.SYS.DDF01"


def at_t0(bench: ReaderBench) -> scard.Connection:
    connection = bench.connect()
    if connection.protocol != scard.T0:
        not_offered("the card in it does not speak T=0")
    return connection


@case(
    "RQ-APDU-05",
    requirement="ISO/IEC 7816-3 12.2.1; EMV 4.3 Book 1, 9.3.1",
    needs="a card at T=0 with a directory",
    passes="61xx comes through to the program, and GET RESPONSE with xx gives that many bytes",
)
def test_61_comes_through(bench: ReaderBench) -> None:
    connection = at_t0(bench)
    answer = connection.transmit(SELECT_PSE)
    if answer[0] != 0x61:
        not_offered(f"its card answers {answer.hex().upper()}, the case needs 61xx")
    fetched = connection.transmit(bytes.fromhex("00C00000") + answer[1:])
    assert len(fetched) == answer[1] + 2


@case(
    "RQ-APDU-06",
    requirement="ISO/IEC 7816-3 12.2.1",
    needs="a card at T=0 with a directory",
    passes="6Cxx comes through to the program, and the command with xx gives that many bytes",
)
def test_6c_comes_through(bench: ReaderBench) -> None:
    connection = at_t0(bench)
    first_aid(connection)
    connection.send(SELECT_PSE + b"\x00")
    answer = connection.transmit(bytes.fromhex("00B2010C00"))
    if answer[0] != 0x6C:
        not_offered(f"its card answers {answer[-2:].hex().upper()}, the case needs 6Cxx")
    again = connection.transmit(bytes.fromhex("00B2010C") + answer[1:])
    assert len(again) == answer[1] + 2


@case(
    "RQ-APDU-07",
    requirement="ISO/IEC 7816-3 10.3.3",
    needs="a card at T=0 that takes each byte under a procedure byte of its own",
    passes="the commands of RQ-APDU-02 and -04 have the same answers",
)
def test_one_by_one(bench: ReaderBench) -> None:
    plain = _talk(at_t0(bench))
    bench.other_card(one_by_one=True)
    assert _talk(at_t0(bench)) == plain


@case(
    "RQ-APDU-08",
    requirement="ISO/IEC 7816-3 10.3.3; EMV 4.3 Book 1, 9.2.2.3.1",
    needs="a card at T=0 that asks for more time by NULL characters",
    passes="the commands of RQ-APDU-02 and -04 have the same answers",
)
def test_null_characters(bench: ReaderBench) -> None:
    plain = _talk(at_t0(bench))
    bench.other_card(null_bytes=5)
    assert _talk(at_t0(bench)) == plain


@case(
    "RQ-APDU-09",
    requirement="ISO/IEC 7816-3 11.6.2.2, chaining",
    needs="a card at T=1 whose blocks are shorter than its answers",
    passes="every record of the directory is as it is at T=0",
)
def test_chaining(bench: ReaderBench) -> None:
    plain = _talk(bench.connect())
    bench.at_t1()
    connection = bench.connect()
    if connection.protocol != scard.T1:
        not_offered("the card in it does not speak T=1")
    assert _talk(connection) == plain


def _talk(connection: scard.Connection) -> list[tuple[bytes, bytes]]:
    """Answers that are the same each time."""
    first_aid(connection)
    records = [bytes.fromhex("00B2010C00"), bytes.fromhex("00B2020C00"), bytes.fromhex("00B2FF0C00")]
    return [connection.send(SELECT_PSE + b"\x00"), *map(connection.send, records)]


@case(
    "RQ-APDU-10",
    requirement="ISO/IEC 7816-3 12.1.2, extended length",
    needs="a reader that takes extended APDUs, a card at T=1",
    passes="the command reaches the card: an answer of at least a status word",
)
def test_extended_length(bench: ReaderBench) -> None:
    bench.at_t1()
    connection = bench.connect()
    if connection.protocol != scard.T1:
        not_offered("there is no extended length at T=0")
    extended = bytes.fromhex("00A4040000000E") + b"1PAY.SYS.DDF01" + bytes(2)
    try:
        answer = connection.transmit(extended)
    except scard.ScardError as error:
        not_offered(str(error))
    assert len(answer) >= 2


@pytest.mark.parametrize("size", [1, 16, 127, 255])
@case(
    "RQ-APDU-11",
    requirement="ISO/IEC 7816-3 12.1.1",
    passes="a data field of this length reaches the card: a status word comes, and the next command is answered",
)
def test_lengths(bench: ReaderBench, size: int) -> None:
    connection = bench.connect()
    assert is_status(connection.transmit(bytes([0x00, 0xA4, 0x04, 0x00, size]) + bytes([0x11]) * size))
    assert is_status(connection.transmit(bytes.fromhex("00A4040005FFFFFFFFFF")))


@case(
    "RQ-APDU-12",
    requirement="own",
    needs="a card that stays mute",
    passes="the program is told that the command failed, by an error or a status word 6Fxx; after a reset the card "
    "answers again",
)
def test_a_mute_card(bench: ReaderBench) -> None:
    bench.other_card(faults=({"at": 2, "mute": True},))
    connection = bench.connect()
    connection.transmit(SELECT_PSE)
    try:
        answer = connection.transmit(bytes.fromhex("00A4040005FFFFFFFFFF"))
    except scard.ScardError:
        pass
    else:
        assert answer[-2] == 0x6F
    connection.reconnect(scard.COLD)
    assert connection.transmit(SELECT_PSE)[-2] in (0x61, 0x90)
