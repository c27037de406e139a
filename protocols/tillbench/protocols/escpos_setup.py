"""The rest of the TM-T88V class's command set: page mode, user-defined characters, stored images, macros, counters.

Most receipts do without them; a printer that does not know the length of one loses its place.
"""

from __future__ import annotations

from construct import Array, Byte, Bytes, GreedyBytes, Int16sl, Int16ul, Int32ul, NullTerminated, Struct
from tillbench.protocols.escpos_command import Blocks, Command

_N = Struct("n" / Byte)
_DOTS = Struct("n" / Int16ul)
_EXTENDED = Struct("function" / Bytes(1), "p" / Int16ul)
_KANJI_BYTES = 72
"""Of a user-defined character of 24 by 24 dots."""
_BMP_BEGUN = 6
"""Bytes of a BMP file up to and with its size."""

SETUP: tuple[Command, ...] = (
    # Page mode
    Command("ESC FF", b"\x1b\x0c", "Print data in page mode"),
    Command("ESC L", b"\x1bL", "Select page mode"),
    Command("ESC S", b"\x1bS", "Select standard mode"),
    Command("ESC T", b"\x1bT", "Print direction in page mode", _N),
    Command(
        "ESC W",
        b"\x1bW",
        "Print area in page mode",
        Struct("x" / Int16ul, "y" / Int16ul, "dx" / Int16ul, "dy" / Int16ul),
    ),
    Command("GS $", b"\x1d$", "Absolute vertical position in page mode", _DOTS),
    Command("GS \\", b"\x1d\\", "Relative vertical position in page mode", Struct("n" / Int16sl)),
    Command("GS T", b"\x1dT", "Position to the beginning of the line", _N),
    # User-defined characters
    Command("ESC %", b"\x1b%", "Select user-defined characters", _N),
    Command(
        "ESC &",
        b"\x1b&",
        "Define user-defined characters",
        Struct("y" / Byte, "first" / Byte, "last" / Byte),
        blocks=Blocks(Byte, lambda a: max(0, int(a.last) - int(a.first) + 1), lambda a, width: int(a.y) * int(width)),
    ),
    Command("ESC ?", b"\x1b?", "Cancel user-defined characters", _N),
    Command("FS 2", b"\x1c2", "Define a user-defined kanji", Struct("code" / Bytes(2)), payload=lambda _: _KANJI_BYTES),
    Command("FS ?", b"\x1c?", "Cancel a user-defined kanji", Struct("code" / Bytes(2))),
    # Stored images and data
    Command(
        "FS q",
        b"\x1cq",
        "Define stored bit images",
        _N,
        blocks=Blocks(
            Struct("x" / Int16ul, "y" / Int16ul), lambda a: int(a.n), lambda _, image: 8 * int(image.x) * int(image.y)
        ),
    ),
    Command(
        "FS g 1",
        b"\x1cg1",
        "Write to user memory",
        Struct("m" / Byte, "address" / Int32ul, "n" / Int16ul),
        payload=lambda arguments: int(arguments.n),
    ),
    Command("FS g 2", b"\x1cg2", "Read from user memory", Struct("m" / Byte, "address" / Int32ul, "n" / Int16ul)),
    Command(
        "GS D",
        b"\x1dD",
        "Define graphics by a Windows BMP file",
        Struct(
            "m" / Byte,
            "fn" / Byte,
            "a" / Byte,
            "key" / Bytes(2),
            "b" / Byte,
            "c" / Byte,
            "bm" / Bytes(2),
            "size" / Int32ul,
        ),
        payload=lambda arguments: max(0, int(arguments.size) - _BMP_BEGUN),
    ),
    Command(
        "GS Q 0",
        b"\x1dQ0",
        "Print bit image of variable height",
        Struct("m" / Byte, "x" / Int16ul, "y" / Int16ul),
        payload=lambda arguments: int(arguments.x) * int(arguments.y),
    ),
    # Extended functions
    Command("ESC (", b"\x1b(", "Extended functions", _EXTENDED, payload=lambda arguments: int(arguments.p)),
    Command(
        "FS (",
        b"\x1c(",
        "Extended functions of kanji and cutting",
        _EXTENDED,
        payload=lambda arguments: int(arguments.p),
    ),
    # Macros, counters, the rest
    Command("GS :", b"\x1d:", "Start or end of a macro"),
    Command("GS ^", b"\x1d^", "Execute a macro", Struct("times" / Byte, "wait" / Byte, "mode" / Byte)),
    Command("GS C 0", b"\x1dC0", "Counter print mode", Struct("n" / Byte, "m" / Byte)),
    Command("GS C 1", b"\x1dC1", "Counter mode (A)", Struct("a" / Int16ul, "b" / Int16ul, "n" / Byte, "r" / Byte)),
    Command("GS C 2", b"\x1dC2", "Counter value", _DOTS),
    Command("GS C ;", b"\x1dC;", "Counter mode (B)", Array(5, NullTerminated(GreedyBytes, term=b";"))),
    Command("GS c", b"\x1dc", "Print counter"),
    Command("GS g 0", b"\x1dg0", "Reset a maintenance counter", Struct("m" / Byte, "counter" / Int16ul)),
    Command("GS g 2", b"\x1dg2", "Transmit a maintenance counter", Struct("m" / Byte, "counter" / Int16ul)),
    Command("GS z 0", b"\x1dz0", "Time to wait before it goes on after an error", Struct("t1" / Byte, "t2" / Byte)),
    Command("ESC U", b"\x1bU", "Unidirectional print", _N),
)
