"""`tillbench iso8583`: messages decoded, made, described, compared and diagnosed, and the tables of the dialects."""

from __future__ import annotations

import typer
from tillbench.host.cli.iso8583 import definitions, diagnosis, messages

app = typer.Typer(
    name="iso8583",
    no_args_is_help=True,
    help="Decode, make, describe, compare and diagnose ISO 8583 messages. Card data is masked unless you ask.",
    rich_markup_mode="markdown",
)
app.command(epilog="Example: `tillbench iso8583 decode --dialect cup 0200...`, `... decode -d iso87-ascii line.pcap`")(
    messages.decode
)
app.command(epilog="Example: `tillbench iso8583 describe --bits --dialect cup 0200...`")(messages.describe)
app.command(epilog='Example: `tillbench iso8583 encode -d cup \'{"mti": "0800", "fields": {"11": "000001"}}\'`')(
    messages.encode
)
app.command(epilog="Example: `tillbench iso8583 diff --dialect cup request.hex answer.hex`")(messages.diff)
app.command(epilog="Example: `tillbench iso8583 diagnose --dialect iso87-bcd frame.hex`")(diagnosis.diagnose)
app.command(epilog="Example: `tillbench iso8583 table --dialect iso87-bcd --markdown`")(definitions.table)
app.command("import", epilog="Example: `tillbench iso8583 import iso87ascii.xml > acme.yaml`")(definitions.import_)
