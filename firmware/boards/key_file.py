"""A key slot for a board that has none: a file that everybody can read who gets at the flash."""

import os

_MARK = b"KEY1"


class KeyFile:
    """Keys by name, each in a file of its own in `folder`, in clear. `protected` says so to whoever has to warn."""

    protected = False

    def __init__(self, folder: str) -> None:
        self._folder = folder

    def _path(self, name: str) -> str:
        return self._folder + "/key_" + name

    def key_into(self, name: str, out: bytearray) -> None:
        """The key, into `out`, and into nothing else. Raises KeyError when there is none of that length."""
        found = bytearray(len(_MARK) + len(out) + 1)
        try:
            with open(self._path(name), "rb") as f:
                size = f.readinto(found)
        except OSError:
            raise KeyError(name)
        try:
            if size != len(found) - 1 or found[: len(_MARK)] != _MARK:
                raise KeyError(name)
            out[:] = memoryview(found)[len(_MARK) : size]
        finally:
            _zero(found)

    def store(self, name: str, key: bytearray) -> None:
        """Keep the key, in the place of one that there was. Raises OSError; then that one still stands."""
        record = bytearray(_MARK) + key
        beside = self._path(name) + ".new"
        try:
            with open(beside, "wb") as f:
                f.write(record)
            os.rename(beside, self._path(name))
        finally:
            _zero(record)

    def erase(self) -> None:
        """Overwrite and remove all keys. Flash may keep old cells: what protects a key is a part, not this."""
        for name in os.listdir(self._folder):
            if name.startswith("key_"):
                path = self._folder + "/" + name
                size = os.stat(path)[6]
                with open(path, "wb") as f:
                    f.write(bytes(size))
                os.remove(path)


def _zero(buffer: bytearray) -> None:
    for at in range(len(buffer)):
        buffer[at] = 0
