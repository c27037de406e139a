"""Bring-up wire by wire: the board's functions on the virtual pins, with models whose wires are broken one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tillbench.host.boards.board_map import Board
from tillbench.host.boards.board_port import BoardPort
from tillbench.host.boards.bringup import keypad
from tillbench.host.boards.bringup.parts import PARTS, bring_up
from tillbench.host.cli.board import app
from tillbench.host.devices.keypad import LAYOUT
from tillbench.host.devices.wlan import AccessPoint, Wlan
from tillbench.host.emulator.air import Air
from tillbench.host.emulator.bench import Bench
from tillbench.host.emulator.micropython import firmware_root
from typer.testing import CliRunner

from tests.device.bringup_breaks import BROKEN
from tests.device.bringup_desk import Desk
from tests.device.fault_wires import borrowed
from tests.device.one_port_rig import Esp32Port


@pytest.fixture
def desk(device: Bench, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    monkeypatch.setattr(keypad, "KEY_MS", 1000)
    with borrowed(device):
        yield Desk(device)


WELL = {
    "keypad": ["ok  PCF8575: answers at 0x20", "ok  lines: all are free at rest, and no two touch",
               "ok  key 1: row 0, column 0", "ok  INT: INT (GPIO 35) fell with each of 20 keys"],
    "display": ["ok  SSD1306: answers at 0x3C", "ok  picture: is every pixel lit?", "ok  picture: is it dark?"],
    "printer": ["ok  UART: status 12 over TX (GPIO 17) and RX (GPIO 16)", "ok  DLE EOT 4: 12: nothing wrong",
                "ok  BUSY: BUSY (GPIO 36) is low",
                "ok  slip: a slip with bring-up, BIG, and thirty digits, no dot row missing?"],
    "card": ["ok  switch: the switch (GPIO 39) is open in an empty slot",
             "ok  I/O: RX (GPIO 26) is high with the supply on",
             "ok  echo: RX (GPIO 26) hears what TX (GPIO 25) sends", "ok  ATR: 3B 60 00 00, T=0"],
    "buzzer": ["ok  buzzer: a lower one, 1000 Hz"],
    "leds": ["ok  LED green: line 12: it shines", "ok  LED blue: line 15: it shines"],
    "stripe": ["ok  swipe: read, with parity and LRC"],
    "tamper": ["ok  case: the case switch (GPIO 18) reads shut", "ok  case: the case switch (GPIO 18) reads open"],
    "contactless": ["ok  PN532: answers at 0x24", "ok  IRQ: IRQ (GPIO 4) falls when the chip has an answer",
                    "ok  card: noticed"],
    "battery": ["ok  battery: 3900 mV", "ok  battery: as a meter says"],
    "drawer": ["ok  drawer: the printer's status tells open from shut", "ok  drawer: and that it is shut again"],
}  # fmt: skip


@pytest.mark.one_in(2)
@pytest.mark.parametrize("part", WELL)
def test_a_part_that_is_wired_as_the_table_says(desk: Desk, part: str) -> None:
    said = desk.findings(part)
    assert [line for line in said if not line.startswith("ok ")] == []
    assert [line for line in WELL[part] if line not in said] == []


def test_nobody_there_to_look(desk: Desk) -> None:
    desk.blind = True
    assert [line for line in desk.findings("leds") if "LED" in line] == [
        f"[ ] LED {name}: line {line}: does it shine, and nothing else?"
        for name, line in (("green", 12), ("yellow", 13), ("red", 14), ("blue", 15))
    ]


@pytest.mark.one_in(2)
@pytest.mark.parametrize(
    ("part", "spoil", "expected"),
    [pytest.param(part, spoil, expected, id=f"{part}: {name}") for part, name, spoil, expected in BROKEN],
)
def test_the_wire_that_is_broken_is_named(
    desk: Desk, part: str, spoil: Callable[[Desk], None], expected: list[str]
) -> None:
    spoil(desk)
    said = [line for line in desk.findings(part) if line.startswith("NO ")]
    assert [line for line in expected if not any(found.startswith(line) for found in said)] == [], said
    assert said


def test_a_board_without_a_scanner_says_so(desk: Desk) -> None:
    assert desk.findings("scanner") == ["NO  scanner: this board has no UART left for one: docs/boards.md"]


def test_what_the_antenna_hears(desk: Desk) -> None:
    """Also while the radio is in a network, by a program that has been interrupted."""
    bench = desk.bench
    bench.air = Air(bench, Wlan(bench.clock, []))
    try:
        silent = "NO  antenna: hears no network: its plug, a metal case, or a module that wants one outside"
        assert desk.findings("wifi") == [silent]
        wlan = Wlan(bench.clock, [AccessPoint("Shop", "correct horse", -48)])
        bench.air = Air(bench, wlan)
        bench.call("wifi_probe:connect")
        assert bench.call("wifi_probe:join", b"Shop", b"correct horse") == ""
        assert desk.findings("wifi") == [
            "ok  antenna: hears a network, Shop at -48 dBm",
            "[ ] network: none is remembered: WI-FI under DEVICE, or board provision --ssid",
        ]
        assert not wlan.connected, "what is told is what the board comes to by itself"
    finally:
        bench.air = None


@pytest.mark.parametrize(
    ("name", "address", "rssi", "said"),
    [
        ("Shop", "10.0.0.7", -60, "ok  network: in Shop as 10.0.0.7, -60 dBm"),
        (
            "Shop",
            "10.0.0.7",
            -85,
            "NO  network: in Shop as 10.0.0.7, -85 dBm: weak, move the board or the access point",
        ),
        ("Shop", "", 0, "NO  network: Shop is heard at -60 dBm, and does not let the board in"),
        ("Home", "", 0, "NO  network: Home is not heard: out of reach, or on 5 GHz, which an ESP32 has not"),
    ],
)
def test_the_network_that_is_remembered(tmp_path: Path, name: str, address: str, rssi: int, said: str) -> None:
    class Board:
        def call(self, function: str, *_: object) -> Any:
            assert function == "wifi"
            return [("Cafe", -50, True), ("Shop", -60, True)], name, address, rssi

    found = [str(finding) for finding in PARTS["wifi"](Board(), Fingers(tmp_path))]
    assert found == ["ok  antenna: hears 2 networks, Cafe at -50 dBm", said]


class ColourBoard:
    """A board with a colour panel, as its own table has it."""

    def __init__(self) -> None:
        self.pictures: list[object] = []

    def call(self, function: str, *arguments: object) -> Any:
        if function == "wiring":
            pins = {"panel_sck": 18, "panel_mosi": 23, "panel_cs": 5, "panel_dc": 4}
            return pins, (), (), {}, 0x3C, 0x20, 0x24, "ST7789"
        assert function == "picture"
        self.pictures += arguments
        return True


def test_a_colour_panel_says_nothing_back(tmp_path: Path) -> None:
    board = ColourBoard()
    said = [str(finding) for finding in PARTS["display"](board, Fingers(tmp_path))]
    assert said[0] == (
        "[ ] ST7789: on SCK (GPIO 18), MOSI (GPIO 23), CS (GPIO 5), DC (GPIO 4); it says nothing back: if all stays "
        "dark, look at these"
    )
    assert len(said) == 1 + len(board.pictures) == 5


# Over a REPL


class Fingers:
    """A person whose keys are a file that the board's `machine` reads; nobody looks at anything."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "pressed"

    def do(self, what: str) -> None:
        row, column = next(
            (r, c)
            for r, captions in enumerate(LAYOUT)
            for c, caption in enumerate(captions)
            if what == f"press {caption}"
        )
        self._file.write_text("" if row == 2 else f"{row} {column}")

    def sees(self, _: str) -> bool | None:
        return None


def test_over_the_repl_of_a_board(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """mpremote's transport, the firmware's files, and a `machine` whose keypad has a broken row wire."""
    monkeypatch.setattr(keypad, "KEY_MS", 200)
    copper = Path(__file__).parent / "copper"
    board = Esp32Port(tmp_path, paths=(copper, copper / "keypad", firmware_root()))
    try:
        port = BoardPort(Board("till", port=board.name))
        said = [str(finding) for finding in bring_up(port, "keypad", Fingers(tmp_path))]
        assert [line for line in said if not line.startswith("ok ")] == [
            "NO  row 2: none of 7 8 9 ENTER was heard: "
            "the wire between the keypad's row 2 and line 2 of the PCF8575 is broken",
            "[ ] INT: INT (GPIO 35) was not seen: every key was down already; press after the arrow",
        ]
        assert sum(line.startswith("ok  key ") for line in said) == 16
        lamps = CliRunner().invoke(app, ["doctor", board.name, "--part", "leds"])
        assert lamps.exit_code == 0, lamps.output
        assert "[ ] LED green: line 12: does it shine, and nothing else?" in lamps.output
        lost = CliRunner().invoke(app, ["doctor", board.name, "--part", "display"])
        assert lost.exit_code == 1
        assert "NO  SSD1306: does not answer at 0x3C, 0x20 does" in lost.output
    finally:
        board.close()


def test_over_the_repl_of_nobody() -> None:
    (only,) = bring_up(BoardPort(Board("till", port="/dev/ttyNOWHERE")), "keypad", Fingers(Path()))
    assert str(only).startswith("NO  board: till: /dev/ttyNOWHERE: cannot be opened")


def test_a_part_that_there_is_not() -> None:
    refused = CliRunner().invoke(app, ["doctor", "/dev/ttyNOWHERE", "--part", "hopper"])
    assert refused.exit_code == 2
    assert f"--part hopper: expected one of {', '.join(PARTS)}" in refused.output
