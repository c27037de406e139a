"""The UnionPay POS dialect at this host: which message is which business, and which field carries what of it.

Everything that a request needs and an answer has is named here once; the business rules never see a field number.
"""

from tillbench.host.acquirer.unionpay.flows import FLOWS, Flow
from tillbench.host.acquirer.unionpay.reading import is_request, read, salvage
from tillbench.host.acquirer.unionpay.writing import has_mac, write

__all__ = ["FLOWS", "Flow", "has_mac", "is_request", "read", "salvage", "write"]
