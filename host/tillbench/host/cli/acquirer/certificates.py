"""`tillbench acquirer certificates`: make them, and say what each file is for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tillbench.host.acquirer.certificates import make
from tillbench.host.cli.errors import Refused


def run(out: Path, names: tuple[str, ...], days: int) -> Iterator[str]:
    """The lines to print. Raises Refused."""
    try:
        made = make(out, names, days)
    except OSError as error:
        raise Refused(f"--out {out}: {error.strerror}") from None
    except ValueError as error:
        raise Refused(f"--name: {error}") from None
    yield f"{made.authority}  the authority that both ends trust; its key is not kept"
    yield f"{made.host.certificate}, {made.host.key}  the host's, for {', '.join(names)}"
    yield f"{made.terminal.certificate}, {made.terminal.key}  a terminal's"
    yield f"valid {days} days"
