"""The PC/SC readers of this computer: which there are, whether a card is in them, and when that changes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from tillbench.host.emv_run.pcsc_slot import NO_PYSCARD, NoReader, no_pcscd
from tillbench.host.pcsc.lent_card import LentCard, lend

_LOOK_MS = 1000
"""A card that comes or goes is told at once, a reader at the next look."""
_END_S = 5.0


@dataclass(frozen=True)
class ReaderState:
    """A reader. `atr`: of the card in it, empty without one or from one that is mute."""

    name: str
    has_card: bool
    atr: bytes = b""


Listener = Callable[[Sequence[ReaderState]], None]


class CardReaders(Protocol):
    """Readers, the computer's or played ones.

    Attributes:
        listeners: hear the states of all readers when one of them has changed, in any thread.
    """

    listeners: list[Listener]

    def look(self) -> Sequence[ReaderState]:
        """The readers there are, which are watched from now on. Raises NoReader: PC/SC cannot be had."""

    def lend(self, name: str) -> LentCard:
        """The card in the reader of exactly that name. Raises NoReader."""

    def close(self) -> None:
        """Watch no longer."""


class ComputerReaders:
    """Those that pcscd knows. A thread watches them once somebody has looked."""

    def __init__(self) -> None:
        self.listeners: list[Listener] = []
        self._states: tuple[ReaderState, ...] = ()
        self._watch: threading.Thread | None = None
        self._ended = threading.Event()
        self._lock = threading.Lock()
        self._context: Any = None
        self._cancel: Callable[[Any], object] = lambda context: None

    def look(self) -> Sequence[ReaderState]:
        """See `CardReaders`."""
        with self._lock:
            if self._watch is None or not self._watch.is_alive():
                self._begin()
            return self._states

    def _begin(self) -> None:
        try:
            from smartcard import scard
        except ImportError:
            raise NoReader(NO_PYSCARD) from None
        code, self._context = scard.SCardEstablishContext(scard.SCARD_SCOPE_USER)
        if code != scard.SCARD_S_SUCCESS:
            raise no_pcscd(scard.SCardGetErrorMessage(code))
        self._cancel = scard.SCardCancel
        try:
            flags = self._wait(scard, {}, 0)
        except NoReader:
            scard.SCardReleaseContext(self._context)
            raise
        self._watch = threading.Thread(target=self._go_on, args=(scard, flags), name="PC/SC readers", daemon=True)
        self._watch.start()

    def lend(self, name: str) -> LentCard:
        """See `CardReaders`."""
        names = [state.name for state in self.look()]
        if name not in names:
            raise NoReader(f"no reader is called {name!r}; there is {', '.join(names) or 'none'}")
        return lend(name)

    def close(self) -> None:
        """See `CardReaders`."""
        self._ended.set()
        if self._watch is not None and self._watch.is_alive():
            self._cancel(self._context)
            self._watch.join(_END_S)

    def _go_on(self, scard: Any, flags: dict[str, int]) -> None:
        while not self._ended.is_set():
            before = self._states
            try:
                flags = self._wait(scard, flags, _LOOK_MS)
            except NoReader:
                self._states = ()  # pcscd has ended; whoever looks next begins anew
                break
            finally:
                if self._states != before and not self._ended.is_set():
                    for listener in self.listeners:
                        listener(self._states)
        scard.SCardReleaseContext(self._context)

    def _wait(self, scard: Any, known: dict[str, int], timeout_ms: int) -> dict[str, int]:
        """Wait until a reader is other than `known`, or for so long; take note of them all. Raises NoReader."""
        code, names = scard.SCardListReaders(self._context, [])
        if code not in (scard.SCARD_S_SUCCESS, scard.SCARD_E_NO_READERS_AVAILABLE):
            raise no_pcscd(scard.SCardGetErrorMessage(code))
        if not names:
            self._states = ()
            self._ended.wait(timeout_ms / 1000)
            return {}
        if set(names) != set(known):
            known, timeout_ms = {}, 0
        asked = [(name, known.get(name, scard.SCARD_STATE_UNAWARE)) for name in names]
        code, found = scard.SCardGetStatusChange(self._context, timeout_ms, asked)
        if code in (scard.SCARD_E_TIMEOUT, scard.SCARD_E_CANCELLED) and known:
            return known
        if code == scard.SCARD_E_UNKNOWN_READER:  # it left in between
            return {}
        if code != scard.SCARD_S_SUCCESS:
            raise no_pcscd(scard.SCardGetErrorMessage(code))
        self._states = tuple(
            ReaderState(name, bool(flags & scard.SCARD_STATE_PRESENT), bytes(atr)) for name, flags, atr in found
        )
        return {name: flags & ~scard.SCARD_STATE_CHANGED for name, flags, _atr in found}
