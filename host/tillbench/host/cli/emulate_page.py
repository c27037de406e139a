"""`--page`: terminals in the browser."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import webbrowser
from collections.abc import Callable
from dataclasses import dataclass, replace

from tillbench.host.cli.errors import Refused
from tillbench.host.web.serve import LOOPBACK, Show, bind, serve_until_signal

MOST_TERMINALS = 16


@dataclass(frozen=True)
class Page:
    """Where the page is served, and what is on it.

    Attributes:
        port: None: the first free one from the usual on.
        listen: address; elsewhere than on loopback it needs the token that is printed.
        terminals: how many; the second and following ones have folders of their own in the first one's.
        browse: open it in the computer's browser.
    """

    port: int | None = None
    listen: str = LOOPBACK
    terminals: int = 1
    browse: bool = False

    def serve(self, load: Callable[[contextlib.ExitStack], Show]) -> None:
        """Serve until Ctrl-C or SIGTERM.

        Args:
            load: called in a thread while the browser gets the page, so that it is the one to import what takes time;
                what it enters into the stack is left at the end.

        Raises:
            Refused: too many terminals.
            CannotServe: the port is taken, or the address is none of this computer's.
            Exception: what `load` raises.
        """
        if not 1 <= self.terminals <= MOST_TERMINALS:
            raise Refused(f"--terminals {self.terminals}: expected 1 to {MOST_TERMINALS}")
        with contextlib.ExitStack() as stack:
            site = bind(self.listen, self.port)
            stack.callback(site.listener.close)

            def loaded() -> Show:
                show = load(stack)

                async def ready() -> None:
                    print(f"page:    {site.url}  (Ctrl-C ends it)", flush=True)
                    if show.meanwhile is not None:
                        await show.meanwhile()

                return replace(show, meanwhile=ready)

            if self.browse:
                threading.Thread(target=webbrowser.open, args=(site.url,), daemon=True).start()
            asyncio.run(serve_until_signal(site, loaded))
