"""The keypad behind a PCF8575: the same scanner, two wires and an interrupt."""

from __future__ import annotations

from tillbench.host.devices.pcf8575 import Pcf8575
from tillbench.host.emulator.bench import Bench
from tillbench.host.emulator.wires import Nets

from tests.device.expander_faults import keypad
from tests.device.test_keypad import expected


def test_every_key(device: Bench) -> None:
    _, model = keypad(device)
    model.type(" ".join(model.captions))
    found = device.call("expander_probe:keys", len(model.captions) + 1)
    device.call("expander_probe:stop")
    assert found == expected(" ".join(model.captions))


def test_an_idle_keypad_makes_a_transfer_every_two_seconds(device: Bench) -> None:
    chip, _ = keypad(device)
    before = chip.transfers
    device.call("expander_probe:wait", 20_000)
    assert chip.transfers - before == 10
    device.call("expander_probe:stop")


def test_the_model_is_quasi_bidirectional() -> None:
    nets = Nets()
    chip = Pcf8575(nets, "INT")
    assert chip.read(2) == b"\xff\xff"
    chip.write(b"\xff\xfe")  # line 8 low
    chip.lines.close("E0", "E8")
    assert nets.driven["INT"] == 0
    assert chip.read(4) == b"\xfe\xfe\xfe\xfe"
    assert nets.driven["INT"] == 1
    chip.lines.close("E1", "E8")
    chip.lines.open("E1", "E8")  # back where it was before anybody looked
    assert nets.driven["INT"] == 1
    chip.power_dip()
    assert chip.read(2) == b"\xff\xff"
