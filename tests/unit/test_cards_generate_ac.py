"""Card action analysis, CVR, what the card remembers: every path of the two GENERATE AC."""

import pytest
from tillbench.host.cards import CardMemory, CardProfile, VirtualCard, load_profile
from tillbench.host.cards.memory import ApplicationMemory

from .cards_terminal import AAC, ARQC, TC, Issuer, Terminal, terminal_for

UNIONPAY = load_profile("unionpay-debit")
VISA = load_profile("visa-credit")
SEASONED = ApplicationMemory(atc=7, last_online_atc=7)  # has been online, nothing pending


def card_with(profile: CardProfile, memory: ApplicationMemory | None = None, **changes: object) -> VirtualCard:
    """A card of this profile with `changes` in its only application and `memory` in its counters."""
    application = profile.applications[0].model_copy(update=changes)
    changed = profile.model_copy(update={"applications": (application,)})
    stored = CardMemory.fresh(changed)
    if memory is not None:
        stored.applications[application.aid.hex().upper()] = memory
    return VirtualCard(changed, memory=stored)


def state(card: VirtualCard) -> ApplicationMemory:
    return card.memory.applications[card.profile.applications[0].aid.hex().upper()]


def online(terminal: Terminal, profile: CardProfile, prove: bool = True, arc: bytes = b"00") -> None:
    """The issuer has answered: its proof goes to the card where `prove`."""
    proof = Issuer(profile).authentication_data(terminal.values, arc)
    terminal.values[0x8A] = arc
    if prove:
        assert terminal.external_authenticate(proof).sw == 0x9000


@pytest.mark.parametrize(
    ("asked", "memory", "changes", "given"),
    [
        (AAC, SEASONED, {}, AAC),
        (ARQC, SEASONED, {}, ARQC),
        (TC, SEASONED, {}, TC),
        (TC, None, {}, ARQC),  # a new card wants to go online
        (TC, ApplicationMemory(atc=7, last_online_atc=7, online_not_completed=True), {}, ARQC),
        (TC, ApplicationMemory(atc=7, last_online_atc=7, issuer_authentication_failed=True), {}, ARQC),
        (TC, ApplicationMemory(atc=8, last_online_atc=7), {"lower_offline_limit": 2, "upper_offline_limit": 4}, TC),
        (TC, ApplicationMemory(atc=9, last_online_atc=7), {"lower_offline_limit": 2, "upper_offline_limit": 4}, ARQC),
        (TC, SEASONED, {"first_cryptogram": "online"}, ARQC),
        (ARQC, SEASONED, {"first_cryptogram": "online"}, ARQC),
        (AAC, SEASONED, {"first_cryptogram": "online"}, AAC),  # never better than asked
        (TC, SEASONED, {"first_cryptogram": "decline"}, AAC),
        (ARQC, SEASONED, {"first_cryptogram": "decline"}, AAC),
    ],
)
def test_the_first_cryptogram(
    asked: int, memory: ApplicationMemory | None, changes: dict[str, object], given: int
) -> None:
    copy = None if memory is None else ApplicationMemory(**vars(memory))
    card = card_with(VISA, copy, **changes)
    terminal = terminal_for(card)
    assert terminal.generate_ac(asked).sw == 0x9000
    assert terminal.cryptogram_type == given
    assert terminal.values[0x9F26] == Issuer(card.profile).cryptogram(terminal.values)
    assert state(card).online_not_completed is (given == ARQC or bool(memory and memory.online_not_completed))
    over = terminal.generate_ac(TC, 0x8D).sw
    assert over == (0x9000 if given == ARQC else 0x6985)


@pytest.mark.parametrize(
    ("profile", "asked", "answered", "given", "reason"),
    [
        (UNIONPAY, TC, "proved", TC, 0),
        (UNIONPAY, AAC, "proved", AAC, 0),
        (UNIONPAY, TC, "unproved", AAC, 3),  # issuer authentication is mandatory on this card
        (VISA, TC, "unproved", TC, 0),  # and optional on this one
        (UNIONPAY, TC, "forged", AAC, 3),
        (VISA, TC, "forged", AAC, 3),
        (UNIONPAY, TC, "nobody", TC, 0),  # unable to go online, approved offline
        (UNIONPAY, AAC, "nobody", AAC, 0),
        (load_profile("visa-decline-2gac"), TC, "proved", AAC, 1),
    ],
)
def test_the_second_cryptogram(profile: CardProfile, asked: int, answered: str, given: int, reason: int) -> None:
    terminal = terminal_for(VirtualCard(profile))
    terminal.generate_ac(ARQC)
    terminal.values[0x8A] = b"00"
    if answered == "nobody":
        terminal.values[0x8A] = b"Y3" if asked == TC else b"Z3"
    elif answered == "forged":
        assert terminal.external_authenticate(bytes(8) + b"00").sw == 0x6300
    elif answered == "proved":
        online(terminal, profile)
    assert terminal.generate_ac(asked, 0x8D).sw == 0x9000
    assert (terminal.cryptogram_type, terminal.reason) == (given, reason)
    assert terminal.values[0x9F26] == Issuer(profile).cryptogram(terminal.values)


def test_no_offline_approval_beyond_the_upper_limit() -> None:
    limits = {"lower_offline_limit": 1, "upper_offline_limit": 2}
    for used, given in ((8, TC), (9, AAC)):
        card = card_with(VISA, ApplicationMemory(atc=used, last_online_atc=7), **limits)
        terminal = terminal_for(card)
        terminal.generate_ac(ARQC)
        terminal.values[0x8A] = b"Y3"
        terminal.generate_ac(TC, 0x8D)
        assert terminal.cryptogram_type == given


@pytest.mark.parametrize(
    ("proof", "given", "failed"), [("good", TC, False), ("forged", AAC, True), ("none", TC, False)]
)
def test_the_issuers_proof_in_cdol2(proof: str, given: int, failed: bool) -> None:
    profile = load_profile("visa-cdol2").model_copy()
    application = profile.applications[0].model_copy(update={"issuer_authentication_mandatory": False})
    card = VirtualCard(profile.model_copy(update={"applications": (application,)}))
    terminal = terminal_for(card)
    terminal.generate_ac(ARQC)
    data = {"good": Issuer(profile).authentication_data(terminal.values), "forged": bytes([1] * 10), "none": b""}
    terminal.values |= {0x8A: b"00", 0x91: data[proof]}
    terminal.generate_ac(TC, 0x8D)
    assert terminal.cryptogram_type == given
    assert state(card).issuer_authentication_failed is failed


def test_cvr_of_the_first_cryptogram() -> None:
    def cvr(asked: int, memory: ApplicationMemory | None = None, pin: str = "", **changes: object) -> str:
        terminal = terminal_for(card_with(VISA, memory, **changes))
        if pin:
            terminal.verify(pin)
        terminal.generate_ac(asked)
        return terminal.cvr

    def seasoned(**changes: object) -> ApplicationMemory:
        return ApplicationMemory(**{"atc": 7, "last_online_atc": 7, **changes})  # type: ignore[arg-type]  # values of its own fields

    assert cvr(ARQC, seasoned()) == "03A00000"
    assert cvr(TC, seasoned()) == "03900000"
    assert cvr(AAC, seasoned()) == "03800000"
    assert cvr(ARQC) == "03A01000"  # new card
    assert cvr(ARQC, seasoned(), pin="1234") == "03A40000"
    assert cvr(ARQC, seasoned(), pin="9999") == "03A60000"
    assert cvr(ARQC, seasoned(online_not_completed=True)) == "03A08000"
    assert cvr(ARQC, seasoned(issuer_authentication_failed=True)) == "03A00800"
    assert cvr(ARQC, seasoned(atc=9), lower_offline_limit=2, upper_offline_limit=9) == "03A02000"


def test_cvr_and_reason_with_no_pin_tries_left() -> None:
    terminal = terminal_for(VirtualCard(load_profile("unionpay-pin-blocked")))
    assert terminal.verify("123456").sw == 0x6983
    terminal.generate_ac(AAC)
    assert terminal.cvr == "03865000"  # PIN performed and failed, try limit exceeded, new card
    assert terminal.values[0x9F27] == b"\x02"  # PIN try limit exceeded


def test_cvr_of_the_second_cryptogram() -> None:
    def cvr(answered: str, asked: int, profile: CardProfile = VISA) -> str:
        terminal = terminal_for(card_with(profile, ApplicationMemory(atc=7, last_online_atc=7)))
        terminal.generate_ac(ARQC)
        terminal.values[0x8A] = b"Y3" if answered == "nobody" else b"00"
        if answered == "forged":
            terminal.external_authenticate(bytes(10))
        if answered == "proved":
            online(terminal, profile)
        terminal.generate_ac(asked, 0x8D)
        return terminal.cvr

    assert cvr("proved", TC) == "03600000"
    assert cvr("proved", AAC) == "03200000"
    assert cvr("unproved", TC) == "03600400"
    assert cvr("forged", TC) == "03280000"
    assert cvr("nobody", TC) == "03610000"


def test_issuer_application_data_of_both_schemes() -> None:
    for profile, expected in ((UNIONPAY, "07010103A0100001"), (VISA, "06010A03A01000")):
        terminal = terminal_for(VirtualCard(profile))
        terminal.generate_ac(ARQC)
        assert terminal.values[0x9F10].hex().upper() == expected


@pytest.mark.parametrize("profile", [UNIONPAY, VISA], ids=["unionpay", "visa"])
def test_a_completed_online_transaction_clears_the_new_card(profile: CardProfile) -> None:
    card = VirtualCard(profile)
    terminal = terminal_for(card)
    terminal.generate_ac(ARQC)
    online(terminal, profile)
    terminal.generate_ac(TC, 0x8D)
    assert (state(card).last_online_atc, state(card).online_not_completed) == (1, False)
    terminal = terminal_for(card)
    terminal.generate_ac(ARQC)
    assert terminal.cvr == "03A00000"
    assert terminal.values[0x9F36] == b"\x00\x02"


def test_a_card_pulled_after_its_arqc_says_so_next_time() -> None:
    card = VirtualCard(UNIONPAY)
    terminal_for(card).generate_ac(ARQC)
    terminal = terminal_for(card)
    terminal.generate_ac(ARQC)
    assert terminal.cvr == "03A09000"


def test_an_unproved_answer_completes_only_where_proof_is_optional() -> None:
    for profile, completed in ((UNIONPAY, False), (VISA, True)):
        card = VirtualCard(profile)
        terminal = terminal_for(card)
        terminal.generate_ac(ARQC)
        online(terminal, profile, prove=False)
        terminal.generate_ac(TC, 0x8D)
        assert state(card).online_not_completed is not completed
        assert state(card).last_online_atc == (1 if completed else 0)


def test_memory_survives_as_a_dictionary() -> None:
    card = VirtualCard(UNIONPAY)
    terminal = terminal_for(card)
    terminal.verify("1")
    terminal.generate_ac(ARQC)
    stored = card.memory.to_dict()
    again = VirtualCard(UNIONPAY, memory=CardMemory.from_dict(stored))
    assert again.memory == card.memory
    terminal = terminal_for(again)
    assert terminal.get_data(0x9F17).data[-1] == 2
    terminal.generate_ac(ARQC)
    assert terminal.values[0x9F36] == b"\x00\x02"
    with pytest.raises(ValueError, match="stored card memory"):
        CardMemory.from_dict({"pin_tries": 3})
    with pytest.raises(ValueError, match="stored card memory"):
        CardMemory.from_dict({"pin_tries": 3, "applications": {"A0": {"colour": 1}}})


def test_approved_transactions_are_logged_newest_first() -> None:
    card = card_with(UNIONPAY, None, log_records=2)
    for amount in ("000000000100", "000000000200", "000000000300"):
        terminal = terminal_for(card)
        terminal.values[0x9F02] = bytes.fromhex(amount)
        terminal.generate_ac(ARQC)
        online(terminal, UNIONPAY)
        terminal.generate_ac(TC, 0x8D)
    terminal = terminal_for(card)
    terminal.generate_ac(AAC)  # a declined one is not
    records = [terminal.send(0x00, 0xB2, number, 11 << 3 | 4) for number in (1, 2, 3)]  # no TLV in them
    assert [answer.sw for answer in records] == [0x9000, 0x9000, 0x6A83]
    assert [answer.data[6:12].hex() for answer in records[:2]] == ["000000000300", "000000000200"]
    assert records[0].data[-2:] == b"\x00\x03"  # its ATC
    size = sum(terminal.get_data(0x9F4F).data[at] for at in (4, 7, 10, 13, 16, 19, 22, 24, 27))
    assert len(records[0].data) == size


def test_the_log_can_be_read_right_after_selection() -> None:
    card = VirtualCard(UNIONPAY)
    card.reset()
    terminal = Terminal(card.transmit)
    terminal.select(UNIONPAY.applications[0].aid)
    assert terminal.values[0x9F4D] == bytes([11, 10])
    assert terminal.read_record(11, 1).sw == 0x6A83
    assert terminal_for(VirtualCard(VISA)).read_record(11, 1).sw == 0x6A82
