"""The host on a serial line: noise, halves, a rule that hangs up."""

from __future__ import annotations

import asyncio
import os
import pty
from collections.abc import Awaitable, Callable

import pytest
from tillbench.host.acquirer.serial_line import SerialLine
from tillbench.host.acquirer.server import CannotListen, Server
from tillbench.protocols.iso8583 import UNIONPAY

from .acquirer_ports import SERIAL, framed, signed_on
from .acquirer_till import UNIONPAY_CARD, Bench, Chip, Till


class SerialEnd:
    """A terminal's end of a serial line: the master of a pty."""

    def __init__(self, fd: int) -> None:
        self.fd = fd

    def send(self, data: bytes) -> None:
        os.write(self.fd, data)

    async def frame(self) -> bytes:
        """The next frame of `SERIAL`."""
        data = b""
        while (size := SERIAL.frame_size(data)) is None or len(data) < size:
            data += await self._some()
        return data

    async def _some(self) -> bytes:
        loop, arrived = asyncio.get_running_loop(), asyncio.Event()
        loop.add_reader(self.fd, arrived.set)
        try:
            await arrived.wait()
        finally:
            loop.remove_reader(self.fd)
        return os.read(self.fd, 1)


def on_serial(scene: Callable[[Bench, SerialEnd], Awaitable[None]]) -> None:
    async def whole() -> None:
        bench = Bench()
        server = Server(bench.acquirer)
        master, slave = pty.openpty()
        try:
            line = SerialLine(os.ttyname(slave), 9600, lambda: server.peer(SERIAL))
            await scene(bench, SerialEnd(master))
            line.stop()
        finally:
            os.close(master)
            os.close(slave)

    asyncio.run(asyncio.wait_for(whole(), 30))


def serial_sale(till: Till, chip: Chip) -> bytes:
    return framed(SERIAL, till.body(till.sale_message(chip, 100)))


def code(frame: bytes) -> str:
    return UNIONPAY.decode(SERIAL.parse(frame).body).text(39)


def test_a_sale_over_a_serial_line() -> None:
    async def scene(bench: Bench, end: SerialEnd) -> None:
        till, chip = signed_on(bench), Chip(UNIONPAY_CARD)
        for _ in range(2):
            end.send(serial_sale(till, chip))
            assert code(await end.frame()) == "00"

    on_serial(scene)


def test_noise_and_a_wrong_lrc_cost_their_own_frame(caplog: pytest.LogCaptureFixture) -> None:
    async def scene(bench: Bench, end: SerialEnd) -> None:
        till, chip = signed_on(bench), Chip(UNIONPAY_CARD)
        spoilt = bytearray(serial_sale(till, chip))
        spoilt[-1] ^= 0xFF
        end.send(b"\xffnoise" + bytes(spoilt) + serial_sale(till, chip))
        assert code(await end.frame()) == "00"
        assert len(bench.acquirer.journal("0200")) == 1

    on_serial(scene)
    assert "frame dropped: STX at byte 0: expected 02, found FF" in caplog.text
    assert "frame dropped: LRC at byte " in caplog.text


def test_half_a_frame_and_a_silence_is_forgotten(caplog: pytest.LogCaptureFixture) -> None:
    async def scene(bench: Bench, end: SerialEnd) -> None:
        till, chip = signed_on(bench), Chip(UNIONPAY_CARD)
        line = Server(bench.acquirer).peer(SERIAL)
        line.data_received(serial_sale(till, chip)[:100])
        line.silence()
        end.send(serial_sale(till, chip))
        assert code(await end.frame()) == "00"

    on_serial(scene)
    assert "100 bytes of an unfinished frame dropped" in caplog.text


def test_a_rule_that_hangs_up_leaves_the_port_open() -> None:
    async def scene(bench: Bench, end: SerialEnd) -> None:
        till, chip = signed_on(bench), Chip(UNIONPAY_CARD)
        bench.acquirer.rules.drop("0200")
        end.send(serial_sale(till, chip) + serial_sale(till, chip))
        end.send(serial_sale(till, chip))
        assert code(await end.frame()) == "00"

    on_serial(scene)


def test_a_port_that_cannot_be_opened_is_told() -> None:
    async def whole() -> None:
        with pytest.raises(CannotListen, match="cannot open /dev/none: No such file or directory"):
            SerialLine("/dev/none", 9600, lambda: pytest.fail("no peer without a port"))

    asyncio.run(whole())
