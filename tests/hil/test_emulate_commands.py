"""What `tillbench emulate --headless` reads on stdin, in virtual time; and that it stays up."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from tillbench.host.cli.emulate import serve
from tillbench.host.cli.emulate_commands import CommandReader, NeverShown
from tillbench.host.cli.emulate_console import Stopped
from tillbench.host.terminal import Terminal

from . import shop

SALE = """
press 1 2 3 4 ENTER
wait INSERT CARD
insert
wait ENTER PIN
press 1 2 3 4 5 6 ENTER
wait REMOVE CARD
remove
wait TEAR OFF
press ENTER
wait READY
"""


class Script:
    """Both ends of the command's stdin."""

    def __init__(self, terminal: Terminal) -> None:
        self._bench = terminal.emulator.bench
        self.reader = CommandReader(terminal.emulator, shop.UNIONPAY)
        self._bench.externals[self.reader] = self.reader.ready
        self._end: int | None = None

    def attach(self, end: int) -> None:
        self._end = end

    def say(self, text: str) -> None:
        assert self._end is not None
        os.write(self._end, text.encode())
        self.reader.ready()

    def close(self) -> None:
        assert self._end is not None
        os.close(self._end)
        self._end = None
        self.reader.ready()


@pytest.fixture
def script(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> Iterator[Script]:
    reading, writing = os.pipe()
    with os.fdopen(reading) as stdin:
        monkeypatch.setattr("sys.stdin", stdin)
        made = Script(terminal)
        made.attach(writing)
        yield made
        if made._end is not None:
            os.close(writing)


def test_a_whole_sale_each_command_after_the_one_before_it(terminal: Terminal, script: Script) -> None:
    script.say(SALE + SALE.replace("1 2 3 4 ENTER", "5 0 ENTER") + "quit\n")
    with pytest.raises(Stopped):
        serve(terminal.emulator)
    assert shop.movements(terminal) == [("sale", -1234), ("sale", -50)]


def test_a_command_waits_for_the_last_key_of_the_one_before_it(terminal: Terminal, script: Script) -> None:
    script.say("press 1 2 3 4 5\nquit\n")
    with pytest.raises(Stopped):
        serve(terminal.emulator)
    assert "RMB 123.45" in terminal.screen.text


def test_the_script_of_the_documentation(terminal: Terminal, script: Script) -> None:
    text = (Path(__file__).parents[2] / "docs" / "quickstart.md").read_text(encoding="utf-8")
    ((command, commands),) = re.findall(
        r"^\.venv/bin/(tillbench emulate [^\n]*) <<END\n(.*?)^END$", text, re.DOTALL | re.MULTILINE
    )
    assert command == "tillbench emulate --temp --headless"
    script.say(commands)
    with pytest.raises(Stopped):
        serve(terminal.emulator)
    assert shop.movements(terminal) == [("sale", -1234)]


def test_lines_come_in_pieces_and_the_last_one_has_no_end(terminal: Terminal, script: Script) -> None:
    script.say("press 1 ")
    script.say("2\npress")
    script.say(" 3 4\nwait RMB 12.34\nquit")
    script.close()
    with pytest.raises(Stopped):
        serve(terminal.emulator)
    assert "RMB 12.34" in terminal.screen.text


def test_what_is_awaited_is_the_answer_to_the_last_command(terminal: Terminal, script: Script) -> None:
    script.say("wait READY\npress 5\nwait RMB 0.05\npress CANCEL\nwait READY\nquit\n")
    before = len(terminal.screen.frames)
    with pytest.raises(Stopped):
        serve(terminal.emulator)
    shown = [frame.text for frame in terminal.screen.frames[before:]]
    assert "RMB 0.05" in shown[0]
    assert "READY" in shown[-1]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (
            "jump",
            "no such command: 'jump'; there is press KEYS, insert [NAME], reader NAME, remove, swipe [NAME], ",
        ),
        ("power maybe", "no such command: 'power maybe'"),
        ("wait", "no such command: 'wait'"),
        ("press 1 Q", "key 2: no key 'Q', there is 1 2 3"),
        ("scan slip", "no slip was cut yet"),
        ("wifi off Shop", "wifi: this terminal has none, it was started without --wifi"),
        ("insert nosuch", "unknown card 'nosuch'; cards: multi-app, "),
    ],
)
def test_a_mistake_is_told_and_the_rest_obeyed(
    line: str, expected: str, terminal: Terminal, script: Script, capsys: pytest.CaptureFixture[str]
) -> None:
    script.say(f"{line}\npower off\n")
    assert capsys.readouterr().out.startswith(f"error: {expected}")
    assert not terminal.power.on


def test_power_off_and_on(terminal: Terminal, script: Script) -> None:
    script.say("press 5\nwait RMB 0.05\npower off\npower on\nwait STARTING\nwait READY\nquit\n")
    with pytest.raises(Stopped):
        serve(terminal.emulator)
    last = terminal.screen.frames[-1]
    assert "READY" in last.text
    assert last.number == 2, "the device counts its frames anew"


def test_it_stays_up(terminal: Terminal) -> None:
    def stop() -> None:
        raise Stopped

    bench = terminal.emulator.bench
    hours_later = bench.clock.now + 3 * 3600 * 1_000_000
    bench.clock.at(hours_later, stop)
    with pytest.raises(Stopped):
        serve(terminal.emulator)
    assert bench.clock.now == hours_later


def test_a_wait_for_what_never_comes_ends_it(terminal: Terminal, script: Script) -> None:
    script.say("press 5\nwait RMB 0.05\nwait GODOT\nquit\n")
    before = terminal.clock.now_s
    with pytest.raises(NeverShown, match=r"waited 90 s for the screen to show 'GODOT'; it shows\n") as caught:
        serve(terminal.emulator)
    assert terminal.screen.text in str(caught.value)
    assert 90 < terminal.clock.now_s - before < 92


def test_a_wait_that_is_over_is_not_waited_for(terminal: Terminal, script: Script) -> None:
    script.say("press 5\nwait RMB 0.05\nwait READY\n")
    script.say("press 5\nwait RMB 0.05\n")
    terminal.clock.advance(200)
