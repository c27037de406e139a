"""Virtual entropy and key slot: both live in the bench, which seeds the one and fills the other with test keys."""

from struct import pack

from micropython import const
from port import link as _link

_ENTROPY = const(1)
_KEY = const(2)
_STORE = const(3)
_ERASE = const(4)
_OFFERED = const(5)
_BYTES = const(0x11)


def _take(payload: memoryview) -> None:
    _link.link().keep_reply(payload)
    # The link reads into this buffer again only when something comes: a key must not lie there until then.
    try:
        for at in range(len(payload)):
            payload[at] = 0
    except TypeError:
        pass  # a message that the link had to hold back is in bytes of its own


def _ask(op: int, data: bytes | bytearray = b"") -> bytes:
    lk = _link.link()
    lk.handlers[_link.VAULT] = _take
    return lk.request(_link.VAULT, bytes((op,)), data)


def _ask_key(op: int, name: str, out: bytearray) -> bool:
    from uctypes import addressof, bytearray_at

    answer = _ask(op, name.encode())
    if answer[0] != _BYTES or len(answer) != 1 + len(out):
        return False
    # `bytes` that nobody holds any more keep what was in them until their memory is used again.
    view = memoryview(bytearray_at(addressof(answer), len(answer)))
    out[:] = view[1:]
    for at in range(len(view)):
        view[at] = 0
    return True


def entropy(n: int) -> bytes:
    """`n` random bytes from the bench's seeded source."""
    return _ask(_ENTROPY, pack("<H", n))[1:]


def offered(name: str, out: bytearray) -> bool:
    """The key that a key loader on the cable has for this terminal, into `out`; False if there is none."""
    return _ask_key(_OFFERED, name, out)


class KeySlot:
    """Keys by name; the terminal master key is "TMK". The bench holds them, and erases them when the case is opened."""

    protected = True

    def key_into(self, name: str, out: bytearray) -> None:
        """The key, into `out`, and into nothing else.

        Raises:
            KeyError: the slot has no such key of that length.
        """
        if not _ask_key(_KEY, name, out):
            raise KeyError(name)

    def store(self, name: str, key: bytearray) -> None:
        """Keep the key, in the place of one that there was."""
        frame = bytearray(name.encode() + b"\0") + key
        _ask(_STORE, frame)
        for at in range(len(frame)):
            frame[at] = 0

    def erase(self) -> None:
        """Forget all keys."""
        _ask(_ERASE)
