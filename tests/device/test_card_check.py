"""`tillbench card check`: every shipped card through the kernel, and what it does with a card that keeps no promise."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from tillbench.host.cards import load_profile, profile_names
from tillbench.host.cards.expectation import Expectation
from tillbench.host.cli.card_check import check, check_all
from tillbench.host.emv_run import KernelProcess, Order, sell
from tillbench.host.emv_run.kernel_process import KernelDied, Parties
from tillbench.host.emv_run.terminal_setup import TerminalSetup, bench_terminal
from tillbench.host.issuer.scripts import Scripter

NAMES = [name for shelf in ("till", "lab") for name in profile_names(shelf)]
SLICES = 4


@pytest.mark.one_in(2)
@pytest.mark.parametrize("part", range(SLICES))
def test_every_card_ends_as_its_profile_says(part: int) -> None:
    names = NAMES[part::SLICES]
    verdicts = list(check_all(names))
    assert len(verdicts) == len(names) > 30
    assert [(v.profile.name, v.differences, v.reason) for v in verdicts if not v.as_expected] == []


def test_what_differs_is_named() -> None:
    profile = load_profile("visa-poor").model_copy(
        update={"expect": Expectation(outcome="declined-by-card", code="00", tvr="expired")}  # type: ignore[arg-type]  # pydantic reads the name
    )
    with KernelProcess() as kernel:
        verdict = check(kernel, profile)
    assert verdict.differences == [
        "outcome: expected declined-by-card, found declined-online",
        "code: expected 00, found 51",
        "TVR: expected expired, found no-offline-authentication online-pin",
        "reversal: expected True, found False",
    ]


def test_a_script_that_the_card_does_not_take_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    profile = load_profile("visa-credit")
    pin_unblock = Scripter.pin_unblock
    monkeypatch.setattr(Scripter, "pin_unblock", lambda self: pin_unblock(self)[:-1] + b"\0")
    with KernelProcess() as kernel:
        (difference,) = check(kernel, profile).differences
    assert difference == (
        "script: expected results 2..., TVR no-offline-authentication online-pin, "
        "found 1100000001, TVR no-offline-authentication online-pin script-failed-after"
    )


def test_the_command(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("extends: visa-credit\nname: mine\nexpect: {outcome: approved-offline, code: Y1}\n")
    tillbench = Path(sys.executable).with_name("tillbench")
    done = subprocess.run([tillbench, "card", "check", path, "visa-poor"], capture_output=True, text=True)
    assert done.returncode == 1
    lines = done.stdout.splitlines()
    assert lines[0].split()[:4] == ["WRONG", "mine", "approved-online", "00"]
    assert lines[1] == "      outcome: expected approved-offline, found approved-online"
    assert lines[-2].split()[:4] == ["ok", "visa-poor", "declined-online", "51"]
    assert lines[-1] == "2 cards, 1 other than expected"
    done = subprocess.run([tillbench, "card", "check", "visa-por"], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (2, "")
    assert "did you mean visa-poor" in done.stderr


def test_the_same_card_twice_is_the_same_to_the_byte() -> None:
    profile = load_profile("visa-cda")
    with KernelProcess() as kernel:
        first, second = sell(kernel, profile), sell(kernel, profile)
    assert first.exchanges == second.exchanges
    assert [step.name for step in first.result.steps][-2:] == ["first_generate_ac", "complete"]


def test_no_pin_is_in_what_is_kept() -> None:
    profile = load_profile("visa-cvm-plaintext-pin")
    with KernelProcess() as kernel:
        sale = sell(kernel, profile)
    verify = [command for command, _answer in sale.exchanges if command[1] == 0x20]
    assert verify == [bytes.fromhex("0020008008") + bytes(8)]
    assert "1234FF" not in repr(sale).upper()


def test_a_kernel_that_dies_says_why() -> None:
    profile = load_profile("visa-credit")
    with KernelProcess() as kernel:
        setup = bench_terminal(serial="00")
        with pytest.raises(KernelDied, match=r"9F1E: expected 8 bytes, found 1"):
            kernel.transact(setup, Order(), NOBODY)
        assert sell(kernel, profile).result.outcome == "APPROVED_ONLINE"  # another process
        with pytest.raises(KernelDied, match="MemoryError"):
            KernelProcess(heap="64k").transact(TerminalSetup(setup.aids), Order(), NOBODY)


class _Nobody:
    def __getattr__(self, name: str) -> object:
        raise AssertionError(f"asked for {name}")


NOBODY: Parties = _Nobody()  # type: ignore[assignment]  # a stand-in with what it uses
