"""Faults of a chip card that are in its characters: answer to reset, T=0, the APDU layer above it, T=1."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from operator import xor
from typing import Any

from tillbench.host.cards.t1 import epilogue
from tillbench.host.emulator.bench import Bench

from tests.device.fault_catalogue import Fault

READ = bytes.fromhex("00B2010C04")
SELECT = bytes.fromhex("00A4040007A0000003330101")

# Answer to reset

_ATR = "iso7816.atr:Atr."


def _answer(text: str, *, tck: bool = False) -> Callable[[Bench], Any]:
    """Reason and character of the refusal, or "taken"."""
    data = bytes.fromhex(text)
    if tck:
        data += bytes([reduce(xor, data[1:])])

    def play(bench: Bench) -> Any:
        found = bench.call("iso7816_probe:atr", data)
        return (found[0], found[1].split()[0].rstrip(":")) if isinstance(found, tuple) else "taken"

    return play


def _refused(name: str, character: str, by: str, text: str, *, tck: bool = False) -> Fault:
    return Fault(
        "answer to reset",
        name,
        f"refused: {character}, with its offset, what was expected and what was found",
        _ATR + by,
        None,
        _answer(text, tck=tck),
        ("BAD_ATR", character),
    )


def _inverse(bench: Bench) -> Any:
    logical = bytes.fromhex("3F6500004142434445")
    found = bench.call("iso7816_probe:atr", bytes(int(f"{c:08b}"[::-1], 2) ^ 0xFF for c in logical))
    return (found["inverse"], found["historical"]) if isinstance(found, dict) else found


ANSWERS = [
    _refused("wrong check character", "TCK", "check_tck", "3BE000008131204536"),
    _refused("TB1 asks for a programming voltage", "TB1", "_reject", "3B602500"),
    _refused("no TB1", "TB1", "_reject", "3B00"),
    _refused("protocol T=2", "TD1", "_reject", "3BE0000002", tck=True),
    _refused("TB2 is there", "TB2", "_reject", "3BE000002011"),
    _refused("waiting time of 0 in TC2", "TC2", "_reject", "3BE000004000"),
    _refused("rate in TA1 that is none of EMV's, in specific mode", "TA1", "_check_rate", "3BF01400001000"),
    _refused("TA2 says that rates are implicit", "TA2", "_check_rate", "3BF01100001010"),
    _refused("TA2 and TD1 name different protocols", "TA2", "_check_rate", "3BF01100001001"),
    _refused("T=1 without its characters", "TD2", "_check_second_protocol", "3BE0000001", tck=True),
    _refused("blocks of 15 bytes", "TA3", "_check_second_protocol", "3BE0000081710F4500", tck=True),
    _refused("blocks of 255 bytes", "TA3", "_check_second_protocol", "3BE000008171FF4500", tck=True),
    _refused("block waiting time beyond BWI 4", "TB3", "_check_second_protocol", "3BE000008171205500", tck=True),
    _refused("character waiting time beyond CWI 5", "TB3", "_check_second_protocol", "3BE000008171204600", tck=True),
    _refused("waiting time below the guard time", "TB3", "_check_second_protocol", "3BE000008171204000", tck=True),
    _refused("CRC as redundancy code", "TC3", "_check_second_protocol", "3BE000008171204501", tck=True),
    Fault(
        "answer to reset",
        "inverse convention",
        "read by its own rules: bits reversed and complemented",
        "iso7816.atr:other_convention",
        0x3F,
        _inverse,
        (True, b"ABCDE"),
    ),
]

# T=0 and the APDU layer


def _t0(command: bytes, expected: int, card: str) -> Callable[[Bench], Any]:
    def play(bench: Bench) -> Any:
        steps, status, data = bench.call("iso7816_probe:t0", command, expected, bytes.fromhex(card))
        return (len(steps), status, data if isinstance(data, bytes) else "")

    return play


def _apdu(command: bytes, *answers: tuple[str, int]) -> Callable[[Bench], Any]:
    def play(bench: Bench) -> Any:
        sent, result = bench.call("iso7816_probe:apdu", command, [(bytes.fromhex(data), sw) for data, sw in answers])
        return [tpdu.hex() for tpdu, _ in sent], result[0] if isinstance(result, tuple) else result

    return play


_TPDU = "iso7816.t0:Tpdu."
_LAYER = "iso7816.apdu:Apdu."
CHARACTERS = [
    Fault("T=0", name, answer, _TPDU + by, None, _t0(command, expected, card), outcome)
    for name, answer, by, command, expected, card, outcome in (
        ("procedure byte that is none", "refused, the card is off", "_procedure", READ, 4, "B3", (2, "PROTOCOL", "")),
        (
            "NULL, NULL: more time",
            "waited for",
            "_procedure",
            READ,
            4,
            "6060B2700282039000",
            (7, 0x9000, b"p\x02\x82\x03"),
        ),
        ("status instead of data", "is the answer", "_procedure", SELECT, 0, "6A82", (3, 0x6A82, b"")),
        ("one byte at a time", "asked for one by one", "_acknowledged", READ, 2, "4D704D029000", (7, 0x9000, b"p\x02")),
        ("asks for data a second time", "refused", "_acknowledged", READ, 4, "B270028203B2", (4, "PROTOCOL", "")),
        ("asks for data that there is not", "refused", "_acknowledged", SELECT, 0, "A4A4", (4, "PROTOCOL", "")),
    )
]
_AGAIN = "00b2010c10"
APDUS = [
    Fault("APDU", name, answer, _LAYER + by, without, _apdu(command, *answers), outcome)
    for name, answer, by, without, command, answers, outcome in (
        (
            "6Cxx: another length",
            "asked again with the right one",
            "_correct_length",
            None,
            READ,
            (("", 0x6C10), ("AA" * 16, 0x9000)),
            ([READ.hex(), _AGAIN], b"\xaa" * 16 + b"\x90\x00"),
        ),
        (
            "6Cxx without end",
            "refused the second time",
            "_correct_length",
            None,
            READ,
            (("", 0x6C10), ("", 0x6C11)),
            ([READ.hex(), _AGAIN], "PROTOCOL"),
        ),
        (
            "6Cxx to a command that expects no data",
            "refused",
            "_correct_length",
            None,
            SELECT,
            (("", 0x6C10),),
            ([SELECT.hex()], "PROTOCOL"),
        ),
        (
            "61xx: data is waiting",
            "fetched with GET RESPONSE",
            "_get_response",
            None,
            SELECT + b"\0",
            (("", 0x6102), ("6F00", 0x9000)),
            ([SELECT.hex(), "00c0000002"], b"\x6f\x00\x90\x00"),
        ),
        (
            "warning before the data",
            "data fetched, the warning stays the result",
            "_get_response",
            None,
            SELECT + b"\0",
            (("", 0x6283), ("6F00", 0x9000)),
            ([SELECT.hex(), "00c0000000"], b"\x6f\x00\x62\x83"),
        ),
        (
            "more than 256 bytes in pieces",
            "refused",
            "_append",
            None,
            SELECT + b"\0",
            (("", 0x6100), ("AA" * 200, 0x6180), ("AA" * 128, 0x9000)),
            ([SELECT.hex(), "00c0000000", "00c0000080"], "PROTOCOL"),
        ),
    )
]

# T=1

_READ = bytes.fromhex("00B2010C00")
_OK = "0000029000"


def _block(text: str, spoilt: int = 0) -> bytes:
    data = bytes.fromhex(text)
    whole = bytearray(data + epilogue(data, False)) if data else bytearray()
    if spoilt:
        whole[-1] ^= spoilt
    return bytes(whole)


def _blocks(*answers: bytes, apdu: bytes = _READ, ifsc: int = 32) -> Callable[[Bench], Any]:
    """What the terminal sent after its command, without epilogues, and what came of the command."""

    def play(bench: Bench) -> Any:
        sent, results = bench.call("iso7816_probe:t1", [apdu], list(answers), ifsd=0, ifsc=ifsc)
        return [out[:-1].hex() for out in sent[1:]], results[0][0] if isinstance(results[0], tuple) else results[0]

    return play


def _sizes_after_ifs(bench: Bench) -> Any:
    """What the terminal sends of a command of 69 bytes, when the card wants blocks of 16 after the first one of 32."""
    answers = [_block(text) for text in ("00C10110", "009000", "008000", "009000", _OK)]
    apdu = bytes.fromhex("00DA009F40") + bytes(64)
    sent, results = bench.call("iso7816_probe:t1", [apdu], answers, ifsd=0)
    return [out[2] for out in sent], results[0]


def _asked_again(name: str, by: str, without: Any, block: bytes, error: str = "82") -> Fault:
    """The block is no answer: an R-block asks for another, which is taken."""
    return Fault(
        "T=1",
        name,
        "asked for again",
        by,
        without,
        _blocks(block, _block(_OK)),
        ([f"00{error}00"], b"\x90\x00"),
    )


_T1 = "iso7816.t1:BlockProtocol."
_I, _S, _A = _T1 + "_information", _T1 + "_supervision_request", _T1 + "_supervision_response"
BLOCKS = [
    _asked_again("wrong LRC", "iso7816.t1:is_sound", True, _block(_OK[:-2] + "01", 0x40), "81"),
    _asked_again("silence", _T1 + "_invalid", None, b""),
    _asked_again("block breaks off", _T1 + "_invalid", None, _block(_OK)[:4]),
    _asked_again("LEN FF", _T1 + "_invalid", None, _block("0000FF")),
    _asked_again("address in NAD", _T1 + "_take", 0, _block("0100029000")),
    _asked_again("another number", _I, 0, _block("0040029000")),
    _asked_again("reserved bits in the PCB", _I, 0, _block("0001029000")),
    _asked_again("R-block with data", _T1 + "_take", 0, _block("00800102")),
    _asked_again("acknowledges a part that is the last one", _T1 + "_asked_again", 0, _block("009000")),
    _asked_again("S-block that the standard does not have", _S, 0, _block("00C400")),
    _asked_again("card wants to resynchronise", _S, 0, _block("00C000")),
    _asked_again("waiting time extended 0 times", _S, 0, _block("00C30100")),
    _asked_again("extension of two bytes", _S, 0, _block("00C30201FF")),
    _asked_again("card takes blocks of 15 bytes", _S, 0, _block("00C1010F")),
    _asked_again("card takes blocks of 255 bytes", _S, 0, _block("00C101FF")),
    _asked_again("answer to a request that was none", _A, 0, _block("00E101FE")),
    Fault(
        "T=1",
        "card needs more time",
        "granted, as often as it asks",
        _S,
        0,
        _blocks(_block("00C30103"), _block("00C30104"), _block(_OK)),
        (["00e30103", "00e30104"], b"\x90\x00"),
    ),
    Fault(
        "T=1",
        "card takes smaller blocks from now on",
        "the rest of the command goes out in those",
        _S,
        0,
        _sizes_after_ifs,
        ([32, 1, 16, 16, 5], b"\x90\x00"),
    ),
    Fault(
        "T=1",
        "card aborts the chain",
        "the command has failed",
        _S,
        0,
        _blocks(_block("00C200"), _block(_OK)),
        ([], "PROTOCOL"),
    ),
    Fault(
        "T=1",
        "no valid block in three attempts",
        "the card is given up",
        _T1 + "_give_up",
        None,
        _blocks(_block(_OK, 1), b"", _block(_OK, 1), _block(_OK)),
        (["008100", "008200"], "PROTOCOL"),
    ),
    Fault(
        "T=1",
        "silent in three attempts",
        "the card is given up",
        _T1 + "_give_up",
        None,
        _blocks(b"", b"", b"", _block(_OK)),
        (["008200", "008200"], "TIMEOUT"),
    ),
    Fault(
        "T=1",
        "wants the command again for ever",
        "the card is given up the third time",
        _T1 + "_asked_again",
        0,
        _blocks(_block("008000"), _block("008000"), _block("008000"), _block(_OK)),
        (["000005" + _READ.hex()] * 2, "PROTOCOL"),
    ),
]
FAULTS = [*ANSWERS, *CHARACTERS, *APDUS, *BLOCKS]
