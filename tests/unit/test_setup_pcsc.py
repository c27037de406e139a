"""`tests/setup_pcsc.sh` on machines of all kinds; `dpkg-query`, `apt-get`, `id` and Python are played by scripts."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

SCRIPT = Path(__file__).parents[1] / "setup_pcsc.sh"
PACKAGES = tuple(re.findall('^packages="(.*)"$', SCRIPT.read_text(), re.MULTILINE)[0].split())
SH = "/bin/sh"


class Done(NamedTuple):
    """How it ended, what it said, and what it had done."""

    code: int
    said: str
    calls: list[str]


Machine = Callable[..., Done]


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    def play(name: str, text: str) -> None:
        path = tmp_path / "bin" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!{SH}\n{text}\n")
        path.chmod(0o755)

    def run(
        *,
        installed: tuple[str, ...] = PACKAGES,
        debian: bool = True,
        root: bool = True,
        apt_works: bool = True,
        pyscard: bool = True,
        builds: bool = True,
        ci: bool = False,
    ) -> Done:
        there, calls = tmp_path / "installed", tmp_path / "calls"
        there.write_text("".join(f"{name}\n" for name in installed))
        calls.write_text("")
        if debian:
            play(
                "dpkg-query",
                f'for name; do :; done\nwhile read -r one; do\n  [ "$one" = "$name" ] && echo "install ok installed"\n'
                f"done <{there}\nexit 0",
            )
        play("grep", 'exec /bin/grep "$@"')
        play("id", f"echo {0 if root else 1000}")
        works = f'for one; do echo "$one"; done >>{there}' if apt_works else "exit 100"
        play("apt-get", f'echo "apt-get $*" >>{calls}\n{works}')
        play(
            "python",
            f'case "$*" in\n*"import smartcard"*) exit {0 if pyscard else 1};;\n'
            f'*) echo "python $*" >>{calls}; exit {0 if builds else 1};;\nesac',
        )
        # emvtool's environment is there already, or could be made.
        venv = tmp_path / "emvtool" / "bin"
        venv.mkdir(parents=True, exist_ok=True)
        (venv / "emvtool").write_text("")
        (venv / "emvtool").chmod(0o755)
        environment = {"PATH": str(tmp_path / "bin"), "BIN": str(tmp_path / "bin")} | ({"CI": "true"} if ci else {})
        done = subprocess.run([SH, str(SCRIPT)], capture_output=True, text=True, env=environment, timeout=30)
        return Done(done.returncode, done.stderr, calls.read_text().splitlines())

    return run


def test_all_is_there(machine: Machine) -> None:
    assert machine() == Done(0, "", [])
    assert machine(root=False, ci=True) == Done(0, "", [])


def test_root_installs_what_is_missing_and_builds_pyscard(machine: Machine) -> None:
    assert {"libpcsclite-dev", "swig", "pcscd", "vsmartcard-vpcd"} <= set(PACKAGES)
    done = machine(installed=("swig",), pyscard=False, ci=True)
    assert (done.code, done.said) == (0, "")
    assert done.calls[0] == "apt-get update"
    assert done.calls[1].endswith("--no-install-recommends " + " ".join(p for p in PACKAGES if p != "swig"))
    assert done.calls[2].startswith("python -m pip install ")
    assert done.calls[2].endswith("--require-hashes --no-deps -r requirements/pcsc.lock")


@pytest.mark.parametrize(
    ("lacks", "said"),
    [
        ({"debian": False}, "this is no Debian system; install pcscd, libccid, vpcd, "),
        (
            {"root": False, "installed": PACKAGES[1:]},
            f"missing: {PACKAGES[0]} (run as root: apt-get install {PACKAGES[0]} ",
        ),
        ({"apt_works": False, "installed": PACKAGES[:-1]}, f"apt-get could not install: {PACKAGES[-1]}"),
        ({"pyscard": False, "builds": False}, "pyscard could not be built"),
    ],
)
def test_what_cannot_be_had_is_named_and_in_ci_an_error(machine: Machine, lacks: dict[str, object], said: str) -> None:
    at_the_desk = machine(**lacks)
    assert at_the_desk.code == 0
    assert at_the_desk.said.startswith(f"PC/SC tests: {said}")
    assert at_the_desk.said.endswith("; they are skipped by name\n")
    in_ci = machine(**lacks, ci=True)
    assert in_ci.code == 1
    assert said in in_ci.said
