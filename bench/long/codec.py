"""ISO 8583: the device's codec and the reference say the same of messages that are right, spoiled and mutated."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from random import Random

from tillbench.host.emulator.bench import Bench
from tillbench.protocols.iso8583 import UNIONPAY, FormatError, Message, corpus

from bench.wires import runner

BODIES, MESSAGES = 60, 30
Outcome = tuple[object, ...]


class CodecEquality:
    """A batch of bodies to read and one of messages to write, by both codecs."""

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
        bodies = [corpus.mutated(UNIONPAY.encode(corpus.message(UNIONPAY, random)), random) for _ in range(BODIES)]
        messages = [corpus.message(UNIONPAY, random) for _ in range(MESSAGES)]
        messages = [corpus.spoiled(message, random) if random.random() < 0.7 else message for message in messages]
        read = self._compare("decode", bodies, [(body,) for body in bodies], [_decode(body) for body in bodies])
        plain = [(message.mti, dict(message.fields)) for message in messages]
        written = self._compare("encode", plain, plain, [_encode(message) for message in messages])
        return "as valid as refused" if read and written else "only refused"

    def _compare(
        self, function: str, inputs: Sequence[object], calls: Sequence[tuple[object, ...]], expected: Sequence[Outcome]
    ) -> int:
        found: list[Outcome] = []
        for at in range(0, len(calls), 20):
            found += self.device.call("codec_probe:outcomes", function, list(calls[at : at + 20]))
        for one, mine, theirs in zip(inputs, expected, found, strict=True):
            if mine != theirs:
                shown = one.hex() if isinstance(one, bytes) else repr(one)
                raise AssertionError(f"{function} of {shown}:\n  reference {mine}\n  device    {theirs}")
        return sum(outcome[0] == "ok" for outcome in expected)

    def close(self) -> None:
        """End the device."""
        self._open.close()


def _decode(body: bytes) -> Outcome:
    try:
        message = UNIONPAY.decode(body)
    except FormatError as error:
        return ("error", *error.args)
    return ("ok", (message.mti, dict(message.fields)))


def _encode(message: Message) -> Outcome:
    try:
        return ("ok", UNIONPAY.encode(message))
    except FormatError as error:
        return ("error", *error.args)
