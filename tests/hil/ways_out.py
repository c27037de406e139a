"""Every question of every transaction, as a table: how a flow begins, what it asks, and what is answered to go on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tillbench.host.cards import load_profile
from tillbench.host.terminal import Terminal

from . import business, shop

STRIPE, TWO_APPLICATIONS = "unionpay-stripe", "multi-app"
CARDS = (shop.UNIONPAY, STRIPE, TWO_APPLICATIONS)
SETTINGS: dict[str, str | int] = {"keyed_entry": 1, "void_pin": 1, "completion_pin": 1, "advices_at_once": 99}
PAN = load_profile(shop.UNIONPAY).pan
PIN = load_profile(shop.UNIONPAY).pin
_Answer = Callable[[Terminal], None]


@dataclass(frozen=True)
class Question:
    """A screen of a flow: what it says, and what is done there to get to the next one."""

    text: str
    answer: _Answer


@dataclass(frozen=True)
class Way:
    """A flow.

    Attributes:
        entries: what is chosen in the menu; none: the amount is keyed in at once.
        settings: what has to be set otherwise for it.
        quiet: it says nothing when it is given up: nothing was begun.
    """

    name: str
    entries: tuple[str, ...]
    questions: tuple[Question, ...]
    settings: tuple[tuple[str, int], ...] = ()
    quiet: bool = False


def keys(text: str, answer: int | str) -> Question:
    """A question that is answered by a number and ENTER."""
    return Question(text, lambda terminal: shop.press(terminal, business.keys(answer)))


def enter(text: str) -> Question:
    """A question that is answered by ENTER."""
    return Question(text, lambda terminal: shop.press(terminal, "ENTER"))


def insert(card: str) -> Question:
    """The prompt for the card."""
    return Question("INSERT CARD", lambda terminal: _put_in(terminal, card))


def _put_in(terminal: Terminal, card: str) -> None:
    terminal.card.insert(card)


def _swipe(terminal: Terminal) -> None:
    terminal.card.swipe(STRIPE)


def _last(terminal: Terminal, kind: str) -> int:
    return business.last(terminal, kind).stan


def _voucher(kind: str) -> Question:
    return Question("VOUCHER NO", lambda t: shop.press(t, business.keys(_last(t, kind))))


def _reference(terminal: Terminal) -> None:
    shop.press(terminal, business.keys(business.last(terminal, "sale").rrn))


def _code(terminal: Terminal) -> None:
    shop.press(terminal, business.keys(business.last(terminal, "preauth").authorisation_code or ""))


SUPERVISOR = keys("SUPERVISOR PASS", "123456")
CARD = insert(shop.UNIONPAY)
ENTER_PIN = keys("ENTER PIN", PIN)
AMOUNT = keys("AMOUNT", 500)
AGREE = enter("ENTER=OK")
DATE = keys("DATE", f"{1123:04}")
CODE = Question("AUTH CODE", _code)
HELD = (CARD, DATE, CODE, AMOUNT)

WAYS = (
    Way("sale", (), (AMOUNT, CARD, ENTER_PIN)),
    Way("sale by stripe", (), (AMOUNT, Question("INSERT CARD", _swipe), ENTER_PIN)),
    Way("sale by number", (), (AMOUNT, keys("INSERT CARD", PAN), keys("EXPIRY", ""))),
    Way(
        "sale with two applications",
        (),
        (AMOUNT, insert(TWO_APPLICATIONS), Question("APPLICATION", lambda t: shop.press(t, "1")), ENTER_PIN),
    ),
    Way(
        "sale from an account",
        (),
        (AMOUNT, Question("ACCOUNT", lambda t: shop.press(t, "2")), CARD, ENTER_PIN),
        (("account_choice", 1),),
    ),
    Way(
        "sale once more",
        (),
        (keys("AMOUNT", shop.AMOUNT), CARD, enter("SAME ONCE MORE?"), ENTER_PIN),
        (("repeat_minutes", 99),),
    ),
    Way("void", ("VOID",), (SUPERVISOR, _voucher("sale"), enter("****"), CARD, ENTER_PIN)),
    Way("refund", ("REFUND",), (SUPERVISOR, CARD, Question("REFERENCE NO", _reference), DATE, AMOUNT, AGREE)),
    Way("pre-authorisation", ("PRE-AUTHS", "PRE-AUTH"), (AMOUNT, CARD, ENTER_PIN)),
    Way("pre-authorisation void", ("PRE-AUTHS", "PRE-AUTH VOID"), (SUPERVISOR, *HELD, ENTER_PIN)),
    Way("completion", ("PRE-AUTHS", "COMPLETION"), (*HELD, ENTER_PIN)),
    Way("completion advice", ("PRE-AUTHS", "COMPL. ADVICE"), (*HELD, enter("****"))),
    Way(
        "completion void",
        ("PRE-AUTHS", "COMPL. VOID"),
        (SUPERVISOR, _voucher("completion"), enter("****"), CARD, ENTER_PIN),
    ),
    Way("balance", ("BALANCE",), (CARD, ENTER_PIN)),
    Way(
        "offline sale",
        ("OFFLINE", "OFFLINE SALE"),
        (keys("CARD NUMBER", PAN), keys("EXPIRY", ""), keys("AUTH CODE", 123456), AMOUNT, enter("****")),
    ),
    Way("tip", ("OFFLINE", "TIP"), (_voucher("sale"), enter("****"), keys("AMOUNT", 100), enter("****"))),
    Way("adjustment", ("OFFLINE", "ADJUSTMENT"), (_voucher("sale"), enter("****"), AMOUNT, enter("****"))),
    Way("settlement", ("SETTLEMENT",), (enter("ENTER=OK"),), quiet=True),
    Way("sign-off", ("MANAGEMENT", "HOST", "SIGN OFF"), (enter("KEYS ARE WIPED"),), quiet=True),
    Way("training", ("MANAGEMENT", "DEVICE", "TRAINING"), (SUPERVISOR,), quiet=True),
)


def begin(terminal: Terminal, way: Way) -> None:
    """Up to the first question."""
    if way.entries:
        terminal.menu(*way.entries)
    else:
        terminal.menu("SALE")


def go(terminal: Terminal, way: Way, number: int) -> None:
    """Up to the question of that number, from 0 on, which is not answered."""
    begin(terminal, way)
    for question in way.questions[:number]:
        shop.wait(terminal, question.text)
        question.answer(terminal)
    shop.wait(terminal, way.questions[number].text)
