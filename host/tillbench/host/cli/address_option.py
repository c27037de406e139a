"""Options that take the address of a host."""

from __future__ import annotations

from tillbench.host.cli.errors import Refused


def host_and_port(option: str, text: str) -> tuple[str, int]:
    """The two parts of `text`. Raises Refused if it is no address; `option` is named."""
    host, colon, port = text.rpartition(":")
    if not colon or not host or not port.isdigit() or not 0 < int(port) < 65536:
        raise Refused(f"{option} {text!r}: expected HOST:PORT, as in 127.0.0.1:8583")
    return host.strip("[]"), int(port)
