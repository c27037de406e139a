"""`mpremote`'s transport on a port that a `BoardPort` has opened: its raw REPL, its paste mode, its file operations."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from tillbench.host.boards.board_port import BoardPort

if TYPE_CHECKING:
    from serial import Serial

PATIENCE_S = 10.0


class NoMpremote(Exception):
    """`mpremote` is not installed."""


class TransportFailed(Exception):
    """The board did not do what it was asked, or is gone; the message has what it said."""


def _mpremote() -> tuple[Any, Any, Any]:
    """Its transport, its error, and its error for what the board has raised."""
    try:
        from mpremote.transport import TransportError, TransportExecError  # type: ignore[import-untyped]  # it has no types
        from mpremote.transport_serial import SerialTransport  # type: ignore[import-untyped]  # it has no types
    except ImportError:
        raise NoMpremote("no mpremote, which copies files to a board: pip install 'tillbench[boards]'") from None
    return SerialTransport, TransportError, TransportExecError


def _on(cls: Any, port: Serial) -> Any:
    """A transport that has not opened its port itself, and so has not touched DTR and RTS."""
    transport = cls.__new__(cls)
    transport.in_raw_repl = False
    transport.use_raw_paste = True
    transport.device_name = port.port
    transport.mounted = False
    transport.serial = port
    transport.is_pty = cls._is_pty_device(port.port)
    return transport


@contextmanager
def raw_repl(port: BoardPort) -> Iterator[Any]:
    """The board at its raw REPL; what ran there is interrupted, and the friendly prompt is back afterwards.

    Raises:
        NoBoard: its port is not there.
        NoMpremote: it is not installed.
        TransportFailed: no MicroPython answers, an operation failed, or the port went away.
    """
    cls, failed, raised = _mpremote()
    name = port.board.name
    with port.opened("mpremote") as serial:
        serial.timeout = PATIENCE_S
        serial.inter_byte_timeout = 1
        transport = _on(cls, serial)
        try:
            transport.enter_raw_repl(soft_reset=False, timeout_overall=PATIENCE_S)
            yield transport
            transport.exit_raw_repl()
        except raised as error:
            last = error.error_output.strip().splitlines()[-1:] or ["it says nothing"]
            raise TransportFailed(f"{name}: the board answered: {last[0]}") from error
        except (failed, OSError, TypeError, ValueError, struct.error) as error:
            # mpremote itself stumbles over a read that came back short: those errors are a silent board too.
            raise TransportFailed(f"{name}: no MicroPython answers any more ({error})") from error
