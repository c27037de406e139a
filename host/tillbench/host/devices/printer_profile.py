"""What distinguishes one receipt printer from another: numbers and habits, all of them parameters."""

from __future__ import annotations

from dataclasses import dataclass, field

from tillbench.host.emulator.wires import UartConfig

DOTS_PER_MM = 8
"""203 dpi, the pitch of 58 mm and 80 mm receipt printers."""


@dataclass(frozen=True)
class PrinterProfile:
    """The defaults are a 58 mm TTL printer (Cashino CSN-A2 class) with a cutter. Lengths on paper are dot rows."""

    model: str = "58 mm"
    width: int = 384
    """Dots across the paper."""
    uart: UartConfig = field(default_factory=lambda: UartConfig(baud=9600))
    """As set by its switches; a device that speaks otherwise gets garbage."""
    buffer: int = 256
    """Bytes of the receive buffer."""
    network_buffer: int = 4096
    """The same of its Ethernet interface."""
    busy_below: int = 48
    """BUSY goes up when fewer bytes than this are free."""
    ready_above: int = 96
    """BUSY goes down again when more bytes than this are free."""
    dot_rows_per_second: int = 400
    feed_rows_per_second: int = 480
    page_rows: int = 1662
    """Longest page of page mode, 208 mm."""
    nv_bytes: int = 384 * 1024
    """Memory for graphics that stay when the power goes (GS ( L 67)."""
    download_bytes: int = 12 * 1024
    """Memory for graphics that ESC @ forgets (GS ( L 83)."""
    line_spacing: int = 30
    """Pitch of ESC 2: 30 dots, 1/6 inch less what a 24-dot font needs."""
    sensor_rows: int = 120
    """Distance from the paper-end sensor to the head: paper that can still be printed when the sensor trips."""
    near_end_rows: int = 2000 * DOTS_PER_MM
    cutter_rows: int = 96
    """Distance from the head to the cutter: what a cut without a feed leaves inside."""
    keeps_data_at_paper_end: bool = True
    """False: the receive buffer is thrown away when the paper ends, as cheap clones do."""
    realtime_in_data: bool = True
    """True: DLE EOT, ENQ and DC4 fire inside image data too, as on the printers that started it."""
    drawer_high: bool = False
    """Level of the switch of a drawer that is shut; some hosts expect the answer 0x16 and not 0x12."""
    kanji: bool = True
    """Two-byte characters on after reset, as on printers sold in China."""
    kanji_encoding: str = "gb18030"
    """Or "utf-8": some newer models."""
    answer_us: int = 200
    """From the last bit of a query to the first bit of its answer."""
