"""The SSD1306 driver with its model: what it draws is what is read from the pixels."""

from __future__ import annotations

import random

import pytest
from tillbench.host.devices.glyph_reader import read_screen, read_text
from tillbench.host.devices.panel import Panel
from tillbench.host.devices.panel_registers import ARGUMENTS
from tillbench.host.emulator.bench import Bench
from tillbench.host.emulator.calls import DeviceError
from tillbench.protocols.fonts import CHARSET, REPLACEMENT

ADDRESS = 0x3C
BLANK = bytes(128 * 64)


class Recorder:
    """A panel, what was written to it, and what it showed after each write."""

    def __init__(self, seed: int = 1) -> None:
        self.panel = Panel(random.Random(seed))
        self.writes: list[bytes] = []
        self.shown: list[bytes] = []
        self.refuse_after: int | None = None

    def write(self, data: bytes) -> int:
        if self.refuse_after is not None and len(data) > self.refuse_after:
            return self.refuse_after
        self.writes.append(data)
        acked = self.panel.write(data)
        self.shown.append(self.panel.pixels())
        return acked

    def read(self, n: int) -> bytes:
        return self.panel.read(n)


@pytest.fixture
def recorder(bench: Bench) -> Recorder:
    recorder = Recorder()
    bench.i2c(0).attach(ADDRESS, recorder)
    return recorder


@pytest.fixture
def panel(bench: Bench, recorder: Recorder) -> Panel:
    """A panel that the driver has set up."""
    bench.call("ui_probe:init")
    return recorder.panel


def test_init_lights_a_blank_panel_and_never_shows_noise(bench: Bench, recorder: Recorder) -> None:
    bench.call("ui_probe:init")
    assert recorder.panel.lit
    assert all(shown == BLANK for shown in recorder.shown)
    assert not recorder.panel.complaints


def test_text_normal_and_inverse(bench: Bench, panel: Panel) -> None:
    frame = bench.call(
        "ui_probe:texts", [(0, "      SALE      ", True), (1, "AMOUNT", False), (3, "RMB ¥ 12.34 ←→", False)]
    )
    screen = read_screen(panel.pixels())
    assert frame == 1
    assert screen.text == "      SALE\nAMOUNT\n\nRMB ¥ 12.34 ←→"
    assert screen.inverse_rows() == (0,)
    assert not panel.complaints


def test_every_glyph_of_the_font(bench: Bench, panel: Panel) -> None:
    for at in range(0, len(CHARSET), 64):
        page = CHARSET[at : at + 64].ljust(64)
        rows = [page[row * 16 : row * 16 + 16] for row in range(4)]
        for inverse in (False, True):
            bench.call("ui_probe:texts", [(row, text, inverse) for row, text in enumerate(rows)])
            screen = read_screen(panel.pixels())
            assert list(screen.rows) == rows
            assert all(cell is inverse for row in screen.inverse for cell in row)


def test_what_the_font_does_not_have_is_a_replacement_glyph(bench: Bench, panel: Panel) -> None:
    bench.call("ui_probe:texts", [(0, "caf\u00e9 \u9fa5\u0001", False)])
    box = REPLACEMENT * 2  # two cells wide, as the hanzi would be
    assert read_text(panel.pixels())[0].rstrip() == f"caf{REPLACEMENT} {box}{REPLACEMENT}"


def test_text_is_cut_at_the_right_edge(bench: Bench, panel: Panel) -> None:
    bench.call("ui_probe:draw", "0123456789", 10, 1)
    assert read_text(panel.pixels()) == [" " * 16, " " * 10 + "012345", " " * 16, " " * 16]


@pytest.mark.parametrize(("col", "row"), [(16, 0), (-1, 0), (0, 4), (0, -1)])
def test_text_off_the_screen_is_refused(bench: Bench, panel: Panel, col: int, row: int) -> None:
    with pytest.raises(DeviceError, match=f"cell {col},{row} is not on the screen of 16x4") as error:
        bench.call("ui_probe:draw", "X", col, row)
    assert error.value.type == "ValueError"


def test_single_pixels_land_where_they_should(bench: Bench, panel: Panel) -> None:
    points = [(0, 0), (127, 0), (0, 63), (127, 63), (1, 8), (64, 31), (100, 17)]
    bench.call("ui_probe:pixels", points)
    lit = {(at % 128, at // 128) for at, pixel in enumerate(panel.pixels()) if pixel}
    assert lit == set(points)


def test_each_frame_replaces_the_one_before(bench: Bench, panel: Panel) -> None:
    for number in range(1, 6):
        assert bench.call("ui_probe:texts", [(2, f"FRAME {number}", False)]) == number
        assert read_text(panel.pixels())[2].rstrip() == f"FRAME {number}"


def test_commit_comes_after_the_pixels(bench: Bench, recorder: Recorder) -> None:
    writes: list[tuple[int, int]] = []
    host = {"commit": lambda number: writes.append((number, len(recorder.writes)))}
    assert bench.call("ui_probe:commits", 3, host=host) == [1, 2, 3]
    # Initialisation is 4 writes and no frame; a frame is a window command and 1024 bytes.
    assert writes == [(1, 6), (2, 8), (3, 10)]
    assert [len(data) for data in recorder.writes[-2:]] == [7, 1025]


def test_a_frame_takes_the_time_of_its_bytes_on_the_bus(bench: Bench, panel: Panel) -> None:
    before = bench.clock.now
    bench.call("ui_probe:texts", [])
    # 9 clocks a byte at 400 kHz, an address byte for each of the two writes.
    assert bench.clock.now - before == pytest.approx((7 + 1 + 1025 + 1) * 9 * 1e6 / 400e3, abs=2)


def test_show_leaves_no_garbage(bench: Bench) -> None:
    assert bench.call("ui_probe:show_garbage", 200) <= 64


def test_power_contrast_and_invert(bench: Bench, panel: Panel) -> None:
    bench.call("ui_probe:texts", [(0, "HELLO", False)])
    picture = panel.pixels()
    bench.call("ui_probe:call", "power", False)
    assert panel.pixels() == BLANK
    bench.call("ui_probe:call", "power", True)
    assert panel.pixels() == picture
    bench.call("ui_probe:call", "invert", True)
    assert panel.pixels() == bytes(1 - pixel for pixel in picture)
    bench.call("ui_probe:call", "invert", False)
    assert panel.pixels() == picture
    bench.call("ui_probe:call", "contrast", 0x12)
    assert panel.registers.contrast == 0x12
    with pytest.raises(DeviceError, match="contrast 256 is not in"):
        bench.call("ui_probe:call", "contrast", 256)


def test_a_missing_panel_is_an_error(bench: Bench) -> None:
    with pytest.raises(DeviceError) as error:
        bench.call("ui_probe:init")
    assert (error.value.type, error.value.args_repr) == ("OSError", "(19,)")


def test_a_write_cut_short_is_an_error_and_the_next_frame_is_whole(bench: Bench, recorder: Recorder) -> None:
    bench.call("ui_probe:init")
    recorder.refuse_after = 500
    recorder.panel.write(b"\x40" + b"\xff" * 300)
    with pytest.raises(DeviceError) as error:
        bench.call("ui_probe:texts", [(0, "LOST", False)])
    assert (error.value.type, error.value.args_repr) == ("OSError", "(5,)")
    recorder.refuse_after = None
    bench.call("ui_probe:texts", [(0, "WHOLE", False)])
    assert read_screen(recorder.panel.pixels()).text.rstrip() == "WHOLE"


def commands_of(data: bytes) -> list[bytes]:
    """The commands in one write, each with its arguments."""
    assert data[0] == 0x00
    found, at = [], 1
    while at < len(data):
        end = at + 1 + ARGUMENTS.get(data[at], 0)
        found.append(data[at:end])
        at = end
    return found


def test_init_puts_any_panel_in_order(bench: Bench) -> None:
    """The board was reset, the panel was not: whatever is set there, init sets it right."""
    recorder = Recorder()
    bench.i2c(0).attach(ADDRESS, recorder)
    left = "a0 c0 a7 a5 d30b a81f 57 2001 211020 220203 da22 8110 8d14 af"
    in_mid_command = "21"
    recorder.panel.write(b"\x00" + bytes.fromhex(left + in_mid_command))
    bench.call("ui_probe:init")
    assert all(shown == BLANK for shown in recorder.shown), "nothing of the old picture, and no noise"
    bench.call("ui_probe:texts", [(1, "IN ORDER", False)])
    assert read_screen(recorder.panel.pixels()).text == "\nIN ORDER\n\n"


def test_each_command_of_init_is_needed(bench: Bench, recorder: Recorder) -> None:
    """Leave one out, before a panel that was left wrong in every way: the picture is wrong, or its brightness."""
    bench.call("ui_probe:init")
    bench.call("ui_probe:texts", [(0, "SALE", False), (2, "12.34", False)])
    wrong = bytes.fromhex("a0 c0 a7 a5 d30b a81f 57 2001 da22 8110")
    no_picture = {0xD5, 0xD9, 0xDB, 0xAE, 0x2E, 0xE3}  # analogue values, off during set-up, no scrolling, nothing

    def replay(without: bytes) -> Panel:
        panel = Panel(random.Random(9))
        panel.write(b"\x00" + wrong)
        for data in recorder.writes:
            if data[0] == 0x00:
                data = b"\x00" + b"".join(command for command in commands_of(data) if command != without)
            panel.write(data)
        return panel

    right = replay(b"")
    assert right.pixels() == recorder.panel.pixels()
    tried = 0
    for command in {command for data in recorder.writes if data[0] == 0x00 for command in commands_of(data)}:
        if command[0] in no_picture | {0x21, 0x22}:
            continue
        broken = replay(command)
        tried += 1
        assert (broken.pixels(), broken.registers.contrast) != (right.pixels(), right.registers.contrast), command.hex()
    assert tried == 12
