"""What is told of the host's ports: health, metrics, log lines."""

from __future__ import annotations

import json
import logging
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from tillbench.host.acquirer.monitor import Monitor
from tillbench.host.acquirer.server import CannotListen, Server
from tillbench.host.acquirer.service import JsonFormatter
from tillbench.host.acquirer.watch_port import WatchPort

from .acquirer_ports import UNION, code_of_answer, connected, play, signed_on
from .acquirer_till import UNIONPAY_CARD, Bench, Chip, file_url


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[tuple[Bench, Monitor, WatchPort]]:
    bench, monitor = Bench(file_url(tmp_path)), Monitor()
    port = WatchPort(monitor, bench.acquirer.ledger.trouble, "127.0.0.1", 0)
    yield bench, monitor, port
    port.close()
    bench.acquirer.close()


def got(port: WatchPort, path: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port.port}{path}", timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def test_health(watched: tuple[Bench, Monitor, WatchPort]) -> None:
    bench, _, port = watched
    assert got(port, "/health") == (200, '{"status": "ok", "trouble": ""}\n')
    with bench.acquirer.ledger.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE terminals RENAME TO lost")
    status, text = got(port, "/health")
    assert (status, json.loads(text)["trouble"]) == (503, "no such table: terminals")


def test_health_waits_for_no_writer(watched: tuple[Bench, Monitor, WatchPort]) -> None:
    bench, _, port = watched
    with bench.acquirer.ledger.engine.begin():
        assert got(port, "/health")[0] == 200


def test_metrics(watched: tuple[Bench, Monitor, WatchPort]) -> None:
    _, monitor, port = watched
    monitor.answered("0200", "00", 0.003)
    monitor.answered("0200", "00", 0.3)
    monitor.answered("zz; DROP", "", 0.3)
    monitor.group_taken(2)
    status, text = got(port, "/metrics")
    assert status == 200
    assert 'tillbench_messages_total{code="00",mti="0200"} 2.0' in text
    assert 'tillbench_messages_total{code="none",mti="other"} 1.0' in text
    assert 'tillbench_message_seconds_bucket{le="0.005"} 1.0' in text
    assert got(port, "/")[0] == 404


def test_a_taken_watch_port_is_told(watched: tuple[Bench, Monitor, WatchPort]) -> None:
    bench, monitor, port = watched
    with pytest.raises(CannotListen, match="the port is taken"):
        WatchPort(monitor, bench.acquirer.ledger.trouble, "127.0.0.1", port.port)


def test_the_transaction_line_has_who_what_how_much_and_how_long(caplog: pytest.LogCaptureFixture) -> None:
    async def scene(bench: Bench, server: Server) -> None:
        till = signed_on(bench)
        async with connected(server) as (reader, writer):
            writer.write(till.frame(till.sale_message(Chip(UNIONPAY_CARD), 12_34, pin="123456")))
            assert await code_of_answer(UNION, reader) == "00"

    with caplog.at_level(logging.INFO, "tillbench.acquirer"):
        play(scene)
    line = caplog.messages[-1]
    assert line.startswith("12345678 000002 0200 620000******0005 12.34 -> 00 ")
    assert line.endswith(" ms")
    told = json.loads(JsonFormatter().format(caplog.records[-1]))
    assert told.pop("ms") > 0
    assert {name: told[name] for name in told if name not in ("at", "text")} == {
        "level": "info",
        "mti": "0200",
        "terminal": "12345678",
        "stan": "000002",
        "card": "620000******0005",
        "amount": 12_34,
        "code": "00",
    }


def test_a_json_log_line() -> None:
    record = logging.LogRecord("tillbench.acquirer", logging.WARNING, "", 0, "line %s: closed", ("?",), None)
    row = json.loads(JsonFormatter().format(record))
    assert (row["level"], row["text"]) == ("warning", "line ?: closed")
    assert row["at"].endswith("+00:00")
