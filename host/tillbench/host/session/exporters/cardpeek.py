"""For cardpeek: an emulator file, which it plays as if it were a card."""

from __future__ import annotations

from tillbench.host.session.record import Exchange, Reset, Session


def export(session: Session) -> bytes:
    """Digits that are not told are zeros; exchanges without an answer are left out, the format has no word for them."""
    lines = ["# cardpeek emulator", "# version 0"]
    for event in session.events:
        if isinstance(event, Reset) and event.atr:
            lines.append(f"R:{event.atr}")
        elif isinstance(event, Exchange) and event.response:
            lines.append(f"C:{event.command}:{event.response[-4:]}:{event.response[:-4]}")
    return ("\n".join([*lines, "# end"]) + "\n").replace("*", "0").encode("ascii")
