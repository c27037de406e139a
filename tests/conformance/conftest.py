"""A private pcscd for the tests of a run: libpcsclite looks for its socket once a process."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec

import pytest
from tillbench.host.pcsc import Insertion, NoPcsc, PrivatePcscd
from tillbench.host.pcsc.vpcd import ReaderCard


@pytest.fixture(scope="session")
def pcscd() -> Iterator[PrivatePcscd]:
    """Skips, or in CI fails, where PC/SC cannot be had (tests/setup_pcsc.sh installs it)."""
    try:
        if find_spec("smartcard") is None:
            raise NoPcsc("no pyscard: run `make pcsc`")
        daemon = PrivatePcscd()
    except NoPcsc as error:
        absent(str(error))
    with daemon, pytest.MonkeyPatch.context() as patch:
        for name, value in daemon.environment.items():
            patch.setenv(name, value)
        yield daemon


@contextmanager
def in_the_reader(pcscd: PrivatePcscd, card: ReaderCard) -> Iterator[Insertion]:
    """A card in the virtual reader, seen by pcscd; pulled afterwards, if nobody has."""
    insertion = Insertion(pcscd.connect(), card)
    try:
        assert insertion.wait_until_seen(30)
        yield insertion
    finally:
        insertion.pull()
        assert insertion.failure is None


def absent(reason: str) -> None:
    """What the test needs is not here."""
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)
