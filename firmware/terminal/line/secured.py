"""TLS with a host whose certificate is checked, and with a certificate of the terminal's own where the host asks."""

import asyncio

from crypto.wiping import wipe

from terminal.line import credentials
from terminal.line.watched import NoLine, close

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.app import Terminal
    from terminal.board import Reader, Writer

_WHY = {
    "UNKNOWN_CA": "tls_unknown_ca",
    "WRONG_NAME": "tls_wrong_name",
    "EXPIRED": "tls_expired",
    "NOT_YET_VALID": "tls_not_yet",
    "NO_CERTIFICATE": "tls_wants_own",
    "CERTIFICATE_REFUSED": "tls_own_refused",
    "CREDENTIALS": "tls_own_bad",
}
"""What a board says of a handshake that failed, and the text for it."""


def check_ready(terminal: Terminal) -> None:
    """Raises NoLine when TLS cannot be, whatever the host does: then nothing needs to be connected."""
    if not terminal.board.line.has_tls:
        raise NoLine("tls_missing")
    if credentials.stored(terminal, "authority") is None:
        raise NoLine("tls_no_authority")


async def handshake(terminal: Terminal, streams: "tuple[Reader, Writer]") -> "tuple[Reader, Writer]":
    """Reader and writer of what is inside, within `tls_ms`. Raises NoLine; the connection is closed then.

    The dates of the host's certificates are held against the terminal's own clock, by days: not every port looks at
    them, and one that does has a clock that nobody may have set.
    """
    p, line = terminal.parameters, terminal.board.line
    today = terminal.clock.now()[:8]
    outdated: list[str] = []

    def seen(certificate: "bytes | bytearray | memoryview") -> None:
        first, last = credentials.validity(bytes(certificate))
        if not first <= today <= last:
            outdated.append("tls_expired" if today > last else "tls_not_yet")

    authority = credentials.stored(terminal, "authority") or b""
    key = credentials.key_of(terminal)
    own = credentials.stored(terminal, "certificate") if key else None
    name = p.tls_name or p.host or line.host
    secured = None
    try:
        found = await asyncio.wait_for_ms(line.secure(streams, name, authority, own or b"", key, seen), p.tls_ms)
        if not outdated:
            secured = found
            return secured
    except asyncio.TimeoutError:
        raise NoLine("tls_silent")
    except OSError:
        raise NoLine("tls_broken")
    except Exception as fault:
        reason = getattr(fault, "reason", None)
        if reason is None:
            raise
        raise NoLine(_WHY.get(reason, "tls_refused"), getattr(fault, "detail", ""))
    finally:
        wipe(key)
        if secured is None:
            await close(streams[1])
    raise NoLine(outdated[0])
