"""Debian's PostgreSQL, started for the tests on loopback in a folder of its own, and ended by its process id."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

VERSIONS = Path("/usr/lib/postgresql")
USER = "postgres"
SECONDS = 40
SETTINGS = ("-c", "listen_addresses=127.0.0.1", "-c", "fsync=off")


def binaries() -> Path | None:
    """The newest installed server, or None."""
    found = sorted(VERSIONS.glob("*/bin/postgres"), key=lambda path: float(path.parts[-3]))
    return found[-1].parent if found else None


@contextmanager
def postgres() -> Iterator[str]:
    """The URL of an empty database. A server does not run as root, so root lends it to the user Debian made for it."""
    programs = binaries()
    assert programs is not None, "no PostgreSQL here"
    folder = Path(tempfile.mkdtemp(prefix="tillbench-postgres-"))
    as_user = ["setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups"] if os.getuid() == 0 else []
    if as_user:
        shutil.chown(folder, USER, USER)
    port = _free_port()
    try:
        data = folder / "data"
        initdb = [*as_user, str(programs / "initdb"), "-D", str(data), "-A", "trust", "-U", USER, "--no-sync"]
        subprocess.run(initdb, check=True, capture_output=True, timeout=SECONDS, cwd=folder)
        server = subprocess.Popen(
            [*as_user, str(programs / "postgres"), "-D", str(data), "-p", str(port), "-k", str(folder), *SETTINGS],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            cwd=folder,
        )
        try:
            assert server.stderr is not None
            for line in server.stderr:
                if "ready to accept connections" in line:
                    break
            yield f"postgresql://{USER}@127.0.0.1:{port}/postgres"
        finally:
            server.send_signal(signal.SIGINT)
            server.communicate(timeout=SECONDS)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
