"""A file on a terminal's flash image, read by the device's own LittleFS."""

# mypy: disable-error-code="import-not-found"

import vfs
from port.flash import FlashFile


def contents(image: str, size: int, name: str) -> "bytes | None":
    """The bytes of the file, or None if there is no such file. The image must not be in use: hand over a copy."""
    vfs.mount(FlashFile(image, size), "/look")
    try:
        with open("/look/" + name, "rb") as file:
            return file.read()
    except OSError:
        return None
    finally:
        vfs.umount("/look")


def fill(image: str, size: int, left: int) -> None:
    """Fill the image up to about `left` bytes. It must not be in use."""
    import os

    vfs.mount(FlashFile(image, size), "/look")
    status = os.statvfs("/look")
    with open("/look/filler", "wb") as file:
        for _ in range(status[3] - left // status[0]):
            file.write(bytes(status[0]))
    vfs.umount("/look")


def echo(value: object) -> object:
    """The same again."""
    return value
