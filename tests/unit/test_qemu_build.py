"""`bench/qemu/build.sh` where apt may not be used, and where everything is there already."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from tillbench.host.emulator import qemu_images

ROOT = Path(__file__).parents[2]
BUILD = ROOT / "bench" / "qemu" / "build.sh"
TOOLS = (
    "sh basename cat cp cut dirname find grep head ln ls mkdir mktemp mv nproc rm sed sha256sum sort tail xargs".split()
)


@pytest.fixture
def tools(tmp_path: Path) -> Path:
    """A PATH with nothing but the shell's everyday tools."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for tool in TOOLS:
        found = shutil.which(tool)
        assert found, tool
        (folder / tool).symlink_to(found)
    return folder


def stub(tools: Path, name: str, script: str) -> None:
    """A program of that name."""
    path = tools / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def run(tools: Path, cache: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["sh", str(BUILD), *arguments],
        env={"PATH": str(tools), "TILLBENCH_CACHE": str(cache)},
        capture_output=True,
        text=True,
        timeout=50,
    )


def current_key(tools: Path, cache: Path) -> str:
    """The hash of our files, as the script works it out."""
    line = next(line for line in BUILD.read_text().splitlines() if line.startswith("hash="))
    done = subprocess.run(
        ["sh", "-c", f'here={BUILD.parent}; {line}; echo "$hash"'],
        env={"PATH": str(tools)},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def test_no_debian(tools: Path, tmp_path: Path) -> None:
    done = run(tools, tmp_path / "cache")
    assert done.returncode == 1
    assert "this is no Debian system" in done.stderr
    assert "qemu-system-arm, arm-none-eabi-gcc with newlib" in done.stderr


def test_not_root(tools: Path, tmp_path: Path) -> None:
    stub(
        tools,
        "dpkg-query",
        'for last; do :; done; case "$last" in make) echo "install ok installed";; *) exit 1;; esac',
    )
    stub(tools, "apt-get", "echo apt was called >&2; exit 9")
    stub(tools, "id", "echo 1000")
    done = run(tools, tmp_path / "cache")
    assert done.returncode == 1
    assert "only root may install them" in done.stderr
    assert "apt-get install qemu-system-arm gcc-arm-none-eabi libnewlib-arm-none-eabi dpkg-dev" in done.stderr
    assert "apt was called" not in done.stderr


def test_apt_that_fails_is_quoted(tools: Path, tmp_path: Path) -> None:
    stub(tools, "dpkg-query", "exit 1")
    stub(tools, "apt-get", "echo 'E: no network here' >&2; exit 100")
    stub(tools, "id", "echo 0")
    done = run(tools, tmp_path / "cache")
    assert done.returncode == 1
    assert "apt-get could not install" in done.stderr
    assert "E: no network here" in done.stderr


def test_second_call_asks_nobody(tools: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    images = cache / f"1.26.1+ds-1-{current_key(tools, cache)}"
    images.mkdir(parents=True)
    for name in ("default.elf", "heap100k.elf", "spiram.elf"):
        (images / name).write_bytes(b"elf")
    stub(tools, "qemu-system-arm", "exit 0")
    done = run(tools, cache)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.strip() == str(images)
    assert (cache / "current").resolve() == images


def test_images_of_other_sources_do_not_count(tools: Path, tmp_path: Path) -> None:
    images = tmp_path / "cache" / "1.26.1+ds-1-000000000000"
    images.mkdir(parents=True)
    for name in ("default.elf", "heap100k.elf", "spiram.elf"):
        (images / name).write_bytes(b"elf")
    stub(tools, "qemu-system-arm", "exit 0")
    assert run(tools, tmp_path / "cache").returncode == 1


def test_the_key_of_the_images_is_the_same_in_both_languages(tools: Path, tmp_path: Path) -> None:
    assert qemu_images.recipe(qemu_images.CHECKOUT / "bench" / "qemu") == current_key(tools, tmp_path)
    assert qemu_images.recipe(tmp_path) == ""


def test_an_image_of_an_older_recipe_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "1.26.1-000000000000").mkdir()
    (tmp_path / "1.26.1-000000000000" / "spiram.elf").write_bytes(b"elf")
    (tmp_path / "current").symlink_to("1.26.1-000000000000")
    monkeypatch.setenv("TILLBENCH_CACHE", str(tmp_path))
    with pytest.raises(qemu_images.NoQemu, match=r"1\.26\.1-000000000000 are out of date: .*; run `make qemu`"):
        qemu_images.find_image("spiram")
    with pytest.raises(qemu_images.NoQemu, match=r"no MicroPython image default\.elf in .*: run `make qemu` first"):
        qemu_images.find_image("default")


def test_unknown_argument(tools: Path, tmp_path: Path) -> None:
    done = run(tools, tmp_path / "cache", "--frsh")
    assert done.returncode == 1
    assert "unknown argument '--frsh'" in done.stderr
