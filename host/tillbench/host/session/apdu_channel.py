"""APDUs to a card that may speak T=0: the terminal's transport layer (EMV 4.3 Book 1, 9.3.1)."""

from __future__ import annotations

from tillbench.host.emv_run.card_guard import Slot
from tillbench.protocols.atr import first_protocol

_GET_RESPONSE = bytes.fromhex("00C00000")
_MOST_FETCHES = 32
_CASE_4_WARNINGS = (0x62, 0x63)


class ApduChannel:
    """Sends APDUs through a slot; `reset` first."""

    def __init__(self, slot: Slot) -> None:
        self._slot = slot
        self._protocol = 0

    def reset(self) -> bytes:
        """The answer to reset, `b""` without one; its first protocol is the one used."""
        atr = self._slot.reset()
        self._protocol = first_protocol(atr)
        return atr

    def send(self, apdu: bytes) -> tuple[bytes, bytes]:
        """Data and status word; both empty if the card is mute or gone."""
        if self._protocol == 1:
            return _split(self._slot.transmit(apdu))
        header = apdu[: 5 + apdu[4]] if len(apdu) > 5 else apdu.ljust(5, b"\x00")
        is_case_4 = len(apdu) > len(header)  # Le stays behind at T=0
        sent = header
        data, status = _split(self._slot.transmit(sent))
        warning = b""
        for _ in range(_MOST_FETCHES):
            if status[:1] == b"\x6c":
                sent = sent[:4] + status[1:] + sent[5:]
            elif status[:1] == b"\x61":
                sent = _GET_RESPONSE + status[1:]
            elif is_case_4 and not data and not warning and status[:1] and status[0] in _CASE_4_WARNINGS:
                warning, sent = status, _GET_RESPONSE + b"\x00"
            else:
                break
            more, status = _split(self._slot.transmit(sent))
            data += more
        return data, warning if warning and status == b"\x90\x00" else status


def _split(answer: bytes | None) -> tuple[bytes, bytes]:
    return (b"", b"") if answer is None else (answer[:-2], answer[-2:])
