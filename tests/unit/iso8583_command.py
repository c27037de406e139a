"""`tillbench iso8583 ...` in this process, and the frames that its tests use."""

from __future__ import annotations

from tillbench.host.cli.app import app
from tillbench.protocols.iso8583 import UNIONPAY
from tillbench.protocols.iso8583.lines import LINES
from tillbench.protocols.iso8583.samples import sale
from typer.testing import CliRunner, Result

BODY = UNIONPAY.encode(sale())
FRAME = LINES["unionpay"].build(BODY, bytes.fromhex("6000030000"), bytes.fromhex("603100310000"))
"""A sale with field 55 as the terminal sends it."""


def iso8583(*arguments: str, given: bytes = b"") -> Result:
    """The command run with these arguments and this standard input; no traceback may come of it."""
    result = CliRunner().invoke(app, ["iso8583", *arguments], input=given)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result
