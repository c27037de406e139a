"""What the power is cut in: the flows of the terminal as rows of a table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from tillbench.host.acquirer.download_data import AIDS, DownloadData, aid_parameters
from tillbench.host.acquirer.download_data import test_ca_keys as lab_keys
from tillbench.host.acquirer.rule_match import Condition
from tillbench.host.acquirer.rules import Rule
from tillbench.host.cards import load_profile
from tillbench.host.terminal import Terminal

from . import business, shop
from .commissioning import add_operator, commission, open_the_case

STRIPE, POOR, REFUSING = "unionpay-stripe", "unionpay-poor", "unionpay-decline-2gac"
OFFLINE = "unionpay-offline"
CARDS = (shop.UNIONPAY, STRIPE, POOR, REFUSING, OFFLINE, shop.VISA)
SETTINGS: dict[str, str | int] = {"change_defaults": 0, "advices_at_once": 1, "partial_approval": 1, "keyed_entry": 1}
_SCRIPT = bytes.fromhex("7210 9F180400000001 8607 04DA9F58020000")
_UNIONPAY_AID = "A000000333010101"
_LISTED = "6200001234567890"
_Act = Callable[[Terminal], None]


def _nothing(terminal: Terminal) -> None:
    pass


@dataclass(frozen=True)
class Flow:
    """A row of the table.

    Attributes:
        act: what people do, up to the idle screen; of a flow that begins with the start: what they wait for.
        before: what is done before, of which nothing is cut.
        host: what the host does otherwise than it should while the flow is cut.
        new: the terminal has never been started, and nothing was done before.
        at_start: the flow begins when the power comes on.
        ready: the terminal has its keys; False: it begins with its commissioning.
        commissioned: it has to be commissioned before it sells again.
        with_chip: what it sells afterwards is paid with a chip, not with a typed number.
    """

    name: str
    act: _Act
    before: _Act = _nothing
    host: _Act = _nothing
    new: bool = False
    at_start: bool = False
    ready: bool = True
    commissioned: bool = False
    with_chip: bool = False


# Transactions


def _sell(terminal: Terminal) -> None:
    shop.finish(terminal, shop.decide(terminal))


def _sell_with(card: str, amount: int = shop.AMOUNT) -> _Act:
    return lambda terminal: _finish(terminal, shop.decide(terminal, card, amount))


def _finish(terminal: Terminal, shown: str) -> None:
    shop.finish(terminal, shown)


def _sell_by_stripe(terminal: Terminal) -> None:
    shop.key_in(terminal)
    terminal.card.swipe(STRIPE)
    business.ask(terminal, "ENTER PIN", "123456")
    shop.finish(terminal, shop.wait(terminal, *shop.DECIDED))


def decide_by_number(terminal: Terminal, amount: int = shop.AMOUNT) -> str:
    """A sale whose card number is typed in, the quickest that there is, up to the screen that says how it ended."""
    shop.key_in(terminal, amount)
    shop.press(terminal, business.keys(load_profile(shop.UNIONPAY).pan))
    business.ask(terminal, "EXPIRY", "3012")
    return shop.wait(terminal, *shop.DECIDED)


def _sell_by_number(terminal: Terminal) -> None:
    shop.finish(terminal, decide_by_number(terminal))


def _sell_in_part(key: str) -> _Act:
    def act(terminal: Terminal) -> None:
        shop.key_in(terminal, 300)
        shop.present(terminal, POOR)
        shop.enter_pin(terminal)
        if "PARTLY" in shop.wait(terminal, "PARTLY APPROVED", *shop.DECIDED):
            shop.press(terminal, key)
        shop.finish(terminal, shop.wait(terminal, *shop.DECIDED))

    return act


def _void(terminal: Terminal) -> None:
    shop.finish(terminal, business.void(terminal, business.last(terminal, "sale").stan))


def _refund(terminal: Terminal) -> None:
    sale = business.last(terminal, "sale")
    shop.finish(terminal, business.refund(terminal, sale.rrn, f"{sale.at:%m%d}", shop.AMOUNT))


def _hold(terminal: Terminal) -> None:
    shop.finish(terminal, business.hold(terminal))


def _follow(entry: str) -> _Act:
    def act(terminal: Terminal) -> None:
        held = business.last(terminal, "preauth")
        shop.finish(terminal, business.follow(terminal, entry, held, shop.AMOUNT))

    return act


def _hold_and_complete(terminal: Terminal) -> None:
    _hold(terminal)
    _follow("COMPLETION")(terminal)


def _completion_advice(terminal: Terminal) -> None:
    shop.finish(terminal, business.complete_later(terminal, business.last(terminal, "preauth"), shop.AMOUNT))


def _completion_void(terminal: Terminal) -> None:
    stan = business.last(terminal, "completion").stan
    shop.finish(terminal, business.void(terminal, stan, entry="PRE-AUTHS/COMPL. VOID"))


def _balance(terminal: Terminal) -> None:
    terminal.menu("BALANCE")
    business.insert(terminal, shop.UNIONPAY, "ENTER PIN")
    shop.enter_pin(terminal)
    shop.wait(terminal, "REMOVE CARD")
    terminal.card.remove()
    shop.idle(terminal)


def _offline_sale(terminal: Terminal) -> None:
    business.offline_sale(terminal, load_profile(shop.UNIONPAY).pan, shop.AMOUNT)


def _change(entry: str, amount: int) -> _Act:
    def act(terminal: Terminal) -> None:
        outcome = business.change(terminal, entry, business.last(terminal, "sale").stan, amount)
        assert outcome.approved, outcome.screen

    return act


def _set_floor_limit(terminal: Terminal) -> None:
    """Below 100.00 a chip may approve by itself, and none is asked at random."""
    never_at_random = {0xDF16: b"\x00", 0xDF17: b"\x00"}
    limited = {**aid_parameters(*AIDS[_UNIONPAY_AID]), **never_at_random, 0x9F1B: (10000).to_bytes(4, "big")}
    terminal.acquirer.offer(DownloadData(aids={bytes.fromhex(_UNIONPAY_AID): limited}))
    for entry in ("LOAD CA KEYS", "LOAD AIDS"):
        _chosen("MANAGEMENT", "HOST", entry)(terminal)


# The batch


def _settle(result: str) -> _Act:
    def act(terminal: Terminal) -> None:
        business.begin_settling(terminal)
        shown = shop.wait(terminal, result, "NO ANSWER")
        shop.press(terminal, "ENTER")
        if "NO ANSWER" not in shown:
            terminal.receipt()
        shop.wait(terminal, shop.IDLE, "ADVICE REFUSED")
        shop.idle(terminal)

    return act


def _sell_and_store(terminal: Terminal) -> None:
    """A batch of two, of which the host knows one."""
    _sell(terminal)
    terminal.desk.ask({"settings": {"advices_at_once": 9}})
    _offline_sale(terminal)


def _sell_and_differ(terminal: Terminal) -> None:
    """A batch of which the host has a sale more than the terminal."""
    _sell(terminal)
    _offline_sale(terminal)
    business.book_behind_the_terminals_back(terminal, business.last(terminal, "sale"), 6600)


def _everything(terminal: Terminal) -> None:
    """A batch with one of each kind, advices last."""
    _sell(terminal)
    _refund(terminal)
    _sell_with(shop.VISA)(terminal)
    _sell_by_stripe(terminal)
    stan = business.last(terminal, "sale").stan
    _sell(terminal)
    _void(terminal)
    _sell_with(REFUSING)(terminal)
    _hold(terminal)
    terminal.desk.ask({"settings": {"advices_at_once": 9}})
    _completion_advice(terminal)
    _offline_sale(terminal)
    assert business.change(terminal, "TIP", stan, 100).approved


def _break_off_upload(terminal: Terminal) -> None:
    _sell_and_store(terminal)
    terminal.acquirer.rules.silence("0320")
    _settle("DIFFERENCES SENT")(terminal)
    terminal.acquirer.rules.clear()


def _goes_on(terminal: Terminal) -> None:
    terminal.screen.wait_text("GOES ON")
    terminal.screen.wait_any("BALANCED", "DIFFERENCES SENT")
    terminal.receipt()
    shop.wait(terminal, "READY")


# What was owed when the power came back


def _owe(mti: str, act: _Act) -> _Act:
    """The host does not say a word any more to the transaction: something is owed."""

    def before(terminal: Terminal) -> None:
        terminal.acquirer.rules.silence(mti, times=9)
        terminal.acquirer.rules.silence("0400", times=9)
        act(terminal)
        terminal.acquirer.rules.clear()

    return before


def _no_reversal(terminal: Terminal) -> None:
    terminal.acquirer.rules.silence("0400", times=9)


def _sell_and_owe_refund(terminal: Terminal) -> None:
    _sell(terminal)
    _owe("0220", _refund)(terminal)


def _catch_up(terminal: Terminal) -> None:
    shop.wait(terminal, "READY")


# The terminal and its host


def _chosen(*entries: str, then: str = "DONE") -> _Act:
    """A menu entry that ends with a message."""

    def act(terminal: Terminal) -> None:
        terminal.menu(*entries)
        shop.wait(terminal, then)
        shop.press(terminal, "ENTER")
        shop.idle(terminal)

    return act


def _no_pin_limits(terminal: Terminal) -> None:
    terminal.menu("MANAGEMENT", "HOST", "NO-PIN LIMITS")
    for _ in range(3):
        shop.wait(terminal, "DONE")
        shop.press(terminal, "ENTER")
    shop.idle(terminal)


def _offer(terminal: Terminal) -> None:
    aids = {bytes.fromhex(aid): aid_parameters(*values) for aid, values in AIDS.items()}
    tables = DownloadData(ca_keys=lab_keys()[:3], aids=aids, black_list=[_LISTED], no_pin_bins=["62"])
    terminal.acquirer.offer(tables)


def _load_black_list(terminal: Terminal) -> None:
    _offer(terminal)
    _chosen("MANAGEMENT", "HOST", "BLACK LIST")(terminal)


def _sign_off(terminal: Terminal) -> None:
    terminal.menu("MANAGEMENT", "HOST", "SIGN OFF")
    shop.wait(terminal, "KEYS ARE WIPED")
    shop.press(terminal, "ENTER")
    shop.wait(terminal, "SIGNED OFF")
    shop.press(terminal, "ENTER")
    shop.idle(terminal)


def _script(terminal: Terminal) -> None:
    """Issuer scripts in the answer to the sale."""
    terminal.acquirer.rules.add([Rule(Condition(messages=("0200",)), ({"script": _SCRIPT},))])


def _script_in_silence(terminal: Terminal) -> None:
    """The same, and the notice of what the card made of them is not answered at first."""
    _script(terminal)
    terminal.acquirer.rules.silence("0620")


def _asks(digit: str) -> _Act:
    """The header of its answer to the sale has a processing request."""
    rule = Rule(Condition(messages=("0200",)), ({"ask": digit},))
    return lambda terminal: terminal.acquirer.rules.add([replace(rule)])


def _bad_mac_for_advices(terminal: Terminal) -> None:
    """The first advice is booked and not believed: all of them go with the upload."""
    terminal.acquirer.rules.bad_mac("0220")


def _silent(mti: str) -> _Act:
    return lambda terminal: terminal.acquirer.rules.silence(mti)


# The terminal by itself


def _settings(terminal: Terminal) -> None:
    terminal.desk.ask({"settings": {"merchant_name": "ANOTHER NAME", "batch_limit": 77}})


def _train(terminal: Terminal) -> None:
    business.supervised(terminal, "MANAGEMENT", "DEVICE", "TRAINING")
    shop.wait(terminal, "PRACTICE ONLY")
    shop.press(terminal, "ENTER")
    shop.idle(terminal)
    _offline_sale(terminal)
    terminal.menu("MANAGEMENT", "DEVICE", "TRAINING")
    shop.wait(terminal, "BACK TO WORK")
    shop.press(terminal, "ENTER")
    shop.idle(terminal)


def _keep_passwords(terminal: Terminal) -> None:
    """Leaves the guide, so that passwords need not be changed, and comes back to it."""
    terminal.screen.wait_text("COMMISSION")
    terminal.press("CANCEL")
    shop.idle(terminal)
    terminal.desk.ask({"settings": SETTINGS})


FLOWS = (
    Flow("first start", _catch_up, new=True, at_start=True, with_chip=True),
    Flow("sale", _sell, with_chip=True),
    Flow("sale, unanswered", _sell, host=_silent("0200")),
    Flow("sale, refused by the card", _sell_with(REFUSING)),
    Flow("sale by stripe", _sell_by_stripe),
    Flow("sale by number", _sell_by_number),
    Flow("sale, a part taken", _sell_in_part("ENTER")),
    Flow("sale, a part not taken", _sell_in_part("CANCEL")),
    Flow("sale with a script notice", _sell, host=_script),
    Flow("sale with a script notice, unanswered", _sell, host=_script_in_silence),
    Flow("void", _void, _sell),
    Flow("void, unanswered", _void, _sell, _silent("0200")),
    Flow("refund", _refund, _sell),
    Flow("refund, unanswered", _refund, _sell, _silent("0220")),
    Flow("pre-authorisation", _hold),
    Flow("pre-authorisation, unanswered", _hold, host=_silent("0100")),
    Flow("pre-authorisation void", _follow("PRE-AUTH VOID"), _hold),
    Flow("pre-authorisation void, unanswered", _follow("PRE-AUTH VOID"), _hold, _silent("0100")),
    Flow("completion", _follow("COMPLETION"), _hold),
    Flow("completion, unanswered", _follow("COMPLETION"), _hold, _silent("0200")),
    Flow("completion advice", _completion_advice, _hold),
    Flow("completion advice, unanswered", _completion_advice, _hold, _silent("0220")),
    Flow("completion void", _completion_void, _hold_and_complete),
    Flow("completion void, unanswered", _completion_void, _hold_and_complete, _silent("0200")),
    Flow("balance", _balance),
    Flow("balance, unanswered", _balance, host=_silent("0200")),
    Flow("offline sale", _offline_sale),
    Flow("offline sale, unanswered", _offline_sale, host=_silent("0220")),
    Flow("offline sale, a reversal is owed", _offline_sale, _owe("0200", _sell), _no_reversal),
    Flow("sale that the chip approves", _sell_with(OFFLINE, 2500), _set_floor_limit, with_chip=True),
    Flow("tip", _change("TIP", 100), _sell),
    Flow("adjustment", _change("ADJUSTMENT", 1000), _sell),
    Flow("settlement", _settle("BALANCED"), _sell_and_store),
    Flow("settlement, totals unanswered", _settle("BALANCED"), _sell, _silent("0500")),
    Flow("settlement, upload unanswered", _settle("BALANCED"), _sell, _silent("0320")),
    Flow("settlement out of balance", _settle("DIFFERENCES SENT"), _sell_and_differ),
    Flow("settlement of one of each", _settle("DIFFERENCES SENT"), _everything, _bad_mac_for_advices),
    Flow("upload goes on at the start", _goes_on, _break_off_upload, at_start=True),
    Flow("reversal at the start", _catch_up, _owe("0200", _sell), at_start=True),
    Flow("refund again at the start", _catch_up, _sell_and_owe_refund, at_start=True),
    Flow("sign-on", _chosen("MANAGEMENT", "SIGN ON", then="SIGNED ON")),
    Flow("sign-off", _sign_off),
    Flow("echo", _chosen("MANAGEMENT", "HOST", "ECHO TEST", then="PASSED")),
    Flow("sign-on that the host asks for", _sell, host=_asks("3")),
    Flow("settings that the host asks for", _sell, host=_asks("1")),
    Flow("download of settings", _chosen("MANAGEMENT", "HOST", "LOAD SETTINGS"), host=_offer),
    Flow("download of CA keys", _chosen("MANAGEMENT", "HOST", "LOAD CA KEYS"), host=_offer, with_chip=True),
    Flow("download of applications", _chosen("MANAGEMENT", "HOST", "LOAD AIDS"), host=_offer, with_chip=True),
    Flow("download of the black list", _chosen("MANAGEMENT", "HOST", "BLACK LIST"), host=_offer, with_chip=True),
    Flow("black list again", _chosen("MANAGEMENT", "HOST", "BLACK LIST"), _load_black_list, _offer, with_chip=True),
    Flow("download of no-PIN limits", _no_pin_limits, host=_offer, with_chip=True),
    Flow("settings", _settings, with_chip=True),
    Flow("new operator", add_operator),
    Flow("training", _train),
    Flow("commissioning", commission, _keep_passwords, at_start=True, ready=False, commissioned=True, with_chip=True),
    Flow("opened case", open_the_case, commissioned=True, with_chip=True),
)
