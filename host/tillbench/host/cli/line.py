"""`tillbench line`: the line that misbehaves, between a terminal and a host."""

from __future__ import annotations

import asyncio
import logging
import secrets
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from tillbench.host.acquirer.service import until_interrupted
from tillbench.host.cli.errors import Refused
from tillbench.host.line import Record, Rule, Scenario, ScenarioError, load_scenario
from tillbench.host.line.proxy import Proxy, Setup
from tillbench.protocols.iso8583 import Dialect
from tillbench.protocols.iso8583.lines import LINES, Line
from tillbench.protocols.iso8583.names import dialect as dialect_named

log = logging.getLogger("tillbench.line")


@dataclass(frozen=True)
class Place:
    """A TCP address."""

    host: str
    port: int

    @classmethod
    def parse(cls, text: str, option: str) -> Place:
        """HOST:PORT or [IPV6]:PORT. Raises Refused."""
        host, _, port = text.rpartition(":")
        if not host or not port.isdecimal() or int(port) > 65535:
            raise Refused(f"{option} {text}: expected HOST:PORT")
        return cls(host.strip("[]"), int(port))


def scenario_of(file: Path | None, baud: int | None, **faults: Any) -> Scenario:
    """The file's rules, then one rule of the flags that were given. Raises Refused."""
    given = {name: value for name, value in faults.items() if value}
    try:
        scenario = load_scenario(file) if file else Scenario()
        rules = (*scenario.rules, Rule.model_validate(given)) if given else scenario.rules
        return Scenario(rules=rules, baud=baud or scenario.baud)
    except ScenarioError as error:
        raise Refused(str(error)) from None
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        option = str(first["loc"][0]).replace("_", "-") if first["loc"] else "rule"
        raise Refused(f"--{option}: {first['msg']}") from None


def delay_of(text: str | None) -> dict[str, Any] | None:
    """CHANCE:MS or CHANCE:LOW-HIGH. Raises Refused."""
    if text is None:
        return None
    chance, _, span = text.partition(":")
    low, _, high = span.partition("-")
    if not (low.isdecimal() and (high or low).isdecimal()):
        raise Refused(f"--delay {text}: expected CHANCE:MS or CHANCE:LOW-HIGH, as 0.1:50-3000")
    return {"chance": chance, "ms": (low, high or low)}


def framing_of(name: str) -> Line:
    """The framing of that name. Raises Refused with the names there are."""
    if name not in LINES:
        raise Refused(f"--framing {name}: no such framing; there is {', '.join(LINES)}")
    return LINES[name]


def dialect_of(name: str) -> Dialect | None:
    """The dialect of that name; "none" for messages that nobody reads. Raises Refused."""
    if name == "none":
        return None
    try:
        return dialect_named(name)
    except LookupError as error:
        raise Refused(f"--dialect: {error.args[0]}, none") from None


def run(
    listen: str,
    to: str,
    scenario: Scenario,
    seed: int | None,
    framing: Line,
    dialect: Dialect | None,
    record: Path | None,
    contents: bool,
) -> None:
    """Carry until interrupted. Raises CannotListen, Refused."""
    here, there = Place.parse(listen, "--listen"), Place.parse(to, "--to")
    used = secrets.randbelow(1 << 32) if seed is None else seed
    timeline = Record(contents=contents)
    setup = Setup(there.host, there.port, scenario, used, framing, dialect, timeline)
    timeline.listeners.append(lambda entry: print(entry, flush=True))
    try:
        file = record.open("w") if record else None
    except OSError as error:
        raise Refused(f"--record {record}: {error.strerror}") from None
    console = logging.StreamHandler(sys.stderr)
    log.addHandler(console)
    try:
        if file:
            timeline.write_to(file)
        asyncio.run(_carry(setup, here, used))
    finally:
        log.removeHandler(console)
        if file:
            file.close()


async def _carry(setup: Setup, here: Place, seed: int) -> None:
    proxy = Proxy(setup)
    await proxy.listen(here.host, here.port)
    print(f"line on {here.host} port {proxy.port} to {setup.host} port {setup.port}, seed {seed}", flush=True)
    await until_interrupted()
    await proxy.close()
