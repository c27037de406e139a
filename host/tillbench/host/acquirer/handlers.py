"""Which rule decides which kind of business."""

from collections.abc import Callable
from functools import partial

from tillbench.host.acquirer.authorise import Rule, authorise
from tillbench.host.acquirer.batch_upload import end, take_advice, take_records
from tillbench.host.acquirer.case import Case
from tillbench.host.acquirer.completion import complete
from tillbench.host.acquirer.downloads import download, take_status
from tillbench.host.acquirer.load import load, load_cash, load_other
from tillbench.host.acquirer.offline import adjust, sell_offline, take_chip_sale
from tillbench.host.acquirer.refund import refund, refund_offline
from tillbench.host.acquirer.request import Answer, Kind
from tillbench.host.acquirer.reversal import reverse
from tillbench.host.acquirer.sale import inquire, preauthorise, sell
from tillbench.host.acquirer.script_notice import take_script_notice
from tillbench.host.acquirer.settlement import settle
from tillbench.host.acquirer.sign_on import echo, give_master_key, sign_off, sign_on
from tillbench.host.acquirer.voids import cancel

RULES: dict[Kind, Rule] = {
    Kind.SALE: sell,
    Kind.VOID: cancel,
    Kind.REFUND: refund,
    Kind.CHIP_REFUND: refund_offline,
    Kind.PREAUTH: preauthorise,
    Kind.PREAUTH_VOID: cancel,
    Kind.COMPLETION: complete,
    Kind.COMPLETION_ADVICE: complete,
    Kind.COMPLETION_VOID: cancel,
    Kind.OFFLINE_SALE: sell_offline,
    Kind.ADJUSTMENT: adjust,
    Kind.TIP: adjust,
    Kind.CHIP_OFFLINE: take_chip_sale,
    Kind.LOAD: load,
    Kind.CASH_LOAD: load_cash,
    Kind.TRANSFER_LOAD: load_other,
    Kind.CASH_LOAD_VOID: cancel,
}

DECIDES_ITSELF = (*RULES, Kind.BALANCE)
"""Kinds that take a demanded response code as a decline, in the books; for others it is an answer without effect."""

HANDLERS: dict[Kind, Callable[[Case], Answer]] = {
    **{kind: partial(authorise, rule=rule) for kind, rule in RULES.items()},
    Kind.BALANCE: inquire,
    Kind.REVERSAL: reverse,
    Kind.SCRIPT_NOTICE: take_script_notice,
    Kind.SIGN_ON: sign_on,
    Kind.SIGN_OFF: sign_off,
    Kind.ECHO: echo,
    Kind.MASTER_KEY: give_master_key,
    Kind.SETTLEMENT: settle,
    Kind.BATCH_RECORDS: take_records,
    Kind.BATCH_END: end,
    Kind.DOWNLOAD: download,
    Kind.STATUS: take_status,
}


def handle(case: Case) -> Answer:
    """Decide a request of any kind."""
    decide = HANDLERS[case.request.kind]
    return take_advice(case, decide) if case.request.uploaded else decide(case)
