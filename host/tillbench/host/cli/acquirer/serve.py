"""The host as a TCP server."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

from tillbench.host.acquirer import Acquirer, TerminalSetup
from tillbench.host.acquirer.dialects import DIALECTS
from tillbench.host.acquirer.institution import Institution
from tillbench.host.acquirer.rule_file import load
from tillbench.host.acquirer.server import Manners
from tillbench.host.acquirer.service import SerialPort, Service
from tillbench.host.acquirer.service import run as serve
from tillbench.host.acquirer.stand_in import StandIn
from tillbench.host.acquirer.tls import server_context
from tillbench.host.cards import load_profile, profile_names
from tillbench.host.cli.errors import Refused
from tillbench.host.cli.line import Place, framing_of
from tillbench.host.cli.state_option import open_state
from tillbench.host.emulator.emulator import MERCHANT_ID, TERMINAL_ID
from tillbench.host.entropy import Entropy
from tillbench.protocols.iso8583.rule import DialectError


def run(
    service: Service,
    state: Path | None,
    seed: int | None,
    db: str | None = None,
    rules: str | None = None,
    dialect: str = "unionpay",
    *,
    stand_in: bool = False,
    power_safe: bool = False,
) -> None:
    """Serve until interrupted. The key slot in `state` is the one that `tillbench emulate` uses: both know the TMK.

    db: the ledger's URL, instead of the one in `state`. rules: a file of rules, or `lab`. dialect: one of
    `dialects.DIALECTS`. stand_in: no ledger and no keys; every request is approved, unless a rule declines it.
    power_safe: see `Ledger`.

    Raises:
        CannotListen: the address cannot be had.
        LedgerUnavailable: the ledger cannot be opened.
        RuleFileError: the file is no set of rules.
    """
    if dialect not in DIALECTS:
        raise Refused(f"--dialect {dialect}: expected {', '.join(DIALECTS)}")
    misbehaviour, risk = load(rules) if rules else ([], ())
    if stand_in:
        host = StandIn(datetime.now, dialect=dialect)
        host.rules.add(misbehaviour)
        serve(host, service)
        return
    directory = open_state(state)
    entropy = Entropy(seed)
    acquirer = Acquirer(
        db or directory.ledger_url,
        datetime.now,
        entropy.stream("acquirer"),
        lmk=directory.ledger_key(entropy),
        institution=Institution(risk=risk),
        dialect=dialect,
        power_safe=power_safe,
    )
    acquirer.rules.add(misbehaviour)
    try:
        acquirer.provision(
            [load_profile(name) for name in profile_names()],
            [TerminalSetup(TERMINAL_ID, MERCHANT_ID, directory.key_slot(entropy)["TMK"])],
        )
        serve(acquirer, service)
    finally:
        acquirer.close()


def service_of(
    host: str,
    port: int,
    *,
    framing: str,
    max_frame: int,
    idle: float,
    most: int,
    certificate: Path | None,
    key: Path | None,
    terminal_ca: Path | None,
    serial: str | None,
    baud: int,
    watch: str | None,
    json_log: bool,
) -> Service:
    """What the options ask for. Raises Refused, TlsError."""
    if (certificate is None) != (key is None):
        raise Refused("--certificate and --key: expected both or neither")
    if terminal_ca and not certificate:
        raise Refused("--terminal-ca: expected --certificate and --key too")
    line = framing_of(framing)
    if not line.length:
        raise Refused(f"--framing {framing}: the host needs to know where a message ends")
    try:
        line = replace(line, largest=max_frame)
    except DialectError as error:
        raise Refused(f"--max-frame {max_frame}: expected {error.expected}") from None
    tls = server_context(certificate, key, terminal_ca) if certificate and key else None
    there = Place.parse(watch, "--watch") if watch else None
    return Service(
        host,
        port,
        Manners(line, tls, idle or None, most),
        SerialPort(serial, baud) if serial else None,
        (there.host, there.port) if there else None,
        json_log,
    )
