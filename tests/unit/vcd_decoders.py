"""A value change dump taken apart, and what its edges say: decoders that know nothing of how it was drawn."""

from __future__ import annotations

import itertools
from bisect import bisect_right
from collections.abc import Iterator

from tillbench.host.emulator.wires import UartConfig

Changes = list[tuple[int, str]]


def parse(text: str) -> dict[str, Changes]:
    """The changes of each signal; times must not go back."""
    names: dict[str, str] = {}
    found: dict[str, Changes] = {}
    now, last = 0, -1
    for line in text.splitlines():
        if line.startswith("$var"):
            _, _, _, identifier, name, _ = line.split()
            assert identifier not in names
            names[identifier] = name
            found[name] = []
        elif line.startswith("#"):
            now = int(line[1:])
            assert now > last or now == 0
            last = now
        elif line[0] in "01xz":
            found[names[line[1:]]].append((now, line[0]))
    return found


def level(changes: Changes, at: float) -> str:
    return changes[bisect_right(changes, (at, "~")) - 1][1]


def read_uart(changes: Changes, config: UartConfig) -> Iterator[int]:
    bit = 1e9 / config.baud
    after = 0.0
    for when, value in changes:
        if value == "0" and when >= after:
            bits = [level(changes, when + bit * (1.5 + at)) for at in range(config.bits + (config.parity is not None))]
            assert level(changes, when + bit * (len(bits) + 1.5)) == "1", "no stop bit"
            if config.parity is not None:
                assert (bits.count("1") & 1) == config.parity
            after = when + bit * (len(bits) + 1.4)
            yield sum(1 << at for at in range(config.bits) if bits[at] == "1")


def read_i2c(scl: Changes, sda: Changes) -> list[list[tuple[int, bool]]]:
    """(byte, acknowledged) of each transfer."""
    events = sorted([(when, "c", value) for when, value in scl] + [(when, "d", value) for when, value in sda])
    transfers: list[list[tuple[int, bool]]] = []
    bits: list[str] = []
    clock = data = "1"
    for _, line, value in events:
        if line == "d":
            if clock == "1" and (data, value) == ("1", "0"):
                transfers.append([])
                bits.clear()
            data = value
        else:
            if (clock, value) == ("0", "1"):
                bits.append(data)
            if len(bits) == 9:
                transfers[-1].append((int("".join(bits[:8]), 2), bits[8] == "0"))
                bits.clear()
            clock = value
    return transfers


def read_spi(sck: Changes, data: Changes, mode: int, lsb_first: bool) -> bytes:
    rising = mode in (0, 3)
    bits = ""
    for (_, before), (when, after) in itertools.pairwise(sck):
        if (before, after) == (("0", "1") if rising else ("1", "0")):
            bits += level(data, when).replace("x", "0")  # nobody has looked at it
    groups = [bits[at : at + 8] for at in range(0, len(bits), 8)]
    return bytes(int(group[::-1] if lsb_first else group, 2) for group in groups)
