"""The secrets search finds what is planted, in each form, at each offset, and nothing in what is clean."""

from __future__ import annotations

import base64
import random
from pathlib import Path

import pytest
from psec.pinblock import encode_pinblock_iso_0
from tillbench.host import secrets_search
from tillbench.host.secrets_search import Secret, UnfitSecret, find, find_in_files

PAN = "4761739001010010"
PIN = "908172635445"
KEY = bytes.fromhex("8A3F10C4D96B27E5715EB20C9DF846A3")
SECRETS = [
    secrets_search.pin("PIN", PIN, PAN),
    secrets_search.key("MAK", KEY),
    secrets_search.pan("PAN", "6212345678901232"),
]
FORMS = [(secret, form) for secret in SECRETS for form in secret.needles]
_RANDOM = random.Random(12)
NOISE = _RANDOM.randbytes(4_000)


def other_case(needle: bytes) -> bytes:
    return needle.upper() if needle != needle.upper() else needle.lower()


@pytest.mark.parametrize(("secret", "form"), FORMS, ids=[f"{secret.name}: {form}" for secret, form in FORMS])
def test_each_form_is_found_where_it_was_planted(secret: Secret, form: str) -> None:
    for offset in (0, 1, 1_234, len(NOISE)):
        data = NOISE[:offset] + secret.needles[form] + NOISE[offset:]
        found = find(SECRETS, [("log", data)])
        assert (secret.name, form, "log", offset) in [(s.name, s.form, s.where, s.offset) for s in found]
        assert {spill.name for spill in found} == {secret.name}


def test_nothing_is_found_in_noise() -> None:
    assert find(SECRETS, [("noise", NOISE), ("empty", b"")]) == []
    assert find(SECRETS, [("masked", b"PAN 621234******1232 PIN ************ 476173******0010")]) == []


# The same forms, made independently of the search's own encoders.
PLANTED = {
    "PIN": [
        PIN.encode(),
        PIN.encode("utf-16-le"),
        PIN.encode("utf-16-be"),
        " ".join(PIN).encode(),
        "-".join(PIN).encode(),
        repr(list(PIN)).encode(),
        bytes.fromhex(PIN),
        bytes.fromhex("0" + PIN + "0"),
        bytes.fromhex("F" + PIN + "F"),
        bytes(map(int, PIN)),
        str([ord(digit) for digit in PIN]).encode(),
        PIN.encode().hex().upper().encode(),
        encode_pinblock_iso_0(PIN, PAN),
        encode_pinblock_iso_0(PIN, PAN).hex().encode(),
        encode_pinblock_iso_0(PIN, PAN).hex().upper().encode(),
        encode_pinblock_iso_0(PIN, PAN).hex(" ").encode(),
        base64.b64encode(encode_pinblock_iso_0(PIN, PAN)),
        bytes.fromhex("0C" + PIN + "FF"),
        bytes.fromhex("2C" + PIN + "FF"),
        b'{"pin": "' + PIN.encode() + b'"}',
        *(base64.b64encode(b"x" * shift + PIN.encode() + b"tail") for shift in range(6)),
        base64.urlsafe_b64encode(b"a" + PIN.encode()),
    ],
    "MAK": [
        KEY,
        KEY[:8],
        KEY[8:],
        KEY[::-1],
        KEY.hex().encode(),
        KEY.hex().upper().encode(),
        KEY.hex(" ").encode(),
        KEY.hex(":").upper().encode(),
        KEY.hex("-").encode(),
        KEY.hex(" ", 8).encode(),
        repr(KEY).encode(),
        str(list(KEY)).encode(),
        ",".join(map(str, KEY)).encode(),
        KEY.hex().encode("utf-16-le"),
        *(base64.b64encode(b"y" * shift + KEY + b"z") for shift in range(6)),
        *(base64.urlsafe_b64encode(b"y" * shift + KEY) for shift in range(3)),
    ],
    "PAN": [
        b"6212345678901232",
        b"6212 3456 7890 1232",
        b"6212-3456-7890-1232",
        bytes.fromhex("6212345678901232"),
        b"D6212345678901232=3012",
        bytes.fromhex("2621436587092123"),
        b"log: ...345678901232",
    ],
}
CASES = [(name, number, data) for name, every in PLANTED.items() for number, data in enumerate(every)]


@pytest.mark.parametrize(("name", "data"), [(n, d) for n, _, d in CASES], ids=[f"{n} {i}" for n, i, _ in CASES])
def test_what_others_would_spill_is_found(name: str, data: bytes) -> None:
    found = find(SECRETS, [("dump", NOISE[:100] + data + NOISE[100:200])])
    assert {spill.name for spill in found} == {name}
    assert all(100 <= spill.offset < 100 + len(data) for spill in found)


def test_hexadecimal_is_found_in_either_case() -> None:
    for secret, form in FORMS:
        if form.split(",")[0] in ("hex", "PIN block", "PIN field") and "hex" in form and "UTF" not in form:
            assert find([secret], [("x", other_case(secret.needles[form]))]), form


def test_files_and_folders(tmp_path: Path) -> None:
    (tmp_path / "deep" / "er").mkdir(parents=True)
    (tmp_path / "deep" / "er" / "flash.bin").write_bytes(b"\xff" * 4096 + KEY + b"\xff" * 10)
    (tmp_path / "clean.txt").write_text("nothing here")
    single = tmp_path / "log"
    single.write_text(f"pin={PIN}")
    found = find_in_files(SECRETS, tmp_path / "deep", single, tmp_path / "clean.txt")
    assert ("MAK", "raw", 4096) in [(s.name, s.form, s.offset) for s in found]
    assert ("PIN", "text", 4) in [(s.name, s.form, s.offset) for s in found]
    assert {Path(s.where).name for s in found} == {"flash.bin", "log"}
    with pytest.raises(FileNotFoundError):
        find_in_files(SECRETS, tmp_path / "not there")


def test_reports_name_the_secret_and_do_not_repeat_it() -> None:
    (spill,) = [s for s in find(SECRETS, [("console.txt", b"PIN " + PIN.encode())]) if s.form == "text"]
    assert str(spill) == "console.txt at 4: PIN as text"
    for secret in SECRETS:
        assert PIN not in repr(secret)
        assert KEY.hex() not in repr(secret)


@pytest.mark.parametrize(
    "make",
    [
        lambda: secrets_search.key("K", bytes(7)),
        lambda: secrets_search.key("K", bytes(16)),
        lambda: secrets_search.pin("P", "123", PAN),
        lambda: secrets_search.pin("P", "12345x", PAN),
        lambda: secrets_search.pan("C", "1234"),
        lambda: secrets_search.pan("C", "４７６１７３９００１０１００１０"),
    ],
)
def test_secrets_that_cannot_be_searched_for_are_refused(make: object) -> None:
    assert callable(make)
    with pytest.raises(UnfitSecret):
        make()
