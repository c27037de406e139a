"""T=1, the terminal's side: blocks, chaining, retransmission, S-blocks (ISO/IEC 7816-3, 11; EMV Book 1, 9.2.4 and
9.2.5). No clock: the driver says when the card stays silent."""

from micropython import const

from iso7816.errors import CardError
from iso7816.t1_block import LARGEST, LARGEST_INF, PROLOGUE, is_sound, seal

_LARGEST_RESPONSE = const(258)  # 256 bytes, SW1, SW2
_ATTEMPTS = const(3)  # of each block, the first one included (EMV Book 1, 9.2.5.1)

# PCB (ISO/IEC 7816-3, 11.3.2.2)
_I_NUMBER = const(0x40)
_I_MORE = const(0x20)
_R = const(0x80)
_R_NUMBER = const(0x10)
_R_CHECK = const(1)  # redundancy code or parity wrong
_R_OTHER = const(2)
_S = const(0xC0)
_S_RESPONSE = const(0x20)
_S_RESYNCH = const(0xC0)
_S_IFS = const(0xC1)
_S_ABORT = const(0xC2)
_S_WTX = const(0xC3)

# What waits for an answer of the card
_NOTHING = const(0)
_COMMAND = const(1)  # an I-block
_ACKNOWLEDGEMENT = const(2)  # an R-block within a chain of the card
_REQUEST = const(3)  # an S-block


class BlockProtocol:
    """The dialogue with one card, from its answer to reset on. After `negotiate()` or `start()` the driver alternates,
    until `done`:

    `outgoing()` gives the characters to send now (empty: it is the card's turn); `incoming()` gives the room to fill
    with received characters, then `filled()` takes them; `silent()` instead if no character came in time.
    `begun`: characters of the card's block are there already, so the character waiting time counts, else the block
    waiting time, `extension` times as long. `damaged`: the last block was invalid, so the line has to be quiet before
    anything is sent. At the end `response()` is data, SW1, SW2.

    emv: after three attempts the session is over, as EMV wants it. Otherwise S(RESYNCH request) follows (ISO/IEC
    7816-3, 11.6.3), and if the card takes it the command ends in CardError "RESYNCHED": whether it was executed is not
    known, the next one may be sent.
    """

    def __init__(self) -> None:
        self.done = True
        self.begun = False
        self.damaged = False
        self.extension = 1
        self._out = bytearray(LARGEST)
        self._in = memoryview(bytearray(LARGEST))
        self._data = memoryview(bytearray(_LARGEST_RESPONSE))
        self._nothing = memoryview(b"")
        self._length = 0
        self.reset(32)

    def reset(self, ifsc: int, with_crc: bool = False, emv: bool = True) -> None:
        """A card has answered to reset: ifsc, its information field size in bytes; with_crc: of TC3."""
        self._ifsc = ifsc
        self._with_crc = with_crc
        self._emv = emv
        self._command = self._nothing
        self._begin_numbers()
        self._finish()

    def _begin_numbers(self) -> None:
        self._send_number = 0  # N(S) of the I-block that is under way or comes next
        self._receive_number = 0  # N(S) of the card's next I-block

    def negotiate(self, ifsd: int = LARGEST_INF) -> None:
        """Begin with S(IFS request): the terminal takes blocks of `ifsd` bytes (EMV Book 1, 9.2.4.2.2)."""
        self._begin()
        self._request(_S_IFS, ifsd)

    def start(self, apdu: "bytes | bytearray | memoryview") -> None:
        """Begin with a command APDU of 4 to 261 bytes."""
        self._command = memoryview(apdu)
        self._begin()
        self._from = 0
        self._put_command()

    def _begin(self) -> None:
        self.done = False
        self._length = 0
        self._progress()
        self.damaged = False

    def _progress(self) -> None:
        """A block got through: attempts count anew."""
        self._invalid_blocks = 0
        self._repetitions = 0
        self._all_silent = True

    # Out

    def outgoing(self) -> memoryview:
        """The block to send next; it counts as sent. Empty if the card is to send."""
        size = self._size
        self._size = 0
        return memoryview(self._out)[:size]

    def _put(self, pcb: int, inf: "bytes | memoryview" = b"") -> None:
        out = self._out
        out[0] = 0
        out[1] = pcb
        out[2] = len(inf)
        out[PROLOGUE : PROLOGUE + len(inf)] = inf
        self._size = seal(out, self._with_crc)
        self._expect()

    def _put_command(self) -> None:
        end = min(self._from + self._ifsc, len(self._command))
        self._to = end
        self._waits = _COMMAND
        more = _I_MORE if end < len(self._command) else 0
        self._put((_I_NUMBER if self._send_number else 0) | more, self._command[self._from : end])

    def _request(self, code: int, value: int = -1) -> None:
        self._waits = _REQUEST
        self._code = code
        self._value = value
        self._put_request()

    def _put_request(self) -> None:
        self._put(self._code, b"" if self._value < 0 else bytes((self._value,)))

    def _acknowledge(self, error: int = 0) -> None:
        self._put(_R | (_R_NUMBER if self._receive_number else 0) | error)

    # In

    def _expect(self) -> None:
        self._have = 0
        self._want = 1
        self.begun = False
        self.extension = 1

    def incoming(self) -> memoryview:
        """Room for exactly the characters that must come next."""
        return self._in[self._have : self._want]

    def filled(self) -> None:
        """The room of `incoming()` holds the card's characters.

        Raises:
            CardError: PROTOCOL, the attempts are used up, or the card breaks off; RESYNCHED, see above.
        """
        self._have = self._want
        self.begun = True
        if self._have == 1:
            self._want = PROLOGUE
            self._all_silent = False
            return
        if self._have == PROLOGUE:
            if self._in[2] <= LARGEST_INF:
                self._want = PROLOGUE + self._in[2] + (2 if self._with_crc else 1)
                return
            error = _R_OTHER
        elif not is_sound(self._in, self._have, self._with_crc):
            error = _R_CHECK
        else:
            error = self._take(self._in[1], self._in[PROLOGUE : PROLOGUE + self._in[2]])
        if error:
            self._invalid(error)
        else:
            self.damaged = False

    def silent(self) -> None:
        """No character, or no further one, within the waiting time: as an invalid block (EMV Book 1, 9.2.5.1).

        Raises:
            CardError: TIMEOUT, the card was silent in all attempts; PROTOCOL as above.
        """
        self._invalid(_R_OTHER)

    def _invalid(self, error: int) -> None:
        self.damaged = True
        self._invalid_blocks += 1
        if self._invalid_blocks == _ATTEMPTS:
            self._give_up()
        elif self._waits == _REQUEST:
            self._put_request()
        else:
            self._acknowledge(error)

    def _give_up(self) -> None:
        if self._emv or (self._waits == _REQUEST and self._code == _S_RESYNCH):
            self._finish()
            if self._all_silent:
                raise CardError("TIMEOUT", "T=1: no answer in %d attempts" % _ATTEMPTS)
            raise CardError("PROTOCOL", "T=1: no valid block in %d attempts" % _ATTEMPTS)
        self._progress()
        self._request(_S_RESYNCH)

    def _take(self, pcb: int, inf: memoryview) -> int:
        """A sound block: 0, or the error of an R-block that answers it."""
        if self._in[0]:
            return _R_OTHER  # NAD 00: no addresses (EMV Book 1, 9.2.4.2.1)
        if not pcb & 0x80:
            return self._information(pcb, inf)
        if not pcb & 0x40:
            return _R_OTHER if len(inf) or pcb & 0x2C else self._asked_again(pcb)
        if pcb & _S_RESPONSE:
            return self._supervision_response(pcb & ~_S_RESPONSE, inf)
        return self._supervision_request(pcb, inf)

    def _information(self, pcb: int, inf: memoryview) -> int:
        whole = self._waits == _COMMAND and self._to == len(self._command)
        if not (whole or self._waits == _ACKNOWLEDGEMENT):
            return _R_OTHER
        if (pcb & _I_NUMBER != 0) != (self._receive_number != 0) or pcb & 0x1F:
            return _R_OTHER
        if whole:
            self._send_number ^= 1
            self._command = self._nothing
        end = self._length + len(inf)
        if end > _LARGEST_RESPONSE:
            self._finish()
            raise CardError("PROTOCOL", "T=1: response of %d bytes: expected at most 258" % end)
        self._data[self._length : end] = inf
        self._length = end
        self._receive_number ^= 1
        self._progress()
        if pcb & _I_MORE:
            self._waits = _ACKNOWLEDGEMENT
            self._acknowledge()
            return 0
        self._finish()
        if end < 2:
            raise CardError("PROTOCOL", "T=1: response of %d bytes: expected SW1 SW2" % end)
        return 0

    def _asked_again(self, pcb: int) -> int:
        """An R-block: acknowledges a part of a chain, or wants the last block once more."""
        number = 1 if pcb & _R_NUMBER else 0
        if self._waits == _COMMAND and number != self._send_number:
            if self._to == len(self._command):
                return _R_OTHER
            self._send_number ^= 1
            self._from = self._to
            self._progress()
            self._put_command()
            return 0
        self._invalid_blocks = 0
        self._repetitions += 1
        if self._repetitions == _ATTEMPTS:
            self._give_up()
        elif self._waits == _COMMAND:
            self._put_command()
        elif self._waits == _REQUEST:
            self._put_request()
        else:
            self._acknowledge()
        return 0

    def _supervision_request(self, pcb: int, inf: memoryview) -> int:
        if pcb == _S_ABORT and not len(inf):
            self._finish()
            raise CardError("PROTOCOL", "T=1: the card aborts the chain")
        if len(inf) != 1 or pcb not in (_S_IFS, _S_WTX):
            return _R_OTHER  # S(RESYNCH request) is the terminal's alone
        value = inf[0]
        if pcb == _S_IFS and not 0x10 <= value <= LARGEST_INF:
            return _R_OTHER
        if pcb == _S_WTX and not value:
            return _R_OTHER
        self._progress()
        self._put(pcb | _S_RESPONSE, bytes((value,)))
        if pcb == _S_IFS:
            self._ifsc = value
        else:
            self.extension = value
        return 0

    def _supervision_response(self, code: int, inf: memoryview) -> int:
        if self._waits != _REQUEST or code != self._code:
            return _R_OTHER
        if len(inf) != (0 if self._value < 0 else 1) or (self._value >= 0 and inf[0] != self._value):
            return _R_OTHER
        self._finish()
        if code == _S_RESYNCH:
            self._begin_numbers()
            raise CardError("RESYNCHED", "T=1: the block protocol began anew; the fate of the command is not known")
        return 0

    def _finish(self) -> None:
        self.done = True
        self.damaged = False
        self._command = self._nothing
        self._waits = _NOTHING
        self._size = 0
        # A command may carry a PIN.
        out = self._out
        for i in range(len(out)):
            out[i] = 0

    def response(self) -> bytes:
        """Response data, SW1 and SW2."""
        return bytes(self._data[: self._length])
