"""`tillbench session` and `card from-session` as people meet them."""

from __future__ import annotations

from pathlib import Path

import pytest
from tillbench.host.cards import load_profile
from tillbench.host.cli.app import app
from tillbench.host.cli.errors import USER_ERROR
from tillbench.host.session import Session
from typer.testing import CliRunner


def tillbench(*args: str | Path, status: int = 0) -> str:
    result = CliRunner().invoke(app, list(map(str, args)))
    assert result.exit_code == status, result.output
    return result.output


@pytest.fixture(scope="module")
def sale(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("sessions") / "sale.jsonl"
    said = tillbench("session", "record", file, "--card", "visa-cda", "--full")
    assert said == f"{file}: 32 exchanges, full\n"
    return file


def test_a_sale_is_shown_phase_by_phase(sale: Path) -> None:
    shown = tillbench("session", "show", sale)
    phases = (
        "Application selection",
        "Initiate",
        "Read application data",
        "First GENERATE AC",
        "Issuer auth",
        "Second",
    )
    places = [shown.index(phase) for phase in phases]
    assert places == sorted(places)
    assert "476173******2032" in shown
    assert load_profile("visa-cda").pan not in shown
    assert len(tillbench("session", "show", "--short", sale)) < len(shown) / 2


def test_it_is_masked_unless_told(tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    tillbench("session", "record", file, "--card", "visa-cda")
    assert Session.read(file).is_masked
    assert load_profile("visa-cda").pan not in file.read_text()
    assert "no card: digits are missing" in tillbench("session", "replay", file, "--as", "both", status=USER_ERROR)


def test_replayed_to_the_same_card_at_another_date_and_amount(sale: Path, tmp_path: Path) -> None:
    again = tmp_path / "again.jsonl"
    said = tillbench(
        *("session", "replay", sale, "--as", "terminal", "--card", "visa-cda", "--amount", "99.00"),
        *("--date", "261224", "--record", again, "--full"),
    )
    assert "0 semantic" in said
    assert "000000009900" in again.read_text()
    assert "0 semantic" in tillbench("session", "compare", sale, again)
    assert "9A Transaction Date: 261123 -> 261224" in tillbench("session", "compare", sale, again, "--all")


def test_against_a_card_with_one_bit_changed_it_is_named(sale: Path, tmp_path: Path) -> None:
    """The example of the manual: one Issuer Action Code."""
    changed = tmp_path / "changed.yaml"
    changed.write_text("extends: visa-cda\nname: changed\neach_application:\n  iac_online: DC4004F000\n")
    said = tillbench("session", "replay", sale, "--as", "terminal", "--card", changed, status=1)
    assert (
        "semantic  read application data, READ RECORD 1 of SFI 2: 9F0F Issuer Action Code - Online: "
        "byte 4 bit 4 (merchant forced transaction online): no longer set" in said
    )
    assert "1 semantic" in said


def test_both_ends(sale: Path) -> None:
    said = tillbench("session", "replay", sale, "--as", "both", "--seed", "3", "--amount", "12.00")
    assert "APPROVED_ONLINE" in said
    assert "0 semantic" in said


def test_a_card_out_of_a_session(sale: Path, tmp_path: Path) -> None:
    card = tmp_path / "Field 7.yaml"
    said = tillbench("card", "from-session", sale, "-o", card)
    assert "field-7 476173******2032, 1 application" in said
    assert "0 other than expected" in tillbench("card", "check", card)


@pytest.mark.parametrize("ending", ["pcap", "md", "clf"])
def test_exported(sale: Path, tmp_path: Path, ending: str) -> None:
    out = tmp_path / f"a.{ending}"
    assert "32 exchanges" in tillbench("session", "export", sale, "-o", out)
    assert out.stat().st_size > 1000


def test_imported_masked_and_whole(sale: Path, tmp_path: Path) -> None:
    log, out = tmp_path / "a.clf", tmp_path / "b.jsonl"
    tillbench("session", "export", sale, "-o", log)
    assert "masked" in tillbench("session", "import", log, "-o", out)
    assert "0 semantic" in tillbench("session", "compare", sale, out)
    assert "full" in tillbench("session", "import", log, "-o", out, "--full")
    tillbench("session", "mask", out, "-o", out)
    assert Session.read(out).is_masked


def test_from_the_terminals_slot(tmp_path: Path) -> None:
    file = tmp_path / "slot.jsonl"
    tillbench("session", "record", file, "--card", "unionpay-debit", "--terminal", "--full")
    session = Session.read(file)
    assert session.header.source == "slot"
    assert session.atr == load_profile("unionpay-debit").atr
    assert "Second GENERATE AC" in tillbench("session", "show", file)
    said = tillbench("session", "replay", file, "--as", "terminal", "--card", "unionpay-debit", "--amount", "1.00")
    assert "0 semantic" in said


MISTAKES = [
    ("record a", "expected one of --card NAME and --reader NAME"),
    ("record a --card visa-cda --reader x", "expected one of --card NAME and --reader NAME"),
    ("record a --card visa-cda --pin maybe", "--pin maybe: expected right, wrong or none"),
    ("record a --reader x --terminal", "--terminal: the terminal's slot takes a virtual card"),
    ("record a --card visa-cad", "unknown card 'visa-cad'"),
    ("record /no/such/folder/a --card visa-cda", "/no/such/folder/a: there is no folder /no/such/folder"),
    ("record a --card unionpay-issuer-missing --amount x", "--amount x: expected an amount"),
    ("show /no/such/file", "/no/such/file: No such file or directory"),
    ("replay SALE --as clerk", "--as clerk: expected card, terminal, both"),
    ("replay SALE --as terminal", "--as terminal: expected one of --card NAME and --reader NAME"),
    ("replay SALE --as both --card visa-cda", "--as both: the recorded card is the card"),
    ("replay SALE --as terminal --card visa-cda --date 1", "--date 1: expected a day as YYMMDD"),
    ("replay SALE --as terminal --card visa-cda --date=", "--date : expected a day as YYMMDD"),
    ("replay SALE --as terminal --card visa-cda --date 261332", "--date 261332: expected a day as YYMMDD"),
    ("replay SALE --as terminal --card visa-cda --system", "--system: it has nothing to do with --as terminal"),
    ("replay SALE --as both --system", "--system: it has nothing to do with --as both"),
    ("replay SALE --as card --amount 1.00", "--amount: it has nothing to do with --as card"),
    ("replay SALE --as both -- true", "--as both: expected no program, found true"),
    ("replay SALE --as both --record no/such/a", "--record no/such/a: there is no folder no/such"),
    ("replay EMPTY --as terminal --card visa-cda", "there is no command in it, so nothing to replay"),
    ("compare EMPTY EMPTY", "there is no command in either session, so nothing to compare"),
    ("record a --card visa-cda --terminal --target qmeu", "--target qmeu: no such target; there is unix, qemu"),
    ("record a --card visa-cda --terminal --no-line", "--line/--no-line: it has nothing to do with --terminal"),
    ("record a --card visa-cda --target qemu", "--target: it has nothing to do with --card alone"),
    ("record a --card visa-cda --pin none -- true", "--pin: it has nothing to do with a program"),
    ("record a --reader x --pin none", "--pin: it has nothing to do with --reader"),
    ("export SALE -o a.doc", "a.doc: its ending names no format: there is pcap, cardpeek, markdown"),
    ("export SALE -o a --to word", "--to word: there is pcap, cardpeek, markdown"),
    ("import SALE -o a --from word", "--from word: no such format; there is pcscd, cardpeek"),
]


@pytest.mark.parametrize(("command", "words"), MISTAKES, ids=[command for command, _ in MISTAKES])
def test_a_mistake_is_one_line(
    sale: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str, words: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("EMPTY").write_text('{"tillbench_session": 1}\n')
    args = ["session", *(str(sale) if word == "SALE" else word for word in command.split())]
    result = CliRunner().invoke(app, args)
    assert result.exit_code == USER_ERROR, result.output
    assert result.stderr.startswith("tillbench: ")
    assert words in result.stderr


def test_a_card_of_a_foreign_look_is_stored_masked_only(tmp_path: Path) -> None:
    """An imported log of a card whose issuer certificate does not chain to the test CA."""
    ours, log, out = tmp_path / "a.jsonl", tmp_path / "a.clf", tmp_path / "b.jsonl"
    tillbench("session", "record", ours, "--card", "unionpay-issuer-missing", "--full")
    tillbench("session", "export", ours, "-o", log)
    said = tillbench("session", "import", log, "-o", out, "--full", status=USER_ERROR)
    assert "may only be stored masked: it has shown no issuer certificate" in said
    assert not out.exists()
    tillbench("session", "import", log, "-o", out)
    assert load_profile("unionpay-issuer-missing").pan not in out.read_text()
