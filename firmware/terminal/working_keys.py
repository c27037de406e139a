"""The working keys of the day: PIK for PIN blocks, MAK for message authentication.

They come with the answer to the sign-on, each encrypted under the terminal master key and followed by its check
value (KCV, first 4 bytes of the key's encryption of zeros). That is also how they lie on flash: as received. The
keys in clear exist only in RAM.
"""

from crypto.des import TDES, kcv

from terminal import store

_KEY = 16
_KCV = 4


class KeyRefused(Exception):
    """The key block of a sign-on cannot be used; the argument is a line for the screen, never a value."""


class WorkingKeys:
    """PIK and MAK under `tmk`, in the record at `path`; empty until `adopt` when that has nothing usable."""

    def __init__(self, path: str, tmk: bytes) -> None:
        self._path = path
        self._tmk = tmk
        self.pik = b""
        self.mak = b""
        body = store.read(path)
        if body is not None:
            try:
                self._decrypt(body)
            except KeyRefused:
                # Another master key was loaded since: not damage, but a sign-on is due.
                self.forget()

    @property
    def ready(self) -> bool:
        """True when there are keys to authenticate a message with."""
        return bool(self.mak)

    def forget(self) -> None:
        """Drops the clear keys: nothing can be sent until the next sign-on."""
        self.pik = b""
        self.mak = b""

    def adopt(self, key_block: bytes) -> None:
        """Verifies F62 of a sign-on with double-length keys (40 bytes: PIK, KCV, MAK, KCV) and stores it.

        Raises KeyRefused, and keeps the keys it has, when the length or a check value is wrong.
        """
        self._decrypt(key_block)
        store.replace(self._path, key_block)

    def _decrypt(self, key_block: bytes) -> None:
        if len(key_block) != 2 * (_KEY + _KCV):
            raise KeyRefused("%d BYTES, NOT 40" % len(key_block))
        pik = self._part("PIK", key_block[:20])
        mak = self._part("MAK", key_block[20:])
        self.pik = pik
        self.mak = mak

    def _part(self, name: str, part: bytes) -> bytes:
        master = TDES(self._tmk)
        key = bytes(master.decrypt(part[:8])) + bytes(master.decrypt(part[8:_KEY]))
        if bytes(kcv(key)) != part[_KEY:]:
            raise KeyRefused("CHECK VALUE %s" % name)
        return key
