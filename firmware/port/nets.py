"""Virtual pins: the board's copper as nets, resolved on the device.

The bench closes and opens contacts between nets and drives some of them; this module works out what a pin reads, so a
key press needs no round trip and three keys of a rectangle ghost as they do on copper.
"""

from struct import unpack_from

from micropython import const
from port import link as _link
from port import soft_irq

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable

_LEVEL = const(1)
_CLOSE = const(0x11)
_OPEN = const(0x12)
_DRIVE = const(0x13)
_WATCH = const(0x14)
_VOLTAGE = const(0x15)
_RELEASE = const(2)
_PINS = const(40)
_MISSING = (24, 28, 29, 30, 31)
_INPUT_ONLY = (34, 35, 36, 37, 38, 39)  # ESP32: no output driver and no pulls there

voltages: "dict[str, int]" = {}
"""Microvolts of nets that are not only high or low, for an ADC."""
shorts = 0  # how often drivers began to work against each other on one net

_contacts: "dict[str, list[str]]" = {}
_driven: "dict[str, int]" = {"GND": 0, "VCC": 1}
_pins: "dict[str, Pin]" = {}
_watched: "dict[str, int]" = {}
_listeners: "list[Pin]" = []
_charge: "dict[str, int]" = {}
_shorted: "set[str]" = set()


def _joined(net: str) -> "list[str]":
    nets = [net]
    for at in nets:
        for other in _contacts.get(at, ()):
            if other not in nets:
                nets.append(other)
    return nets


def level(net: str) -> int:
    """What a voltmeter shows on `net`: strong drivers first (0 wins a short), then pulls, else what it showed last."""
    strong = weak = -1
    short = False
    joined = _joined(net) if net in _contacts else (net,)
    for each in joined:
        drive = _driven.get(each, -1)
        pin = _pins.get(each)
        if pin is not None:
            own = pin.drive()
            if own >= 0:
                if drive >= 0 and drive != own:
                    short = True
                    own = 0
                drive = own
            if pin.pull >= 0:
                weak = pin.pull if weak < 0 else weak | pin.pull
        if drive >= 0:
            if strong >= 0 and strong != drive:
                short = True
                drive = 0
            strong = drive
    if short or _shorted:
        _count(min(joined), short)
    if strong < 0:
        strong = weak
    if strong < 0:
        return _charge.get(net, 0)
    _charge[net] = strong
    return strong


def _count(name: str, short: bool) -> None:
    # Once for each short, however often somebody looks at it.
    global shorts
    if short and name not in _shorted:
        shorts += 1
        _shorted.add(name)
    elif not short and name in _shorted:
        _shorted.remove(name)


def settle() -> None:
    """Something has changed: tell the bench about the nets it watches, and the pins that listen."""
    for net in _watched:
        now = level(net)
        if now != _watched[net]:
            _watched[net] = now
            _link.link().send(_link.NET, bytes((_LEVEL, now)), net.encode())
    for pin in _listeners[:]:
        pin.listen()


def take(payload: memoryview) -> None:
    """A NET frame from the bench."""
    op = payload[0]
    if op == _DRIVE:
        net = str(payload[2:], "ascii")
        if payload[1] == _RELEASE:
            _driven.pop(net, None)
        else:
            _driven[net] = payload[1]
    elif op == _WATCH:
        _watched[str(payload[1:], "ascii")] = -1
    elif op == _VOLTAGE:
        voltages[str(payload[5:], "ascii")] = unpack_from("<I", payload, 1)[0]
    else:
        a, b = str(payload[1:], "ascii").split("\0")
        if op == _CLOSE:
            _contacts.setdefault(a, []).append(b)
            _contacts.setdefault(b, []).append(a)
        elif op == _OPEN:
            _part(a, b)
            _part(b, a)
    settle()


def _part(a: str, b: str) -> None:
    others = _contacts.get(a)
    if others and b in others:
        others.remove(b)
        if not others:
            del _contacts[a]


class _Irq:
    """What `Pin.irq` returns."""

    def __init__(self, pin: "Pin") -> None:
        self._pin = pin

    def __call__(self) -> None:
        if self._pin.handler is not None:
            soft_irq.schedule(self._pin.handler, self._pin)

    def flags(self) -> int:
        """The edge that called the handler last."""
        return self._pin.edge

    def trigger(self, trigger: int = 0) -> int:
        """The edges that call the handler; with an argument, set them."""
        before = self._pin.edges
        if trigger:
            self._pin.edges = trigger
        return before


class Pin:
    """`machine.Pin` with the ESP32 port's signature, values and errors. One object for each id, as there."""

    IN = 1
    OUT = 3
    OPEN_DRAIN = 7
    PULL_DOWN = 1
    PULL_UP = 2
    IRQ_RISING = 1
    IRQ_FALLING = 2
    WAKE_LOW = 4
    WAKE_HIGH = 5
    DRIVE_0 = 0
    DRIVE_1 = 1
    DRIVE_2 = 2
    DRIVE_3 = 3

    def __new__(cls, id: "int | Pin", *args: int, **kwargs: int) -> "Pin":
        if isinstance(id, Pin):
            return id
        if not isinstance(id, int) or not 0 <= id < _PINS or id in _MISSING:
            raise ValueError("invalid pin")
        name = "P%d" % id
        pin = _pins.get(name)
        if pin is None:
            pin = super().__new__(cls)
            pin._setup(id, name)
            _pins[name] = pin
        return pin

    def __init__(self, id: "int | Pin", *args: int, **kwargs: int) -> None:
        if args or kwargs:
            self.init(*args, **kwargs)

    def _setup(self, id: int, name: str) -> None:
        self.id = id
        self.net = name
        self.mode = Pin.IN
        self.pull = -1
        self.out = 0
        self.handler: "Callable[[Pin], None] | None" = None
        self.edges = 0
        self.edge = 0
        self.seen = 0

    def init(
        self,
        mode: "int | None" = None,
        pull: "int | None" = -1,
        *,
        value: "int | None" = None,
        drive: int = 0,
        hold: "bool | None" = None,
    ) -> None:
        """Set mode, pull (None = off) and, before the driver is switched on, the output value."""
        if mode is None:
            mode = -1
        if mode not in (-1, Pin.IN, Pin.OUT, Pin.OPEN_DRAIN):
            raise ValueError("invalid pin mode")
        if mode in (Pin.OUT, Pin.OPEN_DRAIN) and self.id in _INPUT_ONLY:
            raise ValueError("pin can only be input")
        if value is not None:
            self.out = 1 if value else 0
        if mode != -1:
            self.mode = mode
        if pull is None:
            self.pull = -1
        elif pull != -1 and self.id not in _INPUT_ONLY:
            self.pull = 1 if pull & Pin.PULL_UP else 0
        settle()

    def drive(self) -> int:
        """0 or 1 if the pin drives its net, -1 if not."""
        if self.mode == Pin.OUT:
            return self.out
        if self.mode == Pin.OPEN_DRAIN and not self.out:
            return 0
        return -1

    def value(self, x: "int | None" = None) -> "int | None":
        """The level of the pin; with an argument, set the output."""
        if x is None:
            return level(self.net)
        x = 1 if x else 0
        if x != self.out:
            self.out = x
            # A net that touches no other one is nobody's business but its own; most writes scan an idle keypad.
            if self.mode != Pin.IN and (self.net in _contacts or self.net in _watched or self.handler is not None):
                settle()
        return None

    def __call__(self, x: "int | None" = None) -> "int | None":
        return self.value(x)

    def on(self) -> None:
        """Set the output to 1."""
        self.value(1)

    def off(self) -> None:
        """Set the output to 0."""
        self.value(0)

    def toggle(self) -> None:
        """Set the output to what it was not."""
        self.value(1 - self.out)

    def irq(self, *args: "Any", **kwargs: "Any") -> _Irq:
        """Call `handler(pin)` on edges; None takes the handler away; without arguments nothing changes.

        Arguments: handler=None, trigger=IRQ_FALLING|IRQ_RISING, wake=None. Soft interrupts only: there is no `hard`.
        """
        if args or kwargs:
            self._listen_to(*args, **kwargs)
        return _Irq(self)

    def _listen_to(
        self,
        handler: "Callable[[Pin], None] | None" = None,
        trigger: int = 3,
        wake: "int | None" = None,
    ) -> None:
        self.handler = handler
        self.edges = trigger
        self.seen = level(self.net)
        if self in _listeners:
            _listeners.remove(self)
        if handler is not None:
            _listeners.append(self)

    def listen(self) -> None:
        """Compare the level with the last one, and call the handler on an edge."""
        now = level(self.net)
        if now != self.seen:
            self.seen = now
            self.edge = Pin.IRQ_RISING if now else Pin.IRQ_FALLING
            if self.edges & self.edge and self.handler is not None:
                soft_irq.schedule(self.handler, self)

    def __repr__(self) -> str:
        return "Pin(%d)" % self.id
