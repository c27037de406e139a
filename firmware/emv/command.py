"""Command APDUs (EMV Book 1 section 9.4, Book 3 section 6). 61xx, 6Cxx and procedure bytes are the transport's."""

from micropython import const

from emv.errors import EmvError
from emv.tlv import walk
from emv.transaction import Transaction

TYPE_CHECKING = False
if TYPE_CHECKING:
    Buffer = bytes | bytearray

SW_OK = const(0x9000)
_MAX_DATA = const(255)


async def send(
    tx: Transaction, cla: int, ins: int, p1: int, p2: int, data: Buffer | None = None, answers: bool = True
) -> tuple[bytes, int]:
    """Send one short command (case 2, 3 or 4; Le is always 00) and return (response data, SW1 SW2).

    data: up to 255 bytes of command data; answers: a response data field is expected, so Le is sent.
    Raises EmvError("FORMAT") if the data does not fit or the answer has no status word; what the transport raises
    passes through.
    """
    apdu = bytearray((cla, ins, p1, p2))
    if data is not None:
        if len(data) > _MAX_DATA:
            raise EmvError("FORMAT", "command %02X: data of %d bytes, at most 255 fit" % (ins, len(data)))
        apdu.append(len(data))
        apdu.extend(data)
    if answers:
        apdu.append(0)
    response = await tx.exchange(bytes(apdu))
    if len(response) < 2:
        raise EmvError("FORMAT", "command %02X: expected SW1 SW2, found %d bytes" % (ins, len(response)))
    return response[:-2], response[-2] << 8 | response[-1]


async def get_data(tx: Transaction, tag: int) -> bytes | None:
    """GET DATA (Book 3 section 6.5.7) for a tag of two bytes: its value, None if the card does not give it."""
    response, sw = await send(tx, 0x80, 0xCA, tag >> 8, tag & 0xFF)
    if sw != SW_OK:
        return None
    try:
        for found, start, stop in walk(response):
            return response[start:stop] if found == tag and stop == len(response) else None
    except EmvError:
        pass
    return None
