"""Who this host is, how strict it is, and what terminals may load from it."""

from dataclasses import dataclass, field

from tillbench.host.acquirer.download_data import DownloadData
from tillbench.host.acquirer.policy import Policy


@dataclass(frozen=True)
class Institution:
    """The acquirer and the issuer that it speaks for, by number: up to 11 characters each."""

    acquirer: str = "48020000"
    issuer: str = "01020000"
    policy: Policy = field(default_factory=Policy)
    downloads: DownloadData = field(default_factory=DownloadData)

    @property
    def names(self) -> str:
        """Issuer and acquirer as field 44 has them."""
        return f"{self.issuer:<11}{self.acquirer:<11}"
