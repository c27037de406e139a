"""A terminal that means harm: it has its keys, and what it asks under a right MAC is anything that the dialect can say.

Requests of every flow and of the management of a batch have fields taken away, replaced, or a digit changed. Whatever
they are, the host answers by a rule of its own, never with 96 or not at all, and its books stay right.
"""

from __future__ import annotations

import logging
from pathlib import Path
from random import Random

from tillbench.host.acquirer.unionpay.reading import is_request
from tillbench.protocols.iso8583 import UNIONPAY, FormatError, Message
from tillbench.protocols.iso8583.rule import Rule

from tests.unit.acquirer_batch import BatchClient
from tests.unit.acquirer_flows import ROWS, Done
from tests.unit.acquirer_till import UNIONPAY_CARD, VISA_CARD, Bench, Chip, file_url

GOOD = ("00", "10", "11")
SIGN_ON_AGAIN = ("97", "A0", "77")
ENDS = (("0320", "202"), ("0320", "207"))
MANAGEMENT = (
    tuple(("0800", function) for function in ("001", "003", "004")),
    tuple(("0820", function) for function in ("002", "301", "362")),
    (("0500", "201"),),
    tuple(("0320", function) for function in ("201", "203", "204", "205", "206")),
    ENDS,
    tuple((mti, str(function)) for mti in ("0800", "0820") for function in range(360, 400)),
)
"""Message type and network code, by what they are about; each subject is as likely as another."""
TOTALS = ("0" * 62, "0001", "0000", f"0100000003{UNIONPAY_CARD.pan:0>20}{100:012}")
ASKED = (None, b"100", b"610000000000000100156", bytes(6))
LETTERS = {"n": "0123456789", "z": "0123456789D", "an": "0123456789AZaz", "ans": " 0Az~\xff\xa0"}
TYPES = ("0100", "0200", "0220", "0320", "0400", "0420", "0500", "0620", "0800", "0820", "0110", "0600")
MAC = 64


class Hostile:
    """One case is a terminal with a new host, `messages` long."""

    name = "hostile"
    share = 1.0

    def __init__(self, messages: int = 200) -> None:
        self._messages = messages

    def run(self, random: Random, folder: Path) -> str:
        """ "kept" when every answer had a reason and the books are right. AssertionError: which message, or what."""
        log, trouble = logging.getLogger("tillbench.acquirer"), _Errors()
        log.addHandler(trouble)
        bench = Bench(file_url(folder))
        try:
            terminal = _Terminal(bench, random)
            for _ in range(self._messages):
                request = terminal.request()
                terminal.ask(request)
                assert not trouble.told, f"{trouble.told} after {request.mti} {request.fields}"
            assert (faults := bench.acquirer.ledger.faults()) == [], faults
        finally:
            bench.acquirer.close()
            log.removeHandler(trouble)
        return "kept"

    def close(self) -> None:
        """Nothing is shared."""


class _Errors(logging.Handler):
    """What the host could not do: its books failed it."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.told: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.told.append(record.getMessage())


class _Terminal:
    def __init__(self, bench: Bench, random: Random) -> None:
        self._bench, self._random = bench, random
        self._client = BatchClient(bench.acquirer.connect())
        self._client.sign_on("004")
        self._approved: list[Done] = []
        self._closing: list[tuple[str, str, str]] = []  # of a batch: the rest of its messages, the last one first

    def request(self) -> Message:
        """Any request, with up to three changes."""
        random = self._random
        message = random.choices((self._flow, self._reversal, self._management), (6, 2, 3))[0]()
        for _ in range(random.choice((0, 0, 1, 1, 2, 3))):
            self._change(message)
        if random.random() < 0.1:
            message.mti = random.choice(TYPES)
        message.fields = dict(sorted(message.fields.items()))
        if MAC in message:
            message.fields[MAC] = bytes(8)
        return message

    def ask(self, message: Message) -> None:
        client = self._client
        try:
            replies = client.send(message)
        except FormatError:
            return  # nothing that can be sent
        if not replies:
            assert not is_request(message.mti), f"no answer to {message.mti} {message.fields}"
            return
        answer = UNIONPAY.decode(replies[0].data[13:])
        if answer.text(39) in GOOD and message.mti in ("0100", "0200", "0220"):
            self._approved = [*self._approved[-40:], Done(message, answer)]
        if answer.text(39) in SIGN_ON_AGAIN or answer.mti in ("0810", "0830"):
            client.sign_on("004")

    def _flow(self) -> Message:
        random = self._random
        name, card = random.choice(sorted(ROWS)), random.choice((UNIONPAY_CARD, VISA_CARD))
        chip = Chip(card, atc=random.randint(1, 65_000)) if ROWS[name].chip or random.random() < 0.3 else card
        original = random.choice(self._approved) if self._approved and random.random() < 0.8 else None
        amount = random.choice((1, 100, random.randint(1, 10_000)))
        return self._client.flow(name, chip, amount, original, pin=random.choice((None, card.pin, "0000")))

    def _reversal(self) -> Message:
        if not self._approved:
            return self._flow()
        request = self._random.choice(self._approved).request
        kept = {n: request[n] for n in (2, 3, 4, 11, 14, 22, 23, 25, 49, 60, 61) if n in request}
        return self._client.message("0400", {**kept, 39: "98", MAC: bytes(8)})

    def _management(self) -> Message:
        random, client = self._random, self._client
        if random.random() < 0.3:
            advice = self._flow()  # the host has not heard of it, or has
            if self._approved and random.random() < 0.5:
                advice = random.choice(self._approved).request
            return Message("0320", {n: value for n, value in advice.fields.items() if n != MAC})
        if random.random() < 0.2:
            details = self._details()
            self._closing = [
                (*random.choice(ENDS), f"00{details[:2]}"),
                ("0320", "201", details),
                ("0500", "201", TOTALS[0]),
            ]
        if self._closing:
            mti, function, totals = self._closing.pop()
        else:
            (mti, function), totals = random.choice(random.choice(MANAGEMENT)), random.choice(TOTALS)
        client.stan += 1
        card = {2: UNIONPAY_CARD.pan, 4: f"{100:012}", 22: "052", 23: "001"} if mti == "0320" else {}
        return client.message(
            mti,
            {
                **card,
                11: f"{client.stan:06}",
                48: totals,
                49: "156",
                60: f"00{client.batch:06}{function}",
                62: random.choice(ASKED),
                63: "001",
            },
        )

    def _details(self) -> str:
        """Field 48 of an upload, of what it has done, for as much, for something else or for nothing."""
        random = self._random
        some = [done.request for done in random.sample(self._approved, min(3, len(self._approved)))]
        parts = [
            f"0{random.randrange(2)}{each.text(11):0>6}{each.text(2):0>20}"
            f"{random.choice((each.text(4), str(random.randrange(10_000)), '0')):0>12}"
            for each in some
        ]
        return f"{len(parts):02}{''.join(parts)}"

    def _change(self, message: Message) -> None:
        random = self._random
        there = [number for number in message.fields if number != MAC]
        number = random.choice(there if there and random.random() < 0.6 else [n for n in UNIONPAY.rules if n != MAC])
        value = message.fields.get(number)
        how = random.random()
        if how < 0.2:
            message.fields.pop(number, None)
        elif how < 0.4 and value:
            at = random.randrange(len(value))
            byte = bytes([random.randrange(256)])
            message.fields[number] = (
                value[:at] + random.choice("0123456789") + value[at + 1 :]
                if isinstance(value, str)
                else value[:at] + byte + value[at + 1 :]
            )
        else:
            message.fields[number] = self._any(UNIONPAY.rules[number])

    def _any(self, rule: Rule) -> str | bytes:
        random = self._random
        length = random.choice((rule.low, rule.high, random.randint(rule.low, rule.high)))
        if rule.type == "b":
            return random.choice((random.randbytes(length), bytes(length)))
        letters = LETTERS[rule.type]
        return random.choice(("".join(random.choices(letters, k=length)), letters[0] * length))
