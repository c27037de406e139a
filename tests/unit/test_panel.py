"""The SSD1306 model shows what the datasheet says, and what a wrong driver deserves."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tillbench.host.devices.panel import HEIGHT, WIDTH, Panel

# No verdict here may depend on how busy the machine is.
unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

# One command a line, with its arguments; right for the usual 128x64 module.
SET_UP = {
    "clock": b"\xd5\x80",
    "multiplex": b"\xa8\x3f",
    "offset": b"\xd3\x00",
    "start line": b"\x40",
    "charge pump": b"\x8d\x14",
    "horizontal addressing": b"\x20\x00",
    "segment remap": b"\xa1",
    "com scan": b"\xc8",
    "com pins": b"\xda\x12",
    "contrast": b"\x81\xcf",
    "not inverse": b"\xa6",
    "window": b"\x21\x00\x7f\x22\x00\x07",
}
ON = b"\xaf"


def picture() -> bytes:
    """A picture with no symmetry: random dots, one byte a pixel."""
    rng = random.Random(7)
    return bytes(rng.randrange(2) for _ in range(WIDTH * HEIGHT))


def vlsb(pixels: bytes) -> bytes:
    """Eight rows a page, one byte a column, bit 0 on top."""
    return bytes(
        sum(pixels[(8 * page + bit) * WIDTH + x] << bit for bit in range(8)) for page in range(8) for x in range(WIDTH)
    )


def commands(panel: Panel, data: bytes) -> None:
    panel.write(b"\x00" + data)


def fresh(without: str = "", **changed: bytes) -> Panel:
    """A panel set up as above, except for one command left out or others changed."""
    panel = Panel(random.Random(1))
    for name, command in SET_UP.items():
        if name != without:
            commands(panel, changed.get(name.replace(" ", "_"), command))
    return panel


def showing(panel: Panel, pixels: bytes | None = None) -> bytes:
    panel.write(b"\x40" + vlsb(picture() if pixels is None else pixels))
    commands(panel, ON)
    return panel.pixels()


def rows_of(pixels: bytes) -> list[bytes]:
    return [pixels[at : at + WIDTH] for at in range(0, len(pixels), WIDTH)]


def mirrored(pixels: bytes) -> bytes:
    return b"".join(row[::-1] for row in rows_of(pixels))


def flipped(pixels: bytes) -> bytes:
    return b"".join(rows_of(pixels)[::-1])


def rolled(pixels: bytes, up: int) -> bytes:
    return pixels[up * WIDTH :] + pixels[: up * WIDTH]


DARK = bytes(WIDTH * HEIGHT)


def test_a_right_set_up_shows_the_picture() -> None:
    panel = fresh()
    assert showing(panel) == picture()
    assert panel.lit
    assert not panel.complaints


@pytest.mark.parametrize(
    ("without", "seen"),
    [
        ("charge pump", lambda p: DARK),
        ("segment remap", mirrored),
        ("com scan", flipped),
        ("clock", lambda p: p),
        ("contrast", lambda p: p),
    ],
)
def test_what_one_missing_command_does(without: str, seen: Callable[[bytes], bytes]) -> None:
    assert showing(fresh(without=without)) == seen(picture())


def test_a_panel_never_switched_on_is_dark() -> None:
    panel = fresh()
    panel.write(b"\x40" + vlsb(picture()))
    assert panel.pixels() == DARK
    assert not panel.lit


def test_the_charge_pump_must_be_on_before_the_display_is() -> None:
    panel = fresh(without="charge pump")
    showing(panel)
    commands(panel, b"\x8d\x14")
    assert panel.pixels() == DARK
    commands(panel, ON)
    assert panel.pixels() == picture()


def test_charge_pump_off_is_dark_at_once() -> None:
    panel = fresh()
    showing(panel)
    commands(panel, b"\x8d\x10")
    assert panel.pixels() == DARK


def test_sleep_keeps_the_picture() -> None:
    panel = fresh()
    showing(panel)
    commands(panel, b"\xae")
    assert panel.pixels() == DARK
    assert panel.read(2) == b"\x40\x40"
    commands(panel, ON)
    assert panel.pixels() == picture()
    assert panel.read(1) == b"\x00"


def test_without_horizontal_addressing_all_data_goes_to_one_page() -> None:
    panel = fresh(without="horizontal addressing")
    before = panel.ram
    seen = showing(panel)
    assert rows_of(seen)[:8] == rows_of(picture())[56:], "the last page written is what page 0 holds"
    assert panel.ram[WIDTH:] == before[WIDTH:]
    assert any("windows are for horizontal" in complaint for complaint in panel.complaints)


def test_without_a_window_a_second_frame_still_fits() -> None:
    panel = fresh()
    showing(panel, DARK)
    assert showing(panel) == picture()


def test_a_frame_cut_short_shifts_the_next_one() -> None:
    panel = fresh()
    panel.write(b"\x40" + bytes(5))
    assert showing(panel) != picture()
    commands(panel, SET_UP["window"])
    assert showing(panel) == picture()


def test_ram_is_random_at_power_on_and_repeatable() -> None:
    assert Panel(random.Random(1)).ram == Panel(random.Random(1)).ram
    assert Panel(random.Random(1)).ram != Panel(random.Random(2)).ram
    panel = fresh()
    commands(panel, ON)
    noise = panel.pixels()
    assert 3000 < sum(noise) < 5000
    panel.power_cycle()
    assert panel.pixels() == DARK, "registers are at their reset values"


def test_a_reset_pulse_keeps_the_ram() -> None:
    panel = fresh()
    showing(panel)
    ram = panel.ram
    panel.reset()
    assert panel.ram == ram
    assert not panel.lit


def test_inverse_and_all_on() -> None:
    panel = fresh()
    showing(panel)
    commands(panel, b"\xa7")
    assert panel.pixels() == bytes(1 - pixel for pixel in picture())
    commands(panel, b"\xa5")
    assert panel.pixels() == b"\x01" * len(DARK), "all on does not ask the RAM"
    commands(panel, b"\xa4\xa6")
    assert panel.pixels() == picture()


def test_segment_remap_is_for_later_data_only() -> None:
    panel = fresh(without="segment remap")
    showing(panel)
    commands(panel, b"\xa1")
    assert panel.pixels() == mirrored(picture())


def test_com_scan_direction_acts_at_once() -> None:
    panel = fresh()
    showing(panel)
    commands(panel, b"\xc0")
    assert panel.pixels() == flipped(picture())


def test_start_line_rolls_the_picture_up() -> None:
    panel = fresh()
    showing(panel)
    commands(panel, b"\x4a")
    assert panel.pixels() == rolled(picture(), 10)


def test_display_offset_rolls_the_scan() -> None:
    # Datasheet table 10-2, remapped, MUX 64, offset 8: COM0 shows row 7. COM0 is the lowest line of the glass.
    panel = fresh(offset=b"\xd3\x08")
    assert rows_of(showing(panel))[63] == rows_of(picture())[7]
    assert panel.pixels() == rolled(picture(), 8)


@pytest.mark.parametrize(
    ("scan", "mux", "offset", "com", "row"),
    [
        # Table 10-1 (C0) and 10-2 (C8), some of their corners.
        (0xC0, 64, 0, 0, 0),
        (0xC0, 64, 8, 0, 8),
        (0xC0, 64, 8, 56, 0),
        (0xC0, 56, 0, 56, None),
        (0xC0, 56, 8, 47, 55),
        (0xC0, 56, 8, 48, None),
        (0xC0, 56, 8, 56, 0),
        (0xC8, 64, 0, 0, 63),
        (0xC8, 64, 8, 7, 0),
        (0xC8, 48, 0, 0, 47),
        (0xC8, 48, 0, 48, None),
        (0xC8, 48, 8, 0, None),
        (0xC8, 48, 8, 8, 47),
    ],
)
def test_which_row_a_com_output_shows(scan: int, mux: int, offset: int, com: int, row: int | None) -> None:
    panel = Panel(random.Random(1))
    commands(panel, bytes([scan, 0xA8, mux - 1, 0xD3, offset]))
    assert panel.registers.ram_line(com) == row


def test_multiplex_ratio_leaves_lines_dark() -> None:
    seen = rows_of(showing(fresh(multiplex=b"\xa8\x1f")))
    assert sum(any(row) for row in seen) == 32
    assert seen[32:] == rows_of(picture())[:32], "C8 scans from COM31 down: the lower half of the glass"


def test_sequential_com_pins_tear_the_picture() -> None:
    seen = rows_of(showing(fresh(com_pins=b"\xda\x02")))
    rows = rows_of(picture())
    # The glass takes lines by turns from both halves of the chip, the chip fills one half after the other.
    assert seen[0::2] == rows[:32]
    assert seen[1::2] == rows[32:]


def test_swapped_com_sides_swap_neighbouring_lines() -> None:
    seen = rows_of(showing(fresh(com_pins=b"\xda\x32")))
    rows = rows_of(picture())
    assert (seen[0], seen[1]) == (rows[1], rows[0])


def test_each_byte_may_have_its_own_control_byte() -> None:
    panel = Panel(random.Random(1))
    for command in [*SET_UP.values(), ON]:
        panel.write(b"".join(bytes([0x80, byte]) for byte in command))
    for byte in vlsb(picture()):
        panel.write(bytes([0xC0, byte]))
    assert panel.pixels() == picture()


def test_command_bytes_may_come_in_transactions_of_their_own() -> None:
    panel = Panel(random.Random(1))
    for byte in b"".join(SET_UP.values()):
        commands(panel, bytes([byte]))
    assert showing(panel) == picture()


def test_a_command_and_data_in_one_transaction() -> None:
    panel = fresh()
    panel.write(b"\x80\xaf\x40" + vlsb(picture()))
    assert panel.pixels() == picture()


def test_page_addressing_mode() -> None:
    panel = fresh(without="horizontal addressing")
    pages = vlsb(picture())
    for page in range(8):
        commands(panel, bytes([0xB0 + page, 0x05, 0x10]))
        start = page * WIDTH
        panel.write(b"\x40" + pages[start + 5 : start + WIDTH] + pages[start : start + 5])
    commands(panel, ON)
    assert panel.pixels() == picture()


def test_vertical_addressing_mode() -> None:
    panel = fresh(horizontal_addressing=b"\x20\x01")
    pages = vlsb(picture())
    panel.write(b"\x40" + bytes(pages[page * WIDTH + x] for x in range(WIDTH) for page in range(8)))
    commands(panel, ON)
    assert panel.pixels() == picture()


def test_a_window_takes_what_is_written_and_leaves_the_rest() -> None:
    panel = fresh()
    showing(panel)
    commands(panel, b"\x21\x08\x0f\x22\x02\x03")
    panel.write(b"\x40" + b"\xff" * 16)
    expected = [bytearray(row) for row in rows_of(picture())]
    for y in range(16, 32):
        expected[y][8:16] = b"\x01" * 8
    assert panel.pixels() == b"".join(expected)


def test_a_pointer_beyond_the_window_goes_on_to_the_last_column() -> None:
    panel = fresh()
    commands(panel, b"\x21\x00\x07\x22\x00\x07\x20\x02\xb0\x0c\x17\x20\x00")
    before = panel.ram
    panel.write(b"\x40" + bytes(range(1, 9)))
    # Columns 124..127 of page 0, then 0..3 of page 1; the remap turns columns into segments.
    assert panel.ram[:4] == b"\x04\x03\x02\x01"
    assert panel.ram[2 * WIDTH - 4 : 2 * WIDTH] == b"\x08\x07\x06\x05"
    assert panel.ram[4 : 2 * WIDTH - 4] == before[4 : 2 * WIDTH - 4]


@unhurried
@given(
    mode=st.integers(0, 2),
    remap=st.booleans(),
    columns=st.tuples(st.integers(0, 127), st.integers(0, 127)).map(sorted),
    pages=st.tuples(st.integers(0, 7), st.integers(0, 7)).map(sorted),
    data=st.binary(min_size=1, max_size=1500),
)
def test_how_data_is_split_does_not_matter(
    mode: int, remap: bool, columns: list[int], pages: list[int], data: bytes
) -> None:
    set_up = bytes([0x20, mode, 0xA0 + remap, 0x21, *columns, 0x22, *pages])
    whole, split = Panel(random.Random(1)), Panel(random.Random(1))
    commands(whole, set_up)
    commands(split, set_up)
    whole.write(b"\x40" + data)
    for byte in data:
        split.write(bytes([0x40, byte]))
    assert whole.ram == split.ram
    assert whole.registers == split.registers


@unhurried
@given(st.lists(st.binary(max_size=40), max_size=20))
def test_garbage_never_breaks_the_model(writes: list[bytes]) -> None:
    panel = fresh()
    for data in writes:
        assert panel.write(data) == len(data)
    assert len(panel.pixels()) == len(DARK)
    assert len(panel.ram) == 1024


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        (b"\x01\xae", "control byte 0x01 at offset 0"),
        (b"\x00\x21\x7f\x00", "window 127..0"),
        (b"\x00\x22\x00\x09", "window 0..9"),
        (b"\x00\xb3", "page addressing mode only"),
        (b"\x00\x05", "page addressing mode only"),
        (b"\x00\xa8\x05", "multiplex ratio 6"),
        (b"\x00\x20\x03", "mode 3"),
        (b"\x00\xf0", "no such command"),
        (b"\x00\x26\x00\x00\x00\x00\x00\x00", "not modelled"),
    ],
)
def test_complaints_say_what_was_wrong(data: bytes, complaint: str) -> None:
    panel = fresh()
    panel.write(data)
    assert len(panel.complaints) == 1
    assert complaint in panel.complaints[0]


def test_every_write_is_told() -> None:
    told = []
    panel = Panel(random.Random(1), on_write=lambda: told.append(1))
    commands(panel, ON)
    panel.write(b"\x40\x00")
    assert len(told) == 2
