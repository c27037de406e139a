"""The data objects of a contact transaction, as a table (EMV 4.3 Book 3, Annex A; Book 1 for selection).

Formats: n digits, cn compressed digits padded with F, a/an/ans text, b binary or TLV. Lengths are in bytes on the
wire; `most` 0 means a template, as long as what is in it. `template` names where the card carries the object.
"""

from typing import NamedTuple


class Tag(NamedTuple):
    """One row: tag number, name in the books, format, source (`card`, `terminal`, `issuer`), length in bytes
    (`least` to `most`), template(s) it travels in."""

    number: int
    name: str
    format: str
    source: str
    least: int
    most: int
    template: str = ""

    @property
    def fixed_length(self) -> int | None:
        """The length in bytes where the book allows only one, else None."""
        return self.least if self.least == self.most and self.most else None


_ROWS = (
    Tag(0x42, "Issuer Identification Number (IIN)", "n", "card", 3, 3, "BF0C 73"),
    Tag(0x4F, "Application Dedicated File (ADF) Name", "b", "card", 5, 16, "61"),
    Tag(0x50, "Application Label", "ans", "card", 1, 16, "61 A5"),
    Tag(0x56, "Track 1 Data", "ans", "card", 1, 76, "70"),
    Tag(0x57, "Track 2 Equivalent Data", "b", "card", 1, 19, "70 77"),
    Tag(0x5A, "Application Primary Account Number (PAN)", "cn", "card", 1, 10, "70 77"),
    Tag(0x61, "Application Template", "b", "card", 1, 252, "70"),
    Tag(0x6F, "File Control Information (FCI) Template", "b", "card", 1, 252),
    Tag(0x70, "READ RECORD Response Message Template", "b", "card", 1, 252),
    Tag(0x71, "Issuer Script Template 1", "b", "issuer", 1, 127),
    Tag(0x72, "Issuer Script Template 2", "b", "issuer", 1, 127),
    Tag(0x73, "Directory Discretionary Template", "b", "card", 1, 252, "61"),
    Tag(0x77, "Response Message Template Format 2", "b", "card", 1, 253),
    Tag(0x80, "Response Message Template Format 1", "b", "card", 1, 253),
    Tag(0x81, "Amount, Authorised (Binary)", "b", "terminal", 4, 4),
    Tag(0x82, "Application Interchange Profile (AIP)", "b", "card", 2, 2, "77 80"),
    Tag(0x83, "Command Template", "b", "terminal", 0, 252),
    Tag(0x84, "Dedicated File (DF) Name", "b", "card", 5, 16, "6F"),
    Tag(0x86, "Issuer Script Command", "b", "issuer", 5, 261, "71 72"),
    Tag(0x87, "Application Priority Indicator", "b", "card", 1, 1, "61 A5"),
    Tag(0x88, "Short File Identifier (SFI)", "b", "card", 1, 1, "A5"),
    Tag(0x89, "Authorisation Code", "ans", "issuer", 6, 6),
    Tag(0x8A, "Authorisation Response Code", "an", "issuer", 2, 2),
    Tag(0x8C, "Card Risk Management Data Object List 1 (CDOL1)", "b", "card", 1, 252, "70 77"),
    Tag(0x8D, "Card Risk Management Data Object List 2 (CDOL2)", "b", "card", 1, 252, "70 77"),
    Tag(0x8E, "Cardholder Verification Method (CVM) List", "b", "card", 10, 252, "70 77"),
    Tag(0x8F, "Certification Authority Public Key Index", "b", "card", 1, 1, "70 77"),
    Tag(0x90, "Issuer Public Key Certificate", "b", "card", 64, 248, "70 77"),
    Tag(0x91, "Issuer Authentication Data", "b", "issuer", 8, 16),
    Tag(0x92, "Issuer Public Key Remainder", "b", "card", 1, 248, "70 77"),
    Tag(0x93, "Signed Static Application Data", "b", "card", 64, 248, "70 77"),
    Tag(0x94, "Application File Locator (AFL)", "b", "card", 4, 252, "77 80"),
    Tag(0x95, "Terminal Verification Results (TVR)", "b", "terminal", 5, 5),
    Tag(0x97, "Transaction Certificate Data Object List (TDOL)", "b", "card", 1, 252, "70 77"),
    Tag(0x98, "Transaction Certificate (TC) Hash Value", "b", "terminal", 20, 20),
    Tag(0x99, "Transaction PIN Data", "b", "terminal", 1, 252),
    Tag(0x9A, "Transaction Date", "n", "terminal", 3, 3),
    Tag(0x9B, "Transaction Status Information (TSI)", "b", "terminal", 2, 2),
    Tag(0x9C, "Transaction Type", "n", "terminal", 1, 1),
    Tag(0x9D, "Directory Definition File (DDF) Name", "b", "card", 5, 16, "61"),
    Tag(0xA5, "FCI Proprietary Template", "b", "card", 1, 252, "6F"),
    Tag(0x5F20, "Cardholder Name", "ans", "card", 2, 26, "70 77"),
    Tag(0x5F24, "Application Expiration Date", "n", "card", 3, 3, "70 77"),
    Tag(0x5F25, "Application Effective Date", "n", "card", 3, 3, "70 77"),
    Tag(0x5F28, "Issuer Country Code", "n", "card", 2, 2, "70 77"),
    Tag(0x5F2A, "Transaction Currency Code", "n", "terminal", 2, 2),
    Tag(0x5F2D, "Language Preference", "an", "card", 2, 8, "A5"),
    Tag(0x5F30, "Service Code", "n", "card", 2, 2, "70 77"),
    Tag(0x5F34, "PAN Sequence Number", "n", "card", 1, 1, "70 77"),
    Tag(0x5F36, "Transaction Currency Exponent", "n", "terminal", 1, 1),
    Tag(0x5F50, "Issuer URL", "ans", "card", 1, 252, "BF0C 73"),
    Tag(0x5F55, "Issuer Country Code (alpha2)", "a", "card", 2, 2, "BF0C 73"),
    Tag(0x5F56, "Issuer Country Code (alpha3)", "a", "card", 3, 3, "BF0C 73"),
    Tag(0x5F57, "Account Type", "n", "terminal", 1, 1),
    Tag(0x9F01, "Acquirer Identifier", "n", "terminal", 6, 6),
    Tag(0x9F02, "Amount, Authorised (Numeric)", "n", "terminal", 6, 6),
    Tag(0x9F03, "Amount, Other (Numeric)", "n", "terminal", 6, 6),
    Tag(0x9F04, "Amount, Other (Binary)", "b", "terminal", 4, 4),
    Tag(0x9F05, "Application Discretionary Data", "b", "card", 1, 32, "70 77"),
    Tag(0x9F06, "Application Identifier (AID) - terminal", "b", "terminal", 5, 16),
    Tag(0x9F07, "Application Usage Control", "b", "card", 2, 2, "70 77"),
    Tag(0x9F08, "Application Version Number (card)", "b", "card", 2, 2, "70 77"),
    Tag(0x9F09, "Application Version Number (terminal)", "b", "terminal", 2, 2),
    Tag(0x9F0B, "Cardholder Name Extended", "ans", "card", 27, 45, "70 77"),
    Tag(0x9F0D, "Issuer Action Code - Default", "b", "card", 5, 5, "70 77"),
    Tag(0x9F0E, "Issuer Action Code - Denial", "b", "card", 5, 5, "70 77"),
    Tag(0x9F0F, "Issuer Action Code - Online", "b", "card", 5, 5, "70 77"),
    Tag(0x9F10, "Issuer Application Data", "b", "card", 1, 32, "77 80"),
    Tag(0x9F11, "Issuer Code Table Index", "n", "card", 1, 1, "A5"),
    Tag(0x9F12, "Application Preferred Name", "ans", "card", 1, 16, "61 A5"),
    Tag(0x9F13, "Last Online ATC Register", "b", "card", 2, 2),
    Tag(0x9F14, "Lower Consecutive Offline Limit", "b", "card", 1, 1, "70 77"),
    Tag(0x9F15, "Merchant Category Code", "n", "terminal", 2, 2),
    Tag(0x9F16, "Merchant Identifier", "ans", "terminal", 15, 15),
    Tag(0x9F17, "PIN Try Counter", "b", "card", 1, 1),
    Tag(0x9F18, "Issuer Script Identifier", "b", "issuer", 4, 4, "71 72"),
    Tag(0x9F1A, "Terminal Country Code", "n", "terminal", 2, 2),
    Tag(0x9F1B, "Terminal Floor Limit", "b", "terminal", 4, 4),
    Tag(0x9F1C, "Terminal Identification", "an", "terminal", 8, 8),
    Tag(0x9F1D, "Terminal Risk Management Data", "b", "terminal", 1, 8),
    Tag(0x9F1E, "Interface Device (IFD) Serial Number", "an", "terminal", 8, 8),
    Tag(0x9F1F, "Track 1 Discretionary Data", "ans", "card", 1, 54, "70 77"),
    Tag(0x9F20, "Track 2 Discretionary Data", "cn", "card", 1, 18, "70 77"),
    Tag(0x9F21, "Transaction Time", "n", "terminal", 3, 3),
    Tag(0x9F22, "Certification Authority Public Key Index (terminal)", "b", "terminal", 1, 1),
    Tag(0x9F23, "Upper Consecutive Offline Limit", "b", "card", 1, 1, "70 77"),
    Tag(0x9F26, "Application Cryptogram (AC)", "b", "card", 8, 8, "77 80"),
    Tag(0x9F27, "Cryptogram Information Data (CID)", "b", "card", 1, 1, "77 80"),
    Tag(0x9F2D, "ICC PIN Encipherment Public Key Certificate", "b", "card", 64, 248, "70 77"),
    Tag(0x9F2E, "ICC PIN Encipherment Public Key Exponent", "b", "card", 1, 3, "70 77"),
    Tag(0x9F2F, "ICC PIN Encipherment Public Key Remainder", "b", "card", 1, 248, "70 77"),
    Tag(0x9F32, "Issuer Public Key Exponent", "b", "card", 1, 3, "70 77"),
    Tag(0x9F33, "Terminal Capabilities", "b", "terminal", 3, 3),
    Tag(0x9F34, "Cardholder Verification Method (CVM) Results", "b", "terminal", 3, 3),
    Tag(0x9F35, "Terminal Type", "n", "terminal", 1, 1),
    Tag(0x9F36, "Application Transaction Counter (ATC)", "b", "card", 2, 2, "77 80"),
    Tag(0x9F37, "Unpredictable Number", "b", "terminal", 4, 4),
    Tag(0x9F38, "Processing Options Data Object List (PDOL)", "b", "card", 1, 252, "A5"),
    Tag(0x9F39, "Point-of-Service (POS) Entry Mode", "n", "terminal", 1, 1),
    Tag(0x9F3A, "Amount, Reference Currency", "b", "terminal", 4, 4),
    Tag(0x9F3B, "Application Reference Currency", "n", "card", 2, 8, "70 77"),
    Tag(0x9F3C, "Transaction Reference Currency Code", "n", "terminal", 2, 2),
    Tag(0x9F3D, "Transaction Reference Currency Exponent", "n", "terminal", 1, 1),
    Tag(0x9F40, "Additional Terminal Capabilities", "b", "terminal", 5, 5),
    Tag(0x9F41, "Transaction Sequence Counter", "n", "terminal", 2, 4),
    Tag(0x9F42, "Application Currency Code", "n", "card", 2, 2, "70 77"),
    Tag(0x9F43, "Application Reference Currency Exponent", "n", "card", 1, 4, "70 77"),
    Tag(0x9F44, "Application Currency Exponent", "n", "card", 1, 1, "70 77"),
    Tag(0x9F45, "Data Authentication Code", "b", "card", 2, 2),
    Tag(0x9F46, "ICC Public Key Certificate", "b", "card", 64, 248, "70 77"),
    Tag(0x9F47, "ICC Public Key Exponent", "b", "card", 1, 3, "70 77"),
    Tag(0x9F48, "ICC Public Key Remainder", "b", "card", 1, 248, "70 77"),
    Tag(0x9F49, "Dynamic Data Authentication Data Object List (DDOL)", "b", "card", 1, 252, "70 77"),
    Tag(0x9F4A, "Static Data Authentication Tag List", "b", "card", 1, 252, "70 77"),
    Tag(0x9F4B, "Signed Dynamic Application Data", "b", "card", 64, 248, "77 80"),
    Tag(0x9F4C, "ICC Dynamic Number", "b", "card", 2, 8),
    Tag(0x9F4D, "Log Entry", "b", "card", 2, 2, "BF0C 73"),
    Tag(0x9F4E, "Merchant Name and Location", "ans", "terminal", 1, 252),
    Tag(0x9F4F, "Log Format", "b", "card", 1, 252),
    Tag(0x9F51, "Application Currency Code (scheme)", "n", "card", 2, 2, "70 77"),
    Tag(0x9F52, "Application Default Action (ADA)", "b", "card", 2, 6, "70 77"),
    Tag(0x9F53, "Consecutive Transaction Limit (International)", "b", "card", 1, 1),
    Tag(0x9F54, "Cumulative Total Transaction Amount Limit", "n", "card", 6, 6),
    Tag(0x9F58, "Lower Consecutive Offline Limit (card)", "b", "card", 1, 1),
    Tag(0x9F59, "Upper Consecutive Offline Limit (card)", "b", "card", 1, 1),
    Tag(0x9F5B, "Issuer Script Results", "b", "terminal", 5, 255),
    Tag(0x9F5C, "Cumulative Total Transaction Amount Upper Limit", "n", "card", 6, 6),
    Tag(0x9F63, "Card Product Identification (UnionPay)", "b", "card", 16, 16, "70 77"),
    Tag(0x9F66, "Terminal Transaction Qualifiers", "b", "terminal", 4, 4),
    Tag(0x9F6C, "Card Transaction Qualifiers", "b", "card", 2, 2, "77"),
    Tag(0x9F74, "Electronic Cash Issuer Authorisation Code (UnionPay)", "an", "card", 6, 6, "77"),
    Tag(0x9F79, "Electronic Cash Balance (UnionPay)", "n", "card", 6, 6),
    Tag(0x9F7A, "Electronic Cash Terminal Support Indicator (UnionPay)", "b", "terminal", 1, 1),
    Tag(0xBF0C, "FCI Issuer Discretionary Data", "b", "card", 1, 222, "A5"),
)

TAGS: dict[int, Tag] = {row.number: row for row in _ROWS}


def name_of(tag: int) -> str:
    """The name in the books, or `unknown`."""
    row = TAGS.get(tag)
    return row.name if row else "unknown"
