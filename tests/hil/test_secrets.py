"""PINs, keys and whole card numbers are nowhere but where they have to be: not in a log, a trace, a flash image, on a
screen or a slip, and the PIN not in the terminal's memory once it is a PIN block."""

from __future__ import annotations

import logging
import random
from pathlib import Path

import pytest
from pyemv.kd import derive_icc_mk_a
from tillbench.hil.plugin import EPOCH
from tillbench.host import secrets_search
from tillbench.host.cards import CardProfile, load_profile
from tillbench.host.emulator.emulator import Options
from tillbench.host.emulator.timeline import Timeline, TraceFile
from tillbench.host.secrets_search import Secret, find, find_in_files
from tillbench.host.terminal import Terminal

from . import shop
from .care_steps import ADMIN, SUPERVISOR, load_by_components, pass_gate, pass_over_to
from .forger import master_key, working_keys
from .process_memory import NEEDS_MEMORY, memory

RANDOM = random.Random("secrets of this test")
PIN, WRONG_PIN, GIVEN_UP = ("".join(RANDOM.choices("0123456789", k=12)) for _ in range(3))
IMK = RANDOM.randbytes(16)
KEY_SLOT = "keyslot.json"
"""Holds the test terminal's master key, that is what it is for."""


@pytest.fixture
def till_profiles() -> list[CardProfile]:
    secret = {"pin": PIN, "imk_ac": IMK.hex().upper()}
    return [load_profile(shop.UNIONPAY).model_copy(update=secret), load_profile("unionpay-decline-2gac")]


def pins(profile: CardProfile) -> list[Secret]:
    every = {"PIN": PIN, "wrong PIN": WRONG_PIN, "PIN given up": GIVEN_UP}
    return [secrets_search.pin(name, digits, profile.pan) for name, digits in every.items()]


def keys(terminal: Terminal, profile: CardProfile) -> list[Secret]:
    pik, mak = working_keys(terminal)
    every = {
        "TMK": master_key(terminal),
        "PIK": pik,
        "MAK": mak,
        "IMK": IMK,
        "card key": derive_icc_mk_a(IMK, profile.pan, profile.psn),
    }
    return [secrets_search.key(name, value) for name, value in every.items()]


def play(terminal: Terminal) -> None:
    """Approved, wrong PIN, given up in the middle of the PIN, not answered and reversed, cut off and reversed."""
    assert shop.sell(terminal).approved
    assert "WRONG PIN" in shop.sell(terminal, pin=WRONG_PIN).screen
    shop.key_in(terminal)
    shop.present(terminal)
    terminal.press(" ".join(GIVEN_UP) + " CANCEL")
    shop.finish(terminal, shop.wait(terminal, "NOT APPROVED"))
    terminal.acquirer.rules.silence("0200")
    shop.sell(terminal)
    shop.key_in(terminal)
    shop.present(terminal)
    shop.enter_pin(terminal)
    shop.wait(terminal, "WAITING FOR HOST")
    terminal.power.cut()
    terminal.card.remove()
    terminal.power.restore()
    terminal.screen.wait_text(shop.IDLE)
    assert "NOT APPROVED" in shop.sell(terminal, "unionpay-decline-2gac").screen


def test_nowhere_in_what_is_written(
    tmp_path: Path, till_profiles: list[CardProfile], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    state, trace = tmp_path / "till", tmp_path / "trace.jsonl"
    terminal = Terminal(Options(state, seed="secrets", epoch=EPOCH), till_profiles)
    writer = TraceFile(Timeline(terminal.emulator), trace.open("w", encoding="utf-8"))
    with terminal:
        terminal.screen.wait_text("READY")
        play(terminal)
        profile = till_profiles[0]
        secrets = [*pins(profile), *keys(terminal, profile)]
        numbers = [secrets_search.pan(f"PAN of {card.name}", card.pan) for card in till_profiles]
        shown = "\n".join(frame.text for frame in terminal.screen.frames)
        slips = "\n".join(receipt.text for receipt in terminal.emulator.printer.receipts())
        exchanges = "\n".join(map(repr, terminal.acquirer.journal()))
        books = "\n".join(map(repr, terminal.acquirer.ledger.transactions()))
    writer.close()
    texts = [("log", caplog.text), ("screen", shown), ("slips", slips), ("journal", exchanges), ("books", books)]
    places = [(name, text.encode()) for name, text in texts]
    assert all(text for _, text in texts), "there is something to be searched in each"
    files = [path for path in state.rglob("*") if path.is_file() and path.name != KEY_SLOT]
    assert {"flash.bin", "ledger.sqlite", "console.txt"} <= {path.name for path in files}

    assert find(secrets, places) == []
    assert find_in_files(secrets, trace, *files) == []
    # The acquirer's books name the card, as they must; everything else masks it.
    masked = [trace, *(path for path in files if not path.name.startswith("ledger"))]
    assert find(numbers, places) == []
    assert find_in_files(numbers, *masked) == []
    assert profile.masked_pan in trace.read_text(encoding="utf-8")
    assert profile.masked_pan in caplog.text

    check_planted(secrets, numbers, trace, next(path for path in files if path.name == "flash.bin"))
    # What is excluded above is found when it is not.
    assert {spill.name for spill in find_in_files(secrets, state)} == {"TMK"}
    assert find_in_files(numbers, state / "ledger.sqlite")


def check_planted(secrets: list[Secret], numbers: list[Secret], trace: Path, flash: Path) -> None:
    """The same search, on copies into which each secret was written once, finds each of them there and nowhere else."""
    every = [*secrets, *numbers]
    for path in (trace, flash):
        content = path.read_bytes()
        piece = len(content) // len(every)
        copy = b""
        planted = {}
        for number, secret in enumerate(every):
            form = "text" if "text" in secret.needles else "hex"
            planted[secret.name] = form, len(copy), len(copy) + len(secret.needles[form])
            copy += secret.needles[form] + content[number * piece : (number + 1) * piece]
        found = find(every, [(path.name, copy + content[len(every) * piece :])])
        places = {(spill.name, spill.form, spill.offset) for spill in found}
        assert places >= {(name, form, start) for name, (form, start, _) in planted.items()}
        assert [spill for spill in found if not planted[spill.name][1] <= spill.offset < planted[spill.name][2]] == []


@NEEDS_MEMORY
def test_pin_is_nowhere_in_memory_once_it_is_a_pin_block(terminal: Terminal, till_profiles: list[CardProfile]) -> None:
    secrets = pins(till_profiles[0])[:1]
    shop.key_in(terminal)
    shop.present(terminal)
    terminal.press(" ".join(PIN))
    assert {(spill.name, spill.form) for spill in find(secrets, memory(terminal))} == {("PIN", "text")}, (
        "while it is entered it is in its buffer, and the search sees it there"
    )
    terminal.press("ENTER")
    shop.wait(terminal, "READING CARD")
    terminal.emulator.bench.settle()
    assert find(secrets, memory(terminal)) == []
    assert shop.finish(terminal, shop.wait(terminal, *shop.DECIDED)).approved
    assert find(secrets, memory(terminal)) == []


@NEEDS_MEMORY
def test_pin_given_up_is_nowhere_in_memory(terminal: Terminal, till_profiles: list[CardProfile]) -> None:
    secrets = pins(till_profiles[0])[2:]
    for keys_after in ("CANCEL", "CLEAR CANCEL", ""):  # and nothing at all, until the time is over
        shop.key_in(terminal)
        shop.present(terminal)
        terminal.press(" ".join(GIVEN_UP))
        assert {spill.name for spill in find(secrets, memory(terminal))} == {"PIN given up"}
        if keys_after:
            terminal.press(keys_after)
        shop.finish(terminal, shop.wait(terminal, "NOT APPROVED"))
        assert find(secrets, memory(terminal)) == [], keys_after


@NEEDS_MEMORY
def test_working_keys_are_nowhere_in_memory_after_sign_off(terminal: Terminal) -> None:
    assert shop.sell(terminal).approved
    names = zip(("PIK", "MAK"), working_keys(terminal), strict=True)
    secrets = [secrets_search.key(name, value) for name, value in names]
    assert {spill.name for spill in find(secrets, memory(terminal))} == {"PIK", "MAK"}, "the search sees them in use"
    terminal.menu("MANAGEMENT", "HOST", "SIGN OFF")
    shop.wait(terminal, "KEYS ARE WIPED")
    terminal.press("ENTER")
    shop.wait(terminal, "SIGNED OFF")
    terminal.emulator.bench.settle()
    assert find(secrets, memory(terminal)) == []


@NEEDS_MEMORY
def test_components_passwords_and_the_master_key_are_nowhere_in_memory_when_they_are_done_with(tmp_path: Path) -> None:
    options = Options(tmp_path / "till", seed="components", epoch=EPOCH, prepared=False, fast_keys=True)
    with Terminal(options, [load_profile(shop.UNIONPAY)]) as terminal:
        first, second = terminal.key_holders.components()
        parts = [secrets_search.key(f"component {n}", part.key) for n, part in enumerate((first, second), 1)]
        password = secrets_search.pin("password", ADMIN.replace(" ", ""), "0" * 16)
        tmk = secrets_search.key("TMK", terminal.emulator.master_key)
        pass_over_to(terminal, 8, "LOAD KEY")
        terminal.press("ENTER")
        terminal.choose("2 COMPONENTS")
        pass_gate(terminal, "SUPERVISOR PASS", "1 2 3 4 5 6", SUPERVISOR)
        shop.wait(terminal, "COMPONENT 1")
        terminal.press(terminal.key_holders.keys_for(first))
        assert {spill.name for spill in find(parts, memory(terminal))} == {"component 1"}, "the search sees it"
        terminal.press("ENTER")
        shop.wait(terminal, "ENTER=OK CLR=NO")
        terminal.press("ENTER")
        pass_gate(terminal, "ADMIN PASSWORD", "1 2 3 4 5 6 7 8")
        shop.wait(terminal, "FACTORY PASSWORD")
        terminal.press("ENTER")
        shop.wait(terminal, "NEW PASSWORD")
        terminal.press(ADMIN)
        assert {spill.name for spill in find([password], memory(terminal))} == {"password"}, "the search sees it"
        terminal.press("ENTER")
        shop.wait(terminal, "ONCE MORE")
        terminal.press(f"{ADMIN} ENTER")
        shop.wait(terminal, "PASSWORD CHANGED")
        terminal.press("ENTER")
        assert find([password], memory(terminal)) == []
        shop.wait(terminal, "COMPONENT 2")
        terminal.press(terminal.key_holders.keys_for(second) + " CANCEL")
        shop.wait(terminal, "COMMISSION 8/11")
        assert find([password, *parts, tmk], memory(terminal)) == [], "given up"
        load_by_components(terminal)
        terminal.emulator.bench.settle()
        assert find([password, *parts], memory(terminal)) == []
        assert {spill.name for spill in find([tmk], memory(terminal))} == {"TMK"}, "it is in use"
    # Neither in a log nor on flash; the key slot's file has the key, that is what it is for.
    files = [path for path in options.state.rglob("*") if path.is_file() and path.name != KEY_SLOT]
    assert find_in_files([password, *parts, tmk], *files) == []


def test_keys_and_all_times_are_masked_while_the_pin_is_entered(tmp_path: Path) -> None:
    """Two PINs of the same length leave the same trace: of keys, of the screen that answers each, of everything."""
    traces = []
    for pin in ("1234", "9071"):
        terminal = Terminal(Options(tmp_path / pin, seed=7, epoch=EPOCH), [load_profile(shop.UNIONPAY)])
        heard: list[str] = []
        with terminal:
            Timeline(terminal.emulator).listeners.append(lambda entry: heard.append(entry.as_json()))  # noqa: B023  called within the same turn of the loop
            terminal.screen.wait_text("READY")
            shop.key_in(terminal)
            shop.present(terminal)
            shop.enter_pin(terminal, pin)
            shop.wait(terminal, *shop.DECIDED)
        opens, closes = (next(at for at, line in enumerate(heard) if text in line) for text in ("opens", "closes"))
        traces.append(heard[opens + 1 : closes])
    assert traces[0] == traces[1]
    assert sum('"event": "*"' in line for line in traces[0]) >= 8
    assert '"wire": "screen"' in str(traces)
    assert all('"t_us": "*"' in line for line in traces[0])
