"""`tillbench card`: the virtual cards, listed, shown, checked and served."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from tillbench.host.cli.errors import for_people

app = typer.Typer(no_args_is_help=True, rich_markup_mode="markdown", help="The virtual cards, and your own.")

Name = Annotated[str, typer.Argument(help="A shipped card, or the path of a .yaml file.", metavar="CARD")]


@app.command("list")
def list_cards() -> None:
    """Every shipped card: shelf (`till`: known to the acquirer; `lab`: for a kernel alone), name, PAN, summary."""
    with for_people():
        from tillbench.host.cli.card_list import listing

        for line in listing():
            print(line)


@app.command()
def show(card: Name) -> None:
    """One card: dates, versions, applications, CVM list, keys, faults."""
    with for_people():
        from tillbench.host.cli.card_list import sheet

        for line in sheet(card):
            print(line)


@app.command(epilog="Examples: `tillbench card check`, `tillbench card check visa-cda mine.yaml`")
def check(
    cards: Annotated[
        list[str] | None, typer.Argument(help="Which cards; all shipped ones without.", metavar="CARD")
    ] = None,
) -> None:
    """A sale with each card through the device's kernel, beside what its profile expects; exit 1 if any differs.

    A line tells outcome, response code, Terminal Verification Results, and what decided; `?` marks a card that states
    no expectation.
    """
    from tillbench.host.cli.card_check import check_all, table

    with for_people():
        verdicts = []
        for verdict in check_all(cards or []):
            verdicts.append(verdict)
            for line in table([verdict]):
                print(line)
        wrong = [verdict for verdict in verdicts if verdict.differences]
        print(f"{len(verdicts)} cards, {len(wrong)} other than expected")
    if wrong:
        raise typer.Exit(1)


@app.command(
    "from-session",
    epilog="Example: `tillbench card from-session field.jsonl -o field.yaml`, then `tillbench card check field.yaml`",
)
def from_session(
    session: Annotated[Path, typer.Argument(help="A session, masked or not.", metavar="FILE")],
    out: Annotated[Path, typer.Option("--out", "-o", help="The card to write.", metavar="FILE.yaml")],
) -> None:
    """Make a card of a recorded one: the same selection, records, lists and refusals under the test CA's keys; test
    digits where the session's are masked."""
    with for_people():
        from tillbench.host.cli.card_from_session import make

        make(session, out)


@app.command(
    context_settings={"allow_extra_args": True},  # the command after `--`
    epilog="Examples:\n\n"
    "- `tillbench card serve visa-cda --vpcd` (prints the `export` line that other programs need)\n\n"
    "- `tillbench card serve visa-cda -- pcsc_scan`\n\n"
    "- `tillbench card serve visa-cda --show -- opensc-tool -s 00A404000E315041592E5359532E444446303100`",
)
def serve(
    context: typer.Context,
    card: Name,
    vpcd: Annotated[bool, typer.Option("--vpcd", help="In vsmartcard's virtual reader: what is done anyway.")] = True,
    system: Annotated[
        bool, typer.Option("--system", help="In the machine's own pcscd instead of a private one.")
    ] = False,
    show: Annotated[bool, typer.Option("--show", help="Every exchange in words on stderr, masked.")] = False,
    log: Annotated[Path | None, typer.Option(help="Write what pcscd logs, APDUs but for PINs, to this file.")] = None,
) -> None:
    """Put a card into a PC/SC reader, for any program: until Ctrl-C, or while the command after `--` runs.

    pcscd runs in namespaces of its own, out of the way of the machine's; that takes root, or a kernel that lets users
    make namespaces.
    """
    del vpcd
    with for_people():
        from tillbench.host.cli.card_serve import serve as serve_card

        status = serve_card(card, system=system, command=context.args, show=show, log=log)
    raise typer.Exit(status)
