"""From the decision on a request to the message that answers it."""

from tillbench.host.acquirer import response_code
from tillbench.host.acquirer.institution import Institution
from tillbench.host.acquirer.request import Answer
from tillbench.protocols.iso8583 import Message

ECHOED = (2, 3, 4, 7, 11, 12, 13, 23, 25, 41, 42, 49, 70, 90)
AVAILABLE_BALANCE = "02"
BALANCED, NOT_BALANCED = "1", "2"  # field 66
CODES = {
    response_code.MAC_ERROR: "63",  # security violation
    response_code.PIN_FORMAT_ERROR: "63",
    response_code.UNKNOWN_TERMINAL: "58",  # not permitted to the terminal
}
"""Response codes that the UnionPay dialect has and this one has not."""


def has_mac(mti: str) -> bool:
    """Does a message of this type, an answer or its request, carry a MAC?"""
    return not mti.startswith("08")


def write(request: Message, answer: Answer, institution: Institution) -> Message:
    """The answer to a message, without its MAC."""
    mti = f"{int(request.mti[:3]) + 1:03}0"
    reply = Message(mti, {n: request[n] for n in ECHOED if n in request})
    fields = reply.fields
    fields[15] = f"{answer.at:%m%d}"
    fields[32] = institution.acquirer
    fields[39] = CODES.get(answer.code, answer.code)
    if answer.rrn:
        fields[37] = answer.rrn
    if answer.authorisation_code:
        fields[38] = answer.authorisation_code
    if answer.amount is not None:
        fields[4] = f"{answer.amount:012}"
    if answer.balance is not None:
        sign = "D" if answer.balance < 0 else "C"
        fields[54] = f"00{AVAILABLE_BALANCE}{answer.currency}{sign}{abs(answer.balance):012}"
    if answer.issuer_data:
        fields[55] = answer.issuer_data
    if answer.working_keys:
        fields[62] = answer.working_keys.hex().upper()
    if answer.flags:
        fields[66] = BALANCED if answer.flags[0] == 1 else NOT_BALANCED
    return reply
