"""The issuer of chip cards: verifies cryptograms, proves itself, scripts cards, explains a cryptogram that is wrong.

Computed by `pyemv`; the virtual cards compute with code of their own, so that each checks the other.
"""

from tillbench.host.issuer.card_issuer import CardIssuer, IssuerKeys
from tillbench.host.issuer.explain import Explanation, explain
from tillbench.host.issuer.issuer_data import IssuerData, IssuerDataError

__all__ = ["CardIssuer", "Explanation", "IssuerData", "IssuerDataError", "IssuerKeys", "explain"]
