"""The `tillbench` command."""

import sys


def main() -> None:
    """Entry point. Imports nothing before it can be interrupted without a traceback."""
    try:
        from tillbench.host.cli.app import app

        app()
    except KeyboardInterrupt:
        sys.exit(130)
