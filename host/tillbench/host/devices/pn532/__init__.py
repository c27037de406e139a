"""A PN532, its field, and the cards in it."""

from tillbench.host.devices.pn532.chip import Pn532
from tillbench.host.devices.pn532.faults import Pn532Faults
from tillbench.host.devices.pn532.field import Field, Picc
from tillbench.host.devices.pn532.ports import HsuPort, I2cPort, SpiPort

__all__ = ("Field", "HsuPort", "I2cPort", "Picc", "Pn532", "Pn532Faults", "SpiPort")
