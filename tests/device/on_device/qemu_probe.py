"""What only a board with its flash in memory, and code that hangs, can show."""

import gc
import os

import vfs

_MOUNT = "/journal"


def heap():
    """Bytes of heap in use and free, after a collection."""
    gc.collect()
    return gc.mem_alloc(), gc.mem_free()


def imported(package, name):
    """Heap that a module takes, and memory beside the heap, each time that it is imported; it is forgotten again."""
    import sys

    import romcode

    __import__(package)
    taken = []
    for _ in range(3):
        used, beside = heap()[0], romcode.used()
        __import__(package + "." + name)
        taken.append((heap()[0] - used, romcode.used() - beside))
        del sys.modules[package + "." + name]
        delattr(sys.modules[package], name)
    return taken


def hang():
    """A loop that asks nobody for anything."""
    n = 0
    while True:
        n += 1


def leave():
    """End the program."""
    raise SystemExit("that was all")


def _device(size, cut_after):
    from port import psram
    from port.flash_psram import FlashPsram

    assert psram.window(psram.MAGIC, 4) == psram.MAGIC_WORD
    return FlashPsram(size, cut_after)


def format_psram(size):
    """Make a file system."""
    vfs.VfsLfs2.mkfs(_device(size, 0))


def append_psram(size, cut_after, texts):
    """Mount, append each text to the journal; returns the number of flash operations."""
    device = _device(size, cut_after)
    return _append(device, texts)


def append_file(path, size, texts):
    """The same on a blank flash in a file, formatted first."""
    from port.flash import FlashFile

    device = FlashFile(path, size)
    vfs.VfsLfs2.mkfs(device)
    return _append(FlashFile(path, size), texts)


def _append(device, texts):
    # Without times of modification, which come from the board's own clock, the image is the same on every board.
    vfs.mount(vfs.VfsLfs2(device, mtime=False), _MOUNT)
    for text in texts:
        with open(_MOUNT + "/journal", "a") as file:
            file.write(text)
    vfs.umount(_MOUNT)
    return device.operations


def read_psram(size):
    """What the journal holds; None if there is none."""
    vfs.mount(_device(size, 0), _MOUNT)
    try:
        if "journal" not in os.listdir(_MOUNT):
            return None
        with open(_MOUNT + "/journal") as file:
            return file.read()
    finally:
        vfs.umount(_MOUNT)


def program_over(size):
    """Program ones over zeros, which no NOR flash can."""
    device = _device(size, 0)
    device.writeblocks(3, bytearray(32), 64)
    device.writeblocks(3, bytearray(b"\xff" * 32), 64)


def erase_and_read(size, block, cut_after):
    """Program a block to zeros and erase it; how many bytes are ones then."""
    device = _device(size, cut_after)
    zeros = bytearray(256)
    for offset in range(0, 4096, 256):
        device.writeblocks(block, zeros, offset)
    device.ioctl(6, block)
    buf = bytearray(4096)
    device.readblocks(block, buf)
    return sum(byte == 0xFF for byte in buf)
