"""Virtual cards in a stock PC/SC daemon: any program that speaks PC/SC finds them in a reader."""

from tillbench.host.pcsc.daemon import NoPcsc, Pcscd, PrivatePcscd, SerialPcscd, SystemPcscd, SystemSerialPcscd
from tillbench.host.pcsc.served_card import ServedCard
from tillbench.host.pcsc.vpcd import Insertion

__all__ = [
    "Insertion",
    "NoPcsc",
    "Pcscd",
    "PrivatePcscd",
    "SerialPcscd",
    "ServedCard",
    "SystemPcscd",
    "SystemSerialPcscd",
]
