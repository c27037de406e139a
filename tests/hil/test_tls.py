"""TLS to the host: whom the terminal believes, whom the host believes, and what a shop sees of it."""

from __future__ import annotations

import re
import ssl
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tillbench.hil.plugin import EPOCH
from tillbench.host.acquirer.certificates import Certificates, make
from tillbench.host.acquirer.tls import server_context
from tillbench.host.cards import load_profile
from tillbench.host.emulator.desk import DeskError
from tillbench.host.emulator.emulator import Options
from tillbench.host.emulator.line_setup import LineSetup, prepare, tell, tls_setup
from tillbench.host.terminal import Terminal
from tillbench.protocols.link import Channel, Socket

from . import shop

DAYS = 3650
CARDS = [load_profile(shop.UNIONPAY)]
TPDU = "6000030000"
CHANGE_CIPHER, ALERT, HANDSHAKE, APPLICATION = 20, 21, 22, 23
"""Types of TLS records (RFC 5246, section 6.2.1)."""

Made = dict[str, Certificates]


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """Sets of certificates, valid by the bench's clock and by this computer's, but for one."""
    folder = tmp_path_factory.mktemp("tls")
    start = min(EPOCH.replace(tzinfo=UTC), datetime.now(UTC))
    return {
        "good": make(folder / "good", ("acquirer",), DAYS, start),
        "other": make(folder / "other", ("acquirer",), DAYS, start),
        "misnamed": make(folder / "misnamed", ("somewhere.example",), DAYS, start),
        "expired": make(folder / "expired", ("acquirer",), 10, start - timedelta(days=400)),
        "new": make(folder / "new", ("acquirer",), DAYS),
    }


def context(made: Certificates, clients: Certificates | None = None) -> ssl.SSLContext:
    return server_context(made.host.certificate, made.host.key, clients.authority if clients else None)


class Shop:
    """The terminal, told anew for each test how it reaches its host, and what leaves it by its sockets."""

    def __init__(self, terminal: Terminal) -> None:
        self.terminal = terminal
        self.records: list[int] = []
        """Types of the TLS records that the terminal has sent: each write of a handshake begins one."""
        self.sent = b""
        bench = terminal.emulator.bench
        heard_before = bench.on_message

        def hear(direction: str, channel: Channel, payload: bytes) -> None:
            heard_before(direction, channel, payload)
            if direction == "<" and channel == Channel.SOCKET and payload[0] == Socket.SEND:
                self.records.append(payload[2])
                self.sent += payload[2:]

        bench.on_message = hear

    def set_up(self, host: ssl.SSLContext | None, told: LineSetup) -> None:
        """The host shows these certificates from now on; the terminal is told that."""
        self.terminal.line.tls = host
        tell(self.terminal.desk, told)
        self.records.clear()
        self.sent = b""

    def booked(self) -> int:
        return len(self.terminal.acquirer.ledger.transactions())


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terminal]:
    """One terminal for all tests."""
    with Terminal(Options(tmp_path_factory.mktemp("till"), seed=7, epoch=EPOCH), CARDS) as terminal:
        terminal.screen.wait_text("READY")
        yield terminal


@pytest.fixture
def till(running: Terminal) -> Iterator[Shop]:
    """On plain TCP again when the test is over."""
    till = Shop(running)
    yield till
    running.line.mute = False
    till.set_up(None, LineSetup({"line": "tcp", "host": "", "tls_name": "", "keep_alive_ms": 0}))


def echo(terminal: Terminal) -> None:
    terminal.menu("MANAGEMENT", "HOST", "ECHO TEST")
    shop.wait(terminal, "PASSED")
    terminal.press("ENTER")
    shop.idle(terminal)


def without_own(setup: LineSetup) -> LineSetup:
    return replace(setup, certificates={**setup.certificates, "certificate": "", "key": ""})


def test_a_sale_over_tls(till: Shop, made: Made) -> None:
    till.set_up(context(made["good"]), without_own(tls_setup(made["good"].folder)))
    assert shop.sell(till.terminal).approved
    assert till.records[0] == HANDSHAKE
    assert set(till.records) <= {HANDSHAKE, CHANGE_CIPHER, APPLICATION}
    assert bytes.fromhex(till.terminal.emulator.profile(shop.UNIONPAY).pan) not in till.sent
    assert bytes.fromhex(TPDU) not in till.sent


def test_a_sale_when_both_show_certificates(till: Shop, made: Made) -> None:
    till.set_up(context(made["good"], made["good"]), tls_setup(made["good"].folder))
    assert shop.sell(till.terminal).approved


def test_the_name_in_the_certificate_may_be_set(till: Shop, made: Made) -> None:
    till.set_up(context(made["misnamed"]), tls_setup(made["misnamed"].folder, tls_name="somewhere.example"))
    assert shop.sell(till.terminal).approved


@pytest.mark.one_in(2)
@pytest.mark.parametrize(
    ("host", "clients", "told", "own", "says"),
    [
        ("other", None, "good", True, "HOST: BAD CA"),
        ("misnamed", None, "misnamed", True, "HOST: BAD NAME"),
        ("expired", None, "expired", True, "HOST: EXPIRED"),
        ("good", "good", "good", False, "NEEDS OWN CERT"),
        ("good", "other", "good", True, "OWN CERT REFUSED"),
    ],
)
def test_a_handshake_that_fails_leaves_nothing(
    till: Shop, made: Made, host: str, clients: str | None, told: str, own: bool, says: str
) -> None:
    setup = tls_setup(made[told].folder)
    till.set_up(context(made[host], made[clients] if clients else None), setup if own else without_own(setup))
    booked = till.booked()
    shown = shop.sell(till.terminal).screen
    assert "NOT APPROVED" in shown
    assert says in shown
    assert "REVERSAL" not in shown
    assert till.records[0] == HANDSHAKE
    assert APPLICATION not in till.records, "no message has left, and no PIN block in it"
    assert till.booked() == booked
    assert "READY" in till.terminal.screen.text, "nothing is owed"


def test_a_certificate_is_dated_by_the_terminals_own_clock(till: Shop, made: Made) -> None:
    """Valid since yesterday: for this computer, and so for its Mbed TLS, but not on the day that the bench has."""
    till.set_up(context(made["new"]), tls_setup(made["new"].folder))
    assert "HOST: TOO EARLY" in shop.sell(till.terminal).screen
    assert APPLICATION not in till.records


def test_tls_without_an_authority_connects_to_nobody(till: Shop, made: Made) -> None:
    till.set_up(context(made["good"]), LineSetup({"line": "tls"}, {"authority": ""}))
    assert "NO CA LOADED" in shop.sell(till.terminal).screen
    assert till.records == []


def test_a_host_that_takes_the_connection_and_says_nothing(till: Shop, made: Made) -> None:
    till.set_up(context(made["good"]), tls_setup(made["good"].folder, tls_ms=5000))
    till.terminal.line.mute = True
    before = till.terminal.clock.now_s
    assert "TLS: NO ANSWER" in shop.decide(till.terminal)
    assert 5 <= till.terminal.clock.now_s - before < 15
    till.terminal.card.remove()
    shop.idle(till.terminal)


def test_cancel_ends_a_handshake(till: Shop, made: Made) -> None:
    till.set_up(context(made["good"]), tls_setup(made["good"].folder))
    till.terminal.line.mute = True
    shop.key_in(till.terminal)
    shop.present(till.terminal)
    shop.enter_pin(till.terminal)
    shop.wait(till.terminal, "CONNECTING")
    till.terminal.clock.advance(1)
    assert till.records == [HANDSHAKE]
    before = till.terminal.clock.now_s
    till.terminal.press("CANCEL")
    assert "CANCELLED" in shop.wait(till.terminal, "NOT APPROVED")
    assert till.terminal.clock.now_s - before < 1
    assert till.terminal.line.connected == 0, "it has hung up"
    till.terminal.card.remove()
    shop.idle(till.terminal)


def test_a_plain_port_is_told_from_one_for_tls(till: Shop, made: Made) -> None:
    """What a host makes of a handshake that it did not expect: here it closes."""
    till.set_up(None, tls_setup(made["good"].folder))
    assert "TLS: HUNG UP" in shop.sell(till.terminal).screen


def test_a_name_that_nobody_knows(till: Shop, made: Made) -> None:
    till.set_up(context(made["good"]), tls_setup(made["good"].folder, host="nowhere.example"))
    shown = shop.sell(till.terminal).screen
    assert "NAME UNKNOWN" in shown
    assert "nowhere.example" in shown


def test_no_answer_over_tls_is_reversed(till: Shop, made: Made) -> None:
    till.set_up(context(made["good"], made["good"]), tls_setup(made["good"].folder))
    till.terminal.acquirer.rules.silence("0200")
    outcome = shop.sell(till.terminal)
    assert "NO ANSWER" in outcome.screen
    assert "REVERSED" in outcome.screen
    assert [kind for kind, _ in shop.movements(till.terminal)[-2:]] == ["sale", "reversal"]
    shop.check_books(till.terminal)


def test_a_connection_is_kept_for_the_next_message(till: Shop, made: Made) -> None:
    terminal, line = till.terminal, till.terminal.line
    till.set_up(context(made["good"]), tls_setup(made["good"].folder, keep_alive_ms=120000))
    opened = line.opened
    assert shop.sell(terminal).approved
    echo(terminal)
    assert line.opened == opened + 1

    # The host has hung up meanwhile: that is seen before anything is sent, and costs a connection, no request.
    line.drop()
    terminal.clock.advance(1)
    booked = till.booked()
    assert shop.sell(terminal).approved
    assert line.opened == opened + 2
    assert till.booked() == booked + 1

    # After its time it is closed by itself.
    terminal.clock.advance(181)
    echo(terminal)
    assert line.opened == opened + 3

    # It ends while the request is on its way: nobody can know what arrived, so it is not sent again but reversed.
    booked = till.booked()
    shop.key_in(terminal)
    shop.present(terminal)
    shop.enter_pin(terminal)
    shop.wait(terminal, "WAITING FOR HOST")
    line.drop()
    shown = shop.finish(terminal, shop.wait(terminal, *shop.DECIDED)).screen
    assert "REVERSED" in shown
    assert shop.movements(terminal)[booked:] == [("reversal", 0)], "the request was lost with the line: 25"
    assert shop.sell(terminal).approved
    shop.check_books(terminal)


def test_what_is_loaded_is_checked_and_told_without_the_key(till: Shop, made: Made) -> None:
    desk = till.terminal.desk
    tell(desk, tls_setup(made["good"].folder))
    told = desk.ask({"certificates": {}})
    assert told["key"] is True
    assert told["authority"] == told["certificate"] > "2026"
    key = made["good"].terminal.key.read_text()
    der = b64decode("".join(key.splitlines()[1:-1]))
    assert der not in till.terminal.emulator.state.flash.read_bytes(), "it is in the key slot"
    assert till.terminal.emulator.vaults.keys["TLS"] == der
    for name, pem, refused in (
        ("authority", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----", "an X.509 certificate, found"),
        ("certificate", key, "PEM: -----BEGIN CERTIFICATE-----"),
        ("key", "hunter2", "PEM: -----BEGIN PRIVATE KEY-----, found '7 characters without'"),
        ("crl", "", "one of authority, certificate, key"),
    ):
        with pytest.raises(DeskError, match=re.escape(refused)):
            desk.ask({"certificates": {name: pem}})
    assert desk.ask({"certificates": {}}) == told

    # What opening the case does to the key slot: a host that wants a certificate gets none.
    till.set_up(context(made["good"], made["good"]), LineSetup({"line": "tls"}))
    del till.terminal.emulator.vaults.keys["TLS"]
    assert desk.ask({"certificates": {}})["key"] is False
    assert "NEEDS OWN CERT" in shop.sell(till.terminal).screen


@pytest.mark.parametrize(
    ("settings", "refused"),
    [
        ({"line": "modem"}, "line: expected one of tcp, tls, serial"),
        ({"host": "two words"}, "host: expected letters, digits, hyphens and dots"),
        ({"port": 65536}, "port: expected a number from 0 to 65535"),
        ({"baud": 300}, "baud: expected a number from 1200 to 115200"),
        ({"keep_alive_ms": -1}, "keep_alive_ms: expected a number from 0 to 3600000"),
    ],
)
def test_settings_that_cannot_be(till: Shop, settings: dict[str, str | int], refused: str) -> None:
    with pytest.raises(DeskError, match=re.escape(refused)):
        till.terminal.desk.ask({"settings": settings})


@pytest.mark.one_in(3)
def test_the_same_seed_over_tls_differs_on_the_line_alone(tmp_path: Path, made: Made) -> None:
    """The handshake's random numbers are the port's: what people see, and when, is none the less the same."""

    def play(state: Path) -> tuple[list[tuple[int, tuple[str, ...]]], list[str], list[tuple[str, int]], bytes]:
        options = Options(state, seed=7, epoch=EPOCH)
        prepare(options, tls_setup(made["good"].folder))
        terminal = Terminal(options, CARDS)
        terminal.line.tls = context(made["good"], made["good"])
        till = Shop(terminal)
        with terminal:
            terminal.screen.wait_text("SIGNED ON")
            slips = shop.sell(terminal).slips
            frames = [(frame.at_us, frame.rows) for frame in terminal.screen.frames]
            return frames, list(slips), shop.movements(terminal), till.sent

    *first, line = play(tmp_path / "a")
    *second, other_line = play(tmp_path / "b")
    assert first == second
    assert line != other_line
