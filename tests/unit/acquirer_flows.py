"""The scripted client: every financial flow of the UnionPay POS table, field by field, written down a second time."""

from dataclasses import dataclass

import psec
from tillbench.protocols.iso8583 import Message

from .acquirer_till import Chip, Profile, Till, quiet

Fields = dict[int, str | bytes | None]


@dataclass(frozen=True)
class Row:
    """One row of the table. chip: the card signs. more: fields beyond the common ones."""

    mti: str
    code: str
    condition: str
    type: str
    more: tuple[int, ...] = ()
    chip: bool = False


ROWS = {
    "sale": Row("0200", "000000", "00", "22", chip=True),
    "void": Row("0200", "200000", "00", "23", (37, 61)),
    "refund": Row("0220", "200000", "00", "25", (37, 61, 63)),
    "offline chip refund": Row("0220", "200000", "00", "27", (61, 62, 63)),
    "balance": Row("0200", "310000", "00", "01", chip=True),
    "preauth": Row("0100", "030000", "06", "10", chip=True),
    "preauth void": Row("0100", "200000", "06", "11", (38, 61)),
    "completion": Row("0200", "000000", "06", "20", (38, 61)),
    "completion advice": Row("0220", "000000", "06", "24", (38, 61)),
    "completion void": Row("0200", "200000", "06", "21", (37, 38, 61)),
    "offline sale": Row("0220", "000000", "00", "30", (61, 63)),
    "adjustment": Row("0220", "000000", "00", "32", (61, 63)),
    "tip": Row("0220", "000000", "00", "34", (48, 61, 63)),
    "offline chip sale": Row("0220", "000000", "00", "36", (63,), chip=True),
    "load": Row("0200", "600000", "91", "45", chip=True),
    "cash load": Row("0200", "630000", "91", "46", chip=True),
    "transfer load": Row("0200", "620000", "91", "47", (62,)),
    "cash load void": Row("0200", "170000", "91", "51", (61,)),
}
WITH_PREAUTH = ("preauth void", "completion", "completion advice")
REVERSIBLE = [name for name, row in ROWS.items() if row.mti != "0220" and name != "balance"]


@dataclass(frozen=True)
class Done:
    """A request and its answer."""

    request: Message
    answer: Message

    @property
    def code(self) -> str:
        return self.answer.text(39)


class Client(Till):
    """A terminal that knows every flow."""

    def flow(
        self,
        name: str,
        card: Chip | Profile,
        amount: int,
        original: Done | None = None,
        *,
        pin: str | None = None,
        tip: int = 0,
        changes: Fields | None = None,
    ) -> Message:
        """The request of a row. A chip signs where the row has one sign, a bare profile is a stripe or keyed entry."""
        row = ROWS[name]
        chip = card if isinstance(card, Chip) else None
        profile = card.profile if isinstance(card, Chip) else card
        self.stan += 1
        fields: Fields = {
            2: profile.pan,
            3: row.code,
            4: None if name == "balance" else f"{amount:012}",
            11: f"{self.stan:06}",
            14: profile.expiry,
            22: ("05" if chip else "02") + ("1" if pin else "2"),
            23: f"{int(profile.psn):03}" if chip else None,
            25: row.condition,
            35: f"{profile.pan}D{profile.expiry}{'220' if chip else '120'}123456789",
            49: "156",
            60: f"{row.type}{self.batch:06}00050",
            64: bytes(8),
        }
        if chip and row.chip:
            chip.cid = 0x40 if row.mti == "0220" else 0x80
            fields[55] = chip.field_55(amount)
        if pin:
            with quiet():
                block = psec.des.encrypt_tdes_ecb(self.pik, psec.pinblock.encode_pinblock_iso_0(pin, profile.pan))
            fields |= {26: "12", 52: block, 53: "2600000000000000"}
        fields |= {number: value for number, value in self._more(name, original, tip).items() if number in row.more}
        return self.message(row.mti, fields | (changes or {}))

    def _more(self, name: str, original: Done | None, tip: int) -> Fields:
        if original is None:
            return {38: "123456", 48: f"{tip:012}", 61: "0" * 12 + "0000" + "01", 63: "CUP"}
        request, answer = original.request, original.answer
        own = request.text(60)[2:8] + request.text(11)
        trace = "0" * 12 if name in WITH_PREAUTH or name == "refund" else own
        return {
            37: answer.text(37),
            38: answer.text(38),
            48: f"{tip:012}",
            61: trace + answer.text(13),
            62: self.terminal_id.encode(),
            63: "CUP",
        }

    def do(
        self,
        name: str,
        card: Chip | Profile,
        amount: int,
        original: Done | None = None,
        *,
        pin: str | None = None,
        tip: int = 0,
        changes: Fields | None = None,
    ) -> Done:
        """Send it and take the answer, whose MAC must be right."""
        request = self.flow(name, card, amount, original, pin=pin, tip=tip, changes=changes)
        return Done(request, self.ask(request))

    def again(self, done: Done) -> Done:
        """The same request once more, to the byte."""
        return Done(done.request, self.ask(done.request))

    def reverse(self, done: Done, reason: str = "98") -> Done:
        """The reversal: as the original was, under its trace number, without tracks, PIN and reference."""
        kept: Fields = {
            number: done.request[number]
            for number in (2, 3, 4, 11, 14, 22, 23, 25, 49, 60, 61)
            if number in done.request
        }
        request = self.message("0400", kept | {39: reason, 64: bytes(8)})
        return Done(request, self.ask(request))

    def script_notice(self, done: Done, result: bytes, changes: Fields | None = None) -> Done:
        """What the card made of the issuer's script commands, after the transaction."""
        self.stan += 1
        request, answer = done.request, done.answer
        fields: Fields = {n: request[n] for n in (2, 3, 4, 22, 23, 25, 49) if n in request}
        fields |= {
            11: f"{self.stan:06}",
            32: answer.text(32),
            37: answer.text(37),
            38: answer.text(38) or None,
            55: bytes.fromhex("9F3303E0F0C89505008004000082027C00DF31") + bytes([len(result)]) + result,
            60: f"00{self.batch:06}95150",
            61: request.text(60)[2:8] + request.text(11) + answer.text(13),
            64: bytes(8),
        }
        notice = self.message("0620", fields | (changes or {}))
        return Done(notice, self.ask(notice))
