"""Wi-Fi at the counter: set up with the keypad, gone in the middle of a sale and back, forgotten, and never told."""

from __future__ import annotations

import logging
import os
from pathlib import Path

import pytest
from tillbench.hil.plugin import EPOCH
from tillbench.hil.report.moments import Moments
from tillbench.host import secrets_search
from tillbench.host.cards import load_profile
from tillbench.host.devices.wlan import AccessPoint
from tillbench.host.emulator.bench import WaitTimeout
from tillbench.host.emulator.emulator import Options
from tillbench.host.emulator.qemu_images import NoQemu, find_image, find_qemu
from tillbench.host.emulator.timeline import Timeline, TraceFile
from tillbench.host.secrets_search import find, find_in_files
from tillbench.host.terminal import Terminal

from . import shop
from .care_steps import ADMIN, load_by_components, pass_gate, pass_over_to, step

FACTORY = "1 2 3 4 5 6 7 8"
KEY = "Kilo 7.5"
KEYS = "# 5 5 # # 4 4 4 5 5 5 6 6 6 0 # # 7 # 1 # # 5 ENTER"
SHOP_KEYS = "2 2 2 6 6 6 DOWN 7 7 7 DOWN 7 7 7 3 3 2 2 2 8 0 4 4 6 6 6 7 7 7 DOWN 7 7 7 7 3 3 ENTER"


def new_terminal(folder: Path, **options: object) -> Terminal:
    """One whose line is Wi-Fi; as it comes it is in the network "Shop"."""
    made = {"seed": 7, "epoch": EPOCH, "fast_keys": True, "wifi": True, **options}
    return Terminal(Options(folder / "till", **made), [load_profile(shop.UNIONPAY)])  # type: ignore[arg-type]  # values of its own fields


def open_menu(terminal: Terminal, entry: str) -> None:
    shop.wait(terminal, shop.IDLE)
    terminal.menu("MANAGEMENT", "DEVICE", "WI-FI", entry)


def choose(terminal: Terminal, network: str) -> None:
    """In the list of what was found, or under the name that is typed."""
    shop.wait(terminal, ">1")
    for _ in range(9):
        row = next((row for row in terminal.screen.text.split("\n")[1:] if row[3:].startswith(network)), None)
        if row is not None:
            terminal.press(row[1])
            return
        terminal.press("DOWN")
    raise LookupError(f"no network {network!r}\n{terminal.screen.text}")


def join(terminal: Terminal, network: str, keys: str, password: str = ADMIN, new: str = "") -> str:
    """Up to how it ended."""
    open_menu(terminal, "JOIN NETWORK")
    pass_gate(terminal, "ADMIN PASSWORD", password, new)
    choose(terminal, network)
    if keys:
        shop.wait(terminal, "PASS PHRASE")
        terminal.press(keys)
    return shop.wait(terminal, "DONE", "WRONG PASS", "NOT FOUND", "NO ADDRESS", "REFUSES")


def status(terminal: Terminal) -> list[str]:
    open_menu(terminal, "STATUS")
    terminal.clock.advance(0.5)
    rows = terminal.screen.text.split("\n")[1:]
    terminal.press("ENTER")
    return rows


def test_set_up_with_the_keypad_and_its_pass_phrase_is_nowhere(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    terminal, trace = new_terminal(tmp_path), tmp_path / "trace.jsonl"
    points = terminal.wifi.access_points
    points += [AccessPoint("Kilo", KEY, -75), AccessPoint("Silent", KEY, -80, hidden=True)]
    timeline, moments = Timeline(terminal.emulator), Moments()
    timeline.listeners.append(moments.add)
    writer = TraceFile(timeline, trace.open("w", encoding="utf-8"))
    with terminal:
        shop.wait(terminal, "READY")
        assert status(terminal) == ["Shop", "192.0.2.77", "SIGNAL -48 DBM"]
        assert "▇↔" in shop.wait(terminal, shop.IDLE)
        assert terminal.desk.ask({"health": {}})["wifi_dbm"] == -48

        open_menu(terminal, "FORGET")
        pass_gate(terminal, "ADMIN PASSWORD", FACTORY, ADMIN)
        assert "Shop" in shop.wait(terminal, "ENTER=")
        terminal.press("ENTER")
        shop.wait(terminal, "DONE")
        assert "×" in shop.wait(terminal, shop.IDLE)
        assert "NO NETWORK" in shop.sell(terminal).screen
        assert "READY" in terminal.screen.text, "nothing is owed"

        assert "Kilo" in join(terminal, "Kilo", KEYS.replace("7 # 1", "8 # 1"))
        shop.wait(terminal, "PASS PHRASE")
        terminal.press(KEYS)
        assert "192.0.2.77" in shop.wait(terminal, "DONE")
        terminal.press("ENTER")
        assert shop.sell(terminal).approved
        assert "▄" in terminal.screen.text

        terminal.wifi.access_point("Silent").dhcp = False
        open_menu(terminal, "JOIN NETWORK")
        pass_gate(terminal, "ADMIN PASSWORD", ADMIN)
        choose(terminal, "OTHER NAME")
        shop.wait(terminal, "ITS NAME")
        terminal.press("# 7 7 7 7 # # 4 4 4 5 5 5 3 3 6 6 8 ENTER 1")
        shop.wait(terminal, "PASS PHRASE")
        terminal.press(KEYS)
        assert "Silent" in shop.wait(terminal, "NO ADDRESS")
        terminal.press("ENTER")
        assert shop.sell(terminal).approved, "in its own network again"
        terminal.power.cut()
        terminal.power.restore()
        shop.wait(terminal, "READY")
        assert status(terminal)[0] == "Kilo"
        shown = "\n".join(row for frame in terminal.screen.frames for row in frame.rows)
    writer.close()
    secrets = [secrets_search.key("pass phrase", KEY.encode())]
    files = [path for path in (tmp_path / "till").rglob("*") if path.is_file() and path.name != "keyslot.json"]
    assert find(secrets, [("log", caplog.text.encode()), ("screen", shown.encode())]) == []
    assert find_in_files(secrets, trace, *files) == []
    assert find_in_files(secrets, tmp_path / "till" / "keyslot.json"), "that is where it is"
    written = trace.read_text(encoding="utf-8")
    assert "PASS PHRASE | Kilo" not in written, "not a picture of it either, with a letter on each"
    assert "WRONG PASS PHR." in written
    secret = [row for row in moments.rows if (row["wire"], row["event"]) == ("screen", "*")]
    assert len(secret) > len(KEY)
    assert [row for row in secret if "picture" in row] == [], "nor in a report"


def test_an_open_network_is_agreed_to(tmp_path: Path) -> None:
    with new_terminal(tmp_path) as terminal:
        shop.wait(terminal, "READY")
        open_menu(terminal, "JOIN NETWORK")
        pass_gate(terminal, "ADMIN PASSWORD", FACTORY, ADMIN)
        choose(terminal, "Cafe")
        assert "Cafe" in shop.wait(terminal, "OPEN: NOT SECRET")
        terminal.press("ENTER")
        shop.wait(terminal, "DONE")
        terminal.press("ENTER")
        assert terminal.wifi.asked[-1] == "Cafe"
        terminal.menu("MANAGEMENT", "HOST", "ECHO TEST")
        shop.wait(terminal, "PASSED", "MS")


def test_a_radio_that_cannot_is_no_fault_of_the_flash(tmp_path: Path) -> None:
    with new_terminal(tmp_path) as terminal:
        shop.wait(terminal, "READY")
        terminal.wifi.can_scan = False
        open_menu(terminal, "JOIN NETWORK")
        pass_gate(terminal, "ADMIN PASSWORD", FACTORY, ADMIN)
        shop.wait(terminal, "RADIO FAULT")
        terminal.wifi.can_scan = True
        terminal.press("ENTER")
        choose(terminal, "SEARCH AGAIN")
        choose(terminal, "Cafe")
        shop.wait(terminal, "OPEN: NOT SECRET")
        terminal.wifi.cannot_join = 1
        terminal.press("ENTER")
        shop.wait(terminal, "RADIO FAULT")
        terminal.press("ENTER")
        shop.wait(terminal, shop.IDLE)
        assert terminal.wifi.asked[-1] == "Shop", "it goes back to its own"
        assert status(terminal)[0].strip() == "Shop"


def to_the_answer(terminal: Terminal) -> None:
    """A sale, up to the moment at which the host has booked it and its answer is on the way."""
    shop.key_in(terminal)
    shop.present(terminal)
    shop.enter_pin(terminal)
    booked = len(terminal.acquirer.journal("0200")) + 1
    terminal.emulator.bench.run_until(lambda: len(terminal.acquirer.journal("0200")) == booked, 10, "the host to book")


def test_gone_in_the_middle_of_a_sale(tmp_path: Path) -> None:
    """For a moment: the answer comes late. For longer than an answer may take: reversed. Before the line is open: not
    a byte has left."""
    with new_terminal(tmp_path) as terminal:
        shop.wait(terminal, "READY")
        to_the_answer(terminal)
        terminal.wifi.switch("Shop", up=False)
        terminal.clock.advance(4)
        terminal.wifi.switch("Shop", up=True)
        assert shop.finish(terminal, shop.wait(terminal, *shop.DECIDED)).approved
        assert shop.movements(terminal) == [("sale", -1234)]

        to_the_answer(terminal)
        terminal.wifi.switch("Shop", up=False)
        outcome = shop.finish(terminal, shop.wait(terminal, *shop.DECIDED))
        assert "REVERSAL PENDING" in outcome.screen
        assert "×" in terminal.screen.text
        terminal.wifi.switch("Shop", up=True)
        assert shop.sell(terminal).approved
        assert shop.movements(terminal)[1:] == [("sale", -1234), ("reversal", 1234), ("sale", -1234)]

        terminal.wifi.switch("Shop", up=False)
        terminal.clock.advance(10)
        shop.key_in(terminal)
        shop.present(terminal)
        shop.enter_pin(terminal)
        shop.wait(terminal, "CONNECTING", "WAITING FOR HOST")
        terminal.clock.advance(3)
        terminal.wifi.switch("Shop", up=True)
        assert shop.finish(terminal, shop.wait(terminal, *shop.DECIDED)).approved, "back within the time for a line"

        terminal.wifi.switch("Shop", up=False)
        terminal.clock.advance(10)
        outcome = shop.sell(terminal)
        assert "NO NETWORK" in outcome.screen
        assert "READY" in terminal.screen.text, "nothing is owed"
        shop.check_books(terminal)


def test_a_power_cut_while_it_is_stored_leaves_the_old_or_the_new_network(tmp_path: Path) -> None:
    """In a key slot that is a file. The cut comes later and later, each in the middle of a flash operation, until the
    network is stored before it."""
    terminal = new_terminal(tmp_path)
    terminal.emulator.bench.settings["keyslot"] = "file"
    found = []
    with terminal:
        pass_over_to(terminal, 7, "LINE TEST")
        terminal.press("ENTER")
        pass_gate(terminal, "ADMIN PASSWORD", FACTORY, ADMIN)
        choose(terminal, "Cafe")
        terminal.press("ENTER")
        shop.wait(terminal, "DONE")
        terminal.press("ENTER")
        shop.wait(terminal, "PASSED")
        terminal.press("ENTER")
        step(terminal, 8, "LOAD KEY")
        terminal.power.cut()
        for cut in range(1, 40):
            terminal.power.cut(after_writes=cut, halves=1)
            terminal.emulator.power_on()
            try:
                terminal.screen.turn_page()
                step(terminal, 8, "LOAD KEY")
                terminal.press("CANCEL")
                join(terminal, "Shop", SHOP_KEYS)
                shop.press(terminal, "ENTER")
            except (shop.PowerGone, WaitTimeout, LookupError):
                if terminal.power.on:
                    raise
            survived = terminal.power.on
            terminal.power.cut()
            terminal.power.restore()
            terminal.clock.advance(5)
            found.append(terminal.wifi.asked[-1])
            terminal.power.cut()
            if survived:
                break
    assert found[-1] == "Shop"
    assert "Cafe" in found
    assert set(found) == {"Cafe", "Shop"}


def test_commissioned_and_wiped_when_the_case_is_opened(tmp_path: Path) -> None:
    with new_terminal(tmp_path, prepared=False) as terminal:
        pass_over_to(terminal, 7, "LINE TEST")
        assert "WITH WI-FI" in terminal.screen.text
        terminal.press("ENTER")
        pass_gate(terminal, "ADMIN PASSWORD", FACTORY, ADMIN)
        choose(terminal, "Shop")
        shop.wait(terminal, "PASS PHRASE")
        terminal.press(SHOP_KEYS)
        shop.wait(terminal, "DONE")
        terminal.press("ENTER")
        shown = shop.wait(terminal, "PASSED")
        assert "Shop" in shown
        assert "SIGNAL -48 DBM" in shown
        terminal.press("ENTER")
        step(terminal, 8, "LOAD KEY")
        load_by_components(terminal, "1 2 3 4 5 6")
        step(terminal, 9, "ECHO TEST")
        assert terminal.wifi.connected
        terminal.tamper.open()
        shop.wait(terminal, "CASE WAS OPENED")
        terminal.emulator.bench.settle()
        assert not terminal.wifi.active
        assert terminal.emulator.vaults.keys == {}


@pytest.mark.one_in(4)
def test_on_100_kb(tmp_path: Path) -> None:
    try:
        find_qemu()
        find_image("heap100k")
    except NoQemu as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(error))
    with new_terminal(tmp_path, target="qemu", image="heap100k") as terminal:
        shop.wait(terminal, "READY")
        assert "192.0.2.77" in join(terminal, "Shop", SHOP_KEYS, FACTORY, ADMIN)
        terminal.press("ENTER")
        assert status(terminal)[2] == "SIGNAL -48 DBM"
