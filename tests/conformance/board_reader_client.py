"""A PC/SC program: pyscard on the first reader. Does the steps in its argument, JSON, and prints what each gave."""

from __future__ import annotations

import json
import sys
from typing import Any

from smartcard.scard import SCARD_CTL_CODE, SCARD_LEAVE_CARD
from smartcard.System import readers

VERIFY_PIN_DIRECT, MODIFY_PIN_DIRECT = 6, 7


def send(connection: Any, apdu: bytes) -> bytes:
    """As a program must at T=0: 61xx is fetched, 6Cxx asked again."""
    data, sw1, sw2 = connection.transmit(list(apdu))
    if sw1 == 0x6C:
        data, sw1, sw2 = connection.transmit([*apdu[:4], sw2])
    if sw1 == 0x61:
        data, sw1, sw2 = connection.transmit([0, 0xC0, 0, 0, sw2])
    return bytes([*data, sw1, sw2])


def feature(connection: Any, number: int) -> int:
    """The control code of a feature (PC/SC part 10, 2.2)."""
    listed = bytes(connection.control(SCARD_CTL_CODE(3400)))
    codes = {listed[at]: int.from_bytes(listed[at + 2 : at + 6], "big") for at in range(0, len(listed), 6)}
    return codes[number]


def verify(connection: Any, apdu: str, least: int, most: int) -> bytes:
    """PIN_VERIFY: BCD digits from the second byte on, their number in the second half of the first."""
    command = bytes.fromhex(apdu)
    structure = bytes([30, 30, 0x89, 0x47, 0x04, most, least, 2, 1, 9, 4, 0, 0, 0, 0])
    asked = structure + len(command).to_bytes(4, "little") + command
    return bytes(connection.control(feature(connection, VERIFY_PIN_DIRECT), list(asked)))


def modify(connection: Any, apdu: str, least: int, most: int) -> bytes:
    """PIN_MODIFY: ASCII digits, the old PIN, then the new one twice."""
    command = bytes.fromhex(apdu)
    structure = bytes([30, 30, 0x82, 0x08, 0, 0, 8, most, least, 3, 2, 3, 9, 4, 0, 1, 2, 0, 0, 0])
    asked = structure + len(command).to_bytes(4, "little") + command
    return bytes(connection.control(feature(connection, MODIFY_PIN_DIRECT), list(asked)))


def do(connection: Any, kind: str, *arguments: Any) -> str:
    if kind == "atr":
        return bytes(connection.getATR()).hex()
    if kind == "protocol":
        return str(connection.getProtocol())
    if kind == "present":
        return "yes"
    if kind == "send":
        return send(connection, bytes.fromhex(arguments[0])).hex()
    return (verify if kind == "pin" else modify)(connection, *arguments).hex()


def main() -> None:
    answers = []
    connection = readers()[0].createConnection()
    connection.connect(disposition=SCARD_LEAVE_CARD)
    for step in json.loads(sys.argv[1]):
        try:
            answers.append(do(connection, *step))
        except Exception as error:
            answers.append(f"{type(error).__name__}: {error}")
    print(json.dumps(answers))


main()
