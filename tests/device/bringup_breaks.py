"""What can be wrong with the wires of a board, each with how it is spoilt and what bring-up says of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tillbench.host.devices.battery import Divider
from tillbench.host.emulator.wires import GROUND, SUPPLY

from tests.device.bringup_desk import Desk


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
"""The part, what is broken, how that is done, and what is said of it."""
