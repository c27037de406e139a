"""pcscd with a virtual reader: one of our own in its own namespaces, or the machine's.

The virtual reader is Debian's vsmartcard-vpcd in its server mode: it listens, and whoever connects is the card. It
listens on all interfaces, so our own daemon lives in a network namespace where there is nothing but loopback; pcscd has
one fixed socket, so it lives in a mount namespace where a folder of ours stands in for /run/pcscd. Clients outside
reach it through that folder, by the variable PCSCLITE_CSOCK_NAME of libpcsclite. USB readers stay with the machine.
"""

from __future__ import annotations

import array
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from abc import ABC, abstractmethod
from pathlib import Path

from tillbench.host.pcsc import inside_namespaces

VPCD = Path(inside_namespaces.DRIVERS, "serial", "libifdvpcd.so")
READER = "tillbench"
"""The name of our virtual reader; pcscd adds the numbers of reader and slot, and there is a second, empty slot."""
CLIENT_SOCKET = "PCSCLITE_CSOCK_NAME"
_END_S = 10.0


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


class PrivatePcscd(Pcscd):
    """Our own pcscd. As root or, where the kernel lets users make namespaces, as anybody."""

    def __init__(self, *, log: Path | None = None) -> None:
        """Start it; `log` takes its APDU log (`pcscd --apdu --debug`), without it nothing is logged.

        Raises NoPcsc: a program or the driver is not installed, or namespaces are forbidden.
        """
        pcscd, unshare = _program("pcscd", "pcscd"), _program("unshare", "util-linux")
        if not VPCD.exists():
            raise NoPcsc(f"no {VPCD}: apt-get install vsmartcard-vpcd")
        namespaces = _namespaces(unshare)
        self._folder = Path(tempfile.mkdtemp(prefix="tillbench-pcsc-"))
        try:
            self._start(namespaces, pcscd, log)
        except BaseException:
            shutil.rmtree(self._folder)
            raise

    def _start(self, namespaces: list[str], pcscd: str, log: Path | None) -> None:
        run, config = self._folder / "run", self._folder / "reader.conf.d"
        run.mkdir()
        config.mkdir()
        # A copy: the driver's own folder is covered in there, and with it the drivers of USB readers.
        driver = shutil.copy(VPCD, self._folder)
        port = f"0x{inside_namespaces.VPCD_PORT:04X}"
        (config / "vpcd").write_text(
            f'FRIENDLYNAME "{READER}"\nDEVICENAME /dev/null:{port}\nLIBPATH {driver}\nCHANNELID {port}\n'
        )
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        options = ["--apdu", "--debug"] if log else ["--critical"]
        command = [sys.executable, "-I", "-S", inside_namespaces.__file__, str(theirs.fileno()), str(run)]
        command += [pcscd, "--foreground", "--config", str(config), *options]
        with theirs, open(log or os.devnull, "wb") as output:
            self._process = subprocess.Popen(  # noqa: S603  all of it is ours
                [*namespaces, *command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                pass_fds=[theirs.fileno()],
            )

    def connect(self) -> socket.socket:
        """Waits until pcscd has come up."""
        try:
            self._control.send(b"connect")
            said, ancillary, _flags, _address = self._control.recvmsg(512, socket.CMSG_LEN(array.array("i").itemsize))
        except OSError as error:
            raise NoPcsc(f"the namespaces of pcscd are gone: {error.strerror}") from None
        if not ancillary:
            raise NoPcsc(said.decode() or f"the namespaces of pcscd ended with status {self._process.wait(_END_S)}")
        (descriptor,) = array.array("i", ancillary[0][2])
        return socket.socket(fileno=descriptor)

    @property
    def environment(self) -> dict[str, str]:
        return {CLIENT_SOCKET: str(self._folder / "run" / "pcscd.comm")}

    def close(self) -> None:
        self._control.close()
        try:
            self._process.wait(_END_S)
        except subprocess.TimeoutExpired:
            self._process.kill()  # and by --kill-child all that is in the namespaces
            self._process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)


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
    tried = subprocess.run([*command, "true"], capture_output=True, text=True)  # noqa: S603
    if tried.returncode:
        raise NoPcsc(
            f"namespaces are forbidden here ({tried.stderr.strip()}): run as root, in a container with "
            "CAP_SYS_ADMIN, or use the machine's pcscd (--system)"
        )
    return command
