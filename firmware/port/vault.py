"""Virtual entropy and key slot: both live in the bench, which seeds the one and fills the other with test keys."""

from struct import pack

from micropython import const
from port import link as _link

_ENTROPY = const(1)
_KEY = const(2)
_BYTES = const(0x11)


def entropy(n: int) -> bytes:
    """`n` random bytes from the bench's seeded source."""
    return _link.link().request(_link.VAULT, pack("<BH", _ENTROPY, n))[1:]


class KeySlot:
    """Keys by name; the terminal master key is "TMK"."""

    def key(self, name: str) -> bytes:
        """The key.

        Raises:
            KeyError: the slot is empty.
        """
        answer = _link.link().request(_link.VAULT, bytes((_KEY,)), name.encode())
        if answer[0] != _BYTES:
            raise KeyError(name)
        return answer[1:]
