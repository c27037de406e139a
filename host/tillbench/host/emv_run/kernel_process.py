"""The kernel in a MicroPython process of its own: one line of JSON to it and one from it at a time."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Protocol

from tillbench.host.emulator.micropython import find_micropython, runnable
from tillbench.host.emv_run.terminal_setup import Order, TerminalSetup

_PROGRAM = Path(__file__).parent / "on_device" / "kernel_main.py"
_END_S = 10.0


class KernelDied(RuntimeError):
    """The MicroPython process ended in the middle of a transaction; the text is its traceback."""


class Parties(Protocol):
    """Who the kernel deals with: the card in its reader, the cardholder and attendant, the acquirer."""

    def reset(self, cold: bool) -> bytes:
        """The answer to reset, `b""` from a mute card."""

    def apdu(self, command: bytes) -> bytes | None:
        """The card's answer with its status word: to a TPDU at T=0, to an APDU at T=1; None from a card that is mute
        or gone."""

    def choose(self, names: Sequence[tuple[bytes, str, bool]]) -> int | None:
        """Which of the applications (AID, label, whether the card wants it confirmed); None to give up."""

    def online_pin(self) -> bool:
        """Whether the cardholder entered a PIN for the host; False bypasses it."""

    def offline_pin(self, tries: int) -> str | None:
        """The digits typed, with `tries` left (-1: unknown); None bypasses it."""

    def online(self, chip_data: bytes) -> tuple[str, bytes] | None:
        """Field 55 of the request; response code and field 55 of the answer, or None without an answer."""

    def entropy(self, count: int) -> bytes:
        """Unpredictable bytes."""


@dataclass(frozen=True)
class Step:
    """One step of the kernel: its name, the TVR before and after, the TSI after it, and what decided."""

    name: str
    before: bytes
    after: bytes
    tsi: bytes
    why: str


@dataclass
class Result:
    """How a transaction ended. `outcome` is one of the names in the firmware's `emv.contact`; `data` every data element
    that the kernel knew in the end, secrets of the card among them: mask what is shown."""

    outcome: str
    reason: str
    must_reverse: bool
    advice: bool
    data: dict[int, bytes] = field(repr=False)
    steps: list[Step] = field(default_factory=list, repr=False)

    @property
    def tvr(self) -> bytes:
        """Terminal Verification Results; zeros if it never came to any."""
        return self.data.get(0x95, bytes(5))


class KernelProcess:
    """Starts with the first transaction, serves one after the other, ends with the `with` block."""

    def __init__(self, heap: str = "2M") -> None:
        """heap: as for MicroPython's `-X heapsize=`."""
        self._heap = heap
        self._process: subprocess.Popen[str] | None = None

    def transact(
        self, setup: TerminalSetup, order: Order, parties: Parties, on_step: Callable[[Step], None] | None = None
    ) -> Result:
        """One transaction, to its outcome; `on_step` hears of each step when it is over.

        What `parties` raise passes through, and ends the process.

        Raises:
            KernelDied: the kernel raised something else than its own outcomes.
            NoMicroPython: there is no Unix port to run it.
        """
        job = {"aids": setup.aids, "capks": setup.capks, "terminal": setup.terminal, "order": asdict(order)}
        try:
            return self._converse(json.dumps(job), parties, on_step)
        except BaseException:
            self.close()
            raise

    def _converse(self, line: str, parties: Parties, on_step: Callable[[Step], None] | None) -> Result:
        steps = []
        while True:
            message = self._exchange(line)
            while "step" in message:
                before, after, tsi = (bytes.fromhex(message[name]) for name in ("before", "after", "tsi"))
                steps.append(Step(message["step"], before, after, tsi, message["why"]))
                if on_step is not None:
                    on_step(steps[-1])
                message = self._read()
            if "outcome" in message:
                data = {int(tag, 16): bytes.fromhex(value) for tag, value in message.pop("data").items()}
                return Result(**message, data=data, steps=steps)
            line = json.dumps({"answer": _answer(message, parties)})

    def _exchange(self, line: str) -> dict[str, Any]:
        process = self._process = self._process or self._start()
        assert process.stdin is not None
        try:
            process.stdin.write(line + "\n")
            process.stdin.flush()
        except BrokenPipeError:
            pass  # its traceback says why
        return self._read()

    def _read(self) -> dict[str, Any]:
        process = self._process
        assert process is not None
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line.startswith("{"):
            rest = line + process.stdout.read()
            raise KernelDied(f"the kernel ended with status {process.wait(_END_S)}:\n{rest}")
        message: dict[str, Any] = json.loads(line)
        return message

    def _start(self) -> subprocess.Popen[str]:
        binary = find_micropython()
        return subprocess.Popen(  # noqa: S603  the binary is the user's own choice
            [str(binary), "-X", f"heapsize={self._heap}", str(_PROGRAM)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**os.environ, "MICROPYPATH": f"{runnable(binary)}:.frozen"},
        )

    def close(self) -> None:
        """End the process; the next transaction starts another."""
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.communicate()

    def __enter__(self) -> KernelProcess:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()


def _answer(message: dict[str, Any], parties: Parties) -> Any:
    match message["ask"]:
        case "reset":
            return parties.reset(message["cold"]).hex()
        case "apdu":
            answer = parties.apdu(bytes.fromhex(message["data"]))
            return None if answer is None else answer.hex()
        case "choose":
            return parties.choose([(bytes.fromhex(aid), label, confirm) for aid, label, confirm in message["names"]])
        case "online_pin":
            return parties.online_pin()
        case "offline_pin":
            return parties.offline_pin(message["tries"])
        case "online":
            said = parties.online(bytes.fromhex(message["data"]))
            return None if said is None else {"code": said[0], "data": said[1].hex()}
        case "entropy":
            return parties.entropy(message["n"]).hex()
    raise KernelDied(f"the kernel asks what nobody knows: {message}")
