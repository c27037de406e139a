# Characters of one byte each, as text and back.


def text(piece: bytes) -> str:
    """Characters of one byte each."""
    if not piece or max(piece) < 128:
        return str(piece, "ascii")
    return "".join([chr(c) for c in piece])


def latin(utf8: bytes) -> bytes:
    """UTF-8 as one byte a character; ValueError for a character that has no such byte."""
    return bytes([ord(c) for c in str(utf8, "utf-8")])
