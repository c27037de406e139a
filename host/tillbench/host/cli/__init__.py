"""The `tillbench` command."""

import gc
import sys


def main() -> None:
    """Entry point. Imports nothing before it can be interrupted without a traceback."""
    # What is imported stays, and there is much of it: to look for garbage in between costs a sixth of the start.
    gc.set_threshold(50_000)
    try:
        for stream in (sys.stdout, sys.stderr):
            # A console that is not UTF-8 shows question marks for a picture, and not a traceback.
            stream.reconfigure(errors="replace")  # type: ignore[union-attr]  # a text stream, unless somebody has put something else there
        from tillbench.host.cli.app import app

        app()
    except KeyboardInterrupt:
        sys.exit(130)
