"""QEMU's monitor, with somebody else at its other end."""

from __future__ import annotations

import json
import socket
import threading
from pathlib import Path
from typing import Any

import pytest
from tillbench.host.emulator.link import LinkLost
from tillbench.host.emulator.monitor import Monitor, MonitorError


def answer(sock: socket.socket, answers: dict[str, list[Any]]) -> None:
    """QEMU's side: greets, and gives to each command its next answer, {} if there is none."""
    with sock, sock.makefile("rb") as lines:
        sock.sendall(b'{"QMP": {}}\n')
        for line in lines:
            left = answers.get(json.loads(line)["execute"], [])
            said = left.pop(0) if left else {}
            sock.sendall(json.dumps(said if "error" in said else {"return": said}).encode() + b"\n")


def go_back(**answers: list[Any]) -> None:
    """The command with these answers, each under its name with `_` for `-`."""
    ours, theirs = socket.socketpair()
    named = {name.replace("_", "-"): given for name, given in answers.items()}
    thread = threading.Thread(target=answer, args=(theirs, named), daemon=True)
    thread.start()
    monitor = Monitor(ours)
    try:
        monitor.go_back(Path("kept.qcow2"))
    finally:
        monitor.close()
        thread.join(10)


def job(status: str, **more: str) -> list[dict[str, str]]:
    return [{"id": "job1", "status": status, **more}]


def test_a_job_whose_end_nobody_tells_is_asked_about() -> None:
    go_back(query_jobs=[job("running"), job("running"), job("concluded")])


def test_what_went_wrong_in_a_job_is_told() -> None:
    with pytest.raises(MonitorError, match="QEMU: snapshot-load: no such tag"):
        go_back(query_jobs=[job("concluded", error="no such tag")])
    with pytest.raises(MonitorError, match="QEMU: blockdev-add: no such file"):
        go_back(blockdev_add=[{"error": {"desc": "no such file"}}])


def test_a_qemu_that_is_gone() -> None:
    ours, theirs = socket.socketpair()
    theirs.close()
    with pytest.raises(LinkLost, match="QEMU has ended"):
        Monitor(ours).reset()
    ours.close()
