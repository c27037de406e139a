"""The session file: what is written, what is refused, and that no PIN and nobody's PAN gets into it."""

from __future__ import annotations

import errno
import json
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from tillbench.host.cards import CardProfile, VirtualCard, load_profile
from tillbench.host.pcsc import ServedCard
from tillbench.host.session import Exchange, Header, Note, Pair, Removal, Reset, Session, SessionError, fold
from tillbench.host.session.apdu_channel import ApduChannel
from tillbench.host.session.between import Between, GuardedSlot
from tillbench.host.session.compare import compare
from tillbench.host.session.exporters import EXPORTERS
from tillbench.host.session.masking import fit_to_be_written, mask
from tillbench.host.session.personalise import personalise
from tillbench.host.session.recorder import Recorder
from tillbench.host.session.tell import tell
from tillbench.host.session.trust import foreign

T1_ATR = bytes.fromhex("3BE000008131204535")


def talk(profile: CardProfile, *apdus: str) -> Session:
    """What a card answers to these, after a reset; every record of its first application without any."""
    recorder = Recorder(ServedCard(VirtualCard(profile)), lambda: 0)
    channel = ApduChannel(recorder)
    channel.reset()
    for apdu in apdus or reading(profile):
        channel.send(bytes.fromhex(apdu))
    return recorder.session(Header(source="reader", card=profile.name))


def reading(profile: CardProfile) -> list[str]:
    application = profile.applications[0]
    pdol = bytes(sum(entry.length for entry in application.pdol))
    gpo = b"\x83" + bytes([len(pdol)]) + pdol
    return [
        f"00A40400{len(application.aid):02X}{application.aid.hex()}00",
        f"80A80000{len(gpo):02X}{gpo.hex()}00",
        *(f"00B2{number:02X}{sfi << 3 | 4:02X}00" for sfi in (1, 2, 3) for number in range(1, 7)),
    ]


def test_written_and_read_again(tmp_path: Path) -> None:
    session = Session(
        Header(source="reader", reader="a reader", terminal={"serial": "7"}, note="x", created="2026-11-28T10:00:00Z"),
        [
            Reset(t_us=0, atr="3B600000"),
            Exchange(t_us=10, took_us=5, command="00A4040000", response="6A82"),
            Exchange(t_us=20, command="00B2010C00"),
            Note(t_us=25, text="it went"),
            Removal(t_us=30),
        ],
    )
    session.write(tmp_path / "a.jsonl")
    assert Session.read(tmp_path / "a.jsonl") == session
    first = json.loads((tmp_path / "a.jsonl").read_text().splitlines()[0])
    assert first["tillbench_session"] == 1
    assert session.atr == bytes.fromhex("3B600000")


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ([], "expected a session, found nothing"),
        (["{"], "s:1: column 2: expected JSON"),
        (["[]"], "s:1: expected a JSON object, found list"),
        (['{"event": "reset"}'], "s:1: expected a header with tillbench_session"),
        (['{"tillbench_session": 2}'], "s:1: tillbench_session: expected 1, found 2"),
        (['{"tillbench_session": 1, "contents": "half"}'], "s:1: contents: "),
        (['{"tillbench_session": 1}', "", '{"event": "exchange", "command": "00A4"}'], "s:3: command: "),
        (['{"tillbench_session": 1}', '{"event": "exchange", "command": "00A40400", "response": "9"}'], "response: "),
        (['{"tillbench_session": 1}', '{"event": "exchange", "command": "00a40400"}'], "s:2: command: "),
        (['{"tillbench_session": 1}', '{"event": "exchange", "command": "00A404**"}'], "s:2: command: "),
        (
            ['{"tillbench_session": 1}', '{"event": "exchange", "command": "00A40400", "response": "90*0"}'],
            "response: ",
        ),
        (['{"tillbench_session": 1}', '{"event": "exchange", "command": "00A40400", "response": "90"}'], "response: "),
        (['{"tillbench_session": 1}', '{"event": "reset", "t_us": -1}'], "s:2: t_us: "),
        (['{"tillbench_session": 1}', '{"event": "reset", "x": 1}'], "s:2: x: "),
        (['{"tillbench_session": 1}', '{"event": "dance"}'], "s:2: "),
    ],
)
def test_a_bad_line_is_named(lines: list[str], words: str) -> None:
    with pytest.raises(SessionError) as error:
        Session.parse(lines, "s")
    assert words in str(error.value)


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"\xff\xfe")
    with pytest.raises(SessionError, match="expected UTF-8 text, found byte FF"):
        Session.read(tmp_path / "a")


# Folding


@pytest.mark.parametrize("name", ["visa-cda", "unionpay-slow", "visa-vague-length", "visa-answers-in-parts"])
def test_what_t0_takes_apart_is_put_together(name: str) -> None:
    """The same APDUs at T=0, where the answers come by GET RESPONSE and 6Cxx, and at T=1, where they come whole."""
    profile = load_profile(name)
    whole = talk(profile.model_copy(update={"atr": T1_ATR}))
    pieces = talk(profile)
    assert len(pieces.exchanges) > len(whole.exchanges)
    told = [
        [(e.header, e.data, e.answer, e.sw) for e in fold(s.events) if isinstance(e, Pair)] for s in (whole, pieces)
    ]
    assert told[0] == told[1]


def test_a_warning_whose_data_are_fetched_stays_a_warning() -> None:
    events = [
        Exchange(command="00A4040002AABB", response="6283"),
        Exchange(command="00C0000000", response="6C02"),
        Exchange(command="00C0000002", response="6F009000"),
    ]
    (pair,) = fold(events)
    assert isinstance(pair, Pair)
    assert (pair.answer, pair.sw, len(pair.exchanges)) == ("6F00", "6283", 3)


def test_a_note_in_the_middle_changes_nothing() -> None:
    """Not of how APDUs are put together, of what is known of the card, of what is masked."""
    session = talk(load_profile("unionpay-debit"))
    noted = Session(session.header, [one for event in session.events for one in (event, Note(text="here"))])
    pairs = [[event for event in fold(s.events) if isinstance(event, Pair)] for s in (session, noted)]
    assert pairs[0] == pairs[1]
    assert compare(session, noted) == []
    assert mask(noted).exchanges == mask(session).exchanges
    assert personalise(noted, "a").card == personalise(session, "a").card


# PINs


@pytest.mark.parametrize(
    "command",
    [
        "0020008008241234FFFFFFFFFF",
        "00200088" + "08" + "1122334455667788",
        "0020008008241234FFFFFFFFFF00",
        "0020008000000824" + "1234FFFFFFFFFF",
        "84240002101122334455667788AABBCCDDEEFF0011",
        "002C000010" + "31" * 16,
        "0021008008241234FFFFFFFFFF",
    ],
)
def test_the_data_of_a_pin_command_are_never_kept(command: str) -> None:
    recorder = Recorder(ServedCard(VirtualCard(load_profile("visa-credit"))), lambda: 0)
    recorder.reset()
    recorder.transmit(bytes.fromhex(command))
    (kept,) = recorder.session(Header()).exchanges
    assert len(kept.command) == len(command)
    assert kept.command[:10] == command[:10].upper()
    assert set(kept.command[-16:]) == {"*"}


def test_nor_is_the_pin_in_a_file_of_somebody_else(tmp_path: Path) -> None:
    """Written by hand, or by another program; and no other format gets it from there."""
    line = '{"event": "exchange", "command": "0020008008241234FFFFFFFFFF", "response": "9000"}'
    session = Session.parse(['{"tillbench_session": 1, "contents": "full"}', line])
    assert session.exchanges[0].command == "0020008008" + "*" * 16
    for export in EXPORTERS.values():
        made = export(session)
        assert b"241234" not in made
        assert bytes.fromhex("241234") not in made


# Masking


def digits_of_the_holder(profile: CardProfile) -> list[str]:
    return [
        profile.pan,
        profile.pan.encode().hex().upper(),
        profile.cardholder.encode().hex().upper(),
        profile.track2.hex().upper(),
    ]


@pytest.mark.parametrize("name", ["visa-cda", "unionpay-debit", "mastercard-credit", "visa-answers-in-parts"])
@pytest.mark.parametrize("atr", [None, T1_ATR])
def test_a_masked_session_tells_nothing_of_the_holder(name: str, atr: bytes | None) -> None:
    profile = load_profile(name)
    if atr:
        profile = profile.model_copy(update={"atr": atr})
    session = talk(profile)
    joined = "".join(e.answer for e in fold(session.events) if isinstance(e, Pair))
    assert profile.pan in joined  # it was there
    hidden = mask(session)
    for text in ("".join(hidden.lines()), "".join(e.answer for e in fold(hidden.events) if isinstance(e, Pair))):
        for secret in digits_of_the_holder(profile):
            assert secret not in text
    assert hidden.is_masked
    assert [len(e.response) for e in hidden.exchanges] == [len(e.response) for e in session.exchanges]
    assert profile.pan not in "\n".join(tell(session))


def test_the_pan_in_a_certificate_is_masked() -> None:
    """Whoever has the issuer's public key could read it there."""
    session = mask(talk(load_profile("visa-cda")))
    (record,) = (e for e in session.exchanges if e.response.startswith("7081849F4681"))
    assert set(record.response[len("7081849F468180") : -4]) == {"*"}


def test_what_nobody_can_name_is_masked() -> None:
    """A card of another kind, which answers with somebody's name in a file."""
    said = Exchange(command="00B0000000", response=b"JANE DOE".hex().upper() + "9000")
    proprietary = Exchange(command="80CADF7F00", response="DF7F0411223344" + "9000")
    hidden = mask(Session(Header(contents="full"), [said, proprietary]))
    assert hidden.exchanges[0].response == "*" * 16 + "9000"
    assert hidden.exchanges[1].response == "DF7F04********9000"


def odd_places(pan: str) -> Session:
    """A session with the PAN where nobody expects it."""
    text = pan.encode().hex().upper()
    grouped = " ".join(pan[at : at + 4] for at in range(0, 16, 4))
    record = f"5A08{pan}5F2010{text}5010{text}DF0108{pan}"
    return Session(
        Header(contents="full", reader=f"reader of {pan}", note=f"card {pan} was stuck", terminal={"clerk": pan}),
        [
            Reset(atr=f"3B68{pan}"),
            Note(text=f"she read out {grouped}, and the slip has {pan}=3012201"),
            Exchange(command=f"00A4040008{pan}", response=f"6F0A8408{pan}9000"),
            Exchange(command="00B2010C00", response=f"70{len(record) // 2:02X}{record}9000"),
        ],
    )


@pytest.mark.parametrize("told", [tell, lambda session: mask(session).lines(), lambda session: tell(mask(session))])
def test_the_pan_in_odd_places_is_masked(told: Callable[[Session], Iterable[str]]) -> None:
    pan = load_profile("visa-cda").pan
    said = "\n".join(told(odd_places(pan)))
    assert "she read out " in said
    for form in (pan[6:12], pan.encode().hex().upper()[12:24], f"{pan[4:8]} {pan[8:12]}"):
        assert form not in said


def test_it_is_masked_in_markdown_too() -> None:
    pan = load_profile("visa-cda").pan
    said = EXPORTERS["markdown"](odd_places(pan)).decode()
    assert pan[6:12] not in said
    assert pan.encode().hex().upper()[12:24] not in said


def test_two_cards_that_are_shown_the_same_are_told_apart() -> None:
    """Of the PANs, and of what has them inside, only that they differ is told."""
    pan = "4761730000000011"
    other = f"{pan[:6]}111111{pan[-4:]}"
    raw = Exchange(command="80CA010100", response=f"FF{pan}9000")
    told = [
        (one.tag, one.text)
        for one in compare(
            Session(Header(), [*odd_places(pan).events, raw]),
            Session(Header(), [*odd_places(other).events, raw.model_copy(update={"response": f"FF{other}9000"})]),
        )
    ]
    assert (0x5A, "476173******0011 -> another that is shown the same") in told
    assert (0, "FF476173******0011 -> another that is shown the same") in told
    assert not [text for _, text in told if pan[6:12] in text or other[6:12] in text]


def test_only_a_card_of_the_test_ca_is_stored_whole() -> None:
    ours = talk(load_profile("visa-cda"))
    assert foreign(ours.events) == ""
    assert not fit_to_be_written(ours, full=True).is_masked
    assert fit_to_be_written(ours, full=False).is_masked
    for name, why in (
        ("unionpay-issuer-missing", "no issuer certificate"),
        ("unionpay-issuer-identifier", "another issuer's"),
        ("unionpay-issuer-hash", "hash of its issuer certificate is wrong"),
    ):
        with pytest.raises(SessionError, match=why):
            fit_to_be_written(talk(load_profile(name)), full=True)
    with pytest.raises(SessionError, match="no application has shown"):
        fit_to_be_written(talk(load_profile("visa-cda"), "00A4040000"), full=True)
    with pytest.raises(SessionError, match="starred"):
        fit_to_be_written(mask(ours), full=True)


def test_a_card_of_ours_does_not_vouch_for_the_next_one() -> None:
    ours, other = talk(load_profile("visa-cda")), talk(load_profile("unionpay-issuer-missing"))
    both = Session(Header(contents="full"), [*ours.events, Removal(), *other.events])
    with pytest.raises(SessionError, match="no issuer certificate"):
        fit_to_be_written(both, full=True)


# In the middle


def test_what_a_foreign_card_has_not_earned_is_refused() -> None:
    """A program that asks a card which is none of ours for a cryptogram and gives it a PIN."""
    profile = load_profile("unionpay-issuer-missing")
    reached: list[int] = []
    card = VirtualCard(profile, on_exchange=lambda command, _answer: reached.append(command[1]))
    guard = GuardedSlot(ServedCard(card))
    between = Between(Recorder(guard, lambda: 0))
    assert between.sound_atr == profile.atr
    between.reset()
    for apdu in [*reading(profile), "0020008008241234FFFFFFFFFF", "80AE800000", "80CA9F3600", "00B0000000"]:
        between.transmit(bytes.fromhex(apdu))
    assert set(reached) <= {0xA4, 0xA8, 0xB2}
    assert len(guard.refusals) == 4
    assert between.transmit(bytes.fromhex("80AE800000")) == bytes.fromhex("6985")


def test_no_card_is_told() -> None:
    profile = load_profile("visa-cda").model_copy(update={"wrong_atrs": (b"",)})
    with pytest.raises(LookupError, match="no answer to reset"):
        Between(Recorder(ServedCard(VirtualCard(profile))))


def test_what_cannot_be_written_leaves_the_file_that_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    session, file = talk(load_profile("visa-credit")), tmp_path / "a.jsonl"
    file.write_text("what was there")
    plain = Path.write_bytes

    def full(path: Path, data: bytes) -> int:
        plain(path, data[: len(data) // 2])
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OSError, match="No space left"):
        session.write(file)
    assert file.read_text() == "what was there"
    assert list(tmp_path.iterdir()) == [file]


def test_what_is_no_plain_file_is_written_as_it_is(tmp_path: Path) -> None:
    """As /dev/stdout is, which would be replaced."""
    session, file, link = talk(load_profile("visa-credit")), tmp_path / "a.jsonl", tmp_path / "link"
    link.symlink_to(file)
    session.write(link)
    assert link.is_symlink()
    assert Session.read(file).exchanges == session.exchanges


def test_who_may_read_a_file_that_is_written_again(tmp_path: Path) -> None:
    session, file = talk(load_profile("visa-credit")), tmp_path / "a.jsonl"
    session.write(file)
    file.chmod(0o600)
    session.write(file)
    assert file.stat().st_mode & 0o777 == 0o600
