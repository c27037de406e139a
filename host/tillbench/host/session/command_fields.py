"""The data field of a command in hexadecimal digits, and the PIN in it, which no session holds."""

from __future__ import annotations


def data_field(command: str) -> str:
    """The data field of a command in hexadecimal digits, short or extended, whatever Le says; of a command that is
    cut, what there is."""
    size = len(command) // 2
    if size <= 5:
        return ""
    short = int(command[8:10].replace("*", "0"), 16)
    if short or size < 8:
        return command[10 : 10 + 2 * short]
    return command[14 : 14 + 2 * int(command[10:14].replace("*", "0"), 16)]


def is_pin_command(header: str) -> bool:
    """Whether CLA INS P1 P2 is a command that carries a PIN, in the clear or not: VERIFY, CHANGE REFERENCE DATA and PIN
    CHANGE/UNBLOCK, RESET RETRY COUNTER, and their odd instructions with BER-TLV (ISO/IEC 7816-4, 11.5; EMV Book 3,
    6.5.10 and 6.5.12)."""
    return len(header) >= 4 and int(header[2:4], 16) & 0xFE in (0x20, 0x24, 0x2C)


def without_pin(command: str) -> str:
    """The command with its data field starred, if it carries a PIN."""
    if not is_pin_command(command):
        return command
    data = data_field(command)
    at = command.index(data, 10) if data else len(command)
    kept = command[:at] if data else command[:10]
    return kept + "*" * (len(command) - len(kept))
