"""Who may import whom: the table of the architecture, kept by reading every source file with `ast`."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

# Firmware. Names of the top-level packages under firmware/, and what each may import.

PURE: dict[str, set[str]] = {
    "crypto": set(),
    "charset": {"generated"},
    "iso7816": {"crypto"},
    "iso8583": {"crypto"},
    "emv": {"crypto", "iso7816"},
}
COMPUTATION = {"array", "binascii", "collections", "errno", "json", "math", "micropython", "struct"}
"""Modules of MicroPython without a clock, a wire or a random source."""
REPLACED = {"umachine", "uos", "uselect", "usocket", "usys", "utime"}
"""What port/ stands in front of: under the plain name it would find itself, and a second link. `benchhal` is the C
module of our QEMU image; the program to run is a name from the bench, so port/ may import a computed one."""
FIRMWARE: dict[str, set[str]] = {
    **{name: below | COMPUTATION for name, below in PURE.items()},
    "generated": {"iso8583", *COMPUTATION},
    "drivers": {"generated", "asyncio", "time", "framebuf", "io", *PURE, *COMPUTATION},
    "terminal": {"generated", "asyncio", "gc", "time", "os", "sys", *PURE, *COMPUTATION},
    "reader": {"terminal", "asyncio", "time", *PURE, *COMPUTATION},
    "port": {"gc", "io", "sys", "uctypes", *COMPUTATION, *REPLACED, "benchhal", "<computed>"},
    "boards": {
        "machine",
        "network",
        "drivers",
        "port",
        "asyncio",
        "gc",
        "io",
        "os",
        "select",
        "socket",
        "tls",
        "sys",
        "time",
        "vfs",
        *COMPUTATION,
    },
    "main": {"boards", "terminal", "asyncio", "gc", "sys"},
    "reader_main": {"boards", "reader", "asyncio", "gc", "sys"},
}
TYPES = {"typing", "collections"}
"""What an annotation may need anywhere, under TYPE_CHECKING."""
TYPES_OF = {"drivers": {"machine"}}
LAZILY = {"port": {"asyncio"}}
"""Inside a function only: at the top of a module it would come before the steered task queue is in its place."""
FORBIDDEN_NAMES = {
    "urandom": (set(FIRMWARE) - {"boards", "port"}, "random bytes come from board.entropy"),
    "platform": ({*PURE, "generated", "drivers", "terminal", "reader"}, "only boards/ knows on what it runs"),
}
"""Names of os and sys that no such package may touch, and why."""

# CPython. Roots of the tree, with what tillbench packages and what else each may import; None: anything.

CPYTHON: dict[str, tuple[set[str], set[str] | None]] = {
    "protocols": ({"protocols"}, {"construct"}),
    "host": ({"host", "protocols"}, None),
    "hil": ({"hil", "host", "protocols"}, None),
    "bench": ({"host", "protocols"}, None),
    "tests": ({"hil", "host", "protocols"}, None),
}
ON_DEVICE = (
    "tests/device/copper/",
    "tests/device/on_device/",
    "tests/device/runner/",
    "bench/on_device/",
    "host/tillbench/host/emv_run/on_device/",
)
"""MicroPython outside of firmware/: probes that run there."""
IMPORTING = ("__import__", "import_module")
CHANGING = {"append", "clear", "extend", "insert", "pop", "remove"}
BY_NAME = {"terminal/app.py"}
"""Begins what was chosen in a menu, by the names that stand there: `test_menus.py` looks whether they are right."""
MAY_CHANGE_SYS_PATH = {"tests/long/conftest.py"}
"""It adds the project's root, for `bench`."""
ORACLES = {"iso8583"}
"""Names that mean a package from PyPI in tests and benchmarks, and one of ours on the device."""


@dataclass(frozen=True)
class Import:
    """`name` (dotted) is imported at `line`; `typing_only`: under TYPE_CHECKING; `lazy`: inside a function."""

    name: str
    line: int
    typing_only: bool = False
    lazy: bool = False

    @property
    def top(self) -> str:
        return self.name.partition(".")[0]


def imports(tree: ast.AST, typing_only: bool = False, lazy: bool = False, *, calls: bool = True) -> Iterator[Import]:
    """Every import in the tree, those inside functions and, if `calls`, `__import__("...")` too."""
    for node in ast.iter_child_nodes(tree):
        if not calls and isinstance(node, ast.expr):
            continue
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            # "." alone: a relative import stays in its own package.
            module = "." if node.level else node.module or ""
            names = [f"{module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Call) and _called(node) in IMPORTING:
            name = node.args[0] if node.args else None
            names = [str(name.value) if isinstance(name, ast.Constant) else "<computed>"]
        yield from (Import(name, getattr(node, "lineno", 0), typing_only, lazy) for name in names)
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            yield from imports(ast.Module(node.body, []), True, lazy, calls=calls)
            yield from imports(ast.Module(node.orelse, []), typing_only, lazy, calls=calls)
        else:
            in_function = lazy or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
            yield from imports(node, typing_only, in_function, calls=calls)


def _called(node: ast.Call) -> str:
    function = node.func
    return (
        function.id if isinstance(function, ast.Name) else function.attr if isinstance(function, ast.Attribute) else ""
    )


def names_of(tree: ast.AST, modules: tuple[str, ...] = ("os", "sys", "uos", "usys")) -> Iterator[tuple[str, int]]:
    """Attributes taken from those modules: `sys.platform`, `from os import urandom`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in modules:
            yield node.attr, node.lineno
        elif isinstance(node, ast.ImportFrom) and node.module in modules:
            yield from ((alias.name, node.lineno) for alias in node.names)


def changes_of_sys_path(tree: ast.AST) -> Iterator[int]:
    """The lines at which `sys.path` gets another content, or another name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            changed: list[ast.expr] = [node.func.value] if node.func.attr in CHANGING else []
        elif isinstance(node, ast.Assign | ast.Delete):
            changed = node.targets
        elif isinstance(node, ast.AugAssign):
            changed = [node.target]
        else:
            changed = []
        for target in changed:
            whole = target.value if isinstance(target, ast.Subscript) else target
            if isinstance(whole, ast.Attribute) and whole.attr == "path" and _is_named(whole.value, "sys"):
                yield node.lineno  # type: ignore[attr-defined]  # nodes of these types have it
        if isinstance(node, ast.ImportFrom) and node.module == "sys" and "path" in {a.name for a in node.names}:
            yield node.lineno


def has_import_calls(text: str) -> bool:
    """Whether it is worth while to look into expressions, most of every tree."""
    return any(f"{name}(" in text for name in IMPORTING)


def _is_named(node: ast.expr, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def in_firmware(path: str, text: str) -> Iterator[tuple[int, str]]:
    """(line, what) for each broken rule of a file under firmware/; `path` is relative to it."""
    package = path.partition("/")[0].removesuffix(".py")
    if package not in FIRMWARE:
        yield 1, f"{package} has no row in the table of who may import whom"
        return
    tree = ast.parse(text, path)
    for found in imports(tree, calls=has_import_calls(text)):
        allowed = FIRMWARE[package] | {package, ""}
        if found.typing_only:
            allowed |= TYPES | TYPES_OF.get(package, set())
        if found.lazy:
            allowed |= LAZILY.get(package, set())
        if path in BY_NAME:
            allowed |= {"<computed>"}
        if found.top not in allowed:
            yield found.line, f"{package} may not import {found.top}"
    for name, line in names_of(tree):
        packages, why = FORBIDDEN_NAMES.get(name, (set(), ""))
        if package in packages:
            yield line, f"{package} may not use {name}: {why}"


def in_cpython(root: str, path: str, text: str) -> Iterator[tuple[int, str]]:
    """(line, what) for each broken rule of a CPython file; `path` is relative to the project."""
    ours, others = CPYTHON[root]
    firmware = set(FIRMWARE) - {"main"} | {"firmware"}
    if root in ("bench", "tests"):
        firmware -= ORACLES
    tree = ast.parse(text, path)
    for found in imports(tree, calls=has_import_calls(text)):
        if found.top in firmware:
            yield found.line, f"{root} may not import firmware ({found.top}): it is shipped and run, not imported"
        elif found.top == "tillbench":
            part = (found.name + "..").split(".")[1]
            if part not in {*ours, ""}:
                yield found.line, f"{root} may not import tillbench.{part}"
        elif others is not None and found.top not in {"", "<computed>", root, *others} | sys.stdlib_module_names:
            yield found.line, f"{root} may not import {found.top}: {', '.join(sorted(others))} and the standard library"
    if path not in MAY_CHANGE_SYS_PATH and "sys" in text:
        for line in changes_of_sys_path(tree):
            yield line, "sys.path is not to be changed: firmware would come in by that door"


def violations(root: Path) -> Iterable[str]:
    """`file:line: what` for each broken rule under `root`."""
    for top in ("firmware", *CPYTHON):
        for file in sorted((root / top).rglob("*.py")):
            path = file.relative_to(root).as_posix()
            text = file.read_text()
            if top == "firmware":
                found = in_firmware(path.removeprefix("firmware/"), text)
            elif path.startswith(ON_DEVICE):
                continue
            else:
                found = in_cpython(top, path, text)
            yield from (f"{path}:{line}: {what}" for line, what in found)


def test_everybody_imports_only_whom_they_may() -> None:
    assert list(violations(ROOT)) == []


def test_the_table_speaks_of_what_there_is() -> None:
    there = {path.name.removesuffix(".py") for path in (ROOT / "firmware").iterdir() if path.name != "__pycache__"}
    assert set(FIRMWARE) == there
    assert all((ROOT / name).is_dir() for name in CPYTHON)
    assert all((ROOT / path).exists() for path in ON_DEVICE)


PLANTED = [
    ("firmware/crypto/a.py", "from emv.tlv import encode", 1, "crypto may not import emv"),
    ("firmware/iso8583/a.py", "import time", 1, "iso8583 may not import time"),
    ("firmware/emv/a.py", "def f():\n    import asyncio", 2, "emv may not import asyncio"),
    ("firmware/emv/a.py", "x = __import__('socket')", 1, "emv may not import socket"),
    ("firmware/emv/a.py", "x = __import__(name)", 1, "emv may not import <computed>"),
    ("firmware/emv/a.py", "if TYPE_CHECKING:\n    from machine import Pin", 2, "emv may not import machine"),
    ("firmware/drivers/a.py", "from machine import Pin", 1, "drivers may not import machine"),
    (
        "firmware/drivers/a.py",
        "async def f():\n    try:\n        import port.link\n    except E: pass",
        3,
        "import port",
    ),
    ("firmware/drivers/a.py", "if TYPE_CHECKING:\n    pass\nelse:\n    import machine", 4, "may not import machine"),
    ("firmware/terminal/flows/a.py", "from drivers.escpos import Printer", 1, "terminal may not import drivers"),
    ("firmware/terminal/a.py", "import boards.unix as b", 1, "terminal may not import boards"),
    ("firmware/terminal/a.py", "import sys\nif sys.platform == 'esp32': pass", 2, "terminal may not use platform"),
    ("firmware/terminal/a.py", "from sys import platform", 1, "terminal may not use platform"),
    ("firmware/terminal/a.py", "import os\nos.urandom(8)", 2, "board.entropy"),
    ("firmware/terminal/a.py", "import hashlib", 1, "terminal may not import hashlib"),
    ("firmware/port/wire_x.py", "import machine", 1, "port may not import machine"),
    ("firmware/port/time.py", "import select", 1, "port may not import select"),
    ("firmware/port/x.py", "import asyncio", 1, "port may not import asyncio"),
    ("firmware/boards/x.py", "from terminal.app import Terminal", 1, "boards may not import terminal"),
    ("firmware/secrets/x.py", "", 1, "no row"),
    ("protocols/tillbench/protocols/x.py", "import pydantic", 1, "protocols may not import pydantic"),
    ("protocols/tillbench/protocols/x.py", "from tillbench.host import cards", 1, "may not import tillbench.host"),
    ("host/tillbench/host/x.py", "def f():\n    from tillbench.hil import plugin", 2, "may not import tillbench.hil"),
    ("host/tillbench/host/x.py", "from tillbench import hil", 1, "may not import tillbench.hil"),
    ("host/tillbench/host/x.py", "import iso8583.codec", 1, "may not import firmware (iso8583)"),
    ("hil/tillbench/hil/x.py", "from crypto.des import TDES", 1, "may not import firmware (crypto)"),
    ("tests/unit/x.py", "from importlib import import_module\nimport_module('emv.tlv')", 2, "firmware (emv)"),
    ("tests/unit/x.py", "import sys\nsys.path.insert(0, 'firmware')", 2, "sys.path"),
    ("tests/unit/x.py", "import sys\nsys.path[:0] = ['firmware']", 2, "sys.path"),
    ("tests/unit/x.py", "import sys\nsys.path += ['firmware']", 2, "sys.path"),
    ("tests/unit/x.py", "from sys import path as p", 1, "sys.path"),
]


@pytest.mark.parametrize(("path", "text", "line", "what"), PLANTED)
def test_a_planted_violation_is_found_with_its_line(tmp_path: Path, path: str, text: str, line: int, what: str) -> None:
    file = tmp_path / path
    file.parent.mkdir(parents=True)
    file.write_text(text)
    found = list(violations(tmp_path))
    assert len(found) == 1
    assert found[0].startswith(f"{path}:{line}: ")
    assert what in found[0]


ALLOWED = [
    (
        "firmware/drivers/a.py",
        "import asyncio\nif TYPE_CHECKING:\n    from machine import Pin\n    from typing import Any",
    ),
    ("firmware/emv/a.py", "from crypto.sha1 import sha1\nfrom emv import bits\nfrom binascii import hexlify"),
    (
        "firmware/terminal/a.py",
        "import os, sys\nfrom generated import font16\nsys.print_exception(e)\nos.stat('/flash')",
    ),
    ("firmware/port/one_port.py", "def run():\n    import asyncio"),
    ("tests/unit/b.py", "import os, sys\nprint(os.pathsep.join(sys.path))"),
    ("firmware/port/select.py", "import uselect\nfrom port import steer"),
    ("firmware/boards/esp32.py", "from machine import Pin\nfrom drivers.leds import Leds\nimport sys\nsys.platform"),
    (
        "protocols/tillbench/protocols/a.py",
        "import struct\nimport construct as c\nfrom tillbench.protocols import apdu",
    ),
    ("hil/tillbench/hil/a.py", "import pytest\nfrom tillbench.host.terminal import Terminal"),
    ("tests/unit/a.py", "import iso8583"),
    ("tests/device/on_device/a.py", "from crypto.des import TDES\nimport machine"),
]


@pytest.mark.parametrize(("path", "text"), ALLOWED)
def test_what_is_allowed_is_not_refused(tmp_path: Path, path: str, text: str) -> None:
    file = tmp_path / path
    file.parent.mkdir(parents=True)
    file.write_text(text)
    assert list(violations(tmp_path)) == []
