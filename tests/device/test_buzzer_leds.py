"""Buzzer and LED drivers with their models."""

from __future__ import annotations

import pytest
from tillbench.host.devices.buzzer import Buzzer, Tone
from tillbench.host.devices.leds import Leds
from tillbench.host.emulator.bench import Bench
from tillbench.host.emulator.calls import DeviceError

WIRING = {"green": "P4", "yellow": "P5", "red": "P18", "blue": "P19"}


@pytest.fixture
def buzzer(bench: Bench) -> Buzzer:
    return Buzzer(bench.clock, bench.nets, "P23")


def told(buzzer: Buzzer) -> list[tuple[int, int]]:
    return [(tone.duration_us // 1000, tone.hz) for tone in buzzer.tones]


def test_beeps_have_their_length_and_pitch(bench: Bench, buzzer: Buzzer) -> None:
    bench.call("ui_probe:beeps", (80, 2700, 100), (200, 1000, 50))
    first, second = buzzer.tones
    assert first == Tone(first.start_us, 80_000, 2700)
    assert second == Tone(first.start_us + 180_000, 200_000, 1000)
    assert buzzer.sounding_hz == 0


def test_a_beep_during_another_takes_its_place(bench: Bench, buzzer: Buzzer) -> None:
    bench.call("ui_probe:beep_over", (100, 1000), (300, 2000), 60)
    assert told(buzzer) == [(60, 1000), (300, 2000)], "the end of the first does not silence the second"
    assert buzzer.sounding_hz == 0


def test_a_cancelled_beep_is_silent(bench: Bench, buzzer: Buzzer) -> None:
    bench.call("ui_probe:beep_cancelled", 1000, 40)
    assert told(buzzer) == [(40, 1000)]
    assert buzzer.sounding_hz == 0


@pytest.mark.parametrize(
    ("sound", "error"), [((10, 0, 0), "0 Hz"), ((10, 20_001, 0), "20001 Hz"), ((-1, 99, 0), "-1 ms")]
)
def test_impossible_beeps_are_refused(bench: Bench, buzzer: Buzzer, sound: tuple[int, int, int], error: str) -> None:
    with pytest.raises(DeviceError, match=error) as caught:
        bench.call("ui_probe:beeps", sound)
    assert caught.value.type == "ValueError"
    assert not buzzer.tones


def test_a_level_makes_no_sound(bench: Bench, buzzer: Buzzer) -> None:
    bench.nets.pwm_changed("P23", 1000, 65535)
    bench.nets.pwm_changed("P23", 1000, 0)
    bench.nets.pwm_changed("P23", 40_000, 32768)
    assert buzzer.sounding_hz == 0


@pytest.mark.parametrize("lit_level", [0, 1])
def test_leds_by_name(bench: Bench, lit_level: int) -> None:
    leds = Leds(bench.clock, bench.nets, WIRING, lit_level)
    bench.call("ui_probe:leds", lit_level)
    assert not any(leds.lit.values())
    bench.call("ui_probe:led", "green", True)
    bench.call("ui_probe:led", "red", True)
    assert leds.lit == {"green": True, "yellow": False, "red": True, "blue": False}
    bench.call("ui_probe:led", "green", False)
    bench.call("ui_probe:leds_off")
    assert not any(leds.lit.values())
    changes = [(name, on) for _, name, on in leds.history]
    assert [change for change in changes if change[0] == "green"][-2:] == [("green", True), ("green", False)]


def test_an_unknown_led_is_named(bench: Bench) -> None:
    bench.call("ui_probe:leds")
    with pytest.raises(DeviceError, match="no LED purple, there is blue, green, red, yellow"):
        bench.call("ui_probe:led", "purple", True)
