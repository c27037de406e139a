"""The barcode scanner of a board: UART, buffers and driver are there for as long as somebody asks for a code."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Callable

    from machine import UART


class ScannerPort:
    """A scanner on the port that `make_uart` makes; a serial line may have used it meanwhile."""

    def __init__(self, make_uart: "Callable[[], UART]") -> None:
        self._make_uart = make_uart

    async def scan(self) -> str:
        """The next code that is read from now on."""
        from drivers.scanner import Scanner

        return await Scanner(self._make_uart()).scan()
