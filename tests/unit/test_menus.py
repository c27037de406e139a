"""The menus' table: every row leads to a function that is there, and has a text in every language."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest
from tillbench.host.emulator.micropython import firmware_root

TOP = "menu"
MOST = 9
"""Entries of a menu: they are chosen by a digit."""


def constant(module: str, name: str) -> object:
    """What `name` is at the top of a module of the firmware, which is read and not run."""
    for node in tree(module).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == name:
            return ast.literal_eval(node.value)
    raise LookupError(name)


@cache
def tree(module: str) -> ast.Module:
    return ast.parse((firmware_root() / Path(*module.split("."))).with_suffix(".py").read_text())


def entries() -> dict[str, list[list[str]]]:
    menus = constant("terminal.menus", "MENUS")
    assert isinstance(menus, dict)
    return {name: [row.split(" ") for row in table.split("\n") if row] for name, table in menus.items()}


FLOWS = [row for rows in entries().values() for row in rows if len(row) > 1]


@pytest.mark.parametrize("row", FLOWS, ids=lambda row: row[0])
def test_every_entry_begins_something(row: list[str]) -> None:
    _, module, function, *wanted = row
    (found,) = (node for node in tree(module).body if isinstance(node, ast.AsyncFunctionDef) and node.name == function)
    arguments = found.args.args
    assert module.startswith("terminal.")
    optional = len(found.args.defaults)
    assert arguments[0].arg == "terminal"
    assert len(arguments) - optional <= 1 + len(wanted) <= len(arguments)
    if function == "print_report":
        assert wanted[0] == row[0]
        assert any(getattr(node, "name", None) == wanted[1] for node in tree("terminal.slips.reports").body)


def test_every_menu_is_opened_from_one_place() -> None:
    opened = [row[0] for rows in entries().values() for row in rows if len(row) == 1]
    assert sorted(opened) == sorted(entries().keys() - {TOP})


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_entry_has_a_text(language: str) -> None:
    texts = (firmware_root() / "generated" / f"texts_{language}.py").read_text()
    for menu, rows in entries().items():
        assert 0 < len(rows) <= MOST
        for key in (menu, *(row[0] for row in rows)):
            assert f'"{key}=' in texts, f"{language} lacks {key}"
