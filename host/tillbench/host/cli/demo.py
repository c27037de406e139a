"""`tillbench demo`: one sale, from the first key to the torn-off slip, with every wire decoded."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from tillbench.host.acquirer.certificates import Certificates, make
from tillbench.host.acquirer.tls import server_context
from tillbench.host.cards import load_profile
from tillbench.host.cli.errors import Refused
from tillbench.host.devices.text_art import braille, half_blocks
from tillbench.host.emulator.desk import DeskError
from tillbench.host.emulator.emulator import Options
from tillbench.host.emulator.line_setup import prepare, tls_setup
from tillbench.host.emulator.timeline import Entry, Timeline, TraceFile
from tillbench.host.terminal import Terminal

WIDE = 132
EPOCH = datetime(2026, 11, 23, 16, 0, 0)
"""A seeded run has the same date each time: it is on the slip and in every message."""


class Narrator:
    """Prints a timeline as it happens."""

    def __init__(self, columns: int) -> None:
        self._art = half_blocks if columns >= WIDE else braille

    def __call__(self, entry: Entry) -> None:
        """Print one entry; keys are seen on the screen, and printed lines on the slip."""
        if entry.wire in ("printer", "leds", "buzzer"):
            return
        stamp = "   *    " if entry.t_us is None else f"{entry.t_us / 1_000_000:8.3f}"
        print(f"{stamp}  {entry.wire:7} {entry.event}")
        for line in entry.lines:
            print(f"{'':18}{line}")
        if entry.shown is not None:
            print(self._art(entry.shown.pixels))


def play(
    card: str,
    amount: str,
    seed: int | None,
    trace: Path | None,
    out: Path,
    *,
    target: str = "unix",
    columns: int | None = None,
    tls: bool = False,
    slot: str = "pins",
) -> bool:
    """Play a sale and narrate it; True if it was approved.

    Args:
        card: name of a card profile.
        amount: as on a price tag, "12.34".
        seed: same seed, same run, to the byte.
        trace: file for the timeline.
        out: folder for receipt.png and screen.png.
        target: what runs the firmware.
        columns: width of the console.
        tls: by TLS, with certificates of its own; then what is on the line is the same in no two runs.
        slot: how the terminal gets at the card.

    Raises:
        Refused: the amount is none, or a file cannot be written.
    """
    keys = " ".join(digits_of(amount))
    with tempfile.TemporaryDirectory(prefix="tillbench-") as state:
        epoch = EPOCH if seed is not None else None
        options = Options(Path(state), target=target, seed=seed, epoch=epoch, watch_heap=True, slot=slot)
        certificates = _prepared_for_tls(options) if tls else None
        terminal = Terminal(options)
        if certificates is not None:
            terminal.line.tls = server_context(
                certificates.host.certificate, certificates.host.key, certificates.authority
            )
        profile = terminal.emulator.profile(card)
        timeline = Timeline(terminal.emulator)
        timeline.listeners.append(Narrator(columns or shutil.get_terminal_size().columns))
        file = None
        make_folder(out)
        try:
            file = TraceFile(timeline, trace.open("w", encoding="utf-8")) if trace else None
        except OSError as error:
            raise Refused(f"cannot write {error.filename}: {error.strerror}") from None
        try:
            with terminal:
                approved = _sale(terminal, card, keys, profile.pin, out)
                memory = terminal.emulator.bench.ask_memory()
        finally:
            if file is not None:
                file.close()
        exchange = terminal.acquirer.journal("0200")[-1:]
        print(verdict(approved, exchange[0].code if exchange else "no message sent", out))
        heap = f"{memory.peak:,} bytes at most, {memory.used:,} after the sale, {memory.free:,} free"
        print(f"heap:    {heap} ({target})")
    if trace:
        print(f"trace:   {trace}")
    return approved


def _prepared_for_tls(options: Options) -> Certificates:
    """The certificates of both ends, after the terminal was told its own. Raises Refused."""
    folder = options.state / "tls"
    days = sorted((options.epoch or datetime.now(), datetime.now()))
    # By the terminal's clock and by this computer's, which its Mbed TLS goes by.
    made = make(folder, ("acquirer",), (days[1] - days[0]).days + 30, days[0].replace(tzinfo=UTC))
    try:
        prepare(options, tls_setup(folder))
    except DeskError as error:
        raise Refused(f"--tls: {error}") from None
    return made


def sell_once(card: str, amount: str, folder: Path, *, target: str, watch: Callable[[Terminal], object]) -> bool:
    """The same sale, with that card alone in the acquirer's books, told to nobody but `watch`, which gets the terminal
    before it is switched on; its state and pictures go into `folder`. Raises Refused, ProfileError."""
    keys, profile = " ".join(digits_of(amount)), load_profile(card)
    terminal = Terminal(Options(folder / "state", target=target), [profile])
    watch(terminal)
    with terminal:
        return _sale(terminal, profile.name, keys, profile.pin, folder)


def make_folder(out: Path) -> None:
    """For the pictures. Raises Refused."""
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Refused(f"cannot write {error.filename}: {error.strerror}") from None


def digits_of(amount: str) -> str:
    """The digits to key in for "12.34": cents shift in from the right. Raises Refused if it is no amount."""
    whole, point, cents = amount.partition(".")
    if not amount.isascii() or not whole.isdigit() or (point and not (len(cents) == 2 and cents.isdigit())):
        raise Refused(f"--amount {amount!r}: expected yuan and two digits of fen, as in 12.34")
    digits = f"{whole}{cents or '00'}".lstrip("0")
    if not digits or len(digits) > 9:
        raise Refused(f"--amount {amount!r}: expected 0.01 to 9999999.99")
    return digits


def _sale(terminal: Terminal, card: str, keys: str, pin: str, out: Path) -> bool:
    """Be merchant and cardholder; True if the terminal says APPROVED."""
    screen = terminal.screen
    screen.wait_text("READY")
    terminal.press(f"{keys} ENTER")
    screen.wait_text("INSERT CARD")
    terminal.card.insert(card)
    shown = screen.wait_any("APPLICATION", "ENTER PIN", "REMOVE CARD")
    if "APPLICATION" in shown.text:
        terminal.press("1")
        shown = screen.wait_any("ENTER PIN", "REMOVE CARD")
    if "ENTER PIN" in shown.text:
        terminal.press(" ".join(pin) + " ENTER")
        shown = screen.wait_text("REMOVE CARD")
    screen.save(out / "screen.png")
    approved = "NOT APPROVED" not in shown.text and "APPROVED" in shown.text
    terminal.card.remove()
    if approved:
        slip = terminal.receipt()
        slip.png(out / "receipt.png")
        print(f"\n{slip.text}\n")
        screen.wait_text("TEAR OFF")
        terminal.press("ENTER")
        terminal.receipt()
    screen.wait_any("READY", "SIGN ON FIRST", "REVERSAL PENDING")
    return approved


def verdict(approved: bool, code: str, out: Path) -> str:
    """How it ended, and where the pictures are."""
    lines = [f"{'APPROVED' if approved else 'NOT APPROVED'} (F39 {code})"]
    if approved:
        lines.append(f"receipt: {out / 'receipt.png'}")
    lines.append(f"screen:  {out / 'screen.png'}")
    return "\n".join(lines)
