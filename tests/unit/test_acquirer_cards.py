"""Issuer and virtual card, two implementations of the same cryptography, prove themselves to each other."""

import pytest
from tillbench.host.acquirer.ledger import Ledger
from tillbench.host.cards import CardProfile, VirtualCard, load_profile, profile_names
from tillbench.protocols.emv import dol, tlv

from .acquirer_till import Bench, Chip

AMOUNT = 45_67
TERMINAL_VALUES = {
    0x9F02: bytes.fromhex(f"{AMOUNT:012}"),
    0x9F03: bytes(6),
    0x9F1A: bytes.fromhex("0156"),
    0x95: bytes.fromhex("0080008000"),
    0x5F2A: bytes.fromhex("0156"),
    0x9A: bytes.fromhex("261123"),
    0x9C: b"\0",
    0x9F37: bytes.fromhex("1E78EEBC"),
}
AIP, ATC, CRYPTOGRAM, CRYPTOGRAM_INFORMATION, ISSUER_DATA = 0x82, 0x9F36, 0x9F26, 0x9F27, 0x9F10


class RealChip(Chip):
    """The virtual card behind the interface of the scripted chip."""

    def __init__(self, profile: CardProfile) -> None:
        super().__init__(profile)  # type: ignore[arg-type]  # the bench takes what has a card's fields
        self.card = VirtualCard(profile)

    def command(self, header: str, data: bytes) -> bytes:
        answer = self.card.transmit(bytes.fromhex(header) + bytes([len(data)]) + data + b"\0")
        assert answer[-2:] == b"\x90\x00", f"{header}: {answer[-2:].hex()}"
        return answer[:-2]

    def field_55(self, amount: int, currency: str = "0156") -> bytes:
        application = self.profile.applications[0]  # type: ignore[attr-defined]  # here it is a CardProfile
        self.card.reset()
        self.command("00A40400", application.aid)
        options = self.command("80A80000", tlv.encode(0x83, dol.fill(application.pdol, TERMINAL_VALUES)))
        cryptogram = self.command("80AE8000", dol.fill(application.cdol1, TERMINAL_VALUES))
        tags = dict(TERMINAL_VALUES)
        if options[0] == 0x77:
            tags |= {item.tag: item.value for item in tlv.walk(tlv.parse(options)) if item.tag == AIP}
        else:
            tags[AIP] = options[2:4]
        if cryptogram[0] == 0x77:
            wanted = (CRYPTOGRAM_INFORMATION, ATC, CRYPTOGRAM, ISSUER_DATA)
            tags |= {item.tag: item.value for item in tlv.walk(tlv.parse(cryptogram)) if item.tag in wanted}
        else:
            value = cryptogram[2:]
            tags |= {
                CRYPTOGRAM_INFORMATION: value[:1],
                ATC: value[1:3],
                CRYPTOGRAM: value[3:11],
                ISSUER_DATA: value[11:],
            }
        return tlv.encode_all(tags.items())

    def authenticates(self, issuer_data: bytes) -> bool:
        (data,) = (item.value for item in tlv.parse(issuer_data) if item.tag == 0x91)
        return self.card.transmit(bytes.fromhex("00820000") + bytes([len(data)]) + data) == b"\x90\x00"


@pytest.mark.parametrize("name", ["unionpay-debit", "visa-credit"])
def test_card_and_issuer_accept_each_other(name: str) -> None:
    profile = load_profile(name)
    bench = Bench(cards=(profile,))  # type: ignore[arg-type]  # the bench takes what has a card's fields
    till, chip = bench.till(), RealChip(profile)
    for pin, code in ((profile.pin, "00"), ("000000", "55"), (profile.pin, "00")):
        answer = till.sale(chip, AMOUNT, pin=pin)
        assert answer[39] == code
        assert chip.authenticates(answer.data(55))
    assert bench.acquirer.ledger.balance(profile.pan) == profile.balance - 2 * AMOUNT


@pytest.mark.parametrize("name", ["unionpay-debit", "visa-credit"])
def test_card_refuses_an_answer_that_was_altered(name: str) -> None:
    profile = load_profile(name)
    till, chip = Bench(cards=(profile,)).till(), RealChip(profile)  # type: ignore[arg-type]  # the bench takes what has a card's fields
    issuer_data = till.sale(chip, AMOUNT).data(55)
    assert issuer_data[10:12] == b"00"
    assert not chip.authenticates(issuer_data[:10] + b"05" + issuer_data[12:])


def test_every_profile_can_be_provisioned() -> None:
    profiles = [load_profile(name) for name in profile_names()]
    ledger = Bench(cards=tuple(profiles)).acquirer.ledger  # type: ignore[arg-type]  # the bench takes what has a card's fields
    assert {profile.pan for profile in profiles if profile.enrolled} == {
        profile.pan for profile in profiles if ledger_knows(ledger, profile.pan)
    }


def ledger_knows(ledger: Ledger, pan: str) -> bool:
    try:
        ledger.balance(pan)
    except LookupError:
        return False
    return True
