"""Nothing that comes over a wire is ever run: no file of the firmware runs text, or imports by a name from outside."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

FIRMWARE = Path(__file__).parents[2] / "firmware"
EVALUATES = {"eval", "exec", "compile", "execfile", "__import__", "import_module", "marshal", "pickle", "loads_code"}
BY_A_NAME_OF_OUR_OWN = {
    "port/bench.py": {"__import__"},
    "port/boot_qemu.py": {"__import__"},
    "port/one_port.py": {"__import__"},
    "port/virtual.py": {"__import__"},
    "terminal/app.py": {"__import__"},
}
"""Where a module is imported by a computed name, and why that name is none from a wire: the first and the
fourth take it from a table of their own, the next two are typed at the REPL by whoever starts the bench; a release
build has no port/. The terminal takes it from the table of its menus, each row of which a test imports."""


def evaluations(source: str) -> Iterator[str]:
    """Every name in it that could run text."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Name) and node.id in EVALUATES:
            yield node.id
        elif isinstance(node, ast.Attribute) and node.attr in EVALUATES and not _is_regular_expression(node):
            yield node.attr
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names = [alias.name for alias in node.names] + [getattr(node, "module", None) or ""]
            yield from (name for name in names if name in {"marshal", "pickle", "importlib", "builtins"})


def _is_regular_expression(node: ast.Attribute) -> bool:
    return isinstance(node.value, ast.Name) and node.value.id == "re"


def test_no_file_of_the_firmware_can_run_text() -> None:
    files = sorted(FIRMWARE.rglob("*.py"))
    assert len(files) > 150
    found = {}
    for path in files:
        names = set(evaluations(path.read_text(encoding="utf-8")))
        if names:
            found[path.relative_to(FIRMWARE).as_posix()] = names
    assert found == BY_A_NAME_OF_OUR_OWN


@pytest.mark.parametrize(
    "source",
    ["eval(text)", "exec(body, {})", "getattr(builtins, 'x')\nimport builtins", "f = compile", "m = __import__(name)"],
)
def test_it_would_be_found(source: str) -> None:
    assert list(evaluations(source))
