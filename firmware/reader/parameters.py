"""Parameters of the dialogue with a card, as CCID carries them (USB CCID 1.1, 6.1.7 and 6.2.3) and ISO/IEC 7816-3 has
them in the answer to reset."""

from iso7816.atr import Atr
from iso7816.pps import D, F
from iso7816.t1_block import PROLOGUE, seal
from micropython import const

from reader.ccid import BAD_LENGTH, DATA, NO_SUCH_PROTOCOL, NONE

_SPECIFIC_IMPLICIT = const(0x10)
_INVERSE = const(2)
_CRC = const(1)
_T0_SIZE = const(5)
_T1_SIZE = const(7)
_CHECK_T1 = const(0x10)  # always set in bmTCCKST1

TYPE_CHECKING = False
if TYPE_CHECKING:
    Buffer = bytes | bytearray | memoryview


class Parameters:
    """`protocol` 0 or 1; `rate` as TA1; `guard` as TC1; `wi` as TC2; `waiting` as the first TB of T=1; `ifsc` bytes;
    `crc` instead of LRC; `clock_stop` as the card allows it: 1 low, 2 high, 3 either; `nad` is kept for who asks."""

    def __init__(self) -> None:
        self.inverse = False
        self.reset()

    def reset(self, atr: "Atr | None" = None) -> None:
        """What holds right after that answer to reset, before any PPS (ISO/IEC 7816-3, 8.3 and 11.4)."""
        self.protocol = 0
        self.rate = 0x11
        self.guard = 0
        self.wi = 10
        self.waiting = 0x4D
        self.ifsc = 32
        self.crc = False
        self.clock_stop = 0
        self.nad = 0
        if atr is None:
            self.inverse = False
            return
        self.inverse = atr.inverse
        self.protocol = min((atr.value("TD1") or 0) & 15, 1)
        specific = atr.value("TA2")
        if specific is not None:
            self.protocol = min(specific & 15, 1)
            if not specific & _SPECIFIC_IMPLICIT:
                self.rate = self._known_rate(atr.value("TA1"))
        self.guard = atr.value("TC1") or 0
        self.wi = atr.value("TC2") or 10
        # From the third group on, the first characters of a protocol count; T=15 has the clock stop indicator.
        for group in (4, 3):
            announced = atr.value("TD%d" % (group - 1))
            if announced is None:
                continue
            if announced & 15 == 15:
                self.clock_stop = (atr.value("TA%d" % group) or 0) >> 6
            elif announced & 15 == 1:
                self.ifsc = atr.value("TA%d" % group) or 32
                self.waiting = self._or(atr.value("TB%d" % group), 0x4D)
                self.crc = bool((atr.value("TC%d" % group) or 0) & _CRC)

    def _known_rate(self, ta1: "int | None") -> int:
        return ta1 if ta1 is not None and F[ta1 >> 4] and D[ta1 & 15] else 0x11

    def _or(self, value: "int | None", default: int) -> int:
        return default if value is None else value

    @property
    def f(self) -> int:
        """Clock rate conversion integer."""
        return F[self.rate >> 4]

    @property
    def d(self) -> int:
        """Bit rate adjustment integer."""
        return D[self.rate & 15]

    def choose_rate(self, wanted: int, clock_hz: int) -> bool:
        """Take the F and D that come nearest to `wanted` bits a second at that clock; False if none is within 5 %."""
        best = 0
        nearest = wanted // 20 + 1
        for code in range(0x10, 0x100):  # 0x is 372 as well
            f, d = F[code >> 4], D[code & 15]
            if f and d and abs(clock_hz * d // f - wanted) < nearest:
                best, nearest = code, abs(clock_hz * d // f - wanted)
        if best:
            self.rate = best
        return bool(best)

    def block(self, prologue: bytes, command: Buffer) -> bytearray:
        """An I-block with that prologue's NAD and PCB around `command`, sealed (ISO/IEC 7816-3, 11.3)."""
        whole = bytearray(PROLOGUE + len(command) + (2 if self.crc else 1))
        whole[0] = prologue[0]
        whole[1] = prologue[1]
        whole[2] = len(command)
        whole[PROLOGUE : PROLOGUE + len(command)] = command
        seal(whole, self.crc)
        return whole

    def pack_into(self, room: memoryview) -> int:
        """abProtocolDataStructure; returns its size."""
        room[0] = self.rate
        room[2] = self.guard
        convention = _INVERSE if self.inverse else 0
        if self.protocol == 0:
            room[1] = convention
            room[3] = self.wi
            room[4] = self.clock_stop
            return _T0_SIZE
        room[1] = _CHECK_T1 | convention | (_CRC if self.crc else 0)
        room[3] = self.waiting
        room[4] = self.clock_stop
        room[5] = self.ifsc
        room[6] = self.nad
        return _T1_SIZE

    def take(self, protocol: int, data: Buffer) -> int:
        """Those of a SetParameters request; nothing is changed where something is wrong with them. Returns what the
        slot error register says, NONE if all is well."""
        if protocol > 1:
            return NO_SUCH_PROTOCOL
        if len(data) != (_T1_SIZE if protocol else _T0_SIZE):
            return BAD_LENGTH
        if not F[data[0] >> 4] or not D[data[0] & 15]:
            return DATA
        if protocol:
            if data[3] >> 4 > 9:
                return DATA + 3
            if not 1 <= data[5] <= 254:
                return DATA + 5
        elif not data[3]:
            return DATA + 3
        self.protocol = protocol
        self.rate = data[0]
        self.guard = data[2]
        self.clock_stop = data[4]
        if protocol:
            self.crc = bool(data[1] & _CRC)
            self.waiting = data[3]
            self.ifsc = data[5]
            self.nad = data[6]
        else:
            self.wi = data[3]
        return NONE
