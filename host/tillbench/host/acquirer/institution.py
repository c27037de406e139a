"""Who this host is, how strict it is, and what terminals may load from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from tillbench.host.acquirer.download_data import DownloadData
from tillbench.host.acquirer.policy import Policy

if TYPE_CHECKING:
    from tillbench.host.acquirer.risk import RiskRule


@dataclass(frozen=True)
class Institution:
    """The acquirer and the issuer that it speaks for, by number: up to 11 characters each.

    remarks: for the terminal to print, of issuer, switch and acquirer; up to 20 bytes each.
    """

    acquirer: str = "48020000"
    issuer: str = "01020000"
    remarks: tuple[str, str, str] = ("", "", "")
    risk: Sequence[RiskRule] = ()
    policy: Policy = field(default_factory=Policy)
    downloads: DownloadData = field(default_factory=DownloadData)

    def card_organisation(self, code: str) -> str:
        """Field 63 of an answer: the code, and the remarks when there are any, 20 characters each."""
        return code + self._remarks

    @cached_property
    def _remarks(self) -> str:
        return "".join(f"{remark:<20}" for remark in self.remarks) if any(self.remarks) else ""

    @cached_property
    def names(self) -> str:
        """Issuer and acquirer as field 44 has them."""
        return f"{self.issuer:<11}{self.acquirer:<11}"
