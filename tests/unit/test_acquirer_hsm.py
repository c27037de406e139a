"""Keys, MAC, PIN and card cryptograms against published vectors and independent implementations."""

from dataclasses import dataclass

import psec
import pyemv
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tillbench.host.acquirer import chip, tdes
from tillbench.host.acquirer.hsm import Hsm, PinFormatError, WrongMasterKey
from tillbench.host.issuer import CardIssuer, IssuerDataError, IssuerKeys
from tillbench.host.issuer.versions import unionpay_session_key

from .acquirer_till import UNIONPAY_CARD, VISA_CARD, Chip, cup_ecb, quiet

KEY = bytes.fromhex("0123456789ABCDEFFEDCBA9876543210")
UDK = bytes.fromhex("0D2E3CB0BC1F9E03AED58F663A2F9679")
PAN = UNIONPAY_CARD.pan
ISSUER_KEY = bytes.fromhex("F0C34A8124CEE0A91A0B034AA97D6EAC")

PUBLIC_UNIONPAY_EXAMPLE = chip.ChipData(
    {
        tag: bytes.fromhex(value)
        for tag, value in {
            0x9F02: "000000000001",
            0x9F03: "000000000000",
            0x9F1A: "0156",
            0x95: "0080046000",
            0x5F2A: "0156",
            0x9A: "140701",
            0x9C: "00",
            0x9F37: "1E78EEBC",
            0x82: "7D00",
            0x9F36: "0240",
            0x9F10: "07010103A04002010A",
            0x9F26: "5D016C91005E7CC2",
            0x9F27: "80",
        }.items()
    }
)


def hsm() -> Hsm:
    return Hsm(lambda count: bytes(range(count)))


@dataclass
class Reference:
    """What an issuer keeps of a card's PIN."""

    pan: str
    pin_under_lmk: bytes | None = None
    pin_method: str = "block"
    pin_value: str | None = None
    pin_key_index: int = 1
    pin_key_under_lmk: bytes | None = None


@pytest.mark.parametrize(
    ("key", "plain", "cipher"),
    [
        ("0123456789ABCDEF", "4E6F772069732074", "3FA40E8A984D4815"),  # FIPS 81, "Now is t"
        ("0123456789ABCDEF23456789ABCDEF01456789ABCDEF0123", "5468652071756663", "A826FD8CE53B855F"),  # SP 800-67
    ],
)
def test_des_published_vectors(key: str, plain: str, cipher: str) -> None:
    assert tdes.encrypt(bytes.fromhex(key), bytes.fromhex(plain)).hex().upper() == cipher
    assert tdes.decrypt(bytes.fromhex(key), bytes.fromhex(cipher)).hex().upper() == plain


@given(st.sampled_from([8, 16, 24]), st.data())
def test_des_agrees_with_psec(size: int, data: st.DataObject) -> None:
    key = data.draw(st.binary(min_size=size, max_size=size))
    blocks = data.draw(st.binary(min_size=16, max_size=16))
    with quiet():
        assert tdes.encrypt(key, blocks) == psec.des.encrypt_tdes_ecb(key, blocks)
        assert tdes.decrypt(key, blocks) == psec.des.decrypt_tdes_ecb(key, blocks)
        assert tdes.check_value(key) == psec.des.generate_kcv(key, 4)
        assert tdes.odd_parity(key) == psec.des.adjust_key_parity(key)


def test_des_refuses_other_key_lengths() -> None:
    with pytest.raises(ValueError, match="expected 8, 16 or 24 bytes, found 15"):
        tdes.encrypt(bytes(15), bytes(8))


@given(st.sampled_from([8, 16]), st.binary(min_size=10, max_size=600), st.data())
def test_mac_is_cup_ecb(size: int, message: bytes, data: st.DataObject) -> None:
    key = data.draw(st.binary(min_size=size, max_size=size))
    machine = hsm()
    stored = machine.store_key(key)
    mac = machine.mac(stored, message)
    assert mac == cup_ecb(key, message)
    assert machine.mac_by("cup-ecb")(stored, message) == mac
    if size == 16:
        with quiet():
            assert machine.mac_by("x9.19")(stored, message) == psec.mac.generate_retail_mac(
                key[:8], key[8:], message, 1
            )


def test_export_key_gives_cryptogram_and_check_value() -> None:
    machine = hsm()
    exported = machine.export_key(machine.generate_key(16), machine.store_key(KEY))
    with quiet():
        key = psec.des.decrypt_tdes_ecb(KEY, exported[:16])
        assert key == psec.des.adjust_key_parity(bytes(range(16)))
        assert exported[16:] == psec.des.generate_kcv(key, 4)


def test_stored_secrets_open_under_their_master_key_only() -> None:
    stored = hsm().store_key(KEY)
    assert KEY not in stored
    other = Hsm(bytes, lmk=bytes(32))
    with pytest.raises(WrongMasterKey):
        other.mac(stored, b"")


@given(st.from_regex(r"[0-9]{4,12}", fullmatch=True), st.from_regex(r"[0-9]{13,19}", fullmatch=True))
def test_pin_from_psec_is_accepted_and_another_is_not(pin: str, pan: str) -> None:
    machine = hsm()
    with quiet():
        block = psec.des.encrypt_tdes_ecb(KEY, psec.pinblock.encode_pinblock_iso_0(pin, pan))
    pik = machine.store_key(KEY)
    other = pin[:-1] + str((int(pin[-1]) + 1) % 10)
    assert machine.verify_pin(block, pik, Reference(pan, machine.store_pin(pin, pan)))
    assert not machine.verify_pin(block, pik, Reference(pan, machine.store_pin(other, pan)))


@pytest.mark.parametrize(
    ("method", "pin", "pan", "value"),
    [
        ("pvv", "4524", "1122334455667788", "4021"),  # psec's own example, key index 3
        ("offset", "1234", "4000001234562000", None),
    ],
)
def test_pin_is_verified_by_value_alone(method: str, pin: str, pan: str, value: str | None) -> None:
    machine = hsm()
    key, pik = machine.store_key(KEY), machine.store_key(bytes(range(16)))
    stored = machine.pin_value(method, pin, pan, key, 3)
    assert value in (None, stored)
    reference = Reference(pan, None, method, stored, 3, key)
    for entered, right in ((pin, True), (pin + "99", True), ("9" + pin[1:], False)):
        with quiet():
            block = psec.des.encrypt_tdes_ecb(bytes(range(16)), psec.pinblock.encode_pinblock_iso_0(entered, pan))
        assert machine.verify_pin(block, pik, reference) == right


def test_ibm_3624_offset_is_the_pin_minus_the_natural_one() -> None:
    """By hand: the PAN's twelve digits before its check digit, filled with F, enciphered, made decimal."""
    with quiet():
        natural = psec.des.encrypt_tdes_ecb(KEY, bytes.fromhex("000123456200FFFF"))
    digits = [int(digit, 16) % 10 for digit in natural.hex()[:4]]
    offset = "".join(str((int(p) - d) % 10) for p, d in zip("1234", digits, strict=True))
    machine = hsm()
    assert machine.pin_value("offset", "1234", "4000001234562000", machine.store_key(KEY), 1) == offset


def test_pin_block_under_another_key_is_a_format_error_that_tells_nothing() -> None:
    machine = hsm()
    block = tdes.encrypt(bytes(range(16)), psec.pinblock.encode_pinblock_iso_0("1234", PAN))
    with pytest.raises(PinFormatError) as caught:
        machine.verify_pin(block, machine.store_key(KEY), Reference(PAN, machine.store_pin("1234", PAN)))
    assert str(caught.value) == "PIN block is not ISO 9564-1 format 0 for this PAN"
    assert caught.value.__cause__ is None


def test_unionpay_session_key_public_vector() -> None:
    key = unionpay_session_key(UDK, bytes.fromhex("000E"))
    assert key.hex().upper() == "C3D3F062E9992B4E923D338D66193526"


def test_unionpay_cryptogram_public_vector() -> None:
    arqc = CardIssuer(IssuerKeys(ISSUER_KEY), "6228000100001", "01").cryptogram(PUBLIC_UNIONPAY_EXAMPLE.tags)
    assert arqc.hex().upper() == "5D016C91005E7CC2"
    machine = hsm()
    issuer_key = machine.store_key(ISSUER_KEY)
    assert machine.verify_cryptogram(issuer_key, "6228000100001", "01", PUBLIC_UNIONPAY_EXAMPLE)
    assert not machine.verify_cryptogram(issuer_key, "6228000100001", "02", PUBLIC_UNIONPAY_EXAMPLE)


def test_unionpay_arpc_public_vector() -> None:
    machine = hsm()
    issuer_key = machine.store_key(ISSUER_KEY)
    proof = machine.issuer_authentication_data(issuer_key, "6228000100001", "01", PUBLIC_UNIONPAY_EXAMPLE, "01")
    assert proof.hex().upper() == "21415243527CE78F" + "3031"


def test_visa_10_agrees_with_pyemv() -> None:
    card = Chip(VISA_CARD)
    data = chip.parse(card.field_55(12_345))
    issuer_key = bytes.fromhex(VISA_CARD.imk_ac)
    with quiet():
        oracle = pyemv.cvn.VisaCVN10(issuer_key, issuer_key, issuer_key, VISA_CARD.pan, VISA_CARD.psn)
        names = ("9f02", "9f03", "9f1a", "95", "5f2a", "9a", "9c", "9f37", "82", "9f36")
        tags = {f"tag_{name}": data.tags[int(name, 16)] for name in names}
        arqc = oracle.generate_ac(**tags, cvr=bytes.fromhex("03A00000"))
        arpc = oracle.generate_arpc(arqc, b"00")
    issuer = CardIssuer(IssuerKeys(issuer_key), VISA_CARD.pan, VISA_CARD.psn)
    assert issuer.cryptogram(data.tags) == arqc
    assert issuer.authentication_data(data.tags, "00") == arpc + b"00"


def test_unknown_cryptogram_version_is_named() -> None:
    tags = {**PUBLIC_UNIONPAY_EXAMPLE.tags, 0x9F10: bytes.fromhex("0601FF03A04002")}
    with pytest.raises(IssuerDataError, match=r"expected 01 \(UnionPay 01\), 0A \(Visa 10\), .*, found FF"):
        CardIssuer(IssuerKeys(ISSUER_KEY), PAN, "01").verify(tags)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({0x9F26: None}, "field 55, tag 9F26: expected 8 bytes, found no such tag"),
        ({0x9F36: b"\1"}, "field 55, tag 9F36, offset 54: expected 2 bytes, found 1 bytes"),
        ({0x9F10: b"\1"}, "tag 9F10, offset .*: expected at least 7 bytes, found 1 bytes"),
        ({0x9F02: b"\xaa" * 6}, "tag 9F02, offset 0: expected 12 decimal digits"),
    ],
)
def test_chip_data_errors_name_tag_and_offset(change: dict[int, bytes | None], message: str) -> None:
    with pytest.raises(chip.ChipDataError, match=message):
        chip.parse(Chip(UNIONPAY_CARD, replace=change).field_55(100))


def test_chip_data_refuses_a_tag_twice() -> None:
    data = Chip(UNIONPAY_CARD).field_55(100)
    with pytest.raises(chip.ChipDataError, match=f"tag 9F02, offset {len(data)}: expected one such tag, found another"):
        chip.parse(data + bytes.fromhex("9F0206000000000999"))


@given(st.binary(max_size=255))
def test_chip_data_of_any_bytes_is_read_or_refused(data: bytes) -> None:
    try:
        parsed = chip.parse(data)
    except chip.ChipDataError:
        return
    assert len(parsed.cryptogram) == 8
