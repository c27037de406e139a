"""What the acquirer and the terminal vendor decide: one `Aid` for each application, one `Config` for the terminal.

Action codes, floor limits and version numbers are acquirer-owned; the values that a lab uses are examples.
"""

from emv.errors import EmvError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Iterable

    from emv.capk import Capk


class Aid:
    """One application that this terminal accepts (Book 1 section 12.3.1, Book 3 section 10.7, Book 4 section 6.3.6).

    aid: 5 to 16 bytes; partial: accept longer card names that begin with it; version: 9F09, 2 bytes;
    tac_*: Terminal Action Codes, 5 bytes each; floor_limit: 9F1B in minor units;
    threshold (minor units, below the floor limit), target_percent, max_target_percent (0 to 99, the second at least the
    first): how many transactions below the floor limit go online at random (Book 3 section 10.6.2);
    tdol, ddol: the payment system's default TDOL and DDOL, empty if it has none.
    Raises EmvError("CONFIG") naming the value that has a wrong length or range.
    """

    def __init__(
        self,
        aid: bytes,
        version: bytes,
        tac_denial: bytes,
        tac_online: bytes,
        tac_default: bytes,
        floor_limit: int = 0,
        partial: bool = True,
        tdol: bytes = b"",
        ddol: bytes = b"\x9f\x37\x04",
        threshold: int = 0,
        target_percent: int = 0,
        max_target_percent: int = 0,
    ) -> None:
        if not 5 <= len(aid) <= 16:
            raise EmvError("CONFIG", "AID: expected 5 to 16 bytes, found %d" % len(aid))
        _fixed("9F09", version, 2)
        _fixed("TAC-Denial", tac_denial, 5)
        _fixed("TAC-Online", tac_online, 5)
        _fixed("TAC-Default", tac_default, 5)
        if not 0 <= floor_limit <= 0xFFFFFFFF:
            raise EmvError("CONFIG", "9F1B: expected 0 to 4294967295 minor units, found %d" % floor_limit)
        if threshold < 0 or (threshold and threshold >= floor_limit):
            raise EmvError("CONFIG", "threshold: expected less than the floor limit, found %d" % threshold)
        if not 0 <= target_percent <= max_target_percent <= 99:
            raise EmvError(
                "CONFIG",
                "target percentages: expected 0 <= target <= maximum <= 99, found %d and %d"
                % (target_percent, max_target_percent),
            )
        self.aid = aid
        self.version = version
        self.tac_denial = tac_denial
        self.tac_online = tac_online
        self.tac_default = tac_default
        self.floor_limit = floor_limit
        self.partial = partial
        self.tdol = tdol
        self.ddol = ddol
        self.threshold = threshold
        self.target_percent = target_percent
        self.max_target_percent = max_target_percent


class Config:
    """The terminal itself: data elements with source "Terminal" (Book 3 Annex A1, Book 4 Annex A).

    terminal_type: 9F35 as an integer, 0x22 = merchant, attended, offline with online capability;
    capabilities: 9F33; additional: 9F40; country: 9F1A and currency: 5F2A, 2 bytes BCD each; exponent: 5F36;
    serial: 9F1E, 8 characters; merchant: 9F16, 15 characters; terminal: 9F1C, 8 characters;
    category: 9F15, 2 bytes BCD; acquirer: 9F01, 6 bytes BCD; merchant_name: 9F4E;
    approvals: the response codes (F39, two characters) that mean "approved online";
    bypass_once: a PIN entry bypassed once counts as bypassed for every later PIN rule (Book 4 section 6.3.4.3);
    capks: CA public keys (`emv.capk.Capk`), anything that can be gone through more than once; revoked: revoked issuer
    certificates, 9 bytes each: RID, index of the CA key, serial number;
    cda_mode: where a signature is asked for besides every offline approval: 1 with ARQC and with the final TC, 2 with
    ARQC, 3 with neither, 4 with the final TC (Book 4 section 6.3.2.1).

    Raises EmvError("CONFIG") for wrong lengths, and for what 9F33 or 9F40 claim and this kernel does not have: a
    terminal must not promise the card or the issuer what it cannot do. Offline PIN needs a PIN pad besides: see
    `Kernel.cardholder_verification`.
    """

    def __init__(
        self,
        aids: list[Aid],
        terminal_type: int = 0x22,
        capabilities: bytes = b"\xe0\x68\x00",
        additional: bytes = b"\x60\x00\xf0\xa0\x01",
        country: bytes = b"\x01\x56",
        currency: bytes = b"\x01\x56",
        exponent: int = 2,
        serial: bytes = b"00000001",
        merchant: bytes = b"",
        terminal: bytes = b"",
        category: bytes = b"",
        acquirer: bytes = b"",
        merchant_name: bytes = b"",
        approvals: tuple[bytes, ...] = (b"00", b"10", b"11"),
        bypass_once: bool = True,
        capks: "Iterable[Capk]" = (),
        revoked: bytes = b"",
        cda_mode: int = 1,
    ) -> None:
        if not aids:
            raise EmvError("CONFIG", "no AID")
        first_environment = {1: 1, 2: 1, 3: 4}.get(terminal_type >> 4, 7)  # cardholder's terminals are unattended
        if not first_environment <= terminal_type & 0x0F <= 6:
            raise EmvError("CONFIG", "9F35: expected 11 to 16, 21 to 26 or 34 to 36, found %02X" % terminal_type)
        _fixed("9F33", capabilities, 3)
        if capabilities[1] & 0x07:
            raise EmvError("CONFIG", "9F33 byte 2 promises biometrics (07), this kernel has none")
        if capabilities[2] & 0x17:
            raise EmvError("CONFIG", "9F33 byte 3 promises XDA (04) or has reserved bits, this kernel has none")
        _fixed("9F40", additional, 5)
        if additional[3] & 0x03 or additional[4] & 0xFE:
            raise EmvError("CONFIG", "9F40 bytes 4 and 5 promise code tables 2 to 10, this kernel reads table 1")
        _fixed("9F1A", country, 2)
        _fixed("5F2A", currency, 2)
        _fixed("9F1E", serial, 8)
        _fixed("9F16", merchant, 15, True)
        _fixed("9F1C", terminal, 8, True)
        _fixed("9F15", category, 2, True)
        _fixed("9F01", acquirer, 6, True)
        if len(revoked) % 9:
            raise EmvError("CONFIG", "revoked certificates: expected 9 bytes each, found %d" % len(revoked))
        if not 1 <= cda_mode <= 4:
            raise EmvError("CONFIG", "CDA mode: expected 1 to 4, found %d" % cda_mode)
        self.aids = aids
        self.terminal_type = terminal_type
        self.capabilities = capabilities
        self.additional = additional
        self.country = country
        self.currency = currency
        self.exponent = exponent
        self.serial = serial
        self.merchant = merchant
        self.terminal = terminal
        self.category = category
        self.acquirer = acquirer
        self.merchant_name = merchant_name
        self.approvals = approvals
        self.bypass_once = bypass_once
        self.capks = capks
        self.revoked = revoked
        self.cda_mode = cda_mode

    def online_only(self) -> bool:
        """Terminal types x1 and x4 (Book 4 Annex A1)."""
        return self.terminal_type & 0x0F in (1, 4)

    def offline_only(self) -> bool:
        """Terminal types x3 and x6 (Book 4 Annex A1)."""
        return self.terminal_type & 0x0F in (3, 6)

    def unattended(self) -> bool:
        """Terminal types x4, x5 and x6 (Book 4 Annex A1)."""
        return self.terminal_type & 0x0F >= 4

    def is_atm(self) -> bool:
        """A financial institution's unattended terminal that can give cash (Book 4 Annex A1)."""
        return self.terminal_type in (0x14, 0x15, 0x16) and self.additional[0] & 0x80 != 0

    def shows_latin_1(self) -> bool:
        """Whether 9F40 claims part 1 of ISO/IEC 8859 (Book 4 Annex A3, byte 5)."""
        return self.additional[4] & 0x01 != 0


def _fixed(name: str, value: bytes, size: int, optional: bool = False) -> None:
    if len(value) != size and not (optional and not value):
        raise EmvError("CONFIG", "%s: expected %d bytes, found %d" % (name, size, len(value)))
