"""Profiles: what ships, what a file may say, and the words for what it may not."""

from pathlib import Path

import pytest
from tillbench.host.cards import ProfileError, load_profile, profile_names
from tillbench.host.cards.cryptogram_versions import VERSIONS
from tillbench.protocols.emv import cvm, mask_pan

LAYOUT = "each_application:\n  layout:\n    - "
ODA = "each_application:\n  offline_authentication:\n    "
SOUND = """\
extends: visa-credit
name: mine
summary: A card of mine
pan: 4761739001010119
"""


def write(folder: Path, text: str, name: str = "mine") -> Path:
    path = folder / f"{name}.yaml"
    path.write_text(text, "utf-8")
    return path


def problems(folder: Path, text: str) -> list[str]:
    with pytest.raises(ProfileError) as caught:
        load_profile(write(folder, text))
    return caught.value.problems


def test_the_shelf() -> None:
    names = profile_names()
    assert {"unionpay-debit", "visa-credit", "unionpay-poor", "unionpay-expired", "visa-blocked", "multi-app"} <= set(
        names
    )
    profiles = [load_profile(name) for name in names]
    assert [profile.name for profile in profiles] == names
    assert len({profile.pan for profile in profiles}) == len(names)
    assert all(profile.pan.startswith(("620000", "476173")) for profile in profiles)


def test_the_cards_of_the_lab() -> None:
    names = profile_names("lab")
    assert {"unionpay-cda", "visa-dda-1984", "mastercard-credit", "visa-18", "interac-133", "visa-pin-key"} <= set(
        names
    )
    profiles = [load_profile(name) for name in names]
    assert [profile.name for profile in profiles] == names
    everyone = profiles + [load_profile(name) for name in profile_names()]
    assert len({profile.pan for profile in everyone}) == len(everyone) >= 60
    assert all(
        profile.pan.startswith(("620000", "476173", "541333", "353011", "378282", "601111")) for profile in profiles
    )
    versions = {(profile.scheme, profile.cvn) for profile in everyone}
    assert versions == set(VERSIONS)


def test_the_two_main_cards() -> None:
    unionpay, visa = load_profile("unionpay-debit"), load_profile("visa-credit")
    assert (unionpay.scheme, unionpay.cvn, unionpay.applications[0].aid.hex().upper()) == (
        "unionpay",
        1,
        "A000000333010101",
    )
    assert (visa.scheme, visa.cvn, visa.applications[0].aid.hex().upper()) == ("visa", 10, "A0000000031010")
    assert unionpay.expiry_date.hex() == "301231"
    assert unionpay.track2.hex().upper() == "6200000000000005D30122200000000" + "0"
    rules = cvm.CvmList.parse(visa.applications[0].cvm_list_value).rules
    assert [rule.code for rule in rules] == [0x42, 0x5E, 0x1F]


def test_the_declining_cards() -> None:
    assert load_profile("unionpay-poor").balance == 100
    assert load_profile("unionpay-expired").expiry < "2100"
    assert load_profile("unionpay-unknown").enrolled is False
    assert load_profile("visa-blocked").status == "blocked"
    assert load_profile("visa-decline-2gac").applications[0].second_cryptogram == "decline"
    assert [application.priority for application in load_profile("multi-app").applications] == [1, 2]


def test_a_file_of_ones_own_extends_a_shipped_card(tmp_path: Path) -> None:
    profile = load_profile(write(tmp_path, SOUND + "each_application:\n  cvm_x: 5000\n"))
    assert (profile.name, profile.pan, profile.applications[0].cvm_x) == ("mine", "4761739001010119", 5000)
    assert profile.imk_ac == load_profile("visa-credit").imk_ac
    assert load_profile(str(tmp_path / "mine.yaml")) == profile


def test_a_file_extends_its_neighbour_first(tmp_path: Path) -> None:
    write(tmp_path, SOUND + "balance: 7\n")
    other = write(tmp_path, "extends: mine\nname: other\npan: 4761739001010127\n", "other")
    assert load_profile(other).balance == 7


def test_unknown_cards_list_the_names() -> None:
    with pytest.raises(ProfileError, match=r"unknown card 'visa-crdit' \(did you mean visa-credit\?\); cards: "):
        load_profile("visa-crdit")
    with pytest.raises(ProfileError, match=r"no such card file: nowhere\.yaml"):
        load_profile("nowhere.yaml")


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("pan: 4761739001010110", "mine.yaml:5: pan: wrong check digit (Luhn) (found '476173******0110')"),
        ("expiry: 3013", "mine.yaml:5: expiry: String should match pattern"),
        ("colour: red", "mine.yaml:5: colour: Extra inputs are not permitted (found 'red')"),
        (
            "balance: lots",
            "mine.yaml:5: balance: Input should be a valid integer, unable to parse string",
        ),
        ("scheme: visa\ncvn: 1", "mine.yaml:6: cvn: visa cryptogram versions here: 10 (0x0A), 18"),
        (
            "scheme: mastercard\ncvn: 0x12",
            "mine.yaml:6: cvn: mastercard cryptogram versions here: 16 (0x10), 17 (0x11), 2",
        ),
        (
            "cvn: 17",
            "mine.yaml:5: cvn: visa cryptogram versions here: 10 (0x0A), 18 (0x12), 34 (0x22); others have no o",
        ),
        ("cvn: 0x", "mine.yaml:5: cvn: Input should be a valid integer"),
        ("each_application:\n  cdol2: 8A 95", "mine.yaml:6: applications[0].cdol2: the second cryptogram needs 9F37"),
        (
            "each_application:\n  data_objects: {5A: '00'}",
            "mine.yaml:6: applications[0].data_objects",
        ),
        (
            ODA + "methods: sda xda",
            "mine.yaml:7: applications[0].offline_authentication.methods[1]: Input should be 's",
        ),
        (ODA + "methods: [dda]\n  certificates: false", "offline_authentication: methods need certificates: true"),
        (
            ODA + "ca: {bits: 1025}",
            "mine.yaml:7: applications[0].offline_authentication.ca.bits: Input should be a mult",
        ),
        (ODA + "ca: {bits: 1992}", "offline_authentication.ca.bits: Input should be less than or equal to 1984"),
        (ODA + "icc: {bits: 1032}", "offline_authentication.icc: 1032 bits are more than the issuer key has (1024)"),
        (ODA + "issuer: {bits: 1160}", "offline_authentication.issuer: 1160 bits are more than the ca key has (1152)"),
        (ODA + "pin: {bits: 1032}", "offline_authentication.pin: 1032 bits are more than the issuer key has (1024)"),
        (ODA + "icc: {bits: 512, exponent: 5}", "icc.exponent: expected 3 or 65537"),
        (ODA + "ca: {bits: 1160}", "offline_authentication.ca_index: needed: no shipped CA key has this length"),
        (
            ODA + "faults: icc.colour",
            "offline_authentication.faults: unknown fault 'icc.colour'; faults: issuer.header",
        ),
        (
            ODA + "methods: cda\n    ca: {bits: 1984}\n    issuer: {bits: 1984}\n    icc: {bits: 1648}",
            "offline_authentication: icc: with CDA at most 1640 bits",
        ),
        (
            "each_application:\n  certificates: false\n  cvm_list: [{method: enciphered-pin}]",
            "offline_authentication: an enciphered PIN needs certificates: true",
        ),
        ("status: lost", "mine.yaml:5: status: Input should be 'active' or 'blocked' (found 'lost')"),
        ("atc: 3\nlast_online_atc: 4", "mine.yaml:6: last_online_atc: must not be above atc"),
        ("extends2: x", "mine.yaml:5: extends2: Extra inputs are not permitted"),
        ("applications: none", "mine.yaml:5: applications: Input should be a valid tuple"),
        ("applications: []", "mine.yaml:5: applications: expected at least one application"),
        ("each_application: 3", "mine.yaml:5: each_application: expected `key: value` lines"),
        ("each_application:\n  aid: A0000", "mine.yaml:6: applications[0].aid: expected an even number of hexadecimal"),
        ("each_application:\n  priority: 16", "mine.yaml:6: applications[0].priority: Input should be less than or"),
        ("each_application:\n  cdol1: 9F02 95", "mine.yaml:6: applications[0].cdol1: the cryptogram covers 9F03 9F1A"),
        (
            "each_application:\n  pdol: 9F4E",
            "mine.yaml:6: applications[0].pdol: 9F4E has no fixed length: write",
        ),
        ("each_application:\n  pdol: what", "mine.yaml:6: applications[0].pdol: expected tags such as 9F02 or 9F4E:20"),
        ("each_application:\n  pdol: 9F4E:999", "mine.yaml:6: applications[0].pdol: expected a length of 0 to 252"),
        (
            "each_application:\n  iac_denial: 00",
            "mine.yaml:6: applications[0].iac_denial: expected 5 bytes in hex",
        ),
        (
            "each_application:\n  cvm_list:\n    - {method: pin}",
            "mine.yaml:7: applications[0].cvm_list[0].method: Input should be 'fail', 'plaintext-pin', 'online-pin'",
        ),
        ("each_application:\n  issuer_authentication: cdol2", "cdol2 must list 91 when issuer_authentication is cdol2"),
        ("each_application:\n  lower_offline_limit: 1", "lower_offline_limit and upper_offline_limit go together"),
        ("each_application:\n  preferred_name: X", "preferred_name and code_table go together"),
        (
            "each_application: {preferred_name: 卡, code_table: 1}",
            "ISO 8859-1 has no '卡' for preferred_name",
        ),
        ("each_application: {preferred_name: '', code_table: 1}", "preferred_name: expected 1 to 16 bytes, found 0"),
    ],
)
def test_problems_name_file_line_and_field(tmp_path: Path, line: str, problem: str) -> None:
    text = SOUND.replace("pan: 4761739001010119\n", "") if line.startswith("pan") else SOUND
    found = problems(tmp_path, text + ("# a line\n" if line.startswith("pan") else "") + line + "\n")
    assert len(found) == 1
    assert problem in found[0]


def test_every_problem_is_told_at_once(tmp_path: Path) -> None:
    assert len(problems(tmp_path, SOUND + "expiry: 99\nbalance: x\nstatus: y\n")) == 3


def test_missing_fields_are_named(tmp_path: Path) -> None:
    found = problems(tmp_path, "name: mine\nscheme: visa\n")
    assert "mine.yaml:1: pan: Field required" in found


def test_two_applications_of_one_aid(tmp_path: Path) -> None:
    found = problems(tmp_path, "extends: multi-app\nname: mine\neach_application:\n  aid: A0000000031010\n")
    assert "applications: two have the same AID" in found[0]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("just words\n", "mine.yaml:1: expected `key: value` lines"),
        ("name: mine\nname: yours\n", "mine.yaml:2: name: given twice"),
        ("name: [\n", "mine.yaml:"),
        ("? [a]\n: b\n", "mine.yaml:1: expected a plain key"),
        ("extends: [a]\n", "mine.yaml:1: extends: expected the name of a card"),
        ("extends: mine\n", "mine.yaml:1: extends: more than 8 profiles deep"),
        ("a: &b 3\nc:\n  <<: *b\n", "mine.yaml:3: <<: expected an anchor to `key: value` lines"),
        ("name: \ufffe\n", "mine.yaml:1: "),
    ],
)
def test_files_that_are_not_profiles(tmp_path: Path, text: str, problem: str) -> None:
    found = problems(tmp_path, text)
    assert len(found) == 1
    assert found[0].startswith(problem)


def test_a_file_that_is_not_text(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_bytes(b"name: \xff\xff\n")
    with pytest.raises(ProfileError, match=r"mine\.yaml:1: expected UTF-8 text, found byte FF"):
        load_profile(path)


def test_extending_an_unknown_card_lists_the_names(tmp_path: Path) -> None:
    assert "unknown card 'gold'; cards: multi-app" in problems(tmp_path, "extends: gold\n")[0]


def test_secrets_stay_out_of_repr_and_errors(tmp_path: Path) -> None:
    profile = load_profile("unionpay-debit")
    text = repr(profile) + str(profile)
    assert mask_pan(profile.pan) in text
    for secret in (profile.pan, profile.imk_ac, f"'{profile.pin}'"):
        assert secret not in text
    found = problems(tmp_path, SOUND + "pin: 12ab\nimk_ac: 0011223344\n")
    assert len(found) == 2
    assert all("12ab" not in problem and "0011223344" not in problem for problem in found)
