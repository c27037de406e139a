"""The host as a program: its ports, its log, until it is interrupted."""

import asyncio
import contextlib
import json
import logging
import signal
import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from tillbench.host.acquirer import event_loop
from tillbench.host.acquirer.monitor import Monitor
from tillbench.host.acquirer.serial_line import SerialLine
from tillbench.host.acquirer.server import DEFAULT_PORT, LOOPBACK, Host, Manners, serve
from tillbench.host.acquirer.watch_port import WatchPort
from tillbench.protocols.iso8583.lines import LINES, Line

log = logging.getLogger("tillbench.acquirer")


@dataclass(frozen=True)
class SerialPort:
    """A serial port to serve, 8N1."""

    device: str
    baud: int = 9600
    line: Line = LINES["unionpay-serial"]


@dataclass(frozen=True)
class Service:
    """Where and how to serve.

    Attributes:
        serial: a serial port beside the TCP port.
        watch: address of `/metrics` and `/health`; None: there is none.
        json_log: the log as one JSON object a line.
    """

    host: str = LOOPBACK
    port: int = DEFAULT_PORT
    manners: Manners = field(default_factory=Manners)
    serial: SerialPort | None = None
    watch: tuple[str, int] | None = None
    json_log: bool = False


class JsonFormatter(logging.Formatter):
    """One JSON object a line: `at` (UTC, ISO 8601), `level`, `text`, and of a message what `transaction_log` tells."""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        row: dict[str, Any] = {"at": at, "level": record.levelname.lower(), "text": record.getMessage()}
        row |= getattr(record, "transaction", {})
        if record.exc_info:
            row["trace"] = self.formatException(record.exc_info)
        return json.dumps(row, ensure_ascii=False)


def run(acquirer: Host, service: Service) -> None:
    """Serve until interrupted (SIGINT, SIGTERM), one line on standard output a message. Raises CannotListen."""
    console = logging.StreamHandler(sys.stdout)
    console.setFormatter(
        JsonFormatter() if service.json_log else logging.Formatter("%(asctime)s %(message)s", "%H:%M:%S")
    )
    log.addHandler(console)
    log.setLevel(logging.INFO)
    try:
        event_loop.run(_run(acquirer, service))
    finally:
        log.removeHandler(console)


async def _run(acquirer: Host, service: Service) -> None:
    monitor = Monitor()
    async with contextlib.AsyncExitStack() as stack:
        server = await serve(acquirer, service.host, service.port, manners=service.manners, monitor=monitor)
        stack.push_async_callback(server.close)
        if service.serial:
            wanted = service.serial
            stack.callback(SerialLine(wanted.device, wanted.baud, lambda: server.peer(wanted.line)).stop)
            log.info("acquirer on %s at %d baud", wanted.device, wanted.baud)
        if service.watch:
            watch = WatchPort(monitor, acquirer.trouble, *service.watch)
            stack.callback(watch.close)
            log.info("health and metrics on http://%s:%d", service.watch[0], watch.port)
        secure = " with TLS" if service.manners.tls else ""
        log.info("acquirer%s on %s port %d", secure, service.host, server.port)
        await until_interrupted()
    log.info("acquirer stopped")


async def until_interrupted() -> None:
    """Returns on SIGINT or SIGTERM."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    await stop.wait()
