"""The device's ciphers, hashes and PIN blocks: published vectors, and independent implementations as oracles."""

from __future__ import annotations

import hashlib
from random import Random

import psec.mac
import psec.pinblock
import pytest
from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher, modes
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tillbench.host.emulator.bench import Bench
from tillbench.host.emulator.calls import DeviceError

from tests.sample import examples

# psec uses TripleDES from its old place in `cryptography`, and with keys of 8 and 16 bytes.
pytestmark = pytest.mark.filterwarnings("ignore:.*TripleDES")

on_device = settings(
    max_examples=examples(25), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
keys = st.sampled_from((8, 16, 24)).flatmap(lambda size: st.binary(min_size=size, max_size=size))

# FIPS 46-3 test data, from NIST SP 500-20: key, plain, cipher. The substitution table tests exercise every S-box row.
SUBSTITUTION = """
7CA110454A1A6E57 01A1D6D039776742 690F5B0D9A26939B  0131D9619DC1376E 5CD54CA83DEF57DA 7A389D10354BD271
07A1133E4A0B2686 0248D43806F67172 868EBB51CAB4599A  3849674C2602319E 51454B582DDF440A 7178876E01F19B2A
04B915BA43FEB5B6 42FD443059577FA2 AF37FB421F8C4095  0113B970FD34F2CE 059B5E0851CF143A 86A560F10EC6D85B
0170F175468FB5E6 0756D8E0774761D2 0CD3DA020021DC09  43297FAD38E373FE 762514B829BF486A EA676B2CB7DB2B7A
07A7137045DA2A16 3BDD119049372802 DFD64A815CAF1A0F  04689104C2FD3B2F 26955F6835AF609A 5C513C9C4886C088
37D06BB516CB7546 164D5E404F275232 0A2AEEAE3FF4AB77  1F08260D1AC2465E 6B056E18759F5CCA EF1BF03E5DFA575A
584023641ABA6176 004BD6EF09176062 88BF0DB6D70DEE56  025816164629B007 480D39006EE762F2 A1F9915541020B56
49793EBC79B3258F 437540C8698F3CFA 6FBF1CAFCFFD0556  4FB05E1515AB73A7 072D43A077075292 2F22E49BAB7CA1AC
49E95D6D4CA229BF 02FE55778117F12A 5A6B612CC26CCE4A  018310DC409B26D6 1D9D5C5018F728C2 5F4C038ED12B2E41
1C587F1C13924FEF 305532286D6F295A 63FAC0D034D9F793
""".split()
# The first rows of the variable plaintext (key 01..01) and of the variable key (plaintext 0) tests.
VARIABLE_PLAIN = """
95F8A5E5DD31D900 DD7F121CA5015619 2E8653104F3834EA 4BD388FF6CD81D4F 20B9E767B2FB1456 55579380D77138EF
6CC5DEFAAF04512F 0D9F279BA5D87260
""".split()
VARIABLE_KEY = """
95A8D72813DAA94D 0EEC1487DD8C26D5 7AD16FFB79C45926 D3746294CA6A6CF3 809F5F873C1FD761 C02FAFFEC989D1FC
4615AA1D33E72F10
""".split()
WEAK = ["0101010101010101", "FEFEFEFEFEFEFEFE", "E0E0E0E0F1F1F1F1", "1F1F1F1F0E0E0E0E"]
SEMI_WEAK = [
    ("01FE01FE01FE01FE", "FE01FE01FE01FE01"),
    ("1FE01FE00EF10EF1", "E01FE01FF10EF10E"),
    ("01E001E001F101F1", "E001E001F101F101"),
    ("1FFE1FFE0EFE0EFE", "FE1FFE1FFE0EFE0E"),
    ("011F011F010E010E", "1F011F010E010E01"),
    ("E0FEE0FEF1FEF1FE", "FEE0FEE0FEF1FEF1"),
]


def h(text: str) -> bytes:
    return bytes.fromhex(text)


def oracle(key: bytes, data: bytes) -> tuple[bytes, bytes]:
    """The same by the `cryptography` package: (enciphered, deciphered)."""
    whole = {8: key * 3, 16: key + key[:8], 24: key}[len(key)]
    cipher = Cipher(TripleDES(whole), modes.ECB())
    return cipher.encryptor().update(data), cipher.decryptor().update(data)


def test_des_substitution_tables(device: Bench) -> None:
    rows = [tuple(map(h, SUBSTITUTION[at : at + 3])) for at in range(0, len(SUBSTITUTION), 3)]
    assert len(rows) == 19
    forward = device.call("crypto_probe:ciphers", [(key, plain) for key, plain, _ in rows])
    backward = device.call("crypto_probe:ciphers", [(key, cipher) for key, _, cipher in rows])
    assert [enciphered for enciphered, _ in forward] == [cipher for _, _, cipher in rows]
    assert [deciphered for _, deciphered in backward] == [plain for _, plain, _ in rows]


def test_des_variable_plaintext_and_key(device: Bench) -> None:
    plains = [(h("01" * 8), bytes([0x80 >> bit]) + bytes(7)) for bit in range(8)]
    found = device.call("crypto_probe:ciphers", plains)
    assert [enciphered.hex().upper() for enciphered, _ in found] == VARIABLE_PLAIN
    some_keys = [(bytes([0x80 >> bit | 1]) + h("01" * 7), bytes(8)) for bit in range(7)]
    found = device.call("crypto_probe:ciphers", some_keys)
    assert [enciphered.hex().upper() for enciphered, _ in found] == VARIABLE_KEY


def test_des_rivest_chain(device: Bench) -> None:
    assert device.call("crypto_probe:chain", h("9474B8E8C73BCA7D"), 16) == h("1B1A2DDB4C642438")


@pytest.mark.parametrize("key", WEAK)
def test_des_weak_keys_undo_themselves(device: Bench, key: str) -> None:
    data = h("0123456789ABCDEF")
    [(once, _)] = device.call("crypto_probe:ciphers", [(h(key), data)])
    [(twice, _)] = device.call("crypto_probe:ciphers", [(h(key), once)])
    assert once != data
    assert twice == data


@pytest.mark.parametrize(("key", "other"), SEMI_WEAK)
def test_des_semi_weak_keys_undo_each_other(device: Bench, key: str, other: str) -> None:
    data = h("0123456789ABCDEF")
    [(once, _)] = device.call("crypto_probe:ciphers", [(h(key), data)])
    [(twice, _)] = device.call("crypto_probe:ciphers", [(h(other), once)])
    assert twice == data


def test_tdes_three_keys_of_sp_800_67(device: Bench) -> None:
    key = h("0123456789ABCDEF23456789ABCDEF01456789ABCDEF0123")
    cipher = h("A826FD8CE53B855FCCE21C8112256FE668D5C05DD9B6B900")
    assert device.call("crypto.des:ecb_encrypt", key, b"The qufck brown fox jump") == cipher
    assert device.call("crypto.des:ecb_decrypt", key, cipher) == b"The qufck brown fox jump"


@on_device
@given(st.lists(st.tuples(keys, st.integers(0, 5).flatmap(lambda n: st.binary(min_size=8 * n, max_size=8 * n)))))
def test_des_and_tdes_agree_with_cryptography(device: Bench, cases: list[tuple[bytes, bytes]]) -> None:
    assert device.call("crypto_probe:ciphers", cases) == [oracle(key, data) for key, data in cases]


def test_four_hundred_random_keys_agree_with_cryptography(device: Bench) -> None:
    random = Random(46)
    for _ in range(10):
        cases = [(random.randbytes(random.choice((8, 16, 24))), random.randbytes(24)) for _ in range(40)]
        assert device.call("crypto_probe:ciphers", cases) == [oracle(key, data) for key, data in cases]


@pytest.mark.parametrize("size", [0, 7, 9, 15, 23, 25, 32])
def test_a_key_of_another_length_is_refused(device: Bench, size: int) -> None:
    with pytest.raises(DeviceError) as error:
        device.call("crypto.des:kcv", bytes(size))
    assert error.value.type == "ValueError"


def test_data_that_is_not_whole_blocks_is_refused(device: Bench) -> None:
    with pytest.raises(DeviceError) as error:
        device.call("crypto.des:ecb_encrypt", bytes(16), bytes(9))
    assert error.value.type == "ValueError"


def test_kcv(device: Bench) -> None:
    key = h("0123456789ABCDEFFEDCBA9876543210")
    assert device.call("crypto.des:kcv", key) == h("08D7B4FB")
    assert device.call("crypto.des:kcv", key) == psec.des.generate_kcv(key, 4)


def test_wipe_leaves_nothing_of_the_key(device: Bench) -> None:
    assert device.call("crypto_probe:wiped", h("0123456789ABCDEFFEDCBA9876543210")) == bytes(384)


# Intermediate values and the MAC of this message are published with an open-source gateway's tests.
CUP_KEY, CUP_DATA, CUP_MAC = h("2222222222222222"), h("1234567890ABCDEFABCDEF1234567890"), b"E267B6E2"


def cup_ecb(key: bytes, data: bytes) -> bytes:
    """The CUP ECB MAC on integers, by the `cryptography` package."""
    folded = 0
    for at in range(0, len(data), 8):
        folded ^= int.from_bytes(data[at : at + 8].ljust(8, b"\0"), "big")
    digits = f"{folded:016X}".encode()
    first, _ = oracle(key, digits[:8])
    second, _ = oracle(key, bytes(a ^ b for a, b in zip(first, digits[8:], strict=True)))
    return second.hex().upper()[:8].encode()


def test_cup_ecb_published_vector(device: Bench) -> None:
    assert device.call("crypto.mac:cup_ecb", CUP_KEY, CUP_DATA) == CUP_MAC == cup_ecb(CUP_KEY, CUP_DATA)


@on_device
@given(st.lists(st.tuples(keys, st.binary(max_size=70))))
def test_macs_agree_with_psec_and_cryptography(device: Bench, cases: list[tuple[bytes, bytes]]) -> None:
    for (key, data), (cup, x9_9, x9_19) in zip(cases, device.call("crypto_probe:macs", cases), strict=True):
        padded = data or bytes(8)
        whole = key * 2 if len(key) == 8 else key
        assert cup == cup_ecb(key, data)
        assert x9_9 == psec.mac.generate_cbc_mac(whole, padded, 1)
        if len(key) == 16:
            assert x9_19 == psec.mac.generate_retail_mac(key[:8], key[8:], padded, 1)
        else:
            assert x9_19 is None


def test_x9_19_needs_two_keys(device: Bench) -> None:
    with pytest.raises(DeviceError) as error:
        device.call("crypto.mac:x9_19", bytes(8), b"data")
    assert error.value.type == "ValueError"


# FIPS 180 examples and NIST's long message.
SHA1 = [
    (b"", 1, "da39a3ee5e6b4b0d3255bfef95601890afd80709"),
    (b"abc", 1, "a9993e364706816aba3e25717850c26c9cd0d89d"),
    (b"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1, "84983e441c3bd26ebaae4aa1f95129e5e54670f1"),
    (
        b"abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
        1,
        "a49b2446a02c645bf419f995b67091253a04a259",
    ),
    (b"a" * 1000, 1000, "34aa973cd4c4daa4f61eeb2bdbad27316534016f"),
]


@pytest.mark.parametrize(
    ("data", "times", "digest"),
    [*SHA1[:-1], pytest.param(*SHA1[-1], marks=pytest.mark.till_needs("speed"))],
    ids=["empty", "abc", "two blocks", "896 bits", "million a"],
)
def test_sha1_fips_180(device: Bench, data: bytes, times: int, digest: str) -> None:
    assert device.call("crypto_probe:sha1_repeated", data, times).hex() == digest


@on_device
@given(st.lists(st.binary(max_size=150), max_size=6))
def test_sha1_in_parts_agrees_with_hashlib(device: Bench, parts: list[bytes]) -> None:
    assert device.call("crypto_probe:sha1_in_parts", parts) == hashlib.sha1(b"".join(parts)).digest()


def test_sha1_goes_on_after_a_digest_whose_padding_took_two_blocks(device: Bench) -> None:
    parts = [b"a" * 60, b"b" * 10, b"c" * 55, b"d"]
    assert device.call("crypto_probe:sha1_in_parts", parts) == hashlib.sha1(b"".join(parts)).digest()


def test_sha1_of_every_length_around_the_padding(device: Bench) -> None:
    for size in [*range(50, 70), 119, 120, 127, 128, 129, 300]:
        data = Random(size).randbytes(size)
        assert device.call("crypto.sha1:sha1", data) == hashlib.sha1(data).digest()


def test_pin_blocks_of_the_standard(device: Bench) -> None:
    cases = [(b"1234", "43219876543210987"), (b"92389", "4000001234562"), (b"123456789012", "6200000000000005")]
    found = device.call("crypto_probe:pin_blocks", cases)
    assert [block.hex().upper() for block, _ in found] == ["0412AC89ABCDEF67", "0592789FFFEDCBA9", "0C123456789012FF"]
    assert [buffer for _, buffer in found] == [pin for pin, _ in cases]  # the caller wipes the PIN, not format0


@on_device
@given(
    st.lists(st.tuples(st.text("0123456789", min_size=4, max_size=12), st.text("0123456789", min_size=13, max_size=19)))
)
def test_pin_blocks_agree_with_psec(device: Bench, cases: list[tuple[str, str]]) -> None:
    found = device.call("crypto_probe:pin_blocks", [(pin.encode(), pan) for pin, pan in cases])
    assert [block for block, _ in found] == [psec.pinblock.encode_pinblock_iso_0(pin, pan) for pin, pan in cases]


def test_a_short_pan_is_padded_on_the_left(device: Bench) -> None:
    [(block, _)] = device.call("crypto_probe:pin_blocks", [(b"1234", "123456789")])
    assert block == bytes(a ^ b for a, b in zip(h("041234FFFFFFFFFF"), h("0000000012345678"), strict=True))


@pytest.mark.parametrize(
    ("pin", "pan", "reason"),
    [
        (b"", "6200000000000005", "PIN_LENGTH"),
        (b"987", "6200000000000005", "PIN_LENGTH"),
        (b"9876543210987", "6200000000000005", "PIN_LENGTH"),
        (b"98x6", "6200000000000005", "PIN_DIGIT"),
        (b"987:", "6200000000000005", "PIN_DIGIT"),
        (b"9876", "6200000", "PAN"),
        (b"9876", "62000000000000000005", "PAN"),
        (b"9876", "620000000000000D", "PAN"),
    ],
)
def test_pin_block_errors_name_what_is_wrong_and_nothing_of_the_pin(
    device: Bench, pin: bytes, pan: str, reason: str
) -> None:
    [(found, shown)] = device.call("crypto_probe:pin_blocks", [(pin, pan)])
    assert found == reason
    assert shown == f"PinBlockError('{reason}',)"
