"""What goes onto a board: the firmware, compiled, without what that board never loads.

- "bare": everything virtual, over the port that is also the REPL. The bench starts it.
- "tapped": real parts that a bench watches over that port, for debugging; the bench starts it.
- "release": real parts, starts by itself; the bench link is not in it.
- "reader": the same with the PC/SC reader's firmware instead of the terminal's.
"""

from __future__ import annotations

from pathlib import Path

from tillbench.host.emulator.compiler import compiled

KINDS = ("bare", "tapped", "release", "reader")
ELSEWHERE = {
    "boards/unix.py",
    "boards/qemu_an385.py",
    "port/boot_qemu.py",
    "port/flash_psram.py",
    "port/psram.py",
    "port/wire_qemu.py",
    "port/wire_unix.py",
}
"""For other computers than an ESP32."""
VIRTUAL = ("boards/bare.py", "boards/virtual", "boards/parts.py", "boards/reader_virtual.py")
BENCH_SIDE = ("port/", "boards/tapped.py", *VIRTUAL)
"""What a release has none of, whatever it is."""
TAPPED = ("port/tap", "boards/tapped.py")
READER_ONLY = ("reader/", "reader_main.py", "boards/reader_", "boards/console.py", "drivers/tpdu_slot.py")
TERMINAL_ONLY = (
    "main.py",
    "emv/",
    "iso8583/",
    "terminal/flows/",
    "terminal/care/",
    "terminal/training/",
    "boards/esp32.py",
)
LEFT_OUT: dict[str, tuple[str, ...]] = {
    "bare": TAPPED,
    "tapped": (*VIRTUAL, *READER_ONLY),
    "release": (*BENCH_SIDE, *READER_ONLY),
    "reader": (*BENCH_SIDE, *TERMINAL_ONLY),
}
"""What a build of that kind has none of; a bare board can be both, as the bench starts it."""
AS_IT_IS = "boards/boot.py"
"""It lies at the root of the board's flash, and is no part of a slot."""


class DoesNotCompile(Exception):
    """A module that mpy-cross refuses."""


def slot_files(firmware: Path, kind: str, cache: Path) -> dict[str, bytes]:
    """The files of a slot, by path.

    Args:
        firmware: the firmware's root.
        kind: one of `KINDS`.
        cache: where compiled modules are kept.

    Raises:
        DoesNotCompile: a module is wrong; it is named.
        NoCompiler: there is no fit mpy-cross.
    """
    left_out = ELSEWHERE | {AS_IT_IS}
    files = {}
    for source in sorted(firmware.rglob("*.py")):
        path = source.relative_to(firmware).as_posix()
        if path in left_out or path.startswith(LEFT_OUT[kind]):
            continue
        code = compiled(source, path, cache)
        if code is None:
            raise DoesNotCompile(f"{path}: mpy-cross refuses it")
        files[path.removesuffix(".py") + ".mpy"] = code
    return files


def root_files(firmware: Path, kind: str) -> dict[str, bytes]:
    """The files at the root of the board's flash, by name."""
    start = {"release": b"import main\n", "reader": b"import reader_main\n"}.get(kind)
    return {"boot.py": (firmware / AS_IT_IS).read_bytes(), **({"main.py": start} if start else {})}
