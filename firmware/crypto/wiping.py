"""Overwriting what nobody may find in memory later: PINs, keys, passwords."""


def wipe(buffer: bytearray) -> None:
    """Overwrites the buffer with zeros, in place."""
    for i in range(len(buffer)):
        buffer[i] = 0
