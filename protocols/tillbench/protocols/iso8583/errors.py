"""The one error of this package, and the numbers it gives to the parts of a frame that are no data element."""

STX, LENGTH, TPDU, HEADER = -4, -3, -2, -1  # framing, in the order on the wire
MTI, BITMAP = 0, 1
END = 193  # what follows the last field; the largest data element is 192
ETX, LRC = 194, 195  # framing again, behind the message

_PARTS = {
    STX: "STX",
    LENGTH: "length",
    TPDU: "TPDU",
    HEADER: "header",
    MTI: "message type",
    BITMAP: "bitmap",
    END: "end",
    ETX: "ETX",
    LRC: "LRC",
}
_NIBBLES = {None: "", 0: ", high nibble", 1: ", low nibble"}
_ROW = 16


class FormatError(ValueError):
    """A message or a value that the dialect does not allow.

    field: data element 2..192, or one of the constants above.
    offset: in bytes; decoding: where the offending byte is (a value that is cut short: where the value starts),
    encoding: where the field would start. Counted from the message type; in framing errors from the length prefix.
    nibble: 0 or 1 when it is the high or the low half of that byte, else None.
    part: which subfield or tag inside the field, as a path: "9F26", "2.1".
    name: the dialect's name of the field, for people; it takes no part in comparisons between codecs.
    Neither the text nor the attributes hold more of the message than the one thing found wrong; `around` shows the
    bytes, when the caller has them and may show them.
    """

    def __init__(
        self,
        field: int,
        offset: int,
        expected: str,
        found: str,
        name: str = "",
        nibble: int | None = None,
        part: str = "",
    ) -> None:
        super().__init__(field, offset, expected, found)
        self.field = field
        self.offset = offset
        self.expected = expected
        self.found = found
        self.name = name
        self.nibble = nibble
        self.part = part

    @property
    def path(self) -> str:
        """Where it is, without the offset: `55.9F26`, `48`, `bitmap`."""
        what = _PARTS.get(self.field) or str(self.field)
        return f"{what}.{self.part}" if self.part else what

    @property
    def key(self) -> tuple[int, str, int, int | None, str, str]:
        """What all codecs agree on: field, part, offset, nibble, expected, found."""
        return self.field, self.part, self.offset, self.nibble, self.expected, self.found

    def __str__(self) -> str:
        what = _PARTS.get(self.field) or f"field {self.field}" + (f" ({self.name})" if self.name else "")
        part = f", part {self.part}," if self.part else ""
        where = f"{what}{part} at byte {self.offset}{_NIBBLES[self.nibble]}"
        return f"{where}: expected {self.expected}, found {self.found}"

    def around(self, data: bytes) -> list[str]:
        """The bytes of the message around the fault, as a hex row with a mark under the place; card data and all."""
        first = max(0, min(self.offset, len(data)) - _ROW // 2)
        row = data[first : first + _ROW]
        prefix = f"{first:04X}  "
        column = len(prefix) + (self.offset - first) * 3 + (self.nibble or 0)
        return [prefix + row.hex(" ").upper(), " " * column + ("^" if self.nibble is not None else "^^")]
