"""`tillbench emulate` itself, as a person starts it, killed between request and answer and started again."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

import pytest
from tillbench.host.acquirer import Acquirer, Outcome, TerminalSetup
from tillbench.host.acquirer.peer import Peer
from tillbench.host.acquirer.server import LOOPBACK, serve
from tillbench.host.cards import load_profile
from tillbench.host.emulator.emulator import MERCHANT_ID, TERMINAL_ID
from tillbench.host.emulator.state import StateDir
from tillbench.host.entropy import Entropy
from tillbench.protocols.iso8583.lines import Packet

SEED = 7
PATIENCE_S = 25.0
PROGRAM = (sys.executable, "-c", "from tillbench.host.cli import main; main()", "emulate", "--headless")


class Emulate:
    """The running command: its events on stdout, its commands on stdin."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.heard: list[str] = []

    async def wait(self, text: str) -> None:
        """Read events up to one with this text."""
        assert self.process.stdout is not None
        try:
            async with asyncio.timeout(PATIENCE_S):
                while True:
                    line = (await self.process.stdout.readline()).decode(errors="replace")
                    assert line, "it has ended"
                    self.heard.append(line)
                    if text in line:
                        return
        except (TimeoutError, AssertionError) as error:
            raise AssertionError(f"no {text!r} ({error}) in\n{''.join(self.heard)}") from None

    async def say(self, command: str) -> None:
        """One line on stdin."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{command}\n".encode())
        await self.process.stdin.drain()

    async def kill(self) -> None:
        """SIGKILL: it gets to tidy up nothing. Its device loses the link, and ends."""
        if self.process.returncode is None:
            self.process.kill()
        await self.process.wait()


@asynccontextmanager
async def emulate(state: Path, port: int) -> AsyncIterator[Emulate]:
    """Run it with an acquirer on `port`; kill it at the end at the latest."""
    options = ("--state", str(state), "--seed", str(SEED), "--acquirer", f"{LOOPBACK}:{port}")
    process = await asyncio.create_subprocess_exec(
        *PROGRAM,
        *options,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    running = Emulate(process)
    try:
        yield running
    finally:
        await running.kill()
        assert process.stdin is not None
        process.stdin.close()


def decided(mti: str, monkeypatch: pytest.MonkeyPatch) -> asyncio.Event:
    """Set when the acquirer has decided and booked a message of the type, whether it answers or not."""
    came = asyncio.Event()
    answered = Peer.answered

    def tell(peer: Peer, packet: Packet, outcome: Outcome) -> None:
        answered(peer, packet, outcome)
        if outcome.decision.request and outcome.decision.request.mti == mti:
            came.set()

    monkeypatch.setattr(Peer, "answered", tell)
    return came


async def kill_and_start_again(acquirer: Acquirer, state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    server = await serve(acquirer, port=0)
    booked = decided("0200", monkeypatch)
    try:
        async with emulate(state, server.port) as first:
            await first.wait("SIGNED ON")
            await first.say("press CLEAR")
            await first.wait("READY")
            await first.say("press 5 0 0 ENTER")
            await first.wait("INSERT CARD")
            await first.say("insert unionpay-debit")
            await first.wait("ENTER PIN")
            acquirer.rules.silence("0200")
            await first.say("press 1 2 3 4 5 6 ENTER")
            await first.wait("WAITING FOR HOST")
            await asyncio.wait_for(booked.wait(), PATIENCE_S)
            await first.kill()
        assert [(e.kind, e.booked) for e in acquirer.ledger.transactions()] == [("sale", -500)]
        async with emulate(state, server.port) as second:
            await second.wait("REVERSING")
            await second.wait("REVERSED")
            await second.say("press CLEAR")
            await second.wait("READY")
    finally:
        await server.close()


@pytest.mark.one_in(2)
def test_killed_between_request_and_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    state = StateDir(tmp_path / "till")
    state.prepare()
    entropy = Entropy(SEED)
    tmk = state.key_slot(entropy)["TMK"]
    acquirer = Acquirer("sqlite://", datetime.now, entropy.stream("acquirer"))
    card = load_profile("unionpay-debit")
    acquirer.provision([card], [TerminalSetup(TERMINAL_ID, MERCHANT_ID, tmk)])
    try:
        asyncio.run(kill_and_start_again(acquirer, state.path, monkeypatch))
        assert [(e.kind, e.booked) for e in acquirer.ledger.transactions()] == [("sale", -500), ("reversal", 500)]
        sale, reversal = acquirer.ledger.transactions()
        assert (reversal.stan, reversal.original_id, reversal.reason) == (sale.stan, sale.id, "98")
        assert [exchange.mti for exchange in acquirer.journal()] == ["0800", "0200", "0400"]
        assert acquirer.ledger.balance(card.pan) == card.balance
    finally:
        acquirer.close()
