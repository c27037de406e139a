"""The peer of the host: `iso8583sim serve`, in an environment of its own that nothing of ours imports from.

It is under the AGPL, so it is measured and never depended on. It answers by rules: no MAC, no PIN, no ledger.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.running import HOST_CORE, Running, keep_to, ready

VERSION = "1.6.0"
TPDU = "6000030000"
MARK = b"\x0012345678"
"""Field 39 in BCD and the field 41 behind it, in every approval."""

REQUEST = """
from iso8583sim.core.samples import sample_message
from iso8583sim.wire import WireFormat
from iso8583sim.wire.codec import encode_message

message = sample_message("financial", pan="6200000000000005", currency="156")
message.fields.clear()
message.fields.update({
    0: "0200", 2: "6200000000000005", 3: "000000", 4: "000000001234", 11: "000002", 14: "3012", 22: "051", 23: "001",
    25: "00", 26: "12", 35: "6200000000000005D30122200000000000000", 41: "12345678", 42: "898110053110001", 49: "156",
    52: "00" * 8, 53: "2600000000000000", CHIP 64: "E267B6E200000000",
})
print(encode_message(message, WireFormat.bcd()).hex())
"""
CHIP = '55: "9F2608' + "11" * 8 + "9F1013" + "11" * 19 + '9F3704111111119F360200019505000000000000",'


class NoPeer(RuntimeError):
    """It cannot be installed here; the text says why."""


class Peer:
    """An environment with the peer in it."""

    def __init__(self, folder: Path) -> None:
        """Install it. Raises NoPeer."""
        self._bin = folder / "bin"
        made = subprocess.run([sys.executable, "-m", "venv", str(folder)], capture_output=True, text=True)
        if made.returncode == 0:
            install = [str(self._bin / "pip"), "install", "--quiet", f"iso8583sim=={VERSION}"]
            made = subprocess.run(install, capture_output=True, text=True)
        if made.returncode:
            raise NoPeer((made.stderr.strip().splitlines() or ["no reason given"])[-1])

    def request(self, *, chip: bool) -> bytes:
        """A sale with the fields of ours, framed as the peer wants it."""
        program = REQUEST.replace("CHIP", CHIP if chip else "")
        run = subprocess.run([str(self._bin / "python"), "-c", program], capture_output=True, text=True, check=True)
        frame = bytes.fromhex(TPDU) + bytes.fromhex(run.stdout.strip())
        return len(frame).to_bytes(2, "big") + frame

    @contextmanager
    def serving(self, port: int) -> Iterator[Running]:
        """The peer on that port, on the core of hosts."""
        command = [str(self._bin / "iso8583sim"), "serve", "--port", str(port), "--format", "bcd", "--tpdu", TPDU]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, text=True) as process:
            try:
                keep_to(HOST_CORE, process.pid)
                ready(port)
                yield Running(port, process)
            finally:
                process.terminate()
