"""Messages that carry no transaction: echo, sign-off, downloads, and what the host asks for in its headers."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha1

import pytest
from tillbench.host.acquirer.download_data import AIDS, CaKey, DownloadData, aid_parameters
from tillbench.host.acquirer.download_data import test_ca_keys as lab_keys
from tillbench.host.acquirer.rule_match import Condition
from tillbench.host.acquirer.rules import Rule
from tillbench.host.cards import CardProfile, load_profile
from tillbench.host.terminal import Terminal
from tillbench.protocols.emv import tlv

from . import shop
from .flash_reader import read_flash

VISA = load_profile(shop.VISA)
SIGNING = "unionpay-dda"


@pytest.fixture
def till_profiles() -> list[CardProfile]:
    return [load_profile(shop.UNIONPAY), VISA, load_profile(SIGNING)]


def functions(terminal: Terminal) -> list[str]:
    """Message type and network code of everything but transactions that the host has received."""
    return [
        f"{e.mti} {e.request.text(60)[8:11]}"
        for e in terminal.acquirer.journal()
        if e.request and e.mti not in ("0200", "0400")
    ]


def load(terminal: Terminal, entry: str, *shown: str) -> None:
    """Chooses a download; it ends with one of the texts, DONE if none is given."""
    terminal.menu("MANAGEMENT", "HOST", entry)
    shop.wait(terminal, *(shown or ("DONE",)))
    terminal.press("ENTER")
    shop.idle(terminal)


def test_echo_and_sign_off(terminal: Terminal) -> None:
    terminal.menu("MANAGEMENT", "HOST", "ECHO TEST")
    shown = shop.wait(terminal, "PASSED")
    assert [row.split()[0] for row in shown.split("\n")[2:]] == ["LINE", "ANSWER"]
    assert all(row.split()[2] == "MS" for row in shown.split("\n")[2:])
    assert int(shown.split("\n")[3].split()[1]) >= 1, "an answer takes time, also in virtual time"
    terminal.press("ENTER")
    shop.idle(terminal)
    terminal.line.up = False
    terminal.menu("MANAGEMENT", "HOST", "ECHO TEST")
    shop.wait(terminal, "NO LINE")
    terminal.line.up = True
    terminal.press("ENTER")
    shop.idle(terminal)

    assert shop.sell(terminal).approved
    terminal.menu("MANAGEMENT", "HOST", "SIGN OFF")
    shop.wait(terminal, "KEYS ARE WIPED")
    terminal.press("ENTER")
    shop.wait(terminal, "SIGNED OFF")
    terminal.press("ENTER")
    shop.wait(terminal, "SIGN ON FIRST")
    assert functions(terminal)[-1] == "0820 002"
    terminal.press("1 2 ENTER")
    shop.wait(terminal, "NOT APPROVED")
    terminal.press("ENTER")
    shop.wait(terminal, "SIGN ON FIRST")
    terminal.power.cut()
    terminal.power.restore()
    terminal.screen.wait_text("SIGNED ON")
    terminal.screen.wait_text("READY")
    shop.check_next_sale(terminal)


def test_downloads_and_what_they_change(terminal: Terminal) -> None:
    keys = [*lab_keys(), *(CaKey(bytes.fromhex("A000000999"), n, "20301231", *_rsa(n)) for n in range(1, 9))]
    aids = {bytes.fromhex(aid): aid_parameters(*values) for aid, values in AIDS.items()}
    cards = [*(f"9{n:04}" for n in range(90)), VISA.pan, "620001"]
    terminal.acquirer.offer(DownloadData(ca_keys=keys, aids=aids, black_list=cards, no_pin_bins=["62"]))

    load(terminal, "LOAD CA KEYS")
    assert functions(terminal).count("0820 372") > 1, "the list is longer than one part"
    assert functions(terminal).count("0820 370") == len(keys)
    load(terminal, "LOAD AIDS")
    load(terminal, "BLACK LIST")
    assert functions(terminal).count("0820 390") > 1
    terminal.menu("MANAGEMENT", "HOST", "NO-PIN LIMITS")
    for _ in range(3):
        shop.wait(terminal, "DONE")
        terminal.press("ENTER")
    shop.idle(terminal)
    load(terminal, "LOAD SETTINGS")
    assert [each.split()[1] for each in functions(terminal) if each.split()[1] in ENDS] == ENDS
    assert terminal.desk.ask({"settings": {}})["answer_ms"] == 60000

    terminal.menu("PRINT", "EMV TABLES")
    lines = terminal.receipt().text.split("\n")
    assert sum(line.startswith("CA KEY") for line in lines) == len(keys)
    assert sum(line.startswith("AID:") for line in lines) == len(aids)
    assert any(line.startswith("FF8058:") and line.endswith("000000100000") for line in lines)
    shop.idle(terminal)

    assert shop.sell(terminal, SIGNING).approved
    request = terminal.acquirer.journal("0200")[-1].request
    assert request is not None
    found = {item.tag: item.value for item in tlv.parse(request.data(55))}
    assert not found[0x95][0] & 0xCC, "offline data authentication was performed, and it did not fail"
    assert found[0x9F33][2] == 0xC8

    outcome = shop.sell(terminal, shop.VISA)
    assert "CARD IS LISTED" in outcome.screen
    assert len(terminal.acquirer.journal("0200")) == 1
    terminal.power.cut()
    terminal.power.restore()
    terminal.screen.wait_text("READY")
    assert "CARD IS LISTED" in shop.sell(terminal, shop.VISA).screen

    terminal.acquirer.offer(DownloadData(ca_keys=[], black_list=[]))
    load(terminal, "BLACK LIST")
    assert shop.sell(terminal, shop.VISA).approved


ENDS = ["371", "381", "391", "395", "397", "399", "361"]


def _rsa(index: int) -> tuple[bytes, bytes, bytes]:
    """Modulus, exponent and checksum that fit together; no key pair."""
    modulus, exponent = bytes([0x80 | index]) * 128, b"\x03"
    return modulus, exponent, sha1(bytes.fromhex("A000000999") + bytes([index]) + modulus + exponent).digest()


def test_a_download_that_fails_leaves_the_old_table(terminal: Terminal) -> None:
    """A key whose hash does not fit, a line that breaks in the middle, a list that says what no list says."""
    good = DownloadData(black_list=[VISA.pan])
    terminal.acquirer.offer(good)
    load(terminal, "BLACK LIST")
    terminal.acquirer.offer(DownloadData(black_list=[f"{n:05}" for n in range(95)]))
    terminal.acquirer.rules.add([Rule(Condition(messages=("0820",)), ({"drop": True},), skip=1)])
    load(terminal, "BLACK LIST", "NO ANSWER")
    assert "CARD IS LISTED" in shop.sell(terminal, shop.VISA).screen
    (key, *_) = lab_keys()
    terminal.acquirer.offer(DownloadData(ca_keys=[replace(key, checksum=bytes(20))]))
    load(terminal, "LOAD CA KEYS", "BAD ANSWER")
    terminal.menu("PRINT", "EMV TABLES")
    assert "CA KEY" not in terminal.receipt().text
    shop.idle(terminal)
    terminal.acquirer.offer(DownloadData(parameters={"12": "60", "99": "?"}))
    load(terminal, "LOAD SETTINGS", "BAD ANSWER")
    assert terminal.desk.ask({"settings": {}})["answer_ms"] == 30000


def test_what_the_host_asks_for_is_done_after_the_transaction(terminal: Terminal) -> None:
    for digit in "1234567":
        terminal.acquirer.wish(terminal.desk.ask({"info": {}})["terminal"], digit)
    before = read_flash(terminal.emulator.state.flash).batch
    assert shop.finish(terminal, shop.decide(terminal)).approved
    shop.idle(terminal)
    assert list(dict.fromkeys(functions(terminal)[1:])) == IN_ORDER
    assert read_flash(terminal.emulator.state.flash).batch == before + 1
    assert any("UPDATE WANTED" in frame.text for frame in terminal.screen.frames)
    assert shop.sell(terminal).approved
    assert functions(terminal)[-2:] == ["0820 390", "0820 391"], "of new software the host says no more than once"
    done = functions(terminal)
    assert shop.sell(terminal).approved
    assert functions(terminal) == done, "nothing is asked for any more"


@pytest.mark.parametrize("code", ["77", "99", "A0"])
def test_another_batch_or_other_keys_are_put_right_by_a_sign_on(terminal: Terminal, code: str) -> None:
    """Whatever the header of the answer asks for; a host that says it of the sign-on too is not asked for ever."""
    terminal.acquirer.rules.answer("0200", code)
    shop.key_in(terminal)
    shop.present(terminal)
    shop.enter_pin(terminal)
    assert f"CODE {code}" in shop.wait(terminal, "DECLINED")
    terminal.acquirer.rules.answer("0800", code)
    terminal.card.remove()
    shop.wait(terminal, "SIGN ON", "HOST REFUSED")
    shop.idle(terminal)
    assert functions(terminal) == ["0800 003"] * 2
    assert shop.sell(terminal).approved


IN_ORDER = "0800 360,0800 361,0820 362,0800 003,0820 372,0820 370,0820 371,0820 382,0820 380,0820 381".split(",")
