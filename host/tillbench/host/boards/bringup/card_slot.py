"""Card slot: switch, supply and the one wire of I/O while it is empty; then a card and its ATR."""

from __future__ import annotations

from collections.abc import Iterator

from tillbench.host.boards.bringup.person import Person
from tillbench.host.boards.bringup.wires import Wires, Wiring
from tillbench.host.boards.doctor import Finding
from tillbench.protocols.atr import first_protocol

ECHO = b"\x55\xaa"
WAIT_STEPS = 40
_STEP_MS = 200


def examine(wires: Wires, person: Person) -> Iterator[Finding]:
    """Empty, then with a card in it."""
    wiring = Wiring.of(wires)
    switch = wiring.pin("card_present", "the switch")
    person.do("take the card out of the slot")
    is_out = _switch_comes_to(wires, 1)
    yield Finding(
        is_out,
        "switch",
        f"{switch} is open in an empty slot"
        if is_out
        else f"{switch} says that a card is in: shorted to ground, no pull-up, or a switch that opens with a card",
    )
    if not is_out:
        return
    powered = wires.call("card_io")
    rx, vcc = wiring.pin("card_rx", "RX"), wiring.pin("card_vcc", "VCC enable")
    if not powered[1]:
        yield Finding(False, "I/O", f"{rx} is held low with the supply on: the transistor of TX, or a short to ground")
        return
    if not powered[0]:
        yield Finding(False, "I/O", f"{rx} has no pull-up with the supply on: {vcc}, its transistor, or the 10 kOhm")
        return
    yield Finding(True, "I/O", f"{rx} is high with the supply on")
    echo = wires.call("card_echo", ECHO)
    tx = wiring.pin("card_tx", "TX")
    yield Finding(
        echo == ECHO,
        "echo",
        f"{rx} hears what {tx} sends"
        if echo == ECHO
        else f"{rx} heard {echo.hex(' ').upper() or 'nothing'} of {ECHO.hex(' ').upper()} that {tx} sent: "
        "TX does not reach I/O: its wire, or the open-drain transistor",
    )
    if echo != ECHO:
        return
    person.do("insert a chip card")
    if not _switch_comes_to(wires, 0):
        yield Finding(False, "switch", f"{switch} did not close: its wire, or no card was inserted")
        return
    yield Finding(True, "switch", f"{switch} closes with a card")
    yield _answer_to_reset(wires, wiring)


def _switch_comes_to(wires: Wires, level: int) -> bool:
    for _ in range(WAIT_STEPS):
        if wires.call("settled", "card_present", _STEP_MS) == level:
            return True
    return False


def _answer_to_reset(wires: Wires, wiring: Wiring) -> Finding:
    reason, raw = wires.call("card_reset")
    if raw:
        return Finding(True, "ATR", f"{raw.hex(' ').upper()}, T={first_protocol(raw)}")
    if reason.startswith("MUTE"):
        contacts = ", ".join(
            wiring.pin(name, caption)
            for name, caption in (("card_clk", "CLK"), ("card_rst", "RST"), ("card_vcc", "VCC"))
        )
        return Finding(False, "ATR", f"{reason}: I/O is well, so {contacts}, or the card upside down")
    return Finding(False, "ATR", f"{reason}: another clock than 4 MHz, or a loose contact of I/O")
