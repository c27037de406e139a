"""Issuer scripts: commands of the issuer that the terminal only carries (EMV Book 3 section 10.10, Book 4 Annex A5)."""

from micropython import const

from emv.bits import TSI_SCRIPT_PROCESSING, TVR_SCRIPT_FAILED_AFTER, TVR_SCRIPT_FAILED_BEFORE, raise_bit
from emv.errors import EmvError
from emv.tlv import walk
from emv.transaction import Transaction

BEFORE = const(0x71)  # Issuer Script Template 1: critical, before the final GENERATE AC
AFTER = const(0x72)  # Issuer Script Template 2: after it
_COMMAND = const(0x86)  # Issuer Script Command
_IDENTIFIER = const(0x9F18)  # Issuer Script Identifier
_RESULTS = const(0x9F5B)  # Issuer Script Results

_RESULT_SIZE = const(5)
_FAILED = const(0x10)
_SUCCESSFUL = const(0x20)
_LAST_NUMBER = const(15)  # of a command, for itself and all that follow
_SHORTEST_COMMAND = const(4)
_GOOD_SW1 = b"\x90\x62\x63"


def announce(tx: Transaction) -> None:
    """Give every script the result "not performed" in 9F5B, with its identifier."""
    results = bytearray(_RESULT_SIZE * len(tx.scripts))
    for n in range(len(tx.scripts)):
        try:
            for tag, start, stop in walk(tx.scripts[n][1]):
                if tag == _IDENTIFIER and stop - start == 4:
                    results[n * _RESULT_SIZE + 1 : (n + 1) * _RESULT_SIZE] = tx.scripts[n][1][start:stop]
                    break
        except EmvError:
            pass
    tx.data[_RESULTS] = results


async def process(tx: Transaction, template: int) -> None:
    """Send the commands of all scripts in this template (BEFORE or AFTER); set 9F5B, TVR byte 5 and the TSI.

    A script that fails does not stop the next one. What the transport raises passes through for BEFORE. AFTER comes
    when all is decided: there a card that is gone is one more script that failed.
    """
    for n in range(len(tx.scripts)):
        tag, script = tx.scripts[n]
        if tag != template:
            continue
        raise_bit(tx.tsi, TSI_SCRIPT_PROCESSING)
        result = await _run(tx, script, template == AFTER)
        tx.data[_RESULTS][n * _RESULT_SIZE] = result  # type: ignore[index]  # this data object is a bytearray
        if result != _SUCCESSFUL:
            raise_bit(tx.tvr, TVR_SCRIPT_FAILED_BEFORE if template == BEFORE else TVR_SCRIPT_FAILED_AFTER)


async def _run(tx: Transaction, script: bytes, decided: bool) -> int:
    """Byte 1 of the script's result. Nothing is sent of a script that is malformed anywhere."""
    try:
        commands = [(start, stop) for tag, start, stop in walk(script) if tag == _COMMAND]
    except EmvError:
        return 0
    for start, stop in commands:
        if stop - start < _SHORTEST_COMMAND:
            return 0
    number = 0
    for start, stop in commands:
        number = min(number + 1, _LAST_NUMBER)
        try:
            response = await tx.exchange(script[start:stop])
        except Exception:
            if not decided:
                raise
            return _FAILED | number
        if len(response) < 2 or response[-2] not in _GOOD_SW1:
            return _FAILED | number
    return _SUCCESSFUL if commands else 0
