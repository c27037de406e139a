"""The layout: one namespace over three roots, names that say what is in a file, nothing of one person's machine."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import tillbench

ROOT = Path(__file__).parents[2]
ROOTS = ("host", "protocols", "hil")
TREES = ("firmware", *ROOTS, "bench", "tests", "docs", "requirements", ".ci")
SAYS_NOTHING = re.compile(r"^(utils?|helpers?|common|misc|managers?)$")
"""Applied to each word of a module's name: `string_utils` says no more than `utils`."""
PERSONAL = re.compile(rb"(?<![\w.~$})])/(?:home|Users|root|work|mnt)/\w|[A-Za-z]:\\\\?Users\\")
TEXT = {
    ".py",
    ".md",
    ".toml",
    ".yaml",
    ".yml",
    ".json",
    ".jsonl",
    ".sh",
    ".txt",
    ".hex",
    ".lock",
    ".html",
    ".js",
    ".css",
}


def sources() -> Iterator[Path]:
    """Every file of the project that a person wrote or that is checked in."""
    for top in TREES:
        yield from (
            path for path in sorted((ROOT / top).rglob("*")) if path.is_file() and "__pycache__" not in path.parts
        )
    yield from (ROOT / name for name in ("README.md", "LICENSE", "Makefile", "pyproject.toml", ".gitignore"))


def says_nothing(path: Path) -> bool:
    words = path.name.split(".")[0].lower().split("_")
    return path.suffix == ".py" and any(SAYS_NOTHING.match(word) for word in words)


def personal_paths(data: bytes) -> list[tuple[int, str]]:
    """(line, text) of each absolute path of somebody's machine."""
    return [(data.count(b"\n", 0, hit.start()) + 1, hit.group().decode()) for hit in PERSONAL.finditer(data)]


def test_no_module_has_a_name_that_says_nothing() -> None:
    assert [str(path.relative_to(ROOT)) for path in sources() if says_nothing(path)] == []
    folders = {folder for path in sources() for folder in path.relative_to(ROOT).parts[:-1]}
    assert [folder for folder in folders if SAYS_NOTHING.match(folder)] == []


@pytest.mark.parametrize("name", ["utils.py", "helper.py", "common.py", "string_utils.py", "key_manager.py", "misc.py"])
def test_such_a_name_is_found(name: str) -> None:
    assert says_nothing(Path("host") / name)


@pytest.mark.parametrize("name", ["common.md", "commons.py", "management.py", "utilisation.py"])
def test_a_name_that_says_something_is_not(name: str) -> None:
    assert not says_nothing(Path("host") / name)


def test_no_absolute_path_of_a_machine() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line}: {text}"
        for path in sources()
        if path.suffix in TEXT or not path.suffix
        for line, text in personal_paths(path.read_bytes())
    ]
    assert found == []


@pytest.mark.parametrize("rest", ["home/jo/x", "Users/jo", "root/x", "work/main", "mnt/data"])
def test_such_a_path_is_found(rest: str) -> None:
    assert personal_paths(b"a\nopen('" + b"/" + rest.encode() + b"')")[0][0] == 2


@pytest.mark.parametrize("before", ["docs", "https://example.org", "~"])
@pytest.mark.parametrize("rest", ["home/x", "work/x"])
def test_a_path_that_begins_elsewhere_is_not(before: str, rest: str) -> None:
    assert personal_paths(f"{before}/{rest}".encode()) == []


@pytest.mark.parametrize("text", ["/dev/ttyUSB0", "/tmp/till", "/flash/journal"])
def test_other_paths_are_not(text: str) -> None:
    assert personal_paths(text.encode()) == []


def test_the_namespace_has_no_init_file() -> None:
    assert [root for root in ROOTS if (ROOT / root / "tillbench" / "__init__.py").exists()] == []
    assert tillbench.__file__ is None
    assert {Path(path).parent.name for path in tillbench.__path__} >= set(ROOTS)


def test_each_root_holds_its_own_package_and_nothing_else() -> None:
    for root in ROOTS:
        inside = {path.name for path in (ROOT / root).rglob("*") if path.parent == ROOT / root}
        assert inside - {"__pycache__"} == {"tillbench"}
        packages = {path.name for path in (ROOT / root / "tillbench").iterdir()}
        assert packages - {"__pycache__"} == {root}
        assert (ROOT / root / "tillbench" / root / "__init__.py").is_file()


def test_the_wheel_carries_the_three_roots_and_the_firmware_but_no_tests_or_benchmarks() -> None:
    wheel = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert set(wheel["packages"]) == {f"{root}/tillbench" for root in ROOTS}
    assert wheel["force-include"] == {"firmware": "tillbench/_firmware"}
