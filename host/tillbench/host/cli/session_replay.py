"""`tillbench session replay`: the recorded card, the recorded terminal, or both."""

from __future__ import annotations

import random
import secrets
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from tillbench.host.cards import CardProfile, VirtualCard, load_profile
from tillbench.host.cli.emv_transact import ask_pin, minor_units
from tillbench.host.cli.errors import INTERRUPTED, Refused
from tillbench.host.cli.session_files import compared, read, refuse_what_is_not_for, write
from tillbench.host.cli.session_record import open_reader
from tillbench.host.emv_run import KernelProcess, Order
from tillbench.host.emv_run.card_guard import CardGuard, Slot
from tillbench.host.emv_run.sale import Counter, terminal_for
from tillbench.host.pcsc import ServedCard
from tillbench.host.session import Header, Session
from tillbench.host.session.recorder import Recorder, utc_now
from tillbench.host.session.replayed_card import ReplayedCard
from tillbench.host.session.replayed_terminal import Fresh, ReplayedTerminal
from tillbench.host.session.resigning import CardKeys
from tillbench.host.session.session_card import card_of, issuer_of
from tillbench.host.session.terminal_values import order_of

ROLES = ("card", "terminal", "both")
_NOT_FOR = {
    "--as card": ("--amount", "--date", "--all"),  # the other end chooses them, and nothing is compared
    "--as terminal": ("--keys", "--system"),
    "--as both": ("--system",),
}


@dataclass(frozen=True)
class Replay:
    """The options; `given`: those that were typed, as `--keys`."""

    card: str | None
    reader: str | None
    amount: str | None
    date: str | None
    seed: int | None
    keys: str | None
    record: Path | None
    full: bool
    system: bool
    every: bool
    command: tuple[str, ...]
    given: frozenset[str] = frozenset()


def replay_as(role: str, file: Path, wish: Replay) -> int:
    """The exit status. Raises Refused, SessionError, ProfileError, NoPcsc, NoMicroPython."""
    if role not in ROLES:
        raise Refused(f"--as {role}: expected {', '.join(ROLES)}")
    refuse_what_is_not_for(f"--as {role}", _NOT_FOR, wish.given)
    if wish.command and role != "card":
        raise Refused(f"--as {role}: expected no program, found {wish.command[0]}: only a card is played to one")
    if wish.record and not wish.record.absolute().parent.is_dir():
        raise Refused(f"--record {wish.record}: there is no folder {wish.record.parent}")
    session = read(file)
    if not session.exchanges:
        raise Refused(f"{file}: there is no command in it, so nothing to replay")
    if role == "terminal":
        return _as_terminal(session, wish)
    if wish.card or wish.reader:
        raise Refused(f"--as {role}: the recorded card is the card; --card and --reader go with --as terminal")
    return _as_card(session, wish) if role == "card" else _both(session, wish)


def _rng(wish: Replay) -> random.Random:
    return random.Random(secrets.randbits(64) if wish.seed is None else wish.seed)


def _order(session: Session, wish: Replay) -> Order:
    recorded = order_of(session)
    amount = recorded.amount if wish.amount is None else minor_units("--amount", wish.amount)
    date = recorded.date if wish.date is None else _day(wish.date)
    return Order(amount=amount, other=recorded.other, kind=recorded.kind, date=date)


def _day(text: str) -> str:
    with suppress(ValueError):
        if datetime.strptime(text, "%y%m%d").strftime("%y%m%d") == text:  # strptime takes single digits too
            return text
    raise Refused(f"--date {text}: expected a day as YYMMDD")


def _as_terminal(session: Session, wish: Replay) -> int:
    if (wish.card is None) == (wish.reader is None):
        raise Refused("--as terminal: expected one of --card NAME and --reader NAME, the card to play to")
    rng, order = _rng(wish), _order(session, wish)
    recorded = card_of(session)
    slot: Slot
    reader, pin = None, None
    profile: CardProfile | None = recorded
    if wish.card is not None:
        profile = load_profile(wish.card)
        slot, pin = ServedCard(VirtualCard(profile, rng=rng)), profile.pin
    else:
        assert wish.reader is not None
        reader = open_reader(wish.reader)
        slot, pin = CardGuard(reader), _pin_if_needed(session)
    terminal = ReplayedTerminal(
        session,
        Fresh.drawn(rng, date=order.date, amount=order.amount),
        issuer=issuer_of(profile) if profile else None,
        recorded_issuer=issuer_of(recorded) if recorded else None,
        pin=pin,
    )
    try:
        again = terminal.play(Recorder(slot))
    finally:
        if reader is not None:
            reader.close()
    header = Header(source="replay", card=wish.card or "", reader=wish.reader or "", created=utc_now())
    return _end(session, Session(header.model_copy(update={"contents": "full"}), again.events), terminal.notes, wish)


def _pin_if_needed(session: Session) -> str | None:
    asked = any(int(exchange.command[2:4], 16) == 0x20 for exchange in session.exchanges)
    return ask_pin("PIN for the card") if asked else None


def _end(session: Session, again: Session, notes: list[str], wish: Replay) -> int:
    for note in dict.fromkeys(notes):
        print(f"note      {note}")
    if wish.record:
        write(again, wish.record, full=wish.full, trusted=bool(again.header.card))
    return compared(session, again, every=wish.every)


def _recorded_card(session: Session, wish: Replay, rng: random.Random) -> tuple[ReplayedCard, CardProfile | None]:
    profile = load_profile(wish.keys) if wish.keys else card_of(session)
    return ReplayedCard(session, CardKeys.of(profile) if profile else None, rng=rng), profile


def _as_card(session: Session, wish: Replay) -> int:
    from tillbench.host.cli.card_serve import serve_in_reader

    card, profile = _recorded_card(session, wish, _rng(wish))
    if profile is None:
        print("note      the keys of this card are not known: it plays to its first cryptogram and no further")
    recorder = Recorder(ServedCard(card))
    try:
        status = serve_in_reader(_Recorded(card, recorder), card.name, wish.command, system=wish.system)
    except KeyboardInterrupt:  # how it ends without a program
        status = INTERRUPTED
    for note in dict.fromkeys(card.notes):
        print(f"note      {note}")
    if wish.record:
        header = Header(source="replay", card=session.header.card, created=utc_now())
        write(recorder.session(header), wish.record, full=wish.full, trusted=bool(profile))
    return status


class _Recorded:
    """The card as a reader sees it, every exchange kept."""

    def __init__(self, card: ReplayedCard, recorder: Recorder) -> None:
        self.sound_atr = card.atr
        self.reset = recorder.reset
        self.transmit = recorder.transmit


def _both(session: Session, wish: Replay) -> int:
    """The device's kernel, and the recorded card."""
    rng, order = _rng(wish), _order(session, wish)
    card, profile = _recorded_card(session, wish, rng)
    if profile is None:
        raise Refused("--as both: the card is none of the bench's: its keys are needed, by --keys CARD")
    recorder = Recorder(ServedCard(card))
    counter = Counter(profile, order, profile.pin, True, recorder)
    started = time.perf_counter()
    with KernelProcess() as kernel:
        result = kernel.transact(terminal_for(profile), order, counter)
    print(f"{result.outcome}: {result.reason} ({time.perf_counter() - started:.1f} s)")
    header = Header(source="replay", card=profile.name, created=utc_now())
    return _end(session, recorder.session(header), card.notes, wish)
