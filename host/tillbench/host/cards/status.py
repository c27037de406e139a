"""Status words of the card, and how a command is refused (EMV 4.3 Book 3, 6.3.5)."""

OK = 0x9000
SELECTED_FILE_INVALIDATED = 0x6283
AUTHENTICATION_FAILED = 0x6300
TRIES_LEFT = 0x63C0  # low nibble: how many
WRONG_LENGTH = 0x6700
AUTHENTICATION_BLOCKED = 0x6983
CONDITIONS_NOT_SATISFIED = 0x6985
SECURE_MESSAGING_MISSING = 0x6987
SECURE_MESSAGING_WRONG = 0x6988
WRONG_DATA = 0x6A80
FUNCTION_NOT_SUPPORTED = 0x6A81
FILE_NOT_FOUND = 0x6A82
RECORD_NOT_FOUND = 0x6A83
WRONG_P1P2 = 0x6A86
DATA_NOT_FOUND = 0x6A88
WRONG_INS = 0x6D00
WRONG_CLA = 0x6E00


class Refused(Exception):
    """The card answers this status word and no data."""

    def __init__(self, sw: int) -> None:
        super().__init__(f"{sw:04X}")
        self.sw = sw
