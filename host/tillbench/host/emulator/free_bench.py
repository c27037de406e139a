"""A bench for a board with real parts, a clock of its own, and a link over which it mirrors what happens to them."""

from __future__ import annotations

import select
import struct
from collections.abc import Callable
from typing import Any

from tillbench.host.emulator.bench import Bench
from tillbench.host.emulator.link import LinkLost
from tillbench.host.emulator.wires import Timer
from tillbench.protocols.link import NEVER, Channel, Event

_TO_DEVICE = (Channel.SYSTEM, Channel.EVENT, Channel.DESK)
"""All else that models would send has a real part in its place."""
_ASK_US = 500_000


class FreeBench(Bench):
    """Watches; of what models do nothing reaches the board but keys. Its clock is the computer's.

    Attributes:
        on_key: hears the code of each key that a finger has pressed, `*` during PIN entry.
        on_apdu: hears each command to the card, PIN data masked, with its response.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **{**options, "realtime": True})
        self.on_key: Callable[[int], None] = lambda code: None
        self.on_apdu: Callable[[bytes, bytes], None] = lambda command, response: None
        self._asking: Timer | None = None

    def press(self, code: int) -> None:
        """Have the board press a key."""
        self._post(Channel.EVENT, bytes([Event.KEY, code]))

    def _post(self, channel: Channel, payload: bytes) -> None:
        if channel in _TO_DEVICE:
            super()._post(channel, payload)

    def _welcome(self, text: str) -> None:
        self.settings["steered"] = "0"
        super()._welcome(text)
        self._idle_until = NEVER
        if self._asking is not None:
            self._asking.cancel()
        self._asking = self.clock.after(_ASK_US, self._ask)

    def _ask(self) -> None:
        """A frame that was lost, and had none after it, is found out about."""
        if self.end is not None:
            self._heard(self.end.ask)
            self._asking = self.clock.after(_ASK_US, self._ask)

    def _heard(self, listen: Callable[[], list[tuple[Channel, bytes]]]) -> None:
        try:
            messages = listen()
        except LinkLost as error:
            raise self._died(error) from None
        self._take_all(messages)

    def _grant(self, limit: int) -> bool:
        """Let time pass to the next appointment, or until somebody says something."""
        assert self.pace is not None
        if self._pending:
            batch, self._pending = self._pending, []
            self._send_all(batch)
            return True
        due = self.clock.next_due()
        moment = max(limit if due is None else min(due, limit), self.clock.now)
        end = self.end
        wires = [] if end is None else [end.wire]
        ready = select.select([*wires, *self.externals], [], [], self.pace.seconds_until(moment))[0]
        self.clock.advance_to(max(min(self.pace.now_us, moment), self.clock.now) if ready else moment)
        for source in ready:
            if end is not None and source is end.wire:
                if self.end is end:
                    self._heard(lambda: end.receive(0))
            else:
                self.externals[source]()
        return True

    def _take(self, channel: Channel, payload: bytes) -> None:
        op = payload[0] if payload else -1
        match channel:
            case Channel.EVENT if op == Event.KEY:
                self.on_key(payload[1])
            case Channel.EVENT if op == Event.APDU:
                (size,) = struct.unpack_from("<H", payload, 1)
                self.on_apdu(payload[3 : 3 + size], payload[3 + size :])
            case _:
                super()._take(channel, payload)
