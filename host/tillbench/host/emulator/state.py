"""What outlives a run of the emulator: the flash, the keys of its key slot, the ledger, the cards' memories."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

from tillbench.host.cards import CardMemory, CardProfile, VirtualCard
from tillbench.host.entropy import Entropy

FLASH_SIZE = 256 * 1024


def default_state_dir() -> Path:
    """`$XDG_STATE_HOME/tillbench`, by default in ~/.local/state."""
    return Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state") / "tillbench"


@dataclass(frozen=True)
class StateDir:
    """A directory with the state of one terminal and its acquirer."""

    path: Path

    @property
    def flash(self) -> Path:
        """The flash image."""
        return self.path / "flash.bin"

    @property
    def ledger_url(self) -> str:
        """The acquirer's ledger."""
        return f"sqlite:///{self.path / 'ledger.sqlite'}"

    @property
    def _key_slot(self) -> Path:
        return self.path / "keyslot.json"

    @property
    def _cards(self) -> Path:
        return self.path / "cards.json"

    def prepare(self) -> None:
        """Make the directory, and a flash as from the factory (all ones) if there is none."""
        self.path.mkdir(parents=True, exist_ok=True)
        if not self.flash.exists():
            self.flash.write_bytes(b"\xff" * FLASH_SIZE)

    def key_slot(self, entropy: Entropy) -> dict[str, bytes]:
        """The keys of the key slot; a new terminal master key if there is none. Test keys: a plain file is enough."""
        if not self._key_slot.exists():
            key = entropy.stream("key slot").tdes_key()
            self._key_slot.touch(mode=0o600)
            self._key_slot.write_text(json.dumps({"TMK": key.hex()}))
        stored: dict[str, str] = json.loads(self._key_slot.read_text())
        return {name: bytes.fromhex(key) for name, key in stored.items()}

    def card(self, profile: CardProfile) -> VirtualCard:
        """The card `profile` with the memory it had when it was stored last."""
        stored = self._stored_cards().get(profile.name)
        return VirtualCard(profile, memory=CardMemory.from_dict(stored) if stored else None)

    def keep_card(self, card: VirtualCard) -> None:
        """Store the memory of `card`."""
        cards = self._stored_cards()
        cards[card.profile.name] = card.memory.to_dict()
        self._cards.write_text(json.dumps(cards, indent=1))

    def _stored_cards(self) -> dict[str, dict[str, object]]:
        if not self._cards.exists():
            return {}
        stored: dict[str, dict[str, object]] = json.loads(self._cards.read_text())
        return stored
