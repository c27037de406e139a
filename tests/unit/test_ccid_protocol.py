"""CCID in words: what a person sees of a controller's line."""

from __future__ import annotations

import pytest
from tillbench.protocols.ccid import ANSWER, FAILED, MORE_TIME, REPEAT, REQUEST, Describer, Message, frame, unframed

VERIFY = bytes.fromhex("0020008008241234FFFFFFFFFF")


def request(kind: int, data: bytes = b"", sequence: int = 5) -> bytes:
    fields = {"kind": kind, "length": len(data), "slot": 0, "sequence": sequence, "special": bytes(3), "data": data}
    return frame(REQUEST.build(fields))


def answer(kind: int, status: int, error: int = 0, data: bytes = b"") -> bytes:
    fields = {"kind": kind, "length": len(data), "slot": 0, "sequence": 5, "status": status, "error": error}
    return frame(ANSWER.build({**fields, "extra": 0, "data": data}))


def test_frame_is_that_of_libccid() -> None:
    """PC_to_RDR_IccPowerOn as `ccid_serial.c` sends it first."""
    sent = bytes.fromhex("03066200000000000000000067")
    assert frame(bytes.fromhex("62000000000000000000")) == sent
    assert unframed(sent) == sent[2:-1]


@pytest.mark.parametrize("cut", [b"", b"\x03", b"\x03\x06\x05", request(0x65)[:-1], request(0x65) + b"\0"])
def test_what_is_no_frame(cut: bytes) -> None:
    assert unframed(cut) is None
    assert Describer().request(cut) == f"{len(cut)} bytes that are no frame"


def test_what_each_message_is_called() -> None:
    said = Describer()
    assert said.request(request(Message.IccPowerOn)) == "IccPowerOn 5"
    assert said.answer(answer(Message.DataBlock, 0, data=b"\x3b\x00")) == "DataBlock 5: active, 2 bytes"
    assert said.answer(answer(Message.DataBlock, 1 | FAILED, 0xFE)) == "DataBlock 5: inactive, ICC_MUTE"
    assert said.answer(answer(Message.DataBlock, FAILED, 0xFD)) == "DataBlock 5: active, error FD"
    assert said.answer(answer(Message.SlotStatus, 3)) == "SlotStatus 5: state 03"
    assert said.request(request(0x77)) == "message 77 5"
    assert said.answer(MORE_TIME) == "the card takes its time"
    assert said.answer(REPEAT) == said.request(REPEAT) == "once more, please"


def test_asking_for_the_card_is_told_when_it_comes_and_goes() -> None:
    said = Describer()
    told = []
    for state in (2, 2, 1, 1, 2):
        assert said.request(request(Message.GetSlotStatus)) is None
        told.append(said.answer(answer(Message.SlotStatus, state)))
    assert told == ["SlotStatus 5: absent", None, "SlotStatus 5: inactive", None, "SlotStatus 5: absent"]


def test_a_pin_is_not_in_it() -> None:
    assert Describer().request(request(Message.XfrBlock, VERIFY)) == "XfrBlock 5, 13 bytes"
