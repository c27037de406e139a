"""One line for each message, for people who watch: who asked what, for how much, the answer, the time taken."""

import logging

from tillbench.host.acquirer.journal import Exchange
from tillbench.protocols.emv.masking import mask_pan

log = logging.getLogger("tillbench.acquirer")


def log_transaction(exchange: Exchange, seconds: float | None = None) -> None:
    """Log what became of a message, PAN masked, and how long it took, where a clock runs that says so."""
    if log.isEnabledFor(logging.INFO):
        log.info("%s", transaction_line(exchange, seconds))


def transaction_line(exchange: Exchange, seconds: float | None = None) -> str:
    """Terminal, STAN, message type, PAN, amount, `->`, code, milliseconds, reason, what a rule did."""
    request = exchange.request
    if request is None:
        return f"{exchange.mti or '?'}: {exchange.because} {exchange.fault}".rstrip()
    amount = request.text(4)
    words = (
        request.text(41) or "?",
        request.text(11) or "-",
        request.mti,
        mask_pan(request.text(2)) or "-",
        f"{int(amount) / 100:.2f}" if amount else "-",
        "->",
        exchange.code or "no answer",
        "" if seconds is None else f"{seconds * 1000:.1f} ms",
        exchange.because,
        f"({exchange.fault})" if exchange.fault else "",
    )
    return " ".join(word for word in words if word)
