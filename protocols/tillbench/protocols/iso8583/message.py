"""An ISO 8583 message as a program handles it."""

from dataclasses import dataclass, field

from tillbench.protocols.iso8583.privacy import masked


@dataclass(slots=True)
class Message:
    """Message type (4 digits) and the values of the data elements present, by number.

    n, z, an and ans values are `str` exactly as long as the field (a fixed field comes padded: amounts with zeros on
    the left, text with spaces on the right); b values are `bytes`. A track has `D` where the stripe has `=`.
    Text holds one character per byte on the wire; `gbk.from_wire` makes readable Chinese of it.
    """

    mti: str
    fields: dict[int, str | bytes] = field(default_factory=dict)

    def __getitem__(self, number: int) -> str | bytes:
        return self.fields[number]

    def __contains__(self, number: int) -> bool:
        return number in self.fields

    def text(self, number: int, default: str = "") -> str:
        """The value of an n, z, an or ans field; `default` when it is absent. TypeError for a b field."""
        value = self.fields.get(number, default)
        if not isinstance(value, str):
            raise TypeError(f"field {number} is binary")
        return value

    def data(self, number: int, default: bytes = b"") -> bytes:
        """The value of a b field; `default` when it is absent. TypeError for a text field."""
        value = self.fields.get(number, default)
        if isinstance(value, str):
            raise TypeError(f"field {number} is text")
        return value

    def __repr__(self) -> str:
        shown = ", ".join(f"{number}: {masked(number, value)}" for number, value in sorted(self.fields.items()))
        return f"Message({self.mti} {{{shown}}})"
