"""T=1 and PPS, block by block on the device: dialogues of the standard, and lost and garbled blocks at random."""

from __future__ import annotations

import random
from binascii import crc_hqx
from typing import Any

import pytest
from tillbench.host.cards import T1Card, T1Options, load_profile
from tillbench.host.cards.card import VirtualCard
from tillbench.host.cards.t1 import epilogue
from tillbench.host.emulator.bench import Bench
from tillbench.host.emulator.calls import DeviceError

READ = bytes.fromhex("00B2010C00")
LONG = bytes.fromhex("00DA009F28") + bytes(40)
IFS_REQUEST = "00C101FE"
IFS_RESPONSE = "00E101FE"
OK = "0000029000"


def block(text: str, with_crc: bool = False) -> bytes:
    """A block with its epilogue; empty for silence."""
    data = bytes.fromhex(text)
    return data + epilogue(data, with_crc) if data else b""


def garbled(text: str) -> bytes:
    whole = bytearray(block(text))
    whole[-1] ^= 0x40
    return bytes(whole)


def information(number: int, data: bytes, more: bool = False) -> str:
    return bytes([0, number << 6 | more << 5, len(data)]).hex() + data.hex()


def dialogue(device: Bench, apdus: list[bytes], *answers: bytes, **options: Any) -> tuple[list[str], list[Any]]:
    """What the terminal sent (without the epilogue, which is checked) and what came of each APDU."""
    sent, results = device.call("iso7816_probe:t1", apdus, list(answers), **options)
    with_crc = options.get("with_crc", False)
    tail = 2 if with_crc else 1
    for out in sent:
        assert out == block(out[:-tail].hex(), with_crc)
    return [out[:-tail].hex().upper() for out in sent], results


def test_the_size_of_blocks_first_and_then_numbers_that_alternate(device: Bench) -> None:
    sent, results = dialogue(
        device, [READ, READ, READ], block(IFS_RESPONSE), block(OK), block("0040026A83"), block("0000026A84")
    )
    assert sent == [IFS_REQUEST, "000005" + READ.hex().upper(), "004005" + READ.hex().upper(), "000005" + sent[1][6:]]
    assert results == [b"\x90\x00", b"\x6a\x83", b"\x6a\x84"]


def test_a_long_command_goes_out_in_parts(device: Bench) -> None:
    parts = [LONG[:16], LONG[16:32], LONG[32:]]
    sent, results = dialogue(device, [LONG], block("009000"), block("008000"), block(OK), ifsc=16, ifsd=0)
    assert sent == [
        information(0, parts[0], True).upper(),
        information(1, parts[1], True).upper(),
        information(0, parts[2]).upper(),
    ]
    assert results == [b"\x90\x00"]


def test_a_long_answer_comes_in_parts(device: Bench) -> None:
    answer = bytes(range(200)) + b"\x90\x00"
    sent, results = dialogue(
        device,
        [READ, READ],
        block(information(0, answer[:100], True)),
        block(information(1, answer[100:], False)),
        block(OK),
        ifsd=0,
    )
    assert sent[1:] == ["009000", "004005" + READ.hex().upper()]
    assert results == [answer, b"\x90\x00"]


@pytest.mark.parametrize("with_crc", [False, True])
def test_both_epilogues(device: Bench, with_crc: bool) -> None:
    answers = [block(IFS_RESPONSE, with_crc), block(OK, with_crc)]
    assert dialogue(device, [READ], *answers, with_crc=with_crc)[1] == [b"\x90\x00"]


def test_the_crc_is_the_one_of_the_catalogue(device: Bench) -> None:
    """CRC-16/MCRF4XX, check value of the usual catalogue of CRCs."""
    assert device.call("iso7816_probe:crc_of", b"123456789") == 0x6F91
    assert epilogue(b"123456789", True) == b"\x6f\x91"


def x25(data: bytes) -> int:
    """The CRC of ISO/IEC 13239 by Python's `binascii`, which takes the bits of a byte the other way round."""
    turned = bytes(int(f"{byte:08b}"[::-1], 2) for byte in data)
    return int(f"{crc_hqx(turned, 0xFFFF):016b}"[::-1], 2) ^ 0xFFFF


def test_the_crc_is_that_of_iso_13239_but_for_the_complement(device: Bench) -> None:
    assert x25(b"123456789") == 0x906E  # the published check value
    for data in (b"", b"\x00", bytes(range(256)), block(IFS_REQUEST), LONG):
        expected = x25(data) ^ 0xFFFF
        assert device.call("iso7816_probe:crc_of", data) == expected
        assert epilogue(data, True) == expected.to_bytes(2, "big")


@pytest.mark.parametrize("with_crc", [False, True])
def test_every_single_bit_matters(device: Bench, with_crc: bool) -> None:
    """Whichever bit of an answer turns over, the terminal asks again and takes the second one."""
    good = block(OK, with_crc)
    for bit in range(8 * len(good)):
        bad = bytearray(good)
        bad[bit // 8] ^= 1 << bit % 8
        sent, results = dialogue(device, [READ], bytes(bad), good, ifsd=0, with_crc=with_crc)
        assert results == [b"\x90\x00"], bit
        assert sent[1] in ("008100", "008200"), bit


@pytest.mark.parametrize(
    ("bad", "error"),
    [
        (garbled(OK), "81"),
        (b"", "82"),  # silence
        (block(OK)[:4], "82"),  # breaks off
        (block("0000FF"), "82"),  # LEN FF is reserved
        (block("0100029000"), "82"),  # an address
        (block("0040029000"), "82"),  # another number
        (block("0001029000"), "82"),  # reserved bits of the PCB
        (block("009000"), "82"),  # acknowledges a part, and there is none to come
        (block("00C000"), "82"),  # only the terminal may resynchronise
        (block("00C30100"), "82"),  # no time at all
        (block("00C30201FF"), "82"),
        (block("00C1010F"), "82"),  # sizes below 10 hexadecimal
        (block("00C101FF"), "82"),
        (block("00E101FE"), "82"),  # an answer that nobody asked for
        (block("00C400"), "82"),
        (block("00800102"), "82"),
    ],
)
def test_an_invalid_block_is_asked_for_again(device: Bench, bad: bytes, error: str) -> None:
    sent, results = dialogue(device, [READ, READ], bad, block(OK), block("0040029001"), ifsd=0)
    assert sent[1:] == ["00" + error + "00", "004005" + READ.hex().upper()]
    assert results == [b"\x90\x00", b"\x90\x01"]


def test_three_attempts_and_no_more(device: Bench) -> None:
    bad = garbled(OK)
    sent, results = dialogue(device, [READ], bad, b"", bad, ifsd=0)
    assert sent == ["000005" + READ.hex().upper(), "008100", "008200"]
    assert results == [("PROTOCOL", "T=1: no valid block in 3 attempts")]
    sent, results = dialogue(device, [READ], ifsd=0)
    assert sent == ["000005" + READ.hex().upper(), "008200", "008200"]
    assert results == [("TIMEOUT", "T=1: no answer in 3 attempts")]


def test_attempts_count_anew_for_each_block(device: Bench) -> None:
    bad = garbled(OK)
    sent, results = dialogue(
        device, [READ], bad, bad, block(information(0, b"ab", True)), bad, bad, block("0040029000"), ifsd=0
    )
    assert sent[1:] == ["008100", "008100", "009000", "009100", "009100"]
    assert results == [b"ab\x90\x00"]


def test_a_command_that_arrived_garbled_is_sent_again(device: Bench) -> None:
    sent, results = dialogue(device, [READ], block("008100"), block("008200"), block(OK), ifsd=0)
    assert sent == ["000005" + READ.hex().upper()] * 3
    assert results == [b"\x90\x00"]
    assert dialogue(device, [READ], *[block("008100")] * 3, ifsd=0)[1] == [
        ("PROTOCOL", "T=1: no valid block in 3 attempts")
    ]


def test_a_part_that_arrived_garbled_is_sent_again(device: Bench) -> None:
    sent, results = dialogue(
        device, [LONG], block("009000"), block("009100"), block("008000"), block(OK), ifsc=16, ifsd=0
    )
    assert sent[1] == sent[2] == information(1, LONG[16:32], True).upper()
    assert results == [b"\x90\x00"]


def test_an_acknowledgement_that_arrived_garbled_is_sent_again(device: Bench) -> None:
    sent, results = dialogue(
        device, [READ], block(information(0, b"ab", True)), block("009100"), block("0040029000"), ifsd=0
    )
    assert sent[1:] == ["009000", "009000"]
    assert results == [b"ab\x90\x00"]


def test_the_size_is_asked_for_until_it_is_answered(device: Bench) -> None:
    for wrong in (garbled(IFS_RESPONSE), b"", block("00E10120"), block("008100"), block(OK), block("00E301FE")):
        sent, results = dialogue(device, [READ], wrong, block(IFS_RESPONSE), block(OK))
        assert sent == [IFS_REQUEST, IFS_REQUEST, "000005" + READ.hex().upper()]
        assert results == [b"\x90\x00"]
    sent, results = dialogue(device, [READ], block("008100"), block("008100"), block("008100"))
    assert sent == [IFS_REQUEST] * 3
    assert results == [("PROTOCOL", "T=1: no valid block in 3 attempts")]


def test_more_time_for_one_block(device: Bench) -> None:
    sent, _ = dialogue(device, [READ], block("00C30107"), block(OK), ifsd=0)
    assert sent[1] == "00E30107"
    answers = [block("00C30107"), block(information(0, b"ab", True)), block("00C30102"), block("0040029000")]
    assert device.call("iso7816_probe:t1_extensions", answers) == [1, 7, 1, 2]


def test_the_card_changes_its_size_in_the_middle_of_a_command(device: Bench) -> None:
    command = LONG + b"\x00" * 10
    command = command[:4] + bytes([len(command) - 5]) + command[5:]
    answers = [block("00C10110"), block("009000"), block("008000"), block(OK)]
    sent, results = dialogue(device, [command], *answers, ifsc=32, ifsd=0)
    assert sent == [
        information(0, command[:32], True).upper(),
        "00E10110",
        information(1, command[32:48], True).upper(),
        information(0, command[48:]).upper(),
    ]
    assert results == [b"\x90\x00"]


def test_an_aborted_chain_ends_the_session(device: Bench) -> None:
    assert dialogue(device, [LONG], block("00C200"), ifsc=16, ifsd=0)[1] == [
        ("PROTOCOL", "T=1: the card aborts the chain")
    ]


def test_outside_of_emv_the_dialogue_can_begin_anew(device: Bench) -> None:
    silence = [b""] * 3
    sent, results = dialogue(device, [READ, READ], block(IFS_RESPONSE), *silence, block("00E000"), block(OK), emv=False)
    assert sent[4:] == ["00C000", "000005" + READ.hex().upper()]
    assert results[0][0] == "RESYNCHED"
    assert results[1] == b"\x90\x00"
    sent, results = dialogue(device, [READ], emv=False, ifsd=0)
    assert sent[3:] == ["00C000"] * 3
    assert results == [("TIMEOUT", "T=1: no answer in 3 attempts")]


def test_an_answer_beyond_256_bytes(device: Bench) -> None:
    parts = [information(i % 2, bytes(200), True) for i in range(2)]
    assert dialogue(device, [READ], *map(block, parts), ifsd=0)[1] == [
        ("PROTOCOL", "T=1: response of 400 bytes: expected at most 258")
    ]
    assert dialogue(device, [READ], block("00000190"), ifsd=0)[1] == [
        ("PROTOCOL", "T=1: response of 1 bytes: expected SW1 SW2")
    ]


class Line:
    """A card at the other end of a line that loses and garbles blocks, both ways."""

    def __init__(self, card: T1Card, rng: random.Random, rate: float) -> None:
        self.card = card
        self.rng = rng
        self.rate = rate
        self.spoilt = 0

    def spoil(self, data: bytes) -> bytes:
        if not data or self.rng.random() >= self.rate:
            return data
        self.spoilt += 1
        spoilt = bytearray(data)
        how = self.rng.randrange(3)
        if how == 0:
            return b""
        if how == 1:
            spoilt[self.rng.randrange(len(spoilt))] ^= 1 << self.rng.randrange(8)
        else:
            del spoilt[self.rng.randrange(1, len(spoilt)) :]
        return bytes(spoilt)

    def __call__(self, out: bytes) -> bytes:
        self.card.line_quiet()
        return self.spoil(b"".join(data for _, data in self.card.receive(self.spoil(out))))


APDUS = [
    bytes.fromhex("00A404000E315041592E5359532E444446303100"),
    bytes.fromhex("00A4040007A000000003101000"),
    bytes.fromhex("00B2011400"),
    bytes.fromhex("00B2010C00"),
    bytes.fromhex("0084000000"),
    bytes.fromhex("00A4040007A000000003101000"),
]


@pytest.mark.parametrize(("rate", "complete"), [(0.0, 40), (0.05, 30), (0.3, 2)])
def test_whatever_gets_lost_no_command_is_executed_twice(device: Bench, rate: float, complete: int) -> None:
    """Against the virtual card's end of T=1, written apart: the answers are those without a wire, until three attempts
    were in vain; `complete` of 40 sessions at least come to their end."""
    rng = random.Random(f"blocks {rate}")
    profile = load_profile("visa-cda")
    whole = spoilt = 0
    for _ in range(40):
        direct, wired = VirtualCard(profile), VirtualCard(profile)
        seen: list[bytes] = []
        wired.on_exchange = lambda command, _, seen=seen: seen.append(command)
        end = T1Card(
            wired, T1Options(wtx=rng.choice([0, 0, 3]), wtx_requests=rng.choice([1, 2]), ifsc=rng.choice([0, 16, 254]))
        )
        end.reset()
        direct.reset()
        line = Line(end, rng, rate)
        _, results = device.call("iso7816_probe:t1", APDUS, ifsd=rng.choice([32, 254, 100]), host={"card": line})
        expected = [direct.transmit(apdu) for apdu in APDUS]
        spoilt += line.spoilt
        if results == expected:
            whole += 1
        else:
            assert results[-1][0] in ("PROTOCOL", "TIMEOUT"), results
            assert results[:-1] == expected[: len(results) - 1]
            assert line.spoilt >= 3
        assert seen == APDUS[: len(seen)]
    assert whole >= complete
    assert bool(spoilt) == bool(rate)


PPS_ANSWERS = [
    ((1, 0x13), "FF1113FD", (b"\xff\x11\x13\xfd", 4, 0, 372, 4)),
    ((0, 0x95), "FF10957A", (b"\xff\x10\x95\x7a", 4, 0, 512, 16)),
    ((0, 0x95), "FF00FF", (b"\xff\x10\x95\x7a", 3, 0, 372, 1)),  # the card stays with the default
    ((1, 0x11), "FF01FE", (b"\xff\x01\xfe", 3, 0, 372, 1)),
    ((1, 0x13), "FF11", (b"\xff\x11\x13\xfd", 2, 2, 372, 1)),
]


@pytest.mark.parametrize(("asked", "answer", "expected"), PPS_ANSWERS)
def test_pps(device: Bench, asked: tuple[int, int], answer: str, expected: tuple[Any, ...]) -> None:
    assert device.call("iso7816_probe:pps", *asked, bytes.fromhex(answer)) == expected


@pytest.mark.parametrize(
    ("answer", "detail"),
    [
        ("3F1113FD", "PPSS at offset 0: expected FF, found 3F"),
        ("FF1013FC", "PPS0 at offset 1: expected protocol T=1, found 10"),
        ("FF311300", "PPS0 at offset 1: expected no parameters but those asked for, found 31"),
        ("FF9113FD", "PPS0 at offset 1: expected no parameters but those asked for, found 91"),
        ("FF1112FC", "PPS1 at offset 2: expected 13, found 12"),
        ("FF1113FC", "PCK at offset 3: expected FD, found FC"),
        ("FF01FF", "PCK at offset 2: expected FE, found FF"),
    ],
)
def test_pps_refused(device: Bench, answer: str, detail: str) -> None:
    assert device.call("iso7816_probe:pps", 1, 0x13, bytes.fromhex(answer)) == ("PROTOCOL", detail)


@pytest.mark.parametrize("asked", [(15, 0x11), (-1, 0x11), (0, 0x71), (0, 0x10), (0, 0x1A)])
def test_pps_for_what_does_not_exist(device: Bench, asked: tuple[int, int]) -> None:
    with pytest.raises(DeviceError, match="ValueError"):
        device.call("iso7816_probe:pps", *asked, b"")
