"""The dump of a whole sale: display and printer are read off their wires, and what nobody may see is not there."""

from __future__ import annotations

import io

from tillbench.host.emulator.vcd import VcdFile
from tillbench.host.emulator.wires import UartConfig
from tillbench.host.terminal import Terminal

from tests.unit.vcd_decoders import parse, read_i2c, read_uart

from . import shop


class Kept(io.StringIO):
    """A file that can be read after it was closed."""

    def close(self) -> None:
        self.text = self.getvalue()


def test_the_wires_of_a_sale(terminal: Terminal) -> None:
    """It is begun while PIN entry is open already."""
    shop.key_in(terminal)
    assert "ENTER PIN" in shop.present(terminal)
    file = Kept()
    dump, begun = VcdFile(terminal.emulator.bench, file), terminal.emulator.bench.clock.now * 1000
    shop.enter_pin(terminal)
    shop.wait(terminal, "APPROVED")
    terminal.card.remove()
    terminal.receipt()
    dump.close()
    found = parse(file.text)
    written = [transfer for transfer in read_i2c(found["i2c0_scl"], found["i2c0_sda"]) if transfer]
    pictures = [transfer for transfer in written if transfer[0] == (0x3C << 1, True) and len(transfer) > 1000]
    assert pictures
    printed = bytes(read_uart(found["uart1_tx"], UartConfig(9600)))
    assert b"TOTAL" in printed or b"AMOUNT" in printed
    for hidden in ("uart0_tx", "uart0_rx", "uart2_tx", "uart2_rx"):
        assert "0" not in [value for _, value in found[hidden]], hidden
    seen_from = next(when for when, value in found["i2c0_sda"] if value == "1" and when)
    assert found["i2c0_sda"][:2] == [(0, "1"), (begun, "x")]
    assert all(when >= seen_from for when, _ in found["i2c0_scl"][2:]), "nothing while it was open"
