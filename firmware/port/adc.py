"""Virtual ADC: `machine.ADC` with the ESP32 port's signature. The bench tells the voltages of nets as they change."""

from micropython import const
from port import nets
from port.nets import Pin

_PINS = (0, 2, 4, 12, 13, 14, 15, 25, 26, 27, 32, 33, 34, 35, 36, 37, 38, 39)
_RANGES_MV = ((100, 950), (100, 1250), (150, 1750), (150, 2450))
"""What the ESP32's ADC tells apart at each attenuation, as its data sheet has it: below and above it reads its ends."""
_FULL = const(4095)
_SUPPLY_UV = const(3_300_000)


class ADC:
    """The voltage of a pin; one object for each pin, as there. A conversion is over at once."""

    ATTN_0DB = 0
    ATTN_2_5DB = 1
    ATTN_6DB = 2
    ATTN_11DB = 3
    WIDTH_9BIT = 9
    WIDTH_10BIT = 10
    WIDTH_11BIT = 11
    WIDTH_12BIT = 12

    def __new__(cls, pin: "Pin | int", *, atten: int = -1) -> "ADC":
        pin = Pin(pin)
        if pin.id not in _PINS:
            raise ValueError("invalid pin")
        adc = _adcs.get(pin.id)
        if adc is None:
            adc = super().__new__(cls)
            adc._setup(pin)
            _adcs[pin.id] = adc
        return adc

    def __init__(self, pin: "Pin | int", *, atten: int = -1) -> None:
        self.init(atten=atten)

    def _setup(self, pin: Pin) -> None:
        self._pin = pin
        self._atten = ADC.ATTN_0DB
        self._bits = 12

    def init(self, *, atten: int = -1) -> None:
        """Set the attenuation, if it is given."""
        if atten != -1:
            self.atten(atten)

    def atten(self, atten: int) -> None:
        """Set the attenuation, one of the `ATTN_` constants."""
        if not 0 <= atten < len(_RANGES_MV):
            raise ValueError("invalid atten")
        self._atten = atten

    def width(self, bits: int) -> None:
        """Set how many bits `read` has, one of the `WIDTH_` constants."""
        if not ADC.WIDTH_9BIT <= bits <= ADC.WIDTH_12BIT:
            raise ValueError("invalid bits")
        self._bits = bits

    def read_uv(self) -> int:
        """Microvolts, as the chip's calibration has them: never outside of its range."""
        net = self._pin.net
        found = nets.voltages.get(net)
        if found is None:
            found = nets.level(net) * _SUPPLY_UV
        low, high = _RANGES_MV[self._atten]
        return min(max(found, low * 1000), high * 1000)

    def _raw(self) -> int:
        low, high = _RANGES_MV[self._atten]
        return (self.read_uv() - low * 1000) * _FULL // ((high - low) * 1000)

    def read(self) -> int:
        """The conversion in `width` bits."""
        return self._raw() >> 12 - self._bits

    def read_u16(self) -> int:
        """The conversion, stretched to 0 to 65535."""
        raw = self._raw()
        return raw << 4 | raw >> 8

    def __repr__(self) -> str:
        return "ADC(Pin(%d), atten=%d)" % (self._pin.id, self._atten)


_adcs: "dict[int, ADC]" = {}
