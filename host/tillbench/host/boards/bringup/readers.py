"""Barcode scanner and stripe head: what comes over each wire while somebody scans or swipes."""

from __future__ import annotations

from collections.abc import Iterator

from tillbench.host.boards.bringup.person import Person
from tillbench.host.boards.bringup.wires import Wires, Wiring
from tillbench.host.boards.doctor import Finding

WAIT_MS = 8000
SCAN_MS = 3000
_LEAST_CLOCKS = 100
"""Of a track 2: 37 characters of 5 bits, less what a hand loses at the edges."""
_STRIPE = (("stripe_cls", "CLS"), ("stripe_rcl", "RCL"), ("stripe_rdt", "RDT"))


def scanner(wires: Wires, person: Person) -> Iterator[Finding]:
    """A code, as bytes. What it says is not told: it may be a customer's."""
    wiring = Wiring.of(wires)
    if "scanner_rx" not in wiring.gpio:
        yield Finding(False, "scanner", "this board has no UART left for one: docs/boards.md")
        return
    wire = wiring.pin("scanner_rx", "RX")
    person.do("scan a code, several times")
    heard = wires.call("scanner", SCAN_MS)
    if not heard:
        yield Finding(False, "scanner", f"nothing came over {wire}: its supply, its TX wire, or it was set to USB")
    elif any(not 0x20 <= byte < 0x7F and byte not in b"\r\n\t" for byte in heard):
        yield Finding(False, "scanner", f"{len(heard)} bytes over {wire}, and they are no text: set it to 9600 8N1")
    elif heard[-1:] not in (b"\r", b"\n"):
        yield Finding(False, "scanner", f"{len(heard)} characters over {wire} without an end: have it send CR")
    else:
        yield Finding(True, "scanner", f"{len(heard)} characters over {wire}, ended as they have to be")


def stripe(wires: Wires, person: Person) -> Iterator[Finding]:
    """The three lines at rest, the edges of a swipe, then a swipe as the driver reads it. No card data is told."""
    wiring = Wiring.of(wires)
    wire = {name: wiring.pin(name, caption) for name, caption in _STRIPE}
    low = [name for name, _ in _STRIPE if not wires.call("level", name)[1]]
    for name in low:
        yield Finding(
            False, "stripe", f"{wire[name]} is held low at rest: a short to ground, or the head has no supply"
        )
    if low:
        return
    person.do("swipe a card")
    falls = dict(zip((name for name, _ in _STRIPE), wires.call("stripe", WAIT_MS), strict=True))
    if not any(falls.values()):
        yield Finding(False, "stripe", "no edge on any of the three wires: the head's supply or ground, or no swipe")
        return
    silent = [name for name, count in falls.items() if not count]
    for name in silent:
        others = " and ".join(f"{count} on {wire[other]}" for other, count in falls.items() if count)
        yield Finding(False, "stripe", f"no edge on {wire[name]}, {others}: its wire is broken")
    if silent:
        return
    clocks = falls["stripe_rcl"]
    enough = clocks >= _LEAST_CLOCKS
    yield Finding(enough, "stripe", f"{clocks} clocks" + ("" if enough else ": swipe more slowly, or clean the head"))
    person.do("swipe it again")
    read, reason = wires.call("swipe", WAIT_MS)
    yield Finding(
        read, "swipe", "read, with parity and LRC" if read else f"{reason}: RCL and RDT exchanged, or too quick"
    )
