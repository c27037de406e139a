"""`tillbench session`: its commands; what they do is in `cli/session_*.py`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from tillbench.host.cli.errors import for_people

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="markdown",
    help="What cards and terminals said to each other: recorded, shown, replayed, compared. Test cards only: a card "
    "that is not the bench's is read, and stored masked.",
)

File = Annotated[Path, typer.Argument(help="A session, JSON Lines.", metavar="FILE")]
CardName = Annotated[
    str | None, typer.Option("--card", help="A virtual card: shipped, or the path of a .yaml file.", metavar="NAME")
]
ReaderName = Annotated[
    str | None, typer.Option("--reader", help="A PC/SC reader, by a part of its name.", metavar="NAME")
]
Full = Annotated[
    bool, typer.Option("--full", help="Store every digit: only for a card of the test CA. Else PAN, name... are stars.")
]
Out = Annotated[Path, typer.Option("--out", "-o", help="The file to write.", metavar="FILE")]
Amount = Annotated[str, typer.Option(help="As on a price tag.", metavar="12.34")]
Pin = Annotated[str, typer.Option(help="What the holder of a virtual card types: right, wrong, none.")]
Line = Annotated[bool, typer.Option("--line/--no-line", help="Whether the issuer can be reached.")]


def _given(context: typer.Context) -> frozenset[str]:
    """The options that were typed: one that has nothing to do here is refused, not passed over."""
    # By the source's name: which `ParameterSource` it is depends on whether typer has brought a click of its own.
    return frozenset(
        "/".join((parameter.opts[0], *parameter.secondary_opts))
        for parameter in context.command.params
        if parameter.name and str(context.get_parameter_source(parameter.name)).endswith("COMMANDLINE")
    )


@app.command(
    context_settings={"allow_extra_args": True},  # the command after `--`
    epilog="Examples:\n\n"
    "- `tillbench session record sale.jsonl --card visa-cda --full` (the device's kernel sells)\n\n"
    "- `tillbench session record sale.jsonl --card visa-cda --terminal` (the whole terminal, from its slot)\n\n"
    "- `tillbench session record sale.jsonl --reader acs` (the kernel, and a card in a reader)\n\n"
    "- `tillbench session record talk.jsonl --card visa-cda -- opensc-tool -n` (between a PC/SC program and a card; "
    "until it ends, or Ctrl-C)",
)
def record(
    context: typer.Context,
    file: File,
    card: CardName = None,
    reader: ReaderName = None,
    terminal: Annotated[bool, typer.Option("--terminal", help="Record a sale in the terminal's own slot.")] = False,
    target: Annotated[str, typer.Option(help="What runs the terminal: unix or qemu.", metavar="TARGET")] = "unix",
    amount: Amount = "12.34",
    pin: Pin = "right",
    line: Line = True,
    full: Full = False,
) -> None:
    """Record a sale, or what a PC/SC program says to a card. PINs are never recorded."""
    with for_people():
        from tillbench.host.cli.session_record import Wish, record_to

        wish = Wish(
            *(card, reader, terminal, target, amount, pin, line, full), tuple(context.args), given=_given(context)
        )
        status = record_to(file, wish)
    raise typer.Exit(status)


@app.command()
def show(
    file: File,
    short: Annotated[bool, typer.Option("--short", help="One line for each command.")] = False,
) -> None:
    """A session in words: phases, commands, data objects, bits. PANs are masked, whatever the file holds."""
    with for_people():
        from tillbench.host.cli.session_files import read
        from tillbench.host.session.tell import tell

        for told in tell(read(file), details=not short):
            print(told)


@app.command(
    context_settings={"allow_extra_args": True},
    epilog="Examples:\n\n"
    "- `tillbench session replay sale.jsonl --as terminal --card visa-cda --amount 99.00 --date 261224`\n\n"
    "- `tillbench session replay sale.jsonl --as card -- pcsc_scan` (without a program: until Ctrl-C)\n\n"
    "- `tillbench session replay sale.jsonl --as both` (the device's kernel and the recorded card)",
)
def replay(
    context: typer.Context,
    file: File,
    role: Annotated[str, typer.Option("--as", help="card, terminal, or both.", metavar="ROLE")],
    card: CardName = None,
    reader: ReaderName = None,
    amount: Annotated[str | None, typer.Option(help="Another amount.", metavar="12.34")] = None,
    date: Annotated[str | None, typer.Option(help="Another date.", metavar="YYMMDD")] = None,
    seed: Annotated[int | None, typer.Option(help="Everything else that is new comes from it.", metavar="N")] = None,
    keys: Annotated[
        str | None, typer.Option(help="The card whose keys sign for the recorded one; found by name or PAN.")
    ] = None,
    record_to: Annotated[
        Path | None, typer.Option("--record", help="Write the new session to this file.", metavar="FILE")
    ] = None,
    full: Full = False,
    system: Annotated[bool, typer.Option("--system", help="As card: in the machine's own pcscd.")] = False,
    every: Annotated[bool, typer.Option("--all", help="Show also the expected and cosmetic differences.")] = False,
) -> None:
    """Play a recorded card, terminal or both again, at fresh inputs; exit 1 if something other came of it.

    The unpredictable number is always new. The card signs anew where its keys are the test CA's; without them it plays
    to its first cryptogram.
    """
    with for_people():
        from tillbench.host.cli.session_replay import Replay, replay_as

        wish = Replay(
            *(card, reader, amount, date, seed, keys, record_to, full, system, every),
            command=tuple(context.args),
            given=_given(context),
        )
        status = replay_as(role, file, wish)
    raise typer.Exit(status)


@app.command(
    epilog="Example: `tillbench session compare monday.jsonl tuesday.jsonl`; exit 1 if something else was said"
)
def compare(
    first: File,
    second: Annotated[Path, typer.Argument(help="The other session.", metavar="OTHER")],
    every: Annotated[bool, typer.Option("--all", help="Show also the expected and cosmetic differences.")] = False,
) -> None:
    """What is different, and of what kind: semantic (phase, tag, bit), timing; with --all cosmetic and expected."""
    with for_people():
        from tillbench.host.cli.session_files import compared, read

        status = compared(read(first), read(second), every=every)
    raise typer.Exit(status)


@app.command(
    "import",
    epilog="Example: `tillbench session import pcscd.log -o talk.jsonl`. "
    "Formats: pcscd, cardpeek, apdu4j, gpp, proxmark, hex, yaml.",
)
def import_(
    file: Annotated[Path, typer.Argument(help="A log of another program.", metavar="FILE")],
    out: Out,
    form: Annotated[
        str | None, typer.Option("--from", help="Its format; found by its content without.", metavar="FORMAT")
    ] = None,
    full: Full = False,
) -> None:
    """Make a session of another program's log; PINs in it are left behind."""
    with for_people():
        from tillbench.host.cli.session_files import imported

        imported(file, out, form, full=full)


@app.command(epilog="Example: `tillbench session export sale.jsonl -o sale.pcap`. Formats: pcap, cardpeek, markdown.")
def export(
    file: File,
    out: Out,
    form: Annotated[
        str | None, typer.Option("--to", help="The format; found by the ending of the file's name without.")
    ] = None,
) -> None:
    """Write a session for other programs: Wireshark (GSMTAP in pcap), cardpeek, or people (Markdown)."""
    with for_people():
        from tillbench.host.cli.session_files import exported

        exported(file, out, form)


@app.command()
def mask(file: File, out: Out) -> None:
    """A copy with stars for PAN, track data, name, certificates and all that nobody here can name."""
    with for_people():
        from tillbench.host.cli.session_files import masked

        masked(file, out)
