"""Triple DES: ours on the device, against the cryptography package in the same run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher, modes

from bench.table import Section, median_s, times, us
from bench.wires import ROUNDS, per_call, runner

KEY = bytes.fromhex("0123456789ABCDEFFEDCBA9876543210")


def measure(folder: Path) -> Section:
    """The cipher."""
    cipher = Section(
        "Triple DES",
        "Two-key, on the device in MicroPython byte code. The peer is the cryptography package, one call a block.",
    )
    with runner(folder / "ciphers") as bench:
        block = per_call(bench, 500, "speed_probe:tdes_blocks", KEY)
        schedule = per_call(bench, 200, "speed_probe:tdes_keys", KEY)
    encryptor = Cipher(TripleDES(KEY + KEY[:8]), modes.ECB()).encryptor()
    fast = _each(5000, lambda: encryptor.update(bytes(8)))
    cipher.add("cryptography, one block", us(fast), "1 x")
    cipher.add("On the device, one block", us(block), times(block, fast))
    cipher.add("On the device, key schedule", us(schedule), f"{times(schedule, block)} a block")
    return cipher


def _each(n: int, step: Callable[[], object]) -> float:
    """Median seconds for one `step` of a loop of `n`."""

    def loop() -> None:
        for _ in range(n):
            step()

    return median_s(loop, ROUNDS) / n
