"""ISO 8583:1987 at this host: the same business for terminals of other countries, mapped onto its fields.

The standard leaves much to its users. What is taken here: processing codes 00 purchase, 02 void, 20 refund, 31 balance;
condition 06 (field 25) for what belongs to a pre-authorisation; the original in field 90, or 37, or 38; working keys as
hexadecimal in field 62; the X9.19 MAC in field 64, or in 128 when the message has a second bitmap.
"""

from tillbench.host.acquirer.iso87.reading import read, salvage
from tillbench.host.acquirer.iso87.writing import has_mac, write

__all__ = ["has_mac", "read", "salvage", "write"]
