"""Flashing: the real esptool, run as a program, against the model of the ESP32's serial bootloader on a pty."""

from __future__ import annotations

import random
import struct
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tillbench.host.boards import esptool
from tillbench.host.boards.board_map import Board
from tillbench.host.boards.board_port import BoardPort, NoBoard
from tillbench.host.boards.esptool import EsptoolFailed, Identity
from tillbench.host.boards.flashing import WrongBoard, check, flash
from tillbench.host.boards.image import Image, WrongImage, open_image
from tillbench.host.devices.esp32.chips import CHIPS
from tillbench.host.devices.esp32.flash import SpiFlash
from tillbench.host.devices.esp32.loader import ROM_BAUD, Faults, Loader, Op
from tillbench.host.devices.esp32.port import LoaderPort

MAC = "24:0a:c4:00:01:02"
FAST = 460_800
Start = Callable[..., tuple[Loader, Board]]


@pytest.fixture
def start() -> Iterator[Start]:
    """A chip in download mode on a port, and the board for it."""
    ports = []

    def start(chip: str = "ESP32", faults: Faults | None = None) -> tuple[Loader, Board]:
        loader = Loader(CHIPS[chip], MAC, faults=faults)
        ports.append(LoaderPort(loader))
        return loader, Board("under test", port=ports[-1].name, reset="buttons", baud=FAST)

    yield start
    for port in ports:
        port.close()


def image_file(folder: Path, chip: str, size: int = 80_000, seed: int = 1) -> Image:
    """An image as far as header and length go, with data that compresses by half."""
    chance = random.Random(seed)
    head = struct.pack("<BBBBIB3sHBHH4sB", 0xE9, 3, 2, 0x20, 0, 0, bytes(3), CHIPS[chip].image_id, 0, 0, 0, bytes(4), 0)
    path = folder / f"{chip}.bin"
    path.write_bytes(head + b"".join(chance.randbytes(64) + bytes(64) for _ in range(size // 128)))
    return open_image(str(path))


def written(loader: Loader, image: Image) -> bytes:
    return loader.flash.read(image.offset, image.path.stat().st_size)


def test_with_the_stub(start: Start, tmp_path: Path) -> None:
    """The upload is taken, OHAI, another rate, deflate; a block with a wrong bit is refused and sent again."""
    loader, board = start(faults=Faults(wire_error_at={2}))
    loader.flash.program(0x30_0000, b"what was there before")
    image = image_file(tmp_path, "ESP32")
    assert flash(BoardPort(board), image) == Identity("ESP32", MAC)
    assert loader.is_stub
    assert loader.baud == FAST
    assert {Op.MEM_BEGIN, Op.MEM_END, Op.ERASE_FLASH, Op.FLASH_DEFL_DATA, Op.SPI_FLASH_MD5} <= set(loader.operations)
    assert Op.FLASH_DATA not in loader.operations
    assert written(loader, image) == image.path.read_bytes()
    assert loader.flash.read(0x30_0000, 21) == b"\xff" * 21
    assert loader.data_blocks == image_blocks(image) + 1


def image_blocks(image: Image) -> int:
    """Blocks of 16 KB of the file as esptool compresses it."""
    import zlib

    return -(-len(zlib.compress(image.path.read_bytes(), 9)) // 0x4000)


def test_without_the_stub(start: Start, tmp_path: Path) -> None:
    """The ROM's dialect: plain blocks, MD5 as 32 hex digits; what is not written is not erased."""
    loader, board = start("ESP32-S3")
    loader.flash.program(0x30_0000, b"files of the board")
    image = image_file(tmp_path, "ESP32-S3", size=65_536 + 128)
    assert flash(BoardPort(board), image, stub=False) == Identity("ESP32-S3", MAC)
    assert not loader.is_stub
    assert loader.baud == ROM_BAUD
    assert {Op.FLASH_BEGIN, Op.FLASH_DATA, Op.SPI_FLASH_MD5} <= set(loader.operations)
    assert not {Op.MEM_BEGIN, Op.ERASE_FLASH, Op.FLASH_DEFL_DATA} & set(loader.operations)
    assert written(loader, image) == image.path.read_bytes()
    assert loader.flash.read(0x30_0000, 18) == b"files of the board"


def test_the_wrong_board_is_refused_before_a_byte_is_written(start: Start, tmp_path: Path) -> None:
    loader, board = start("ESP32-C3")
    with pytest.raises(WrongBoard, match=r"chip: expected ESP32-S3, found ESP32-C3; nothing was written"):
        flash(BoardPort(Board(**{**vars(board), "chip": "ESP32-S3"})), image_file(tmp_path, "ESP32-S3"))
    assert (loader.flash.erases, loader.flash.programs) == (0, 0)


@pytest.mark.parametrize(
    ("board", "found", "expected"),
    [
        (Board("a", mac="24:0a:c4:00:01:03"), Identity("ESP32", MAC), "MAC: expected 24:0a:c4:00:01:03, found 24:0a"),
        (Board("a", chip="ESP32"), Identity("ESP32-S3", MAC), "chip: expected ESP32, found ESP32-S3"),
        (Board("a"), Identity("ESP32-C3", MAC), "is for ESP32-S3, a is ESP32-C3; nothing was written"),
    ],
)
def test_what_makes_it_the_wrong_board(board: Board, found: Identity, expected: str, tmp_path: Path) -> None:
    with pytest.raises(WrongBoard, match=expected):
        check(board, found, image_file(tmp_path, "ESP32-S3"))


def test_a_chip_that_does_not_answer(start: Start) -> None:
    loader, board = start(faults=Faults(deaf=True))
    with pytest.raises(EsptoolFailed, match=r"Failed to connect.*; not in download mode: hold BOOT, press EN"):
        esptool.identify(board, str(board.port))
    assert loader.operations == []


def test_a_cable_that_is_pulled_in_mid_write(start: Start, tmp_path: Path) -> None:
    loader, board = start(faults=Faults(vanish_at_block=2))
    image = image_file(tmp_path, "ESP32")
    with pytest.raises(EsptoolFailed, match=r"under test \(/dev/pts/\d+\): .*; the port went away: look at the cable"):
        esptool.run(board, str(board.port), "write-flash", hex(image.offset), str(image.path))
    assert 0 < loader.flash.programs < image_blocks(image)


def test_a_bit_that_the_flash_keeps_wrong(start: Start, tmp_path: Path) -> None:
    """No checksum of the wire tells; the chip's own MD5 of what it holds does."""
    loader, board = start(faults=Faults(flash_error_at={1}))
    image = image_file(tmp_path, "ESP32")
    with pytest.raises(EsptoolFailed, match="the flash holds other bytes than were sent"):
        esptool.run(board, str(board.port), "write-flash", hex(image.offset), str(image.path))
    assert written(loader, image) != image.path.read_bytes()


def test_a_stub_that_does_not_start(start: Start) -> None:
    _, board = start(faults=Faults(no_greeting=True))
    with pytest.raises(EsptoolFailed, match="has not started esptool's program: try --no-stub"):
        esptool.identify(board, str(board.port), silence_s=2)


def test_the_port_has_one_user(start: Start) -> None:
    _, board = start()
    port = BoardPort(board)
    with port.lent("esptool"), pytest.raises(NoBoard, match="esptool has the port; mpremote has to wait"):
        with port.lent("mpremote"):
            pass
    with port.opened("mpremote") as line, pytest.raises(NoBoard, match="cannot be opened"):
        with BoardPort(board).lent("another process"):
            pass
    assert not line.is_open


def test_flash_is_nor() -> None:
    chip = SpiFlash(1 << 16)
    chip.program(0, b"\x0f")
    chip.program(0, b"\xf3")
    assert chip.read(0, 1) == b"\x03"
    chip.erase(1, 1)
    assert chip.read(0, 1) == b"\xff"
    assert chip.identification == 0x10_40_C8


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (None, "no such file, and none of that name in"),
        (b"\x7fELF" + bytes(40), "offset 0: expected 0xe9, with which an ESP32 image begins, found 0x7f"),
        (b"\xe9", "offset 0: expected 0xe9, with which an ESP32 image begins, found 1 bytes"),
        (b"\xe9" + bytes(11) + b"\x02" + bytes(11), "offset 12: expected the number of ESP32 (0), ESP32-S3 (9)"),
        (b"\xe9" + bytes(40), "expected more than 65536 bytes of a whole image, found 41"),
    ],
)
def test_a_file_that_is_no_image(
    content: bytes | None, expected: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MPFLASH_FIRMWARE", str(tmp_path / "cache"))
    path = tmp_path / "image.bin"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(WrongImage) as error:
        open_image(str(path))
    assert expected in str(error.value)


def test_an_image_in_mpflashs_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MPFLASH_FIRMWARE", str(tmp_path))
    (tmp_path / "esp32").mkdir()
    image_file(tmp_path / "esp32", "ESP32").path.rename(tmp_path / "esp32" / "ESP32_GENERIC-v1.27.0.bin")
    assert open_image("ESP32_GENERIC-v1.27.0.bin") == Image(
        tmp_path / "esp32" / "ESP32_GENERIC-v1.27.0.bin", "ESP32", 0x1000
    )
