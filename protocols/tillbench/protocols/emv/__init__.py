"""EMV on the wire, defined once: TLV, tags, data object lists, bits, and exchanges in words."""

from tillbench.protocols.emv.describe import ApduDescriber, describe_apdu, describe_tree, describe_value
from tillbench.protocols.emv.dol import DolEntry
from tillbench.protocols.emv.masking import mask_pan, mask_track2
from tillbench.protocols.emv.tags import TAGS, Tag, name_of
from tillbench.protocols.emv.tlv import Tlv, TlvError

__all__ = [
    "TAGS",
    "ApduDescriber",
    "DolEntry",
    "Tag",
    "Tlv",
    "TlvError",
    "describe_apdu",
    "describe_tree",
    "describe_value",
    "mask_pan",
    "mask_track2",
    "name_of",
]
