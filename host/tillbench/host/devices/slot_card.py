"""A card with five commands and no secrets, to try a slot and its driver with, one T=0 character at a time."""

from __future__ import annotations

ATR = bytes.fromhex("3B600000")
RECORD = bytes(range(0x30, 0x40))


class ScriptedCard:
    """READ RECORD gives 16 bytes, SELECT takes its data and has 61 10, GET RESPONSE gives the same 16 bytes.

    Args:
        atr: answer to every reset.
        one_by_one: acknowledge each data byte of a command by itself.
        pause_etu: before each reply, after the end of the last character.
    """

    def __init__(self, atr: bytes = ATR, *, one_by_one: bool = False, pause_etu: int = 0) -> None:
        self.atr = atr
        self.one_by_one = one_by_one
        self.pause_etu = pause_etu
        self.resets: list[bool] = []
        self.commands: list[bytes] = []
        self._header = bytearray()
        self._data = bytearray()

    def reset(self, cold: bool) -> bytes:
        self.resets.append(cold)
        self._header.clear()
        self._data.clear()
        return self.atr

    def receive(self, data: bytes) -> list[tuple[int, bytes]]:
        for value in data:
            if len(self._header) < 5:
                self._header.append(value)
            else:
                self._data.append(value)
        if len(self._header) < 5:
            return []
        reply = self._reply(self._header[1], self._header[4])
        return [(self.pause_etu, reply)] if reply else []

    def _reply(self, ins: int, p3: int) -> bytes:
        if ins in (0xA4, 0x20, 0x82) and p3 and len(self._data) < p3:
            if self.one_by_one:
                return bytes([ins ^ 0xFF])
            return bytes([ins]) if not self._data else b""
        self.commands.append(bytes(self._header + self._data))
        self._header.clear()
        self._data.clear()
        if ins == 0xA4:
            return b"\x61\x10"
        if ins in (0x20, 0x82):
            return b"\x90\x00"
        if ins not in (0xB2, 0xC0):
            return b"\x6d\x00"
        if p3 != len(RECORD):
            return bytes([0x6C, len(RECORD)])
        if self.one_by_one:
            return b"".join(bytes([ins ^ 0xFF, value]) for value in RECORD) + b"\x90\x00"
        return bytes([ins]) + RECORD + b"\x90\x00"
