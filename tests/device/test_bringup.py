"""Bring-up wire by wire: the board's functions on the virtual pins, with models whose wires are broken one by one."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tillbench.host.boards.board_map import Board
from tillbench.host.boards.board_port import BoardPort
from tillbench.host.boards.bringup import keypad
from tillbench.host.boards.bringup.parts import PARTS, bring_up
from tillbench.host.cli.board import app
from tillbench.host.devices.battery import Battery, Divider
from tillbench.host.devices.keypad import LAYOUT, KeypadModel
from tillbench.host.devices.panel import Panel
from tillbench.host.devices.pcf8575 import Pcf8575
from tillbench.host.devices.pn532 import Field, I2cPort, Pn532
from tillbench.host.devices.printer import Printer
from tillbench.host.devices.slot import Slot
from tillbench.host.devices.slot_card import ScriptedCard
from tillbench.host.devices.stripe_head import StripeHead
from tillbench.host.devices.wlan import AccessPoint, Wlan
from tillbench.host.emulator.air import Air
from tillbench.host.emulator.bench import Bench
from tillbench.host.emulator.micropython import firmware_root
from tillbench.host.emulator.wires import GROUND, SUPPLY, UartConfig
from typer.testing import CliRunner

from tests.device.contactless_rig import picc
from tests.device.fault_wires import borrowed
from tests.device.one_port_rig import Esp32Port

TRACK = "6225880123456789=30122010000000000000"


class Desk:
    """A board as docs/boards.md wires it, with every part on it, and the person who sits there.

    `wires` are the firmware's functions; what is broken the test says before it looks.
    """

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.asked: list[str] = []
        self.blind = False
        nets = bench.nets
        self.panel = Panel(random.Random(1))
        self.expander = Pcf8575(nets, "P35")
        bench.i2c(0).attach(0x3C, self.panel)
        bench.i2c(0).attach(0x20, self.expander)
        for bus in ("P21", "P22"):
            nets.close(SUPPLY, bus)
        rows, cols = ([self.expander.net(line) for line in lines] for lines in (range(5), range(8, 12)))
        self.keypad = KeypadModel(bench.clock, self.expander.lines, rows, cols, random.Random(1))
        self.hands = True
        bench.uart(1).config = UartConfig(baud=9600)
        self.printer = Printer(bench.clock, bench.uart(1), nets, "P36")
        self.slot = Slot(bench.clock, nets, bench.uart(2), present="P39", rng=random.Random(1))
        self.card: ScriptedCard | None = ScriptedCard()
        nets.drive("P39", 1)
        nets.watch("P13", self._supply)
        self.pull_up = self.case_wire = True
        self.head = StripeHead(bench.clock, nets, cls="P27", rcl="P14", rdt="P19")
        nets.close(GROUND, "P18")
        self.contactless = Pn532(bench.clock, Field())
        bench.i2c(0).attach(0x24, I2cPort(self.contactless, nets, "P4"))
        self.cell = Battery(bench.clock, nets, "P34")
        self.cell.insert(3_900)

    def _supply(self, on: int) -> None:
        self.bench.nets.drive("P26", 1 if on and self.pull_up else None)

    # As the wires

    def call(self, function: str, *arguments: object) -> Any:
        return self.bench.call(f"boards.bringup:{function}", *arguments)

    # As the person

    def do(self, what: str) -> None:
        self.asked.append(what)
        bench, clock = self.bench, self.bench.clock
        if what.startswith("press ") and self.hands:
            clock.after(300_000, lambda: self._finger(what[6:]))
        elif "case" in what or (what == "shut it again" and self.asked[-2] == "open the case"):
            change = bench.nets.open if what.startswith("open") else bench.nets.close
            if self.case_wire:
                clock.after(500_000, lambda: change(GROUND, "P18"))
        elif what == "hold a card to the antenna":
            if self.hands:
                clock.after(500_000, lambda: self.contactless.field.enter(picc()))
        elif what.startswith("swipe"):
            clock.after(500_000, lambda: self.head.swipe(TRACK))
        elif what.startswith("scan"):
            clock.after(500_000, lambda: bench.uart(0).to_device(b"6901234567892\r"))
        elif what == "insert a chip card":
            if self.card is not None:
                self.slot.insert(self.card)
        elif "drawer" in what or what == "shut it again":
            self.printer.shut_drawer()

    def _finger(self, key: str) -> None:
        self.keypad.press(key)

    def sees(self, question: str) -> bool | None:
        if self.blind:
            return None
        lit = sum(self.panel.pixels())
        if "every pixel" in question:
            return lit == 128 * 64
        if "dark" in question:
            return not lit
        return True

    def findings(self, part: str) -> list[str]:
        return [str(finding) for finding in PARTS[part](self, self)]


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


def _wire(*contact: str) -> Callable[[Desk], None]:
    return lambda desk: desk.bench.nets.close(*contact)


def _cut(*contact: str) -> Callable[[Desk], None]:
    return lambda desk: desk.bench.nets.open(*contact)


def _set(path: str, value: object) -> Callable[[Desk], None]:
    def change(desk: Desk) -> None:
        target: Any = desk
        *owners, name = path.split(".")
        for owner in owners:
            target = getattr(target, owner)
        setattr(target, name, value)

    return change


def _exchanged_rows(desk: Desk) -> None:
    contacts = desk.keypad._contacts
    other = {"E1": "E2", "E2": "E1"}
    desk.keypad._contacts = {key: (other.get(row, row), column) for key, (row, column) in contacts.items()}


def _deaf(number: int) -> Callable[[Desk], None]:
    return lambda desk: setattr(desk.bench.uart(number), "on_bytes", lambda data: None)


def _no_interrupt(desk: Desk) -> None:
    """The chip's INT ends at another pin; the board's has its pull-up."""
    desk.expander._interrupt = "P34"


def _lost_line(net: str) -> Callable[[Desk], None]:
    """A wire of the head is broken: the pull-up of the pin is all that there is."""

    def cut(desk: Desk) -> None:
        drive = desk.head._nets.drive
        desk.bench.nets.drive(net, 1)

        class Cut:
            @staticmethod
            def drive(driven: str, level: int) -> None:
                if driven != net:
                    drive(driven, level)

        desk.head._nets = Cut  # type: ignore[assignment]  # in its place for this test

    return cut


def _garbled(desk: Desk) -> None:
    port = desk.bench.uart(1)
    port.on_bytes = lambda data: port.send(b"\xff\x81")


def _no_case_wire(desk: Desk) -> None:
    desk.case_wire = False
    desk.bench.nets.open(GROUND, "P18")


def _no_panel(desk: Desk) -> None:
    del desk.bench.i2c(0).chips[0x3C]


def _no_busy(desk: Desk) -> None:
    """The printer's output ends nowhere, the input has a pull-up."""
    desk.printer._busy_net = None
    desk.bench.nets.drive("P36", 1)


BROKEN: list[tuple[str, str, Callable[[Desk], None], list[str]]] = [
    ("keypad", "SDA on ground", _wire(GROUND, "P21"),
     ["NO  I2C: SDA (GPIO 21) is held low: a short to ground, or a chip that hangs: power it anew"]),
    ("keypad", "no pull-up on SCL", _cut(SUPPLY, "P22"),
     ["NO  I2C: SCL (GPIO 22) has no pull-up: 4.7 kOhm to 3.3 V, or its wire is broken before it"]),
    ("keypad", "no supply", _set("expander.absent", True),
     ["NO  PCF8575: does not answer at 0x20, 0x3C does: its supply, its address pins, SDA and SCL exchanged?"]),
    ("keypad", "row 2 broken", _set("expander.broken", {2}),
     ["NO  row 2: none of 7 8 9 ENTER was heard: the wire between the keypad's row 2 and line 2 of the PCF8575 is "
      "broken"]),
    ("keypad", "column 3 broken", _set("expander.broken", {11}),
     ["NO  column 3: none of CANCEL CLEAR ENTER MENU FEED was heard: the wire between the keypad's column 3 and line "
      "11 of the PCF8575 is broken"]),
    ("keypad", "row 1 on ground", _set("expander.grounded", {1}),
     ["NO  lines: row 1 (line 1) is held low: a short to ground"]),
    ("keypad", "rows 0 and 3 touch", lambda desk: desk.expander.lines.close("E0", "E3"),
     ["NO  lines: row 0 (line 0) touches row 3 (line 3): a short"]),
    ("keypad", "key 5 stuck", lambda desk: desk.keypad.stick("5"),
     ["NO  lines: row 1 (line 1) touches column 1 (line 9): a key that is stuck, or a short"]),
    ("keypad", "rows 1 and 2 exchanged", _exchanged_rows,
     ["NO  key 4: closes row 2, column 0; expected row 1, column 0", "NO  row 1: arrives as row 2: wires exchanged",
      "NO  row 2: arrives as row 1: wires exchanged"]),
    ("keypad", "INT broken", _no_interrupt,
     ["NO  INT: INT (GPIO 35) never fell: its wire is broken; the terminal would not wake for a key"]),
    ("keypad", "nobody presses", _set("hands", False),
     ["NO  keys: none was heard: the keypad's cable is not plugged in, or nobody has pressed one"]),
    ("display", "not there", _no_panel,
     ["NO  SSD1306: does not answer at 0x3C, 0x20 does: its supply, its address pins, SDA and SCL exchanged?"]),
    ("printer", "TX broken", _deaf(1),
     ["NO  UART: no answer over TX (GPIO 17) and RX (GPIO 16): its supply, TX and RX exchanged, a broken wire, or no "
      "ground"]),
    ("printer", "another baud rate", _garbled,
     ["NO  UART: FF 81 is no status byte: another baud rate than 9600, or noise"]),
    ("printer", "cover open", lambda desk: desk.printer.cover(True), ["NO  DLE EOT 2: 16: the cover is open"]),
    ("printer", "no paper", lambda desk: desk.printer.paper_left(0),
     ["NO  DLE EOT 2: 32: no paper", "NO  DLE EOT 4: 7E: no paper"]),
    ("printer", "BUSY broken", _no_busy,
     ["NO  BUSY: BUSY (GPIO 36) is high on a printer that is ready: its wire is broken, or the wrong one"]),
    ("card", "switch on ground", _wire(GROUND, "P39"),
     ["NO  switch: the switch (GPIO 39) says that a card is in: shorted to ground, no pull-up, or a switch that opens "
      "with a card"]),
    ("card", "I/O on ground", _wire(GROUND, "P26"),
     ["NO  I/O: RX (GPIO 26) is held low with the supply on: the transistor of TX, or a short to ground"]),
    ("card", "no pull-up", _set("pull_up", False),
     ["NO  I/O: RX (GPIO 26) has no pull-up with the supply on: VCC enable (GPIO 13), its transistor, or the 10 kOhm"]),
    ("card", "TX broken", _deaf(2),
     ["NO  echo: RX (GPIO 26) heard nothing of 55 AA that TX (GPIO 25) sent: TX does not reach I/O: its wire, or the "
      "open-drain transistor"]),
    ("card", "no card comes", _set("card", None),
     ["NO  switch: the switch (GPIO 39) did not close: its wire, or no card was inserted"]),
    ("card", "mute", _set("slot.faults.mute", True),
     ["NO  ATR: MUTE: no answer to cold reset: I/O is well, so CLK (GPIO 33), RST (GPIO 32), VCC (GPIO 13), or the "
      "card upside down"]),
    ("leds", "red on the supply", _set("expander.raised", {14}),
     ["NO  LED red: line 14 cannot be driven low: a short to 3.3 V"]),
    ("stripe", "RDT on ground", _wire(GROUND, "P19"),
     ["NO  stripe: RDT (GPIO 19) is held low at rest: a short to ground, or the head has no supply"]),
    ("stripe", "RCL broken", _lost_line("P14"), ["NO  stripe: no edge on RCL (GPIO 14), "]),
    ("stripe", "RDT broken", _lost_line("P19"), ["NO  stripe: no edge on RDT (GPIO 19), "]),
    ("tamper", "wire cut", _no_case_wire,
     ["NO  case: the case switch (GPIO 18) still reads open: its wire is broken, or the switch does not close"]),
    ("contactless", "not there", _set("contactless.faults.absent", True),
     ["NO  PN532: does not answer at 0x24, 0x20, 0x3C does"]),
    ("contactless", "another chip", _set("contactless.faults.ic", 0x33), ["NO  PN532: does not start: OTHER_CHIP"]),
    ("contactless", "IRQ broken", _set("contactless.faults.no_interrupt", True),
     ["NO  IRQ: IRQ (GPIO 4) says nothing: its wire is broken"]),
    ("contactless", "nobody holds a card", _set("hands", False), ["NO  card: not noticed: held too far away"]),
    ("battery", "no cell", lambda desk: desk.cell.remove(),
     ["NO  battery: nothing at the divider (GPIO 34): no cell, or its upper resistor has come off"]),
    ("battery", "upper resistor off", lambda desk: desk.cell.set_divider(Divider.UPPER_OFF),
     ["NO  battery: nothing at the divider (GPIO 34)"]),
    ("battery", "lower resistor off", lambda desk: desk.cell.set_divider(Divider.LOWER_OFF),
     ["NO  battery: more at the divider (GPIO 34) than it can read: its lower resistor has come off"]),
    ("battery", "half a cell", lambda desk: desk.cell.insert(1_500),
     ["NO  battery: 1500 mV, which no lithium cell has"]),
    ("drawer", "lock stuck", lambda desk: setattr(desk.printer.drawer, "kick", lambda pin: None),
     ["NO  drawer: it opened, and its switch said nothing: the switch, or pin 3 of its cable"]),
]  # fmt: skip


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
