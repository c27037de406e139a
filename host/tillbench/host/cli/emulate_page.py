"""`tillbench emulate --page`: terminals in the browser."""

from __future__ import annotations

import asyncio
import contextlib
import webbrowser
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tillbench.host.cards import CardProfile, load_profile, profile_names
from tillbench.host.cli.errors import Refused
from tillbench.host.emulator.emulator import Emulator, Options
from tillbench.host.emulator.timeline import Timeline, TraceFile
from tillbench.host.web.serve import LOOPBACK, bind, serve_until_signal
from tillbench.host.web.till import Till

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

    def serve(
        self,
        options: Options,
        card: str,
        trace: Path | None = None,
        meanwhile: Callable[[Sequence[Till]], Awaitable[None]] | None = None,
    ) -> None:
        """Serve until Ctrl-C or SIGTERM.

        Args:
            options: of the first terminal.
            card: first on the tray.
            trace: file for the first terminal's timeline.
            meanwhile: begun with the terminals once the page can be opened.

        Raises:
            Refused: too many terminals, or the trace cannot be written.
            CannotServe: the port is taken, or the address is none of this computer's.
            ProfileError: there is no such card.
        """
        if not 1 <= self.terminals <= MOST_TERMINALS:
            raise Refused(f"--terminals {self.terminals}: expected 1 to {MOST_TERMINALS}")
        names = sorted(profile_names(), key=lambda name: name != card)
        profiles = [load_profile(name) for name in (names if card in names else [card, *names])]
        with contextlib.ExitStack() as stack:
            site = bind(self.listen, self.port)
            stack.callback(site.listener.close)
            tills = [_till(number, options, profiles, trace, stack) for number in range(1, self.terminals + 1)]

            async def ready() -> None:
                print(f"page:    {site.url}  (Ctrl-C ends it)", flush=True)
                if self.browse:
                    await asyncio.to_thread(webbrowser.open, site.url)
                if meanwhile is not None:
                    await meanwhile(tills)

            asyncio.run(serve_until_signal(site, tills, ready))


def _till(
    number: int, options: Options, profiles: list[CardProfile], trace: Path | None, stack: contextlib.ExitStack
) -> Till:
    if number > 1:
        folder = options.state / f"terminal-{number}"
        folder.mkdir(parents=True, exist_ok=True)
        seed = None if options.seed is None else f"{options.seed}/{number}"
        options = replace(options, state=folder, seed=seed, printer_port=None)
    elif trace is not None:
        return Till(1, lambda: Emulator(options, profiles), stack.enter_context(_traced(trace)))
    return Till(number, lambda: Emulator(options, profiles))


@contextlib.contextmanager
def _traced(path: Path) -> Iterator[Callable[[Timeline], None]]:
    files: list[TraceFile] = []
    try:
        # By lines: a killed emulator leaves a whole trace up to its last moment.
        file = path.open("w", encoding="utf-8", buffering=1)
    except OSError as error:
        raise Refused(f"--trace {path}: {error.strerror}") from None
    try:
        yield lambda timeline: files.append(TraceFile(timeline, file))
    finally:
        for each in files:
            each.close()
        file.close()
