"""ESC/POS: the commands of a receipt printer as a table, and the layout of its status bytes.

A command is an opcode, arguments (a construct definition) and, for images and symbols, a payload whose length
follows from the arguments. The wire has no framing, so whoever reads it must know every length; what is not in this
table cannot be skipped safely. Names are those of the manuals ("ESC !").
"""

from __future__ import annotations

from typing import Any

from construct import (
    BitsInteger,
    BitStruct,
    Byte,
    Bytes,
    Const,
    Construct,
    Flag,
    GreedyBytes,
    If,
    IfThenElse,
    Int16sl,
    Int16ul,
    Int32ul,
    Mapping,
    NullTerminated,
    Padding,
    Pass,
    Prefixed,
    Struct,
    Switch,
    this,
)
from tillbench.protocols.escpos_command import Command
from tillbench.protocols.escpos_setup import SETUP

CSN_A2 = "Cashino CSN-A2 User Manual"
KANJI = "Epson ESC/POS Command Reference, Kanji commands"

HT, LF, FF, CR, DLE, CAN, ESC, FS, GS = 0x09, 0x0A, 0x0C, 0x0D, 0x10, 0x18, 0x1B, 0x1C, 0x1D
EOT, ENQ, DC4 = 0x04, 0x05, 0x14

_N = Struct("n" / Byte)
_DOTS = Struct("n" / Int16ul)


def _column_bytes(arguments: Any) -> int:
    return int(arguments.n) * (3 if arguments.m >= 32 else 1)


_CUT_AFTER_FEED = (65, 66, 97, 98, 103, 104)

_RECEIPTS: tuple[Command, ...] = (
    Command("HT", b"\t", "Horizontal tab"),
    Command("LF", b"\n", "Print and line feed"),
    Command("FF", b"\f", "Print and feed a form"),
    Command("CR", b"\r", "Print and carriage return"),
    Command("CAN", b"\x18", "Cancel print data in page mode"),
    Command("DLE EOT", b"\x10\x04", "Transmit real-time status", _N),
    Command("DLE ENQ", b"\x10\x05", "Real-time request to the printer", _N),
    Command(
        "DLE DC4",
        b"\x10\x14",
        "Real-time pulse, power-off, clear buffers",
        Struct("fn" / Byte, "data" / Switch(this.fn, {1: Bytes(2), 2: Bytes(2), 7: Bytes(1), 8: Bytes(7)}, Pass)),
    ),
    Command("ESC SP", b"\x1b ", "Right-side character spacing", _N),
    Command("ESC !", b"\x1b!", "Select print modes", _N),
    Command("ESC $", b"\x1b$", "Absolute print position", _DOTS),
    Command(
        "ESC *",
        b"\x1b*",
        "Bit image, column format",
        Struct("m" / Byte, "n" / Int16ul),
        payload=_column_bytes,
    ),
    Command("ESC -", b"\x1b-", "Underline", _N),
    Command("ESC 2", b"\x1b2", "Default line spacing"),
    Command("ESC 3", b"\x1b3", "Line spacing in dots", _N),
    Command(
        "ESC 7",
        b"\x1b7",
        "Heating dots, heating time, heating interval",
        Struct("dots" / Byte, "time" / Byte, "interval" / Byte),
        CSN_A2,
    ),
    Command("ESC =", b"\x1b=", "Select peripheral device", _N),
    Command("ESC @", b"\x1b@", "Initialize printer"),
    Command("ESC B", b"\x1bB", "Buzzer", Struct("n" / Byte, "t" / Byte), CSN_A2),
    Command("ESC D", b"\x1bD", "Horizontal tab positions", Struct("stops" / NullTerminated(GreedyBytes))),
    Command("ESC E", b"\x1bE", "Emphasized mode", _N),
    Command("ESC G", b"\x1bG", "Double-strike mode", _N),
    Command("ESC J", b"\x1bJ", "Print and feed dots", _N),
    Command("ESC M", b"\x1bM", "Select character font", _N),
    Command("ESC R", b"\x1bR", "International character set", _N),
    Command("ESC V", b"\x1bV", "Rotate by 90 degrees", _N),
    Command("ESC \\", b"\x1b\\", "Relative print position", Struct("n" / Int16sl)),
    Command("ESC a", b"\x1ba", "Justification", _N),
    Command("ESC c 0", b"\x1bc0", "Select paper for printing", _N),
    Command("ESC c 3", b"\x1bc3", "Sensors that give the paper-end signal", _N),
    Command("ESC c 4", b"\x1bc4", "Sensors that stop printing", _N),
    Command("ESC c 5", b"\x1bc5", "Panel buttons", _N),
    Command("ESC d", b"\x1bd", "Print and feed lines", _N),
    Command("ESC i", b"\x1bi", "Full cut"),
    Command("ESC m", b"\x1bm", "Partial cut"),
    Command("ESC p", b"\x1bp", "Drawer pulse", Struct("m" / Byte, "t1" / Byte, "t2" / Byte)),
    Command("ESC r", b"\x1br", "Print color", _N),
    Command("ESC t", b"\x1bt", "Character code table", _N),
    Command("ESC u", b"\x1bu", "Transmit drawer status", _N),
    Command("ESC v", b"\x1bv", "Transmit paper sensor status"),
    Command("ESC {", b"\x1b{", "Upside-down printing", _N),
    Command("DC2 #", b"\x12#", "Print density", _N, CSN_A2),
    Command("FS !", b"\x1c!", "Print modes of kanji", _N, KANJI),
    Command("FS &", b"\x1c&", "Kanji mode on", source=KANJI),
    Command("FS -", b"\x1c-", "Underline of kanji", _N, KANJI),
    Command("FS .", b"\x1c.", "Kanji mode off", source=KANJI),
    Command("FS C", b"\x1cC", "Kanji code system", _N, KANJI),
    Command("FS S", b"\x1cS", "Spacing of kanji", Struct("left" / Byte, "right" / Byte), KANJI),
    Command("FS W", b"\x1cW", "Quadruple size of kanji", _N, KANJI),
    Command("FS p", b"\x1cp", "Print stored bit image", Struct("n" / Byte, "m" / Byte)),
    Command("GS !", b"\x1d!", "Character size", _N),
    Command(
        "GS (",
        b"\x1d(",
        "Extended functions: A test print, D real-time commands, E set-up, k symbols, L graphics",
        Struct("function" / Bytes(1), "p" / Int16ul),
        payload=lambda arguments: int(arguments.p),
    ),
    Command(
        "GS *",
        b"\x1d*",
        "Define downloaded bit image",
        Struct("x" / Byte, "y" / Byte),
        payload=lambda arguments: int(arguments.x) * int(arguments.y) * 8,
    ),
    Command("GS /", b"\x1d/", "Print downloaded bit image", Struct("m" / Byte)),
    Command(
        "GS 8 L",
        b"\x1d8L",
        "Large graphics",
        Struct("p" / Int32ul),
        payload=lambda arguments: int(arguments.p),
    ),
    Command("GS B", b"\x1dB", "White on black", _N),
    Command("GS H", b"\x1dH", "Position of bar code text", _N),
    Command("GS I", b"\x1dI", "Transmit printer ID", _N),
    Command("GS L", b"\x1dL", "Left margin in dots", _DOTS),
    Command("GS P", b"\x1dP", "Motion units", Struct("x" / Byte, "y" / Byte)),
    Command(
        "GS V",
        b"\x1dV",
        "Cut paper: at once (A), after a feed (B), at a set position (C), and back (D)",
        Struct("m" / Byte, "n" / If(lambda context: context.m in _CUT_AFTER_FEED, Byte)),
    ),
    Command("GS W", b"\x1dW", "Width of the print area in dots", _DOTS),
    Command("GS a", b"\x1da", "Automatic status back", _N),
    Command("GS b", b"\x1db", "Smoothing", _N),
    Command("GS f", b"\x1df", "Font of bar code text", _N),
    Command("GS h", b"\x1dh", "Bar code height", _N),
    Command(
        "GS k",
        b"\x1dk",
        "Print bar code: up to a NUL (A), by length (B)",
        Struct(
            "m" / Byte,
            "data" / IfThenElse(this.m < 65, NullTerminated(GreedyBytes), Prefixed(Byte, GreedyBytes)),
        ),
    ),
    Command("GS r", b"\x1dr", "Transmit status", _N),
    Command(
        "GS v 0",
        b"\x1dv0",
        "Print raster bit image",
        Struct("m" / Byte, "x" / Int16ul, "y" / Int16ul),
        payload=lambda arguments: int(arguments.x) * int(arguments.y),
        chunk=lambda arguments: int(arguments.x),
    ),
    Command("GS w", b"\x1dw", "Bar code module width", _N),
    Command("GS |", b"\x1d|", "Print density", _N),
)

TABLE = (*_RECEIPTS, *SETUP)
COMMANDS: dict[bytes, Command] = {command.opcode: command for command in TABLE}
BY_NAME: dict[str, Command] = {command.name: command for command in TABLE}
PREFIXES: frozenset[bytes] = frozenset(opcode[:end] for opcode in COMMANDS for end in range(1, len(opcode)))

_PREFIX_NAMES = {DLE: "DLE", 0x12: "DC2", ESC: "ESC", FS: "FS", GS: "GS"}


def name_of(opcode: bytes) -> str:
    """What a manual would call a command that begins with these bytes, known or not."""
    words = [_PREFIX_NAMES.get(opcode[0], f"{opcode[0]:02X}")]
    words += [chr(byte) if 0x21 <= byte < 0x7F else f"{byte:02X}" for byte in opcode[1:3]]
    return " ".join(words)


def _bit(value: int) -> Construct:
    return Const(value, BitsInteger(1))


# The answers to DLE EOT 1..4. Bits 7, 4, 1 and 0 are fixed (0xx1xx10): by them a host knows such an answer.
PRINTER_STATUS = BitStruct(
    _bit(0), "feed_button" / Flag, "waiting" / Flag, _bit(1), "offline" / Flag, "drawer_high" / Flag, _bit(1), _bit(0)
)
OFFLINE_CAUSE = BitStruct(
    _bit(0), "error" / Flag, "paper_end_stop" / Flag, _bit(1), "feeding" / Flag, "cover_open" / Flag, _bit(1), _bit(0)
)
ERROR_CAUSE = BitStruct(
    _bit(0),
    "auto_recoverable" / Flag,
    "unrecoverable" / Flag,
    _bit(1),
    "cutter" / Flag,
    "recoverable" / Flag,
    _bit(1),
    _bit(0),
)
# A sensor is two bits that always agree.
_SENSOR = Mapping(BitsInteger(2), {False: 0b00, True: 0b11})
PAPER_SENSOR = BitStruct(_bit(0), "end" / _SENSOR, _bit(1), "near_end" / _SENSOR, _bit(1), _bit(0))

# The answer to GS r 1 and ESC v: sent in its turn, after everything before it was processed. Bit 4 is 0.
PAPER_STATUS = BitStruct(_bit(0), _bit(0), _bit(0), _bit(0), "end" / _SENSOR, "near_end" / _SENSOR)

# Automatic status back (GS a): four bytes, the first is 0xx1xx00.
AUTOMATIC_STATUS = BitStruct(
    _bit(0), "feed_button" / Flag, "cover_open" / Flag, _bit(1), "offline" / Flag, "drawer_high" / Flag, Padding(2),
    _bit(0), "auto_recoverable" / Flag, "unrecoverable" / Flag, _bit(0), "cutter" / Flag, "recoverable" / Flag,
    "feed_switch" / Flag, "waiting" / Flag,
    Padding(4), "end" / _SENSOR, "near_end" / _SENSOR,
    Padding(8),
)  # fmt: skip
