"""A board on another computer: RFC 2217 by pyserial's own server, and a plain TCP socket, in front of the port that
behaves like an ESP32's UART."""

from __future__ import annotations

import contextlib
import os
import select
import socket
import struct
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import serial
import serial.rfc2217
from tillbench.hil import checks
from tillbench.host.boards import firmware
from tillbench.host.boards.board_map import Board
from tillbench.host.boards.board_port import BoardPort, NoBoard
from tillbench.host.boards.mpremote_transport import raw_repl
from tillbench.host.emulator.link import LinkLost
from tillbench.host.emulator.serial_wire import SerialWire, open_port

from .one_port_rig import Esp32Port, deployed_board

pytestmark = pytest.mark.filterwarnings("ignore:set.* is deprecated:DeprecationWarning")  # pyserial's own


class LabPort(serial.Serial):  # type: ignore[misc]  # pyserial has no types
    """The lab computer's port. A pseudo-terminal has no modem lines, so they are noted."""

    def __init__(self, name: str) -> None:
        self.lines: list[tuple[str, bool]] = []
        super().__init__(name, timeout=0)

    def _update_dtr_state(self) -> None:
        self.lines.append(("DTR", self._dtr_state))

    def _update_rts_state(self) -> None:
        self.lines.append(("RTS", self._rts_state))

    @property
    def cts(self) -> bool:
        return True

    dsr = cd = cts

    @property
    def ri(self) -> bool:
        return False


class Server:
    """One client at a time, on loopback; `protocol` is rfc2217 or socket."""

    def __init__(self, port: LabPort, protocol: str) -> None:
        self.port = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"{protocol}://127.0.0.1:{self._listener.getsockname()[1]}"
        self._rfc2217 = protocol == "rfc2217"
        self._wake, self._waker = socket.socketpair()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while self._wake not in select.select([self._listener, self._wake], [], [])[0]:
            client, _ = self._listener.accept()
            with client, contextlib.suppress(OSError):
                self._carry(client)

    def _carry(self, client: socket.socket) -> None:
        class Connection:
            def write(self, data: bytes) -> None:
                client.sendall(data)

        manager: Any = serial.rfc2217.PortManager(self.port, Connection()) if self._rfc2217 else None
        while True:
            sources: list[Any] = [client, self.port, self._wake]
            ready = select.select(sources, [], [])[0]
            if self._wake in ready:
                return
            if self.port in ready:
                data = self.port.read(4096)
                client.sendall(b"".join(manager.escape(data)) if manager else data)
            if client in ready:
                data = client.recv(4096)
                if not data:
                    return
                self.port.write(b"".join(manager.filter(data)) if manager else data)

    def close(self) -> None:
        self._waker.send(b"!")
        self._thread.join(5)
        for end in (self._listener, self._wake, self._waker):
            end.close()


@pytest.fixture(scope="module")
def board(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Esp32Port]:
    port = deployed_board(tmp_path_factory.mktemp("board"))
    said = b""
    with contextlib.closing(LabPort(port.name)) as line:
        while b">>> " not in said:  # a board that is still starting hears nothing
            assert select.select([line], [], [], 30)[0], f"no REPL: {said!r}"
            said += line.read(4096)
    yield port
    port.close()


@pytest.fixture(params=["rfc2217", "socket"])
def server(board: Esp32Port, request: pytest.FixtureRequest) -> Iterator[Server]:
    with contextlib.closing(LabPort(board.name)) as port, contextlib.closing(Server(port, request.param)) as made:
        yield made


def test_the_terminal_starts_on_it(server: Server) -> None:
    """The whole link, and the REPL is given back."""
    finding = checks.link(f"serial:{server.url}")
    assert finding.ok, finding
    with BoardPort(Board("till", port=server.url)).wire("a test") as wire:
        assert firmware.ask(wire).platform == "linux"


def test_files_go_there(server: Server) -> None:
    with raw_repl(BoardPort(Board("till", port=server.url))) as transport:
        assert transport.eval("6*7") == 42


def test_its_lines_are_at_rest_and_a_reset_pulls_one(server: Server) -> None:
    """RFC 2217 carries DTR and RTS; over a plain socket there are none, and nothing pretends."""
    port = BoardPort(Board("till", port=server.url))
    with port.wire("a test"):
        pass
    if server.url.startswith("socket"):
        assert server.port.lines == [("DTR", True), ("RTS", True)]  # pyserial's own, when the server opened it
        return
    assert server.port.lines[-2:] == [("DTR", False), ("RTS", False)]
    port.reset()
    assert [state for line, state in server.port.lines if line == "RTS"][-3:] == [False, True, False]


def test_nobody_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        number = listener.getsockname()[1]
    for protocol in ("rfc2217", "socket"):
        url = f"{protocol}://127.0.0.1:{number}"
        with pytest.raises(LinkLost, match=f"{url}: cannot be opened"):
            SerialWire(url)
        with pytest.raises(NoBoard, match="cannot be opened"), BoardPort(Board("till", port=url)).opened("a test"):
            pass


def test_nothing_is_left_open_of_a_connection_that_was_reset() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = open_port(f"socket://127.0.0.1:{listener.getsockname()[1]}", 115_200, dtr=False, timeout_s=1)
        carrier: socket.socket = port._socket
        other, _ = listener.accept()
        other.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        other.close()
        select.select([carrier], [], [], 10)
        with pytest.raises(OSError, match=r"reset|disconnected"):
            port.read(1)
        port.close()
    assert carrier.fileno() == -1


def test_it_goes_away(board: Esp32Port) -> None:
    with contextlib.closing(LabPort(board.name)) as port:
        server = Server(port, "socket")
        wire = SerialWire(server.url)
        server.close()
        select.select([wire], [], [], 10)
        with pytest.raises(LinkLost, match="the port has gone away"):
            wire.read()
        wire.close()
        os.stat(board.name)
