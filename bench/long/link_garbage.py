"""The bench link over a wire that flips, drops, doubles and invents bytes: nothing is lost, all damage is counted."""

from __future__ import annotations

from pathlib import Path
from random import Random

from tillbench.host.emulator.bench import Bench
from tillbench.host.emulator.micropython import UnixProcess
from tillbench.host.emulator.socket_wire import SocketWire
from tillbench.host.emulator.vaults import Vaults
from tillbench.host.entropy import Entropy

from bench.shop import ON_DEVICE, RUNNER


class Garbler:
    """Damages one direction. Where and how is drawn by the count of bytes alone, so it does not matter in what chunks
    they come.

    Args:
        random: where and how.
        gap: mean number of bytes between two damages.
    """

    def __init__(self, random: Random, gap: int) -> None:
        self._random = random
        self._gap = gap
        self._left = self._next()
        self._drop = 0
        self.damaged = 0

    def _next(self) -> int:
        return 1 + int(self._random.expovariate(1 / self._gap))

    def __call__(self, data: bytes) -> bytes:
        """The next bytes of the stream, as they arrive."""
        out = bytearray()
        for byte in data:
            self._left -= 1
            if self._left > 0:
                if self._drop:
                    self._drop -= 1
                else:
                    out.append(byte)
                continue
            self._left = self._next()
            self.damaged += 1
            out += self._spoil(byte)
        return bytes(out)

    def _spoil(self, byte: int) -> bytes:
        random = self._random
        what = random.randrange(5)
        if what == 0:
            return bytes([byte ^ 1 << random.randrange(8)])
        if what == 1:
            self._drop = random.choice((0, 1, 10, 60))
            return b""
        if what == 2:
            return bytes([byte]) + random.randbytes(random.randint(1, 40))
        if what == 3:
            return random.choice((b"\xa5", b"\xa5" * 7, b"\xa5\x4c\x04\x00\x00\x00\xaf")) + bytes([byte])
        return bytes([byte, byte])


class GarblingWire(SocketWire):
    """A wire that damages what goes over it, in both directions, once `armed`."""

    def __init__(self, wire: SocketWire, random: Random) -> None:
        super().__init__(wire._socket)
        # A wire on which every other long frame is lost would be given up with right: the link has 20 s for a frame.
        gap = random.choice((5_000, 10_000, 30_000))
        self._from_device = Garbler(Random(random.random()), gap)
        self._to_device = Garbler(Random(random.random()), gap)
        self.armed = False

    @property
    def damaged(self) -> int:
        """How often something was damaged."""
        return self._from_device.damaged + self._to_device.damaged

    def read(self) -> bytes:
        """What has come, damaged at times. What is lost as a whole reads as nothing."""
        data = super().read()
        return self._from_device(data) if self.armed else data

    def write(self, data: bytes) -> None:
        """Send `data`, damaged at times."""
        super().write(self._to_device(data) if self.armed else data)


class LinkGarbage:
    """A device of its own for each case; values of many sizes go there and back."""

    name = "link"
    share = 1.0

    def run(self, random: Random, folder: Path) -> str:
        """Every call returns what it should, and what was damaged has left a trace in a counter."""
        wires: list[GarblingWire] = []

        def start() -> UnixProcess:
            process = UnixProcess.start(RUNNER / "device_main.py", paths=(RUNNER, ON_DEVICE), cwd=folder)
            wires.append(GarblingWire(process.wire, random))
            process.wire = wires[0]
            return process

        bench = Bench(start, Vaults(Entropy(str(random.random())).stream("device")))
        bench.power_on()
        try:
            wires[0].armed = True
            for number in range(random.randint(3, 12)):
                self._one(bench, random, number)
            wires[0].armed = False
            bench.ask_memory()
            assert bench.end is not None
            counted = sum(bench.faults[name] for name in ("bad_frames", "gaps", "repeats")) + bench.end.reader.bad
            counted += bench.end.counters.gaps + bench.end.counters.repeats + bench.end.counters.pings
            counted += len(bench.end.reader.stray) + getattr(bench.end.counters, "stray", 0)
        finally:
            bench.power_off()
        if wires[0].damaged > 1 and not counted:
            raise AssertionError(f"damaged {wires[0].damaged} times, and neither side has counted anything")
        return "damaged" if wires[0].damaged else "undamaged"

    def _one(self, bench: Bench, random: Random, number: int) -> None:
        size = random.choice((0, 1, 7, 100, 1000, 1100, 1101, 3000))
        value = [number, random.randbytes(size)]
        if bench.call("journal_probe:echo", value) != value:
            raise AssertionError(f"call {number}: another value came back for {size} bytes")

    def close(self) -> None:
        """Nothing is shared."""
