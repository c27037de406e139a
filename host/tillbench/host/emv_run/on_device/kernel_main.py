"""The device's kernel as a program: one transaction for each line on stdin, a JSON object; what it needs of card and
counter it asks for by lines on stdout, and reads the answers. Bytes are hexadecimal.

Below the kernel is the firmware's own ISO 7816: the answer to reset is checked, and at T=0 the 61xx and 6Cxx are dealt
with here; the reader at the other end does characters and blocks.
"""

import json
import sys
from binascii import hexlify, unhexlify

from emv import contact
from emv.capk import Capk
from emv.config import Aid, Config
from emv.kernel import Kernel
from iso7816.apdu import Apdu
from iso7816.atr import Atr, other_convention
from iso7816.errors import CardError


def _tell(message):
    sys.stdout.write(json.dumps(message) + "\n")


def _ask(question, **more):
    more["ask"] = question
    _tell(more)
    return json.loads(sys.stdin.readline())["answer"]


def _hex(data):
    return hexlify(bytes(data)).decode()


def _protocol(answer, cold):
    """What the answer to reset offers first; raises CardError for one that EMV rejects."""
    if answer[0] == 0x3F:
        answer = bytes([other_convention(byte) for byte in answer])  # as a UART shows it
    atr = Atr()
    for byte in answer:
        if not atr.feed(byte):
            atr.check(cold)
            return atr.protocol
    raise CardError("BAD_ATR", "it breaks off after %d bytes" % len(answer))


class _Card:
    """The card at the other end: a reset, TPDUs at T=0, APDUs at T=1."""

    def __init__(self):
        self._apdu = Apdu()
        self.protocol = 0

    def activate(self):
        """Cold reset, and one warm reset if the answer is bad; raises CardError."""
        for cold in (True, False):
            answer = _ask("reset", cold=cold)
            try:
                if not answer:
                    raise CardError("MUTE", "no answer to reset")
                self.protocol = _protocol(unhexlify(answer), cold)
                return
            except CardError:
                if not cold:
                    raise

    async def exchange(self, apdu):
        if self.protocol == 1:
            return self._send(apdu)
        pair = self._apdu
        pair.start(apdu)
        while True:
            answer = self._send(pair.command)
            if not pair.answered(answer[:-2], answer[-2] << 8 | answer[-1]):
                return pair.response()

    def _send(self, command):
        answer = _ask("apdu", data=_hex(command))
        if answer is None:
            raise CardError("REMOVED", "no answer")
        return unhexlify(answer)


class _Counter(contact.Counter):
    async def choose(self, candidates):
        answer = _ask("choose", names=[(_hex(c.aid), c.label, c.needs_confirmation) for c in candidates])
        return None if answer is None else candidates[answer]

    async def ask_online_pin(self):
        return _ask("online_pin")

    async def ask_offline_pin(self, tries):
        digits = _ask("offline_pin", tries=tries)
        return None if digits is None else bytearray(digits.encode())

    async def go_online(self, kernel):
        answer = _ask("online", data=_hex(kernel.online_data()))
        return None if answer is None else (answer["code"].encode(), unhexlify(answer["data"]))


def _options(values):
    """Keyword arguments: strings are bytes in hexadecimal."""
    return {name: unhexlify(value) if isinstance(value, str) else value for name, value in values.items()}


def _config(job):
    capks = tuple([Capk(**_options(key)) for key in job["capks"]])
    return Config([Aid(**_options(aid)) for aid in job["aids"]], capks=capks, **_options(job["terminal"]))


def _run(coroutine):
    """Nothing down there waits for anything but the answers to questions, which block."""
    try:
        coroutine.send(None)
    except StopIteration as stop:
        return stop.value
    raise RuntimeError("the kernel waits for something that cannot come")


def _transact(job):
    card = _Card()
    kernel = Kernel(card.exchange, lambda n: unhexlify(_ask("entropy", n=n)), _config(job))
    kernel.trace.listener = lambda step, before, after, tsi, why: _tell(
        {"step": step, "before": _hex(before), "after": _hex(after), "tsi": _hex(tsi), "why": why}
    )
    try:
        card.activate()
    except CardError as error:
        # Payment system rules: a chip that does not answer may be swiped.
        outcome = contact.Outcome(contact.USE_STRIPE, error.reason + ": " + error.detail)
    else:
        outcome = _run(contact.transact(kernel, contact.Order(**_options(job["order"])), _Counter()))
    _tell(
        {
            "outcome": outcome.kind,
            "reason": outcome.reason,
            "must_reverse": outcome.must_reverse,
            "advice": outcome.advice,
            "data": {"%X" % tag: _hex(value) for tag, value in kernel.data.items()},
        }
    )


def main():
    """Until stdin ends."""
    while True:
        line = sys.stdin.readline()
        if not line:
            return
        _transact(json.loads(line))


main()
