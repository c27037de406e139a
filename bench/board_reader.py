"""How fast the board is as a PC/SC reader, against a virtual card in stock pcscd's virtual reader."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

from tillbench.host.cards import VirtualCard, load_profile
from tillbench.host.emulator.qemu_images import NoQemu
from tillbench.host.pcsc import Insertion, NoPcsc, PrivatePcscd, SerialPcscd, ServedCard
from tillbench.host.reader import BoardSlot, ReaderBoard

from bench.table import Section, times

CARD = "visa-cda"
BATCHES = 5
ROUNDS = 100  # exchanges in a batch
_SEEN_S = 30.0
_CHARACTER_S = {"device": 10 / 115_200, "host": 11 / 115_200}
"""On a real line: 8N1 from the board, libccid sends two stop bits."""
_CARD_CHARACTER_S = 12 * 372 / 4_000_000
GET_ATC = bytes.fromhex("80CA9F3605")
_REQUEST, _ECHO, _ANSWER = 2 + 10 + 5 + 1, 13, 2 + 10 + 7 + 1


def measure(folder: Path) -> Section:
    """APDUs a second: the same GET DATA through each reader, and what a line and a card would leave of it."""
    del folder
    section = Section(
        "The board as a PC/SC reader",
        f"GET DATA with 7 bytes of answer at T=0, the best of {BATCHES} batches of {ROUNDS}, by SCardTransmit in a "
        "process of its own. On the pseudo-terminal there is no baud rate, and the card's characters take no time "
        "(`--fast`). Line and card are computed: characters times their duration.",
    )
    try:
        _measure(section)
    except NoPcsc as error:
        section.add("not measured", str(error))
    on_line = _REQUEST * _CHARACTER_S["host"] + (_ECHO + _ANSWER) * _CHARACTER_S["device"]
    section.add("a line of 115,200 baud, nothing else counted", f"{1 / on_line:,.0f} APDU/s at most")
    section.add("a card at 10,753 baud, nothing else counted", f"{1 / (13 * _CARD_CHARACTER_S):,.0f} APDU/s at most")
    return section


def _measure(section: Section) -> None:
    """Raises NoPcsc."""
    card = load_profile(CARD)
    with PrivatePcscd() as pcscd:
        insertion = Insertion(pcscd.connect(), ServedCard(VirtualCard(card)))
        if not insertion.wait_until_seen(_SEEN_S):
            raise NoPcsc("pcscd did not look at the card")
        peer = _client(pcscd.environment)
        insertion.pull()
    for target in ("unix", "qemu"):
        try:
            with ReaderBoard(target, fast=True) as board, SerialPcscd(board.port.name) as daemon:
                daemon.wait()
                BoardSlot(board).insert(VirtualCard(card))
                rate = _client(daemon.environment)
        except NoQemu as error:
            section.add(f"the board, {target}", f"not measured: {error}")
            continue
        section.add(f"the board, {target}, through pcscd and libccid", f"{rate:,.0f} APDU/s", times(rate, peer))
    section.add("the virtual reader, through pcscd and vpcd", f"{peer:,.0f} APDU/s")


def _client(environment: dict[str, str]) -> float:
    """Exchanges a second. Raises NoPcsc."""
    client = subprocess.run(
        [sys.executable, "-m", "bench.board_reader"],
        env=os.environ | environment,
        cwd=Path(__file__).parents[1],
        capture_output=True,
        text=True,
        check=False,
    )
    if client.returncode:
        raise NoPcsc(client.stderr.splitlines()[-1])
    rate: float = json.loads(client.stdout)
    return rate


def _exchanges() -> float:
    from smartcard import scard

    _, context = scard.SCardEstablishContext(scard.SCARD_SCOPE_USER)
    _, readers = scard.SCardListReaders(context, [])
    _, card, _ = scard.SCardConnect(context, readers[0], scard.SCARD_SHARE_SHARED, scard.SCARD_PROTOCOL_T0)

    def transmit(apdu: bytes) -> bytes:
        _, answer = scard.SCardTransmit(card, scard.SCARD_PCI_T0, list(apdu))
        return bytes(answer)

    aid = load_profile(CARD).applications[0].aid
    assert transmit(bytes([0, 0xA4, 4, 0, len(aid)]) + aid)[0] == 0x61
    best = float("inf")
    for _ in range(BATCHES):
        start = time.perf_counter()
        for _ in range(ROUNDS):
            assert len(transmit(GET_ATC)) == 7
        best = min(best, time.perf_counter() - start)
    return ROUNDS / best


if __name__ == "__main__":
    print(json.dumps(_exchanges()))
