"""Buzzer and LEDs."""

from __future__ import annotations

from collections.abc import Iterator

from tillbench.host.boards.bringup.i2c_bus import answers
from tillbench.host.boards.bringup.person import Person
from tillbench.host.boards.bringup.wires import Wires, Wiring
from tillbench.host.boards.doctor import Finding

TONES = ((2700, "the key click's tone, 2700 Hz"), (1000, "a lower one, 1000 Hz"))
_TONE_MS = 600


def buzzer(wires: Wires, person: Person) -> Iterator[Finding]:
    """Two tones."""
    wire = Wiring.of(wires).pin("buzzer", "the buzzer's wire")
    for hz, what in TONES:
        wires.call("sound", hz, _TONE_MS)
        heard = person.sees(f"did you hear {what}?")
        yield Finding(
            heard, "buzzer", what if heard is not False else f"{what}: not heard: {wire}, or a disc with a driver"
        )


def leds(wires: Wires, person: Person) -> Iterator[Finding]:
    """Each of them alone."""
    wiring = Wiring.of(wires)
    if not (yield from answers(wires, wiring, "PCF8575", wiring.expander)):
        return
    for name, line in sorted(wiring.leds.items(), key=lambda item: item[1]):
        if wires.call("led", name):
            yield Finding(False, f"LED {name}", f"line {line} cannot be driven low: a short to 3.3 V")
            continue
        seen = person.sees(f"does {name} shine, and nothing else?")
        otherwise = f"line {line}: the LED the wrong way round, its resistor, or another line"
        well = f"line {line}: it shines" if seen else f"line {line}: does it shine, and nothing else?"
        yield Finding(seen, f"LED {name}", well if seen is not False else otherwise)
    wires.call("led", "")
