"""QEMU's monitor: commands in its own language (QMP: a JSON object a line) on a socket that it has inherited."""

from __future__ import annotations

import json
import select
import socket
import time
from pathlib import Path
from typing import Any

from tillbench.host.emulator.link import LinkLost

PATIENCE_S = 60.0
LOOK_S = 0.1
"""How long to wait for word of a job before it is asked about: on a busy machine that word has once been missed."""


class MonitorError(Exception):
    """QEMU refuses a command; the message has the command and QEMU's own words."""


class Monitor:
    """The client's end. QEMU says hello there when it starts, and waits until somebody wants something."""

    def __init__(self, sock: socket.socket) -> None:
        sock.settimeout(PATIENCE_S)
        self._socket = sock
        self._heard = b""
        self._greeted = False
        self._jobs = 0

    def keep(self, file: Path) -> None:
        """Store the whole machine, memory and all, in `file`, a qcow2 image that does not exist yet."""
        name = str(file)
        self._job("blockdev-create", options={"driver": "file", "filename": name, "size": 0})
        self._command("blockdev-add", **{"driver": "file", "node-name": "kept-file", "filename": name})
        try:
            self._job("blockdev-create", options={"driver": "qcow2", "file": "kept-file", "size": 0})
        finally:
            self._command("blockdev-del", **{"node-name": "kept-file"})
        self._with_image(file, "snapshot-save")

    def go_back(self, file: Path) -> None:
        """Be the machine again that `file` has; it goes on at once."""
        self._with_image(file, "snapshot-load")

    def reset(self) -> None:
        """The board's reset line: the processor starts anew, memory stays."""
        self._command("system_reset")

    def close(self) -> None:
        """Let go of the socket."""
        self._socket.close()

    def _with_image(self, file: Path, command: str) -> None:
        # Attached no longer than it takes: another QEMU may want the same image.
        self._command(
            "blockdev-add",
            **{"driver": "qcow2", "node-name": "kept", "file": {"driver": "file", "filename": str(file)}},
        )
        try:
            self._job(command, tag="kept", vmstate="kept", devices=["kept"])
        finally:
            self._command("blockdev-del", **{"node-name": "kept"})

    def _job(self, command: str, **arguments: Any) -> None:
        """Begin a job and wait for its end.

        Raises:
            MonitorError: it has failed.
            LinkLost: QEMU is gone, or does not come to its end.
        """
        self._jobs += 1
        job = f"job{self._jobs}"
        self._command(command, **{"job-id": job}, **arguments)
        deadline = time.monotonic() + PATIENCE_S
        while (found := self._found(job))["status"] != "concluded":
            if time.monotonic() > deadline:
                raise LinkLost(f"QEMU: {command}: still {found['status']} after {PATIENCE_S:g} s")
            self._line(LOOK_S)  # an event: something has changed
        self._command("job-dismiss", id=job)
        if "error" in found:
            raise MonitorError(f"QEMU: {command}: {found['error']}")

    def _found(self, job: str) -> dict[str, Any]:
        jobs: list[dict[str, Any]] = self._command("query-jobs")
        return next(each for each in jobs if each["id"] == job)

    def _command(self, command: str, **arguments: Any) -> Any:
        if not self._greeted:
            self._greeted = True
            self._next()
            self._command("qmp_capabilities")
        try:
            self._socket.sendall(json.dumps({"execute": command, "arguments": arguments}).encode() + b"\n")
        except OSError as error:
            raise LinkLost(f"QEMU has ended: {error.strerror}") from error
        while "event" in (said := self._next()):
            pass
        if "error" in said:
            raise MonitorError(f"QEMU: {command}: {said['error']['desc']}")
        return said["return"]

    def _next(self) -> dict[str, Any]:
        line = self._line(PATIENCE_S)
        if line is None:
            raise LinkLost(f"QEMU's monitor has said nothing for {PATIENCE_S:g} s")
        said: dict[str, Any] = json.loads(line)
        return said

    def _line(self, patience_s: float) -> bytes | None:
        """The next line; None if there is none so long. Raises LinkLost."""
        while b"\n" not in self._heard:
            if not select.select([self._socket], [], [], patience_s)[0]:
                return None
            try:
                heard = self._socket.recv(65536)
            except OSError as error:
                raise LinkLost(f"QEMU has ended: {error.strerror}") from error
            if not heard:
                raise LinkLost("the device has gone away: QEMU has ended")
            self._heard += heard
        line, _, self._heard = self._heard.partition(b"\n")
        return line
