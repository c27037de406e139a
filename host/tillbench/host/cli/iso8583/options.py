"""The arguments and options that the commands of `tillbench iso8583` share."""

from __future__ import annotations

from typing import Annotated

import typer
from tillbench.host.cli.iso8583.output import Format

Source = Annotated[
    str, typer.Argument(help="Hex, the name of a file (hex, binary or pcap), or - for standard input.", metavar="FRAME")
]
DialectName = Annotated[
    str, typer.Option("--dialect", "-d", help="A dialect's name, or a file: Python, YAML, JSON, XML.", metavar="NAME")
]
LineName = Annotated[
    str, typer.Option("--line", "-l", help="What stands before the message; `auto` finds out.", metavar="NAME")
]
AsText = Annotated[bool, typer.Option("--text", help="The frame is given as characters, not as hex.")]
Unmasked = Annotated[bool, typer.Option("--unmasked", help="Show card numbers, PIN blocks and keys: test data only.")]
Output = Annotated[Format, typer.Option("--format", "-f", help="How to print.")]
