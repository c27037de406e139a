"""ISO 8583: dialects as data, the reference codec, framing, MAC input, and words for people."""

from tillbench.protocols.iso8583 import framing
from tillbench.protocols.iso8583.describe import describe
from tillbench.protocols.iso8583.dialect import Dialect, Field
from tillbench.protocols.iso8583.dialects.unionpay import UNIONPAY
from tillbench.protocols.iso8583.errors import FormatError
from tillbench.protocols.iso8583.mac import mac_input
from tillbench.protocols.iso8583.message import Message
from tillbench.protocols.iso8583.responses import RESPONSES, Response, response

__all__ = [
    "RESPONSES",
    "UNIONPAY",
    "Dialect",
    "Field",
    "FormatError",
    "Message",
    "Response",
    "describe",
    "framing",
    "mac_input",
    "response",
]
