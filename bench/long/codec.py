"""ISO 8583: the three codecs of every dialect say the same of messages that are right, spoiled and mutated.

The reference (construct), the generated CPython codec and the generated MicroPython codec on the device: the same bytes
and fields, the same errors with field, offset, nibble, expected and found.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any

from tillbench.host.emulator.bench import Bench
from tillbench.protocols.iso8583 import Dialect, Message, corpus
from tillbench.protocols.iso8583.corpus import Outcome
from tillbench.protocols.iso8583.micropython import source
from tillbench.protocols.iso8583.names import DIALECTS

from bench.wires import runner

BODIES, MESSAGES = 60, 30
_LITERALS = 25_000  # characters of one call to the device, whose heap holds several times that


class ThreeCodecs:
    """The codecs of a dialect, the third of them on a device."""

    def __init__(self, dialect: Dialect, device: Bench) -> None:
        self.dialect, self.device = dialect, device
        device.call("codec_probe:make", dialect.name, source(dialect))

    def compare(self, random: Random, bodies: int, messages: int) -> Counter[str]:
        """What came of so many bodies and messages: how many `whole` and `refused`, of how many codecs the outcome was
        another than that of the reference (`disagreements`), and the first of those in words as a key of its own."""
        counts: Counter[str] = Counter(disagreements=0)
        for batch in _batches(islice(corpus.frames(self.dialect, random), bodies)):
            expected = [corpus.reference_decode(self.dialect, body) for body in batch]
            fast = [corpus.fast_decode(self.dialect, body) for body in batch]
            device = [_flat(one) for one in self.device.call("codec_probe:decode", self.dialect.name, batch)]
            self._note(counts, "decode", [body.hex() for body in batch], expected, fast, device)
        for many in _batches(islice(corpus.messages(self.dialect, random), messages)):
            plain = [(message.mti, message.fields) for message in many]
            expected = [corpus.reference_encode(self.dialect, message) for message in many]
            fast = [corpus.fast_encode(self.dialect, message) for message in many]
            device = self.device.call("codec_probe:encode", self.dialect.name, plain)
            self._note(counts, "encode", plain, expected, fast, device)
        return counts

    def _note(
        self, counts: Counter[str], what: str, given: list[Any], reference: list[Outcome], *others: list[Outcome]
    ) -> None:
        for one, expected, *found in zip(given, reference, *others, strict=True):
            counts["whole" if expected[0] == "ok" else "refused"] += 1
            for codec, outcome in zip(("CPython", "device"), found, strict=True):
                if outcome != expected:
                    words = f"{what} of {one} in {self.dialect.name}:\n  reference {expected}\n  {codec:9} {outcome}"
                    if not counts["disagreements"]:
                        counts[words] = 0
                    counts["disagreements"] += 1


def _flat(outcome: Outcome) -> Outcome:
    """("ok", (message type, fields)) as ("ok", message type, fields)."""
    return ("ok", *outcome[1]) if outcome[0] == "ok" else outcome  # type: ignore[misc]  # an outcome is a union of two tuples


def _batches(items: Iterator[Any]) -> Iterator[list[Any]]:
    batch: list[Any] = []
    size = 0
    for item in items:
        batch.append(item)
        size += len(repr((item.mti, item.fields) if isinstance(item, Message) else item))
        if size > _LITERALS:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def disagreement(counts: Counter[str]) -> str:
    """The first one, in words; empty when there is none."""
    return next((words for words in counts if "\n" in words), "")


class CodecEquality:
    """A batch of bodies to read and one of messages to write, in one dialect, by all three codecs."""

    name = "codec"
    share = 1.0

    def __init__(self) -> None:
        self._open = ExitStack()
        self._device: Bench | None = None

    @property
    def device(self) -> Bench:
        """One device for all cases: the codec keeps nothing from one message to the next."""
        if self._device is None:
            folder = self._open.enter_context(tempfile.TemporaryDirectory(prefix="tillbench-long-"))
            self._device = self._open.enter_context(runner(Path(folder)))
        return self._device

    def run(self, random: Random, folder: Path) -> str:
        """Compare the outcomes, errors word for word."""
        del folder
        dialect = DIALECTS[random.choice(sorted(DIALECTS))]
        counts = ThreeCodecs(dialect, self.device).compare(random, BODIES, MESSAGES)
        if counts["disagreements"]:
            raise AssertionError(disagreement(counts))
        return f"{dialect.name}, {'as whole as refused' if counts['whole'] and counts['refused'] else 'of one kind'}"

    def close(self) -> None:
        """End the device."""
        self._open.close()
