"""The working keys of the day: PIK for PIN blocks, MAK for message authentication.

They come with the answer to the sign-on, each encrypted under the terminal master key and followed by its check
value (KCV, first 4 bytes of the key's encryption of zeros). That is also how they lie on flash: as received. The
keys in clear exist only in RAM, in two buffers that are overwritten when the keys end.
"""

from crypto.des import TDES

from terminal import store

_KEY = 16
_KCV = 4
_NONE = b"\x00"
"""The record of a terminal that has signed off."""


class KeyRefused(Exception):
    """The key block of a sign-on cannot be used; the argument is a line for the screen, never a value."""


class WorkingKeys:
    """PIK and MAK under `tmk`, in the record at `path`; zeros until `adopt` when that has nothing usable.

    `tmk` is a buffer that is used, not copied: who zeroes it leaves no master key here.
    """

    def __init__(self, path: str, tmk: "bytes | bytearray") -> None:
        self._path = path
        self._tmk = tmk
        self.pik = bytearray(_KEY)
        self.mak = bytearray(_KEY)
        self.ready = False
        """True when there are keys to authenticate a message with."""
        body = store.read(path)
        if body is not None and body != _NONE:
            try:
                self._decrypt(body)
            except KeyRefused:
                # Another master key was loaded since: not damage, but a sign-on is due.
                self.wipe()

    def wipe(self) -> None:
        """Zeroes the clear keys; what is on flash stays, and the next start has them again."""
        self.ready = False
        for at in range(_KEY):
            self.pik[at] = self.mak[at] = 0

    def forget(self) -> None:
        """Zeroes the clear keys, and takes them off the flash: nothing can be sent until the next sign-on.

        Raises OSError when the flash fails; the clear keys are gone all the same.
        """
        self.wipe()
        store.replace(self._path, _NONE)

    def adopt(self, key_block: bytes) -> None:
        """Verifies F62 of a sign-on with double-length keys (40 bytes: PIK, KCV, MAK, KCV) and stores it.

        Raises KeyRefused, and keeps the keys it has, when the length or a check value is wrong.
        """
        self._decrypt(key_block)
        store.replace(self._path, key_block)

    def _decrypt(self, key_block: bytes) -> None:
        if len(key_block) != 2 * (_KEY + _KCV):
            raise KeyRefused("%d BYTES, NOT 40" % len(key_block))
        fresh = bytearray(2 * _KEY)
        try:
            self._part("PIK", key_block[:20], memoryview(fresh)[:_KEY])
            self._part("MAK", key_block[20:], memoryview(fresh)[_KEY:])
            self.pik[:] = memoryview(fresh)[:_KEY]
            self.mak[:] = memoryview(fresh)[_KEY:]
            self.ready = True
        finally:
            for at in range(2 * _KEY):
                fresh[at] = 0

    def _part(self, name: str, part: bytes, key: memoryview) -> None:
        master = TDES(self._tmk)
        master.decrypt_into(part[:_KEY], key)
        master.wipe()
        cipher = TDES(key)
        check = cipher.encrypt(bytes(8))[:_KCV]
        cipher.wipe()
        if check != part[_KEY:]:
            raise KeyRefused("CHECK VALUE %s" % name)
