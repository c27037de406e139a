"""The `tillbench` command as people meet it: help, and for each mistake one line that says what to do."""

from __future__ import annotations

import errno
import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tillbench.host.cards import profile_names
from tillbench.host.cli.app import app
from tillbench.host.cli.errors import FAULT, INTERRUPTED, USER_ERROR, for_people
from tillbench.host.emulator import micropython
from tillbench.host.emulator.bench import WaitTimeout
from tillbench.host.emulator.death import FlashDamaged
from tillbench.host.emulator.qemu_images import NoQemu
from tillbench.host.emulator.state import FLASH_SIZE, StateDir
from typer.testing import CliRunner

COMMANDS = ["demo", "emulate", "acquirer", "iso8583", "card", "session"]


def refusal(*args: str) -> str:
    """What a command says that is refused."""
    result = CliRunner().invoke(app, args)
    assert result.exit_code == USER_ERROR, result.output
    assert result.stderr.startswith("tillbench: ")
    assert result.stdout == ""
    return result.stderr


# Help


@pytest.mark.parametrize("command", COMMANDS)
def test_help(command: str) -> None:
    assert command in CliRunner().invoke(app, ["--help"]).stdout
    shown = CliRunner().invoke(app, [command, "--help"])
    assert shown.exit_code == 0
    assert f"Usage: tillbench {command}" in shown.stdout


@pytest.mark.parametrize("command", ["demo", "emulate"])
def test_help_ends_with_examples_that_are_right(command: str) -> None:
    """Every option of an example is one that the command has."""
    shown = CliRunner().invoke(app, [command, "--help"], terminal_width=300).stdout
    options, _, examples = shown.partition("Example")
    assert f"tillbench {command}" in examples
    for word in examples.replace("`", " ").split():
        if word.startswith("--"):
            assert word in options


def test_version() -> None:
    result = CliRunner().invoke(app, ["--version"])
    assert (result.exit_code, result.stdout) == (0, "tillbench 0.1.0\n")


# Mistakes

MISTAKES = [
    ("demo --card visa-credti", "unknown card 'visa-credti' (did you mean visa-credit?); cards: "),
    ("demo --amount 0", "--amount '0': expected 0.01 to 9999999.99"),
    ("demo --amount 10000000.00", "--amount '10000000.00': expected 0.01 to 9999999.99"),
    ("demo --amount 1.2", "--amount '1.2': expected yuan and two digits of fen, as in 12.34"),
    ("demo --amount -5", "--amount '-5': expected yuan and two digits"),
    ("demo --amount abc", "--amount 'abc': expected yuan and two digits"),
    ("demo --amount 1.2.3", "--amount '1.2.3': expected yuan and two digits"),
    ("demo --amount 1.٣٣", "expected yuan and two digits"),
    ("demo --target esp", "--target esp: no such target; there is unix, qemu"),
    ("demo --expect maybe", "--expect maybe: expected approved, declined or any"),
    ("emulate --target esp", "--target esp: no such target; there is unix, qemu"),
    ("emulate", "no console here: use --headless or --page, or run it in a terminal window"),
    ("acquirer --framing bare", "--framing bare: the host needs to know where a message ends"),
    ("acquirer --dialect iso87-ascii --framing bare", "where a message ends"),
    ("acquirer --dialect iso93", "--dialect iso93: expected unionpay, iso87-ascii, iso87-bcd"),
    ("emulate --headless --acquirer here", "--acquirer 'here': expected HOST:PORT, as in 127.0.0.1:8583"),
    ("emulate --headless --acquirer :8583", "--acquirer ':8583': expected HOST:PORT"),
    ("emulate --headless --acquirer host:0", "--acquirer 'host:0': expected HOST:PORT"),
    ("emulate --headless --acquirer host:65536", "--acquirer 'host:65536': expected HOST:PORT"),
    ("emulate --headless --temp --state x", "--temp and --state: choose one; --temp keeps nothing"),
    ("emulate --headless --temp --printer-port 70000", "--printer-port 70000: expected 0 to 65535"),
    ("emulate --headless --temp --card nosuch", "unknown card 'nosuch'; cards: "),
    ("emulate --page --temp --port 70000", "--port 70000: expected 0 to 65535"),
    ("emulate --page --temp --port 0 --card nosuch", "unknown card 'nosuch'; cards: "),
    ("emulate --page --temp --port 0 --target esp", "--target esp: no such target; there is unix, qemu"),
    ("emulate --page --temp --terminals 17", "--terminals 17: expected 1 to 16"),
    ("demo --page --amount 1.2.3", "--amount '1.2.3': expected yuan and two digits of fen"),
]


@pytest.mark.parametrize(("line", "expected"), MISTAKES, ids=[line for line, _ in MISTAKES])
def test_mistake(line: str, expected: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert expected in refusal(*line.split())
    assert list(tmp_path.iterdir()) == []


def test_unknown_card_lists_those_there_are() -> None:
    said = refusal("demo", "--card", "nosuch")
    assert all(name in said for name in profile_names())


def test_files_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    trace = str(tmp_path / "no" / "trace.jsonl")
    assert f"cannot write {trace}: No such file" in refusal("demo", "--out", str(tmp_path / "out"), "--trace", trace)
    assert "Is a directory" in refusal("demo", "--out", str(tmp_path / "out"), "--trace", str(tmp_path))
    for how in ((), ("--page",)):
        said = refusal("demo", *how, "--out", str(tmp_path / "file"))
        assert f"cannot write {tmp_path / 'file'}: File exists" in said
    assert f"--trace {trace}: No such file" in refusal("emulate", "--headless", "--temp", "--trace", trace)
    assert f"--vcd {trace}: No such file" in refusal("emulate", "--headless", "--temp", "--vcd", trace)
    assert "--vcd and --page: choose one" in refusal("emulate", "--page", "--temp", "--vcd", trace)
    below = str(tmp_path / "file" / "state")
    assert f"--state {below}: Not a directory" in refusal("emulate", "--headless", "--state", below)
    assert f"--state {below}: Not a directory" in refusal("acquirer", "--state", below)


def test_port_taken(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        said = refusal("acquirer", "--port", port, "--state", str(tmp_path))
    assert said == (
        f"tillbench: cannot listen on 127.0.0.1 port {port}: the port is taken; choose another, or stop what uses it\n"
    )


def test_two_emulators_on_one_state(tmp_path: Path) -> None:
    state = StateDir(tmp_path)
    state.prepare()
    arguments = ("emulate", "--headless", "--state", str(tmp_path))
    with state.in_use():
        assert f"{tmp_path}: an emulator runs on this state already (process {os.getpid()})" in refusal(*arguments)
    with state.in_use():
        pass  # it is free again


# State that is damaged

DAMAGE = {
    "flash.bin": (b"\xff" * 1000, f"flash.bin: flash image damaged: expected {FLASH_SIZE} bytes, found 1000"),
    "keyslot.json": (b"{", "keyslot.json: not JSON: "),
    "ledger.sqlite": (b"not a database at all", "ledger.sqlite: file is not a database"),
}
KEYS = [
    ({"TMK": "zz"}, "keyslot.json: TMK: expected hex digits"),
    ({"TMK": "00" * 8}, "keyslot.json: TMK: expected 16 bytes, found 8"),
    ({"TMK": 5}, "keyslot.json: TMK: expected hex digits"),
    ({}, "keyslot.json: TMK: expected 16 bytes, found 0"),
    ([], "keyslot.json: expected an object, found list"),
]


@pytest.mark.parametrize("name", DAMAGE)
def test_damaged_state_is_told_and_left_alone(name: str, tmp_path: Path) -> None:
    content, expected = DAMAGE[name]
    (tmp_path / name).write_bytes(content)
    assert expected in refusal("emulate", "--headless", "--state", str(tmp_path))
    assert (tmp_path / name).read_bytes() == content


@pytest.mark.parametrize(("content", "expected"), KEYS)
def test_damaged_key_slot(content: object, expected: str, tmp_path: Path) -> None:
    (tmp_path / "keyslot.json").write_text(json.dumps(content))
    assert expected in refusal("acquirer", "--state", str(tmp_path))


# MicroPython


@pytest.fixture
def own_choice(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """TILLBENCH_MICROPYTHON is looked at again, and what is found is forgotten afterwards."""
    micropython.find_micropython.cache_clear()
    yield monkeypatch
    micropython.find_micropython.cache_clear()


def program(path: Path, text: str) -> Path:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


def without_module(folder: Path, *names: str) -> Path:
    """The Unix port, but importing those modules fails."""
    missing = folder / "missing"
    missing.mkdir()
    for name in names:
        (missing / f"{name}.py").write_text(f"raise ImportError({name!r})\n")
    real = micropython.find_micropython()
    micropython.find_micropython.cache_clear()
    return program(folder / "micropython", f'MICROPYPATH="{missing}:.frozen" exec "{real}" "$@"')


def test_unfit_micropython_is_told_what_it_lacks(tmp_path: Path, own_choice: pytest.MonkeyPatch) -> None:
    binary = without_module(tmp_path, "hashlib", "tls", "framebuf", "asyncio")
    own_choice.setenv("TILLBENCH_MICROPYTHON", str(binary))
    said = refusal("demo", "--out", str(tmp_path / "out"))
    assert said.startswith(f"tillbench: TILLBENCH_MICROPYTHON={binary}: it lacks ")
    lacking = said.split("it lacks ")[1].strip().split(", ")
    assert set(lacking) <= {"SHA-1 (hashlib.sha1)", "tls", "framebuf", "asyncio"}
    assert "SHA-1 (hashlib.sha1)" in lacking


def test_another_python_is_no_micropython(tmp_path: Path, own_choice: pytest.MonkeyPatch) -> None:
    own_choice.setenv("TILLBENCH_MICROPYTHON", sys.executable)
    assert "it lacks LittleFS (vfs.VfsLfs2)" in refusal("demo", "--out", str(tmp_path))


NOT_ONE = [
    ("exit 3", "the start-up check failed (exit 3): no output"),
    ("echo who is there >&2; exit 1", "the start-up check failed (exit 1): who is there"),
]


@pytest.mark.parametrize(("text", "expected"), NOT_ONE)
def test_some_program_is_no_micropython(
    text: str, expected: str, tmp_path: Path, own_choice: pytest.MonkeyPatch
) -> None:
    own_choice.setenv("TILLBENCH_MICROPYTHON", str(program(tmp_path / "m", text)))
    assert expected in refusal("demo", "--out", str(tmp_path))


def test_no_file_is_no_micropython(tmp_path: Path, own_choice: pytest.MonkeyPatch) -> None:
    own_choice.setenv("TILLBENCH_MICROPYTHON", str(tmp_path / "nothing"))
    assert "nothing: there is no such file" in refusal("demo", "--out", str(tmp_path))


def test_no_micropython_at_all(tmp_path: Path, own_choice: pytest.MonkeyPatch) -> None:
    own_choice.delenv("TILLBENCH_MICROPYTHON", raising=False)
    own_choice.setenv("PATH", str(tmp_path))
    own_choice.setattr("tillbench.host.emulator.micropython.sysconfig.get_path", lambda name: str(tmp_path))
    said = refusal("demo", "--out", str(tmp_path))
    assert "no MicroPython Unix port found: set TILLBENCH_MICROPYTHON to one" in said
    program(tmp_path / "micropython", "/bin/echo MISSING time travel")
    micropython.find_micropython.cache_clear()
    said = refusal("demo", "--out", str(tmp_path))
    assert f"no fit MicroPython Unix port:\n  {tmp_path / 'micropython'}: it lacks time travel" in said


def test_an_unfit_one_on_the_path_gives_way_to_the_packaged_one(tmp_path: Path, own_choice: pytest.MonkeyPatch) -> None:
    own_choice.delenv("TILLBENCH_MICROPYTHON", raising=False)
    packaged = micropython.find_micropython()
    micropython.find_micropython.cache_clear()
    program(tmp_path / "micropython", "exit 1")
    own_choice.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    assert shutil.which("micropython") == str(tmp_path / "micropython")
    assert micropython.find_micropython() == packaged


# What is not a mistake


def test_interrupted_by_the_user(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught, for_people():
        raise KeyboardInterrupt
    assert caught.value.code == INTERRUPTED
    assert capsys.readouterr() == ("", "")


def test_a_terminal_that_does_not_do_its_part_is_no_mistake_of_the_user(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught, for_people():
        raise WaitTimeout("waited 5 s (virtual) for nothing")
    assert caught.value.code == FAULT
    assert capsys.readouterr().err == "tillbench: waited 5 s (virtual) for nothing\n"


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "No space left on device"),
        (PermissionError(errno.EACCES, "Permission denied", "cards.json"), "cards.json: Permission denied"),
        (FlashDamaged("flash.bin: no LittleFS on it"), "flash.bin: no LittleFS on it"),
        (NoQemu("no qemu-system-arm"), "no qemu-system-arm"),
    ],
)
def test_what_the_machine_refuses_is_a_line(
    error: Exception, expected: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught, for_people():
        raise error
    assert caught.value.code == USER_ERROR
    assert capsys.readouterr().err == f"tillbench: {expected}\n"


def test_a_console_that_is_not_utf_8() -> None:
    script = (
        "import sys\n"
        "from tillbench.host.cli import main\n"
        "sys.argv[1:] = ['--version']\n"
        "try:\n    main()\n"
        "except SystemExit:\n    print('\\u28ff')\n"
    )
    shown = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        timeout=50,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "PYTHONIOENCODING": "ascii"},
    )
    assert shown.stdout == b"tillbench 0.1.0\n?\n"


def test_a_bug_keeps_its_traceback() -> None:
    with pytest.raises(ZeroDivisionError), for_people():
        print(1 / 0)


def test_nothing_slow_is_imported_where_ctrl_c_would_be_a_traceback() -> None:
    """The entry point by itself is there at once, and `--help` does not wait for a database or a card."""
    script = (
        "import sys\n"
        "from tillbench.host.cli import main\n"
        "assert 'typer' not in sys.modules\n"
        "from tillbench.host.cli.app import app\n"
        "assert not {'sqlalchemy', 'pydantic', 'PIL'} & set(sys.modules), sorted(sys.modules)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        timeout=50,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert done.returncode == 0, done.stderr
