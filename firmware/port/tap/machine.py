"""First on `sys.path` of a tapped board: the board's own `machine`, whose UARTs and I2C buses can be watched."""

import umachine
from port.tapped import I2C, UART

__all__ = ("I2C", "UART")

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def __getattr__(name: str) -> "Any":
    return getattr(umachine, name)
