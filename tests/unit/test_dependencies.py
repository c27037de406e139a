"""Dependencies: what is declared is what is imported and what is locked, and two-key TDES is still there."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import packages_distributions, version
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher, modes
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parents[2]
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())
RUNTIME = [Requirement(text) for text in PROJECT["project"]["dependencies"]]
DEV = [Requirement(text) for text in PROJECT["dependency-groups"]["dev"]]
PCSC = [Requirement(text) for text in PROJECT["project"]["optional-dependencies"]["pcsc"]]
BUILD = [Requirement(text) for text in PROJECT["build-system"]["requires"]]

PIN = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)==([A-Za-z0-9.+!-]+)(?: ; ([a-z_]+ [^#:@/\\]*?|\([^#:@/\\]*?))? \\$")
HASH = re.compile(r"^    --hash=sha256:[0-9a-f]{64}( \\)?$")
NOTE = re.compile(
    r"^    #(?: via|  )?(?: (?:-[cr] )?[A-Za-z0-9][A-Za-z0-9._/-]*(?: \(pyproject\.toml(?::[a-z]+)?\))?)?$"
)
HOST = re.compile(
    r"://|\b(?:[a-z0-9-]+\.)+(?:com|org|net|io|dev|cn|internal|local|corp|lan)\b|\b\d+\.\d+\.\d+\.\d+:\d+"
)


class LockError(Exception):
    """A line of a lock that is neither a pin, nor a hash, nor a note on who needs it."""


@dataclass
class Locked:
    version: Version
    hashes: set[str] = field(default_factory=set)


def parse(text: str) -> dict[str, Locked]:
    """The pins of a lock by canonical name. The grammar has no room for options, URLs or host names.

    Raises:
        LockError: any other line.
    """
    pins: dict[str, Locked] = {}
    current: Locked | None = None
    for number, line in enumerate(text.splitlines(), 1):
        if HOST.search(line):
            raise LockError(f"line {number}: names a host: {line}")
        if pin := PIN.match(line):
            current = pins[canonicalize_name(pin[1])] = Locked(Version(pin[2]))
        elif HASH.match(line) and current is not None:
            current.hashes.add(line.strip(" \\"))
        elif not NOTE.match(line):
            raise LockError(f"line {number}: expected a pin, a hash or a note, found: {line}")
    return pins


def lock(name: str) -> dict[str, Locked]:
    return parse((ROOT / "requirements" / name).read_text())


def unmet(requirements: Iterable[Requirement], pins: dict[str, Locked]) -> list[str]:
    """The requirements that a lock does not satisfy."""
    found = []
    for requirement in requirements:
        pin = pins.get(canonicalize_name(requirement.name))
        if pin is None:
            found.append(f"{requirement}: not locked")
        elif not requirement.specifier.contains(pin.version, prereleases=True):
            found.append(f"{requirement}: locked at {pin.version}")
    return found


# Two-key TDES


def test_two_key_tdes_is_there_and_right() -> None:
    """MAC, PIN block and cryptogram keys have 16 bytes. The published vector: E(0) is the key's check value."""
    key = bytes.fromhex("0123456789ABCDEFFEDCBA9876543210")
    cipher = Cipher(TripleDES(key), modes.ECB()).encryptor()
    assert cipher.update(bytes(8)) == bytes.fromhex("08D7B4FB629D0885")


def test_cryptography_stays_below_the_release_that_may_drop_it() -> None:
    (bound,) = [requirement.specifier for requirement in RUNTIME if requirement.name == "cryptography"]
    uppers = [Version(part.version) for part in bound if part.operator in ("<", "<=", "~=", "==")]
    assert uppers, "cryptography has no upper bound"
    installed = Version(version("cryptography"))
    assert installed in bound
    # The bound admits the major release that was tried, and no later one.
    assert min(uppers) <= Version(f"{installed.major + 1}")


# Locks

LOCKS = {"run.lock": RUNTIME, "dev.lock": [*RUNTIME, *DEV], "build.lock": BUILD, "pcsc.lock": PCSC}


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_satisfies_the_project(name: str) -> None:
    assert unmet(LOCKS[name], lock(name)) == []


@pytest.mark.parametrize("name", sorted(path.name for path in (ROOT / "requirements").glob("*.lock")))
def test_every_pin_has_its_hashes_and_no_line_says_where_from(name: str) -> None:
    pins = lock(name)
    assert pins
    assert [pin for pin, locked in pins.items() if not locked.hashes] == []


def test_the_locks_agree_with_each_other() -> None:
    run, dev = lock("run.lock"), lock("dev.lock")
    assert set(run) <= set(dev)
    assert [name for name in run if run[name].version != dev[name].version] == []
    others = {**lock("build.lock"), **lock("pcsc.lock")}
    assert [name for name, pin in others.items() if name in dev and dev[name].version != pin.version] == []


PLANTED = "pytest==9.2.0 \\\n    --hash=sha256:" + 64 * "a" + "\n"


@pytest.mark.parametrize(
    "line",
    [
        "--index-url https://pypi.example.org/simple",
        "-i mirror",
        "--extra-index-url mirror",
        "--find-links wheels",
        "# from pypi.example.com",
        "pytest==9.2.0",
        "pytest>=9",
        "pytest @ file:wheels/pytest.whl",
        "    --hash=md5:" + 32 * "a",
        "    # via registry.local",
    ],
)
def test_a_line_that_does_not_belong_in_a_lock_is_refused(line: str) -> None:
    assert set(parse(PLANTED)) == {"pytest"}
    with pytest.raises(LockError, match="line 3"):
        parse(PLANTED + line)


def test_a_lock_that_does_not_satisfy_is_told() -> None:
    pins = parse(PLANTED)
    assert unmet([Requirement("pytest>=8,<9")], pins) == ["pytest<9,>=8: locked at 9.2.0"]
    assert unmet([Requirement("rich>=1")], pins) == ["rich>=1: not locked"]


# Imports


def third_party(root: str) -> Iterator[tuple[str, str, bool]]:
    """(name, file, optional) of each import that is neither ours nor the standard library's; optional: the file says
    what to do when it is not there (`except ImportError`)."""
    for file in sorted((ROOT / root).rglob("*.py")):
        if file.parent.name == "on_device":
            continue  # MicroPython: its names are the firmware's
        statements = list(_statements(ast.parse(file.read_text())))
        guarded: set[ast.AST] = set()
        for node in statements:
            if isinstance(node, ast.Try) and any(_catches_import_error(handler) for handler in node.handlers):
                guarded.update(inner for statement in node.body for inner in (statement, *_statements(statement)))
        for node in statements:
            names: list[str] = []
            if isinstance(node, ast.ImportFrom) and not node.level:
                names = [node.module or ""]
            elif isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            for top in {name.partition(".")[0] for name in names} - sys.stdlib_module_names - {"tillbench"}:
                yield top, str(file.relative_to(ROOT)), node in guarded


def _statements(tree: ast.AST) -> Iterator[ast.AST]:
    """Everything below that can be or hold an import: not the expressions, most of every tree."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.stmt | ast.ExceptHandler | ast.match_case):
            yield node
            yield from _statements(node)


def _catches_import_error(handler: ast.ExceptHandler) -> bool:
    return handler.type is not None and "ImportError" in ast.unparse(handler.type)


@cache
def _installed() -> Mapping[str, list[str]]:
    return packages_distributions()


@pytest.mark.parametrize("root", ["protocols", "host", "hil"])
def test_what_is_imported_is_declared(root: str) -> None:
    required = {canonicalize_name(requirement.name) for requirement in RUNTIME}
    optional = required | {canonicalize_name(requirement.name) for requirement in (*PCSC, *DEV)}
    owners = {**_installed(), "smartcard": ["pyscard"]}
    for name, file, may_be_missing in third_party(root):
        owner = {canonicalize_name(distribution) for distribution in owners.get(name, ["nothing installed"])}
        declared = optional if may_be_missing else required
        assert owner & declared, f"{file} imports {name} ({', '.join(owner)}), which pyproject.toml does not declare"
