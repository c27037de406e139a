"""Keys of an installation: each folder has its own, a seed makes them again, a command shows them."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from tillbench.host.acquirer.hsm import TEST_LMK
from tillbench.host.cli.acquirer.keys import listing
from tillbench.host.emulator.state import LEDGER, StateDamaged, StateDir
from tillbench.host.entropy import Entropy


def fresh(folder: Path) -> StateDir:
    state = StateDir(folder)
    state.prepare()
    return state


def test_every_folder_has_a_ledger_key_of_its_own(tmp_path: Path) -> None:
    one, other = (fresh(tmp_path / name).ledger_key(Entropy(None)) for name in ("one", "other"))
    assert len(one) == len(other) == 32
    assert len({one, other, TEST_LMK}) == 3


def test_it_stays_and_is_the_owners_alone(tmp_path: Path) -> None:
    state = fresh(tmp_path)
    assert state.ledger_key(Entropy(1)) == state.ledger_key(Entropy(2))
    assert stat.S_IMODE((tmp_path / "ledgerkey.json").stat().st_mode) == 0o600


def test_a_seed_makes_it_again(tmp_path: Path) -> None:
    assert fresh(tmp_path / "a").ledger_key(Entropy(7)) == fresh(tmp_path / "b").ledger_key(Entropy(7))


def test_a_ledger_from_before_keeps_its_key(tmp_path: Path) -> None:
    state = fresh(tmp_path)
    (tmp_path / LEDGER).touch()
    assert state.ledger_key(Entropy(None)) == TEST_LMK


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("{", "not JSON"),
        ("{}", "LMK: expected hex digits"),
        (json.dumps({"LMK": "zz"}), "LMK: expected hex digits"),
        (json.dumps({"LMK": "00"}), "LMK: expected 32 bytes, found 1"),
    ],
)
def test_a_damaged_file_is_told_and_not_replaced(tmp_path: Path, content: str, problem: str) -> None:
    state = fresh(tmp_path)
    (tmp_path / "ledgerkey.json").write_text(content)
    with pytest.raises(StateDamaged, match=problem):
        state.ledger_key(Entropy(None))
    assert (tmp_path / "ledgerkey.json").read_text() == content


def test_the_listing_shows_keys_with_their_check_values(tmp_path: Path) -> None:
    text = "\n".join(listing(tmp_path))
    state = StateDir(tmp_path)
    lmk, tmk = state.ledger_key(Entropy(None)), state.key_slot(Entropy(None))["TMK"]
    assert lmk.hex().upper() in text
    assert tmk.hex().upper() in text
    block = Cipher(algorithms.AES(lmk), modes.ECB()).encryptor().update(bytes(16))
    assert f"check value {block[:3].hex().upper()}" in text
