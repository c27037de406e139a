"""What a sale leaves to be undone, on a fake board: no answer, one that cannot be trusted, a line that breaks."""

from __future__ import annotations

import pytest
from tillbench.host.emulator.bench import Bench
from tillbench.protocols.iso8583 import Message

from tests.device.terminal_rig import (
    CARD_OUT,
    DONE,
    ENTER,
    FAILED_SALE,
    PAY,
    STOP,
    Counter,
    keys,
    messages,
)


@pytest.fixture
def counter(device: Bench) -> Counter:
    return Counter(device)


def test_no_answer_is_reversed_with_reason_98(counter: Counter) -> None:
    before = counter.balance
    counter.acquirer.rules.silence("0200")
    counter.run(*FAILED_SALE)
    assert messages(counter) == ["0800", "0200", "0400"]
    original, reversal = counter.sent[1:]
    assert reversal[39] == "98"
    for field in (2, 3, 4, 11, 14, 22, 23, 25, 41, 42, 49, 60):
        assert reversal[field] == original[field]
    assert not {26, 35, 37, 52, 53} & reversal.fields.keys()
    assert counter.balance == before
    assert ("[NOT APPROVED]", "NO ANSWER", "REVERSED", "REMOVE CARD") in counter.frames


def test_an_answer_that_cannot_be_trusted_is_reversed_with_reason_a0(counter: Counter) -> None:
    before = counter.balance
    counter.acquirer.rules.bad_mac("0200")
    counter.run(*FAILED_SALE)
    assert counter.sent[2][39] == "A0"
    assert counter.balance == before


def test_a_declined_answer_without_mac_settles_nothing(counter: Counter) -> None:
    before = counter.balance

    def forge(answer: Message) -> Message:
        if answer.mti != "0210":
            return answer
        return Message("0210", {n: v for n, v in {**answer.fields, 39: "51"}.items() if n not in (64, 55)})

    counter.twist = forge
    counter.run(*FAILED_SALE)
    assert counter.sent[2].mti == "0400"
    assert counter.balance == before


def test_an_unreadable_answer_is_reversed_with_reason_06(counter: Counter) -> None:
    before = counter.balance
    counter.twist = lambda answer: b"\x02\x10\xff\xff" if answer.mti == "0210" else answer
    counter.run(*FAILED_SALE)
    assert counter.sent[2][39] == "06"
    assert counter.balance == before


@pytest.mark.parametrize("field", [3, 4, 11, 41, 42])
def test_an_answer_to_something_else_is_no_answer(counter: Counter, field: int) -> None:
    other = {3: "310000", 4: "000000000001", 11: "000001", 41: "87654321", 42: "898110053110002"}

    def mistake(answer: Message) -> Message:
        return Message("0210", {**answer.fields, field: other[field]}) if answer.mti == "0210" else answer

    counter.twist = mistake
    counter.run(*FAILED_SALE)
    assert counter.sent[2][39] == "98"


def test_a_line_that_breaks_after_the_request_is_reversed(counter: Counter) -> None:
    before = counter.balance
    counter.acquirer.rules.drop("0200")
    counter.run(*FAILED_SALE)
    assert counter.sent[2][39] == "98"
    assert counter.balance == before


@pytest.mark.parametrize("code", ["10", "A4"])
def test_an_answer_that_is_neither_yes_nor_no_is_undone(counter: Counter, code: str) -> None:
    counter.acquirer.rules.answer("0200", code)
    counter.run(*FAILED_SALE)
    assert counter.sent[2][39] == "06"
    assert ("[NOT APPROVED]", "ANSWER UNCLEAR", "REVERSED", "REMOVE CARD") in counter.frames


def test_a_reversal_without_answer_blocks_sales_until_the_host_is_back(counter: Counter) -> None:
    before = counter.balance
    counter.acquirer.rules.silence("0200")
    counter.acquirer.rules.lose("0400", 2)
    counter.run(
        *PAY,
        *CARD_OUT,
        ("REVERSAL PENDING", [keys(b"5")]),
        ("[NOT APPROVED]", [keys(ENTER)]),
        ("REVERSAL PENDING", [STOP]),
    )
    assert ("[NOT APPROVED]", "REVERSAL PENDING", "NO ANSWER", "") in counter.frames
    assert messages(counter) == ["0800", "0200", "0400", "0400"]
    counter.frames.clear()
    counter.run(*DONE)
    assert messages(counter)[-1] == "0400"
    assert counter.shown("REVERSED")
    assert counter.balance == before


@pytest.mark.parametrize("code", ["12", "25"])
def test_a_reversal_ends_when_the_host_knows_nothing_of_it(counter: Counter, code: str) -> None:
    counter.acquirer.rules.lose("0200")
    counter.acquirer.rules.answer("0400", code)
    counter.run(*FAILED_SALE)
    assert counter.shown("REVERSED")


@pytest.mark.parametrize("code", ["96", "40"])
def test_any_other_answer_to_a_reversal_keeps_it_owed(counter: Counter, code: str) -> None:
    counter.acquirer.rules.lose("0200")
    counter.acquirer.rules.answer("0400", code)
    counter.run(*PAY, *CARD_OUT, ("REVERSAL PENDING", [STOP]))
    counter.run(*DONE)
    assert messages(counter) == ["0800", "0200", "0400", "0400"]


def test_no_line_means_that_nothing_was_sent_and_nothing_is_owed(counter: Counter) -> None:
    counter.run(*DONE)
    counter.line_up = False
    counter.run(*FAILED_SALE)
    assert messages(counter) == ["0800"]
    assert ("[NOT APPROVED]", "NO LINE", "", "REMOVE CARD") in counter.frames
