"""A bench whose wire loses and garbles what the test tells it to."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tillbench.host.emulator.bench import Bench
from tillbench.host.emulator.device_process import DeviceProcess
from tillbench.host.emulator.link import Wire
from tillbench.host.emulator.vaults import Vaults
from tillbench.host.entropy import Entropy
from tillbench.protocols.link import HEADER, MAX_PAYLOAD, MORE, OVERHEAD, SYNC, Channel

from tests.device.runner_rig import start_process

Damage = Callable[[str, bytes], bytes]
"""(direction ">" to the device or "<" from it, one frame) -> what arrives."""


def untouched(direction: str, frame: bytes) -> bytes:
    return frame


class BadWire:
    """Hands each frame of either direction to `damage`."""

    window: int | None = None

    def __init__(self, wire: Wire) -> None:
        self.wire = wire
        self.damage: Damage = untouched
        self.passed: list[tuple[str, bytes]] = []
        self._rest = b""

    def fileno(self) -> int:
        return self.wire.fileno()

    def _through(self, direction: str, data: bytes) -> tuple[bytes, bytes]:
        """What arrives of the whole frames in `data`, counted out by their length, and what is left over."""
        arrives = b""
        while len(data) >= HEADER:
            end = OVERHEAD + int.from_bytes(data[1:3], "little")
            if len(data) < end:
                break
            self.passed.append((direction, data[:end]))
            arrives += self.damage(direction, data[:end])
            data = data[end:]
        return arrives, data

    def read(self) -> bytes:
        arrives, self._rest = self._through("<", self._rest + self.wire.read())
        return arrives

    def write(self, data: bytes) -> None:
        arrives, rest = self._through(">", data)
        assert not rest, "the bench writes whole frames"
        if arrives:
            self.wire.write(arrives)

    def close(self) -> None:
        self.wire.close()


def channel_of(frame: bytes) -> int:
    return frame[5] & ~MORE


@dataclass
class Once:
    """Damages the first frame of `direction` that `matches`."""

    direction: str
    matches: Callable[[bytes], bool]
    damage: Callable[[bytes], bytes]
    done: bool = False

    def __call__(self, direction: str, frame: bytes) -> bytes:
        if self.done or direction != self.direction or not self.matches(frame):
            return frame
        self.done = True
        return self.damage(frame)


def message(channel: Channel, op: int) -> Callable[[bytes], bool]:
    return lambda frame: channel_of(frame) == channel and frame[HEADER] == op


def lost(frame: bytes) -> bytes:
    return b""


def flipped(frame: bytes) -> bytes:
    return frame[:-1] + bytes([frame[-1] ^ 0x10])


def promises_more(frame: bytes) -> bytes:
    """The length says 900 bytes more than there are, and the check over the header is right."""
    head = min(len(frame) - OVERHEAD + 900, MAX_PAYLOAD).to_bytes(2, "little") + frame[3:6]
    return bytes([SYNC]) + head + bytes([~sum(head) & 0xFF]) + frame[HEADER:]


def cut(frame: bytes) -> bytes:
    return frame[: len(frame) // 2]


def twice(frame: bytes) -> bytes:
    return frame + frame


SINGLE_FAULTS = {"lost": lost, "flipped": flipped, "promises more": promises_more, "cut": cut, "twice": twice}


class Storm:
    """Damages about one frame in `every`, in all ways, both directions; the same for the same seed.

    Attributes:
        harmed: messages that have not come as they were sent, and once; both ends together have to notice. A control
            frame may get lost unnoticed, and what is no frame may come before a whole one.
    """

    def __init__(self, seed: int, every: int) -> None:
        self.chance = random.Random(seed)
        self.every = every
        self.harmed = 0

    def __call__(self, direction: str, frame: bytes) -> bytes:
        if self.chance.randrange(self.every):
            return frame
        arrives = self._damaged(frame)
        is_whole = arrives.endswith(frame) and SYNC not in arrives.removesuffix(frame)
        if channel_of(frame) != Channel.CONTROL and not is_whole:
            self.harmed += 1
        return arrives

    def _damaged(self, frame: bytes) -> bytes:
        chance = self.chance
        at = chance.randrange(len(frame))
        match chance.randrange(8):
            case 0:
                return b""
            case 1:
                return frame[:at] + bytes([frame[at] ^ 1 << chance.randrange(8)]) + frame[at + 1 :]
            case 2:
                return frame[:at] + frame[at + 1 :]
            case 3:
                return frame[:at] + chance.randbytes(chance.randrange(1, 20)) + frame[at:]
            case 4:
                return frame[:at]
            case 5:
                return frame * chance.randrange(2, 4)
            case 6:
                return chance.randbytes(chance.randrange(1, MAX_PAYLOAD)) + frame
        return promises_more(frame)


def start_bad_wire(target: str, cwd: Path) -> tuple[Bench, BadWire]:
    """A bench with the test runner behind a `BadWire` that is still good."""
    wires: list[BadWire] = []

    def start() -> DeviceProcess:
        process = start_process(target, cwd)
        wire = BadWire(process.wire)
        process.wire = wire  # type: ignore[misc]  # a wire of the same kind
        wires.append(wire)
        return process

    bench = Bench(start, Vaults(Entropy("bad wire").stream("device")))
    bench.power_on()
    return bench, wires[-1]
