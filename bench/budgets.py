"""What a transaction costs the flash, and how soon after the last key its request is on the line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from time import perf_counter

from tillbench.host.acquirer.certificates import make
from tillbench.host.acquirer.tls import server_context
from tillbench.host.emulator.emulator import Options
from tillbench.host.emulator.line_setup import LineSetup, tell, tls_setup
from tillbench.host.emulator.qemu_images import NoQemu, find_image, find_qemu
from tillbench.host.terminal import Terminal
from tillbench.protocols.link import Channel, Socket, Uart

from bench.shop import EPOCH, IDLE, sell
from bench.table import Section, us

SALES = 20
_DAYS = 3650
_ROUNDS = 3


def flash(folder: Path) -> Section:
    """Operations and bytes on the flash chip, by flow."""
    section = Section(
        "Flash by flow",
        "The flash model of the Unix port: blocks of 4 KB, programs as LittleFS gives them. Bytes are programmed, a "
        "block that is erased is one operation. At 100,000 erasures of a block the last column says how many such "
        "transactions wear the chip of 256 KB out, its blocks being taken in turn.",
    )
    with Terminal(Options(folder / "flash", seed=7, epoch=EPOCH, fast_keys=True)) as terminal:
        terminal.screen.wait_text(IDLE)

        def declined() -> None:
            terminal.acquirer.rules.answer("0200", "51")
            _refused(terminal)

        def reversed_() -> None:
            terminal.acquirer.rules.silence("0200")
            _refused(terminal)

        sell(terminal)
        for name, flow, times in (
            ("A sale, approved, both slips", lambda: sell(terminal), SALES),
            ("A sale, declined", declined, SALES),
            ("A sale without an answer, reversed", reversed_, SALES),
            ("An echo test", lambda: _echo(terminal), 3),
        ):
            operations, written, erased = _cost(terminal, flow, times)
            life = f"{100_000 * 64 / erased:,.0f}" if erased else "-"
            section.add(name, f"{operations:.1f} operations, {written:,.0f} bytes, {erased:.2f} erasures", life)
    return section


def _cost(terminal: Terminal, flow: Callable[[], None], times: int) -> tuple[float, float, float]:
    before = terminal.desk.ask({"health": {}})
    for _ in range(times):
        flow()
    after = terminal.desk.ask({"health": {}})
    names = ("flash_operations", "flash_written", "flash_erases")
    operations, written, erased = ((after[name] - before[name]) / times for name in names)
    return operations, written, erased


def _refused(terminal: Terminal) -> None:
    """A sale that ends at NOT APPROVED or DECLINED."""
    _up_to_pin(terminal)
    terminal.press("ENTER")
    terminal.screen.wait_any("DECLINED", "NOT APPROVED")
    terminal.card.remove()
    terminal.screen.wait_text(IDLE)


def _echo(terminal: Terminal) -> None:
    terminal.menu("MANAGEMENT", "HOST", "ECHO TEST")
    terminal.screen.wait_text("PASSED")
    terminal.press("ENTER")
    terminal.screen.wait_text(IDLE)


def _up_to_pin(terminal: Terminal, card: str = "unionpay-debit") -> None:
    terminal.press("1 2 3 4 ENTER")
    terminal.screen.wait_text("INSERT CARD")
    terminal.card.insert(card)
    terminal.screen.wait_text("ENTER PIN")
    terminal.press(" ".join(terminal.emulator.profile(card).pin))


def first_byte(folder: Path) -> Section:
    """From ENTER after the PIN to the first byte of the request."""
    section = Section(
        "From ENTER to the first byte on the line",
        "The key after the PIN closes; PIN block, the card's cryptogram, MAC, the record on flash and, unless it is "
        "kept, the connection come before the request. Virtual time is that of the counter: debouncing, the card at "
        "10,753 bit/s, 20 ms each way on the line. Wall time is what the device, the models and the link between them "
        "take for it, a handshake at both ends too; the median of three sales.",
    )
    start = min(EPOCH.replace(tzinfo=UTC), datetime.now(UTC))
    made = make(folder / "tls", ("acquirer",), _DAYS, start)
    tls = tls_setup(made.folder)
    tcp = LineSetup({"line": "tcp", "keep_alive_ms": 0})
    ways = (
        ("TCP", tcp),
        ("TCP, connection kept", replace(tcp, settings={"line": "tcp", "keep_alive_ms": 600_000})),
        ("TLS 1.2, both with certificates", replace(tls, settings={"line": "tls", "keep_alive_ms": 0})),
        ("TLS 1.2, connection kept", replace(tls, settings={"line": "tls", "keep_alive_ms": 600_000})),
        ("Serial", LineSetup({"line": "serial", "baud": 9600})),
    )
    peer = 0.0
    with Terminal(Options(folder / "first", seed=7, epoch=EPOCH, fast_keys=True)) as terminal:
        terminal.screen.wait_text(IDLE)
        for name, setup in ways:
            terminal.line.tls = None
            if setup.settings["line"] == "tls":
                terminal.line.tls = server_context(made.host.certificate, made.host.key, made.authority)
            tell(terminal.desk, setup)
            virtual, wall = _enter_to_first_byte(terminal)
            peer = peer or wall
            section.add(
                f"{name}, Unix port", f"{virtual * 1e3:.0f} ms virtual, {us(wall)} wall", f"{wall / peer:.2f} x TCP"
            )
    try:
        find_qemu()
        find_image("spiram")
    except NoQemu as error:
        section.add("TCP, Cortex-M3 in QEMU", f"not measured: {error}")
        return section
    options = Options(folder / "qemu", target="qemu", image="spiram", seed=7, epoch=EPOCH, fast_keys=True)
    with Terminal(options) as terminal:
        terminal.screen.wait_text(IDLE)
        virtual, wall = _enter_to_first_byte(terminal)
        section.add(
            "TCP, Cortex-M3 in QEMU", f"{virtual * 1e3:.0f} ms virtual, {us(wall)} wall", f"{wall / peer:.2f} x TCP"
        )
    return section


def _enter_to_first_byte(terminal: Terminal) -> tuple[float, float]:
    """Virtual and wall seconds, after a sale that loads what is needed and, where that is set, connects."""
    sell(terminal)
    virtuals, walls = zip(*(_one(terminal) for _ in range(_ROUNDS)), strict=True)
    return median(virtuals), median(walls)


def _one(terminal: Terminal) -> tuple[float, float]:
    bench = terminal.emulator.bench
    _up_to_pin(terminal)
    bench.settle()
    began: list[tuple[int, float]] = []
    sent: list[tuple[int, float]] = []
    requests = len(terminal.acquirer.journal("0200"))
    contact, message = bench.nets.on_closure, bench.on_message

    def closed(a: str, b: str, closes: bool) -> None:
        contact(a, b, closes)
        if not began:
            began.append((bench.clock.now, perf_counter()))

    def heard(direction: str, channel: Channel, payload: bytes) -> None:
        message(direction, channel, payload)
        on_socket = channel == Channel.SOCKET and payload[0] == Socket.SEND
        on_uart = channel == Channel.UART and payload[:2] == bytes([Uart.WRITE, 0])
        if direction == "<" and (on_socket or on_uart):
            # The last of them before the host has the request: a handshake comes before it.
            sent.append((bench.clock.now, perf_counter()))

    bench.nets.on_closure, bench.on_message = closed, heard
    terminal.emulator.keypad.type("ENTER")
    bench.run_until(lambda: len(terminal.acquirer.journal("0200")) > requests, 60, "the request to arrive")
    bench.nets.on_closure, bench.on_message = contact, message
    terminal.screen.wait_text("APPROVED")
    terminal.card.remove()
    terminal.receipt()
    terminal.screen.wait_text("TEAR OFF")
    terminal.press("ENTER")
    terminal.receipt()
    terminal.screen.wait_text(IDLE)
    return (sent[-1][0] - began[0][0]) / 1e6, sent[-1][1] - began[0][1]
