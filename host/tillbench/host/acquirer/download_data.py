"""What terminals load from this host: their parameters, the test CA's keys, the applications they accept, limits."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tillbench.host.cards.ca import CardAuthority
from tillbench.host.cards.oda_profile import CA_KEYS
from tillbench.protocols.emv import tlv

RID, INDEX = 0x9F06, 0x9F22
EXPIRY, HASH_ALGORITHM, SIGNATURE_ALGORITHM, MODULUS, EXPONENT, CHECKSUM = (
    0xDF05,
    0xDF06,
    0xDF07,
    0xDF02,
    0xDF04,
    0xDF03,
)
SHA_1 = RSA = b"\x01"
RIDS = ("A000000333", "A000000003", "A000000004")


@dataclass(frozen=True)
class CaKey:
    """A CA public key. expiry: YYYYMMDD. checksum: SHA-1 over RID, index, modulus and exponent."""

    rid: bytes
    index: int
    expiry: str
    modulus: bytes
    exponent: bytes
    checksum: bytes

    @property
    def name(self) -> bytes:
        """As lists have it: RID, index, expiry."""
        return tlv.encode_all([(RID, self.rid), (INDEX, bytes([self.index])), (EXPIRY, self.expiry.encode("ascii"))])

    @property
    def whole(self) -> bytes:
        """As a terminal loads it."""
        return self.name + tlv.encode_all(
            [
                (HASH_ALGORITHM, SHA_1),
                (SIGNATURE_ALGORITHM, RSA),
                (MODULUS, self.modulus),
                (EXPONENT, self.exponent),
                (CHECKSUM, self.checksum),
            ]
        )


def test_ca_keys() -> list[CaKey]:
    """The keys of the bench's own CA, which signed the virtual cards."""
    authority = CardAuthority()
    keys = (authority.public_key(bytes.fromhex(rid), index) for rid in RIDS for index in CA_KEYS)
    return [CaKey(key.rid, key.index, "20301231", key.modulus, key.exponent, key.checksum) for key in keys]


def aid_parameters(version: str, denial: str, online: str, default: str) -> dict[int, bytes]:
    """Parameters of one application: its version and action codes; the limits are those of a lab."""
    values = {
        0xDF01: "00",  # the name may go on after the AID
        0x9F08: version,
        0xDF11: default,
        0xDF12: online,
        0xDF13: denial,
        0x9F1B: "00000000",  # floor limit: everything goes online
        0xDF15: "00000000",  # threshold for random selection
        0xDF16: "99",  # most, per cent, selected
        0xDF17: "99",  # target, per cent
        0xDF14: "9F3704",  # DDOL that serves when the card has none
        0xDF18: "01",  # online PIN
        0x9F7B: "000000100000",  # electronic cash limit
        0xDF19: "000000000000",  # contactless floor limit
        0xDF20: "000000200000",  # contactless limit
        0xDF21: "000000100000",  # contactless limit without verification of the cardholder
    }
    return {tag: bytes.fromhex(value) for tag, value in values.items()}


UNIONPAY = ("0030", "0010000000", "D84004F800", "D84000A800")
AIDS = {
    "A000000333010101": UNIONPAY,
    "A000000333010102": UNIONPAY,
    "A000000333010103": UNIONPAY,
    "A0000000031010": ("008C", "0010000000", "DC4004F800", "DC4000A800"),
}
PARAMETERS = {
    "11": "60",  # application type
    "12": "60",  # seconds to wait for an answer
    "13": "3",  # times to dial again
    "18": "1",  # tips allowed
    "19": "10",  # tip, per cent
    "20": "1",  # keyed entry of the card number
    "21": "0",  # sign off after settlement
    "22": f"{'TILLBENCH TEST SHOP':<40}",  # merchant name
    "23": "3",  # times to send a reversal again
    "24": "5",  # advices that are sent together
    "25": "1",  # index of the master key
    "27": "003",  # network code to sign on with
}
CONTACTLESS = {
    0xFF805D: b"\x31",  # contactless first
    0xFF8058: bytes.fromhex("000000100000"),  # no PIN up to
    0xFF8059: bytes.fromhex("000000100000"),  # no signature up to
    0xFF8054: b"\x31",  # switched on
}


@dataclass(frozen=True)
class DownloadData:
    """Everything there is to load; the defaults fit the virtual cards."""

    parameters: Mapping[str, str] = field(default_factory=lambda: dict(PARAMETERS))
    ca_keys: Sequence[CaKey] = field(default_factory=test_ca_keys)
    aids: Mapping[bytes, Mapping[int, bytes]] = field(
        default_factory=lambda: {bytes.fromhex(aid): aid_parameters(*values) for aid, values in AIDS.items()}
    )
    black_list: Sequence[str] = ()
    contactless: Mapping[int, bytes] = field(default_factory=lambda: dict(CONTACTLESS))
    no_pin_bins: Sequence[str] = ()
    no_pin_black_bins: Sequence[str] = ()
