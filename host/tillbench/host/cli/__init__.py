"""The `tillbench` command."""

import sys


def main() -> None:
    """Entry point. Imports nothing before it can be interrupted without a traceback."""
    try:
        for stream in (sys.stdout, sys.stderr):
            # A console that is not UTF-8 shows question marks for a picture, and not a traceback.
            stream.reconfigure(errors="replace")  # type: ignore[union-attr]
        from tillbench.host.cli.app import app

        app()
    except KeyboardInterrupt:
        sys.exit(130)
