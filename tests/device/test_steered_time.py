"""Steered time: a device that only polls goes on by itself, and nobody can tell by any time on any wire."""

from __future__ import annotations

import struct
from functools import partial

import pytest
from tillbench.host.emulator.bench import ALONE_US, Bench
from tillbench.host.emulator.link import LinkLost
from tillbench.protocols.link import Channel, System

MS = 1000


def grants(bench: Bench) -> list[int]:
    """The times that the bench gives from now on."""
    given: list[int] = []

    def hear(direction: str, channel: Channel, payload: bytes) -> None:
        if channel == Channel.SYSTEM and payload[0] == System.GRANT:
            given.append(struct.unpack_from("<Q", payload, 1)[0])

    bench.on_message = hear
    return given


def test_who_only_polls_asks_for_the_time_rarely(bench: Bench) -> None:
    given = grants(bench)
    start = bench.clock.now
    assert bench.call("time_probe:polls", 4, 1200) == []
    assert 1200 * MS <= bench.clock.now - start <= 1202 * MS
    assert len(given) <= 1200 * MS // ALONE_US + 2, "1,200 polls"


def test_what_happens_meanwhile_is_seen_in_time(bench: Bench) -> None:
    bench.nets.drive("P4", 0)
    bench.settle()
    start = bench.clock.now // MS * MS
    for at, level in ((123_456, 1), (123_999, 0), (200_000, 1), (200_001, 0), (1_700_500, 1)):
        bench.clock.at(start + at, partial(bench.nets.drive, "P4", level))
    assert bench.call("time_probe:polls", 4, 1800) in ([200, 201, 1701], [200, 201, 1700])


@pytest.mark.parametrize("polls_us", [100, 1300, 5000])
def test_what_it_says_after_that_is_said_in_time(bench: Bench, polls_us: int) -> None:
    start = bench.clock.now
    said: list[int] = []
    bench.nets.watch("P5", lambda level: said.append(bench.clock.now - start))
    bench.call("time_probe:toggles", 5, 4, 130, polls_us)
    assert said[-4:] == [-(-130 * MS * n // polls_us) * polls_us for n in range(1, 5)]


def test_the_answer_to_what_it_said_is_not_passed_by(bench: Bench) -> None:
    bench.nets.drive("P4", 0)

    def answer(level: int) -> None:
        bench.clock.after(700, lambda: bench.nets.drive("P4", level))

    bench.nets.watch("P5", answer)
    assert bench.call("time_probe:echoes", 5, 4, 6) == [700] * 6


def test_what_happened_is_not_followed_by_time(bench: Bench) -> None:
    """Whoever lets a device see something and be done with it finds it at that moment, though it polls."""
    bench.call("time_probe:keep_polling", 5)
    for level in (1, 0, 1):
        bench.run_for(0.0123)
        start = bench.clock.now
        bench.nets.drive("P4", level)
        bench.settle()
        assert bench.clock.now == start
    bench.call("time_probe:stop_polling")


def test_a_device_that_passes_by_what_is_due_is_found_out(bench: Bench) -> None:
    bench.clock.after(50 * MS, lambda: None)
    late = bench.clock.now + 60 * MS
    with pytest.raises(LinkLost, match=f"went on to {late} us by itself; something else is due at"):
        bench.call("board_probe:send_raw", int(Channel.SYSTEM), struct.pack("<BQ", System.NOW, late))
