"""Misbehaviour on purpose, and what a test can ask about the messages that came."""

import pytest

from .acquirer_till import UNIONPAY_CARD, Bench, Chip

PAN = UNIONPAY_CARD.pan
START = UNIONPAY_CARD.balance


def test_silence_books_and_does_not_answer() -> None:
    bench = Bench()
    till, chip = bench.till(), Chip(UNIONPAY_CARD)
    bench.acquirer.rules.silence("0200")
    sale = till.sale_message(chip, 100)
    assert till.send(sale) == []
    assert bench.acquirer.ledger.balance(PAN) == START - 100
    assert till.ask(till.reversal_message(sale))[39] == "00"
    assert till.sale(chip, 100)[39] == "00"  # the rule was for one message


def test_lost_request_is_as_if_never_sent() -> None:
    bench = Bench()
    till, chip = bench.till(), Chip(UNIONPAY_CARD)
    bench.acquirer.rules.lose("0200")
    sale = till.sale_message(chip, 100)
    assert till.send(sale) == []
    assert bench.acquirer.ledger.transactions() == []
    assert till.ask(till.reversal_message(sale))[39] == "25"


def test_delay_is_handed_to_who_keeps_the_time() -> None:
    bench = Bench()
    till, chip = bench.till(), Chip(UNIONPAY_CARD)
    bench.acquirer.rules.delay("0200", 65_000_000)
    (late,) = till.send(till.sale_message(chip, 100))
    (soon,) = till.send(till.sale_message(chip, 100))
    assert (late.delay_us, soon.delay_us) == (65_000_000, 0)
    assert till.read([late])[39] == "00"


def test_bad_mac_is_wrong_in_every_character() -> None:
    bench = Bench()
    till, chip = bench.till(), Chip(UNIONPAY_CARD)
    sale = till.sale_message(chip, 100)
    bench.acquirer.rules.bad_mac("0200")
    (reply,) = till.send(sale)
    with pytest.raises(AssertionError):
        till.read([reply])
    told = bench.acquirer.expect("0200").reply
    assert told is not None
    right = told.data(64)
    assert all(sent != good for sent, good in zip(reply.data[-8:], right, strict=True))
    assert set(reply.data[-8:]) <= set(b"0123456789ABCDEF")
    assert till.ask(till.reversal_message(sale, {39: "A0"}))[39] == "00"


def test_forced_answer_declines_with_an_arpc_over_it() -> None:
    bench = Bench()
    till, chip = bench.till(), Chip(UNIONPAY_CARD)
    bench.acquirer.rules.answer("0200", "91")
    answer = till.sale(chip, 100)
    assert answer[39] == "91"
    assert chip.accepts(answer.data(55), "91")
    assert bench.acquirer.ledger.balance(PAN) == START


def test_forced_00_approves_nothing_that_would_be_declined() -> None:
    bench = Bench()
    till, chip = bench.till(), Chip(UNIONPAY_CARD)
    bench.acquirer.rules.answer("0200", "00", times=2)
    assert [till.sale(chip, amount)[39] for amount in (100, START)] == ["00", "51"]


def test_forced_answer_to_a_reversal_leaves_it_to_be_repeated() -> None:
    bench = Bench()
    till, chip = bench.till(), Chip(UNIONPAY_CARD)
    sale = till.sale_message(chip, 100)
    till.ask(sale)
    bench.acquirer.rules.answer("0400", "96")
    codes = [till.ask(till.reversal_message(sale))[39] for _ in range(2)]
    assert codes == ["96", "00"]
    assert bench.acquirer.ledger.balance(PAN) == START


def test_forced_answer_to_a_sign_on_gives_no_keys() -> None:
    bench = Bench()
    till = bench.till(signed_on=False)
    bench.acquirer.rules.answer("0800", "96")
    assert 62 not in till.ask(till.sign_on_message())
    till.sign_on()


def test_drop_books_and_closes() -> None:
    bench = Bench()
    till, chip = bench.till(), Chip(UNIONPAY_CARD)
    bench.acquirer.rules.drop("0200")
    (reply,) = till.send(till.sale_message(chip, 100))
    assert (reply.close, reply.data) == (True, b"")
    assert till.line.closed
    assert bench.acquirer.ledger.balance(PAN) == START - 100


def test_garbage_goes_out_as_given() -> None:
    bench = Bench()
    till, chip = bench.till(), Chip(UNIONPAY_CARD)
    bench.acquirer.rules.garbage("0200", b"\x00\x03abc")
    bench.acquirer.rules.delay("0200", 5)
    (reply,) = till.send(till.sale_message(chip, 100))
    assert (reply.data, reply.delay_us) == (b"\x00\x03abc", 5)


def test_rules_match_type_count_and_any() -> None:
    bench = Bench()
    till, chip = bench.till(), Chip(UNIONPAY_CARD)
    rules = bench.acquirer.rules
    rules.answer("0200", "91", times=2)
    rules.silence(None)
    assert till.send(till.sign_on_message()) == []  # any message: the 0800 took the silence and changed the keys
    till.sign_on()
    assert [till.sale(chip, 1)[39] for _ in range(3)] == ["91", "91", "00"]
    rules.silence("0200", times=100)
    rules.clear()
    assert till.sale(chip, 1)[39] == "00"


@pytest.mark.parametrize(
    ("code", "times", "words"), [("9", 1, "response code"), ("51", 0, "times: expected at least 1")]
)
def test_impossible_rules_are_refused(code: str, times: int, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Bench().acquirer.rules.answer("0200", code, times)


def test_journal_and_expect() -> None:
    bench = Bench()
    till, chip = bench.till(), Chip(UNIONPAY_CARD)
    till.sale(chip, 100)
    till.sale(chip, START)
    acquirer = bench.acquirer
    assert [(exchange.mti, exchange.code) for exchange in acquirer.journal()] == [
        ("0800", "00"),
        ("0200", "00"),
        ("0200", "51"),
    ]
    assert acquirer.expect("0200").code == "51"
    assert acquirer.expect("0200", code="00", f4="000000000100", count=1).number == 2
    assert [exchange.number for exchange in acquirer.journal("0200")] == [2, 3]
    assert [exchange.number for exchange in acquirer.journal(last=2)] == [2, 3]
    assert len(acquirer.journal) == 3


def test_the_journal_has_what_was_decided_where_a_rule_kept_it_back() -> None:
    bench = Bench()
    till, chip = bench.till(), Chip(UNIONPAY_CARD)
    bench.acquirer.rules.silence("0200")
    assert till.send(till.sale_message(chip, 100)) == []
    kept_back = bench.acquirer.journal()[-1]
    assert kept_back.request is not None
    assert kept_back.reply is not None
    assert (kept_back.code, kept_back.reply[39], kept_back.reply[11]) == ("00", "00", kept_back.request[11])


def test_expect_tells_what_came_instead() -> None:
    bench = Bench()
    bench.till().sale(Chip(UNIONPAY_CARD), START + 1, pin="123456")
    with pytest.raises(AssertionError) as caught:
        bench.acquirer.expect("0400", f39="98")
    text = str(caught.value)
    assert "expected at least one 0400 field 39='98', found 0 among" in text
    assert "-> 51 balance too low" in text
    assert PAN not in text
    with pytest.raises(AssertionError, match="expected 2 0200, found 1"):
        bench.acquirer.expect("0200", count=2)
    with pytest.raises(AssertionError, match="nothing received"):
        Bench().acquirer.expect("0800")
