"""One customer at the counter, and what goes wrong meanwhile: drawn at random, told in a line."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

from tillbench.host.acquirer import Rules
from tillbench.host.cards import CardProfile
from tillbench.protocols.iso8583 import framing

CODES = {
    "0200": ("51", "05", "55", "91", "96", "68", "30", "A0", "Z9"),
    "0400": ("96", "68", "06"),
    "0800": ("96", "03"),
}
"""What a rule may answer. Not 12 or 25 to a reversal: a host that says so and does nothing owes the money itself."""
DELAYS_US = (100_000, 2_000_000, 29_900_000, 31_000_000, 45_000_000, 95_000_000)
PINS = ("right",) * 12 + ("wrong", "bypassed", "cancelled")


@dataclass
class Misfortune:
    """One thing that goes wrong with the host: `what` is a method of `Rules`."""

    what: str
    mti: str
    us: int = 0
    code: str = ""
    data: bytes = b""

    def put(self, rules: Rules) -> None:
        """Make it a rule of the host."""
        if self.what == "delay":
            rules.delay(self.mti, self.us)
        elif self.what == "answer":
            rules.answer(self.mti, self.code)
        elif self.what == "garbage":
            rules.garbage(self.mti, self.data)
        else:
            getattr(rules, self.what)(self.mti)

    def __str__(self) -> str:
        return " ".join(filter(None, (self.what, self.mti, self.us and f"{self.us} us", self.code, self.data.hex())))  # type: ignore[arg-type]  # 0 is filtered out


@dataclass
class Errand:
    """A sale as it was meant, and its misfortunes. Numbers that are None do not happen.

    Attributes:
        pull_after: the card leaves after so many of its TPDUs.
        cut_after: the power fails in the middle of this flash operation, counted from a restart just before.
        cut_us: the power fails so long after the first key.
        paper_rows: paper for so many dot rows.
    """

    amount: int
    card: str
    pin: str = "right"
    host: list[Misfortune] = field(default_factory=list)
    line_up: bool = True
    pull_after: int | None = None
    cut_after: int | None = None
    cut_us: int | None = None
    paper_rows: int | None = None
    gives_up_slip: bool = False
    impatient: str = ""

    def __str__(self) -> str:
        words = [f"{self.amount} with {self.card}"]
        words += [f"PIN {self.pin}"] * (self.pin != "right")
        words += [f"host: {misfortune}" for misfortune in self.host]
        words += ["line down"] * (not self.line_up)
        words += [f"{name} {value}" for name, value in vars(self).items() if "_" in name and type(value) is int]
        words += ["gives up the slip"] * self.gives_up_slip + [f"presses {self.impatient}"] * bool(self.impatient)
        return ", ".join(words)


def draw(random: Random, cards: list[CardProfile]) -> Errand:
    """An errand with none, one or two misfortunes."""
    amount = random.choice(
        (1, random.randint(1, 99), random.randint(100, 99_999), random.randint(100_000, 999_999_999))
    )
    card = random.choice(cards).name if random.random() < 0.5 else random.choice(("unionpay-debit", "visa-credit"))
    errand = Errand(amount, card, random.choice(PINS))
    for _ in range(random.choice((0, 1, 1, 1, 2))):
        what = random.randrange(8)
        if what < 3:
            errand.host.append(_misfortune(random))
        elif what == 3:
            errand.pull_after = random.randint(0, 30)
        elif what == 4:
            errand.cut_after = random.randint(1, 60)
        elif what == 5:
            errand.cut_us = random.randint(0, 20_000_000)
        elif what == 6:
            errand.paper_rows = random.randint(0, 1500)
            errand.gives_up_slip = random.random() < 0.3
        elif random.random() < 0.4:
            errand.line_up = False
        else:
            errand.impatient = random.choice(("ENTER", "CANCEL", "CLEAR", "1 2 3", "CANCEL ENTER", "MENU"))
    return errand


def _misfortune(random: Random) -> Misfortune:
    mti = random.choice(("0200", "0200", "0200", "0400", "0400", "0800"))
    what = random.choice(("lose", "silence", "delay", "bad_mac", "garbage", "drop", "answer"))
    noise = random.randbytes(random.randint(1, 60))
    if random.random() < 0.5:
        noise = framing.build(bytes.fromhex("6000000003"), "603100310000", noise)
    return Misfortune(what, mti, random.choice(DELAYS_US) * (what == "delay"), random.choice(CODES[mti]), noise)
