"""Rules in a file: the shipped set does what its comments say, others by every condition, and errors name the line."""

from pathlib import Path

import psec
import pyemv
import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from tillbench.host.acquirer import Acquirer, TerminalSetup
from tillbench.host.acquirer.institution import Institution
from tillbench.host.acquirer.rule_file import RuleFileError, load
from tillbench.protocols.emv import tlv

from .acquirer_batch import BatchClient
from .acquirer_till import MERCHANT, TERMINAL, TMK, VISA_CARD, Bench, Chip, Profile, quiet

RICH = Profile(balance=100_000_00)


class Shop:
    """A bench that misbehaves by a file."""

    def __init__(self, path: str | Path) -> None:
        rules, risk = load(path)
        self.bench = Bench()
        self.bench.acquirer = Acquirer(
            "sqlite://", lambda: self.bench.time, self.bench.entropy, institution=Institution(risk=risk)
        )
        self.bench.acquirer.provision([RICH, VISA_CARD], [TerminalSetup(TERMINAL, MERCHANT, TMK)])
        self.bench.acquirer.rules.add(rules)
        self.till = BatchClient(self.bench.acquirer.connect())
        self.till.sign_on()
        self.chip = Chip(RICH)

    @property
    def spent(self) -> int:
        return RICH.balance - self.bench.acquirer.ledger.balance(RICH.pan)


@pytest.fixture
def lab() -> Shop:
    return Shop("lab")


def test_lab_the_response_code_is_in_the_amount(lab: Shop) -> None:
    for code in ("01", "51", "55", "91"):
        done = lab.till.do("sale", lab.chip, 9000_00 + int(code))
        assert done.code == code
        assert lab.chip.accepts(done.answer.data(55), code)
    assert lab.till.do("preauth", lab.chip, 9000_54).code == "54"
    assert lab.till.do("sale", lab.chip, 9000_00).code == "00"
    assert lab.spent == 9000_00


@pytest.mark.parametrize("amount", [9100_01, 9100_02])
def test_lab_no_answer(lab: Shop, amount: int) -> None:
    sale = lab.till.flow("sale", lab.chip, amount)
    assert lab.till.send(sale) == []
    assert lab.spent == (9100_01 if amount == 9100_01 else 0)


def test_lab_late_twice_garbage_half_and_closed(lab: Shop) -> None:
    till, chip = lab.till, lab.chip
    (late,) = till.send(till.flow("sale", chip, 9100_03))
    assert late.delay_us == 65_000_000
    first, second = till.send(till.flow("sale", chip, 9100_04))
    assert first == second
    (garbage,) = till.send(till.flow("sale", chip, 9100_08))
    assert garbage.data == bytes.fromhex("0005DEADBEEF00")
    (half,) = till.send(till.flow("sale", chip, 9100_09))
    assert len(half.data) == 40
    (closed,) = till.send(till.flow("sale", chip, 9100_10))
    assert closed.close


def test_lab_another_stan_under_a_right_mac(lab: Shop) -> None:
    done = lab.till.do("sale", lab.chip, 9100_05)  # `ask` has checked the MAC
    assert int(done.answer.text(11)) == int(done.request.text(11)) + 1


def test_lab_wrong_mac_and_wrong_arpc(lab: Shop) -> None:
    with pytest.raises(AssertionError):
        lab.till.do("sale", lab.chip, 9100_06)
    done = lab.till.do("sale", lab.chip, 9100_07)
    assert done.code == "00"
    assert not lab.chip.accepts(done.answer.data(55), "00")


def test_lab_partial_approval_and_referral(lab: Shop) -> None:
    done = lab.till.do("sale", lab.chip, 9100_11)
    assert (done.code, done.answer[4]) == ("10", f"{4550_05:012}")
    assert lab.chip.accepts(done.answer.data(55), "10")
    assert lab.spent == 4550_05
    assert lab.till.do("sale", lab.chip, 9100_12).code == "01"


def test_lab_wrong_pin_twice_then_as_always(lab: Shop) -> None:
    codes = [lab.till.do("sale", lab.chip, 9100_13).code for _ in range(4)]
    assert codes == ["55", "55", "00", "55"]


def test_lab_processing_request_and_a_reversal_not_answered(lab: Shop) -> None:
    lab.till.do("sale", lab.chip, 9100_14)
    assert lab.till.answer_frame.processing_request == 4
    sale = lab.till.do("sale", lab.chip, 9100_15)
    with pytest.raises(ValueError, match="not enough values"):
        lab.till.reverse(sale)
    assert lab.till.reverse(sale).code == "00"


def of(tmp_path: Path, content: str) -> Shop:
    path = tmp_path / "rules.yaml"
    path.write_text(content, "utf-8")
    return Shop(path)


@pytest.mark.parametrize(
    ("when", "hits"),
    [
        ('{message: "0200"}', {"sale", "small", "visa", "refund-less"}),
        ('{amount: "100"}', {"small"}),
        ("{amount_ends: 34}", {"sale", "visa"}),
        ('{pan: "4761"}', {"visa"}),
        ('{terminal: "12345678", type: "22"}', {"sale", "small", "visa", "refund-less"}),
        ('{terminal: "87654321"}', set()),
        ('{entry: "02"}', {"visa"}),
        ('{entry: "05", stan: "000002"}', {"sale"}),
        ('{message: "0200", hours: "14:00-15:00"}', {"sale", "small", "visa", "refund-less"}),
        ('{hours: "15:00-14:05"}', set()),
        ('{message: "0200", hours: "22:00-14:06"}', {"sale", "small", "visa", "refund-less"}),
        ('{aid: "A000000333"}', {"refund-less"}),
    ],
)
def test_every_condition(tmp_path: Path, when: str, hits: set[str]) -> None:
    shop = of(tmp_path, f"rules: [{{name: one, when: {when}, do: {{answer: '91'}}}}]")
    shop.bench.acquirer.rules.silence("0999")  # rules with and without a look inside meet
    till, aid = shop.till, Chip(RICH, atc=50, replace={0x84: bytes.fromhex("A000000333010101")})
    codes = {
        "sale": till.do("sale", shop.chip, 12_34).code,
        "small": till.do("sale", shop.chip, 1_00).code,
        "visa": till.do("sale", VISA_CARD, 12_34).code,
        "refund-less": till.do("sale", aid, 7_77).code,
    }
    assert {name for name, code in codes.items() if code == "91"} == hits


def test_skip_times_and_turns(tmp_path: Path) -> None:
    text = "rules: [{name: one, skip: 1, times: 2, do: [{answer: '91'}, {answer: '05'}], when: {message: '0200'}}]"
    shop = of(tmp_path, text)
    codes = [shop.till.do("sale", shop.chip, 1).code for _ in range(6)]
    assert codes == ["00", "91", "05", "91", "05", "00"]


def test_a_script_goes_to_the_card(tmp_path: Path) -> None:
    script = "72099F1804000000018600"
    shop = of(tmp_path, f"rules: [{{name: one, do: {{script: {script}}}}}]")
    done = shop.till.do("sale", shop.chip, 1)
    assert done.answer.data(55).endswith(bytes.fromhex(script))


def session_key(imk: str, chip: Chip) -> bytes:
    """UnionPay's, for scripts as for cryptograms: the counter and its complement under the card's key."""
    atc = chip.atc.to_bytes(2, "big")
    with quiet():
        card_key = pyemv.kd.derive_icc_mk_a(bytes.fromhex(imk), RICH.pan, RICH.psn)
        return psec.des.encrypt_tdes_ecb(card_key, bytes(6) + atc + bytes(6) + bytes(0xFF - byte for byte in atc))


@pytest.mark.parametrize(
    ("wish", "tag", "header", "data"),
    [
        ("application-block", 0x72, "841E000004", ""),
        ("after pin-unblock", 0x72, "8424000004", ""),
        ("before put-data 9F58 03", 0x71, "04DA9F5805", "03"),
        ("update-record 2 3 700101", 0x72, "04DC031407", "700101"),
    ],
)
def test_a_script_by_name_is_made_for_the_card(tmp_path: Path, wish: str, tag: int, header: str, data: str) -> None:
    shop = of(tmp_path, f"rules: [{{name: one, do: {{script: {wish}}}}}]")
    done = shop.till.do("sale", shop.chip, 1)
    assert shop.chip.accepts(done.answer.data(55), "00")
    ((command,),) = [
        [item.value for item in tlv.walk([each]) if item.tag == 0x86]
        for each in tlv.parse(done.answer.data(55))
        if each.tag == tag
    ]
    names = shop.chip.atc.to_bytes(2, "big") + shop.chip.last_cryptogram
    with quiet():
        mac = pyemv.sm.generate_command_mac(
            session_key(RICH.imk_smi, shop.chip), bytes.fromhex(header) + names + bytes.fromhex(data), 4
        )
    assert command == bytes.fromhex(header + data) + mac
    name = wish.removeprefix("after ").removeprefix("before ").split()[0]
    assert shop.bench.acquirer.journal()[-1].fault == f"script to the card: {name}"


def test_a_new_pin_is_enciphered_and_told_to_nobody(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    shop = of(tmp_path, "rules: [{name: one, do: {script: pin-change 908172}}]")
    done = shop.till.do("sale", shop.chip, 1)
    assert shop.bench.acquirer.journal()[-1].fault == "script to the card: pin-change"
    assert b"908172" not in done.answer.data(55)
    assert bytes.fromhex("908172") not in done.answer.data(55)
    assert "908172" not in caplog.text + repr(shop.bench.acquirer.journal()[-1])


def test_a_card_without_script_keys_gets_no_script(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A ledger of an earlier version, not provisioned since."""
    shop = of(tmp_path, "rules: [{name: one, do: {script: card-block}}]")
    with shop.bench.acquirer.ledger.engine.begin() as connection:
        connection.execute(text("UPDATE cards SET imk_smi_under_lmk = NULL"))
    done = shop.till.do("sale", shop.chip, 1)
    assert done.code == "00"
    assert {item.tag for item in tlv.parse(done.answer.data(55))} == {0x91, 0x9F36}
    assert "no script to the card: the card has no script keys in the books: provision it again" in caplog.text


def test_limits_of_a_card(tmp_path: Path) -> None:
    shop = of(tmp_path, "risk: [{name: two, count: 9}]")
    shop.bench.acquirer.ledger.limit(RICH.pan, each=20_00, a_day=30_00, count=3)
    till, chip = shop.till, shop.chip
    codes = [till.do("sale", chip, amount).code for amount in (20_01, 20_00, 10_01, 5_00, 1, 1)]
    assert codes == ["61", "00", "61", "00", "00", "65"]
    assert shop.bench.acquirer.journal()[-1].because == "limit of the card: 3 of 3 used"
    shop.bench.wait(hours=24)
    assert till.do("sale", chip, 20_00).code == "00"
    shop.bench.acquirer.ledger.limit(RICH.pan)
    assert till.do("sale", chip, 20_01).code == "00"
    with pytest.raises(LookupError, match="no such card"):
        shop.bench.acquirer.ledger.limit("6200009999999999", each=1)
    with pytest.raises(IntegrityError, match="limits_not_negative"):
        shop.bench.acquirer.ledger.limit(RICH.pan, each=-1)


def test_risk_velocity_sums_single_amounts_and_the_black_list(tmp_path: Path) -> None:
    shop = of(
        tmp_path,
        """
risk:
  - {name: three an hour, per: card, within: 3600, count: 3}
  - {name: a day of one till, per: terminal, amount: 5000}
  - {name: one sale, each: 3000}
  - {name: stolen, cards: ["4761"], answer: "43"}
""",
    )
    till, chip = shop.till, shop.chip
    assert till.do("sale", VISA_CARD, 1).code == "43"
    assert till.do("sale", chip, 30_01).code == "61"
    assert [till.do("sale", chip, amount).code for amount in (20_00, 20_00, 10_01, 10_00)] == ["00", "00", "61", "00"]
    assert till.do("sale", chip, 1).code == "65"
    refused = shop.bench.acquirer.journal()[-1].because
    assert refused == "three an hour: 3 of 3 used"
    shop.bench.wait(hours=1)
    assert till.do("sale", chip, 1).code == "61"  # the till has had its day
    shop.bench.wait(hours=23)
    assert till.do("sale", chip, 1).code == "00"


def test_risk_a_reversed_sale_does_not_count(tmp_path: Path) -> None:
    shop = of(tmp_path, "risk: [{name: once, per: merchant, count: 1}]")
    shop.till.reverse(shop.till.do("sale", shop.chip, 1))
    assert [shop.till.do("sale", shop.chip, 1).code for _ in range(2)] == ["00", "65"]


def test_risk_the_same_again_within_a_minute_is_a_mistake(tmp_path: Path) -> None:
    shop = of(tmp_path, "risk: [{name: twice, same_within: 60}]")
    codes = [shop.till.do("sale", shop.chip, amount).code for amount in (1_00, 1_00, 1_01)]
    shop.bench.wait(seconds=60)
    assert [*codes, shop.till.do("sale", shop.chip, 1_00).code] == ["00", "94", "00", "00"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("rules:\n  - name: one\n    do: {answer: 5}\n", "rules.yaml:3: rules.0.do.0.answer: String should match"),
        ("rules:\n  - name: one\n", "rules.yaml:2: rules.0.do: Field required"),
        ("rules:\n- {name: a, do: {}, when: {amont: 1}}\n", "rules.yaml:2: rules.0.when.amont: there is no such key"),
        ("rulez: []\n", "rules.yaml:1: rulez: there is no such key"),
        (
            "rules: [{name: a, do: {garbage: xyz}}]\n",
            "rules.yaml:1: rules.0.do.0.garbage: expected bytes in hexadecimal",
        ),
        ("rules: [{name: a, do: {}, times: 100001}]\n", "rules.yaml:1: rules.0.times: Input should be less"),
        ("risk: [{name: a, count: 1, within: 31622401}]\n", "rules.yaml:1: risk.0.within: Input should be less"),
        ("risk:\n- name: a\n", "rules.yaml:2: risk.0: expected either a limit (count, amount, each), or same_within"),
        ("rules: [\n", "rules.yaml:2: "),
        (
            "rules: [{name: a, when: {amount: 5-3}, do: {}}]\n",
            "rules.yaml:1: rules.0.when.amount: expected the least amount first, found 5-3",
        ),
        ("rules: [{name: a, do: {delay: 86400001}}]\n", "rules.yaml:1: rules.0.do.0.delay: Input should be less"),
        (
            "rules: [{name: a, do: {script: 9F18}}]\n",
            "rules.yaml:1: rules.0.do.0.script: script: expected tag 71 or 72",
        ),
        ("rules: [{name: a, do: {script: fly}}]\n", "rules.yaml:1: rules.0.do.0.script: script: expected hexadecimal"),
        (
            "rules: [{name: a, do: {script: pin-change 12}}]\n",
            "rules.yaml:1: rules.0.do.0.script: script: expected pin-change PIN [CURRENT], 4 to 12 digits, found other",
        ),
        (
            "rules: [{name: a, do: {script: card-block 1}}]\n",
            "rules.yaml:1: rules.0.do.0.script: script: expected card-b",
        ),
    ],
)
def test_a_wrong_file_is_told_with_its_line(tmp_path: Path, content: str, words: str) -> None:
    path = tmp_path / "rules.yaml"
    path.write_text(content, "utf-8")
    with pytest.raises(RuleFileError) as caught:
        load(path)
    assert str(caught.value).startswith(words)


def test_a_missing_file_is_told() -> None:
    with pytest.raises(RuleFileError, match=r"nowhere\.yaml: No such file"):
        load("nowhere.yaml")
