# The one error of this package, and the numbers it gives to the parts of a frame that are no data element.

LENGTH = -3
TPDU = -2
HEADER = -1
MTI = 0
BITMAP = 1
END = 193


class FormatError(ValueError):
    """A message or a value that the dialect does not allow.

    field: data element 2..192, or LENGTH, TPDU, HEADER, MTI, BITMAP, END. offset: bytes, from the message type (in
    framing errors from the length prefix); decoding: of the offending byte, or of the start of a value that is cut
    short; encoding: where the field would start. nibble: 0 high, 1 low half of that byte, else None.
    """

    def __init__(self, field: int, offset: int, expected: str, found: str, nibble: int | None = None) -> None:
        super().__init__(field, offset, expected, found)
        self.field = field
        self.offset = offset
        self.expected = expected
        self.found = found
        self.nibble = nibble
