"""The serial bootloader: the ROM's dialect, and after an upload the flasher stub's.

A packet is `direction, operation, u16 size, u32 checksum or value, data` in SLIP. The two dialects differ in the length
of the status (4 and 2 bytes), in the MD5 (32 hex digits and 16 bytes), in what they can, and in the value with which
they answer SYNC. Source: Espressif's description of the serial protocol, and its flasher stub's.
"""

from __future__ import annotations

import hashlib
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import IntEnum

from tillbench.host.devices.esp32 import slip
from tillbench.host.devices.esp32.chips import MAGIC_REGISTER, Chip
from tillbench.host.devices.esp32.flash import READ_ID, OutOfRange, SpiFlash

ROM_BAUD = 115_200
HEAD = struct.Struct("<BBHI")
GREETING = b"OHAI"
_CHECKSUM_SEED = 0xEF
_SYNC_DATA = b"\x07\x07\x12\x20" + b"\x55" * 32
_SYNC_VALUE = 0x2012_0707
_SPI_USER = 1 << 18


class Op(IntEnum):
    """Operations."""

    FLASH_BEGIN = 0x02
    FLASH_DATA = 0x03
    FLASH_END = 0x04
    MEM_BEGIN = 0x05
    MEM_END = 0x06
    MEM_DATA = 0x07
    SYNC = 0x08
    WRITE_REG = 0x09
    READ_REG = 0x0A
    SPI_SET_PARAMS = 0x0B
    SPI_ATTACH = 0x0D
    CHANGE_BAUDRATE = 0x0F
    FLASH_DEFL_BEGIN = 0x10
    FLASH_DEFL_DATA = 0x11
    FLASH_DEFL_END = 0x12
    SPI_FLASH_MD5 = 0x13
    GET_SECURITY_INFO = 0x14
    ERASE_FLASH = 0xD0
    ERASE_REGION = 0xD1


_STUB_ONLY = {Op.ERASE_FLASH, Op.ERASE_REGION}


class Failure(Exception):
    """A command that is refused: the two numbers are the ROM's reason and the stub's."""

    def __init__(self, rom: int, stub: int) -> None:
        super().__init__(f"ROM {rom:#04x}, stub {stub:#04x}")
        self.rom = rom
        self.stub = stub


def _invalid() -> Failure:
    return Failure(0x05, 0xC3)


@dataclass
class Faults:
    """What goes wrong; nothing by itself.

    Attributes:
        deaf: it does not answer (not in download mode, wrong pins, no power).
        vanish_at_block: the port is gone when that data block comes, counted from 1.
        wire_error_at: data blocks that arrive with a wrong bit, once each: the checksum tells.
        flash_error_at: data blocks that are written with a wrong bit: only the verification tells.
        no_greeting: the stub does not start.
    """

    deaf: bool = False
    vanish_at_block: int | None = None
    wire_error_at: set[int] = field(default_factory=set)
    flash_error_at: set[int] = field(default_factory=set)
    no_greeting: bool = False


FAULTS: dict[str, Callable[[], Faults]] = {
    "none": Faults,
    "deaf": lambda: Faults(deaf=True),
    "vanish": lambda: Faults(vanish_at_block=2),
    "wire-error": lambda: Faults(wire_error_at={1}),
    "flash-error": lambda: Faults(flash_error_at={1}),
    "no-greeting": lambda: Faults(no_greeting=True),
}
"""Faults by the name that a person gives them."""


class Vanished(Exception):
    """The cable is pulled."""


@dataclass
class _Download:
    """A transfer in progress: so many blocks, from `offset` on."""

    offset: int
    size: int
    blocks: int
    next: int = 0
    inflate: zlib._Decompress | None = None


class Loader:
    """A chip in download mode.

    Args:
        chip: which kind.
        mac: its address, as in "24:0a:c4:00:01:02".
        flash: what is beside it.
        faults: what goes wrong.
    """

    def __init__(self, chip: Chip, mac: str, flash: SpiFlash | None = None, faults: Faults | None = None) -> None:
        self.chip = chip
        self.flash = flash or SpiFlash()
        self.faults = faults or Faults()
        self.baud: int | None = None
        self.is_stub = False
        self.data_blocks = 0
        self.operations: list[Op] = []
        self._registers = {**dict(chip.others), **chip.mac_words(mac)}
        if chip.magic is not None:
            self._registers[MAGIC_REGISTER] = chip.magic
        self._decoder = slip.Decoder()
        self._memory: dict[int, bytes] = {}
        self._to_memory: _Download | None = None
        self._to_flash: _Download | None = None
        self._attached = False
        self._new_baud: int | None = None

    def feed(self, data: bytes, baud: int = ROM_BAUD) -> bytes:
        """Bytes that come in at `baud`; what the chip answers.

        At another rate than the chip's they are noise; the ROM finds its rate with the first SYNC.

        Raises:
            Vanished: at the block at which the faults say so.
        """
        if self.faults.deaf or (self.baud is not None and baud != self.baud):
            return b""
        answers = b""
        for packet in self._decoder.feed(data):
            answers += self._take(packet, baud)
        return answers

    def _take(self, packet: bytes, baud: int) -> bytes:
        if len(packet) < HEAD.size:
            return b""
        direction, number, size, checksum = HEAD.unpack_from(packet)
        data = packet[HEAD.size :]
        if direction != 0 or size != len(data):
            return b""
        if self.baud is None:
            if number != Op.SYNC:
                return b""
            self.baud = baud
        try:
            value, answer = self._handle(number, data, checksum)
            reply = self._reply(number, value, answer + bytes(2 if self.is_stub else 4))
        except Failure as failure:
            status = bytes([1, failure.stub]) if self.is_stub else bytes([1, failure.rom, 0, 0])
            return self._reply(number, 0, status)
        if number == Op.SYNC:
            return reply * 8
        if number == Op.MEM_END:
            return reply + self._start(*struct.unpack("<II", data))
        if self._new_baud is not None:
            self.baud, self._new_baud = self._new_baud, None
        return reply

    def _reply(self, number: int, value: int, data: bytes) -> bytes:
        return slip.encode(HEAD.pack(1, number, len(data), value) + data)

    def _handle(self, number: int, data: bytes, checksum: int) -> tuple[int, bytes]:
        known = number in Op.__members__.values() and (self.is_stub or number not in _STUB_ONLY)
        if not known or (number == Op.GET_SECURITY_INFO and self.chip.magic is not None):
            raise _invalid()
        op = Op(number)
        self.operations.append(op)
        handler: Callable[..., tuple[int, bytes] | None]
        if op in (Op.FLASH_DATA, Op.FLASH_DEFL_DATA, Op.MEM_DATA):
            return self._block(op, data, checksum)
        handler = getattr(self, f"_{op.name.lower()}")
        try:
            return handler(data) or (0, b"")
        except struct.error:
            raise Failure(0x05, 0xC0) from None
        except OutOfRange:
            raise Failure(0x06, 0xC4) from None

    # Finding out

    def _sync(self, data: bytes) -> tuple[int, bytes]:
        if data != _SYNC_DATA:
            raise _invalid()
        return (0 if self.is_stub else _SYNC_VALUE), b""

    def _read_reg(self, data: bytes) -> tuple[int, bytes]:
        (address,) = struct.unpack("<I", data)
        return self._registers.get(address, 0), b""

    def _write_reg(self, data: bytes) -> None:
        for address, value, mask, _ in struct.iter_unpack("<IIII", data):
            kept = self._registers.get(address, 0)
            self._registers[address] = kept & ~mask | value & mask
        spi = self.chip.spi
        if self._registers.get(spi.command, 0) & _SPI_USER:
            command = self._registers.get(spi.user2, 0) & 0xFF
            self._registers[spi.data] = self.flash.identification if command == READ_ID and self._attached else 0
            self._registers[spi.command] = 0

    def _get_security_info(self, _data: bytes) -> tuple[int, bytes]:
        return 0, bytes(12) + struct.pack("<II", self.chip.image_id, 0)

    def _change_baudrate(self, data: bytes) -> None:
        self._new_baud, _ = struct.unpack("<II", data)

    # The stub's upload

    def _mem_begin(self, data: bytes) -> None:
        size, blocks, _, offset = struct.unpack("<IIII", data)
        self._to_memory = _Download(offset, size, blocks)
        self._memory[offset] = b""

    def _mem_end(self, data: bytes) -> None:
        struct.unpack("<II", data)

    def _start(self, stay: int, entry: int) -> bytes:
        if stay:
            return b""
        whole = any(start <= entry < start + len(code) for start, code in self._memory.items())
        if not whole or self.faults.no_greeting:
            return b""  # it jumps to where there is no program
        self.is_stub = self._attached = True
        return slip.encode(GREETING)

    # The flash

    def _spi_attach(self, _data: bytes) -> None:
        self._attached = True

    def _spi_set_params(self, data: bytes) -> None:
        struct.unpack("<IIIIII", data)

    def _begin(self, data: bytes, inflate: bool) -> None:
        size, blocks, _, offset = struct.unpack_from("<IIII", data)
        if not self._attached:
            raise Failure(0x06, 0xC4)
        self._to_flash = _Download(offset, size, blocks, inflate=zlib.decompressobj() if inflate else None)
        if size:
            self.flash.erase(offset, size)

    def _flash_begin(self, data: bytes) -> None:
        self._begin(data, False)

    def _flash_defl_begin(self, data: bytes) -> None:
        self._begin(data, True)

    def _block(self, op: Op, data: bytes, checksum: int) -> tuple[int, bytes]:
        size, number = struct.unpack_from("<II", data)
        block = bytearray(data[16:])
        download = self._to_memory if op == Op.MEM_DATA else self._to_flash
        if op != Op.MEM_DATA:
            self.data_blocks += 1
            if self.data_blocks == self.faults.vanish_at_block:
                raise Vanished
            if self.data_blocks in self.faults.wire_error_at:
                block[len(block) // 2] ^= 0x10
        if len(block) != size:
            raise Failure(0x05, 0xC0)
        if download is None or number >= download.blocks or number > download.next:
            raise Failure(0x06, 0xC6)
        if _checksum(block) != checksum:
            raise Failure(0x07, 0xC1)
        if number == download.next:  # else a repetition of a block whose answer was lost
            download.next += 1
            self._store(op, download, bytes(block))
        return 0, b""

    def _store(self, op: Op, download: _Download, block: bytes) -> None:
        if op == Op.MEM_DATA:
            self._memory[download.offset] += block
            return
        if (op == Op.FLASH_DEFL_DATA) != (download.inflate is not None):
            raise Failure(0x06, 0xC6)
        if download.inflate is not None:
            try:
                block = download.inflate.decompress(block)
            except zlib.error:
                raise Failure(0x0B, 0xC7) from None
        if self.data_blocks in self.faults.flash_error_at and block:
            block = bytes([block[0] ^ 0x01]) + block[1:]
        self.flash.program(download.offset, block)
        download.offset += len(block)

    def _flash_end(self, data: bytes) -> None:
        struct.unpack("<I", data)
        self._to_flash = None

    _flash_defl_end = _flash_end

    def _spi_flash_md5(self, data: bytes) -> tuple[int, bytes]:
        offset, size, _, _ = struct.unpack("<IIII", data)
        digest = hashlib.md5(self.flash.read(offset, size), usedforsecurity=False)
        return 0, digest.digest() if self.is_stub else digest.hexdigest().encode()

    def _erase_flash(self, _data: bytes) -> None:
        self.flash.erase(0, len(self.flash.data))

    def _erase_region(self, data: bytes) -> None:
        self.flash.erase(*struct.unpack("<II", data))


def _checksum(data: bytes | bytearray) -> int:
    value = _CHECKSUM_SEED
    for byte in data:
        value ^= byte
    return value
