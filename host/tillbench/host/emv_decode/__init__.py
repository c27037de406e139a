"""EMV data objects in words, certificates opened: for people."""

from tillbench.host.emv_decode.decode import HexError, decode_tlv, decode_value, read_hex
from tillbench.host.emv_decode.recover import recovered

__all__ = ["HexError", "decode_tlv", "decode_value", "read_hex", "recovered"]
