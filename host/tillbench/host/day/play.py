"""Playing the day: narrated on the console, kept as a page, judged by whether both sides agree."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from tillbench.host.cards import load_profile
from tillbench.host.day.agreement import differences
from tillbench.host.day.counter import Counter
from tillbench.host.day.page import Chapter, page
from tillbench.host.day.script import CARDS, DayFault, steps
from tillbench.host.emulator.bench import WaitTimeout
from tillbench.host.emulator.emulator import Options
from tillbench.host.emulator.line_setup import LineSetup, prepare
from tillbench.host.terminal import Terminal

EPOCH = datetime(2026, 11, 23, 9, 0, 0)
TITLES = {"en": "A day in a shop", "zh": "商店的一天"}
_OPENING = {"en": "the shop opens: sign-on", "zh": "开店:签到"}


def play_day(
    language: str,
    folder: Path,
    *,
    seed: int = 7,
    target: str = "unix",
    short: bool = False,
    say: Callable[[str], None] = print,
) -> list[str]:
    """Play the day in "en" or "zh" and write `folder`/index.html; returns what does not agree at its end.

    A day that went another way than its script is written down too, as far as it went. `short`: only what a settlement
    that differs needs.

    Raises:
        OSError: the page cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    profiles = {name: load_profile(name) for name in CARDS}
    chapters: list[Chapter] = []
    faults: list[str] = []
    with tempfile.TemporaryDirectory(prefix="tillbench-") as state:
        options = Options(Path(state), target=target, seed=seed, epoch=EPOCH)
        prepare(options, LineSetup({"language": language, "change_defaults": 0}))
        with Terminal(options, profiles.values()) as terminal:
            recorder = _Recorder(terminal, chapters, say)
            counter = Counter(terminal, language)
            counter.wait("ready")
            recorder.keep(_OPENING[language], "approved")
            try:
                for number, step in enumerate(steps(profiles), 1):
                    if short and not step.core:
                        continue
                    recorder.keep(getattr(step, language), step.play(counter, number))
                    if step.expected in ("uploaded", "flag_balanced"):
                        faults += differences(terminal)
            except (DayFault, WaitTimeout) as stopped:
                faults.append(str(stopped))
                recorder.keep("?", "fault")
    verdict = f"{len(chapters) - 1} steps; " + ("totals differ" if faults else "both sides' totals are equal")
    text = page(TITLES[language], language, chapters, verdict, faults)
    (folder / "index.html").write_text(text, encoding="utf-8")
    for fault in faults:
        say(f"DIFFERENCE  {fault}")
    say(f"{verdict}: {folder / 'index.html'}")
    return faults


class _Recorder:
    """Takes what was on the screen and on paper since it was last asked."""

    def __init__(self, terminal: Terminal, chapters: list[Chapter], say: Callable[[str], None]) -> None:
        self._terminal = terminal
        self._chapters = chapters
        self._say = say
        self._screens = self._slips = 0

    def keep(self, title: str, result: str) -> None:
        """Ends a chapter."""
        frames, slips = self._terminal.screen.frames, self._terminal.emulator.printer.receipts()
        at_s = self._terminal.clock.now_s
        self._chapters.append(Chapter(title, at_s, result, frames[self._screens :], slips[self._slips :]))
        self._screens, self._slips = len(frames), len(slips)
        self._say(f"{at_s:8.1f}  {result:14} {title}")
