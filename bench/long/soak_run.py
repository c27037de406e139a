"""One run of the soak: an errand on a board to which something happens, and another one after somebody has looked."""

from __future__ import annotations

import re
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random

from tillbench.host.emulator.bench import WaitTimeout
from tillbench.host.emulator.device_process import DeviceProcess
from tillbench.host.emulator.emulator import Options
from tillbench.host.emulator.link import LinkLost
from tillbench.host.terminal import Terminal

from bench.long.books import APPROVED, PENDING, JournalReader, disagreements
from bench.long.counter import Counter
from bench.long.errand import Errand
from bench.long.kinds import chance_of
from bench.long.soak_board import NoisyDevice, SoakBoard
from bench.shop import EPOCH

CARDS = ("unionpay-debit", "visa-credit", "visa-cda", "mastercard-credit")
LAST = Errand(100, "unionpay-no-pse")
"""What must go well after whatever has happened; nobody else uses that card."""
MESSAGES = {"pty": 2400, "qemu": 1600}
"""Of the link, from the start of the board to the end of a long errand; a mishap happens at one of them. In a shorter
errand it may come too late, and counts as none."""
PATIENCE_S = 6.0
"""How long a board that will never say anything again may say nothing; others have the link's own patience."""
LONGEST_S = 180.0
"""Of a whole run on a busy machine; whatever takes longer hangs."""

PASSED, LOST, FAILED = "passed", "lost", "failed"
EXPECTED = {
    "nothing": (PASSED, "", ""),
    "garbage": (PASSED, "", ""),
    "stall": (PASSED, "", ""),
    "hang": (LOST, "has said nothing for|takes no more bytes", "has said nothing for|has read nothing for"),
    "unplug": (LOST, "the port has gone away", "the device has gone away"),
    "reset": (LOST, "the board was reset", "has said nothing for"),
}
"""What happens to a board, and what a bench must make of it: how the errand ends, and what the bench says when it has
lost the board, on "pty" and in "qemu" (where nothing tells of a reset but silence)."""
WEIGHTS = (6, 5, 5, 1, 4, 4)


@dataclass(frozen=True)
class Plan:
    """What is to happen in a run."""

    number: int
    target: str
    mishap: str
    message: int
    errand: Errand
    stall_ms: int
    gap: int
    noise: int

    @classmethod
    def drawn(cls, seed: int, number: int, target: str) -> Plan:
        """All of it follows from seed, number and target."""
        random = chance_of(seed, f"soak/{target}", number)
        pin = random.choice(("right",) * 9 + ("wrong",))
        return cls(
            number,
            target,
            random.choices(tuple(EXPECTED), WEIGHTS)[0],
            random.randrange(1, MESSAGES[target]),
            Errand(random.randint(1, 99_999), random.choice(CARDS), pin),
            random.choice((20, 200, 800, 2000)),
            random.choice((300, 1000, 4000)),
            random.choice((500, 3000, 10_000)),
        )

    def __str__(self) -> str:
        more = {
            "stall": f" for {self.stall_ms} ms",
            "garbage": f": {self.noise} bytes each way, damaged every {self.gap}",
        }.get(self.mishap, "")
        at = "" if self.mishap == "nothing" else f" at message {self.message}"
        return f"{self.target}, {self.errand}; {self.mishap}{at}{more}"


@dataclass(frozen=True)
class Outcome:
    """What came of a run.

    Attributes:
        ended: how the errand ended: `PASSED`, `LOST` (the board) or `FAILED`.
        told: what the bench said about it, in one line.
        reached: the mishap did happen before the errand was over.
        unexplained: why it is not what the mishap explains; empty if it is.
    """

    run: int
    target: str
    mishap: str
    ended: str
    told: str
    reached: bool
    unexplained: str
    seconds: float

    def as_dict(self) -> dict[str, object]:
        """For the file."""
        return asdict(self)


class Hangs(Exception):
    """A run is not over in `LONGEST_S` seconds."""


@contextmanager
def _ended_in_time() -> Iterator[None]:
    def over(*_: object) -> None:
        raise Hangs(f"not over after {LONGEST_S:g} s")

    before = signal.signal(signal.SIGALRM, over)
    signal.setitimer(signal.ITIMER_REAL, LONGEST_S)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


class Run:
    """A terminal on `board`, in a folder of its own."""

    def __init__(self, plan: Plan, board: SoakBoard, folder: Path, reader: JournalReader) -> None:
        self._plan = plan
        self._board = board
        self._folder = folder
        self._reader = reader
        self._device: NoisyDevice | None = None
        self._messages = 0
        self._over = False
        self.reached = False
        options = Options(folder / "till", target=board.target, seed=plan.number, epoch=EPOCH, fast_keys=True)
        self._counter = Counter(Terminal(options))
        self._bench = self._counter.emulator.bench
        self._bench._start = self._start
        self._bench.on_message = self._heard

    def _start(self) -> DeviceProcess:
        self._device = NoisyDevice(self._board.start(self._counter.emulator))
        return self._device

    def _heard(self, *_: object) -> None:
        self._messages += 1
        if self._messages == self._plan.message and not self._over:
            self.reached = True
            self._happen()

    def _happen(self) -> None:
        plan, board = self._plan, self._board
        if plan.mishap in ("reset", "hang") and self._bench.end is not None:
            self._bench.end.patience_s = PATIENCE_S
        if plan.mishap == "unplug":
            board.unplug()
        elif plan.mishap == "reset":
            board.reset()
        elif plan.mishap == "hang":
            board.stop()
        elif plan.mishap == "stall":
            board.stall(plan.stall_ms / 1000)
        elif plan.mishap == "garbage":
            assert self._device is not None
            self._device.wire.spoil(Random(f"{plan}"), plan.gap, plan.noise)

    def outcome(self) -> Outcome:
        """Do all of it."""
        began = time.monotonic()
        ended, told, unexplained = FAILED, "", ""
        try:
            with _ended_in_time():
                ended, told = self._errand()
                self._over = True
                unexplained = self._misfit(ended, told) or self._afterwards()
        except Exception as error:
            # Whatever comes here is what the soak is for.
            unexplained = f"{type(error).__name__}: {error}"
        finally:
            self._board.mend()
            self._counter.emulator.close()
        seconds = round(time.monotonic() - began, 2)
        plan = self._plan
        return Outcome(plan.number, plan.target, plan.mishap, ended, told, self.reached, unexplained, seconds)

    def _errand(self) -> tuple[str, str]:
        try:
            self._counter.open()
            self._counter.serve(self._plan.errand)
            self._over = True
            self._bench.ask_memory()  # a board that was lost with its last message is lost
        except LinkLost as error:
            return LOST, str(error).splitlines()[0]
        except (AssertionError, WaitTimeout) as error:
            return FAILED, str(error)
        return PASSED, ""

    def _misfit(self, ended: str, told: str) -> str:
        """What is wrong with how the errand ended; empty if the mishap explains it."""
        expected, on_pty, in_qemu = EXPECTED[self._plan.mishap if self.reached else "nothing"]
        words = on_pty if self._plan.target == "pty" else in_qemu
        if ended != expected or not re.search(words, told):
            return f"expected {expected} {words!r}, found {ended}: {told}"
        return self._damage()

    def _damage(self) -> str:
        """Damage of which nobody has noticed anything, and notice of damage that nobody did."""
        if not self._bench.powered or self._device is None:
            return ""
        done = self._device.wire.damaged
        self._bench.ask_memory()
        assert self._bench.end is not None
        counted = {**self._bench.end.faults(), **{f"device's {k}": v for k, v in self._bench.faults.items()}}
        # Questions after a silence, and what they have repeated, are no damage: a busy machine is silent, too.
        noticed = {name: n for name, n in counted.items() if n and name not in ("pings", "repeats", "device's repeats")}
        if self._plan.mishap == "nothing" and noticed:
            return f"nothing was damaged, and yet: {noticed}"
        if done > 1 and not any(counted.values()):
            return f"damaged {done} times, and neither side has counted anything"
        return ""

    def _afterwards(self) -> str:
        """The board is looked after, the terminal is switched on again; the books agree, and the next sale is made."""
        counter, emulator = self._counter, self._counter.emulator
        self._board.mend()
        counter.terminal.power.cut()
        counter.terminal.power.restore()
        counter.serve(None)
        counter.serve(LAST)
        counter.terminal.power.cut()
        journal = self._reader.read(emulator.state.flash, self._folder / "flash copy.bin")
        found = disagreements(journal, counter.terminal.acquirer, emulator.profiles)
        found += [f"still owed: {entry}" for entry in journal if entry.state == PENDING]
        if not journal or journal[-1].state != APPROVED or journal[-1].amount != LAST.amount:
            found.append(f"the next sale was not approved: {journal[-1] if journal else 'nothing in the journal'}")
        return "; ".join(found)
