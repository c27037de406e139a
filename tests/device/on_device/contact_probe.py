"""Runs whole transactions against a transcript of commands and answers, without asking the test in between."""

from emv import contact
from emv.config import Aid, Config
from emv.kernel import Kernel
from iso7816.apdu import Apdu
from iso7816.errors import CardError
from runner import host


class _Diverged(Exception):
    pass


class _Till(contact.Counter):
    """Does what the plan says, without asking anyone."""

    def __init__(self, plan):
        self.plan = plan
        self.online_pins = list(plan["online_pins"])
        self.offline_pins = list(plan["offline_pins"])
        self.has_pin_pad = plan["pin_pad"]
        self.force_online = plan["force_online"]

    async def choose(self, candidates):
        return candidates[0]

    async def ask_online_pin(self):
        return self.online_pins.pop(0) if self.online_pins else False

    async def ask_offline_pin(self, tries):
        pin = self.offline_pins.pop(0) if self.offline_pins else None
        return None if pin is None else bytearray(pin)

    def last_amount(self, pan, sequence_number):
        return self.plan["last_amount"]

    def is_listed(self, pan, sequence_number):
        return self.plan["is_listed"]

    async def go_online(self, kernel):
        return self.plan["issuer"]


def _config(aids, terminal):
    from emv.capk import Capk

    terminal["capks"] = tuple([Capk(**key) for key in terminal["capks"]])
    return Config([Aid(**aid) for aid in aids], **terminal)


async def run(aids, terminal, order, plan, entropy, transcript):
    """One transaction. transcript: command, answer, command, answer...; entropy: one long string of bytes.

    Returns a dictionary of everything that can be compared; "diverged" is the first command that is not in its place.
    """
    at = 0
    drawn = 0
    diverged = None

    async def exchange(apdu):
        nonlocal at, diverged
        apdu = bytes(apdu)
        if at == len(transcript) or transcript[at] != apdu:
            diverged = (at // 2, apdu)
            raise _Diverged
        answer = transcript[at + 1]
        at += 2
        if answer is None:
            raise CardError("REMOVED")
        return answer

    def chance(n):
        nonlocal drawn
        drawn += n
        return entropy[drawn - n : drawn]

    kernel = Kernel(exchange, chance, _config(aids, terminal))
    till = _Till(plan)
    kind, reason, advice = "DIVERGED", "", False
    try:
        outcome = await contact.transact(kernel, contact.Order(*order), till)
        kind, reason, advice = outcome.kind, outcome.reason, outcome.advice
        must_reverse = outcome.must_reverse
    except _Diverged:
        must_reverse = kernel.must_reverse
    return {
        "outcome": kind,
        "reason": reason,
        "advice": advice,
        "must_reverse": must_reverse,
        "tvr": bytes(kernel.tvr),
        "tsi": bytes(kernel.tsi),
        "cvm_results": kernel.tag("9F34"),
        "response_code": kernel.tag("8A"),
        "script_results": kernel.tag("9F5B"),
        "commands": at // 2,
        "diverged": diverged,
    }


async def hostile(aids, terminal, order, plan, entropy, sessions):
    """Sessions with a card that the test plays, one T=0 command at a time; a kernel for all of them.

    Returns [(outcome, must_reverse, CID)...] and the most commands of a session.
    """
    drawn = 0
    layer = Apdu()
    commands = most = 0

    async def exchange(apdu):
        nonlocal commands
        layer.start(apdu)
        while True:
            commands += 1
            answer = host("tpdu", bytes(layer.command))
            if answer is None:
                raise CardError("REMOVED")
            data = answer[:-2][: layer.expected]  # what a card sends beyond that is no T=0 any more
            if not layer.answered(data, answer[-2] << 8 | answer[-1]):
                return layer.response()

    def chance(n):
        nonlocal drawn
        if drawn + n > len(entropy):
            drawn = 0
        drawn += n
        return entropy[drawn - n : drawn]

    kernel = Kernel(exchange, chance, _config(aids, terminal))
    found = []
    for _ in range(sessions):
        commands = 0
        host("insert")
        outcome = await contact.transact(kernel, contact.Order(*order), _Till(plan))
        cid = kernel.tag("9F27")
        found.append((outcome.kind, outcome.must_reverse, cid[0] if cid else -1))
        most = max(most, commands)
    return found, most
