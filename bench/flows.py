"""Every flow of the terminal as a person plays it, from the idle screen to the idle screen: what is measured, and the
day that has to fit into a small heap."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tillbench.host.acquirer.download_data import AIDS, DownloadData, aid_parameters
from tillbench.host.emulator.assistance import HERE_S, Helper
from tillbench.host.terminal import Terminal

from bench.shop import IDLE
from tests.hil import business, shop

SALES = 5
LISTED = 90
"""Card numbers in the black list that is loaded: two parts of it."""
STRIPE = "unionpay-stripe"


@dataclass(frozen=True)
class Flow:
    """A flow by its name, and the modules of `terminal/flows/` that come with it first."""

    name: str
    modules: str
    play: Callable[[Terminal], object]


def _helped(terminal: Terminal) -> None:
    """A sale and its void in front of a helper elsewhere, who is sent every picture and presses the menu's keys."""
    helper = Helper(terminal.desk, "ANNA")
    clock = terminal.emulator.bench.clock

    def stay() -> None:
        if helper.ended is None:
            terminal.desk.send({"assist": {"here": True}}, lambda answer: None)
            clock.after(int(HERE_S * 1e6), stay)

    helper.ask()
    shop.wait(terminal, "SEE AND PRESS?")
    terminal.press("ENTER")
    shop.wait(terminal, "CANCEL ENDS HELP")
    stay()
    helper.press("1 5 0 0 ENTER")
    shop.wait(terminal, "INSERT CARD")
    shop.present(terminal)
    shop.enter_pin(terminal)
    _approved(terminal)
    _void(terminal)
    assert helper.ended is None
    helper.leave()
    shop.wait(terminal, IDLE)


def _start(terminal: Terminal) -> None:
    """What a shop sets before its first day: the supervisor keeps the factory's password."""
    terminal.desk.ask({"settings": {"change_defaults": 0}})


def _unanswered(terminal: Terminal) -> None:
    terminal.acquirer.rules.silence("0200")
    shop.key_in(terminal)
    shop.present(terminal)
    shop.enter_pin(terminal)
    shop.finish(terminal, shop.wait(terminal, "NOT APPROVED"))


def _swiped(terminal: Terminal) -> None:
    shop.key_in(terminal)
    terminal.card.swipe(STRIPE)
    business.ask(terminal, "ENTER PIN", terminal.emulator.profile(STRIPE).pin)
    _approved(terminal)


def _repeated(terminal: Terminal) -> None:
    terminal.desk.ask({"settings": {"repeat_minutes": 5}})
    assert shop.sell(terminal, amount=777).approved
    shop.key_in(terminal, 777)
    terminal.card.insert(shop.UNIONPAY)
    shop.wait(terminal, "SAME ONCE MORE?")
    terminal.press("ENTER")
    shop.wait(terminal, "ENTER PIN")
    shop.enter_pin(terminal)
    _approved(terminal)
    terminal.desk.ask({"settings": {"repeat_minutes": 0}})


def _void(terminal: Terminal) -> None:
    shop.finish(terminal, business.void(terminal, business.last(terminal, "sale").stan))


def _refund(terminal: Terminal) -> None:
    assert shop.sell(terminal).approved
    sale = business.last(terminal, "sale")
    assert sale.rrn is not None
    shop.finish(terminal, business.refund(terminal, sale.rrn, f"{sale.at:%m%d}", 100))


def _held(terminal: Terminal) -> None:
    shop.finish(terminal, business.hold(terminal, 5000))
    held = business.last(terminal, "preauth")
    shop.finish(terminal, business.follow(terminal, "COMPLETION", held, 4000))


def _balance(terminal: Terminal) -> None:
    terminal.menu("BALANCE")
    terminal.card.insert(shop.UNIONPAY)
    shop.wait(terminal, "ENTER PIN")
    shop.enter_pin(terminal)
    shop.wait(terminal, "BALANCE")
    terminal.card.remove()
    shop.wait(terminal, IDLE)


def _offline_sale(terminal: Terminal) -> None:
    business.offline_sale(terminal, terminal.emulator.profile(shop.UNIONPAY).pan, 700)


def _tip(terminal: Terminal) -> None:
    # Of the last sale something was given back: that takes no tip.
    assert shop.sell(terminal).approved
    assert business.change(terminal, "TIP", business.last(terminal, "sale").stan, 50).approved


def _host(*entries: str, shown: tuple[str, ...] = ("DONE",)) -> Callable[[Terminal], None]:
    """Something of the menu of the host, whose messages ENTER takes away."""

    def play(terminal: Terminal) -> None:
        for entry in entries:
            terminal.menu("MANAGEMENT", "HOST", entry)
            for text in shown:
                shop.wait(terminal, text)
                terminal.press("ENTER")
            shop.wait(terminal, IDLE)

    return play


def _downloads(terminal: Terminal) -> None:
    aids = {bytes.fromhex(aid): aid_parameters(*values) for aid, values in AIDS.items()}
    terminal.acquirer.offer(DownloadData(aids=aids, black_list=[f"9{n:04}" for n in range(LISTED)]))
    _host("LOAD AIDS", "BLACK LIST")(terminal)


def _status(terminal: Terminal) -> None:
    """The host asks for it with an answer; it is sent when the sale is over."""
    terminal.acquirer.wish(terminal.desk.ask({"info": {}})["terminal"], "2")
    assert shop.sell(terminal).approved
    terminal.emulator.bench.settle()


def _settle(terminal: Terminal) -> None:
    business.settle(terminal, "BALANCED")


def _uploaded(terminal: Terminal) -> None:
    assert shop.sell(terminal, amount=1500).approved
    business.book_behind_the_terminals_back(terminal, business.last(terminal, "sale"), 6600)
    business.settle(terminal, "DIFFERENCES SENT")


def _signed_off(terminal: Terminal) -> None:
    terminal.menu("MANAGEMENT", "HOST", "SIGN OFF")
    shop.wait(terminal, "KEYS ARE WIPED")
    terminal.press("ENTER")
    shop.wait(terminal, "SIGNED OFF")
    terminal.press("ENTER")
    shop.wait(terminal, "SIGN ON FIRST")
    terminal.menu("MANAGEMENT", "SIGN ON")
    shop.wait(terminal, "SIGNED ON")
    terminal.press("ENTER")
    shop.wait(terminal, IDLE)


def _many(terminal: Terminal) -> None:
    for _ in range(SALES):
        assert shop.sell(terminal).approved


def _approved(terminal: Terminal) -> None:
    assert shop.finish(terminal, shop.wait(terminal, *shop.DECIDED)).approved


FLOWS = (
    Flow("start and sign-on", "sign_on", _start),
    Flow("sale", "sale card card_entry chip choose_application message online online_pin", shop.sell),
    Flow("sale unanswered, and its reversal", "owed", _unanswered),
    Flow("sale by the stripe", "stripe", _swiped),
    Flow("the same sale once more", "repeated", _repeated),
    Flow("void", "void original", _void),
    Flow("refund", "refund", _refund),
    Flow("pre-authorisation and completion", "preauth", _held),
    Flow("balance", "balance", _balance),
    Flow("offline sale", "offline_sale stored", _offline_sale),
    Flow("tip", "adjust", _tip),
    Flow("echo", "echo", _host("ECHO TEST", shown=("PASSED",))),
    Flow("settings of the host", "load_parameters", _host("LOAD SETTINGS")),
    Flow("tables of the host", "downloads", _downloads),
    Flow("status", "send_status", _status),
    Flow("void while somebody helps", "", _helped),
    Flow("settlement", "settle", _settle),
    Flow("settlement with differences", "batch_upload", _uploaded),
    Flow("sign-off and sign-on", "sign_off", _signed_off),
    Flow("sale after all that", "", shop.sell),
    Flow(f"{SALES} more sales", "", _many),
)
