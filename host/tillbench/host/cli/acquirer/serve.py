"""The host as a TCP server."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from tillbench.host.acquirer import Acquirer, TerminalSetup
from tillbench.host.acquirer.server import run as serve
from tillbench.host.cards import load_profile, profile_names
from tillbench.host.cli.state_option import open_state
from tillbench.host.emulator.emulator import MERCHANT_ID, TERMINAL_ID
from tillbench.host.entropy import Entropy


def run(host: str, port: int, state: Path | None, seed: int | None) -> None:
    """Serve until interrupted. The key slot in `state` is the one that `tillbench emulate` uses: both know the TMK.

    Raises:
        CannotListen: the address cannot be had.
        LedgerUnavailable: the ledger cannot be opened.
    """
    directory = open_state(state)
    entropy = Entropy(seed)
    acquirer = Acquirer(
        directory.ledger_url, datetime.now, entropy.stream("acquirer"), lmk=directory.ledger_key(entropy)
    )
    try:
        acquirer.provision(
            [load_profile(name) for name in profile_names()],
            [TerminalSetup(TERMINAL_ID, MERCHANT_ID, directory.key_slot(entropy)["TMK"])],
        )
        serve(acquirer, host, port)
    finally:
        acquirer.close()
