"""What a board prints."""

from __future__ import annotations

import select
from collections.abc import Generator

from tillbench.host.boards.board_port import BoardPort
from tillbench.host.emulator.link import LinkLost

BACK_S = 60.0
_QUIET_S = 3600.0


def lines(port: BoardPort, back_s: float = BACK_S) -> Generator[str, None, None]:
    """Line by line, for as long as somebody takes them; a port that vanished is told, waited for and told again.

    Args:
        port: the board.
        back_s: how long it may be away.

    Raises:
        NoBoard: it is not there, or did not come back.
    """
    while True:
        unfinished = b""
        try:
            with port.wire("tillbench board logs") as wire:
                while True:
                    if select.select([wire], [], [], _QUIET_S)[0]:
                        *whole, unfinished = (unfinished + wire.read()).split(b"\n")
                        yield from (line.rstrip(b"\r").decode(errors="replace") for line in whole)
        except LinkLost as error:
            if unfinished:
                yield unfinished.decode(errors="replace")
            yield f"-- {error}"
        yield f"-- back on {port.wait_for(back_s)}"
