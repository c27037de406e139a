"""The sale on a fake board: real kernel, virtual card, real acquirer, scripted fingers."""

from __future__ import annotations

import pytest
from tillbench.host.emulator.bench import Bench
from tillbench.protocols.iso8583 import Message

from tests.device.terminal_rig import (
    CANCEL,
    CARD_IN,
    CARD_OUT,
    CLEAR,
    COPIES,
    DONE,
    DOWN,
    ENTER,
    FAILED_SALE,
    IDLE_TO_AMOUNT,
    PAY,
    PIN,
    REPRINT,
    SALE,
    STOP,
    TMK,
    Counter,
    keys,
    menu,
    messages,
)


@pytest.fixture
def counter(device: Bench) -> Counter:
    return Counter(device)


def test_a_sale_from_a_blank_terminal_to_two_slips(counter: Counter) -> None:
    before = counter.balance
    seen = counter.run(*SALE)
    assert counter.balance == before - 1234
    assert messages(counter) == ["0800", "0200"]
    request = counter.sent[1]
    assert request[60] == "2200000100050"
    assert (request[3], request[22], request[23], request[25], request[26]) == ("000000", "051", "001", "00", "12")
    assert request[53] == "2600000000000000"
    assert request[11] == "000002"
    assert counter.shown("APPROVED")
    assert seen["lines"].count("cut") == 2
    assert seen["pin_entry"] == [True, False]
    assert seen["beeps"] >= 1


def test_the_slip_says_what_the_host_booked_and_hides_the_card_number(counter: Counter) -> None:
    lines = counter.run(*SALE)["lines"]
    booked = counter.acquirer.ledger.transaction(kind="sale")
    assert f"AUTH NO:{booked.authorisation_code:>24}" in lines
    assert f"REF NO:{booked.rrn:>25}" in lines
    assert "620000******0005 I" in lines
    assert "RMB 12.34" in lines
    assert "             2026/11/23 16:01:01" in lines
    assert "PIN VERIFIED" in lines
    assert "*** TEST - NOT VALID ***" in lines
    assert counter.profile.pan not in "".join(lines)
    assert "3012" not in "".join(lines)


def test_a_second_sale_needs_no_sign_on_and_counts_on(counter: Counter) -> None:
    counter.run(*SALE)
    counter.run(*SALE)
    assert messages(counter) == ["0800", "0200", "0200"]
    assert counter.sent[2][11] == "000003"


def test_a_visa_card(device: Bench) -> None:
    counter = Counter(device, "visa-credit")
    pin = [("ENTER PIN", [keys(b"1234" + ENTER)])]
    lines = counter.run(*IDLE_TO_AMOUNT, *CARD_IN, *pin, *CARD_OUT, *COPIES, *DONE)["lines"]
    assert counter.shown("APPROVED")
    assert any("A0000000031010" in line for line in lines)


@pytest.mark.parametrize(("code", "text"), [("51", "LOW FUNDS"), ("54", "EXPIRED CARD"), ("Q7", "CODE Q7")])
def test_a_decline_is_shown_with_its_code_and_leaves_nothing_to_undo(counter: Counter, code: str, text: str) -> None:
    counter.acquirer.rules.answer("0200", code)
    seen = counter.run(*FAILED_SALE)
    assert ("[DECLINED]", text, "CODE " + code, "REMOVE CARD") in counter.frames
    assert messages(counter) == ["0800", "0200"]
    assert seen["lines"] == []


def test_a_wrong_pin(counter: Counter) -> None:
    wrong = [("ENTER PIN", [keys(b"654321" + ENTER)])]
    counter.run(*IDLE_TO_AMOUNT, *CARD_IN, *wrong, *CARD_OUT, *DONE)
    assert counter.shown("WRONG PIN")


def test_a_card_that_leaves_at_any_command(counter: Counter, device_target: str) -> None:
    counter.run(*SALE)
    commands = counter.apdus
    assert commands > 8
    for command in range(1, commands + 1, 1 if device_target == "unix" else 4):
        counter.apdus = 0
        counter.pull_at = command
        before = counter.balance
        sent = len(counter.sent)
        steps = [*IDLE_TO_AMOUNT, *CARD_IN]
        if command > commands - 3:
            steps += PIN
        counter.run(*steps, ("NOT APPROVED", [keys(ENTER)]), *DONE)
        assert counter.balance == before, f"command {command}"
        assert [m.mti for m in counter.sent[sent:]] in ([], ["0200", "0400"]), f"command {command}"
        assert counter.shown("CARD REMOVED")


def test_a_card_that_declines_after_the_host_approved_is_reversed(counter: Counter) -> None:
    before = counter.balance
    real = counter.card.transmit

    def refuse(apdu: bytes) -> bytes:
        # The host's proof arrives spoilt: the card, which insists on it, declines at the second GENERATE AC.
        return real(apdu[:5] + bytes(8) + apdu[13:] if apdu[1] == 0x82 else apdu)

    counter.card.transmit = refuse  # type: ignore[method-assign]  # in its place for this test
    counter.run(*FAILED_SALE)
    assert counter.sent[2].mti == "0400"
    assert counter.sent[2][39] == "06"
    assert counter.balance == before
    assert ("[NOT APPROVED]", "CARD DECLINED", "REVERSED", "REMOVE CARD") in counter.frames


def test_a_mute_card(counter: Counter) -> None:
    counter.run(
        ("READY", [("mute",), keys(b"1234" + ENTER)]),
        *CARD_IN,
        *CARD_OUT,
        *DONE,
    )
    assert ("[NOT APPROVED]", "CARD IS SILENT", "MUTE", "REMOVE CARD") in counter.frames


@pytest.mark.parametrize(
    "steps",
    [
        [("READY", [keys(b"1" + CANCEL)])],
        [*IDLE_TO_AMOUNT, ("INSERT CARD", [keys(CANCEL)])],
        [*IDLE_TO_AMOUNT, *CARD_IN, ("ENTER PIN", [keys(b"12" + CANCEL)]), *CARD_OUT],
    ],
    ids=["amount", "card", "pin"],
)
def test_cancel_at_every_question(counter: Counter, steps: list[tuple[str, list[tuple[object, ...]]]]) -> None:
    counter.run(*steps, *DONE)
    assert counter.shown("CANCELLED")
    assert messages(counter) == ["0800"]


@pytest.mark.parametrize(
    "steps",
    [
        [("READY", [keys(b"1")])],
        [*IDLE_TO_AMOUNT],
        [*IDLE_TO_AMOUNT, *CARD_IN, ("ENTER PIN", [keys(b"12")]), *CARD_OUT],
    ],
    ids=["amount", "card", "pin"],
)
def test_silence_at_every_question(counter: Counter, steps: list[tuple[str, list[tuple[object, ...]]]]) -> None:
    counter.run(*steps, *DONE)
    assert counter.shown("TIME IS OVER")
    assert messages(counter) == ["0800"]


def test_the_pin_has_four_to_twelve_digits(counter: Counter) -> None:
    typed = [
        ("ENTER PIN", [keys(ENTER)]),
        ("PIN REQUIRED", [keys(b"123" + ENTER)]),
        ("TOO FEW DIGITS", [keys(CLEAR + b"1234567890123")]),
        ("************", [keys(CLEAR + b"123456" + ENTER)]),
    ]
    counter.run(*IDLE_TO_AMOUNT, *CARD_IN, *typed, *CARD_OUT, *COPIES, *DONE)
    assert counter.shown("APPROVED")


def test_an_amount_of_zero_is_refused_and_one_too_long_stops_growing(counter: Counter) -> None:
    counter.run(
        ("READY", [keys(b"1" + CLEAR + ENTER)]),
        ("NOT ZERO", [keys(b"12345678901" + CANCEL)]),
        ("CANCELLED", [keys(ENTER)]),
        *DONE,
    )
    assert counter.shown("RMB 1234567.89")


def test_paper_out_in_mid_slip_loses_no_line(counter: Counter) -> None:
    whole = counter.run(*SALE)["lines"]
    steps = [("READY", [("paper", 7, "PAPER_OUT"), keys(b"1234" + ENTER)]), *CARD_IN, *PIN, *CARD_OUT]
    out = [("ADD PAPER", [keys(ENTER)]), ("MERCHANT COPY", [])]
    lines = counter.run(*steps, *out, *COPIES, *DONE)["lines"]
    assert len(lines) == len(whole)
    assert lines[:7] == whole[:7]


def test_a_printer_that_forgot_lines_gets_the_slip_anew(counter: Counter) -> None:
    whole = counter.run(*SALE)["lines"]
    steps = [("READY", [("paper", 7, "LOST"), keys(b"1234" + ENTER)]), *CARD_IN, *PIN, *CARD_OUT]
    lines = counter.run(*steps, ("PRINTER FAULT", [keys(ENTER)]), *COPIES, *DONE)["lines"]
    assert len(lines) == len(whole) + 7
    assert lines[7:14] == lines[:7] == whole[:7]
    assert ("[PRINTER FAULT]", "LOST", "ENTER=TRY AGAIN", "CANCEL=NO SLIP") in counter.frames


def test_a_slip_that_was_given_up_is_reprinted_from_the_menu(counter: Counter) -> None:
    steps = [("READY", [("paper", 7, "PAPER_OUT"), keys(b"1234" + ENTER)]), *CARD_IN, *PIN, *CARD_OUT]
    lines = counter.run(*steps, ("ADD PAPER", [keys(CANCEL)]), *DONE)["lines"]
    assert lines[-1] == "abandoned"
    lines = counter.run(*REPRINT, *COPIES, *DONE)["lines"]
    assert lines.count("**** DUPLICATE ****") == 2
    assert "RMB 12.34" in lines


def test_the_card_is_asked_for_until_it_is_out(counter: Counter) -> None:
    forgotten = [("REMOVE CARD", [("later", 2900, ("card", False))])]
    seen = counter.run(*PAY, *forgotten, *COPIES, *DONE)
    assert seen["beeps"] == 6


def test_a_host_that_asks_for_a_sign_on_gets_it(counter: Counter) -> None:
    counter.run(*DONE)
    # The host has moved on to another batch meanwhile.
    with counter.acquirer.ledger.unit_of_work() as books:
        terminal = books.terminal("12345678")
        assert terminal is not None
        terminal.batch += 1
    counter.run(*PAY, *CARD_OUT, ("SIGNED ON", [keys(ENTER)]), *DONE)
    assert messages(counter) == ["0800", "0200", "0800"]
    assert counter.shown("SIGN ON AGAIN")
    counter.run(*SALE)
    assert counter.sent[-1][60] == "2200000300050"


def test_keys_that_the_host_no_longer_has_heal_themselves(counter: Counter) -> None:
    before = counter.balance
    counter.run(*DONE)
    counter.repeat_first_message()  # the sign-on once more: the host makes new keys, the terminal does not hear of it
    counter.run(*PAY, *CARD_OUT, ("SIGNED ON", [keys(ENTER)]), ("[REVERSED]", [keys(ENTER)]), *DONE)
    assert messages(counter) == ["0800", "0200", "0400", "0800", "0400"]
    assert counter.sent[-1][39] == "A0"
    assert counter.received[-1][39] == "25"
    assert counter.balance == before


def test_a_sign_on_with_wrong_check_values_changes_nothing(counter: Counter) -> None:
    def spoil(answer: Message) -> Message:
        if answer.mti != "0810":
            return answer
        keys_ = bytearray(answer.data(62))
        keys_[25] ^= 1
        return Message("0810", {**answer.fields, 62: bytes(keys_)})

    counter.twist = spoil
    counter.run(("KEYS REFUSED", [keys(ENTER)]), ("SIGN ON FIRST", [keys(b"5")]), ("SIGN ON FIRST", [STOP]))
    assert ("[SIGN ON]", "KEYS REFUSED", "CHECK VALUE MAK", "") in counter.frames
    assert messages(counter) == ["0800"]


def test_a_sign_on_that_the_host_refuses(counter: Counter) -> None:
    counter.acquirer.rules.answer("0800", "97")
    counter.run(("HOST REFUSED", [keys(ENTER)]), ("SIGN ON FIRST", [STOP]))
    assert ("[SIGN ON]", "HOST REFUSED", "UNKNOWN TERMINAL", "") in counter.frames


def test_sign_on_and_terminal_information_from_the_menu(counter: Counter) -> None:
    counter.run(
        *menu("MANAGEMENT", "SIGN ON"),
        ("BATCH 000002", [keys(ENTER)]),
        *menu("MANAGEMENT", "TERMINAL INFO"),
        ("898110053110001", [keys(DOWN)]),
        ("VERSION", [keys(ENTER)]),
        *DONE,
    )
    assert ("[TERMINAL INFO ↓]", "TILLBENCH TEST", "SHOP", "898110053110001") in counter.frames
    assert ("[↑TERMINAL INFO ↓]", "12345678 B000002", "TRACE 000002", "VERSION 0.1.0") in counter.frames


def test_the_flash_holds_no_pin_no_key_and_no_card_number(device: Bench) -> None:
    pin = b"908172635443"
    counter = Counter(device, pin=pin.decode())
    counter.run(*IDLE_TO_AMOUNT, *CARD_IN, ("ENTER PIN", [keys(pin + ENTER)]), *CARD_OUT, *COPIES, *DONE)
    assert counter.shown("APPROVED")
    image = counter.flash_image()
    pan = counter.profile.pan
    assert pan[:6].encode() in image  # what is there can be found this way
    secrets = [pan.encode(), bytes.fromhex(pan), pin, bytes.fromhex(pin.decode()), counter.sent[1].data(52), TMK]
    assert [secret for secret in secrets if secret in image] == []


@pytest.mark.parametrize("question", ["INSERT CARD", "ENTER PIN"])
def test_a_card_that_is_pulled_at_a_question_ends_it_at_once(counter: Counter, question: str) -> None:
    if question == "INSERT CARD":
        steps = [*IDLE_TO_AMOUNT, ("INSERT CARD", [("card", True), ("later", 53, ("card", False))])]
    else:
        steps = [*IDLE_TO_AMOUNT, *CARD_IN, ("ENTER PIN", [keys(b"12"), ("later", 200, ("card", False))])]
    counter.run(*steps, ("CARD REMOVED", [keys(ENTER)]), *DONE)
    assert messages(counter) == ["0800"]


def test_cancel_is_heard_while_the_line_is_opened(counter: Counter) -> None:
    counter.run(*DONE)
    counter.line_delay_ms = 5000
    counter.run(*PAY, ("CONNECTING", [keys(CANCEL)]), *CARD_OUT, *DONE)
    assert messages(counter) == ["0800"]
    assert ("[NOT APPROVED]", "CANCELLED", "", "REMOVE CARD") in counter.frames


def test_a_line_that_never_opens_is_no_line(counter: Counter) -> None:
    counter.run(*DONE)
    counter.line_delay_ms = 60000
    counter.run(*FAILED_SALE)
    assert messages(counter) == ["0800"]
    assert counter.shown("NO LINE")


def test_a_card_with_two_applications_asks_which(device: Bench) -> None:
    counter = Counter(device, "multi-app")
    pin = [("ENTER PIN", [keys(counter.profile.pin.encode() + ENTER)])]
    counter.run(*IDLE_TO_AMOUNT, *CARD_IN, ("APPLICATION", [keys(DOWN + ENTER)]), *pin, *CARD_OUT, *COPIES, *DONE)
    assert counter.shown("APPROVED")


def test_the_last_approved_sale_is_reprinted_also_after_a_decline(counter: Counter) -> None:
    counter.run(*SALE)
    counter.acquirer.rules.answer("0200", "51")
    counter.run(*FAILED_SALE)
    lines = counter.run(*REPRINT, *COPIES, *DONE)["lines"]
    assert "VOUCHER NO:               000002" in lines


def test_nothing_to_reprint(counter: Counter) -> None:
    counter.run(*REPRINT, ("NO SLIP YET", [keys(ENTER)]), *DONE)
    assert messages(counter) == ["0800"]
