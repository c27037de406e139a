"""`tillbench emv`: data objects and cryptograms in words, transactions phase by phase."""

from __future__ import annotations

import sys
from typing import Annotated

import typer
from tillbench.host.cli.errors import Refused, for_people

app = typer.Typer(no_args_is_help=True, rich_markup_mode="markdown", help="EMV data and transactions, for people.")

Hex = Annotated[str, typer.Argument(help="Hexadecimal digits, blanks allowed; - reads them from stdin.", metavar="HEX")]
KINDS = {"sale": 0x00, "cash": 0x01, "cashback": 0x09, "refund": 0x20}


@app.command(
    epilog="Examples:\n\n"
    "- `tillbench emv decode 9F2701809505800004E000` (field 55, a record, an answer of a card)\n\n"
    "- `tillbench emv decode --tag 95 8000048000` (a value without its tag)\n\n"
    "- `tillbench emv decode --card unionpay-cda-1984 - < records.hex` (certificates under that card's CA key)"
)
def decode(
    data: Hex,
    tag: Annotated[str, typer.Option(help="What HEX is the value of: 95, 8C, 9F10...", metavar="TAG")] = "",
    card: Annotated[str, typer.Option(help="A card whose CA keys are tried besides the bench's.", metavar="CARD")] = "",
) -> None:
    """Name, format and meaning of data objects: bits, lists, CVM rules, records; certificates opened where the CA key
    is known. PANs are masked."""
    from tillbench.host.cli.emv_decode import lines

    with for_people():
        for line in lines(_given(data), tag, card):
            print(line)


@app.command(
    epilog="Example: `tillbench emv explain --card visa-credit 9F26...` (field 55 of a message); exit 1 if it is wrong"
)
def explain(
    data: Hex,
    card: Annotated[str, typer.Option(help="The card, shipped or a .yaml file: its keys, PAN.", metavar="CARD")],
) -> None:
    """Is the cryptogram in field 55 this card's? If not: which key derivation, data or padding would give it."""
    from tillbench.host.cli.emv_decode import explained

    with for_people():
        verdict = explained(_given(data), card)
        for line in [str(verdict)] if verdict.verifies or not verdict.reasons else verdict.reasons:
            print(line)
    if not verdict.verifies:
        raise typer.Exit(1)


@app.command(
    epilog="Examples:\n\n"
    "- `tillbench emv transact --card visa-cda`\n\n"
    "- `tillbench emv transact --card unionpay-offline --amount 5.00 --no-line`\n\n"
    "- `tillbench emv transact --reader tillbench` (a card in a PC/SC reader whose name contains that; test cards only)"
)
def transact(
    card: Annotated[
        str | None, typer.Option(help="A virtual card: shipped, or the path of a .yaml file.", metavar="NAME")
    ] = None,
    reader: Annotated[str | None, typer.Option(help="A PC/SC reader, by a part of its name.", metavar="NAME")] = None,
    amount: Annotated[str, typer.Option(help="As on a price tag.", metavar="12.34")] = "12.34",
    kind: Annotated[str, typer.Option(help=f"Transaction type: {', '.join(KINDS)}.")] = "sale",
    other: Annotated[str, typer.Option(help="How much of it is cash back.", metavar="5.00")] = "0.00",
    pin: Annotated[
        str, typer.Option(help="What the cardholder of a virtual card types: right, wrong, none.")
    ] = "right",
    line: Annotated[bool, typer.Option("--line/--no-line", help="Whether the issuer can be reached.")] = True,
) -> None:
    """A contact transaction through the device's kernel, phase by phase; no PAN, PIN or card data is shown.

    A card in a reader whose issuer certificate does not chain to the test CA is read, and gets no PIN and no GENERATE
    AC; there is no option for that.
    """
    with for_people():
        from tillbench.host.cli.emv_transact import minor_units, run_transaction
        from tillbench.host.emv_run import Order

        if kind not in KINDS:
            raise Refused(f"--kind {kind}: expected {', '.join(KINDS)}")
        if pin not in ("right", "wrong", "none"):
            raise Refused(f"--pin {pin}: expected right, wrong or none")
        order = Order(amount=minor_units("--amount", amount), other=minor_units("--other", other), kind=KINDS[kind])
        if order.other > order.amount:
            raise Refused(f"--other {other}: expected at most the amount, {amount}")
        run_transaction(card, reader, order, pin, line, print)


def _given(data: str) -> bytes:
    from tillbench.host.emv_decode import HexError, read_hex

    try:
        return read_hex(sys.stdin.read() if data == "-" else data)
    except HexError as error:
        raise Refused(str(error)) from None
