"""`tillbench session record`: a card and whoever sells to it, with the recorder between them."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tillbench.host.cards import VirtualCard, load_profile
from tillbench.host.cli.emv_transact import ask_pin, minor_units, run
from tillbench.host.cli.errors import INTERRUPTED, Refused
from tillbench.host.cli.serving import TERMINATED, Terminated, die_softly
from tillbench.host.cli.serving import run as run_with_reader
from tillbench.host.cli.session_files import refuse_what_is_not_for, write
from tillbench.host.emulator.emulator import check_target
from tillbench.host.emv_run import Order
from tillbench.host.emv_run.card_guard import Slot
from tillbench.host.emv_run.pcsc_slot import NoReader, PcscSlot
from tillbench.host.emv_run.reader_counter import ReaderCounter, terminal_for_any_card
from tillbench.host.emv_run.sale import WRONG_DIGITS, Counter, terminal_for
from tillbench.host.pcsc import Insertion, PrivatePcscd, ServedCard
from tillbench.host.session import Header, Session
from tillbench.host.session.between import Between, GuardedSlot
from tillbench.host.session.recorder import Recorder, utc_now

_SEEN_S = 20.0
_NOT_FOR = {
    "--terminal": ("--pin", "--line/--no-line"),  # its sale is by the right PIN, with the acquirer's line
    "a program": ("--target", "--amount", "--pin", "--line/--no-line"),
    "--reader": ("--target", "--pin"),  # who holds a real card types its PIN
    "--card alone": ("--target",),
}


@dataclass(frozen=True)
class Wish:
    """The options; `given`: those that were typed, as `--pin`."""

    card: str | None
    reader: str | None
    terminal: bool
    target: str
    amount: str
    pin: str
    line: bool
    full: bool
    command: tuple[str, ...]
    given: frozenset[str] = frozenset()


def record_to(file: Path, wish: Wish) -> int:
    """Record, and write what may be written. Returns the exit status of the program, 0 without one.

    Raises Refused, SessionError, ProfileError, NoPcsc, NoMicroPython.
    """
    _refuse(file, wish)
    status = 0
    die_softly()
    try:
        if wish.terminal:
            session = _in_the_terminal(wish)
        elif wish.command:
            session, status = between_program_and_card(wish)
        else:
            session = _with_the_kernel(wish)
    except Terminated:
        return TERMINATED
    write(session, file, full=wish.full, trusted=wish.card is not None)
    return status


def _refuse(file: Path, wish: Wish) -> None:
    """What does not go together. Raises Refused."""
    if (wish.card is None) == (wish.reader is None):
        raise Refused("expected one of --card NAME and --reader NAME")
    if wish.pin not in ("right", "wrong", "none"):
        raise Refused(f"--pin {wish.pin}: expected right, wrong or none")
    if not file.absolute().parent.is_dir():
        raise Refused(f"{file}: there is no folder {file.parent}")
    if wish.terminal and (wish.reader or wish.command):
        raise Refused("--terminal: the terminal's slot takes a virtual card, and no other program: only --card")
    refuse_what_is_not_for(_kind(wish), _NOT_FOR, wish.given)
    try:
        check_target(wish.target)
    except ValueError as error:
        raise Refused(f"--target {wish.target}: {error}") from None


def _kind(wish: Wish) -> str:
    if wish.terminal:
        return "--terminal"
    if wish.command:
        return "a program"
    return "--reader" if wish.reader else "--card alone"


def _header(wish: Wish, source: str, **terminal: str) -> Header:
    return Header(source=source, card=wish.card or "", reader=wish.reader or "", created=utc_now(), terminal=terminal)


def open_reader(name: str) -> PcscSlot:
    """Raises Refused with the readers there are."""
    try:
        return PcscSlot(name)
    except NoReader as error:
        raise Refused(f"--reader {name}: {error}") from None


def _with_the_kernel(wish: Wish) -> Session:
    order = Order(amount=minor_units("--amount", wish.amount))
    if wish.card is not None:
        profile = load_profile(wish.card)
        recorder = Recorder(ServedCard(VirtualCard(profile)))
        digits = {"right": profile.pin, "wrong": WRONG_DIGITS, "none": None}[wish.pin]
        run(Counter(profile, order, digits, wish.line, recorder), terminal_for(profile), order, _silent)
    else:
        assert wish.reader is not None
        slot = open_reader(wish.reader)
        recorder = Recorder(slot)
        try:
            run(ReaderCounter(recorder, order, ask_pin, line_up=wish.line), terminal_for_any_card(), order, _silent)
        except Refused as error:
            recorder.note(str(error))  # a card that is none of ours: what it gave to be read is kept
        finally:
            slot.close()
    return recorder.session(_header(wish, "reader", terminal="the device's EMV kernel"))


def _silent(text: str) -> None:
    del text


def _in_the_terminal(wish: Wish) -> Session:
    from tillbench.host.cli.demo import sell_once
    from tillbench.host.session.slot_recorder import SlotRecorder

    assert wish.card is not None
    with tempfile.TemporaryDirectory(prefix="tillbench-") as folder:
        recorders: list[SlotRecorder] = []
        sell_once(
            wish.card,
            wish.amount,
            Path(folder),
            target=wish.target,
            watch=lambda terminal: recorders.append(SlotRecorder(terminal.emulator)),
        )
        return recorders[0].session(_header(wish, "slot", target=wish.target))


def between_program_and_card(wish: Wish) -> tuple[Session, int]:
    """Run the program with a reader of its own, in which the card seems to be; what was said, and its exit status."""
    slot: Slot
    guard: GuardedSlot | None = None
    close: Any = None
    if wish.card is not None:
        slot = ServedCard(VirtualCard(load_profile(wish.card)))
    else:
        assert wish.reader is not None
        reader = open_reader(wish.reader)
        slot = guard = GuardedSlot(reader)
        close = reader.close
    recorder = Recorder(slot)
    try:
        between = Between(recorder)
    except LookupError as error:
        raise Refused(f"{wish.reader or wish.card}: {error}") from None
    try:
        with PrivatePcscd() as pcscd:
            insertion = Insertion(pcscd.connect(), between)
            try:
                if not insertion.wait_until_seen(_SEEN_S):
                    raise Refused(f"pcscd did not look at the card within {_SEEN_S:.0f} s")
                status = _run(wish.command, pcscd.environment)
            finally:
                insertion.pull()
                if insertion.failure:
                    raise insertion.failure
    finally:
        if close:
            close()
    recorder.removed()
    for refusal in dict.fromkeys(guard.refusals if guard else ()):
        recorder.note(f"refused with 6985: {refusal}")
    return recorder.session(_header(wish, "middle", program=Path(wish.command[0]).name)), status


def _run(command: tuple[str, ...], environment: dict[str, str]) -> int:
    """Who ends the program by Ctrl-C wants what was said so far."""
    try:
        return run_with_reader(command, environment)
    except KeyboardInterrupt:
        return INTERRUPTED
    except Terminated:
        return TERMINATED
