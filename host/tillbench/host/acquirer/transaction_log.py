"""One line for each message, for people who watch: who asked what, for how much, the answer, the time taken."""

import logging
from typing import Any

from tillbench.host.acquirer.journal import Exchange
from tillbench.protocols.emv.masking import mask_pan
from tillbench.protocols.iso8583 import Message

log = logging.getLogger("tillbench.acquirer")

TRACK_ENCIPHERED = "1"  # third digit of field 53


def log_transaction(exchange: Exchange, seconds: float | None = None) -> None:
    """Log what became of a message, PAN masked, and how long it took, where a clock runs that says so.

    The record has the same as `transaction`, by name, for logs that machines read.
    """
    if log.isEnabledFor(logging.INFO):
        told = transaction(exchange, seconds)
        log.info("%s", _line(exchange, told), extra={"transaction": told})


def transaction(exchange: Exchange, seconds: float | None = None) -> dict[str, Any]:
    """What there is to tell of a message, by name; `amount` in minor units, what is not there left out."""
    request = exchange.request
    told: dict[str, Any] = {"mti": exchange.mti}
    if request is not None:
        amount = request.text(4)
        told |= {
            "mti": request.mti,
            "terminal": request.text(41),
            "stan": request.text(11),
            "card": mask_pan(_pan(request)),
            "amount": int(amount) if amount else None,
            "ms": None if seconds is None else round(seconds * 1000, 1),
        }
    told |= {"code": exchange.code, "because": exchange.because, "fault": exchange.fault}
    return {name: value for name, value in told.items() if value not in ("", None)}


def _line(exchange: Exchange, told: dict[str, Any]) -> str:
    """Terminal, STAN, message type, PAN, amount, `->`, code, milliseconds, reason, what a rule did."""
    if exchange.request is None:
        return f"{exchange.mti or '?'}: {exchange.because} {exchange.fault}".rstrip()
    words = (
        told.get("terminal", "?"),
        told.get("stan", "-"),
        told["mti"],
        told.get("card", "-"),
        f"{told['amount'] / 100:.2f}" if "amount" in told else "-",
        "->",
        told.get("code", "no answer"),
        f"{told['ms']} ms" if "ms" in told else "",
        exchange.because,
        f"({exchange.fault})" if exchange.fault else "",
    )
    return " ".join(word for word in words if word)


def _pan(request: Message) -> str:
    """Field 2, or the front of a track 2 in the clear."""
    if request.text(53)[2:3] == TRACK_ENCIPHERED:
        return request.text(2)
    return request.text(2) or request.text(35).partition("D")[0]
