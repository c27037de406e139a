"""The bench's NOR flash: what a file system may do with it, and the operation that is the last one."""

from __future__ import annotations

from pathlib import Path

import pytest
from tillbench.host.devices.nor_flash import BLOCK, FlashFault, NorFlash, PowerCut


@pytest.fixture
def flash(tmp_path: Path) -> NorFlash:
    path = tmp_path / "flash.bin"
    path.write_bytes(b"\xff" * 4 * BLOCK)
    return NorFlash(path, 2 * BLOCK)


def test_a_program_only_clears_bits(flash: NorFlash) -> None:
    flash.program(3, b"\x0f\xf0")
    flash.program(3, b"\x0e\xf0")
    with pytest.raises(FlashFault, match="program of block 0 at 4: f1 over f0"):
        flash.program(3, b"\x0e\xf1")
    flash.erase(0)
    assert flash.read(0, 8) == b"\xff" * 8


def test_its_end(flash: NorFlash) -> None:
    with pytest.raises(FlashFault, match="2 bytes at 8191: the flash ends at 8192"):
        flash.program(2 * BLOCK - 1, b"\x00\x00")
    with pytest.raises(FlashFault, match="erase at 1: expected a multiple of 4096"):
        flash.erase(1)


def test_the_last_operation_is_done_by_half(flash: NorFlash) -> None:
    flash.power_on(cut_after=2)
    flash.program(0, b"\x00\x00")
    with pytest.raises(PowerCut):
        flash.program(2, b"\x00\x00")
    assert flash.read(0, 4) == b"\x00\x00\x00\xff"
    flash.power_on(0)
    flash.program(3, b"\x00")
    assert flash.operations == 1
