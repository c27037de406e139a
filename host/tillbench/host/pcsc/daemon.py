"""pcscd with a virtual reader, or with one on a serial port: one of our own in its own namespaces, or the machine's.

The virtual reader is Debian's vsmartcard-vpcd in its server mode: it listens, and whoever connects is the card. It
listens on all interfaces, so our own daemon lives in a network namespace where there is nothing but loopback; pcscd has
one fixed socket, so it lives in a mount namespace where a folder of ours stands in for /run/pcscd. Clients outside
reach it through that folder, by the variable PCSCLITE_CSOCK_NAME of libpcsclite. USB readers stay with the machine.
"""

from __future__ import annotations

import array
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path

from tillbench.host.pcsc import inside_namespaces
from tillbench.host.pcsc.apdu_log import ApduLog

VPCD = Path(inside_namespaces.DRIVERS, "serial", "libifdvpcd.so")
CCIDTWIN = Path(inside_namespaces.DRIVERS, "serial", "libccidtwin.so")
"""libccid's driver for readers on a serial port."""
READER = "tillbench"
"""The name of our virtual reader; pcscd adds the numbers of reader and slot, and there is a second, empty slot."""
BOARD_READER = "tillbench board"
"""The name of a board that is a reader; pcscd adds the numbers."""
MODEL = "GemPCPinPad"
"""What the driver takes the board for: of the readers it knows, the one with a keypad."""
CLIENT_SOCKET = "PCSCLITE_CSOCK_NAME"
_END_S = 10.0
_LONGEST_SOCKET = 107
"""Bytes of the path of a Unix socket (unix(7)): to a client that is given a longer one there is no reader."""


class NoPcsc(RuntimeError):
    """There is no pcscd to be had here; the text says what is missing or forbidden."""


class Pcscd(ABC):
    """A running pcscd whose virtual reader takes a card."""

    @abstractmethod
    def connect(self) -> socket.socket:
        """A stream to the virtual reader's first slot, as a card that goes in. Raises NoPcsc."""

    @property
    @abstractmethod
    def environment(self) -> dict[str, str]:
        """What a PC/SC program must have in its environment to find this daemon."""

    @abstractmethod
    def close(self) -> None:
        """The end of what was started; without an effect the second time."""

    def __enter__(self) -> Pcscd:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()


class _Namespaces:
    """A pcscd that nobody else can reach. As root or, where the kernel lets users make namespaces, as anybody."""

    def __init__(self, driver: Path, package: str, config: Callable[[str], str], log: Path | None) -> None:
        """Start it; `config` makes its reader.conf, given where the copy of `driver` is.

        Raises NoPcsc: a program or the driver is not installed, or namespaces are forbidden.
        """
        pcscd, unshare = _program("pcscd", "pcscd"), _program("unshare", "util-linux")
        if not driver.exists():
            raise NoPcsc(f"no {driver}: apt-get install {package}")
        namespaces = _namespaces(unshare)
        self.folder = _folder()
        try:
            self._start([*namespaces], pcscd, driver, config, log)
        except BaseException as error:
            shutil.rmtree(self.folder)
            if log and isinstance(error, OSError) and error.filename == str(log):
                raise NoPcsc(f"its log {log} cannot be written: {error.strerror}") from None
            raise

    def _start(
        self, namespaces: list[str], pcscd: str, driver: Path, config: Callable[[str], str], log: Path | None
    ) -> None:
        self._log = ApduLog(log) if log else None
        run, configs = self.folder / "run", self.folder / "reader.conf.d"
        run.mkdir()
        configs.mkdir()
        # A copy: the driver's own folder is covered in there, and with it the drivers of USB readers.
        (configs / "tillbench").write_text(config(str(shutil.copy(driver, self.folder))))
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        options = ["--apdu", "--debug"] if log else ["--critical"]
        command = [sys.executable, "-I", "-S", inside_namespaces.__file__, str(theirs.fileno()), str(run)]
        command += [pcscd, "--foreground", "--config", str(configs), *options]
        output = self._log.output if self._log else subprocess.DEVNULL
        try:
            with theirs:
                self._process = subprocess.Popen(  # noqa: S603  all of it is ours
                    [*namespaces, *command],
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=output,
                    pass_fds=[theirs.fileno()],
                )
        finally:
            if self._log:
                self._log.started()

    def ask(self, what: bytes) -> socket.socket:
        """A connection to the virtual reader (`CONNECT`) or to the daemon (`CLIENT`), once it is up. Raises NoPcsc."""
        try:
            self._control.send(what)
            said, ancillary, _flags, _address = self._control.recvmsg(512, socket.CMSG_LEN(array.array("i").itemsize))
        except OSError as error:
            raise NoPcsc(f"the namespaces of pcscd are gone: {error.strerror}") from None
        if not ancillary:
            raise NoPcsc(said.decode() or f"the namespaces of pcscd ended with status {self._process.wait(_END_S)}")
        (descriptor,) = array.array("i", ancillary[0][2])
        return socket.socket(fileno=descriptor)

    def stay(self) -> None:
        self._process.wait()

    @property
    def environment(self) -> dict[str, str]:
        return {CLIENT_SOCKET: str(_socket(self.folder))}

    def close(self) -> None:
        self._control.close()
        try:
            self._process.wait(_END_S)
        except subprocess.TimeoutExpired:
            self._process.kill()  # and by --kill-child all that is in the namespaces
            self._process.wait()
        if self._log:
            self._log.close()
        shutil.rmtree(self.folder, ignore_errors=True)


class PrivatePcscd(Pcscd):
    """Our own pcscd with a virtual reader."""

    def __init__(self, *, log: Path | None = None, name: str = READER) -> None:
        """Start it; `log` takes its APDU log (`pcscd --apdu --debug`), without it nothing is logged. `name` is the
        reader's.

        Raises NoPcsc: a program or the driver is not installed, or namespaces are forbidden.
        """
        port = f"0x{inside_namespaces.VPCD_PORT:04X}"
        self._inside = _Namespaces(
            VPCD,
            "vsmartcard-vpcd",
            lambda driver: reader_conf(name, f"/dev/null:{port}", driver, port),
            log,
        )

    def connect(self) -> socket.socket:
        """Waits until pcscd has come up."""
        return self._inside.ask(inside_namespaces.CONNECT)

    @property
    def environment(self) -> dict[str, str]:
        return self._inside.environment

    def close(self) -> None:
        self._inside.close()


class SerialPcscd:
    """Our own pcscd with a reader on a serial port, a pseudo-terminal as well; the driver is libccid's."""

    def __init__(self, port: str, *, log: Path | None = None) -> None:
        """Start it for the reader on `port`. `log` and what is raised as for `PrivatePcscd`."""
        self._inside = _Namespaces(CCIDTWIN, "libccid", lambda driver: board_conf(port, driver), log)

    def wait(self) -> None:
        """Until it takes clients, by when it has opened the reader, or found none. Raises NoPcsc."""
        self._inside.ask(inside_namespaces.CLIENT).close()

    def stay(self) -> None:
        """Until it ends by itself."""
        self._inside.stay()

    @property
    def environment(self) -> dict[str, str]:
        """As for `Pcscd`."""
        return self._inside.environment

    def close(self) -> None:
        """The end of it; without an effect the second time."""
        self._inside.close()

    def __enter__(self) -> SerialPcscd:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()


def reader_conf(name: str, device: str, driver: str, channel: str) -> str:
    """The entry for a reader in a reader.conf (reader.conf(5))."""
    return f'FRIENDLYNAME "{name}"\nDEVICENAME {device}\nLIBPATH {driver}\nCHANNELID {channel}\n'


def board_conf(port: str, driver: str = str(CCIDTWIN)) -> str:
    """That of a board on a serial port."""
    return reader_conf(BOARD_READER, f"{port}:{MODEL}", driver, "1")


class SystemSerialPcscd:
    """The machine's pcscd, told of a reader on a serial port by a file of its configuration, which goes with us.

    It reads its configuration when it starts, and only then (tried with 1.9.9, `pcscd --hotplug` too): somebody has to
    restart it, for it is not ours to interrupt what others do with it.
    """

    def __init__(self, port: str, *, folder: Path = Path("/etc/reader.conf.d")) -> None:
        """Raises NoPcsc: there is no driver, or the file may not be written."""
        if not CCIDTWIN.exists():
            raise NoPcsc(f"no {CCIDTWIN}: apt-get install libccid")
        self.file = folder / f"tillbench-board-{os.getpid()}"
        try:
            self.file.write_text(board_conf(port))
        except OSError as error:
            raise NoPcsc(f"{self.file}: {error.strerror}: --system writes there, as root") from None

    def wait(self) -> None:
        """Say what a person has to do."""
        print(f"{self.file} is written; now restart pcscd (systemctl restart pcscd)", file=sys.stderr, flush=True)

    def stay(self) -> None:
        """Until somebody ends us."""
        signal.pause()

    @property
    def environment(self) -> dict[str, str]:
        """As for `Pcscd`."""
        return {}

    def close(self) -> None:
        """Take the file away; without an effect the second time."""
        self.file.unlink(missing_ok=True)

    def __enter__(self) -> SystemSerialPcscd:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()


class SystemPcscd(Pcscd):
    """The machine's pcscd, with the virtual reader that vsmartcard-vpcd installs in it."""

    def connect(self) -> socket.socket:
        try:
            return socket.create_connection(("127.0.0.1", inside_namespaces.VPCD_PORT), timeout=_END_S)
        except OSError as error:
            raise NoPcsc(
                f"no virtual reader at 127.0.0.1:{inside_namespaces.VPCD_PORT} ({error.strerror or error}): install "
                "vsmartcard-vpcd and start pcscd (systemctl start pcscd)"
            ) from None

    @property
    def environment(self) -> dict[str, str]:
        return {}

    def close(self) -> None:
        pass


def _socket(folder: Path) -> Path:
    return folder / "run" / "pcscd.comm"


def _folder() -> Path:
    """A new one where temporary files go; in /tmp if the socket's path would be too long there."""
    prefix = "tillbench-pcsc-"
    folder = Path(tempfile.mkdtemp(prefix=prefix))
    if len(os.fsencode(_socket(folder))) > _LONGEST_SOCKET:
        folder.rmdir()
        folder = Path(tempfile.mkdtemp(prefix=prefix, dir="/tmp"))
    return folder


def _program(name: str, package: str) -> str:
    found = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
    if found is None:
        raise NoPcsc(f"no {name} here: apt-get install {package}")
    return found


def _namespaces(unshare: str) -> list[str]:
    """The command that runs another in new namespaces; a user other than root needs a user namespace around them.

    Raises NoPcsc with unshare's own words where they are forbidden.
    """
    command = [unshare, *([] if os.geteuid() == 0 else ["--user", "--map-root-user"])]
    command += ["--mount", "--net", "--pid", "--fork", "--kill-child"]
    tried = subprocess.run([*command, "true"], capture_output=True, text=True)  # noqa: S603  unshare, found above
    if tried.returncode:
        raise NoPcsc(
            f"namespaces are forbidden here ({tried.stderr.strip()}): run as root, in a container with "
            "CAP_SYS_ADMIN, or use the machine's pcscd (--system)"
        )
    return command
