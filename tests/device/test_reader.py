"""The reader as its driver meets it: requests and answers on the line, cards that are slow, mute, pulled."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tillbench.host.devices.slot_card import ScriptedCard

from tests.sample import examples

from .reader_rig import (
    ABORT,
    ABSENT,
    ACTIVE,
    CLOCK,
    ESCAPE,
    GET,
    INACTIVE,
    NAK,
    POWER_OFF,
    POWER_ON,
    RATE,
    RESET,
    SECURE,
    SET,
    STATUS,
    XFR,
    Line,
    frame,
    insert,
    message,
    told,
    visa,
)

SELECT = bytes.fromhex("00A404000E") + b"1PAY.SYS.DDF01"


def test_what_the_driver_asks_first(line: Line) -> None:
    assert line.request(ESCAPE, b"\x02").data.startswith(b"GemTwin-V2.00-")
    assert not line.request(ESCAPE, b"\x01\x01\x01").failed
    texts = b"".join(f"Text {number}".encode().ljust(16) for number in range(10))
    assert not line.request(ESCAPE, bytes.fromhex("B2A0004D4C") + texts).failed
    assert told(line.request(ESCAPE, b"\x01\x01\x07")) == (ABSENT, True, 12)
    assert told(line.request(ESCAPE, b"\x77")) == (ABSENT, True, 0)


def test_without_a_card(line: Line) -> None:
    assert told(line.request(STATUS)) == (ABSENT, False, 0)
    assert told(line.request(POWER_ON)) == (ABSENT, True, 0xFE)
    for kind, data in ((XFR, SELECT), (GET, b""), (RESET, b""), (SET, bytes(5)), (SECURE, bytes(20)), (RATE, bytes(8))):
        assert told(line.request(kind, data)) == (ABSENT, True, 0xFE)
    assert told(line.request(POWER_OFF)) == (ABSENT, False, 0)


def test_wrong_requests(line: Line) -> None:
    """The slot error register names what is wrong (USB CCID 1.1, 6.2.6)."""
    unknown = line.request(0x6A)
    assert (unknown.kind, told(unknown)) == (0x81, (ABSENT, True, 0))
    assert told(line.request(STATUS, slot=1)) == (ABSENT, True, 5)
    assert told(line.request(STATUS, b"\x00")) == (ABSENT, True, 1)
    assert told(line.request(SET, bytes(4))) == (ABSENT, True, 1)
    assert told(line.request(POWER_ON, special=b"\x04\x00\x00")) == (ABSENT, True, 7)
    answer = line.raw(frame(message(STATUS, bytes(300), seq=9)))
    assert (answer.seq, told(answer)) == (9, (ABSENT, True, 1))


def test_damage_is_answered_by_a_wish_for_repetition(line: Line) -> None:
    sound = frame(message(STATUS, seq=3))
    for damaged in (
        sound[:-1] + bytes([sound[-1] ^ 1]),
        sound[:5],
        b"\x03\x07",
        b"\x03\x06\x65\xff\xff\xff\xff" + bytes(6),
    ):
        line.take()
        line.write(damaged)
        line.bench.run_for(0.3)
        assert line.take() == NAK, damaged.hex()
        assert line.raw(sound).seq == 3
    line.write(NAK)  # the other way round
    line.bench.run_for(0.3)
    assert line.take() == frame(bytes.fromhex("81000000000003020001"))


@settings(max_examples=examples(40), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.one_of(
            st.binary(max_size=60),
            st.builds(
                lambda kind, data, slot, cut: frame(message(kind, data, slot=slot))[: 40 - cut],
                st.integers(0x60, 0x74),
                st.binary(max_size=24),
                st.integers(0, 2),
                st.integers(0, 12),
            ),
        ),
        max_size=5,
    ),
    st.integers(0, 255),
)
def test_after_any_garbage_it_answers(line: Line, garbage: list[bytes], seq: int) -> None:
    line.write(b"".join(garbage))
    line.bench.run_for(2.0)
    answer = line.raw(frame(message(STATUS, seq=seq)))
    assert (answer.kind, answer.seq, told(answer)) == (0x81, seq, (ABSENT, False, 0))


def test_on_off_and_status(line: Line) -> None:
    visa(line, on=False)
    assert told(line.request(STATUS)) == (INACTIVE, False, 0)
    assert told(line.request(XFR, SELECT)) == (INACTIVE, True, 0xFE)
    assert line.request(POWER_ON).data.hex() == "3b600000"
    assert dataclasses.astuple(line.request(STATUS))[3:7] == (ACTIVE, False, 0, 0)
    assert line.request(POWER_ON).data.hex() == "3b600000"
    assert line.models.slot.powered
    assert (line.request(POWER_OFF).extra, line.models.slot.powered) == (1, False)
    assert line.models.slot.violations == []


def test_a_second_power_on_is_a_warm_reset(line: Line) -> None:
    card = ScriptedCard()
    insert(line, card)
    line.request(POWER_ON)
    line.request(POWER_ON)
    assert card.resets == [True, False]


@pytest.mark.parametrize(
    "atr", ["3B600100", "3B65000012345678AB", "3F600000", "3B9F95801FC78031A073BE21136743200718000001A6"]
)
def test_answers_to_reset_that_emv_would_refuse(line: Line, atr: str) -> None:
    insert(line, ScriptedCard(bytes.fromhex(atr)))
    assert line.request(POWER_ON).data == bytes.fromhex(atr)


@pytest.mark.parametrize(
    ("atr", "error"), [(b"", 0xFE), (bytes.fromhex("3BE000008131204536"), 0xF7), (b"\x3c\x00", 0xF8), (b"\x3b", 0xFE)]
)
def test_answers_to_reset_that_nobody_takes(line: Line, atr: bytes, error: int) -> None:
    insert(line, ScriptedCard(atr))
    assert told(line.request(POWER_ON)) == (INACTIVE, True, error)
    assert not line.models.slot.powered


def test_t0(line: Line) -> None:
    visa(line)
    answer = line.request(XFR, SELECT)
    assert answer.data[:1] == b"\x61"
    fetched = line.request(XFR, bytes.fromhex("00C00000") + answer.data[1:])
    assert fetched.data[-2:].hex() == "9000"
    assert line.request(XFR, bytes.fromhex("00B2010C00")).data[:1] == b"\x6c"
    assert line.request(XFR, SELECT + b"\x00").data == answer.data  # a Le stays behind
    assert len(line.request(XFR, bytes.fromhex("00A40400")).data) == 2  # case 1
    assert told(line.request(XFR, bytes.fromhex("00A404000E3132"))) == (ACTIVE, True, 1)
    assert told(line.request(XFR, b"\x00\xa4")) == (ACTIVE, True, 1)
    assert told(line.request(XFR, bytes.fromhex("0060000000"))) == (ACTIVE, True, 11)


def test_t1_moves_blocks(line: Line) -> None:
    """The driver runs the protocol: here a block whose check is wrong comes back as R-block, as the card sends it."""
    visa(line, t1=True)
    assert line.request(XFR, bytes.fromhex("00C101FE3E")).data.hex() == "00e101fe1e"
    block = b"\x00\x00" + bytes([len(SELECT)]) + SELECT
    check = 0
    for byte in block:
        check ^= byte
    refused = line.request(XFR, block + bytes([check ^ 1])).data
    assert (refused[1] & 0xC0, len(refused)) == (0x80, 4)
    taken = line.request(XFR, block + bytes([check])).data
    assert taken[-3:-1].hex() == "9000"
    assert line.models.slot.violations == []


def test_parameters(line: Line) -> None:
    visa(line)
    first = line.request(GET)
    assert (first.kind, first.extra, first.data.hex()) == (0x82, 0, "1100000a00")
    assert line.request(SET, bytes.fromhex("1100020A00")).data.hex() == "1100020a00"
    assert line.request(RESET).data.hex() == "1100000a00"
    assert told(line.request(SET, bytes.fromhex("7100020A00"))) == (ACTIVE, True, 10)
    assert told(line.request(SET, bytes.fromhex("1100020000"))) == (ACTIVE, True, 13)
    assert told(line.request(SET, bytes.fromhex("1110004D000000"), special=b"\x01\x00\x00")) == (ACTIVE, True, 15)
    assert told(line.request(SET, bytes(5), special=b"\x02\x00\x00")) == (ACTIVE, True, 7)
    assert line.request(XFR, SELECT).data[:1] == b"\x61"


def test_parameters_at_t1(line: Line) -> None:
    visa(line, t1=True)
    assert (line.request(GET).extra, line.request(GET).data.hex()) == (1, "1110004500" + "2000")


def test_rate_and_clock(line: Line) -> None:
    visa(line)
    answer = line.request(RATE, (4000).to_bytes(4, "little") + (21_505).to_bytes(4, "little"))
    assert (answer.kind, int.from_bytes(answer.data[:4], "little"), int.from_bytes(answer.data[4:], "little")) == (
        0x84,
        4000,
        21_505,
    )
    assert line.request(GET).data[:1] == b"\x12"
    assert told(line.request(RATE, (5000).to_bytes(4, "little") + bytes(4))) == (ACTIVE, True, 10)
    assert told(line.request(RATE, (4000).to_bytes(4, "little") + (9_000_000).to_bytes(4, "little"))) == (
        ACTIVE,
        True,
        14,
    )


def test_the_clock_stops_and_runs_again(line: Line) -> None:
    insert(line, ScriptedCard())
    line.request(POWER_ON)
    assert told(line.request(CLOCK, special=b"\x01\x00\x00")) == (ACTIVE, True, 7)  # its ATR does not allow it
    line.models.slot.remove()
    line.bench.run_for(0.3)
    insert(line, ScriptedCard(bytes.fromhex("3B80801F405F")))  # first TA for T=15: stop low
    line.request(POWER_ON)
    assert line.request(GET).data[4] == 1
    line.request(CLOCK, special=b"\x01\x00\x00")
    assert line.request(STATUS).extra == 1
    assert line.request(CLOCK, special=b"\x00\x00\x00").extra == 0
    assert line.request(STATUS).extra == 0
    assert [violation.what for violation in line.models.slot.violations] == ["CLK stops while RST is high"]
    line.models.slot.violations.clear()  # the model knows no card that allows it


def test_a_card_pulled_in_the_middle(line: Line) -> None:
    visa(line)
    line.models.slot.faults.out_after_characters = line.models.slot.characters + 12
    assert told(line.request(XFR, SELECT)) == (ABSENT, True, 0xFE)
    assert not line.models.slot.powered
    assert told(line.request(STATUS)) == (ABSENT, False, 0)


def test_a_card_that_stays_mute(line: Line) -> None:
    """At T=0 it is switched off: nobody knows where it is. At T=1 the driver may ask again."""
    for t1 in (False, True):
        visa(line, t1=t1, faults=({"at": 1, "mute": True},))
        asked = SELECT if not t1 else bytes.fromhex("00000500A4040000A5")
        assert told(line.request(XFR, asked)) == (ACTIVE if t1 else INACTIVE, True, 0xFE)
        line.models.slot.remove()
        line.bench.run_for(0.3)


def test_a_card_that_breaks_the_protocol(line: Line) -> None:
    class Wrong(ScriptedCard):
        def receive(self, data: bytes) -> list[tuple[int, bytes]]:
            return [(4, b"\x11")] if super().receive(data) else []

    insert(line, Wrong())
    line.request(POWER_ON)
    assert told(line.request(XFR, bytes.fromhex("00B2010C10"))) == (INACTIVE, True, 0xF4)


@pytest.mark.parametrize("t1", [False, True])
def test_a_slow_card_gets_time(line: Line, t1: bool) -> None:
    """While the card is silent for longer than a second, a byte tells the driver to go on waiting."""
    etu = 30_000 if t1 else 9_400
    visa(line, on=False, faults=({"at": 2, "delay": etu},), t1=t1)
    assert line.request(POWER_ON).data
    if t1:
        block = b"\x00\x00" + bytes([len(SELECT)]) + SELECT
        check = 0
        for byte in block:
            check ^= byte
        line.request(XFR, block + bytes([check]))
        again = b"\x00\x40" + block[2:]
        answer = line.request(XFR, again + bytes([check ^ 0x40]), special=b"\x09\x00\x00")
    else:
        line.request(XFR, SELECT)
        line.models.slot.faults.nulls = 3
        line.models.slot.faults.reply_delay_etu = etu
        answer = line.request(XFR, SELECT)
    assert not answer.failed
    assert set(answer.before) == {0x81}
    assert 1 <= len(answer.before) <= 10


def test_abort_and_busy(line: Line) -> None:
    """A request beside another is refused, but Abort, which ends it; the card is off then."""
    visa(line)
    line.models.slot.faults.nulls = 20
    line.models.slot.faults.reply_delay_etu = 9_000
    line.take()
    line.write(frame(message(XFR, SELECT, seq=10)))
    line.bench.run_for(2.0)
    line.take()
    line.write(frame(message(STATUS, seq=11)))
    busy = line.answer()
    assert (busy.seq, busy.failed, busy.error) == (11, True, 0xE0)
    line.take()
    line.write(frame(message(ABORT, seq=12)))
    aborted = line.answer()
    assert (aborted.kind, aborted.seq, told(aborted)) == (0x80, 10, (INACTIVE, True, 0xFF))
    line.bench.run_for(0.1)
    assert line.take() == frame(bytes([0x81, 0, 0, 0, 0, 0, 12, INACTIVE, 0, 0]))
    line.models.slot.faults.nulls = line.models.slot.faults.reply_delay_etu = 0
    assert line.request(POWER_ON).data
    assert line.request(XFR, SELECT).data[:1] == b"\x61"


def test_abort_comes_with_what_it_aborts(line: Line) -> None:
    """Both in one piece: nothing of the first had begun."""
    visa(line)
    line.take()
    line.write(frame(message(XFR, SELECT, seq=20)) + frame(message(ABORT, seq=21)))
    line.bench.run_for(0.1)
    aborted, abort = bytes([0x80, 0, 0, 0, 0, 0, 20, 0x41, 0xFF, 0]), bytes([0x81, 0, 0, 0, 0, 0, 21, INACTIVE, 0, 0])
    echo = frame(message(STATUS))
    assert line.take() == echo + echo + frame(aborted) + frame(abort)
    assert line.request(POWER_ON).data


def test_movement_is_told_when_it_happens_or_before_the_next_answer(line: Line) -> None:
    line.request(STATUS)
    line.request(ESCAPE, b"\x01\x01\x01")
    line.take()
    insert(line, ScriptedCard())
    assert line.take() == b""
    assert line.request(STATUS).before == b"\x50\x03"
    assert line.request(STATUS).before == b""
    line.request(ESCAPE, b"\x01\x01\x00")
    line.models.slot.remove()
    line.bench.run_for(0.3)
    assert line.take() == b"\x50\x02"


class PpsCard(ScriptedCard):
    """Offers four bits where the default has one (TA1 13), and takes a PPS that asks for them."""

    def __init__(self) -> None:
        super().__init__(bytes.fromhex("3B101300")[:3])
        self.d = 1
        self._pps = bytearray()

    def reset(self, cold: bool) -> bytes:
        self.d = 1
        self._pps.clear()
        return super().reset(cold)

    def receive(self, data: bytes) -> list[tuple[int, bytes]]:
        if self.d == 1 and (self._pps or data == b"\xff"):
            self._pps += data
            if len(self._pps) < 4:
                return []
            self.d = 4
            return [(4, bytes(self._pps))]
        return super().receive(data)


def test_a_rate_is_agreed_upon(line: Line) -> None:
    """PPS goes to the card as it is; from SetParameters on, characters have the new length."""
    insert(line, PpsCard())
    assert line.request(POWER_ON).data.hex() == "3b1013"
    assert line.request(XFR, bytes.fromhex("FF1013FC")).data.hex() == "ff1013fc"
    assert line.request(SET, bytes.fromhex("1300000A00")).data.hex() == "1300000a00"
    assert line.request(XFR, bytes.fromhex("00B2010C10")).data[-2:].hex() == "9000"
    assert line.models.slot.violations == []


def test_a_card_that_takes_no_pps(line: Line) -> None:
    insert(line, ScriptedCard())
    line.request(POWER_ON)
    assert told(line.request(XFR, bytes.fromhex("FF1013FC"))) == (INACTIVE, True, 0xFE)
