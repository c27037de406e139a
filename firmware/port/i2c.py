"""Virtual I2C: `machine.I2C` with the ESP32 port's signature; the chips are models in the bench."""

from struct import pack, unpack_from

from micropython import const
from port import link as _link
from port import steer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from port.nets import Pin

_WRITE = const(1)
_READ = const(2)
_ENODEV = const(19)
_BUSES = const(2)


class I2C:
    """An I2C bus. A transfer takes the time that it takes on copper: 9 clocks a byte, address included."""

    def __init__(
        self,
        id: int,
        *,
        scl: "Pin | None" = None,
        sda: "Pin | None" = None,
        freq: int = 400_000,
        timeout: int = 50_000,
    ) -> None:
        if not 0 <= id < _BUSES:
            raise ValueError("I2C(%d) doesn't exist" % id)
        self.id = id
        self._freq = freq

    def _transfer(self, head: bytes, data: "bytes | memoryview", n: int) -> bytes:
        steer.sleep_us((n + 1) * 9_000_000 // self._freq)
        answer = _link.link().request(_link.I2C, head, data)
        if unpack_from("<h", answer, 1)[0] < 0:
            raise OSError(_ENODEV)
        return answer

    def scan(self) -> "list[int]":
        """The addresses 0x08..0x77 at which a chip acknowledges."""
        found = []
        for addr in range(0x08, 0x78):
            try:
                self.writeto(addr, b"")
            except OSError:
                continue
            found.append(addr)
        return found

    def writeto(self, addr: int, buf: "bytes | bytearray | memoryview", stop: bool = True) -> int:
        """Write `buf`; returns the number of bytes acknowledged. OSError(ENODEV) if nobody is at `addr`."""
        answer = self._transfer(bytes((_WRITE, self.id, addr)), memoryview(buf), len(buf))
        return unpack_from("<h", answer, 1)[0]

    def writevto(self, addr: int, vector: "list[bytes]", stop: bool = True) -> int:
        """Write the buffers of `vector` in one transaction."""
        return self.writeto(addr, b"".join(vector), stop)

    def readfrom(self, addr: int, nbytes: int, stop: bool = True) -> bytes:
        """Read `nbytes`."""
        return self._transfer(pack("<BBBH", _READ, self.id, addr, nbytes), b"", nbytes)[3:]

    def readfrom_into(self, addr: int, buf: bytearray, stop: bool = True) -> None:
        """Read as many bytes as `buf` holds."""
        buf[:] = self.readfrom(addr, len(buf), stop)

    def deinit(self) -> None:
        """Let go of the pins."""

    def writeto_mem(self, addr: int, memaddr: int, buf: bytes, *, addrsize: int = 8) -> None:
        """Write `buf` to the chip's register `memaddr`."""
        self.writeto(addr, memaddr.to_bytes(addrsize // 8, "big") + bytes(buf))

    def readfrom_mem(self, addr: int, memaddr: int, nbytes: int, *, addrsize: int = 8) -> bytes:
        """Read `nbytes` from the chip's register `memaddr`."""
        self.writeto(addr, memaddr.to_bytes(addrsize // 8, "big"), False)
        return self.readfrom(addr, nbytes)

    def readfrom_mem_into(self, addr: int, memaddr: int, buf: bytearray, *, addrsize: int = 8) -> None:
        """Read as many bytes as `buf` holds, from the chip's register `memaddr` on."""
        buf[:] = self.readfrom_mem(addr, memaddr, len(buf), addrsize=addrsize)
