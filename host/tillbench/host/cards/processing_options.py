"""GET PROCESSING OPTIONS: a transaction begins (EMV 4.3 Book 3, 6.5.8 and 10.1)."""

from tillbench.host.cards.session import Phase, Session
from tillbench.host.cards.status import CONDITIONS_NOT_SATISFIED, OK, WRONG_DATA, WRONG_LENGTH, Refused
from tillbench.protocols.apdu import Command, Response
from tillbench.protocols.emv import dol, tlv

_LAST_ATC = 0xFFFF


def get_processing_options(session: Session, command: Command) -> Response:
    """Checks the PDOL data (template 83, exactly as long as the PDOL asks), counts the transaction, answers AIP
    and AFL."""
    transaction = session.require(Phase.SELECTED)
    application = transaction.application
    data = command.data
    if len(data) < 2 or data[0] != 0x83:
        raise Refused(WRONG_DATA)
    if data[1] != len(data) - 2 or data[1] != dol.total(application.profile.pdol):
        raise Refused(WRONG_LENGTH)
    memory = session.memory_of(application)
    if memory.atc == _LAST_ATC:
        raise Refused(CONDITIONS_NOT_SATISFIED)
    memory.atc += 1
    transaction.phase = Phase.INITIATED
    transaction.pdol_data = data[2:]
    if application.profile.response_format == "1":
        return Response(tlv.encode(0x80, application.aip, application.afl), OK)
    return Response(tlv.encode(0x77, tlv.encode(0x82, application.aip), tlv.encode(0x94, application.afl)), OK)
