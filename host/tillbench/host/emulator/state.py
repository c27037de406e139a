"""What outlives a run of the emulator: the flash, the keys of its key slot, the ledger, the cards' memories."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tillbench.host.acquirer.hsm import TEST_LMK
from tillbench.host.cards import CardMemory, CardProfile, VirtualCard
from tillbench.host.entropy import Entropy

FLASH_SIZE = 256 * 1024
LEDGER = "ledger.sqlite"
LEDGER_KEY_SIZE = 32
SLOT = "slot"
"""In keyslot.json, beside the keys by their names: what the slot holds, if that is not these keys."""


class StateDamaged(Exception):
    """A file of the state folder is not what was written there; nothing is thrown away to go on."""


class StateInUse(Exception):
    """Another emulator runs on this folder: two terminals on one flash would ruin it."""


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
        return f"sqlite:///{self.path / LEDGER}"

    @property
    def _ledger_key(self) -> Path:
        return self.path / "ledgerkey.json"

    @property
    def _key_slot(self) -> Path:
        return self.path / "keyslot.json"

    @property
    def _cards(self) -> Path:
        return self.path / "cards.json"

    def prepare(self) -> None:
        """Make the directory, and a flash as from the factory (all ones) if there is none.

        Raises:
            StateDamaged: the flash image is too short.
            OSError: the folder cannot be made or written.
        """
        self.path.mkdir(parents=True, exist_ok=True)
        if not self.flash.exists():
            self.flash.write_bytes(b"\xff" * FLASH_SIZE)
        size = self.flash.stat().st_size
        # Longer it may be: what a killed QEMU leaves behind the flash is not part of it.
        if size < FLASH_SIZE:
            raise StateDamaged(f"{self.flash}: flash image damaged: expected {FLASH_SIZE} bytes, found {size}")

    def rewinder(self) -> Callable[[], None]:
        """What puts the folder's small files back as they are now: the key slot and the cards' memories."""
        files = (self._key_slot, self._cards)
        kept = {file: file.read_bytes() for file in files if file.exists()}

        def rewind() -> None:
            for file in files:
                if file in kept:
                    file.write_bytes(kept[file])
                else:
                    file.unlink(missing_ok=True)

        return rewind

    @contextlib.contextmanager
    def in_use(self) -> Iterator[None]:
        """Keep every other emulator off this folder meanwhile; the end of the process lets go of it, however it ends.

        Raises:
            StateInUse: an emulator has it.
        """
        with (self.path / "lock").open("a+", encoding="ascii") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                file.seek(0)
                raise StateInUse(
                    f"{self.path}: an emulator runs on this state already (process {file.read() or 'unknown'}); "
                    "stop it, or choose another folder with --state, or use --temp"
                ) from None
            file.truncate(0)
            file.write(str(os.getpid()))
            file.flush()
            yield

    @property
    def has_keys(self) -> bool:
        """False for a terminal that nobody has made keys for yet."""
        return self._key_slot.exists()

    def key_slot(self, entropy: Entropy) -> dict[str, bytes]:
        """The keys that were made for this terminal; a new master key if there is none. Test keys: a plain file is
        enough. Whether the terminal still has them is told by `slot_content`."""
        if not self._key_slot.exists():
            key = entropy.stream("key slot").tdes_key()
            self._key_slot.touch(mode=0o600)
            self._key_slot.write_text(json.dumps({"TMK": key.hex()}))
        keys: dict[str, bytes] = {}
        for name, value in _read_json(self._key_slot).items():
            if name != SLOT:
                keys[name] = self._key(name, value)
        if len(keys.get("TMK", b"")) != 16:
            raise StateDamaged(f"{self._key_slot}: TMK: expected 16 bytes, found {len(keys.get('TMK', b''))}")
        return keys

    def slot_content(self, entropy: Entropy) -> dict[str, bytes]:
        """What the key slot holds: the keys that were made for the terminal, until it has lost them or got others."""
        keys = self.key_slot(entropy)
        held = _read_json(self._key_slot).get(SLOT)
        if held is None:
            return keys
        if not isinstance(held, dict):
            raise StateDamaged(f"{self._key_slot}: {SLOT}: expected an object, found {type(held).__name__}")
        return {name: self._key(name, value) for name, value in held.items()}

    def keep_slot(self, keys: Mapping[str, bytes]) -> None:
        """Store what the key slot holds."""
        stored = _read_json(self._key_slot)
        stored[SLOT] = {name: key.hex() for name, key in keys.items()}
        self._key_slot.write_text(json.dumps(stored))

    def _key(self, name: str, value: object) -> bytes:
        try:
            return bytes.fromhex(value)  # type: ignore[arg-type]  # what is no text is refused below
        except (TypeError, ValueError):
            raise StateDamaged(f"{self._key_slot}: {name}: expected hex digits") from None

    def ledger_key(self, entropy: Entropy) -> bytes:
        """The key under which the ledger holds keys and PINs; a new one, for this folder alone, if there is none.

        A ledger from before there was such a file keeps the key that it was made under.
        """
        if not self._ledger_key.exists():
            old = (self.path / LEDGER).exists()
            key = TEST_LMK if old else entropy.stream("ledger key")(LEDGER_KEY_SIZE)
            self._ledger_key.touch(mode=0o600)
            self._ledger_key.write_text(json.dumps({"LMK": key.hex()}))
        stored = _read_json(self._ledger_key).get("LMK")
        try:
            key = bytes.fromhex(str(stored))
        except ValueError:
            raise StateDamaged(f"{self._ledger_key}: LMK: expected hex digits") from None
        if len(key) != LEDGER_KEY_SIZE:
            raise StateDamaged(f"{self._ledger_key}: LMK: expected {LEDGER_KEY_SIZE} bytes, found {len(key)}")
        return key

    def card(self, profile: CardProfile) -> VirtualCard:
        """The card `profile` with the memory it had when it was stored last."""
        stored = self._stored_cards().get(profile.name)
        try:
            return VirtualCard(profile, memory=CardMemory.from_dict(stored) if stored else None)
        except ValueError as error:
            raise StateDamaged(f"{self._cards}: {profile.name}: {error}") from None

    def keep_card(self, card: VirtualCard) -> None:
        """Store the memory of `card`."""
        cards = self._stored_cards()
        cards[card.profile.name] = card.memory.to_dict()
        self._cards.write_text(json.dumps(cards, indent=1))

    def _stored_cards(self) -> dict[str, Any]:
        return _read_json(self._cards) if self._cards.exists() else {}


def _read_json(path: Path) -> dict[str, Any]:
    try:
        stored = json.loads(path.read_text())
    except ValueError as error:
        raise StateDamaged(f"{path}: not JSON: {error}") from None
    if not isinstance(stored, dict):
        raise StateDamaged(f"{path}: expected an object, found {type(stored).__name__}")
    return stored
