"""Commands of issuer scripts: each proved by its MAC, each with its effect on the card (EMV 4.3 Book 3, 6.5.1 to 6.5.3,
6.5.10; Book 2, 9; PUT DATA and UPDATE RECORD of VIS and JR/T 0025.5).

They are taken after the first cryptogram, before or after the second one, and counted for the issuer to read in the
next CVR.
"""

from collections.abc import Callable

from tillbench.host.cards import offline_pin, secure_messaging
from tillbench.host.cards.session import Phase, Session, Transaction
from tillbench.host.cards.status import (
    DATA_NOT_FOUND,
    OK,
    RECORD_NOT_FOUND,
    SECURE_MESSAGING_MISSING,
    SECURE_MESSAGING_WRONG,
    WRONG_DATA,
    WRONG_LENGTH,
    Refused,
)
from tillbench.host.cards.velocity import LIMITS, limit_value
from tillbench.protocols.apdu import Command, Response

UNBLOCK_ONLY, WITH_CURRENT_PIN, NEW_PIN = 0x00, 0x01, 0x02
_MOST_RECORD = 254
Effect = Callable[[Session, Transaction, Command, bytes], None]


def _script(effect: Effect) -> Callable[[Session, Command], Response]:
    """The handler around an effect: MAC first, count after."""

    def handle(session: Session, command: Command) -> Response:
        transaction = session.require(Phase.ONLINE, Phase.DONE)
        memory = session.memory_of(transaction.application)
        memory.script_atc = memory.atc
        try:
            effect(session, transaction, command, _proved(session, transaction, command))
        except Refused:
            memory.script_failed = True
            raise
        memory.script_commands = min(memory.script_commands + 1, 15)
        return Response(b"", OK)

    return handle


def _proved(session: Session, transaction: Transaction, command: Command) -> bytes:
    """The data field without its MAC. Refuses with 6987 where there is no room for one, 6988 where it is false."""
    messaging = transaction.application.version.messaging
    if len(command.data) < messaging.mac_size:
        raise Refused(SECURE_MESSAGING_MISSING)
    header = bytes([command.cla, command.ins, command.p1, command.p2, len(command.data)])
    key, atc = transaction.application.mac_key, session.atc_of(transaction.application)
    if not messaging.is_genuine(key, atc, transaction.first_cryptogram, header, command.data):
        raise Refused(SECURE_MESSAGING_WRONG)
    return command.data[: -messaging.mac_size]


def _needs_no_data(data: bytes) -> None:
    if data:
        raise Refused(WRONG_LENGTH)


def _block_application(session: Session, transaction: Transaction, _command: Command, data: bytes) -> None:
    _needs_no_data(data)
    session.memory_of(transaction.application).blocked = True


def _unblock_application(session: Session, transaction: Transaction, _command: Command, data: bytes) -> None:
    _needs_no_data(data)
    session.memory_of(transaction.application).blocked = False


def _block_card(session: Session, _transaction: Transaction, _command: Command, data: bytes) -> None:
    _needs_no_data(data)
    session.memory.blocked = True


def _change_pin(session: Session, transaction: Transaction, command: Command, data: bytes) -> None:
    """P2 00 gives the tries back; 02 also brings a new PIN, 01 one with the current PIN folded in."""
    if command.p2 == UNBLOCK_ONLY:
        _needs_no_data(data)
        session.memory.pin_tries = session.profile.pin_try_limit
        return
    application = transaction.application
    messaging = application.version.messaging
    if command.p2 == WITH_CURRENT_PIN and not messaging.takes_current_pin:
        raise Refused(WRONG_DATA)
    atc = session.atc_of(application)
    try:
        block = messaging.decipher(application.cipher_key, atc, transaction.first_cryptogram, data)
        if command.p2 == WITH_CURRENT_PIN:
            current = secure_messaging.pin_of_iso_block(offline_pin.reference_block(session))
            pin = secure_messaging.pin_of_vis_block(block, application.udk, current)
        elif messaging.pin_form == "vis":
            pin = secure_messaging.pin_of_vis_block(block, application.udk, None)
        else:
            pin = secure_messaging.pin_of_iso_block(block)
    except ValueError:
        raise Refused(WRONG_DATA) from None
    offline_pin.change_pin(session, offline_pin.pin_block(pin))


def _put_data(session: Session, transaction: Transaction, command: Command, data: bytes) -> None:
    """Replaces a limit or an object of the profile's `data_objects`, in its own length."""
    tag = command.p1 << 8 | command.p2
    profile, memory = transaction.application.profile, session.memory_of(transaction.application)
    now = limit_value(profile, memory, tag) if tag in LIMITS else profile.data_objects.get(f"{tag:X}", b"")
    if not now:
        raise Refused(DATA_NOT_FOUND)
    if len(data) != len(now):
        raise Refused(WRONG_LENGTH)
    if tag in LIMITS and LIMITS[tag][1] == 6 and not data.hex().isdecimal():
        raise Refused(WRONG_DATA)
    memory.data[f"{tag:X}"] = data.hex()


def _update_record(session: Session, transaction: Transaction, command: Command, data: bytes) -> None:
    """Replaces a whole record, which must be a template 70; its signatures are not made again."""
    place = (command.p2 >> 3, command.p1)
    if place not in transaction.application.records:
        raise Refused(RECORD_NOT_FOUND)
    if data[:1] != b"\x70" or len(data) > _MOST_RECORD:
        raise Refused(WRONG_DATA)
    session.memory_of(transaction.application).records[f"{place[0]}.{place[1]}"] = data.hex()


application_block = _script(_block_application)
application_unblock = _script(_unblock_application)
card_block = _script(_block_card)
pin_change_unblock = _script(_change_pin)
put_data = _script(_put_data)
update_record = _script(_update_record)
