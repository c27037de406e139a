"""Have modules loaded as a stock ESP32 loads them: from files, their code in the heap.

A file of the ROMFS shows its bytes where they lie, so MicroPython runs the code in place. Behind this file system it
only sees a stream.
"""

import io
import os
import sys

import vfs


class _Stream(io.IOBase):
    def __init__(self, file: io.BufferedReader) -> None:
        self._file = file

    def readinto(self, buf: memoryview) -> int:
        return self._file.readinto(buf)

    def ioctl(self, op: int, _: int) -> int:
        if op == 4:  # close
            self._file.close()
        return 0


class _Files:
    def __init__(self, root: str) -> None:
        self._root = root

    def mount(self, readonly: bool, mkfs: bool) -> None:
        pass

    def umount(self) -> None:
        pass

    def stat(self, path: str) -> tuple:
        return os.stat(self._root + path)

    def open(self, path: str, mode: str) -> _Stream:
        return _Stream(open(self._root + path, mode))


def mount(root: str, at: str) -> None:
    """Show what is under `root` at `at`, and look for modules there."""
    vfs.mount(_Files(root), at)
    sys.path[:] = [path.replace(root, at, 1) for path in sys.path]
