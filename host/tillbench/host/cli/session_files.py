"""`tillbench session show, compare, import, export, mask`: sessions in files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from pathlib import Path

from tillbench.host.cli.errors import Refused
from tillbench.host.issuer import CardIssuer
from tillbench.host.session import Session
from tillbench.host.session import compare as comparing
from tillbench.host.session.exporters import EXPORTERS, by_ending
from tillbench.host.session.importers import IMPORTERS, detect, import_text
from tillbench.host.session.masking import fit_to_be_written, mask
from tillbench.host.session.session_card import card_of, issuer_of
from tillbench.host.whole_file import write_whole

_ALWAYS_SHOWN = ("semantic", "timing")


def refuse_what_is_not_for(kind: str, not_for: Mapping[str, Collection[str]], given: Collection[str]) -> None:
    """Raises Refused if one of the options `given` has nothing to do with what was asked for."""
    for option in sorted(given):
        if option in not_for[kind]:
            raise Refused(f"{option}: it has nothing to do with {kind}")


def read(path: Path) -> Session:
    """Raises Refused, SessionError."""
    try:
        return Session.read(path)
    except OSError as error:
        raise Refused(f"{path}: {error.strerror}") from None


def write(session: Session, path: Path, *, full: bool, trusted: bool = False) -> None:
    """The session as it may be stored. Raises SessionError, Refused."""
    fit = fit_to_be_written(session, full=full, trusted=trusted)
    try:
        fit.write(path)
    except OSError as error:
        raise Refused(f"{path}: {error.strerror}") from None
    print(f"{path}: {len(fit.exchanges)} exchanges, {fit.header.contents}")


def compared(first: Session, second: Session, *, every: bool) -> int:
    """Print what is different; 1 if anything is that means something. Raises Refused if there is nothing in both."""
    if not first.exchanges and not second.exchanges:
        raise Refused("there is no command in either session, so nothing to compare")
    differences = comparing.compare(first, second, first_issuer=_issuer(first), second_issuer=_issuer(second))
    for difference in differences:
        if every or difference.kind in _ALWAYS_SHOWN:
            print(difference)
    counts = Counter(difference.kind for difference in differences)
    print(", ".join(f"{counts[kind]} {kind}" for kind in comparing.KINDS) + " differences")
    return 1 if counts["semantic"] else 0


def _issuer(session: Session) -> CardIssuer | None:
    card = card_of(session)
    return issuer_of(card) if card else None


def imported(file: Path, out: Path, form: str | None, *, full: bool) -> None:
    """Raises Refused, SessionError."""
    try:
        text = file.read_text("utf-8", errors="replace")
    except OSError as error:
        raise Refused(f"{file}: {error.strerror}") from None
    if form is not None and form not in IMPORTERS:
        raise Refused(f"--from {form}: no such format; there is {', '.join(IMPORTERS)}")
    chosen = form or detect(text)
    if chosen is None:
        raise Refused(f"{file}: none of the known formats; name one: --from {', '.join(IMPORTERS)}")
    write(import_text(chosen, text, str(file)), out, full=full)


def exported(file: Path, out: Path, form: str | None) -> None:
    """Raises Refused, SessionError."""
    chosen = form or by_ending(out.suffix)
    if chosen not in EXPORTERS:
        named = f"--to {form}" if form else f"{out}: its ending names no format"
        raise Refused(f"{named}: there is {', '.join(EXPORTERS)}")
    session = read(file)
    try:
        write_whole(out, EXPORTERS[chosen](session))
    except OSError as error:
        raise Refused(f"{out}: {error.strerror}") from None
    print(f"{out}: {chosen}, {len(session.exchanges)} exchanges")


def masked(file: Path, out: Path) -> None:
    """Raises Refused, SessionError."""
    write(mask(read(file)), out, full=False)
