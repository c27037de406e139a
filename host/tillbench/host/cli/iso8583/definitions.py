"""The commands about dialects: their field tables, and definitions of other tools turned into ours."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
import yaml
from tillbench.host.cli.errors import Refused, for_people
from tillbench.host.cli.iso8583 import output
from tillbench.host.cli.iso8583.input import read_dialect
from tillbench.host.cli.iso8583.options import DialectName, Output
from tillbench.host.cli.iso8583.output import Format
from tillbench.protocols.iso8583.definition_export import to_data
from tillbench.protocols.iso8583.describe_table import heading, markdown, plain
from tillbench.protocols.iso8583.describe_table import table as rows_of
from tillbench.protocols.iso8583.files import SUFFIXES


def table(
    dialect: DialectName = "unionpay",
    as_markdown: Annotated[bool, typer.Option("--markdown", help="As a table for a page of documentation.")] = False,
    format: Output = Format.plain,
) -> None:
    """Print the fields of a dialect."""
    with for_people():
        definition = read_dialect(dialect)
        rows = rows_of(definition)
        if as_markdown:
            print("\n".join(markdown(rows)))
        elif format is Format.json:
            print(output.as_json({"dialect": definition.name, "fields": [row._asdict() for row in rows]}))
        elif format is Format.rich:
            output.print_rich(output.rich_table(rows, heading(definition)))
        else:
            print("\n".join([heading(definition), "", *plain(rows)]))


def import_(
    file: Annotated[
        str, typer.Argument(help="A GenericPackager (XML), moov's JSON, pyiso8583's (Python, JSON).", metavar="FILE")
    ],
    name: Annotated[str, typer.Option(help="The dialect's name; else the definition's or the file's.")] = "",
    format: Output = Format.plain,
) -> None:
    """Print another tool's definition as a dialect of ours, in YAML or JSON, to keep, change and use as `--dialect`."""
    with for_people():
        if Path(file).suffix.lower() not in SUFFIXES:
            raise Refused(f"{file}: expected a file {', '.join(SUFFIXES)}")
        data = to_data(read_dialect(file))
        if name:
            data["name"] = name
        if format is Format.json:
            print(output.as_json(data))
        else:
            print(yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=120), end="")
