"""PC/SC as its own calls have it: the suite looks at what a convenient layer would smooth over."""

from __future__ import annotations

from typing import Any, NamedTuple

try:
    from smartcard import scard
except ImportError:
    raise ImportError("no pyscard, through which this suite talks to PC/SC: pip install 'tillbench[pcsc]'") from None

SHARED, EXCLUSIVE = scard.SCARD_SHARE_SHARED, scard.SCARD_SHARE_EXCLUSIVE
T0, T1 = scard.SCARD_PROTOCOL_T0, scard.SCARD_PROTOCOL_T1
ANY = T0 | T1
LEAVE, WARM, COLD = scard.SCARD_LEAVE_CARD, scard.SCARD_RESET_CARD, scard.SCARD_UNPOWER_CARD
PRESENT, EMPTY, CHANGED = scard.SCARD_STATE_PRESENT, scard.SCARD_STATE_EMPTY, scard.SCARD_STATE_CHANGED
SHARING_VIOLATION = scard.SCARD_E_SHARING_VIOLATION
TIMEOUT, NO_SERVICE = scard.SCARD_E_TIMEOUT, scard.SCARD_E_NO_SERVICE
PROTOCOL_REFUSED = (scard.SCARD_E_PROTO_MISMATCH, scard.SCARD_E_INVALID_VALUE)
DIRECT = scard.SCARD_SHARE_DIRECT
ATR_STRING, SERIAL_NUMBER = scard.SCARD_ATTR_ATR_STRING, scard.SCARD_ATTR_VENDOR_IFD_SERIAL_NO
GET_FEATURE_REQUEST = scard.SCARD_CTL_CODE(3400)


class ScardError(Exception):
    """A call that failed: its `code`, and PC/SC's own words for it."""

    def __init__(self, call: str, code: int) -> None:
        super().__init__(f"{call}: {scard.SCardGetErrorMessage(code)} ({code & 0xFFFFFFFF:08X})")
        self.code = code


class Event(NamedTuple):
    """State of a reader: flags, and the ATR of the card in it."""

    state: int
    atr: bytes


def _checked(call: str, result: Any) -> Any:
    """The values of a call's answer, without its code. Raises ScardError."""
    code, *values = result if isinstance(result, (list, tuple)) else (result,)
    if code != scard.SCARD_S_SUCCESS:
        raise ScardError(call, code)
    return values


class Context:
    """A client of pcscd."""

    def __init__(self) -> None:
        (self._context,) = _checked("SCardEstablishContext", scard.SCardEstablishContext(scard.SCARD_SCOPE_USER))

    def readers(self) -> list[str]:
        """Names of all readers."""
        (names,) = _checked("SCardListReaders", scard.SCardListReaders(self._context, []))
        return list(names)

    def state(self, reader: str, known: int = scard.SCARD_STATE_UNAWARE, timeout_ms: int = 0) -> Event:
        """The state of a reader; with a `known` one, when it is another. Raises ScardError with `TIMEOUT`."""
        (states,) = _checked(
            "SCardGetStatusChange", scard.SCardGetStatusChange(self._context, timeout_ms, [(reader, known)])
        )
        _name, state, atr = states[0]
        return Event(state, bytes(atr))

    def connect(self, reader: str, share: int = SHARED, protocol: int = ANY) -> Connection:
        """Raises ScardError."""
        handle, active = _checked("SCardConnect", scard.SCardConnect(self._context, reader, share, protocol))
        return Connection(handle, active)

    def close(self) -> None:
        """Let go of pcscd."""
        scard.SCardReleaseContext(self._context)


class Connection:
    """A connection to a card; `protocol` is the one in use."""

    def __init__(self, handle: Any, protocol: int) -> None:
        self._handle = handle
        self.protocol = protocol

    def transmit(self, apdu: bytes) -> bytes:
        """One TPDU at T=0, one APDU at T=1. Raises ScardError."""
        pci = scard.SCARD_PCI_T1 if self.protocol == T1 else scard.SCARD_PCI_T0
        (answer,) = _checked("SCardTransmit", scard.SCardTransmit(self._handle, pci, list(apdu)))
        return bytes(byte & 0xFF for byte in answer)

    def send(self, apdu: bytes) -> tuple[bytes, bytes]:
        """An APDU, whatever the protocol: 61xx is fetched, 6Cxx asked again. Data and status word."""
        if self.protocol == T1:
            answer = self.transmit(apdu)
            return answer[:-2], answer[-2:]
        sent = apdu[: 5 + apdu[4]] if len(apdu) > 5 else apdu.ljust(5, b"\x00")
        answer = self.transmit(sent)
        data = answer[:-2]
        while answer[-2] in (0x61, 0x6C):
            sent = bytes.fromhex("00C00000") if answer[-2] == 0x61 else sent[:4]
            answer = self.transmit(sent + answer[-1:])
            data += answer[:-2]
        return data, answer[-2:]

    def reconnect(self, how: int, share: int = SHARED) -> None:
        """Reset the card: `LEAVE`, `WARM` or `COLD`."""
        (self.protocol,) = _checked("SCardReconnect", scard.SCardReconnect(self._handle, share, ANY, how))

    def atr(self) -> bytes:
        """The answer to reset."""
        _reader, _state, _protocol, atr = _checked("SCardStatus", scard.SCardStatus(self._handle))
        return bytes(atr)

    def attribute(self, number: int) -> bytes:
        """A reader's attribute. Raises ScardError."""
        (value,) = _checked("SCardGetAttrib", scard.SCardGetAttrib(self._handle, number))
        return bytes(byte & 0xFF for byte in value)

    def control(self, code: int, data: bytes = b"") -> bytes:
        """A command to the reader. Raises ScardError."""
        (answer,) = _checked("SCardControl", scard.SCardControl(self._handle, code, list(data)))
        return bytes(byte & 0xFF for byte in answer)

    def begin(self) -> None:
        """From now on the card is this connection's alone."""
        _checked("SCardBeginTransaction", scard.SCardBeginTransaction(self._handle))

    def end(self, how: int = LEAVE) -> None:
        """Others may have the card again."""
        _checked("SCardEndTransaction", scard.SCardEndTransaction(self._handle, how))

    def disconnect(self, how: int = LEAVE) -> None:
        """The end of the connection; without an effect the second time."""
        scard.SCardDisconnect(self._handle, how)
