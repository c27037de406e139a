"""Deploy: mpremote's transport against a board's REPL, its flash cut at every kind of moment."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tillbench.host.boards import firmware
from tillbench.host.boards.board_map import Board
from tillbench.host.boards.board_port import BoardPort
from tillbench.host.boards.build import DoesNotCompile, root_files, slot_files
from tillbench.host.boards.deploy import ROOT, SLOTS, DeployFailed, deploy, file_hashes, hashes_of, running_slot
from tillbench.host.boards.doctor import BY_HAND, examine
from tillbench.host.boards.mpremote_transport import TransportFailed, raw_repl
from tillbench.host.emulator.micropython import firmware_root

from tests.device.repl_board import ReplBoard, mounted

OLD = {"main.mpy": b"old" * 300, "emv/kernel.mpy": bytes(range(256)) * 4, "emv/tlv.mpy": b"same", "gone.mpy": b"x"}
NEW = {
    "main.mpy": b"new" * 200,
    "emv/kernel.mpy": bytes(range(256)) * 4,
    "emv/tlv.mpy": b"same",
    "ui/a.mpy": b"\x00'\"",
}
BOOT = {"boot.py": b"import sys\n"}


# Every cut, on a model of the board's file system


class Cut(Exception):
    """The cable is pulled."""


class FileSystem:
    """A board whose file operations are whole or not at all, as LittleFS makes them; the n-th one does not happen."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.folders = {"/"}
        self.operations = 0
        self.cut_at = -1
        self.free = 1 << 20

    def _operation(self) -> None:
        self.operations += 1
        if self.operations == self.cut_at:
            raise Cut

    def exec(self, command: str) -> bytes:
        if command.startswith("_h("):
            folder = command[4 : command.index("'", 4)]
            inside = [name for name in self.files if name.startswith(folder + "/")]
            return "".join(f"{(name[len(folder) + 1 :], self._digest(name))!r}," for name in inside).encode()
        if command.startswith(("_c(", "os.rename(")):
            source, target = command[command.index("(") + 1 : -1].replace("'", "").split(",")
            self._operation()
            self.files[target] = self.files.pop(source) if command[0] == "o" else self.files[source]
        return b""

    def _digest(self, name: str) -> str:
        return hashlib.sha256(self.files[name]).hexdigest()

    def eval(self, expression: str) -> object:
        return self.free

    def fs_exists(self, path: str) -> bool:
        return path in self.files or path in self.folders

    def fs_mkdir(self, path: str) -> None:
        self._operation()
        assert path.rpartition("/")[0] or "/" in self.folders
        self.folders.add(path)

    def fs_rmfile(self, path: str) -> None:
        self._operation()
        del self.files[path]

    def fs_readfile(self, path: str) -> bytes:
        return self.files[path]

    def fs_writefile(self, path: str, data: bytes) -> None:
        self.files[path] = data[: len(data) // 2]
        self._operation()
        self.files[path] = data

    def runs(self) -> dict[str, bytes] | None:
        slot = running_slot(self)
        folder = f"{ROOT}/{slot}/"
        return (
            {name[len(folder) :]: data for name, data in self.files.items() if name.startswith(folder)}
            if slot
            else None
        )


def test_a_deploy_that_is_cut_leaves_the_old_or_the_new() -> None:
    """At every operation of a first deploy and of an update; the next deploy makes it whole."""
    for first in (None, OLD):
        outcomes = []
        cut = 0
        while True:
            cut += 1
            board = FileSystem()
            if first is not None:
                deploy(board, first, BOOT)
            board.cut_at, board.operations = cut, 0
            try:
                deploy(board, NEW, BOOT)
            except Cut:
                outcomes.append(board.runs())
                assert outcomes[-1] in (first, NEW)
                board.cut_at = -1
                assert deploy(board, NEW, BOOT).slot in SLOTS
                assert board.runs() == NEW
                continue
            break
        assert board.runs() == NEW
        assert len(outcomes) > 8
        assert outcomes[-1] == first  # the very last operation is the one that counts


def test_only_what_no_slot_has_is_sent() -> None:
    board = FileSystem()
    first = deploy(board, OLD, BOOT)
    assert (first.slot, first.sent, first.copied, first.kept, first.removed) == ("a", 4, 0, 0, 0)
    second = deploy(board, NEW, BOOT)
    assert (second.slot, second.sent, second.copied, second.kept, second.removed) == ("b", 2, 2, 0, 0)
    third = deploy(board, NEW, BOOT)
    assert (third.slot, third.sent, third.copied, third.kept, third.removed) == ("a", 0, 2, 2, 1)
    assert board.files["/boot.py"] == BOOT["boot.py"]


def test_a_board_without_room_is_told_before_anything_is_sent() -> None:
    board = FileSystem()
    deploy(board, OLD, BOOT)
    board.free = 20_000
    with pytest.raises(DeployFailed, match=r"expected about \d+ bytes free on the board, found 20000"):
        deploy(board, NEW, BOOT)
    assert board.runs() == OLD


class Forgetful(FileSystem):
    """Its flash keeps a wrong bit."""

    def fs_writefile(self, path: str, data: bytes) -> None:
        super().fs_writefile(path, data[:-1] + bytes([data[-1] ^ 1]) if path.endswith("main.mpy") else data)


def test_a_board_that_keeps_other_bytes_does_not_run_them() -> None:
    board = Forgetful()
    with pytest.raises(DeployFailed, match=r"main\.mpy: the board has other bytes than it was sent"):
        deploy(board, OLD, BOOT)
    assert running_slot(board) is None


# The same on a board


@pytest.fixture(scope="module")
def board(device_target: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[BoardPort]:
    process = ReplBoard.start(tmp_path_factory.mktemp("board"))
    yield BoardPort(Board("qemu", port=process.port))
    process.stop()


def runs(transport: Any) -> dict[str, str] | None:
    """What the board would start, by its own hashes."""
    slot = running_slot(transport)
    return file_hashes(transport, slot) if slot else None


@pytest.mark.till_needs("psram")
def test_on_a_board(board: BoardPort) -> None:
    """mpremote, LittleFS, and a power cut in the middle of a flash operation of an update."""
    with raw_repl(board) as transport:
        deploy(mounted(transport), OLD, BOOT)
        assert runs(transport) == hashes_of(OLD)
        deploy(transport, NEW, BOOT)
        assert runs(transport) == hashes_of(NEW)
        deploy(transport, OLD, BOOT)
    with pytest.raises((TransportFailed, DeployFailed)), raw_repl(board) as transport:
        deploy(mounted(transport, left=6), {**NEW, "main.mpy": b"newer" * 300}, BOOT)
    with raw_repl(board) as transport:
        assert runs(mounted(transport)) == hashes_of(OLD)


@pytest.mark.till_needs("psram")
def test_the_repl_tells_who_it_is(board: BoardPort) -> None:
    with board.wire("a test") as wire:
        found = firmware.ask(wire)
    assert (found.platform, found.machine, found.mac, found.chip) == ("qemu", "mps2-an385 with Cortex-M3", None, None)


@pytest.mark.till_needs("psram")
def test_what_the_board_answers_is_told(board: BoardPort) -> None:
    with pytest.raises(TransportFailed, match="qemu: the board answered: NameError: name 'nothing'"):
        with raw_repl(board) as transport:
            transport.exec("nothing")


@pytest.mark.till_needs("psram")
def test_doctor(board: BoardPort) -> None:
    """What it finds out by itself, then the list for a person; nothing is written."""
    with raw_repl(board) as transport:
        deploy(mounted(transport), OLD, BOOT)
    found = list(examine(BoardPort(replace(board.board, chip="ESP32")), {"bare": lambda: NEW, "release": lambda: OLD}))
    said = [str(finding) for finding in found]
    assert said[1] == "ok  MicroPython: 1.26.1 on mps2-an385 with Cortex-M3"
    assert said[2] == "NO  chip: the map says ESP32, the board says None"
    assert said[3] == "ok  bytecode: loads version 6 of .mpy files, mpy-cross writes 6"
    assert said[4].startswith("NO  heap: ")
    assert said[6] in ("ok  firmware: slot a holds this checkout's release build", said[6].replace("slot a", "slot b"))
    assert [finding.ok for finding in found[7:]] == [None] * len(BY_HAND)
    other = [str(finding) for finding in examine(board, {"bare": lambda: NEW})]
    assert "holds another build: deploy again" in other[5], other


def test_doctor_without_a_board() -> None:
    (only,) = examine(BoardPort(Board("till", port="/dev/ttyNOWHERE")), {})
    assert str(only).startswith("NO  port: till: /dev/ttyNOWHERE: cannot be opened")


# What is deployed


def test_a_release_has_no_link(tmp_path: Path) -> None:
    """No module of the bench's side, and no module that names one: there is no door to open."""
    release = slot_files(firmware_root(), "release", tmp_path)
    assert "main.mpy" in release
    for build in ("release", "reader"):
        files = slot_files(firmware_root(), build, tmp_path)
        bench_side = ("port/", "boards/bare", "boards/virtual", "boards/tapped")
        assert [path for path in files if path.startswith(bench_side)] == []
    assert "boards/esp32.mpy" in release
    doors = (b"one_port", b"port.link", b"port.tapped")
    named = [path for path, code in release.items() if any(door in code for door in doors)]
    assert named == ["main.mpy"]  # it asks whether a bench has started it, and there is none that could
    bare = slot_files(firmware_root(), "bare", tmp_path)
    assert {"port/one_port.mpy", "port/link.mpy", "boards/virtual.mpy"} <= set(bare)
    assert set(release) < set(bare)
    tapped = slot_files(firmware_root(), "tapped", tmp_path)
    assert {"boards/tapped.mpy", "port/tap/machine.mpy", "port/tapped.mpy"} == set(tapped) - set(bare)
    assert set(release) < set(tapped)
    assert "main.py" not in root_files(firmware_root(), "tapped")
    assert "main.py" not in root_files(firmware_root(), "bare")
    assert "main.py" in root_files(firmware_root(), "release")


def test_a_reader_has_neither_link_nor_terminal(tmp_path: Path) -> None:
    reader = slot_files(firmware_root(), "reader", tmp_path)
    assert {"reader_main.mpy", "reader/app.mpy", "boards/reader_esp32.mpy", "terminal/ui/screen.mpy"} <= set(reader)
    assert [path for path in reader if path.startswith("terminal/flows")] == []
    assert "main.mpy" not in reader
    assert root_files(firmware_root(), "reader")["main.py"] == b"import reader_main\n"


def test_a_module_that_does_not_compile_is_named(tmp_path: Path) -> None:
    (tmp_path / "boards").mkdir()
    (tmp_path / "boards" / "wrong.py").write_text("def f(:\n")
    with pytest.raises(DoesNotCompile, match=r"boards/wrong\.py: mpy-cross refuses it"):
        slot_files(tmp_path, "bare", tmp_path / "cache")
