"""For Wireshark: GSMTAP packets in a classic pcap file, one for each exchange.

Answers to reset are left out: Wireshark takes them for broken commands.
"""

from __future__ import annotations

from tillbench.host.session.record import Session, octets
from tillbench.protocols import gsmtap


def export(session: Session) -> bytes:
    """Digits that are not told are zeros."""
    exchanges = enumerate(session.exchanges)
    return gsmtap.capture(
        [(one.t_us, gsmtap.apdu_packet(octets(one.command + one.response), number)) for number, one in exchanges]
    )
