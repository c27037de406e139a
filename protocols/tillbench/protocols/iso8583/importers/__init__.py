"""Definitions of other tools as dialects of ours. What ours are stricter in is said by each importer."""

from tillbench.protocols.iso8583.importers.jpos import from_jpos
from tillbench.protocols.iso8583.importers.moov import from_moov
from tillbench.protocols.iso8583.importers.pyiso8583 import from_pyiso8583

__all__ = ["from_jpos", "from_moov", "from_pyiso8583"]
