"""The books for people: what the commands print, and what they refuse in words."""

import csv
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from tillbench.host.acquirer.reports import money
from tillbench.host.cli.app import app
from typer.testing import CliRunner

from .acquirer_batch import BatchClient
from .acquirer_flows import Done
from .acquirer_till import UNIONPAY_CARD, VISA_CARD, Bench, Chip, file_url


class Told:
    """A ledger with a day in it."""

    def __init__(self, folder: Path) -> None:
        self.url = file_url(folder)
        bench = Bench(self.url)
        till = BatchClient(bench.acquirer.connect())
        till.sign_on()
        self.sale: Done = till.do("sale", Chip(UNIONPAY_CARD), 12_34)
        self.refund = till.do("refund", UNIONPAY_CARD, 2_34, self.sale)
        till.do("sale", VISA_CARD, 9_999_999_00)
        till.settle((12_34, 1, 2_34, 1))
        till.end_upload(0, balanced=True)
        till.sign_on()
        bench.wait(hours=1)
        till.do("sale", UNIONPAY_CARD, 1_00)
        bench.acquirer.close()

    def run(self, *words: str) -> tuple[int, str]:
        """A command on this ledger: its exit code, and what it printed."""
        result = CliRunner().invoke(app, ["acquirer", *words, "--db", self.url])
        return result.exit_code, result.output


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    return Told(tmp_path_factory.mktemp("books"))


def test_ledger_lists_every_transaction_masked(told: Told) -> None:
    code, text = told.run("ledger")
    lines = text.splitlines()
    assert code == 0
    assert len(lines) == 5
    assert "12345678" in lines[1]
    assert "620000******0005" in text
    assert UNIONPAY_CARD.pan not in text
    assert len(told.run("ledger", "--last", "2")[1].splitlines()) == 3
    assert told.run("ledger", "--terminal", "00000000")[1] == ("the books have nothing of terminal 00000000\n")


def test_show_tells_a_transaction_with_its_family(told: Told) -> None:
    rrn, refund = told.sale.answer.text(37), told.refund.answer.text(37)
    for asked in (rrn, refund):
        _, text = told.run("show", asked)
        assert [line for line in text.splitlines() if not line.startswith(" ")] == [
            f"sale {rrn}{'  <-' if asked == rrn else ''}",
            f"refund {refund}{'  <-' if asked == refund else ''}",
        ]
    assert f"of rrn         {rrn}" in text
    code, text = told.run("show", "000000000000")
    assert code == 2
    assert "no transaction with reference number 000000000000" in text
    for nonsense in ("", "2", "zzz", "\udcff000002", "６３２７１４００００２"):
        code, text = told.run("show", nonsense)
        assert (code, "no transaction with reference number" in text) == (2, True), ascii(nonsense)


def test_totals_are_of_what_is_open_and_of_each_settlement(told: Told) -> None:
    _, text = told.run("totals")
    assert [line.split() for line in text.splitlines()][1][:6] == [
        "12345678",
        "not",
        "settled",
        "host",
        "domestic",
        "1",
    ]
    assert "closed, balanced" in text
    assert "12.34" in text


def test_export_is_csv_that_reads_back(told: Told) -> None:
    _, text = told.run("export", "csv")
    rows = list(csv.DictReader(text.splitlines()))
    assert [row["kind"] for row in rows] == ["sale", "refund", "sale", "sale"]
    assert rows[1]["of rrn"] == told.sale.answer[37]
    assert told.run("export", "xml")[0] == 2


@pytest.mark.parametrize(
    ("by", "first"),
    [
        ("type", ["refund", "1", "1", "100.0", "2.34", "2.34"]),
        ("hour", ["2026-11-23", "14:00", "3", "2", "66.7", "14.68", "-10.00", "51x1"]),
        ("terminal", ["12345678", "4", "3", "75.0"]),
        ("issuer", ["unionpay", "620000", "3", "3", "100.0"]),
        ("code", ["00", "3", "3", "100.0"]),
    ],
)
def test_statistics_by_each_group(told: Told, by: str, first: list[str]) -> None:
    code, text = told.run("stats", "--by", by)
    assert code == 0
    assert text.splitlines()[1].split()[: len(first)] == first


def test_statistics_by_something_else_are_refused(told: Told) -> None:
    code, text = told.run("stats", "--by", "mood")
    assert code == 2
    assert "--by mood: expected hour, type, terminal, issuer, code" in text


def test_check_audits_the_books(tmp_path: Path) -> None:
    told = Told(tmp_path)
    assert told.run("check") == (0, "the books are right\n")
    with sqlite3.connect(tmp_path / "ledger.db") as connection:
        connection.execute("UPDATE accounts SET balance = balance + 1 WHERE id = 1")
    connection.close()
    code, text = told.run("check")
    assert code == 1
    assert text.startswith("account 1: balance ")


def test_a_wrong_rule_file_is_one_line_and_exit_2(tmp_path: Path) -> None:
    (tmp_path / "wrong.yaml").write_text("rules:\n- {name: a}\n", "utf-8")
    command = [str(Path(sys.executable).with_name("tillbench")), "acquirer", "--rules", str(tmp_path / "wrong.yaml")]
    done = subprocess.run([*command, "--state", str(tmp_path / "state")], capture_output=True, text=True, timeout=50)
    assert done.returncode == 2
    assert done.stderr == "tillbench: wrong.yaml:2: rules.0.do: Field required\n"


@pytest.mark.parametrize(("amount", "text"), [(0, "0.00"), (5, "0.05"), (-1234, "-12.34"), (100, "1.00")])
def test_money_as_people_write_it(amount: int, text: str) -> None:
    assert money(amount) == text


def test_limit_sets_the_limits_of_a_card(told: Told) -> None:
    masked = "620000******0005"
    assert told.run("limit", UNIONPAY_CARD.pan, "--each", "50000", "--count", "3") == (
        0,
        f"{masked}: each 500.00, number 3\n",
    )
    assert told.run("limit", UNIONPAY_CARD.pan) == (0, f"{masked}: no limits\n")
    code, text = told.run("limit", "6200009999999999")
    assert code == 2
    assert "620000******9999: no such card in the books" in text
    assert told.run("limit", UNIONPAY_CARD.pan, "--each=-1")[0] == 2
