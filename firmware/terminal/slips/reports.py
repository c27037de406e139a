"""Reports on paper: running totals, every transaction, those that failed, settings, applications and keys."""

from binascii import hexlify

from terminal import money
from terminal.i18n import text
from terminal.journal_search import cancelled
from terminal.kinds import is_inquiry
from terminal.slips.paper import BOLD, CENTRED, PLAIN, heading, timestamp, who
from terminal.slips.receipt import not_valid, type_name
from terminal.totals import BY_TYPE, VIEWS, sums
from terminal.transaction import APPROVED, STATE_TEXTS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Iterator

    from terminal.app import Terminal
    from terminal.journal import Journal
    from terminal.slips.paper import Line, Paper
    from terminal.transaction import Transaction


def running_totals(terminal: Terminal, paper: Paper) -> "Iterator[Line]":
    """The X report: what was approved so far, by type, operator, card and hour. Nothing is reset."""
    yield from _head(terminal, paper, "x_report")
    for view in VIEWS:
        yield text("totals_" + view), "", BOLD
        found = sums(terminal.journal, view)
        for key in found:
            count, amount = found[key]
            name = type_name(key) if view == BY_TYPE else key or "-"
            yield from paper.pair("%s  %d:" % (name, count), money.decimal(amount))
        if not found:
            yield text("totals_none"), "", PLAIN
        yield paper.rule()
    yield from not_valid(terminal.put_aside is not None)


def detail(terminal: Terminal, paper: Paper) -> "Iterator[Line]":
    """Every approved transaction: voucher, kind, amount; card and authorisation below, or that it was voided."""
    yield from _head(terminal, paper, "detail_report")
    yield from _details(paper, terminal.journal)
    yield from not_valid(terminal.put_aside is not None)


def last_batch(terminal: Terminal, paper: Paper) -> "Iterator[Line]":
    """The same of the batch that was settled last, as long as the flash has room for it."""
    from terminal import settlement
    from terminal.journal import Journal

    yield from _head(terminal, paper, "last_batch")
    yield from _details(paper, Journal(terminal.board.storage, settlement.last_batch(terminal.journal)))
    yield from not_valid(terminal.put_aside is not None)


def _details(paper: Paper, journal: Journal) -> "Iterator[Line]":
    taken_back = cancelled(journal.history())
    for t in journal.history():
        if t.state == APPROVED and not is_inquiry(t.type):
            yield from paper.pair("%06d %s:" % (t.stan, text(t.type)), money.decimal(t.worth))
            voided = (t.batch, t.stan) in taken_back
            yield from paper.pair(" %s:" % t.masked_pan, text("voided") if voided else t.authorisation_code)
    if not journal.count:
        yield text("totals_none"), "", PLAIN
    yield paper.rule()


def failures(terminal: Terminal, paper: Paper) -> "Iterator[Line]":
    """Every transaction that was declined, reversed, or is not settled yet, with the code of its answer."""
    yield from _head(terminal, paper, "failed_report")
    for t in terminal.journal.history():
        if t.state != APPROVED and not is_inquiry(t.type):
            yield from paper.pair("%06d %s:" % (t.stan, text(t.type)), money.decimal(t.amount))
            yield from paper.pair(
                " %s:" % t.masked_pan, text(STATE_TEXTS[t.state]) + " " + (t.response_code or t.reason)
            )
    yield paper.rule()
    yield from not_valid(terminal.put_aside is not None)


def settings(terminal: Terminal, paper: Paper) -> "Iterator[Line]":
    """Every setting and its value, in the groups of the setup menu, under the names that it has over the link."""
    from terminal.parameters import schema

    yield from _head(terminal, paper, "settings_report")
    last = ""
    for name, group, _, _ in schema():
        if group != last:
            last = group
            yield text(group), "", BOLD
        yield from paper.pair(name + ":", str(getattr(terminal.parameters, name)))
    yield paper.rule()


def applications(terminal: Terminal, paper: Paper) -> "Iterator[Line]":
    """The card applications that are accepted, with limits and action codes, and the certification authority keys."""
    from terminal.emv_config import emv_config
    from terminal.tables import limits

    config = emv_config(terminal)
    yield from _head(terminal, paper, "emv_report")
    for aid in config.aids:
        yield from paper.pair("AID:", _hex(aid.aid), BOLD)
        yield from paper.pair("FLOOR LIMIT:", money.decimal(aid.floor_limit))
        yield from paper.pair("TAC DENIAL:", _hex(aid.tac_denial))
        yield from paper.pair("TAC ONLINE:", _hex(aid.tac_online))
        yield from paper.pair("TAC DEFAULT:", _hex(aid.tac_default))
    yield paper.rule()
    for key in config.capks:
        yield from paper.pair("CA KEY %s %02X:" % (_hex(key.rid), key.index), "20" + _hex(key.expiry))
    for tag, value in limits(terminal.board.storage):
        yield from paper.pair(tag + ":", value)


def fault_slip(terminal: Terminal, paper: Paper, t: Transaction, what: str) -> "Iterator[Line]":
    """What could not be settled with the host; `what` is a key of the text table. It is no receipt, and says so."""
    yield from _head(terminal, paper, "fault_slip")
    yield text("not_a_receipt"), "", BOLD | CENTRED
    yield from paper.paragraph(text(what), BOLD)
    yield from paper.pair("slip_type", type_name(t.type))
    yield from paper.pair("slip_voucher", "%06d" % t.stan)
    yield from paper.pair("slip_card", t.masked_pan)
    yield from paper.pair("slip_amount", money.decimal(t.amount))
    yield from paper.pair("slip_time", timestamp(t.time))
    yield from paper.pair("slip_code", t.response_code or t.reason)
    yield from paper.paragraph(text("call_service"))
    yield from not_valid(terminal.put_aside is not None)


def _head(terminal: Terminal, paper: Paper, title: str) -> "Iterator[Line]":
    yield from heading(title)
    yield from who(paper, terminal.parameters)
    yield from paper.pair("slip_batch", "%06d" % terminal.counters.batch)
    yield from paper.pair("slip_time", timestamp(terminal.clock.now()))
    yield paper.rule()


def _hex(value: bytes) -> str:
    return hexlify(value).decode().upper()
