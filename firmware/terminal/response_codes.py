"""What the two characters of F39 mean: to the flows as a class, to the people as a text of one row.

The texts are the dialect's, in English. Two things differ from older terminals: partial approval (10) and the codes
A2 to A6, which the sources class differently, are no approvals here, since we did not ask for them; a transaction so
answered is reversed.
"""

_APPROVED = ("00", "11")
_UNCLEAR = ("10", "A2", "A4", "A5", "A6")
_REVERSAL_ENDED = ("00", "12", "25")

_EN = (
    b"01CALL ISSUER     02CALL ISSUER     03BAD MERCHANT    04KEEP THE CARD   05NOT HONOURED    07KEEP THE CARD   "
    b"12INVALID TXN     13INVALID AMOUNT  14INVALID CARD    15NO SUCH ISSUER  19TRY AGAIN       21CARD NOT ACTIVE "
    b"22WRONG OPERATION 25NO ORIGINAL     30FORMAT ERROR    34KEEP THE CARD   38PIN TRIES OVER  40NOT SUPPORTED   "
    b"41CARD LOST       43CARD STOLEN     45USE THE CHIP    51LOW FUNDS       54EXPIRED CARD    55WRONG PIN       "
    b"57NOT PERMITTED   58NOT PERMITTED   59CARD CHECK BAD  61AMOUNT LIMIT    62CARD RESTRICTED 64AMOUNT DIFFERS  "
    b"65COUNT LIMIT     68ISSUER TIMEOUT  75PIN TRIES OVER  77SIGN ON AGAIN   90DAY CHANGE      91ISSUER AWAY     "
    b"92NO ROUTE        94DUPLICATE       96HOST FAULT      97UNKNOWN TERMINAL98ISSUER TIMEOUT  99PIN BLOCK BAD   "
    b"A0MAC BAD, SIGN ON"
)
_ENTRY = 18


def approved(code: str) -> bool:
    """True if the host has booked the amount as it was asked."""
    return code in _APPROVED


def unclear(code: str) -> bool:
    """True if the host may have booked something else than it was asked."""
    return code in _UNCLEAR


def ends_reversal(code: str) -> bool:
    """True if the host says that nothing is booked any more, or never was."""
    return code in _REVERSAL_ENDED


def meaning(code: str) -> str:
    """Text of at most 16 characters, "CODE xx" for a code without one."""
    key = code.encode()
    for at in range(0, len(_EN), _ENTRY):
        if _EN[at : at + 2] == key:
            return _EN[at + 2 : at + _ENTRY].decode().rstrip()
    return "CODE " + code
