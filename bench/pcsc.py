"""How fast a virtual card is through stock pcscd and pyscard, against the same card without them."""

from __future__ import annotations

import json
import os
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tillbench.host.cards import VirtualCard, load_profile
from tillbench.host.pcsc import Insertion, NoPcsc, PrivatePcscd, ServedCard

from bench.running import HOST_CORE, keep_to
from bench.table import Section, times

CARD = "unionpay-cda-1984"  # has a record of 254 bytes
BATCHES = 25
ROUNDS = 300  # exchanges in a batch
_SEEN_S = 30.0
GET_ATC = bytes.fromhex("80CA9F3605")
CERTIFICATE = bytes.fromhex("00B2021C00")  # record 2 of file 3
T1_ATR = bytes.fromhex("3BE00000813120" + "4535")

Transmit = Callable[[bytes], bytes]


def measure(folder: Path) -> Section:
    """APDUs a second, of 7 and of 256 bytes of answer."""
    del folder
    section = Section(
        "A virtual card in a PC/SC reader",
        f"One client at T=1, the best of {BATCHES} batches of {ROUNDS} exchanges. pcscd is Debian's, in namespaces of "
        "its own; client, daemon and card keep to one core, for they take turns: on two, every turn wakes a core that "
        "has gone to sleep, and that is what makes such figures jump. SCardTransmit is pyscard's `smartcard.scard`, "
        "without its objects around a connection; the peer is the same card over vpcd's protocol on a socket pair, "
        "without pcscd and pyscard.",
    )
    everywhere = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else set()
    keep_to(HOST_CORE)
    try:
        _measure(section)
    except NoPcsc as error:
        section.add("not measured", str(error))
    finally:
        if everywhere:
            os.sched_setaffinity(0, everywhere)
    return section


def _measure(section: Section) -> None:
    """Raises NoPcsc."""
    profile = load_profile(CARD).model_copy(update={"atr": T1_ATR})
    raw = _raw(ServedCard(VirtualCard(profile)))
    with PrivatePcscd() as pcscd:
        insertion = Insertion(pcscd.connect(), ServedCard(VirtualCard(profile)))
        if not insertion.wait_until_seen(_SEEN_S):
            raise NoPcsc("pcscd did not look at the card")
        served = {way: _client({}, pcscd.environment, way) for way in WAYS}
        insertion.pull()
    for what, rate in raw.items():
        for way, found in served.items():
            section.add(f"{what}, through pcscd, {way}", f"{found[what]:,.0f} APDU/s", times(found[what], rate))
        section.add(f"{what}, raw loop", f"{rate:,.0f} APDU/s")


def _client(options: dict[str, Any], environment: dict[str, str], *arguments: str) -> dict[str, float]:
    """What a client in a process of its own measures, as it would be: two in one take turns at Python's lock."""
    client = subprocess.run(
        [sys.executable, "-m", "bench.pcsc", *arguments],
        env=os.environ | environment,
        cwd=Path(__file__).parents[1],
        capture_output=True,
        text=True,
        **options,
    )
    if client.returncode:
        raise NoPcsc(client.stderr.splitlines()[-1])
    found: dict[str, float] = json.loads(client.stdout)
    return found


def _raw(card: ServedCard) -> dict[str, float]:
    ours, theirs = socket.socketpair()
    insertion = Insertion(ours, card)
    with theirs:
        found = _client({"pass_fds": [theirs.fileno()]}, {}, str(theirs.fileno()))
    insertion.wait()
    insertion.pull()
    return found


def _through_scard() -> dict[str, float]:
    from smartcard import scard

    def done(code: int, *found: Any) -> Any:
        if code != scard.SCARD_S_SUCCESS:
            raise NoPcsc(scard.SCardGetErrorMessage(code))
        return found[0] if found else None

    context = done(*scard.SCardEstablishContext(scard.SCARD_SCOPE_USER))
    (reader, *_) = done(*scard.SCardListReaders(context, []))
    card = done(*scard.SCardConnect(context, reader, scard.SCARD_SHARE_SHARED, scard.SCARD_PROTOCOL_T1)[:2])

    def transmit(apdu: bytes) -> bytes:
        code, answer = scard.SCardTransmit(card, scard.SCARD_PCI_T1, list(apdu))
        return bytes(answer) if code == scard.SCARD_S_SUCCESS else done(code)

    found = _rates(transmit)
    done(scard.SCardDisconnect(card, scard.SCARD_LEAVE_CARD))
    done(scard.SCardReleaseContext(context))
    return found


def _through_pyscard() -> dict[str, float]:
    from smartcard.System import readers

    connection = readers()[0].createConnection()
    connection.connect()

    def transmit(apdu: bytes) -> bytes:
        data, sw1, sw2 = connection.transmit(list(apdu))
        return bytes([*data, sw1, sw2])

    found = _rates(transmit)
    connection.disconnect()
    connection.release()
    return found


def _through_socket(stream: socket.socket) -> dict[str, float]:
    size = struct.Struct(">H")

    def transmit(apdu: bytes) -> bytes:
        stream.sendall(size.pack(len(apdu)) + apdu)
        return stream.recv(size.unpack(stream.recv(2, socket.MSG_WAITALL))[0], socket.MSG_WAITALL)

    return _rates(transmit)


def _rates(transmit: Transmit) -> dict[str, float]:
    profile = load_profile(CARD)
    application = profile.applications[0]
    size = sum(entry.length for entry in application.pdol)
    for apdu in (
        bytes([0, 0xA4, 4, 0, len(application.aid)]) + application.aid,
        b"\x80\xa8\x00\x00" + bytes([size + 2, 0x83, size]) + bytes(size),
    ):
        assert transmit(apdu)[-2:] == b"\x90\x00"
    found = {}
    # Record 2 of file 3 is the issuer's certificate.
    for what, apdu, length in (
        ("GET DATA, 7 bytes", GET_ATC, 7),
        ("READ RECORD, 256 bytes", b"\x00\xb2\x02\x1c\x00", 256),
    ):
        assert len(transmit(apdu)) == length
        found[what] = ROUNDS / min(_batch(transmit, apdu) for _ in range(BATCHES))
    return found


def _batch(transmit: Transmit, apdu: bytes) -> float:
    start = time.perf_counter()
    for _ in range(ROUNDS):
        transmit(apdu)
    return time.perf_counter() - start


WAYS: dict[str, Callable[[], dict[str, float]]] = {
    "pyscard's connection": _through_pyscard,
    "pyscard's SCardTransmit": _through_scard,
}


if __name__ == "__main__":
    (given,) = sys.argv[1:]
    print(json.dumps(WAYS[given]() if given in WAYS else _through_socket(socket.socket(fileno=int(given)))))
