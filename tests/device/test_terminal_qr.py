"""QR codes that the device draws, read back by zxing-cpp."""

from __future__ import annotations

import pytest
import zxingcpp
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from tillbench.host.emulator.bench import Bench

ALPHANUMERIC = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
CAPACITY = (20, 38, 61, 90, 122, 154)
"""Characters in level M, versions 1 to 6 (ISO/IEC 18004, table 7)."""


def picture(rows: list[bytes]) -> Image.Image:
    """Dark is black."""
    return Image.frombytes("1", (8 * len(rows[0]), len(rows)), bytes(byte ^ 0xFF for row in rows for byte in row))


def read(rows: list[bytes]) -> zxingcpp.Barcode:
    (code,) = zxingcpp.read_barcodes(picture(rows).convert("L"))
    return code


@pytest.mark.parametrize("length", [1, *CAPACITY, *(limit + 1 for limit in CAPACITY[:-1])])
def test_every_version_filled_and_one_more(device: Bench, length: int) -> None:
    text = (ALPHANUMERIC * 4)[:length]
    rows = device.call("widget_probe:qr", text, 4)
    code = read(rows)
    assert code.text == text
    assert code.ec_level == "M"
    version = next(number for number, limit in enumerate(CAPACITY, 1) if length <= limit)
    assert len(rows) == 4 * (17 + 4 * version + 8)


@settings(deadline=None, max_examples=12, suppress_health_check=list(HealthCheck))
@given(st.text(ALPHANUMERIC, min_size=1, max_size=154), st.sampled_from([3, 6]))
def test_any_text_is_read_back(device: Bench, text: str, scale: int) -> None:
    assert read(device.call("widget_probe:qr", text, scale)).text == text


def test_damage_within_level_m_is_repaired(device: Bench) -> None:
    """Level M restores about 15 percent: so the correction codewords are right, not merely there."""
    text = "TB2/898110053110001/12345678/000002/000012"
    rows = [bytearray(row) for row in device.call("widget_probe:qr", text, 4)]
    for y in range(4 * 16, 4 * 21):
        rows[y][9:11] = b"\xff\xff"
    assert read([bytes(row) for row in rows]).text == text


@pytest.mark.parametrize(("text", "error"), [("A" * 155, "155 characters, 154 can be had"), ("a", "alphanumeric")])
def test_what_does_not_fit_is_refused(device: Bench, text: str, error: str) -> None:
    with pytest.raises(Exception, match=error):
        device.call("widget_probe:qr", text, 4)
