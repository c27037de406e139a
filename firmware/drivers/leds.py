"""LEDs: one pin each, known by name."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from machine import Pin


class Leds:
    """The LEDs of the board, all dark at first. `lit_level` is the level at which they shine."""

    def __init__(self, pins: dict[str, Pin], lit_level: int = 1) -> None:
        self._pins = pins
        self._lit_level = lit_level
        for pin in pins.values():
            pin.init(pin.OUT, value=1 - lit_level)

    def set(self, name: str, on: bool) -> None:
        """Light the LED `name` (green, yellow, red, blue), or put it out. ValueError if the board has no such LED."""
        pin = self._pins.get(name)
        if pin is None:
            raise ValueError("no LED %s, there is %s" % (name, ", ".join(sorted(self._pins))))
        pin.value(self._lit_level if on else 1 - self._lit_level)

    def off(self) -> None:
        """Put out all of them."""
        for name in self._pins:
            self.set(name, False)
