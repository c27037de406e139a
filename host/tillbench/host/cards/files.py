"""SELECT, READ RECORD, GET DATA: finding things on the card (EMV 4.3 Book 1, 11 and 12; Book 3, 6.5)."""

from tillbench.host.cards import velocity
from tillbench.host.cards.application import Application
from tillbench.host.cards.record_profile import LOG_SFI
from tillbench.host.cards.session import Phase, Session, Transaction
from tillbench.host.cards.status import (
    CONDITIONS_NOT_SATISFIED,
    DATA_NOT_FOUND,
    FILE_NOT_FOUND,
    FUNCTION_NOT_SUPPORTED,
    OK,
    RECORD_NOT_FOUND,
    SELECTED_FILE_INVALIDATED,
    WRONG_LENGTH,
    Refused,
)
from tillbench.protocols.apdu import Command, Response
from tillbench.protocols.emv import dol, tlv

PSE = b"1PAY.SYS.DDF01"
_DIRECTORY_SFI = 1
_NEXT = 0x02


def select(session: Session, command: Command) -> Response:
    """SELECT by DF name: the PSE, or the first or next application whose AID starts with the name given."""
    if session.profile.blocked or session.memory.blocked:
        raise Refused(FUNCTION_NOT_SUPPORTED)
    if not command.data:
        raise Refused(WRONG_LENGTH)
    if command.data == PSE:
        return _select_directory(session)
    start = session.last_match + 1 if command.p2 & _NEXT else 0
    for at in range(start, len(session.applications)):
        application = session.applications[at]
        if application.aid.startswith(command.data):
            session.last_match = at
            session.directory = False
            session.transaction = Transaction(application)
            return Response(application.fci, SELECTED_FILE_INVALIDATED if session.is_blocked(application) else OK)
    raise Refused(FILE_NOT_FOUND)


def _select_directory(session: Session) -> Response:
    if not session.profile.pse:
        raise Refused(FILE_NOT_FOUND)
    session.power_on()
    session.directory = True
    languages = session.applications[0].profile.languages.encode("ascii")
    proprietary = tlv.encode(0x88, bytes([_DIRECTORY_SFI])) + tlv.encode(0x5F2D, languages)
    return Response(tlv.encode(0x6F, tlv.encode(0x84, PSE), tlv.encode(0xA5, proprietary)), OK)


def read_record(session: Session, command: Command) -> Response:
    """READ RECORD: the directory under the PSE; the transaction log from selection on; the rest from GET
    PROCESSING OPTIONS on."""
    sfi, number = command.p2 >> 3, command.p1
    if session.directory:
        return Response(_directory_record(session, sfi, number), OK)
    if session.transaction is None:
        raise Refused(CONDITIONS_NOT_SATISFIED)
    application = session.transaction.application
    if sfi == LOG_SFI and application.profile.log_records:
        log = session.memory_of(application).log
        if not 1 <= number <= len(log):
            raise Refused(RECORD_NOT_FOUND)
        return Response(bytes.fromhex(log[number - 1]), OK)
    session.require(Phase.INITIATED, Phase.ONLINE, Phase.DONE)
    if all(file != sfi for file, _number in application.records):
        raise Refused(FILE_NOT_FOUND)
    if (sfi, number) not in application.records:
        raise Refused(RECORD_NOT_FOUND)
    changed = session.memory_of(application).records.get(f"{sfi}.{number}")
    return Response(bytes.fromhex(changed) if changed else application.records[sfi, number], OK)


def _directory_record(session: Session, sfi: int, number: int) -> bytes:
    """One application a record, in the order of the profile."""
    if sfi != _DIRECTORY_SFI:
        raise Refused(FILE_NOT_FOUND)
    if not 1 <= number <= len(session.applications):
        raise Refused(RECORD_NOT_FOUND)
    return tlv.encode(0x70, session.applications[number - 1].directory_entry)


def get_data(session: Session, command: Command) -> Response:
    """GET DATA, in any phase of an application: ATC, Last Online ATC Register, PIN Try Counter, Log Format, the limits
    of velocity checking, and what the profile lists in `data_objects`."""
    application = session.require(*Phase).application
    tag = command.p1 << 8 | command.p2
    value = _data_object(session, application, tag)
    if not value:
        raise Refused(DATA_NOT_FOUND)
    return Response(tlv.encode(tag, value), OK)


def _data_object(session: Session, application: Application, tag: int) -> bytes:
    """Its value, empty where the card has none."""
    profile, memory = application.profile, session.memory_of(application)
    if tag == 0x9F17 and session.profile.offline_pin:
        return bytes([session.memory.pin_tries])
    text = f"{tag:X}"
    if text in profile.data_objects:
        changed = memory.data.get(text)
        return bytes.fromhex(changed) if changed else profile.data_objects[text]
    if tag in velocity.LIMITS:
        return velocity.limit_value(profile, memory, tag)
    match tag:
        case 0x9F36:
            return memory.atc.to_bytes(2, "big")
        case 0x9F13:
            return memory.last_online_atc.to_bytes(2, "big")
        case 0x9F4F:
            return dol.build(application.log_format)
    return b""
