"""Issuer scripts: commands that only the issuer can have made (EMV 4.3 Book 2, 9; Book 3, 6.5), as templates 71 and 72.

The MAC is over header, ATC, ARQC and data as they travel (Interac: header and data); what is secret in them is
enciphered. Session keys and formats are `pyemv`'s; UnionPay's are those of a public example.
"""

from collections.abc import Callable, Iterable
from typing import Literal, NamedTuple

from pyemv import kd, sm
from tillbench.host.issuer.card_issuer import CardIssuer, version_of
from tillbench.host.issuer.versions import CARD_KEYS, Tags, quiet_about_des, unionpay_session_key
from tillbench.protocols.apdu import Ins
from tillbench.protocols.emv import tlv

SCRIPT_BEFORE, SCRIPT_AFTER = 0x71, 0x72  # the final GENERATE AC
UNBLOCK_ONLY, WITH_CURRENT_PIN, NEW_PIN = 0x00, 0x01, 0x02  # P2 of PIN CHANGE/UNBLOCK


class _Messaging(NamedTuple):
    session_key: Callable[[bytes, Tags], bytes]
    names_transaction: bool
    mac_size: int
    encryption: sm.EncryptionType
    pin_form: Literal["vis", "iso"]


def _visa_key(key: bytes, tags: Tags) -> bytes:
    return kd.derive_visa_sm_sk(key, tags[0x9F36])


def _arqc_key(key: bytes, tags: Tags) -> bytes:
    return kd.derive_common_sk(key, tags[0x9F26])


def _unionpay_key(key: bytes, tags: Tags) -> bytes:
    return unionpay_session_key(key, tags[0x9F36])


_VISA, _MCHIP = sm.EncryptionType.VISA, sm.EncryptionType.MASTERCARD
_MCHIP_ROW = _Messaging(_arqc_key, True, 8, _MCHIP, "iso")
_ROWS = {
    "UnionPay 01": _Messaging(_unionpay_key, True, 4, _VISA, "vis"),
    "Visa 10": _Messaging(_visa_key, True, 8, _VISA, "vis"),
    "Visa 18": _Messaging(_visa_key, True, 8, _VISA, "vis"),
    "Visa 22": _Messaging(_arqc_key, True, 8, _VISA, "iso"),
    "EMV CCD 5": _Messaging(_arqc_key, True, 8, _VISA, "iso"),
    "M/Chip 10": _MCHIP_ROW,
    "M/Chip 11": _MCHIP_ROW,
    "M/Chip 14": _MCHIP_ROW,
    "M/Chip 15": _MCHIP_ROW,
    "Interac 133": _Messaging(_arqc_key, False, 8, _MCHIP, "iso"),
}


class Scripter:
    """Commands for the card whose ARQC is in `tags` (9F26, 9F36, 9F10). Raises IssuerDataError for an unknown version.

    Each command is the value of a tag 86; `template` makes a script of some.
    """

    def __init__(self, issuer: CardIssuer, tags: Tags) -> None:
        self._issuer = issuer
        self._tags = tags
        _data, self._version = version_of(tags)
        self._messaging = _ROWS[self._version.name]

    def application_block(self) -> bytes:
        return self._secured(0x84, Ins.APPLICATION_BLOCK)

    def application_unblock(self) -> bytes:
        return self._secured(0x84, Ins.APPLICATION_UNBLOCK)

    def card_block(self) -> bytes:
        return self._secured(0x84, Ins.CARD_BLOCK)

    def pin_unblock(self) -> bytes:
        """The try counter back to its limit."""
        return self._secured(0x84, Ins.PIN_CHANGE_UNBLOCK, p2=UNBLOCK_ONLY)

    def pin_change(self, pin: str, current: str | None = None) -> bytes:
        """A new PIN of 4 to 12 digits. With `current` it is folded in, which cards of VIS and UnionPay know.

        Raises ValueError for `current` where the card's scheme has no such thing.
        """
        if current is not None and self._messaging.encryption is not _VISA:
            raise ValueError(f"{self._version.name}: PIN CHANGE with the current PIN folded in is VIS's and UnionPay's")
        with quiet_about_des():
            if self._messaging.pin_form == "vis" or current is not None:
                block = sm.format_vis_pin_block(self._card_key(self._issuer.keys.ac), pin, current)
            else:
                block = sm.format_iso9564_2_pin_block(pin)
            data = sm.encrypt_command_data(self._key(self._issuer.keys.smc), block, self._messaging.encryption)
        return self._secured(
            0x84, Ins.PIN_CHANGE_UNBLOCK, p2=NEW_PIN if current is None else WITH_CURRENT_PIN, data=data
        )

    def put_data(self, tag: int, value: bytes) -> bytes:
        """A new value for a data object of one or two bytes of tag."""
        return self._secured(0x04, Ins.PUT_DATA, tag >> 8, tag & 0xFF, value)

    def update_record(self, sfi: int, number: int, record: bytes) -> bytes:
        """A record in the place of another; `record` whole, with its template 70."""
        return self._secured(0x04, Ins.UPDATE_RECORD, number, sfi << 3 | 4, record)

    def again(self, command: bytes) -> bytes:
        """A command made for another transaction, with the MAC that it needs in this one.

        Raises ValueError for one that holds enciphered data: what is in them cannot be told.
        """
        cla, ins, p1, p2, size = command[:5]
        data = command[5 : 5 + size - self._messaging.mac_size]
        if ins == Ins.PIN_CHANGE_UNBLOCK and data:
            raise ValueError("the new PIN in it is enciphered")
        return self._secured(cla, ins, p1, p2, data)

    def _secured(self, cla: int, ins: int, p1: int = 0, p2: int = 0, data: bytes = b"") -> bytes:
        row = self._messaging
        header = bytes([cla, ins, p1, p2, len(data) + row.mac_size])
        between = self._tags[0x9F36] + self._tags[0x9F26] if row.names_transaction else b""
        with quiet_about_des():
            mac = sm.generate_command_mac(self._key(self._issuer.keys.smi), header + between + data, row.mac_size)
        return header + data + mac

    def _key(self, imk: bytes) -> bytes:
        return self._messaging.session_key(self._card_key(imk), self._tags)

    def _card_key(self, imk: bytes) -> bytes:
        return CARD_KEYS[self._version.card_key](imk, self._issuer.pan, self._issuer.psn)


def template(kind: int, commands: Iterable[bytes], identifier: bytes = b"\x00\x00\x00\x01") -> bytes:
    """A script for field 55: `kind` SCRIPT_BEFORE or SCRIPT_AFTER, its identifier (9F18, 4 bytes), its commands."""
    return tlv.encode(kind, tlv.encode(0x9F18, identifier), *(tlv.encode(0x86, command) for command in commands))
