"""From the decision on a request to the message that answers it."""

from functools import lru_cache

from tillbench.host.acquirer.institution import Institution
from tillbench.host.acquirer.request import Answer
from tillbench.host.acquirer.unionpay.management import totals_field
from tillbench.protocols.iso8583 import Message

ECHOED = frozenset((2, 3, 4, 11, 14, 23, 25, 41, 42, 49, 60))
WITHOUT_MAC = frozenset(("0800", "0810", "0820", "0830", "0500", "0510", "0320", "0330"))
ORGANISATIONS = {
    "unionpay": "CUP",
    "visa": "VIS",
    "mastercard": "MCC",
    "jcb": "JCB",
    "amex": "AMX",
    "discover": "DCC",
}
"""Field 63 of an answer begins with the card's organisation; another scheme's answer has none."""
AVAILABLE_BALANCE = "02"  # field 54, amount type
TWO_DIGITS = tuple(f"{number:02}" for number in range(100))
"""What an answer tells of the time, for a fraction of what a format takes."""


def has_mac(mti: str) -> bool:
    """Does a message of this type, an answer or its request, carry field 64?"""
    return mti not in WITHOUT_MAC


@lru_cache
def answer_mti(mti: str) -> str:
    return f"{int(mti) + 10:04}"


def write(request: Message, answer: Answer, institution: Institution) -> Message:
    """The answer to a message, without its MAC; echoes what is there, so it also answers half a message."""
    asked = request.fields
    fields = asked.copy()
    for number in asked.keys() - ECHOED:
        del fields[number]
    reply = Message(answer_mti(request.mti), fields)
    at = answer.at
    day = TWO_DIGITS[at.month] + TWO_DIGITS[at.day]
    fields[12] = TWO_DIGITS[at.hour] + TWO_DIGITS[at.minute] + TWO_DIGITS[at.second]
    fields[13] = day
    fields[32] = institution.acquirer
    if answer.counted is None:
        fields[39] = answer.code
    elif answer.flags:
        # A settlement is answered by its flags alone.
        fields[48] = totals_field(answer.counted, answer.flags)
    if 3 in asked:
        fields[15] = day
        fields[44] = institution.names
        if answer.scheme in ORGANISATIONS:
            fields[63] = institution.card_organisation(ORGANISATIONS[answer.scheme])
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
    if answer.batch is not None:
        fields[60] = request.text(60)[:2] + f"{answer.batch:06}" + request.text(60)[8:]
    if answer.working_keys or answer.payload:
        fields[62] = answer.working_keys or answer.payload
    return reply
