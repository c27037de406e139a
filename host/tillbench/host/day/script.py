"""The day: sign-on, twenty transactions with what goes wrong in a shop, a settlement that differs and is repaired."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tillbench.host.cards import CardProfile
from tillbench.host.day.counter import Counter
from tillbench.host.emulator.lines import AcquirerLine

DEBIT, CREDIT = "unionpay-debit", "visa-credit"
CARDS = (DEBIT, CREDIT, "visa-signature", "visa-no-cvm", "unionpay-poor", "unionpay-decline-2gac")
"""Names of the card profiles that the day needs."""


class DayFault(Exception):
    """The day went another way than its script says; the message names the step, what was expected and found."""


@dataclass(frozen=True)
class Step:
    """What happens, in words of either language, how it must end, and how it is done."""

    en: str
    zh: str
    expected: str
    do: Callable[[Counter], str]
    core: bool = False
    """Part of a short day."""

    def play(self, counter: Counter, number: int) -> str:
        """Do it; returns how it ended. Raises DayFault for another end than expected."""
        result = self.do(counter)
        if result != self.expected:
            raise DayFault(f"step {number}, {self.en}: expected {self.expected}, found {result}")
        return result


def steps(profiles: dict[str, CardProfile]) -> Iterator[Step]:
    """The whole day."""
    pan = profiles[DEBIT].pan
    yield Step("sale, chip and PIN", "芯片卡消费,输密码", "approved", _sale(DEBIT, 12850), core=True)
    yield Step("sale with a foreign card", "外卡消费", "approved", _sale(CREDIT, 8800))
    yield Step("sale, wrong PIN", "密码错误", "declined", _sale(DEBIT, 4200, pin="9999"))
    yield Step("the same with the right PIN", "重新输入密码", "approved", _sale(DEBIT, 4200))
    yield Step("sale, signature", "签名消费", "approved", _sale("visa-signature", 25600))
    yield Step("sale, not enough money on the account", "余额不足", "declined", _sale("unionpay-poor", 99900))
    yield Step("small sale, neither PIN nor signature", "免密免签消费", "approved", _sale("visa-no-cvm", 1500))
    yield Step("a sale that was too much", "错误的消费", "approved", _sale(DEBIT, 99000))
    yield Step("is taken back", "撤销", "approved", _void_last)
    yield Step("and done again", "重新消费", "approved", _sale(DEBIT, 9900))
    yield Step("the paper ends in the middle of the slip", "打印中途缺纸", "approved", _paper_out)
    yield Step("refund of a part of the first sale", "首笔消费部分退货", "approved", _refund_first)
    yield Step("the cardholder changes his mind", "持卡人取消", "not_approved", _cancelled)
    yield Step("the host does not answer; the reversal waits", "主机无应答,冲正待发", "not_approved", _outage_begins)
    yield Step("the line is down: sale by telephone", "线路中断:电话授权", "approved", _offline(pan, 32000, "301122"))
    yield Step("another one", "再次电话授权", "approved", _offline(pan, 4550, "301177"), core=True)
    yield Step("the line is back: all that waits is sent", "线路恢复:补发", "approved", _outage_ends)
    yield Step("a tip on it", "加小费", "approved", _tip)
    yield Step("an adjustment of a sale", "结算调整", "approved", _adjustment)
    yield Step("the card refuses what the host approved", "主机承兑,卡片拒绝", "not_approved", _refused_by_card)
    yield Step("a sale of which only the host will know", "主机单边账", "not_approved", _one_sided, core=True)
    yield Step(
        "settlement: out of balance, uploaded, repaired", "结算:不平,批上送,平账", "uploaded", _settle, core=True
    )
    yield Step("the first sale of the new batch", "新批次首笔消费", "approved", _sale(CREDIT, 6600), core=True)
    yield Step("settlement: balanced", "结算:对账平", "flag_balanced", _settle, core=True)


def _sale(card: str, amount: int, pin: str | None = None) -> Callable[[Counter], str]:
    return lambda counter: counter.finish(counter.sell(card, amount, pin))


def _offline(pan: str, amount: int, code: str) -> Callable[[Counter], str]:
    return lambda counter: counter.finish(counter.sell_offline(pan, amount, code))


def _void_last(counter: Counter) -> str:
    return counter.finish(counter.void(counter.last("sale"), DEBIT))


def _paper_out(counter: Counter) -> str:
    printer = counter.terminal.emulator.printer
    result = counter.sell(CREDIT, 19900)
    printer.paper_left(30)
    counter.terminal.card.remove()
    counter.wait("paper_out")
    printer.load_paper()
    counter.press("ENTER")
    counter.take_slips()
    counter.idle()
    return result


def _refund_first(counter: Counter) -> str:
    sale = counter.terminal.acquirer.ledger.transactions(kind="sale")[0]
    return counter.finish(counter.refund(sale, DEBIT, 2850))


def _cancelled(counter: Counter) -> str:
    counter.press("7 7 0 0 ENTER")
    counter.wait("insert_card")
    counter.terminal.card.insert(DEBIT)
    counter.wait("enter_pin")
    counter.press("1 2 CANCEL")
    return counter.finish(counter.wait("not_approved"))


def _outage_begins(counter: Counter) -> str:
    rules = counter.terminal.acquirer.rules
    rules.silence("0200")
    rules.lose("0400")
    result = counter.finish(counter.sell(DEBIT, 15000))
    _line(counter).up = False
    return result


def _outage_ends(counter: Counter) -> str:
    _line(counter).up = True
    return counter.finish(counter.sell(DEBIT, 20000))


def _tip(counter: Counter) -> str:
    return counter.finish(counter.change("tip", counter.last("sale"), 1500))


def _adjustment(counter: Counter) -> str:
    sales = counter.terminal.acquirer.ledger.transactions(kind="sale", amount=4200, response_code="00")
    return counter.finish(counter.change("adjustment", sales[0], 4000))


def _refused_by_card(counter: Counter) -> str:
    return counter.finish(counter.sell("unionpay-decline-2gac", 5500))


def _one_sided(counter: Counter) -> str:
    """The host books the sale, does not answer, and says of the reversal that it knows of no original."""
    rules = counter.terminal.acquirer.rules
    rules.silence("0200")
    rules.answer("0400", "25")
    return counter.finish(counter.sell(CREDIT, 7300))


def _settle(counter: Counter) -> str:
    return counter.settle()


def _line(counter: Counter) -> AcquirerLine:
    return counter.terminal.line
