"""The records of an application and the AFL that leads to them (EMV 4.3 Book 3, 10.2; Annex A for where objects may
stand)."""

from tillbench.host.cards.application_profile import ApplicationProfile
from tillbench.host.cards.profile import CardProfile
from tillbench.host.cards.record_profile import RecordProfile
from tillbench.protocols.emv import dol, tlv

_MOST_TEMPLATE_SFI = 10  # up to here a record is a template 70, of which the value is signed; beyond, all of it
_HOLDER = (0x57, 0x5F20)
_SIGNED = (0x5A, 0x5F34, 0x5F24, 0x5F25, 0x5F28, 0x5F30, 0x9F07, 0x9F42, 0x8E, 0x9F0D, 0x9F0E, 0x9F0F, 0x9F4A)
_DECISION = (0x8C, 0x8D, 0x9F08, 0x9F14, 0x9F23)
_KEYS = ((0x8F, 0x9F32, 0x92), (0x90,), (0x9F46,), (0x9F47, 0x9F48), (0x93,), (0x9F49,), (0x9F2D,), (0x9F2E, 0x9F2F))
_AUTOMATIC = (
    RecordProfile(sfi=1, tags=_HOLDER),
    RecordProfile(sfi=2, tags=_SIGNED, signed=True),
    RecordProfile(sfi=2, tags=_DECISION),
    *(RecordProfile(sfi=3, tags=tags) for tags in _KEYS),
)


def data_objects(card: CardProfile, profile: ApplicationProfile) -> dict[int, bytes]:
    """What an issuer personalises, without keys and signatures; the profile's `objects` have the last word."""
    oda = profile.offline_authentication
    objects = {
        0x57: card.track2,
        0x5F20: card.cardholder.encode("ascii"),
        0x5A: bytes.fromhex(card.pan + "F" * (len(card.pan) % 2)),
        0x5F34: bytes.fromhex(card.psn),
        0x5F24: card.expiry_date,
        0x5F25: bytes.fromhex(card.effective + "01"),
        0x5F28: bytes.fromhex(card.country),
        0x5F30: bytes.fromhex("0" + card.service_code),
        0x9F07: profile.usage,
        0x9F42: bytes.fromhex(card.currency),
        0x8E: profile.cvm_list_value,
        0x9F0D: profile.iac_default,
        0x9F0E: profile.iac_denial,
        0x9F0F: profile.iac_online,
        0x9F4A: oda.tag_list,
        0x8C: dol.build(profile.cdol1),
        0x8D: dol.build(profile.cdol2),
        0x9F08: profile.version,
    }
    if profile.lower_offline_limit is not None and profile.upper_offline_limit is not None:
        objects |= {0x9F14: bytes([profile.lower_offline_limit]), 0x9F23: bytes([profile.upper_offline_limit])}
    if profile.certificates and oda.is_dynamic:
        objects[0x9F49] = dol.build(oda.ddol)
    objects |= {int(tag, 16): value for tag, value in profile.objects.items()}
    return {tag: value for tag, value in objects.items() if value}


class Records:
    """Every record by (SFI, number), from objects that may still lack what signs them."""

    def __init__(self, profile: ApplicationProfile, objects: dict[int, bytes]) -> None:
        self.contents: dict[tuple[int, int], bytes] = {}
        self._signed: list[tuple[int, int]] = []
        known = {tag for row in _AUTOMATIC for tag in row.tags}
        others = tuple(tag for tag in objects if tag not in known)
        layout = profile.layout or (
            *_AUTOMATIC[:3],
            *([RecordProfile(sfi=2, tags=others)] if others else ()),
            *_AUTOMATIC[3:],
        )
        for row in layout:
            present = [(tag, objects[tag]) for tag in row.tags if tag in objects]
            if row.raw is None and not present and not profile.layout:
                continue
            number = sum(1 for sfi, _number in self.contents if sfi == row.sfi) + 1
            content = tlv.encode(0x70, tlv.encode_all(present)) if row.raw is None else row.raw
            self.contents[row.sfi, number] = content
            if row.signed:
                self._signed.append((row.sfi, number))

    def static_data(self) -> bytes:
        """The signed records as they are hashed: up to SFI 10 the value of the template (Book 3, 10.3)."""
        return b"".join(
            tlv.parse(self.contents[place], nested=False)[0].value
            if place[0] <= _MOST_TEMPLATE_SFI
            else self.contents[place]
            for place in self._signed
        )

    def afl(self) -> bytes:
        """Four bytes a file."""
        entries = b""
        for sfi in dict.fromkeys(sfi for sfi, _number in self.contents):
            last = max(number for file, number in self.contents if file == sfi)
            signed = sum(1 for file, _number in self._signed if file == sfi)
            entries += bytes([sfi << 3, 1, last, signed])
        return entries
