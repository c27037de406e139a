"""An application as it stands on the card after personalisation: FCI, AIP, AFL, records, keys."""

from tillbench.host.cards.application_profile import ApplicationProfile
from tillbench.host.cards.ca import CardAuthority
from tillbench.host.cards.cryptogram_versions import VERSIONS
from tillbench.host.cards.profile import CardProfile
from tillbench.host.cards.record_profile import LOG_SFI
from tillbench.host.cards.records import Records, data_objects
from tillbench.protocols.emv import DolEntry, dol, tlv

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
        self.aip = _aip(profile) if profile.aip is None else profile.aip
        objects = data_objects(card, profile)
        static = Records(profile, objects).static_data()
        # The AIP is signed where the tag list names it; a list that names anything else is the terminal's to refuse.
        signed = static + (self.aip if objects.get(0x9F4A) == b"\x82" else b"")
        self.keys = ca.personalise(card, profile, signed)
        if profile.certificates:
            replaced = {int(tag, 16) for tag in profile.objects}
            objects |= {tag: value for tag, value in self.keys.objects.items() if tag not in replaced}
        records = Records(profile, objects)
        self.records = records.contents
        self.afl = records.afl() if profile.afl is None else profile.afl
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
