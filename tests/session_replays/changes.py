"""Changes that mean something, each with where the comparison must find it: phase, tag, words of the text."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tillbench.host.cards import CardProfile, VirtualCard, load_profile
from tillbench.host.cards.application_profile import ApplicationProfile
from tillbench.host.session import Session
from tillbench.host.session import dialogue as phases
from tillbench.host.session.compare import Difference, semantic
from tillbench.protocols.apdu import Command, Ins

from .replays import as_terminal, compared

CERTIFICATES = phases.AUTHENTICATION


@dataclass(frozen=True)
class Change:
    """`card` changes the profile, `values` what the terminal sends, `answer` what the card answers to a command."""

    name: str
    base: str
    phase: str
    tag: int
    words: str
    card: Callable[[CardProfile], CardProfile] | None = None
    values: dict[int, str] | None = None
    answer: Callable[[Command, bytes], bytes] | None = None

    def apply(self, session: Session, rng: random.Random) -> list[Difference]:
        """The semantic differences that the change makes."""
        profile = load_profile(self.base)
        changed = self.card(profile) if self.card else profile
        card = _Answering(changed, self.answer, rng) if self.answer else VirtualCard(changed, rng=rng)
        again, _notes = as_terminal(session, rng, card, self.values)
        return semantic(compared(profile, session, again))

    def is_found(self, differences: list[Difference]) -> bool:
        """Whether one of them names it."""
        return any(
            item.phase == self.phase and item.tag == self.tag and self.words in f"{item.title} {item.text}"
            for item in differences
        )


class _Answering(VirtualCard):
    """A card whose answers are changed on their way out."""

    def __init__(self, profile: CardProfile, answer: Callable[[Command, bytes], bytes], rng: random.Random) -> None:
        super().__init__(profile, rng=rng)
        self._changed = answer

    def transmit(self, apdu: bytes) -> bytes:
        return self._changed(Command.parse(apdu), super().transmit(apdu))


def application(**update: Any) -> Callable[[CardProfile], CardProfile]:
    """The same fields of every application, as YAML has them."""

    def changed(profile: CardProfile) -> CardProfile:
        made = tuple(ApplicationProfile.model_validate({**dict(item), **update}) for item in profile.applications)
        return profile.model_copy(update={"applications": made})

    return changed


def oda(**update: Any) -> Callable[[CardProfile], CardProfile]:
    """Fields of offline data authentication."""

    def changed(profile: CardProfile) -> CardProfile:
        old = profile.applications[0].offline_authentication
        return application(offline_authentication=old.model_copy(update=update))(profile)

    return changed


def card(**update: Any) -> Callable[[CardProfile], CardProfile]:
    """Fields of the card."""
    return lambda profile: CardProfile.model_validate({**dict(profile), **update})


def status(ins: int, sw: str) -> Callable[[Command, bytes], bytes]:
    """This command is answered by a status word alone."""
    return lambda asked, raw: bytes.fromhex(sw) if asked.ins == ins else raw


def turned(ins: int, at: int, mask: int) -> Callable[[Command, bytes], bytes]:
    """A bit of an answer turned over, counted from its end (-3 is the last byte of data)."""

    def change(asked: Command, raw: bytes) -> bytes:
        if asked.ins != ins or len(raw) <= -at:
            return raw
        whole = bytearray(raw)
        whole[at] ^= mask
        return bytes(whole)

    return change


CDA, VISA, DEBIT, MCHIP, DDA, T1 = "visa-cda", "visa-credit", "unionpay-debit", "mastercard-15", "visa-dda", "visa-t1"
_RECORDS = phases.READING
CHANGES = (
    # The action codes, bit by bit.
    Change(
        "IAC online loses a bit",
        CDA,
        _RECORDS,
        0x9F0F,
        "byte 1 bit 7 (SDA failed): no longer set",
        application(iac_online="9C4004F800"),
    ),
    Change("IAC online gains a bit", VISA, _RECORDS, 0x9F0F, "byte 3 bit 8", application(iac_online="DC4084F800")),
    Change("IAC default loses a bit", VISA, _RECORDS, 0x9F0D, "byte 4 bit 8", application(iac_default="DC40002800")),
    Change("IAC default gains a bit", DEBIT, _RECORDS, 0x9F0D, "byte 5 bit 7", application(iac_default="D8400CA840")),
    Change(
        "IAC denial gains a bit",
        CDA,
        _RECORDS,
        0x9F0E,
        "byte 1 bit 3 (CDA failed): set",
        application(iac_denial="0410000000"),
    ),
    Change("IAC denial loses a bit", MCHIP, _RECORDS, 0x9F0E, "byte 4 bit 1", application(iac_denial="0000000100")),
    # Selection.
    Change("label", VISA, phases.SELECTION, 0x50, "", application(label="VISA DEBIT")),
    Change("priority", VISA, phases.SELECTION, 0x87, "01 -> 02", application(priority=2)),
    Change("to be confirmed", VISA, phases.SELECTION, 0x87, "01 -> 81", application(confirm=True)),
    Change("languages", VISA, phases.SELECTION, 0x5F2D, "", application(languages="en")),
    Change("preferred name", DEBIT, phases.SELECTION, 0x9F12, "", application(preferred_name="UnionPay Credit")),
    Change("PDOL longer", DEBIT, phases.SELECTION, 0x9F38, "new: 9F35", application(pdol="9F1A 9F33 9F35")),
    Change("PDOL shorter", DEBIT, phases.SELECTION, 0x9F38, "no longer: 9F33", application(pdol="9F1A")),
    Change("PDOL in another order", DEBIT, phases.SELECTION, 0x9F38, "another order", application(pdol="9F33 9F1A")),
    Change("no PSE", VISA, phases.SELECTION, 0, "status 9000", card(pse=False)),
    Change("application blocked", VISA, phases.SELECTION, 0, "6283", application(blocked=True)),
    Change("no log", DEBIT, phases.SELECTION, 0x9F4D, "no longer given", application(log_records=0)),
    Change("ATR", VISA, "reset", 0, "ATR", card(atr="3B6500000102030405")),
    # Processing options.
    Change(
        "AIP without DDA",
        CDA,
        phases.INITIATION,
        0x82,
        "byte 1 bit 6 (DDA supported): no longer set",
        application(aip="5D00"),
    ),
    Change("AIP with on-device CVM", VISA, phases.INITIATION, 0x82, "byte 1 bit 2", application(aip="1E00")),
    Change(
        "AFL with a record more",
        VISA,
        phases.INITIATION,
        0x94,
        "new: SFI 2 records 1 to 3",
        application(afl="08010100 10010301"),
    ),
    Change(
        "AFL signs less",
        CDA,
        phases.INITIATION,
        0x94,
        "0 in offline data authentication",
        application(afl="0801010010010200 18010600"),
    ),
    Change("GPO refused", VISA, phases.INITIATION, 0, "6985", None, None, status(Ins.GET_PROCESSING_OPTIONS, "6985")),
    # Records.
    Change("expiry", VISA, _RECORDS, 0x5F24, "301231 -> 291130", card(expiry="2911")),
    Change("effective date", VISA, _RECORDS, 0x5F25, "", card(effective="2502")),
    Change("usage control", VISA, _RECORDS, 0x9F07, "byte 1 bit 2 (at ATMs): no longer set", application(usage="FDC0")),
    Change("usage control, cashback", VISA, _RECORDS, 0x9F07, "byte 2 bit 7", application(usage="FF80")),
    Change("application version", VISA, _RECORDS, 0x9F08, "008C -> 008D", application(version="008D")),
    Change(
        "CVM list, another order",
        VISA,
        _RECORDS,
        0x8E,
        "another order",
        application(
            cvm_list=[
                {"method": "signature", "when": "supported", "otherwise": "next"},
                {"method": "online-pin", "when": "supported", "otherwise": "next"},
                {"method": "none"},
            ]
        ),
    ),
    Change(
        "CVM list, fails instead of next",
        VISA,
        _RECORDS,
        0x8E,
        "else fail",
        application(
            cvm_list=[
                {"method": "online-pin", "when": "supported", "otherwise": "fail"},
                {"method": "signature", "when": "supported", "otherwise": "next"},
                {"method": "none"},
            ]
        ),
    ),
    Change("CVM list, amount X", "visa-cvm-amounts", _RECORDS, 0x8E, "X = ", application(cvm_x=123456)),
    Change(
        "CDOL1 in another order",
        VISA,
        _RECORDS,
        0x8C,
        "another order",
        application(cdol1="9F03 9F02 9F1A 95 5F2A 9A 9C 9F37"),
    ),
    Change(
        "CDOL1 asks more",
        VISA,
        _RECORDS,
        0x8C,
        "new: 9F35",
        application(cdol1="9F02 9F03 9F1A 95 5F2A 9A 9C 9F37 9F35"),
    ),
    Change(
        "CDOL2 asks more",
        VISA,
        _RECORDS,
        0x8D,
        "new: 9F34",
        application(cdol2="8A 9F02 9F03 9F1A 95 5F2A 9A 9C 9F37 9F34"),
    ),
    Change("country", VISA, _RECORDS, 0x5F28, "0156 -> 0826", card(country="0826")),
    Change("currency", VISA, _RECORDS, 0x9F42, "0156 -> 0826", card(currency="0826")),
    Change("service code", VISA, _RECORDS, 0x5F30, "0201 -> 0101", card(service_code="101")),
    Change("cardholder", VISA, _RECORDS, 0x5F20, "", card(cardholder="ANOTHER/CARD")),
    Change("sequence number", VISA, _RECORDS, 0x5F34, "01 -> 02", card(psn="02")),
    Change("another PAN", VISA, _RECORDS, 0x5A, "476173", card(pan="4761739001012032")),
    Change("lower limit", "visa-velocity", _RECORDS, 0x9F14, "", application(lower_offline_limit=1)),
    Change("object gone", VISA, _RECORDS, 0x5F30, "no longer given", application(objects={"5F30": ""})),
    Change("object more", VISA, phases.INITIATION, 0x94, "records 1 to 3", application(objects={"9F44": "02"})),
    Change(
        "a record is refused",
        VISA,
        _RECORDS,
        0,
        "6A83",
        None,
        None,
        lambda asked, raw: (
            b"\x6a\x83" if asked.ins == Ins.READ_RECORD and asked.p2 >> 3 == 2 and asked.p1 == 2 else raw
        ),
    ),
    # Certificates and signatures.
    Change("CA index", CDA, _RECORDS, 0x8F, "FE -> F0", application(objects={"8F": "F0"})),
    Change("ICC certificate, wrong hash", CDA, CERTIFICATES, 0x9F46, "hash right -> wrong", oda(faults=("icc.hash",))),
    Change("ICC certificate, format", CDA, CERTIFICATES, 0x9F46, "format 04 -> 14", oda(faults=("icc.format",))),
    Change("ICC certificate, expiry", CDA, CERTIFICATES, 0x9F46, "expiry", oda(icc_expiry="2509")),
    Change("issuer certificate, serial", CDA, CERTIFICATES, 0x90, "serial number", oda(issuer_serial=b"\x00\xde\xad")),
    Change("issuer certificate, trailer", CDA, CERTIFICATES, 0x90, "trailer BC -> BD", oda(faults=("issuer.trailer",))),
    Change("issuer certificate, expiry", CDA, CERTIFICATES, 0x90, "expiry", oda(issuer_expiry="2410")),
    Change(
        "static signature, wrong hash",
        "visa-sda",
        CERTIFICATES,
        0x93,
        "hash right -> wrong",
        oda(faults=("static.hash",)),
    ),
    Change(
        "static signature, code",
        "visa-sda",
        CERTIFICATES,
        0x93,
        "data authentication code",
        oda(data_authentication_code=b"\xda\xc2"),
    ),
    Change(
        "dynamic signature, wrong hash", DDA, CERTIFICATES, 0x9F4B, "hash right -> wrong", oda(faults=("dynamic.hash",))
    ),
    Change("dynamic signature, trailer", DDA, CERTIFICATES, 0x9F4B, "trailer", oda(faults=("dynamic.trailer",))),
    Change("dynamic number shorter", DDA, CERTIFICATES, 0x9F4B, "number length 8 -> 4", oda(dynamic_number=4)),
    Change(
        "DDOL",
        DDA,
        _RECORDS,
        0x9F49,
        "new: 9F02",
        oda(
            ddol=load_profile(DDA).applications[0].cdol1[:1]
            + load_profile(DDA).applications[0].offline_authentication.ddol
        ),
    ),
    Change(
        "CDA, another cryptogram type inside",
        CDA,
        phases.FIRST_AC,
        0x9F4B,
        "cryptogram type",
        oda(faults=("dynamic.cid",)),
    ),
    Change(
        "CDA, wrong transaction data hash",
        CDA,
        phases.FIRST_AC,
        0x9F4B,
        "transaction data hash right -> wrong",
        oda(faults=("dynamic.transaction-data",)),
    ),
    # Cryptograms and the issuer.
    Change(
        "the key of another issuer",
        VISA,
        phases.FIRST_AC,
        0x9F26,
        "not this card's",
        card(imk_ac="0123456789ABCDEF0123456789ABCDEF"),
    ),
    Change("key index", VISA, phases.FIRST_AC, 0x9F10, "key index 01 -> 02", card(key_index=2)),
    Change("cryptogram version", VISA, phases.FIRST_AC, 0x9F10, "cryptogram version 0A -> 12", card(cvn=0x12)),
    Change(
        "a bit of the card's results",
        VISA,
        phases.FIRST_AC,
        0x9F10,
        "Card Verification Results byte 4 bit 1 (PIN expected and not received): set",
        None,
        None,
        turned(Ins.GENERATE_AC, -3, 0x01),
    ),
    Change(
        "offline PIN expected",
        VISA,
        phases.FIRST_AC,
        0x9F10,
        "Card Verification Results",
        application(expects_pin=True),
    ),
    Change("declines at once", VISA, phases.FIRST_AC, 0x9F27, "AAC", application(first_cryptogram="decline")),
    Change(
        "declines in the end",
        VISA,
        phases.SECOND_AC,
        0x9F27,
        "TC (approved) -> AAC (declined)",
        application(second_cryptogram="decline"),
    ),
    Change(
        "the issuer is not believed",
        VISA,
        phases.ISSUER,
        0,
        "6300",
        None,
        None,
        status(Ins.EXTERNAL_AUTHENTICATE, "6300"),
    ),
    Change(
        "second GENERATE AC refused",
        VISA,
        phases.SECOND_AC,
        0,
        "6985",
        None,
        None,
        lambda asked, raw: b"\x69\x85" if asked.ins == Ins.GENERATE_AC and asked.p1 & 0xC0 == 0x40 else raw,
    ),
    Change("PIN tries", "visa-cvm-plaintext-pin", phases.VERIFICATION, 0x9F17, "03 -> 02", card(pin_try_limit=2)),
    # The terminal.
    Change(
        "TVR",
        VISA,
        phases.FIRST_AC,
        0x95,
        "byte 3 bit 8 (cardholder verification was not successful): set",
        None,
        {0x95: "8000848000"},
    ),
    Change("currency of the sale", VISA, phases.FIRST_AC, 0x5F2A, "0156 -> 0840", None, {0x5F2A: "0840"}),
    Change("country of the terminal", VISA, phases.FIRST_AC, 0x9F1A, "0156 -> 0840", None, {0x9F1A: "0840"}),
    Change("transaction type", VISA, phases.FIRST_AC, 0x9C, "00 -> 20", None, {0x9C: "20"}),
    Change("response code", VISA, phases.SECOND_AC, 0x8A, "", None, {0x8A: "3035"}),
    Change("terminal capabilities", DEBIT, phases.INITIATION, 0x9F33, "byte 2 bit 7", None, {0x9F33: "E0B8C8"}),
)
