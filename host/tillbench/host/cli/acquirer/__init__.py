"""`tillbench acquirer`: the host as a server, its keys and its certificates."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from tillbench.host.cli.errors import for_people

app = typer.Typer(
    invoke_without_command=True,
    rich_markup_mode="markdown",
    help="The acquirer and issuer: serve terminals, read the books, show keys, make certificates.",
)

State = Annotated[
    Path | None, typer.Option(help="Folder with the ledger, its key and the terminal's key slot, as for `emulate`.")
]
Db = Annotated[
    str | None,
    typer.Option(
        help="The ledger as a URL, e.g. postgresql://user@host/books, instead of that folder's.", metavar="URL"
    ),
]


@app.callback(
    epilog="Examples:\n\n- `tillbench acquirer --port 8583 --watch 127.0.0.1:9090`\n\n"
    "- `tillbench acquirer --serial /dev/ttyUSB0 --baud 9600`\n\n"
    "- `tillbench acquirer certificates --out tls`, then "
    "`tillbench acquirer --certificate tls/host.pem --key tls/host.key --terminal-ca tls/authority.pem`"
)
def serve(
    context: typer.Context,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port; 0 takes any free one.", min=0, max=65535)] = 8583,
    state: State = None,
    db: Db = None,
    rules: Annotated[
        str | None,
        typer.Option(help="Misbehave and limit by this YAML file; `lab` is the set that is shipped.", metavar="FILE"),
    ] = None,
    dialect: Annotated[
        str, typer.Option(help="unionpay, iso87-ascii or iso87-bcd; for the last two see --framing.", metavar="NAME")
    ] = "unionpay",
    seed: Annotated[
        int | None, typer.Option(help="Everything random comes from it: same seed, same run, to the byte.", metavar="N")
    ] = None,
    framing: Annotated[
        str, typer.Option(help="How messages are marked off, as `tillbench line --framing`.", metavar="NAME")
    ] = "unionpay",
    max_frame: Annotated[int, typer.Option(help="Longest message taken, by the value of its length.")] = 4096,
    idle: Annotated[
        float, typer.Option(help="Seconds without a message after which a line is closed; 0: never.", min=0)
    ] = 600.0,
    most_lines: Annotated[int, typer.Option(help="Connections at the same time.", min=1)] = 4096,
    certificate: Annotated[Path | None, typer.Option(help="Serve TLS with this certificate, PEM.")] = None,
    key: Annotated[Path | None, typer.Option(help="Its key, PEM.")] = None,
    terminal_ca: Annotated[
        Path | None, typer.Option(help="Take only terminals with a certificate of this authority, PEM.")
    ] = None,
    serial: Annotated[
        str | None, typer.Option(help="Serve this serial port too, with STX, ETX and LRC.", metavar="DEVICE")
    ] = None,
    baud: Annotated[int, typer.Option(help="Speed of the serial port.", min=50)] = 9600,
    watch: Annotated[
        str | None, typer.Option(help="Tell /health and /metrics on this address.", metavar="HOST:PORT")
    ] = None,
    stand_in: Annotated[
        bool,
        typer.Option("--stand-in", help="No ledger, no keys: approve every request, unless a rule says otherwise."),
    ] = False,
    power_safe: Annotated[
        bool,
        typer.Option(
            "--power-safe",
            help="Wait for the disk with every commit: no answer that a power cut of this machine could take back. "
            "For a ledger in a file; slower. Without it a commit survives the end of the process.",
        ),
    ] = False,
    json_log: Annotated[bool, typer.Option("--json", help="The log as one JSON object a line.")] = False,
) -> None:
    """Run the acquirer and issuer as a TCP server, for the emulator, boards and other terminals."""
    if context.invoked_subcommand is not None:
        return
    from tillbench.host.cli.acquirer.serve import run, service_of

    with for_people():
        service = service_of(
            host,
            port,
            framing=framing,
            max_frame=max_frame,
            idle=idle,
            most=most_lines,
            certificate=certificate,
            key=key,
            terminal_ca=terminal_ca,
            serial=serial,
            baud=baud,
            watch=watch,
            json_log=json_log,
        )
        run(service, state, seed, db, rules, dialect, stand_in=stand_in, power_safe=power_safe)


@app.command()
def keys(state: State = None) -> None:
    """Show this installation's test keys, in the clear, with their check values: to load a terminal with them."""
    from tillbench.host.cli.acquirer.keys import listing

    with for_people():
        for line in listing(state):
            print(line)


@app.command()
def certificates(
    out: Annotated[Path, typer.Option(help="Folder for them.")] = Path("tls"),
    name: Annotated[
        list[str] | None, typer.Option(help="DNS name or IP address of the host; may be repeated.", metavar="NAME")
    ] = None,
    days: Annotated[int, typer.Option(help="How long they are valid.", min=1, max=3650)] = 365,
) -> None:
    """Make test certificates for TLS: an authority, the host's, a terminal's. For TLS, not for cards."""
    from tillbench.host.cli.acquirer.certificates import run

    with for_people():
        for line in run(out, tuple(name or ("localhost", "127.0.0.1")), days):
            print(line)


@app.command()
def ledger(
    state: State = None,
    db: Db = None,
    terminal: Annotated[str, typer.Option(help="Only this terminal's.", metavar="ID")] = "",
    last: Annotated[int, typer.Option(help="Only the last so many; 0: all.", min=0)] = 0,
) -> None:
    """List the transactions in the books."""
    from tillbench.host.cli.acquirer.books import books, entries

    with for_people(), books(state, db) as opened:
        for line in entries(opened, terminal, last):
            print(line)


@app.command()
def totals(state: State = None, db: Db = None) -> None:
    """Count what is not settled yet, and show every settlement as both sides counted it."""
    from tillbench.host.cli.acquirer.books import batch_totals, books

    with for_people(), books(state, db) as opened:
        for line in batch_totals(opened):
            print(line)


@app.command(epilog="Example: `tillbench acquirer show 633215000004`")
def show(
    rrn: Annotated[str, typer.Argument(help="Retrieval reference number, field 37.")],
    state: State = None,
    db: Db = None,
) -> None:
    """Show a transaction with what it follows from and what follows from it: reversal, void, refunds, completion."""
    from tillbench.host.cli.acquirer.books import books
    from tillbench.host.cli.acquirer.books import show as lines

    with for_people(), books(state, db) as opened:
        for line in lines(opened, rrn):
            print(line)


@app.command(epilog="Example: `tillbench acquirer export csv > books.csv`")
def export(
    form: Annotated[str, typer.Argument(help="csv: there is no other.")] = "csv",
    state: State = None,
    db: Db = None,
) -> None:
    """Write every transaction, all columns, card numbers masked, to standard output."""
    from tillbench.host.cli.acquirer.books import books, exported
    from tillbench.host.cli.errors import Refused

    with for_people():
        if form != "csv":
            raise Refused(f"export {form}: expected csv")
        with books(state, db) as opened:
            print(exported(opened), end="")


@app.command()
def stats(
    state: State = None,
    db: Db = None,
    by: Annotated[str, typer.Option(help="hour, type, terminal, issuer or code.", metavar="GROUP")] = "type",
) -> None:
    """Numbers, approvals, amounts and the codes that declined most, by group."""
    from tillbench.host.cli.acquirer.books import books, statistics

    with for_people(), books(state, db) as opened:
        for line in statistics(opened, by):
            print(line)


@app.command(epilog="Example: `tillbench acquirer limit 6200000000000005 --each 50000 --count 3`")
def limit(
    pan: Annotated[str, typer.Argument(help="The card's number.")],
    each: Annotated[int, typer.Option(help="Most that one transaction may be, minor units; 0: no limit.", min=0)] = 0,
    a_day: Annotated[int, typer.Option(help="Most in any 24 hours, minor units; 0: no limit.", min=0)] = 0,
    count: Annotated[int, typer.Option(help="Transactions in any 24 hours; 0: no limit.", min=0)] = 0,
    state: State = None,
    db: Db = None,
) -> None:
    """Set a card's own limits, all three: an amount too high is answered 61, one transaction too many 65."""
    from tillbench.host.cli.acquirer.books import books, limit_card

    with for_people(), books(state, db) as opened:
        print(limit_card(opened, pan, each, a_day, count))


@app.command()
def check(state: State = None, db: Db = None) -> None:
    """Audit the books: balances are sums, nothing is undone twice, totals are their parts. Exit 1 when not."""
    from tillbench.host.cli.acquirer.books import books
    from tillbench.host.cli.acquirer.books import check as faults

    with for_people(), books(state, db) as opened:
        found = faults(opened)
        for fault in found:
            print(fault)
        if found:
            raise typer.Exit(1)
        print("the books are right")
