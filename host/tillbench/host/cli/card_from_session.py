"""`tillbench card from-session`: a recorded card as a profile."""

from __future__ import annotations

import re
from pathlib import Path

from tillbench.host.cards import load_profile
from tillbench.host.cli.errors import Refused
from tillbench.host.cli.session_files import read
from tillbench.host.session.personalise import personalise


def make(session: Path, out: Path) -> None:
    """Write the profile, and read it as any other. Raises Refused, SessionError, ProfileError."""
    if out.suffix not in (".yaml", ".yml"):
        raise Refused(f"-o {out}: expected a name that ends in .yaml")
    name = re.sub(r"[^a-z0-9-]+", "-", out.stem.lower()).strip("-") or "recorded"
    made = personalise(read(session), name)
    try:
        out.write_text(made.text(), "utf-8")
    except OSError as error:
        raise Refused(f"{out}: {error.strerror}") from None
    profile = load_profile(out)
    for note in made.notes:
        print(f"note: {note}")
    print(f"{out}: {profile}, {len(profile.applications)} application{'s' if len(profile.applications) > 1 else ''}")
