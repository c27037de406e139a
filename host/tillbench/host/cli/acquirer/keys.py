"""`tillbench acquirer keys`: the keys of this installation, for whoever has to put them into a terminal, and the master
key in parts, for the people who do that at its keypad."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from tillbench.host.acquirer import tdes
from tillbench.host.cli.state_option import open_state
from tillbench.host.emulator.emulator import MERCHANT_ID, TERMINAL_ID
from tillbench.host.entropy import Entropy
from tillbench.host.key_components import split_key

NOTE = "Test keys, made for this folder and known to nobody else. Never put a real key here."


def listing(state: Path | None) -> Iterator[str]:
    """The lines to print; keys that are not there yet are made. Raises Refused, StateDamaged."""
    directory = open_state(state)
    entropy = Entropy(None)
    lmk = directory.ledger_key(entropy)
    yield NOTE
    yield f"folder                 {directory.path}"
    yield f"ledger master key      {lmk.hex().upper()}  AES-{len(lmk) * 8}, check value {_aes_check_value(lmk)}"
    yield f"terminal               {TERMINAL_ID} of merchant {MERCHANT_ID}"
    for name, key in directory.key_slot(entropy).items():
        algorithm = "DES" if len(key) == tdes.BLOCK else "Triple DES"
        yield f"  {name:20} {key.hex().upper()}  {algorithm}, check value {tdes.check_value(key).hex().upper()}"
        for count in (2, 3):
            for number, part in enumerate(split_key(key, count), 1):
                label = f"{name} part {number} of {count}"
                yield f"    {label:18} {part.key.hex().upper()}  for one person, check value {part.check_value}"


def _aes_check_value(key: bytes) -> str:
    """The first 3 bytes of a zero block enciphered (as for the keys of AES security modules, by ECB)."""
    encryptor = Cipher(algorithms.AES(key), modes.ECB()).encryptor()  # noqa: S305 (a check value is one block)
    return encryptor.update(bytes(16))[:3].hex().upper()
