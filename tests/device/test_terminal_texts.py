"""Texts, slips, amounts and the clock."""

from __future__ import annotations

import ast
from pathlib import Path

import psec.des
import psec.mac
import pytest
from tillbench.host.emulator.bench import Bench
from tillbench.protocols.texts import LANGUAGES, Text, cells, table

APPLICATION = Path(__file__).parents[2] / "firmware" / "terminal"
BOLD, DOUBLE = 1, 2


def words_of_the_application() -> set[str]:
    words = set()
    for path in APPLICATION.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                words.add(node.value)
                words.update(row.partition(" ")[0] for row in node.value.split("\n"))  # of a table
    return words


def asked_for() -> set[str]:
    """First arguments of `text`, `Stop`, `Unanswered`, `message`: keys of the table, as far as they are written out."""
    found = set()
    for path in APPLICATION.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
                name = getattr(node.func, "id", getattr(node.func, "attr", ""))
                if name in ("text", "Stop", "Unanswered", "OutOfService", "message"):
                    found.add(node.args[0].value)
    return {key for key in found if isinstance(key, str)}


KEYS = {text.key for text in table()}


def test_every_text_that_is_asked_for_is_there() -> None:
    assert asked_for() - KEYS == set()
    assert len(asked_for()) > 40


def test_no_text_is_there_for_nobody() -> None:
    of_codes = {text.key for text in table() if text.section == "code"} | {text.action for text in table()}
    composed = tuple("in_ set_ totals_by_ health_ account_".split())
    of_settings = {key for key in KEYS if key.startswith(composed)}
    assert KEYS - of_codes - of_settings - words_of_the_application() == set()


def test_every_setting_and_every_view_of_the_totals_has_a_name(device: Bench) -> None:
    settings, views = device.call("terminal_probe:names")
    assert {key for key in KEYS if key.startswith("set_")} == {f"set_{name}" for name in settings}
    assert {key for key in KEYS if key.startswith("totals_by_")} == {f"totals_{view}" for view in views}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_device_says_what_the_table_says(device: Bench, language: str) -> None:
    said = device.call("terminal_probe:texts", language, [text.key for text in table()])
    assert said == [text.in_language(language) for text in table()]


def translated(text: Text) -> bool:
    return text.zh != text.en and any(cells(char) == 2 for char in text.zh)


def test_every_text_is_translated() -> None:
    assert [text.key for text in table() if not translated(text)] == ["title", "in_en", "in_zh"]


def test_another_language_is_refused(device: Bench) -> None:
    with pytest.raises(Exception, match="language fr, expected en or zh"):
        device.call("terminal_probe:texts", "fr", [])


@pytest.mark.parametrize(("code", "en", "zh"), [("51", "ANOTHER CARD", "请换其他卡"), ("XX", "", "")])
def test_what_a_cashier_does_about_a_code(device: Bench, code: str, en: str, zh: str) -> None:
    assert [device.call("terminal_probe:what_to_do", language, code) for language in LANGUAGES] == [en, zh]


def test_a_text_that_is_not_there_is_an_error(device: Bench) -> None:
    with pytest.raises(Exception, match="no_such_text"):
        device.call("terminal.i18n:text", "no_such_text")


@pytest.mark.parametrize(("amount", "shown"), [(0, "0.00"), (5, "0.05"), (1234, "12.34"), (999999999, "9999999.99")])
def test_amounts_have_two_decimals(device: Bench, amount: int, shown: str) -> None:
    assert device.call("terminal.money:decimal", amount) == shown


def test_digits_push_in_from_the_right_until_there_is_no_room(device: Bench) -> None:
    assert device.call("terminal.money:shifted", 123, 4, 9) == 1234
    assert device.call("terminal.money:shifted", 999999999, 1, 9) == 999999999


@pytest.mark.parametrize(
    ("code", "meaning"), [("51", "LOW FUNDS"), ("55", "WRONG PIN"), ("A0", "MAC BAD, SIGN ON"), ("XX", "CODE XX")]
)
def test_response_codes_in_words(device: Bench, code: str, meaning: str) -> None:
    assert device.call("terminal.response_codes:meaning", code) == meaning


@pytest.mark.parametrize(("code", "yes"), [("00", True), ("11", True), ("10", False), ("A2", False), ("", False)])
def test_which_codes_approve(device: Bench, code: str, yes: bool) -> None:
    assert device.call("terminal.response_codes:approved", code) is yes


@pytest.mark.parametrize(("code", "yes"), [("00", True), ("12", True), ("25", True), ("40", False), ("96", False)])
def test_which_codes_end_a_reversal(device: Bench, code: str, yes: bool) -> None:
    assert device.call("terminal.response_codes:ends_reversal", code) is yes


@pytest.mark.parametrize(("font", "columns"), [("A", 32), ("B", 42), ("dots", 48)])
@pytest.mark.parametrize("language", LANGUAGES)
def test_slip_lines_fit_the_paper(device: Bench, language: str, font: str, columns: int) -> None:
    # The probe itself compares dots with the paper's 384.
    for cvm in ("PIN", "SIGNATURE", "NONE"):
        lines = device.call(
            "terminal_probe:slip", "merchant_copy", cvm, True, "上海一家名字很长的测试商店", language, font
        )
        assert ("-" * columns, 0) in lines
        assert ("_" * columns, 0) in lines or cvm != "SIGNATURE"


def test_a_chinese_slip_says_both(device: Bench) -> None:
    lines = [line for line, _ in device.call("terminal_probe:slip", "merchant_copy", "PIN", True, "测试商店", "zh")]
    assert "交易类型(TXN TYPE):    消费/SALE" in lines
    assert "测试商店" in lines
    assert "**** 重打印/DUPLICATE ****" in lines
    assert "RMB 12.34" in lines


def test_the_record_of_a_slip_is_signed_under_the_master_key(device: Bench) -> None:
    tmk = bytes.fromhex("1133557799BBDDFF2244668800AACCEE")
    record = device.call("terminal_probe:slip_record", tmk)
    signed, _, mac = record.rpartition("/")
    assert signed == "TB2/898110053110001/12345678/000002/000012/20261123160101/SALE/1234/1234/123456/632716000002"
    key = psec.des.encrypt_tdes_ecb(tmk, b"tillbench:slip-1")
    assert mac == psec.mac.generate_retail_mac(key[:8], key[8:], signed.encode(), 1, 4).hex().upper()
    assert device.call("terminal_probe:slip_record", bytes(16)) != record


def test_the_amount_is_printed_double(device: Bench) -> None:
    assert ("RMB 12.34", DOUBLE) in device.call("terminal_probe:slip", "merchant_copy", "PIN")


def test_a_signature_is_asked_for_on_the_merchants_copy_only(device: Bench) -> None:
    def lines(copy: str, cvm: str) -> list[str]:
        return [line for line, _ in device.call("terminal_probe:slip", copy, cvm)]

    assert "CARDHOLDER SIGNATURE" in lines("merchant_copy", "SIGNATURE")
    assert "CARDHOLDER SIGNATURE" not in lines("cardholder_copy", "SIGNATURE")
    assert "CARDHOLDER SIGNATURE" not in lines("merchant_copy", "PIN")
    assert "NO SIGNATURE REQUIRED" in lines("merchant_copy", "NONE")


def test_a_long_merchant_name_wraps_at_its_spaces(device: Bench) -> None:
    name = "A SHOP WITH A NAME THAT GOES ON AND ON"
    lines = [line for line, _ in device.call("terminal_probe:slip", "merchant_copy", "PIN", False, name)]
    at = lines.index("MERCHANT NAME:")
    assert lines[at + 1 : at + 3] == ["A SHOP WITH A NAME THAT GOES ON", "AND ON"]


NEW_YEARS_EVE = 1798761540  # 2026-12-31 23:59:00


@pytest.mark.parametrize(
    ("hhmmss", "mmdd", "expected"),
    [
        ("000130", "0101", "20270101000130"),
        ("235901", "1231", "20261231235901"),
        ("120000", "0301", "20270301120000"),
        ("120000", "1301", "no date and time: 1301 120000"),
    ],
)
def test_the_hosts_clock_has_no_year(device: Bench, hhmmss: str, mmdd: str, expected: str) -> None:
    assert device.call("terminal_probe:clock", NEW_YEARS_EVE, hhmmss, mmdd) == expected


def test_whichever_comes_first(device: Bench) -> None:
    assert device.call("terminal_probe:first_of", 1000, 50, 20) == (1, 20)
    assert device.call("terminal_probe:first_of", 10, 50, 20) == (-1, None)
    assert device.call("terminal_probe:first_of", 1000, 20, 20) == (0, 20)
    with pytest.raises(Exception, match="failed"):
        device.call("terminal_probe:first_of", 1000, 50, -20)
