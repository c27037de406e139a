"""Somebody on the line between terminal and acquirer who knows the MAC key: answers that look right and are not."""

from __future__ import annotations

import json
from collections.abc import Callable

from psec.des import decrypt_tdes_ecb, encrypt_tdes_ecb
from tillbench.host.acquirer import Connection, Reply
from tillbench.host.terminal import Terminal
from tillbench.protocols.iso8583 import UNIONPAY, Message, framing, mac_input
from tillbench.protocols.iso8583.framing import FrameReader

Change = Callable[[Message], Message]


def master_key(terminal: Terminal) -> bytes:
    """The terminal master key, as the emulator's key slot has it."""
    stored = json.loads((terminal.emulator.options.state / "keyslot.json").read_text())
    return bytes.fromhex(stored["TMK"])


def working_keys(terminal: Terminal) -> tuple[bytes, bytes]:
    """(PIK, MAK) of the last sign-on, out of F62 of the 0810: PIK, check value, MAK, check value."""
    reply = terminal.acquirer.journal("0800")[-1].reply
    assert reply is not None
    block, tmk = reply.data(62), master_key(terminal)
    pik, mak = (decrypt_tdes_ecb(tmk, block[at : at + 16]) for at in (0, 20))
    return bytes(pik), bytes(mak)


def cup_ecb(mak: bytes, data: bytes) -> bytes:
    """The MAC of the dialect: the XOR of all blocks as hex digits, under the key, folded and under the key again."""
    folded = bytes(8)
    data += bytes(-len(data) % 8)
    for at in range(0, len(data), 8):
        folded = bytes(a ^ b for a, b in zip(folded, data[at : at + 8], strict=True))
    digits = folded.hex().upper().encode()
    first = encrypt_tdes_ecb(mak, digits[:8])
    second = encrypt_tdes_ecb(mak, bytes(a ^ b for a, b in zip(first, digits[8:], strict=True)))
    return bytes(second).hex().upper()[:8].encode()


class Forger:
    """Put in a line's way, bends the answers to messages of one type, or puts others before or in place of them.

    Args:
        terminal: whose line it is; must be signed on.
        mti: type of the answers to be bent.
        change: what becomes of an answer; the MAC is made right after it.
        instead: the changed answer goes out in the place of the true one, and not before it.
    """

    def __init__(self, terminal: Terminal, mti: str, change: Change, *, instead: bool) -> None:
        self.forged = 0
        self._mti = mti
        self._change = change
        self._instead = instead
        self._mak = working_keys(terminal)[1]
        self._acquirer = terminal.acquirer
        self._connect = terminal.acquirer.connect
        # The line asks the acquirer for each connection, so this instance's method is the place to stand.
        self._acquirer.connect = self._connected  # type: ignore[method-assign]  # in its place for this test

    def leave(self) -> None:
        """Let everything pass again."""
        self._acquirer.connect = self._connect  # type: ignore[method-assign]  # in its place for this test

    def _connected(self, line: str = "unionpay") -> Connection:
        connection = self._connect(line)
        feed = connection.feed
        connection.feed = lambda data: self._bent(feed(data))  # type: ignore[method-assign]  # in its place for this test
        return connection

    def _bent(self, replies: list[Reply]) -> list[Reply]:
        result = []
        for reply in replies:
            frames = FrameReader().feed(reply.data)
            if len(frames) != 1 or UNIONPAY.decode(frames[0].body).mti != self._mti:
                result.append(reply)
                continue
            self.forged += 1
            message = self._change(UNIONPAY.decode(frames[0].body))
            message.fields[64] = bytes(8)
            message.fields[64] = cup_ecb(self._mak, mac_input(UNIONPAY.encode(message)))
            data = framing.build(frames[0].tpdu, frames[0].header, UNIONPAY.encode(message))
            result.append(reply._replace(data=data))
            if not self._instead:
                result.append(reply)
        return result


def with_field(field: int, value: str | bytes) -> Change:
    """The same answer with another value in one field."""
    return lambda message: Message(message.mti, {**message.fields, field: value})


def without_field(field: int) -> Change:
    """The same answer without one field."""
    return lambda message: Message(message.mti, {n: v for n, v in message.fields.items() if n != field})


def of_type(mti: str) -> Change:
    """The same fields under another message type."""
    return lambda message: Message(mti, dict(message.fields))
