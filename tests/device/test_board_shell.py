"""`tillbench board` as a person types it: deploy, doctor, repl, logs against a REPL on QEMU's pseudo-terminal, flash
against the model of a chip in download mode."""

from __future__ import annotations

import os
import pty
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tillbench.host.boards.board_map import Board
from tillbench.host.boards.board_port import BoardPort
from tillbench.host.boards.doctor import BY_HAND
from tillbench.host.boards.mpremote_transport import raw_repl

from tests.device.repl_board import ReplBoard, mounted
from tests.unit.test_board_flash import MAC, image_file

pytestmark = pytest.mark.timeout(240)  # each command is a process, two of them start a tool of their own

FIRMWARE = {
    "main.py": "import emv.tlv",
    "emv/tlv.py": "TAG = 0x9F26",
    "port/link.py": "",
    "boards/boot.py": "",
    "boards/esp32.py": "",
}
PROGRAM = """
import sys
from pathlib import Path
from tillbench.host.emulator import micropython
micropython.firmware_root = lambda: Path("firmware")
from tillbench.host.cli.app import app
app(sys.argv[1:], prog_name="tillbench")
"""
"""The command with a firmware of five files in the working directory: all of ours would take a minute to send."""
PRINTS = "import time\nfor n in range(1000):\n print('slip', n)\n time.sleep_ms(20)\n"
PATIENCE_S = 50


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("desk")
    for name, text in FIRMWARE.items():
        file = made / "firmware" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text + "\n")
    return made


@pytest.fixture(scope="module")
def board(device_target: str, folder: Path) -> Iterator[str]:
    """The port of a board with an empty flash."""
    process = ReplBoard.start(folder)
    try:
        with raw_repl(BoardPort(Board("qemu", port=process.port))) as transport:
            mounted(transport)
        yield process.port
    finally:
        process.stop()


def tillbench(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", PROGRAM, "board", *words]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=PATIENCE_S)


@pytest.mark.one_in(3)
@pytest.mark.till_needs("psram")
def test_deploy_then_doctor(board: str, folder: Path) -> None:
    first = tillbench(folder, "deploy", board)
    assert (first.returncode, first.stderr) == (0, "")
    assert "bare build in slot a: 4 files sent" in first.stdout
    after = tillbench(folder, "doctor", board)
    said = after.stdout.splitlines()
    assert said[0] == f"ok  port: {board} is there and free"
    assert said[1].startswith("ok  MicroPython: 1.")
    assert said[2].startswith("ok  bytecode: ")
    assert said[3].startswith("NO  heap: ")
    assert said[4].startswith("ok  file system: ")
    assert said[5] == "ok  firmware: slot a holds this checkout's bare build"
    assert said[6:] == [f"[ ] {subject}: {text}" for subject, text in BY_HAND]
    assert (after.returncode, after.stderr) == (1, ""), "this board has less heap than a terminal needs"


whole = pytest.mark.skipif(not os.environ.get("TILLBENCH_ALL"), reason="in `make long`: TILLBENCH_ALL is not set")


@whole
@pytest.mark.till_needs("psram")
def test_deploy_again(board: str, folder: Path) -> None:
    """Into the other slot, with nothing sent that the board has."""
    release = tillbench(folder, "deploy", board, "--build", "release")
    assert "release build in slot b: 0 files sent, 3 copied on the board" in release.stdout
    assert "ok  firmware: slot b holds this checkout's release build" in tillbench(folder, "doctor", board).stdout


@whole
@pytest.mark.till_needs("psram")
def test_repl(board: str, folder: Path) -> None:
    """A person at a console: Enter, a line, its answer, Ctrl-]."""
    desk, console = pty.openpty()
    command = [sys.executable, "-c", PROGRAM, "board", "repl", board]
    process = subprocess.Popen(
        command, cwd=folder, stdin=console, stdout=console, stderr=console, start_new_session=True
    )
    try:
        heard(desk, "to exit this shell")
        # What is typed before mpremote has made the console raw is lost: Enter until there is a prompt.
        while not select.select([desk], [], [], 1)[0]:
            os.write(desk, b"\r")
        heard(desk, ">>> ")
        os.write(desk, b"print(6 * 7)\r")
        heard(desk, "42")
        os.write(desk, b"\x1d")
        assert process.wait(PATIENCE_S) == 0
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)  # mpremote is a process of its own
            process.wait()
        os.close(desk)
        os.close(console)


def heard(desk: int, text: str) -> str:
    """What has come up to that text."""
    found = ""
    while text not in found:
        assert select.select([desk], [], [], PATIENCE_S)[0], found
        found += os.read(desk, 4096).decode()
    return found


@whole
@pytest.mark.till_needs("psram")
def test_logs(board: str, folder: Path) -> None:
    """The last test here: nothing can interrupt what runs on QEMU's board."""
    with raw_repl(BoardPort(Board("qemu", port=board))) as transport:
        transport.exec_raw_no_follow(PRINTS)
        command = [sys.executable, "-u", "-c", PROGRAM, "board", "logs", board]
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    lines = [process.stdout.readline().split() for _ in range(3)]
    process.send_signal(signal.SIGINT)
    _rest, errors = process.communicate(timeout=PATIENCE_S)
    numbers = [int(number) for word, number in lines[1:] if word == "slip"]
    assert numbers == [numbers[0], numbers[0] + 1]
    assert (process.returncode, errors) == (130, "")


@whole
def test_flash(folder: Path) -> None:
    """An image for another chip is refused; its own is written, and the model's cable can be pulled."""
    command = [sys.executable, "-u", "-c", PROGRAM, "board", "model", "--chip", "ESP32-S3", "--mac", MAC]
    model = subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, text=True)
    try:
        assert model.stdout is not None
        port = model.stdout.readline().split(" on ")[1].split(";")[0]
        other = tillbench(folder, "flash", port, str(image_file(folder, "ESP32").path), "--buttons")
        assert (other.returncode, other.stderr.count("nothing was written")) == (2, 1)
        own = tillbench(folder, "flash", port, str(image_file(folder, "ESP32-S3").path), "--buttons")
        assert own.stdout.splitlines()[-1] == f"{port}: ESP32-S3 {MAC}: written and verified"
    finally:
        model.send_signal(signal.SIGINT)
        model.communicate(timeout=PATIENCE_S)
