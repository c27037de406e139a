"""What the single bits of the bit-mapped objects mean (EMV 4.3 Book 3, Annex C; Book 4, Annex A).

One row a bit: (byte counted from 1, mask, meaning). Bits reserved by the books have no row and are shown by number.
"""

_Row = tuple[int, int, str]

TVR: tuple[_Row, ...] = (
    (1, 0x80, "offline data authentication was not performed"),
    (1, 0x40, "SDA failed"),
    (1, 0x20, "ICC data missing"),
    (1, 0x10, "card appears on terminal exception file"),
    (1, 0x08, "DDA failed"),
    (1, 0x04, "CDA failed"),
    (1, 0x02, "SDA selected"),
    (2, 0x80, "ICC and terminal have different application versions"),
    (2, 0x40, "expired application"),
    (2, 0x20, "application not yet effective"),
    (2, 0x10, "requested service not allowed for card product"),
    (2, 0x08, "new card"),
    (3, 0x80, "cardholder verification was not successful"),
    (3, 0x40, "unrecognised CVM"),
    (3, 0x20, "PIN try limit exceeded"),
    (3, 0x10, "PIN entry required and PIN pad not present or not working"),
    (3, 0x08, "PIN entry required, PIN pad present, but PIN was not entered"),
    (3, 0x04, "online PIN entered"),
    (4, 0x80, "transaction exceeds floor limit"),
    (4, 0x40, "lower consecutive offline limit exceeded"),
    (4, 0x20, "upper consecutive offline limit exceeded"),
    (4, 0x10, "transaction selected randomly for online processing"),
    (4, 0x08, "merchant forced transaction online"),
    (5, 0x80, "default TDOL used"),
    (5, 0x40, "issuer authentication failed"),
    (5, 0x20, "script processing failed before final GENERATE AC"),
    (5, 0x10, "script processing failed after final GENERATE AC"),
)
TSI: tuple[_Row, ...] = (
    (1, 0x80, "offline data authentication was performed"),
    (1, 0x40, "cardholder verification was performed"),
    (1, 0x20, "card risk management was performed"),
    (1, 0x10, "issuer authentication was performed"),
    (1, 0x08, "terminal risk management was performed"),
    (1, 0x04, "script processing was performed"),
)
AIP: tuple[_Row, ...] = (
    (1, 0x40, "SDA supported"),
    (1, 0x20, "DDA supported"),
    (1, 0x10, "cardholder verification is supported"),
    (1, 0x08, "terminal risk management is to be performed"),
    (1, 0x04, "issuer authentication by EXTERNAL AUTHENTICATE"),
    (1, 0x02, "on-device cardholder verification"),
    (1, 0x01, "CDA supported"),
    (2, 0x80, "contactless EMV mode"),
    (2, 0x01, "relay resistance protocol"),
)
AUC: tuple[_Row, ...] = (
    (1, 0x80, "domestic cash"),
    (1, 0x40, "international cash"),
    (1, 0x20, "domestic goods"),
    (1, 0x10, "international goods"),
    (1, 0x08, "domestic services"),
    (1, 0x04, "international services"),
    (1, 0x02, "at ATMs"),
    (1, 0x01, "at terminals other than ATMs"),
    (2, 0x80, "domestic cashback"),
    (2, 0x40, "international cashback"),
)
TERMINAL_CAPABILITIES: tuple[_Row, ...] = (
    (1, 0x80, "manual key entry"),
    (1, 0x40, "magnetic stripe"),
    (1, 0x20, "IC with contacts"),
    (2, 0x80, "plaintext PIN for ICC verification"),
    (2, 0x40, "enciphered PIN for online verification"),
    (2, 0x20, "signature"),
    (2, 0x10, "enciphered PIN for offline verification"),
    (2, 0x08, "no CVM required"),
    (3, 0x80, "SDA"),
    (3, 0x40, "DDA"),
    (3, 0x20, "card capture"),
    (3, 0x08, "CDA"),
)
ADDITIONAL_TERMINAL_CAPABILITIES: tuple[_Row, ...] = (
    (1, 0x80, "cash"),
    (1, 0x40, "goods"),
    (1, 0x20, "services"),
    (1, 0x10, "cashback"),
    (1, 0x08, "inquiry"),
    (1, 0x04, "transfer"),
    (1, 0x02, "payment"),
    (1, 0x01, "administrative"),
    (2, 0x80, "cash deposit"),
    (3, 0x80, "numeric keys"),
    (3, 0x40, "alphabetic and special character keys"),
    (3, 0x20, "command keys"),
    (3, 0x10, "function keys"),
    (4, 0x80, "print, attendant"),
    (4, 0x40, "print, cardholder"),
    (4, 0x20, "display, attendant"),
    (4, 0x10, "display, cardholder"),
    (4, 0x02, "code table 10"),
    (4, 0x01, "code table 9"),
    (5, 0x80, "code table 8"),
    (5, 0x40, "code table 7"),
    (5, 0x20, "code table 6"),
    (5, 0x10, "code table 5"),
    (5, 0x08, "code table 4"),
    (5, 0x04, "code table 3"),
    (5, 0x02, "code table 2"),
    (5, 0x01, "code table 1"),
)

BIT_TABLES: dict[int, tuple[_Row, ...]] = {
    0x82: AIP,
    0x95: TVR,
    0x9B: TSI,
    0x9F07: AUC,
    0x9F0D: TVR,
    0x9F0E: TVR,
    0x9F0F: TVR,
    0x9F33: TERMINAL_CAPABILITIES,
    0x9F40: ADDITIONAL_TERMINAL_CAPABILITIES,
}


def set_bits(table: tuple[_Row, ...], value: bytes) -> list[str]:
    """One text for each bit set in `value`, in order: `byte 1 bit 8: offline data authentication was not performed`.
    Bits without a row read `reserved`."""
    meanings = {(byte, mask): text for byte, mask, text in table}
    texts = []
    for index, content in enumerate(value, 1):
        for number in range(8, 0, -1):
            mask = 1 << (number - 1)
            if content & mask:
                texts.append(f"byte {index} bit {number}: {meanings.get((index, mask), 'reserved')}")
    return texts


_CRYPTOGRAMS = {0x00: "AAC (declined)", 0x40: "TC (approved)", 0x80: "ARQC (go online)", 0xC0: "AAR (reserved)"}
_REASONS = {0: "", 1: "service not allowed", 2: "PIN try limit exceeded", 3: "issuer authentication failed"}


def cryptogram_type(cid: int) -> str:
    """`AAC`, `TC` or `ARQC` for a CID or the P1 of GENERATE AC (Book 3, tables 12 and 14)."""
    return _CRYPTOGRAMS[cid & 0xC0].split()[0]


def cid_text(cid: int) -> str:
    """The whole Cryptogram Information Data in words."""
    text = _CRYPTOGRAMS[cid & 0xC0]
    if cid & 0x08:
        text += ", advice required"
    reason = _REASONS.get(cid & 0x07, "reserved reason")
    return f"{text}, {reason}" if reason else text
