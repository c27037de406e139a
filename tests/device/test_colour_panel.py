"""The colour panel's driver on the bench's wires: what an eye sees, read off the pixels that the model has decoded."""

from __future__ import annotations

import random

import pytest
from tillbench.host.devices.glyph_reader import read_screen
from tillbench.host.emulator.bench import Bench

from tests.device.colour_faults import INK, PAPER, on_glass, plug_in


@pytest.mark.parametrize("kind", ["ST7789", "ILI9341"])
def test_text_is_read_off_the_glass(wires: Bench, kind: str) -> None:
    panel = plug_in(wires, kind)
    wires.call("colour_probe:connect", kind)
    assert on_glass(panel) == ("", True)
    wires.call("colour_probe:draw", "SALE", "AMOUNT     12.34", "消费 ENTER", "~|}{")
    screen = read_screen(panel.pixels())
    assert screen.text == "SALE\nAMOUNT     12.34\n消费 ENTER\n~|}{"
    assert screen.inverse_rows() == ()
    assert {colour for _, colour in panel.image().getcolors() or []} == {PAPER, INK}
    assert list(panel.complaints) == []


def test_every_dot_is_two_by_two_at_its_place(wires: Bench) -> None:
    """Random dots: any shift, mirror or exchange would be another picture."""
    panel = plug_in(wires)
    wires.call("colour_probe:connect")
    picture = random.Random(3).randbytes(1024)
    wires.call("colour_probe:dots", picture)
    expected = bytes(picture[y // 8 * 128 + x] >> y % 8 & 1 for y in range(64) for x in range(128))
    assert panel.pixels() == expected
    image = panel.image()
    for x, y in ((0, 0), (1, 0), (127, 0), (5, 63), (127, 63), (64, 31)):
        dot = INK if expected[128 * y + x] else PAPER
        assert {image.getpixel((32 + 2 * x + i, 56 + 2 * y + j)) for i in (0, 1) for j in (0, 1)} == {dot}


@pytest.mark.parametrize(
    ("kind", "driver", "what"),
    [
        ("ST7789", "ILI9341", "the complement: IPS glass that was not inverted"),
        ("ILI9341", "ST7789", "the complement: glass that was inverted"),
    ],
)
def test_a_driver_for_the_other_chip_shows_other_colours(wires: Bench, kind: str, driver: str, what: str) -> None:
    panel = plug_in(wires, kind)
    wires.call("colour_probe:connect", driver)
    wires.call("colour_probe:draw", "SALE")
    colours = {colour for _, colour in panel.image().getcolors() or []}
    assert not colours & {PAPER, INK}, what


SET_UP: dict[str, tuple[int, bytes]] = {
    "sleep out": (0x11, b""),
    "pixel format": (0x3A, b"\x55"),
    "access": (0x36, b"\x60"),
    "inversion": (0x21, b""),
    "columns": (0x2A, b"\x00\x20\x01\x1f"),
    "rows": (0x2B, b"\x00\x38\x00\xb7"),
    "display on": (0x29, b""),
}


def _shown(wires: Bench, left_out: str) -> tuple[bytes, bytes]:
    """The picture, and what is on the glass without one of the commands of the set-up."""
    panel = plug_in(wires)
    wires.call("colour_probe:connect", "ST7789", False)
    wires.call("colour_probe:wait", 200)
    for name, step in SET_UP.items():
        if name != left_out:
            wires.call("colour_probe:raw", step)
            wires.call("colour_probe:wait", 6)
    dots = [random.Random(5).randrange(2) for _ in range(128 * 64)]
    lines = [[dots[y * 128 + x // 2] for x in range(256)] for y in range(64)]
    data = b"".join(bytes((0xFF if dot else 0x00) for dot in line for _ in (0, 1)) * 2 for line in lines)
    wires.call("colour_probe:raw", (0x2C, b""))
    wires.call("colour_probe:resume")
    for at in range(0, len(data), 1024):
        wires.call("colour_probe:more", data[at : at + 1024])
    return bytes(dots), panel.pixels()


def test_a_set_up_without_one_of_its_commands_shows_no_picture(wires: Bench) -> None:
    for name in ["", *SET_UP]:
        expected, seen = _shown(wires, name)
        assert (seen == expected) == (name == ""), name
        if name in ("sleep out", "display on"):
            assert not any(seen), "a blank panel"
        wires.spi(1).detach_all()
        wires.nets._watchers.clear()


def test_only_what_has_changed_is_sent(wires: Bench) -> None:
    panel = plug_in(wires)
    wires.call("colour_probe:connect")
    sent: list[int] = []
    transfer = panel.transfer
    panel.transfer = lambda data: (sent.append(len(data)), transfer(data))[1]  # type: ignore[method-assign, func-returns-value]  # append gives None, so the other side is what comes
    counts = []
    for lines in (("SALE", "1"), ("SALE", "1"), ("SALE", "12")):
        sent.clear()
        wires.call("colour_probe:draw", *lines)
        counts.append(sum(count for count in sent if count > 100))
    row = 2 * 8 * 1024
    assert counts == [2 * row, 0, row], "a row of text is two strips of eight rows of dots"
    assert on_glass(panel) == ("SALE\n12", True)


def test_it_sleeps_and_keeps_its_picture(wires: Bench) -> None:
    panel = plug_in(wires)
    wires.call("colour_probe:connect")
    wires.call("colour_probe:draw", "SALE")
    wires.call("colour_probe:power", False)
    assert not any(panel.pixels())
    wires.call("colour_probe:power", True)
    assert on_glass(panel) == ("SALE", True)


def test_a_panel_that_there_is_not(wires: Bench) -> None:
    assert wires.call("colour_probe:kinds", "SSD1331") == "no panel SSD1331, there is ILI9341, ST7789"
