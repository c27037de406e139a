"""`tillbench emv`: data objects and cryptograms in words."""

from __future__ import annotations

import sys
from typing import Annotated

import typer
from tillbench.host.cli.errors import Refused, for_people

app = typer.Typer(no_args_is_help=True, rich_markup_mode="markdown", help="EMV data and transactions, for people.")

Hex = Annotated[str, typer.Argument(help="Hexadecimal digits, blanks allowed; - reads them from stdin.", metavar="HEX")]


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


def _given(data: str) -> bytes:
    from tillbench.host.emv_decode import HexError, read_hex

    try:
        return read_hex(sys.stdin.read() if data == "-" else data)
    except HexError as error:
        raise Refused(str(error)) from None
