"""The device's requests to its flash chip."""

from __future__ import annotations

import struct

from tillbench.host.devices.nor_flash import FlashFault, NorFlash
from tillbench.protocols.link import Flash


def answer(flash: NorFlash, op: int, payload: bytes) -> bytes:
    """What a FLASH message is answered; `payload` begins with the address.

    Raises:
        PowerCut: the power goes in the middle of it.
    """
    (at,) = struct.unpack_from("<I", payload)
    try:
        if op == Flash.READ:
            return bytes([Flash.DATA]) + flash.read(at, struct.unpack_from("<H", payload, 4)[0])
        if op == Flash.PROGRAM:
            flash.program(at, payload[4:])
        else:
            flash.erase(at)
    except FlashFault as error:
        return bytes([Flash.FAULT]) + str(error).encode()
    return bytes([Flash.DONE])
