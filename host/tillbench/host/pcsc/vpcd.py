"""The card's end of vpcd: a length of two bytes, then as many bytes, both ways.

One byte is a control (0 power off, 1 power on, 2 reset, 4 give the ATR) and only the last of them is answered; more is
an APDU.
"""

from __future__ import annotations

import socket
import struct
import threading
from typing import Protocol

POWER_OFF, POWER_ON, RESET, GIVE_ATR = 0, 1, 2, 4
_SIZE = struct.Struct(">H")
# vpcd writes length and body in two segments, and waits with the second for our acknowledgement of the first, which
# the kernel likes to delay by 40 ms. It forgets the option with every acknowledgement sent.
_QUICKACK = getattr(socket, "TCP_QUICKACK", None)
_PULL_S = 5.0
# After it has powered the card the daemon asks for the ATR, and then again when it next looks at the slot.
_LOOKS_TO_SETTLE = 2
_MUTE_SW = b"\x6f\x00"


class ReaderCard(Protocol):
    """What sits in the reader's slot."""

    @property
    def sound_atr(self) -> bytes:
        """What tells that a card is there, before it has power."""

    def reset(self) -> bytes:
        """Power on, or a reset: the ATR, `b""` from a mute card."""

    def transmit(self, apdu: bytes) -> bytes | None:
        """The answer as PC/SC gives it, with its status word; None from a mute card."""


class Insertion:
    """A card put into a reader; a thread of its own answers until it is pulled or the reader goes away."""

    def __init__(self, stream: socket.socket, card: ReaderCard) -> None:
        """Takes over `stream`, which a `Pcscd` gave."""
        stream.settimeout(None)
        if stream.family == socket.AF_INET:
            stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._stream = stream
        self._card = card
        self._powered = False
        self._settled = threading.Event()
        self.failure: BaseException | None = None
        self._thread = threading.Thread(target=self._serve, name="card in vpcd", daemon=True)
        self._thread.start()

    def pull(self) -> None:
        """Out of the reader, whatever is going on; returns when the daemon has seen it, after up to half a second:
        another card that went in earlier would be taken for this one."""
        try:
            self._stream.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # the reader was quicker
        self._thread.join(_PULL_S)
        self._stream.close()

    def wait_until_seen(self, timeout_s: float) -> bool:
        """Until the daemon has powered the card and looked once more: from then on its clients find the card. About
        half a second, the daemon's own pace; False after `timeout_s`."""
        return self._settled.wait(timeout_s)

    def wait(self, timeout_s: float | None = None) -> bool:
        """Until the reader goes away; False if it is still there after `timeout_s`."""
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _serve(self) -> None:
        try:
            self._answer_all()
        except OSError:
            pass  # pulled, or the daemon has ended
        except BaseException as error:  # must be seen by whoever holds the card, not die with the thread
            self.failure = error
            self._stream.close()

    def _answer_all(self) -> None:
        atr, looks = self._card.sound_atr, 0
        while (request := self._receive()) is not None:
            if len(request) > 1:
                answer = self._card.transmit(request)
                # PC/SC has no word for a card that says nothing: the reader reports a failed command.
                self._send(_MUTE_SW if answer is None else answer)
            elif request[0] == GIVE_ATR:
                # Also the daemon's way to see whether a card is there, powered or not: no reset.
                self._send(atr)
                looks += 1
            elif request[0] in (POWER_ON, RESET):
                atr, looks = self._card.reset(), 0
                self._powered = True
            elif request[0] == POWER_OFF:
                atr = self._card.sound_atr
            if self._powered and looks == _LOOKS_TO_SETTLE:
                self._settled.set()

    def _receive(self) -> bytes | None:
        head = self._read(_SIZE.size)
        if head is None:
            return None
        if _QUICKACK is not None and self._stream.family == socket.AF_INET:
            self._stream.setsockopt(socket.IPPROTO_TCP, _QUICKACK, 1)
        return self._read(_SIZE.unpack(head)[0])

    def _read(self, count: int) -> bytes | None:
        data = b""
        while len(data) < count:
            more = self._stream.recv(count - len(data))
            if not more:
                return None
            data += more
        return data

    def _send(self, content: bytes) -> None:
        self._stream.sendall(_SIZE.pack(len(content)) + content)
