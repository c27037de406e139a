"""Sign-on: keys, batch, clock, and who is let in."""

import pytest
from tillbench.host.acquirer import TerminalSetup, tdes
from tillbench.protocols.iso8583.security import tracks

from .acquirer_till import MERCHANT, TERMINAL, TMK, Bench, Chip, Profile, Till


def test_sign_on_gives_keys_batch_and_clock() -> None:
    bench = Bench()
    till = bench.till(signed_on=False)
    answer = till.sign_on()  # checks both key check values under the terminal's master key
    assert (answer[12], answer[13]) == ("140509", "1123")
    assert answer[60] == "00000001003"
    assert (answer[11], answer[41], answer[42]) == ("000001", TERMINAL, MERCHANT)
    assert answer.text(37).isdigit()
    assert 64 not in answer
    assert till.pik != till.mak


def test_each_sign_on_gives_new_keys_and_the_next_batch() -> None:
    till = Bench().till()
    first = (till.pik, till.mak, till.batch)
    till.sign_on()
    assert (till.batch, first[2]) == (2, 1)
    assert len({till.pik, till.mak, *first[:2]}) == 4


def test_batch_wraps_after_999999() -> None:
    bench = Bench()
    till = bench.till()
    with bench.acquirer.ledger.unit_of_work() as books:
        terminal = books.terminal(TERMINAL)
        assert terminal is not None
        terminal.batch = 999_999
    till.sign_on()
    assert till.batch == 1


def test_single_length_keys_work_for_pin_and_mac() -> None:
    till = Bench().till(signed_on=False)
    till.sign_on("001")
    assert (len(till.pik), len(till.mak)) == (8, 8)
    assert till.sale(Chip(Profile()), 100, pin="123456")[39] == "00"


def test_triple_sign_on_adds_a_track_key_which_opens_the_track() -> None:
    bench = Bench()
    till = bench.till(signed_on=False)
    till.sign_on("004")
    chip = Chip(Profile())
    sale = till.sale_message(chip, 100)
    encrypted = tracks.encrypt(tdes, till.tdk, sale.text(35))
    assert encrypted != sale.text(35)
    secured: dict[int, str | bytes | None] = {2: None, 35: encrypted, 53: "2610000000000000"}
    assert till.sale(chip, 100, changes=secured)[39] == "00"
    assert till.sale(chip, 100, changes=secured | {2: "6200000000000013"})[39] == "30"
    garbled: dict[int, str | bytes | None] = {2: None, 35: sale.text(35), 53: "2610000000000000"}
    assert till.sale(chip, 100, changes=garbled)[39] == "30"  # in the clear, where it is said to be encrypted
    till.sign_on("003")
    assert till.sale(chip, 100, changes=secured)[39] == "30"  # no track key any more
    assert bench.acquirer.ledger.balance(Profile().pan) == Profile().balance - 100


def test_same_entropy_same_keys() -> None:
    assert Bench().till().mak == Bench().till().mak


def test_tpdu_addresses_change_places_and_header_asks_nothing() -> None:
    till = Bench().till()
    assert till.answer_frame.tpdu == bytes.fromhex("6000000003")
    assert till.answer_frame.header == "603100310000"


@pytest.mark.parametrize(
    ("terminal", "merchant", "network_code", "code"),
    [
        ("99999999", MERCHANT, "003", "97"),
        (TERMINAL, "898110053110009", "003", "03"),
        (TERMINAL, MERCHANT, "005", "40"),
    ],
)
def test_refused_sign_on_gives_no_keys(terminal: str, merchant: str, network_code: str, code: str) -> None:
    bench = Bench()
    till = Till(bench.acquirer.connect(), terminal, merchant)
    answer = till.ask(till.sign_on_message(network_code))
    assert answer[39] == code
    assert 62 not in answer
    assert bench.acquirer.ledger.terminal(TERMINAL).batch == 0


def test_terminal_that_never_signed_on_is_told_to() -> None:
    bench = Bench()
    till = bench.till(signed_on=False)
    answer = till.sale(Chip(Profile()), 100)
    assert answer[39] == "97"
    assert 64 not in answer
    assert till.answer_frame.processing_request == 3
    assert bench.acquirer.ledger.transactions() == []


def test_provisioning_again_keeps_keys_batch_and_balance() -> None:
    bench = Bench()
    till, card = bench.till(), Chip(Profile())
    till.sale(card, 40_000)
    bench.acquirer.provision([Profile(), Profile(pan="6200000000000013")], [TerminalSetup(TERMINAL, MERCHANT, TMK)])
    assert bench.acquirer.ledger.balance(Profile().pan) == 60_000
    assert till.sale(card, 60_000)[39] == "00"


def test_a_chip_that_starts_again_needs_to_be_told() -> None:
    bench = Bench()
    till = bench.till()
    till.sale(Chip(Profile()), 100)
    assert till.sale(Chip(Profile()), 100)[39] == "05"
    bench.acquirer.provision([Profile()], [], new_chips=True)
    assert till.sale(Chip(Profile()), 100)[39] == "00"


def test_provisioning_refuses_an_unknown_status_by_name() -> None:
    with pytest.raises(ValueError, match="card status: expected one of active, blocked, lost, stolen, found 'gone'"):
        Bench(cards=(Profile(status="gone"),))
