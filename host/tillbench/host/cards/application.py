"""An application as it stands on the card after personalisation: FCI, AIP, AFL, records, keys."""

from tillbench.host.cards.application_profile import ApplicationProfile
from tillbench.host.cards.ca import CardAuthority, Personalisation
from tillbench.host.cards.cryptogram_versions import VERSIONS
from tillbench.host.cards.profile import CardProfile
from tillbench.protocols.emv import DolEntry, dol, tlv

LOG_SFI = 11
LOG_FORMAT = (
    DolEntry(0x9A, 3),
    DolEntry(0x9F21, 3),
    DolEntry(0x9F02, 6),
    DolEntry(0x9F03, 6),
    DolEntry(0x9F1A, 2),
    DolEntry(0x5F2A, 2),
    DolEntry(0x9F4E, 20),
    DolEntry(0x9C, 1),
    DolEntry(0x9F36, 2),
)


class Application:
    """Immutable: what a personalisation bureau would have written."""

    def __init__(self, card: CardProfile, profile: ApplicationProfile, ca: CardAuthority) -> None:
        self.profile = profile
        self.aid = profile.aid
        self.version = VERSIONS[card.scheme, card.cvn]
        self.udk, self.mac_key, self.cipher_key = (
            self.version.card_key(bytes.fromhex(imk), card.pan, card.psn)
            for imk in (card.imk_ac, card.imk_smi, card.imk_smc)
        )
        self.aip = _aip(profile)
        self.keys = ca.personalise(card, profile, _static_data(card, profile, self.aip))
        self.records = _records(card, profile, self.keys)
        self.afl = _afl(self.records)
        self.fci = _fci(profile)
        self.directory_entry = _directory_entry(profile)
        self.log_format = LOG_FORMAT if profile.log_records else ()


def _aip(profile: ApplicationProfile) -> bytes:
    """Application Interchange Profile (Book 3, Annex C1)."""
    methods = profile.offline_authentication.methods
    first = 0x08  # terminal risk management is to be performed
    if "sda" in methods:
        first |= 0x40
    if "dda" in methods:
        first |= 0x20
    if profile.cvm_list:
        first |= 0x10
    if profile.issuer_authentication == "external":
        first |= 0x04
    if "cda" in methods:
        first |= 0x01
    return bytes([first, 0x00])


def _fci(profile: ApplicationProfile) -> bytes:
    """Answer to SELECT (Book 1, table 45)."""
    proprietary = tlv.encode(0x50, profile.label.encode("ascii"))
    proprietary += tlv.encode(0x87, _priority(profile))
    if profile.pdol:
        proprietary += tlv.encode(0x9F38, dol.build(profile.pdol))
    proprietary += tlv.encode(0x5F2D, profile.languages.encode("ascii"))
    if profile.preferred_name is not None and profile.code_table is not None:
        proprietary += tlv.encode(0x9F11, bytes([profile.code_table]))
        proprietary += tlv.encode(0x9F12, _preferred_name(profile))
    if profile.log_records:
        proprietary += tlv.encode(0xBF0C, tlv.encode(0x9F4D, bytes([LOG_SFI, profile.log_records])))
    return tlv.encode(0x6F, tlv.encode(0x84, profile.aid), tlv.encode(0xA5, proprietary))


def _directory_entry(profile: ApplicationProfile) -> bytes:
    """Template 61 of the PSE directory (Book 1, table 47)."""
    entry = tlv.encode(0x4F, profile.aid) + tlv.encode(0x50, profile.label.encode("ascii"))
    if profile.preferred_name is not None:
        entry += tlv.encode(0x9F12, _preferred_name(profile))
    return tlv.encode(0x61, entry, tlv.encode(0x87, _priority(profile)))


def _priority(profile: ApplicationProfile) -> bytes:
    return bytes([(0x80 if profile.confirm else 0) | profile.priority])


def _preferred_name(profile: ApplicationProfile) -> bytes:
    return (profile.preferred_name or "").encode(f"iso8859-{profile.code_table}")


def _static_data(card: CardProfile, profile: ApplicationProfile, aip: bytes) -> bytes:
    """What the issuer signs: the records that the AFL marks, then the AIP where the tag list names it (Book 3, 10.3).
    Only the AIP may stand there; a list that names anything else is for the terminal to refuse."""
    tag_list = profile.offline_authentication.tag_list
    return tlv.encode_all(_signed_objects(card, profile)) + (aip if tag_list == b"\x82" else b"")


# Tags of the records of SFI 3, one row a record: certificates and what goes with them.
_KEY_RECORDS = (
    (0x8F, 0x9F32, 0x92),
    (0x90,),
    (0x9F46,),
    (0x9F47, 0x9F48),
    (0x93,),
    (0x9F49,),
    (0x9F2D,),
    (0x9F2E, 0x9F2F),
)


def _records(card: CardProfile, profile: ApplicationProfile, keys: Personalisation) -> dict[tuple[int, int], bytes]:
    """Every record by (SFI, number). SFI 2 record 1 is the one under offline data authentication."""
    records = {
        (1, 1): _record((0x57, card.track2), (0x5F20, card.cardholder.encode("ascii"))),
        (2, 1): _record(*_signed_objects(card, profile)),
        (2, 2): _record(*_decision_objects(profile)),
    }
    if profile.certificates:
        oda = profile.offline_authentication
        objects = dict(keys.objects)
        if oda.is_dynamic and oda.ddol:
            objects[0x9F49] = dol.build(oda.ddol)
        rows = [[(tag, objects[tag]) for tag in row if tag in objects] for row in _KEY_RECORDS]
        records |= {(3, number): _record(*row) for number, row in enumerate((row for row in rows if row), 1)}
    return records


def _record(*objects: tuple[int, bytes]) -> bytes:
    return tlv.encode(0x70, tlv.encode_all(objects))


def _signed_objects(card: CardProfile, profile: ApplicationProfile) -> list[tuple[int, bytes]]:
    objects = [
        (0x5A, bytes.fromhex(card.pan + "F" * (len(card.pan) % 2))),
        (0x5F34, bytes.fromhex(card.psn)),
        (0x5F24, card.expiry_date),
        (0x5F25, bytes.fromhex(card.effective + "01")),
        (0x5F28, bytes.fromhex(card.country)),
        (0x5F30, bytes.fromhex("0" + card.service_code)),
        (0x9F07, profile.usage),
        (0x9F42, bytes.fromhex(card.currency)),
    ]
    if profile.cvm_list:
        objects.append((0x8E, profile.cvm_list_value))
    objects += [
        (0x9F0D, profile.iac_default),
        (0x9F0E, profile.iac_denial),
        (0x9F0F, profile.iac_online),
    ]
    if profile.offline_authentication.tag_list:
        objects.append((0x9F4A, profile.offline_authentication.tag_list))
    return objects


def _decision_objects(profile: ApplicationProfile) -> list[tuple[int, bytes]]:
    objects = [
        (0x8C, dol.build(profile.cdol1)),
        (0x8D, dol.build(profile.cdol2)),
        (0x9F08, profile.version),
    ]
    if profile.lower_offline_limit is not None and profile.upper_offline_limit is not None:
        objects += [(0x9F14, bytes([profile.lower_offline_limit])), (0x9F23, bytes([profile.upper_offline_limit]))]
    return objects


def _afl(records: dict[tuple[int, int], bytes]) -> bytes:
    """Four bytes a file (Book 3, 10.2)."""
    entries = b""
    for sfi in sorted({sfi for sfi, _number in records}):
        last = max(number for file, number in records if file == sfi)
        entries += bytes([sfi << 3, 1, last, 1 if sfi == 2 else 0])
    return entries
