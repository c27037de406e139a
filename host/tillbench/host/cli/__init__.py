"""The `tillbench` command."""

from tillbench.host.cli.app import main

__all__ = ["main"]
