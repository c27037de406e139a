"""The dialects by the names that people type."""

from tillbench.protocols.iso8583.dialect import Dialect
from tillbench.protocols.iso8583.dialects.iso87 import EBCDIC_87, ISO87_ASCII, ISO87_BCD
from tillbench.protocols.iso8583.dialects.iso93 import ISO93_ASCII, ISO93_BINARY
from tillbench.protocols.iso8583.dialects.iso2003 import ISO2003
from tillbench.protocols.iso8583.dialects.unionpay import UNIONPAY

_ALL = (UNIONPAY, ISO87_ASCII, ISO87_BCD, ISO93_ASCII, ISO93_BINARY, ISO2003, EBCDIC_87)
DIALECTS = {dialect.name: dialect for dialect in _ALL}
ALIASES = {"cup": "unionpay", "iso87-binary": "iso87-bcd", "iso93-bcd": "iso93-binary", "iso87-ebcdic": "ebcdic"}


def dialect(name: str) -> Dialect:
    """The dialect of that name or alias, whatever its case. LookupError names those that there are."""
    key = name.strip().lower()
    found = DIALECTS.get(ALIASES.get(key, key))
    if found is None:
        raise LookupError(f"no dialect {name!r}; there are {', '.join([*DIALECTS, *ALIASES])}")
    return found
