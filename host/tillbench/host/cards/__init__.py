"""Virtual EMV cards: profiles as data, a card that computes and refuses like a real one."""

from tillbench.host.cards.ca import CardAuthority
from tillbench.host.cards.card import VirtualCard
from tillbench.host.cards.faults import CardMute, Faults
from tillbench.host.cards.memory import CardMemory
from tillbench.host.cards.profile import CardProfile
from tillbench.host.cards.profile_files import ProfileError, load_profile, profile_names
from tillbench.host.cards.t0 import T0Card, T0Options
from tillbench.host.cards.t1 import T1Card, T1Options

__all__ = [
    "CardAuthority",
    "CardMemory",
    "CardMute",
    "CardProfile",
    "Faults",
    "ProfileError",
    "T0Card",
    "T0Options",
    "T1Card",
    "T1Options",
    "VirtualCard",
    "load_profile",
    "profile_names",
]
