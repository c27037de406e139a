"""The long runs, very short: a few cases of each kind, so that they still work when they are wanted."""

from __future__ import annotations

import sys
from pathlib import Path
from random import Random

import pytest
from tillbench.protocols.iso8583 import Dialect, corpus
from tillbench.protocols.iso8583.names import DIALECTS

from bench.long import __main__ as long
from bench.long import codecs
from bench.long.codec import CodecEquality, disagreement
from bench.long.day import Day
from bench.long.determinism import Determinism
from bench.long.interleavings import Interleavings
from bench.long.kinds import Kind, chance_of, repeat_command
from bench.long.link_garbage import Garbler, LinkGarbage


@pytest.mark.one_in(2)
@pytest.mark.parametrize(
    ("kind", "cases"),
    [(CodecEquality(), 2), (LinkGarbage(), 1), (Day(errands=3), 1), (Determinism(), 1), (Interleavings(3), 1)],
    ids=lambda value: getattr(value, "name", str(value)),
)
def test_a_few_cases(kind: Kind, cases: int) -> None:
    try:
        for case in range(cases):
            long.run_case(kind, 5, case)
    finally:
        kind.close()


def test_every_dialect_a_little(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "argv", ["bench.long.codecs", "--seed", "5", "--messages", "240", "--jobs", "1"])
    assert codecs.main() == 0
    *_, last = capsys.readouterr().out.splitlines()
    assert last == f"{240 * len(DIALECTS):,} messages, 0 disagreements"


def test_a_disagreement_is_counted_and_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """A CPython codec that takes no field 2 is found out, with what each codec said."""
    ours = corpus.fast_decode

    def wrong(dialect: Dialect, data: bytes) -> corpus.Outcome:
        found = ours(dialect, data)
        return ("error", 2, "", 0, None, "nothing", "a field") if found[0] == "ok" and 2 in found[2] else found  # type: ignore[operator]  # an "ok" has the fields behind it

    monkeypatch.setattr(corpus, "fast_decode", wrong)
    counts = codecs.compared(5, 120, "unionpay")
    assert 0 < counts["disagreements"] < 120
    told = disagreement(counts)
    assert told.startswith("decode of 0")
    assert "CPython   ('error', 2, '', 0, None, 'nothing', 'a field')" in told


class Broken:
    """A kind that fails in its third case, the same way each time."""

    name = "broken"
    share = 1.0

    def run(self, random: Random, folder: Path) -> str:
        number = random.random()
        if number == chance_of(5, self.name, 2).random():
            raise AssertionError(f"drew {number}")
        return "fine"

    def close(self) -> None:
        """Nothing is shared."""


def test_the_first_failure_is_told_with_the_command_that_repeats_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(long, "KINDS", {"broken": Broken})
    monkeypatch.setattr(sys, "argv", ["bench.long", "--seed", "5", "--minutes", "1"])
    assert long.main() == 1
    told = capsys.readouterr().out
    assert told.startswith("seed 5\n")
    assert repeat_command(5, "broken", 2) in told
    drawn = f"drew {chance_of(5, 'broken', 2).random()}"
    assert drawn in told
    monkeypatch.setattr(sys, "argv", ["bench.long", *repeat_command(5, "broken", 2).split()[3:]])
    assert long.main() == 1
    assert drawn in capsys.readouterr().out
    monkeypatch.setattr(sys, "argv", ["bench.long", "--seed", "5", "--only", "broken", "--case", "1"])
    assert long.main() == 0
    assert "broken 1: fine" in capsys.readouterr().out


def test_a_case_without_its_kind_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["bench.long", "--case", "3"])
    with pytest.raises(SystemExit):
        long.main()
    assert "--case needs --only" in capsys.readouterr().err


def test_damage_does_not_depend_on_how_the_bytes_come() -> None:
    data = Random(1).randbytes(5000)
    whole, byte_by_byte = Garbler(Random(2), 100), Garbler(Random(2), 100)
    assert whole(data) == b"".join(byte_by_byte(bytes([byte])) for byte in data)
    assert whole.damaged == byte_by_byte.damaged > 10
