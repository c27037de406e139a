"""Slow cards, and many exchanges."""

from __future__ import annotations

import time
from statistics import quantiles

import pytest
from tillbench.hil.qualification import scard
from tillbench.hil.qualification.bench import SELECT_PSE, ReaderBench, first_aid
from tillbench.hil.qualification.cases import case

SLOW_ETU = 9_000
"""About 0.9 s at 3.57 MHz: below the waiting time of a card that names none (ISO/IEC 7816-3, 10.2)."""


@case(
    "RQ-TIM-01",
    requirement="ISO/IEC 7816-3 10.2, WT; EMV 4.3 Book 1, 9.2.2.1",
    needs="a card that answers late",
    passes="an answer that takes almost the whole waiting time is not given up",
)
def test_a_slow_card(bench: ReaderBench) -> None:
    bench.other_card(faults=({"ins": "SELECT", "nth": 2, "delay": SLOW_ETU},))
    connection = bench.connect()
    first = connection.transmit(SELECT_PSE)
    assert connection.transmit(SELECT_PSE) == first


@case(
    "RQ-TIM-02",
    requirement="own",
    needs="an EMV card with a directory",
    passes="every one of the exchanges has the same right answer; median, 95 % and 99 % of their times are told",
)
def test_endurance(bench: ReaderBench, request: pytest.FixtureRequest) -> None:
    count = request.config.getoption("--till-exchanges")
    connection = bench.connect()
    first_aid(connection)
    expected = connection.send(SELECT_PSE + b"\x00")
    times = []
    for number in range(count):
        before = time.perf_counter()
        found = connection.send(SELECT_PSE + b"\x00")
        times.append((time.perf_counter() - before) * 1000)
        assert found == expected, f"exchange {number}"
    half, p95, p99 = (quantiles(times, n=100)[at] for at in (49, 94, 98))
    protocol = "T=1" if connection.protocol == scard.T1 else "T=0"
    request.node.user_properties.append(
        (
            "till_note",
            f"{count} exchanges at {protocol}: {half:.2f} ms, 95 % {p95:.2f} ms, 99 % {p99:.2f} ms, "
            f"{1000 * count / sum(times):.0f}/s",
        )
    )
