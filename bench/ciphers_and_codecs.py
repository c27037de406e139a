"""ISO 8583 and triple DES: ours on CPython and on the device, against pyiso8583 and cryptography in the same run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import iso8583
from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher, modes
from tillbench.protocols.iso8583 import UNIONPAY, Message
from tillbench.protocols.iso8583.export import pyiso8583_spec

from bench.table import Section, median_s, times, us
from bench.wires import ROUNDS, per_call, runner

KEY = bytes.fromhex("0123456789ABCDEFFEDCBA9876543210")
SALE = Message(
    "0200",
    {
        2: "6200000000000005",
        3: "000000",
        4: "000000001234",
        11: "000002",
        14: "3012",
        22: "051",
        23: "001",
        25: "00",
        26: "12",
        35: "6200000000000005D30122200000000000000",
        41: "12345678",
        42: "898110053110001",
        49: "156",
        52: bytes(8),
        53: "2600000000000000",
        55: bytes(150),
        60: "2200000100050",
        64: b"E267B6E2",
    },
)
"""A sale as the terminal sends it: 18 fields, with PIN block, chip data and MAC."""


def measure(folder: Path) -> list[Section]:
    """The codecs and the cipher."""
    codec = Section(
        "ISO 8583",
        "One sale of 18 fields, read or written. The construct codec is the reference; what runs on the device is "
        "generated from the same definition. The peer is pyiso8583 with the same field table, in the same run.",
    )
    cipher = Section(
        "Triple DES",
        "Two-key, on the device in MicroPython byte code. The peer is the cryptography package, one call a block.",
    )
    body = UNIONPAY.encode(SALE)
    spec = pyiso8583_spec(UNIONPAY)
    theirs, _ = iso8583.decode(body, spec)
    assert bytes(iso8583.encode(theirs, spec)[0]) == body
    peer = {
        "read": _each(500, lambda: iso8583.decode(body, spec)),
        "write": _each(500, lambda: iso8583.encode(theirs, spec)),
    }
    ours = {"read": _each(200, lambda: UNIONPAY.decode(body)), "write": _each(200, lambda: UNIONPAY.encode(SALE))}
    with runner(folder / "codecs") as bench:
        device = {
            "read": per_call(bench, 200, "speed_probe:decode", body),
            "write": per_call(bench, 200, "speed_probe:encode", SALE.mti, dict(SALE.fields)),
        }
        block = per_call(bench, 500, "speed_probe:tdes_blocks", KEY)
        schedule = per_call(bench, 200, "speed_probe:tdes_keys", KEY)
    for what in ("read", "write"):
        codec.add(f"pyiso8583, {what}", us(peer[what]), "1 x")
        codec.add(f"Reference (construct), {what}", us(ours[what]), times(ours[what], peer[what]))
        codec.add(f"On the device, {what}", us(device[what]), times(device[what], peer[what]))
    encryptor = Cipher(TripleDES(KEY + KEY[:8]), modes.ECB()).encryptor()
    fast = _each(5000, lambda: encryptor.update(bytes(8)))
    cipher.add("cryptography, one block", us(fast), "1 x")
    cipher.add("On the device, one block", us(block), times(block, fast))
    cipher.add("On the device, key schedule", us(schedule), f"{times(schedule, block)} a block")
    return [codec, cipher]


def _each(n: int, step: Callable[[], object]) -> float:
    """Median seconds for one `step` of a loop of `n`."""

    def loop() -> None:
        for _ in range(n):
            step()

    return median_s(loop, ROUNDS) / n
