"""VCC, CLK and RST of a contact card; whether the terminal moves them as ISO/IEC 7816-3, 6 and EMV Book 1, 6 say."""

from __future__ import annotations

from collections.abc import Callable

from tillbench.host.emulator.wires import Clock, Nets

_REST_US = 10_000  # between deactivation and the next activation


class CardPower:
    """The three contacts that the terminal drives.

    Args:
        clock: virtual time.
        nets: the copper with the nets `vcc`, `clk` and `rst` on it.
        on_violation: hears what the terminal does wrong.

    Attributes:
        powered: VCC is on.
        clock_hz: CLK; 0 while it stands still.
        on_power: VCC goes on (True) or off (False).
        on_reset_low: RST goes low.
        on_reset_high: RST goes high; True if a card would answer now.
        on_clock_lost: CLK stops or changes within a session: no card survives that.
    """

    def __init__(
        self, clock: Clock, nets: Nets, vcc: str, clk: str, rst: str, on_violation: Callable[[str], None]
    ) -> None:
        self.powered = False
        self.clock_hz = 0
        self.on_power: Callable[[bool], None] = lambda on: None
        self.on_reset_low: Callable[[], None] = lambda: None
        self.on_reset_high: Callable[[bool], None] = lambda answers: None
        self.on_clock_lost: Callable[[], None] = lambda: None
        self._clock = clock
        self._violation = on_violation
        self._rst = 0
        self._low_since = 0
        self._off_since = -_REST_US
        nets.watch(vcc, self._on_vcc)
        nets.watch(rst, self._on_rst)
        nets.watch_pwm(clk, self._on_clk)

    def lost(self) -> None:
        """The board has lost its supply: all contacts fall at once, which is nobody's violation."""
        self.powered = False
        self.clock_hz = 0
        self._rst = 0
        self._off_since = self._clock.now

    def _on_vcc(self, level: int) -> None:
        if bool(level) == self.powered:
            return
        if level:
            if self._rst:
                self._violation("RST is high when VCC comes on")
            if self.clock_hz:
                self._violation("CLK runs when VCC comes on")
            if self._clock.now - self._off_since < _REST_US:
                self._violation("VCC comes on less than 10 ms after it went off")
        else:
            if self._rst:
                self._violation("VCC goes off while RST is high")
            if self.clock_hz:
                self._violation("VCC goes off while CLK runs")
            self._off_since = self._clock.now
        self.powered = bool(level)
        self.on_power(self.powered)

    def _on_clk(self, freq_hz: int, duty_u16: int) -> None:
        hz = freq_hz if 0 < duty_u16 < 65535 else 0
        if hz == self.clock_hz:
            return
        before, self.clock_hz = self.clock_hz, hz
        if not hz:
            if self._rst and self.powered:
                self._violation("CLK stops while RST is high")
                self.on_clock_lost()
            return
        if not self.powered:
            self._violation("CLK runs while VCC is off")
        if not self._in_range():
            self._violation(f"CLK at {hz} Hz: 1 to 5 MHz")
        if not 0.4 <= duty_u16 / 65536 <= 0.6:
            self._violation(f"CLK duty cycle {duty_u16 * 100 // 65536} %: 40 to 60 %")
        if before and self._rst:
            self._violation(f"CLK changes from {before} to {hz} Hz within a session")
            self.on_clock_lost()
        self._low_since = self._clock.now

    def _in_range(self) -> bool:
        return 1_000_000 <= self.clock_hz <= 5_000_000

    def _on_rst(self, level: int) -> None:
        if level == self._rst:
            return
        self._rst = level
        if not level:
            self._low_since = self._clock.now
            self.on_reset_low()
            return
        if not self.powered or not self.clock_hz:
            self._violation(f"RST goes high while {'CLK stands still' if self.powered else 'VCC is off'}")
            return
        cycles = (self._clock.now - self._low_since) * self.clock_hz // 1_000_000
        if not 40_000 <= cycles <= 45_000:
            self._violation(f"RST low for {cycles} clock cycles: 40,000 to 45,000")
        # 400 cycles are what a card needs (ISO/IEC 7816-3, 6.2.2); EMV's window is for the terminal.
        self.on_reset_high(cycles >= 400 and self._in_range())
