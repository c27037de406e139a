"""The one error of this package, and the numbers it gives to the parts of a frame that are no data element."""

LENGTH, TPDU, HEADER = -3, -2, -1  # framing, in the order on the wire
MTI, BITMAP = 0, 1
END = 65  # what follows the last field

_PARTS = {LENGTH: "length", TPDU: "TPDU", HEADER: "header", MTI: "message type", BITMAP: "bitmap", END: "end"}


class FormatError(ValueError):
    """A message or a value that the dialect does not allow.

    field: data element 2..64, or one of LENGTH, TPDU, HEADER, MTI, BITMAP, END above.
    offset: in bytes; decoding: where the offending byte is (a value that is cut short: where the value starts),
    encoding: where the field would start. Counted from the message type; in framing errors from the length prefix.
    name: the dialect's name of the field, for people; it takes no part in comparisons between codecs.
    """

    def __init__(self, field: int, offset: int, expected: str, found: str, name: str = "") -> None:
        super().__init__(field, offset, expected, found)
        self.field = field
        self.offset = offset
        self.expected = expected
        self.found = found
        self.name = name

    def __str__(self) -> str:
        what = _PARTS.get(self.field) or f"field {self.field}" + (f" ({self.name})" if self.name else "")
        return f"{what} at byte {self.offset}: expected {self.expected}, found {self.found}"
