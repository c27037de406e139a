"""The fixtures under plain names, for a project that says `till_fixtures = true`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tillbench.hil.readers import Reader
    from tillbench.host.acquirer import Acquirer
    from tillbench.host.emulator.lines import AcquirerLine
    from tillbench.host.session import Session
    from tillbench.host.terminal import CardTray, Terminal


@pytest.fixture
def terminal(till_terminal: Terminal) -> Terminal:
    """A terminal that is switched on, signed on and shows its idle screen."""
    return till_terminal


@pytest.fixture
def acquirer(till_acquirer: Acquirer) -> Acquirer:
    """The acquirer that the terminal talks to."""
    return till_acquirer


@pytest.fixture
def card(till_card: CardTray) -> CardTray:
    """The terminal's card slot."""
    return till_card


@pytest.fixture
def line(till_line: AcquirerLine) -> AcquirerLine:
    """The line between the terminal and its acquirer, which can misbehave."""
    return till_line


@pytest.fixture
def reader(till_reader: Reader) -> Reader:
    """A PC/SC reader with a card in it."""
    return till_reader


@pytest.fixture
def session(till_session: Session) -> Session:
    """What the cards of this test say, as it grows."""
    return till_session
