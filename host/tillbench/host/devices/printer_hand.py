"""What a person does to the printer: paper, cover, drawer, and what breaks."""

from __future__ import annotations

from tillbench.host.devices.cash_drawer import CashDrawer
from tillbench.host.devices.paper import Receipt
from tillbench.host.devices.printer_head import MICRO
from tillbench.host.devices.printer_mechanism import Mechanism
from tillbench.host.devices.printer_profile import DOTS_PER_MM, PrinterProfile


class ByHand:
    """The part of `Printer` for hands. Each act finds the printer as it is at this moment, and wakes it."""

    profile: PrinterProfile
    mechanism: Mechanism
    drawer: CashDrawer
    _at: int

    def _catch_up(self) -> None:
        raise NotImplementedError

    def _wake(self) -> None:
        raise NotImplementedError

    def load_paper(self, mm: int = 30_000) -> None:
        """Put in a roll with `mm` of paper; printing goes on if that was what it waited for."""
        self.paper_left(mm * DOTS_PER_MM)

    def paper_left(self, rows: int) -> None:
        """Let the roll have `rows` dot rows before the sensor finds its end; 0 is paper out now."""
        self._catch_up()
        self.mechanism.roll.left = self.profile.sensor_rows + rows
        self._wake()

    def tear(self) -> Receipt:
        """Tear off by hand what hangs out, at the blade.

        Raises:
            ValueError: nothing hangs out.
        """
        self._catch_up()
        return self.mechanism.tear()

    def cover(self, is_open: bool) -> None:
        self._catch_up()
        self.mechanism.cover_open = is_open
        self._wake()

    def feed_button(self, pressed: bool) -> None:
        """Press it, which feeds a line and stops printing, or let go."""
        self._catch_up()
        self.mechanism.press_feed(pressed)
        self._wake()

    def open_drawer(self) -> None:
        """By its key."""
        self._catch_up()
        self.drawer.is_open = True
        self._wake()

    def shut_drawer(self) -> None:
        self._catch_up()
        self.drawer.is_open = False
        self._wake()

    def jam_cutter(self, jammed: bool = True) -> None:
        """Jam the cutter: an error that DLE ENQ can end."""
        self._catch_up()
        self.mechanism.cutter_jam = jammed
        self._wake()

    def break_down(self, broken: bool = True) -> None:
        """An error that only a repair ends."""
        self._catch_up()
        self.mechanism.broken = broken
        self._wake()

    def warm_up(self, celsius: int) -> None:
        """Bring the head to a temperature, as a long black print would."""
        self._catch_up()
        self.mechanism.head.temperature = celsius * MICRO
        self.mechanism.head.burn(self._at, 0)
        self._wake()
