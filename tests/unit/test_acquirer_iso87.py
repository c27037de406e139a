"""The same business in ISO 8583:1987, text and BCD: a second scripted terminal, its MAC made by psec."""

import asyncio
from dataclasses import dataclass, field

import psec
import pytest
from tillbench.host.acquirer import Acquirer, Incoming, TerminalSetup
from tillbench.host.acquirer.days import batch_of
from tillbench.host.acquirer.server import Manners, serve
from tillbench.protocols.iso8583 import Message
from tillbench.protocols.iso8583.dialects.iso87 import ISO87_ASCII, ISO87_BCD
from tillbench.protocols.iso8583.lines import LINES

from .acquirer_till import MERCHANT, TERMINAL, TMK, UNIONPAY_CARD, VISA_CARD, Bench, Chip, Profile, quiet

CODECS = {"iso87-ascii": ISO87_ASCII, "iso87-bcd": ISO87_BCD}
CARD = UNIONPAY_CARD
Fields = dict[int, str | bytes | None]


@dataclass
class IsoTill:
    """A terminal of another country."""

    wire: str
    bench: Bench = field(default_factory=Bench)
    stan: int = 0
    mak: bytes = b""
    pik: bytes = b""

    def __post_init__(self) -> None:
        self.acquirer = Acquirer("sqlite://", lambda: self.bench.time, self.bench.entropy, dialect=self.wire)
        self.acquirer.provision([CARD, VISA_CARD], [TerminalSetup(TERMINAL, MERCHANT, TMK)])
        self.codec = CODECS[self.wire]
        self.sign_on()

    def sign_on(self) -> None:
        answer = self.ask("0800", {70: "001"})
        assert answer[39] == "00"
        keys = bytes.fromhex(answer.text(62))
        with quiet():
            self.pik, self.mak = (psec.des.decrypt_tdes_ecb(TMK, keys[at : at + 16]) for at in (0, 20))
            assert psec.des.generate_kcv(self.mak, 4) == keys[-4:]

    def message(self, mti: str, fields: Fields) -> Message:
        self.stan += 1
        now = self.bench.time
        common: Fields = {
            7: f"{now:%m%d%H%M%S}",
            11: f"{self.stan:06}",
            12: f"{now:%H%M%S}",
            13: f"{now:%m%d}",
            41: TERMINAL,
            42: MERCHANT,
        }
        return Message(mti, {n: value for n, value in (common | fields).items() if value is not None})

    def body(self, message: Message) -> bytes:
        """Encoded, with the retail MAC over everything before it."""
        if message.mti.startswith("08"):
            return self.codec.encode(message)
        number = 128 if any(n > 64 for n in message.fields) else 64
        message.fields[number] = bytes(8)
        size = 16 if self.wire == "iso87-ascii" else 8
        with quiet():
            covered = self.codec.encode(message)[:-size]
            left, right = self.mak[:8], self.mak[8:]
            message.fields[number] = psec.mac.generate_retail_mac(left, right, covered, 1)
        return self.codec.encode(message)

    def send(self, message: Message) -> Message:
        (outcome,) = self.acquirer.business.take([Incoming(self.body(message))])
        (delivery,) = outcome.deliveries
        answer = self.codec.decode(delivery.body)
        if (64 in answer or 128 in answer) and answer[39] != "63":
            sealed = dict(answer.fields)
            assert self.codec.decode(self.body(answer)).fields == sealed, "the answer's MAC"
        return answer

    def ask(self, mti: str, fields: Fields) -> Message:
        return self.send(self.message(mti, fields))

    def money(
        self, mti: str, code: str, amount: int | None, more: Fields | None = None, card: Profile = CARD
    ) -> tuple[Message, Message]:
        """A financial request and its answer."""
        fields: Fields = {
            2: card.pan,
            3: f"{code}0000",
            4: None if amount is None else f"{amount:012}",
            22: "021",
            25: "00",
            49: "156",
        }
        message = self.message(mti, fields | (more or {}))
        return message, self.send(message)

    def reverse(self, message: Message, mti: str = "0420") -> tuple[Message, Message]:
        kept: Fields = {n: message[n] for n in (2, 3, 4, 12, 13, 22, 25, 49)}
        reversal = self.message(mti, kept | {39: "68", 90: original(message)})
        return reversal, self.send(reversal)

    @property
    def spent(self) -> int:
        return CARD.balance - self.acquirer.ledger.balance(CARD.pan)


def original(message: Message) -> str:
    """Field 90."""
    return f"{message.mti}{message.text(11)}{message.text(13)}{message.text(12)}" + "0" * 22


@pytest.fixture(params=sorted(CODECS))
def till(request: pytest.FixtureRequest) -> IsoTill:
    return IsoTill(request.param)


def test_sale_with_chip_and_pin(till: IsoTill) -> None:
    chip = Chip(CARD)
    with quiet():
        block = psec.des.encrypt_tdes_ecb(till.pik, psec.pinblock.encode_pinblock_iso_0(CARD.pin, CARD.pan))
    more: Fields = {22: "051", 52: block, 55: chip.field_55(12_34), 35: f"{CARD.pan}D{CARD.expiry}2201"}
    _, answer = till.money("0200", "00", 12_34, more)
    assert (answer.mti, answer[39]) == ("0210", "00")
    assert chip.accepts(answer.data(55), "00")
    assert {37, 38} <= set(answer.fields)
    assert till.spent == 12_34


def test_repeat_reversal_and_late_original(till: IsoTill) -> None:
    sale, answer = till.money("0200", "00", 5_00)
    assert answer[39] == "00"
    assert till.send(sale)[39] == "94"
    reversal, undone = till.reverse(sale)
    assert (undone.mti, undone[39]) == ("0430", "00")
    assert till.spent == 0
    reversal.mti = "0421"
    assert till.send(reversal)[37] == undone[37]
    lost = till.message("0200", {2: CARD.pan, 3: "000000", 4: f"{1_00:012}", 22: "021", 25: "00", 49: "156"})
    assert till.reverse(lost, "0400")[1][39] == "25"
    assert till.send(lost)[39] == "22"
    assert till.spent == 0
    assert till.acquirer.ledger.faults() == []


def test_repeats_and_reversals_keep_their_day_over_midnight(till: IsoTill) -> None:
    sale, _ = till.money("0200", "00", 5_00)
    till.sign_on()
    till.bench.wait(hours=12)
    assert till.ask("0800", {70: "301"})[39] == "00"
    till.stan = int(sale.text(11)) - 1
    _, other = till.money("0200", "00", 7_00)  # the same trace number on another day is another sale
    assert other[39] == "00"
    assert till.reverse(sale)[1][39] == "00"
    assert till.spent == 7_00


def test_void_refund_and_balance(till: IsoTill) -> None:
    first, _ = till.money("0200", "00", 10_00)
    _, voided = till.money("0200", "02", 10_00, {90: original(first)})
    assert voided[39] == "00"
    assert till.money("0200", "02", 10_00, {90: original(first)})[1][39] == "22"
    _, sale = till.money("0200", "00", 20_00)
    refund, refunded = till.money("0220", "20", 5_00, {37: sale.text(37)})
    assert refunded[39] == "00"
    refund.mti = "0221"
    assert till.send(refund)[37] == refunded[37]
    assert till.spent == 15_00
    _, balance = till.money("0200", "31", None)
    assert balance[54] == f"0002156C{CARD.balance - 15_00:012}"


def test_preauthorisation_completion_and_their_voids(till: IsoTill) -> None:
    family: Fields = {25: "06"}
    _, held = till.money("0100", "00", 100_00, family)
    code: Fields = {25: "06", 38: held.text(38)}
    completion, done = till.money("0200", "00", 110_00, code)
    assert (held[39], done[39], till.spent) == ("00", "00", 110_00)
    assert till.money("0200", "02", 110_00, {25: "06", 90: original(completion)})[1][39] == "00"
    assert till.money("0220", "00", 120_00, code)[1][39] == "64"
    assert till.money("0100", "02", 100_00, code)[1][39] == "00"
    assert till.spent == 0
    assert till.acquirer.ledger.faults() == []


def test_reconciliation_in_and_out_of_balance(till: IsoTill) -> None:
    _, sale = till.money("0200", "00", 30_00)
    till.money("0200", "00", 40_00, card=VISA_CARD)
    till.money("0200", "20", 10_00, {37: sale.text(37)})

    def totals(debits: int) -> Fields:
        return {74: f"{1:010}", 76: f"{2:010}", 86: f"{10_00:016}", 88: f"{debits:016}"}

    wrong = till.ask("0500", totals(71_00))
    assert (wrong.mti, wrong[39], wrong[66]) == ("0510", "00", "2")
    till.money("0200", "00", 70_00)
    again = till.ask("0500", {74: f"{0:010}", 76: f"{1:010}", 86: f"{0:016}", 88: f"{70_00:016}"})
    assert again[66] == "1"
    assert till.acquirer.ledger.faults() == []


def test_refused_by_the_codes_of_this_dialect(till: IsoTill) -> None:
    sale = till.message("0200", {2: CARD.pan, 3: "000000", 4: f"{1_00:012}", 22: "021", 25: "00", 49: "156"})
    right, till.mak = till.mak, bytes(range(16))
    assert till.send(sale)[39] == "63"
    till.mak = right
    assert till.money("0200", "99", 1)[1][39] == "40"
    assert till.ask("0800", {70: "999"})[39] == "40"
    assert till.ask("0800", {41: "99999999", 70: "001"})[39] == "58"
    assert till.money("0200", "02", 1)[1][39] == "30"  # no field 90
    assert till.ask("0800", {70: "002"})[39] == "00"
    assert till.spent == 0


def test_what_cannot_be_read_is_30_or_nothing(till: IsoTill) -> None:
    body = till.body(till.message("0200", {3: "000000", 4: f"{1:012}"}))
    (outcome,) = till.acquirer.business.take([Incoming(body[:-3])])
    assert till.codec.decode(outcome.deliveries[0].body)[39] == "30"
    (outcome,) = till.acquirer.business.take([Incoming(b"\xff\xff garbage")])
    assert outcome.deliveries == ()


@pytest.mark.parametrize(
    ("day", "batch"), [("1123", 261123), ("1124", 261124), ("1125", 251125), ("0101", 260101), ("1231", 251231)]
)
def test_a_day_is_the_latest_that_is_not_in_the_future(day: str, batch: int) -> None:
    assert batch_of(day, Bench().time) == batch


@pytest.mark.parametrize(("wire", "framing"), [("iso87-ascii", "ascii4"), ("iso87-bcd", "binary2")])
def test_a_sale_over_tcp(wire: str, framing: str) -> None:
    line, till = LINES[framing], IsoTill(wire)
    sale = till.message("0200", {2: CARD.pan, 3: "000000", 4: f"{1234:012}", 22: "021", 25: "00", 49: "156"})

    async def scene() -> bytes:
        server = await serve(till.acquirer, port=0, manners=Manners(line))
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
            writer.write(line.build(till.body(sale)))
            data = b""
            while (size := line.frame_size(data)) is None or len(data) < size:
                more = await reader.read(100)
                assert more, f"the line ended after {data.hex()}"
                data += more
            writer.close()
            await writer.wait_closed()
            return data
        finally:
            await server.close()

    answer = till.codec.decode(line.parse(asyncio.run(asyncio.wait_for(scene(), 30))).body)
    assert answer[39] == "00"
    assert till.spent == 1234
