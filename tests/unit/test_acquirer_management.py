"""Sign-off, echo, master key, downloads, and the header's wishes."""

import hashlib

import psec
import pytest
from tillbench.host.acquirer import Acquirer, TerminalSetup, wishes
from tillbench.host.acquirer.download_data import DownloadData
from tillbench.host.acquirer.institution import Institution
from tillbench.protocols.emv import tlv

from .acquirer_batch import BatchClient
from .acquirer_till import MERCHANT, TERMINAL, TMK, UNIONPAY_CARD, Bench, Chip, quiet


def client(bench: Bench, *, signed_on: bool = True) -> BatchClient:
    made = BatchClient(bench.acquirer.connect())
    if signed_on:
        made.sign_on()
    return made


def test_sign_off_ends_the_working_keys() -> None:
    bench = Bench()
    till, chip = client(bench), Chip(UNIONPAY_CARD)
    done = till.manage("0820", "002")
    assert (done.answer.mti, done.code) == ("0830", "00")
    assert 64 not in done.answer
    (reply,) = till.send(till.sale_message(chip, 100))
    assert bench.acquirer.expect("0200").code == "97"
    assert till.manage("0820", "301", stan=False).code == "00"
    assert till.settle((0, 0, 0, 0)).code == "97"
    till.sign_on()
    assert till.sale(chip, 100)[39] == "00"
    assert reply.data


def test_echo_needs_no_sign_on_and_books_nothing() -> None:
    bench = Bench()
    done = client(bench, signed_on=False).manage("0820", "301", stan=False)
    assert (done.answer.mti, done.code) == ("0830", "00")
    assert 11 not in done.answer
    assert bench.acquirer.ledger.transactions() == []


def master_key(till: BatchClient) -> bytes:
    """Ask for a new master key and open it with the one that the terminal has."""
    done = till.manage("0800", "401", {60: "00000000401", 62: b"Sequence No16012345678"})
    assert done.code == "00"
    field = done.answer.data(62)
    assert len(field) == 20
    with quiet():
        key = psec.des.decrypt_tdes_ecb(till.tmk, field[:16])
        assert psec.des.generate_kcv(key, 4) == field[16:]
    return key


def test_a_new_master_key_is_used_from_the_next_sign_on() -> None:
    till, chip = client(Bench()), Chip(UNIONPAY_CARD)
    key = master_key(till)
    assert key != TMK
    assert till.sale(chip, 100)[39] == "00"  # the working keys are still good
    till.tmk = key
    till.sign_on()
    assert till.sale(chip, 100)[39] == "00"
    assert master_key(till) != key


def test_a_master_key_whose_answer_was_lost_comes_again_until_it_is_proved() -> None:
    """The terminal has the old key; a sign-on under the new one fails at its check value, so it asks again."""
    bench = Bench()
    till, chip = client(bench), Chip(UNIONPAY_CARD)
    lost = master_key(till)
    with pytest.raises(AssertionError):
        till.sign_on()
    again = master_key(till)
    assert again == lost
    till.tmk = again
    till.sign_on()
    assert till.sale(chip, 100)[39] == "00"
    assert master_key(till) != lost  # proved: the next one is another, under this one


def test_the_processing_request_is_asked_for_until_it_is_met() -> None:
    bench = Bench()
    till, chip = client(bench), Chip(UNIONPAY_CARD)
    for what in (wishes.LOAD_PARAMETERS, wishes.LOAD_CA_KEYS, wishes.LOAD_AIDS, wishes.LOAD_BLACKLIST):
        bench.acquirer.wish(TERMINAL, what)
    for what, function in (("1", "361"), ("4", "371"), ("5", "381"), ("7", "391")):
        for _ in range(2):
            till.sale(chip, 1)
            assert till.answer_frame.processing_request == int(what)
        assert till.download(function).code == "00"
    till.sale(chip, 1)
    assert till.answer_frame.processing_request == 0


def test_status_sign_on_and_software_are_asked_for_too() -> None:
    bench = Bench()
    till, chip = client(bench), Chip(UNIONPAY_CARD)
    for what in "236":
        bench.acquirer.wish(TERMINAL, what)
    till.sale(chip, 1)
    assert till.answer_frame.processing_request == 2
    assert till.download("362", b"paper low").code == "00"
    assert bench.acquirer.journal()[-1].because == "status: paper low"
    till.sale(chip, 1)
    assert till.answer_frame.processing_request == 3
    till.sign_on()
    till.sale(chip, 1)
    assert till.answer_frame.processing_request == 0  # 6 went with the sign-on's answer
    with pytest.raises(ValueError, match="expected one digit of 1234567, found '9'"):
        bench.acquirer.wish(TERMINAL, "9")
    with pytest.raises(LookupError, match="no terminal 00000000"):
        bench.acquirer.wish("00000000", "1")


@pytest.mark.parametrize("mti", ["0800", "0820"])
def test_every_ca_key_is_listed_and_loads_with_its_checksum(mti: str) -> None:
    till = client(Bench())
    names = till.listed("372")
    assert len(names) >= 21  # more than fit into one answer
    for name in names:
        asked = tlv.encode_all([(0x9F06, name[0x9F06]), (0x9F22, name[0x9F22])])
        answer = till.download("370", asked, mti).answer.data(62)
        key = {item.tag: item.value for item in tlv.parse(answer[1:])}
        assert answer[:1] == b"1"
        signed = key[0x9F06] + key[0x9F22] + key[0xDF02] + key[0xDF04]
        assert hashlib.sha1(signed).digest() == key[0xDF03]
        assert key[0xDF05] == name[0xDF05] == b"20301231"
    assert till.download("371").code == "00"


def test_every_aid_is_listed_and_loads() -> None:
    till = client(Bench())
    names = till.listed("382")
    assert {name[0x9F06].hex() for name in names} >= {"a000000333010101", "a0000000031010"}
    for name in names:
        answer = till.download("380", tlv.encode(0x9F06, name[0x9F06])).answer.data(62)
        tags = [item.tag for item in tlv.parse(answer[1:])]
        assert set(tags) == {
            *(0x9F06, 0xDF01, 0x9F08, 0xDF11, 0xDF12, 0xDF13, 0x9F1B, 0xDF15, 0xDF16, 0xDF17, 0xDF14),
            *(0xDF18, 0x9F7B, 0xDF19, 0xDF20, 0xDF21),
        }
    assert till.download("380", tlv.encode(0x9F06, b"\xa0\0\0\0\x99\x01")).answer.data(62) == b"0"


@pytest.mark.parametrize(
    ("function", "asked", "words"),
    [
        ("372", b"2", "field 62 (keys, parameters) at byte 9: expected 1 and two digits"),
        ("370", b"\x9f\x06\x05\xa0", "expected TLV: "),
        ("370", bytes.fromhex("9F0605A000000333"), "expected tag 9F22, found no such tag"),
    ],
)
def test_a_download_that_asks_for_nonsense_is_30(
    function: str, asked: bytes, words: str, caplog: pytest.LogCaptureFixture
) -> None:
    assert client(Bench()).download(function, asked).code == "30"
    assert words in caplog.text


def test_terminal_parameters_are_numbered_values() -> None:
    text = client(Bench()).download("360", mti="0800").answer.data(62).decode()
    assert text.startswith("1160126013318119102012102" + "2TILLBENCH TEST SHOP")
    assert text.endswith("233" + "245" + "251" + "27003")


def test_black_list_and_limits() -> None:
    numbers = [f"62000000000{number:05}" for number in range(60)]
    downloads = DownloadData(black_list=numbers, no_pin_bins=["620000"])
    bench = Bench()
    bench.acquirer = Acquirer(
        "sqlite://", lambda: bench.time, bench.entropy, institution=Institution(downloads=downloads)
    )
    bench.acquirer.provision([UNIONPAY_CARD], [TerminalSetup(TERMINAL, MERCHANT, TMK)])
    till = client(bench)
    got: list[str] = []
    for flag in (b"2", b"2", b"1"):
        answer = till.download("390", b"1%02d" % len(got), "0800").answer.data(62)
        assert answer[:1] == flag
        text = answer[1:].decode()
        while text:
            got.append(text[2 : 2 + int(text[:2])])
            text = text[2 + int(text[:2]) :]
    assert got == numbers
    assert till.download("396", b"100", "0800").answer.data(62) == b"106620000"
    assert till.download("398", b"100", "0800").answer.data(62) == b"0"
    limits = {
        item.tag: item.value for item in tlv.parse(till.download("394", mti="0800").answer.data(62)[1:], nested=False)
    }
    assert limits[0xFF8058] == bytes.fromhex("000000100000")
