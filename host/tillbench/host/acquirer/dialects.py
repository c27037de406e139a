"""The dialects that this host speaks. Business rules exist once; a dialect says which message is which business."""

from collections.abc import Callable
from dataclasses import dataclass

from tillbench.host.acquirer import iso87, unionpay
from tillbench.host.acquirer.institution import Institution
from tillbench.host.acquirer.request import Answer, Request
from tillbench.protocols.iso8583 import UNIONPAY, Dialect, FormatError, Message
from tillbench.protocols.iso8583.dialects.iso87 import ISO87_ASCII, ISO87_BCD
from tillbench.protocols.iso8583.errors import MTI
from tillbench.protocols.iso8583.mac import MAC_SIZE

HEX_MAC = 16  # characters of a MAC on a wire of text


@dataclass(frozen=True)
class HostDialect:
    """A codec, and the way from its messages to requests and from answers back.

    text: bytes travel as hexadecimal. salvage: what can be answered of a message that could not be read.
    """

    codec: Dialect
    read: Callable[[Message], Request]
    write: Callable[[Message, Answer, Institution], Message]
    has_mac: Callable[[str], bool]
    salvage: Callable[[bytes, FormatError], Message | None]
    mac: str
    text: bool = False

    def mti_of(self, body: bytes) -> str:
        """The message type, whatever follows it."""
        return body[:4].decode("ascii", "replace") if self.text else body[:2].hex()

    def mac_field(self, message: Message) -> int:
        """The last field of the last bitmap."""
        return 64 if self.codec.bitmaps == 1 or max(message.fields) <= 64 else 128

    def covered(self, body: bytes) -> bytes:
        """What the MAC at the end of an encoded message is over: all before it."""
        return body[:-HEX_MAC] if self.text else body[:-MAC_SIZE]

    def on_the_wire(self, mac: bytes) -> bytes:
        return mac.hex().upper().encode("ascii") if self.text else mac


def _iso87(codec: Dialect, *, text: bool) -> HostDialect:
    def salvage(body: bytes, error: FormatError) -> Message | None:
        mti = body[:4].decode("ascii", "replace") if text else body[:2].hex()
        return iso87.salvage(mti) if error.field != MTI and unionpay.is_request(mti) else None

    return HostDialect(codec, iso87.read, iso87.write, iso87.has_mac, salvage, "x9.19", text)


DIALECTS = {
    "unionpay": HostDialect(UNIONPAY, unionpay.read, unionpay.write, unionpay.has_mac, unionpay.salvage, "cup-ecb"),
    "iso87-ascii": _iso87(ISO87_ASCII, text=True),
    "iso87-bcd": _iso87(ISO87_BCD, text=False),
}
