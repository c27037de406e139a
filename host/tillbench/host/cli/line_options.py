"""`tillbench line`: its options; what it does is in `cli/line.py`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from tillbench.host.cli.errors import for_people

LINE_EXAMPLES = (
    "Examples:\n\n"
    "- `tillbench line --to 127.0.0.1:8583 --seed 7 --drop 0.05 --dup 0.05 --record line.jsonl`\n\n"
    "- `tillbench line --to 127.0.0.1:8583 --message 0210 --delay 1:65000` (every answer to a sale comes late)\n\n"
    "- `tillbench line --to host.example:443 --framing bare --dialect none --baud 1200` (any bytes, TLS too)"
)

Probability = Annotated[float, typer.Option(help="Chance for each message, 0 to 1.", min=0, max=1, metavar="P")]


def line(
    to: Annotated[str, typer.Option(help="The host's address.", metavar="HOST:PORT")],
    listen: Annotated[
        str, typer.Option(help="Where terminals connect; port 0 takes any free one.", metavar="HOST:PORT")
    ] = "127.0.0.1:9583",
    seed: Annotated[int | None, typer.Option(help="The same seed, the same faults.", metavar="N")] = None,
    scenario: Annotated[Path | None, typer.Option(help="Rules for what goes wrong, YAML.", metavar="FILE")] = None,
    drop: Probability = 0.0,
    dup: Probability = 0.0,
    reorder: Probability = 0.0,
    split: Probability = 0.0,
    merge: Probability = 0.0,
    flip: Probability = 0.0,
    half_close: Probability = 0.0,
    reset: Probability = 0.0,
    delay: Annotated[str | None, typer.Option(help="Chance and milliseconds.", metavar="P:MS | P:LOW-HIGH")] = None,
    baud: Annotated[int | None, typer.Option(help="Bits a second each way, 10 for a byte.", min=50)] = None,
    message: Annotated[
        str | None, typer.Option(help="Only messages of this type, as 0200, or `opaque`.", metavar="MTI")
    ] = None,
    way: Annotated[str | None, typer.Option(help="Only this way: to-host or to-terminal.", metavar="WAY")] = None,
    framing: Annotated[
        str, typer.Option(help="How messages are marked off; `bare`: a message is what one read gives.", metavar="NAME")
    ] = "unionpay",
    dialect: Annotated[
        str, typer.Option(help="What reads the message types; `none`: nothing is read.", metavar="NAME")
    ] = "unionpay",
    record: Annotated[Path | None, typer.Option(help="Write the timeline, one JSON object a line.")] = None,
    contents: Annotated[
        bool, typer.Option("--contents", help="The timeline also holds what messages say, masked.")
    ] = False,
) -> None:
    """Put a line between a terminal and a host that drops, delays, repeats, reorders, cuts and spoils messages.

    The same seed does the same to the same messages.
    """
    from tillbench.host.cli import line as lines

    with for_people():
        faults = lines.scenario_of(
            scenario,
            baud,
            drop=drop,
            duplicate=dup,
            reorder=reorder,
            split=split,
            merge=merge,
            flip=flip,
            half_close=half_close,
            reset=reset,
            delay=lines.delay_of(delay),
            message=message,
            way=way,
        )
        lines.run(listen, to, faults, seed, lines.framing_of(framing), lines.dialect_of(dialect), record, contents)
