"""Which of the bench's cards a session is of, if any: its keys are needed to play it on."""

from __future__ import annotations

from tillbench.host.cards import CardProfile, ProfileError, load_profile
from tillbench.host.emv_run.reader_counter import profile_of
from tillbench.host.issuer import CardIssuer, IssuerKeys
from tillbench.host.session.dialogue import Dialogue
from tillbench.host.session.folding import fold
from tillbench.host.session.record import Session, octets


def card_of(session: Session) -> CardProfile | None:
    """The virtual card that the session was recorded with, by its name, else the first shipped one with its PAN."""
    if session.header.card:
        try:
            return load_profile(session.header.card)
        except ProfileError:
            pass  # somebody's own file, which is not here
    dialogue = Dialogue()
    for event in fold(session.events):
        if dialogue.follow(event):
            pan = dialogue.context.card.get(0x5A, "")
            if pan and "*" not in pan:
                return profile_of(octets(pan))
    return None


def issuer_of(profile: CardProfile) -> CardIssuer:
    """The issuer that holds this card's master keys."""
    keys = IssuerKeys(*(bytes.fromhex(key) for key in (profile.imk_ac, profile.imk_smi, profile.imk_smc)))
    return CardIssuer(keys, profile.pan, profile.psn)
