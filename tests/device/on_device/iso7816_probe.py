"""Walks through the pure state machines of `iso7816`, step by step."""

from iso7816.apdu import Apdu
from iso7816.atr import Atr
from iso7816.errors import CardError
from iso7816.pps import Pps
from iso7816.t0 import Tpdu
from iso7816.t1 import BlockProtocol
from iso7816.t1_block import crc
from runner import host


def atr(characters, cold=True):
    """Feeds characters as a UART shows them until the answer is complete, then checks it.

    Returns a dict of what the answer says, or (reason, detail), or the number of characters still missing.
    """
    answer = Atr()
    used = 0
    try:
        for character in characters:
            if not answer.missing:
                break
            answer.feed(character)
            used += 1
        if answer.missing:
            return answer.missing
        answer.check(cold)
    except CardError as error:
        return (error.reason, error.detail)
    return {
        "used": used,
        "raw": bytes(answer.raw),
        "inverse": answer.inverse,
        "protocol": answer.protocol,
        "d": answer.d,
        "guard": answer.guard,
        "wi": answer.wi,
        "ifsc": answer.ifsc,
        "bwi": answer.bwi,
        "cwi": answer.cwi,
        "historical": answer.historical,
    }


def t0(command, expected, card):
    """One TPDU against the characters `card`, in order; returns (steps, sw, data).

    A step is b"..." for what is sent, or the number of characters that are waited for. If the card's characters run
    out, sw is None.
    """
    tpdu = Tpdu()
    steps = []
    at = 0
    try:
        tpdu.start(command, expected)
        while not tpdu.done:
            out = tpdu.outgoing()
            if out:
                steps.append(bytes(out))
                continue
            room = tpdu.incoming()
            steps.append(len(room))
            part = card[at : at + len(room)]
            at += len(part)
            if len(part) < len(room):
                return (steps, None, bytes(tpdu.data()))
            room[:] = part
            tpdu.filled()
    except CardError as error:
        return (steps, error.reason, error.detail)
    return (steps, tpdu.sw, bytes(tpdu.data()))


def apdu(command, answers):
    """One APDU against TPDU results [(data, sw)...]; returns ([(TPDU, expected)...], response or (reason, detail))."""
    layer = Apdu()
    layer.start(command)
    sent = []
    try:
        for data, sw in answers:
            sent.append((bytes(layer.command), layer.expected))
            if not layer.answered(data, sw):
                return (sent, layer.response())
        sent.append((bytes(layer.command), layer.expected))
    except CardError as error:
        return (sent, (error.reason, error.detail))
    return (sent, None)


def crc_of(data):
    return crc(data, len(data))


def _block(protocol, wire):
    """Sends what there is to send; takes one block of the answer, b"" is silence."""
    out = bytes(protocol.outgoing())
    answer = wire(out)
    if not answer:
        protocol.silent()
        return
    at = 0
    while at < len(answer) and not protocol.done:
        room = protocol.incoming()
        if not room:
            raise RuntimeError("neither done nor waiting for anything")
        part = answer[at : at + len(room)]
        at += len(part)
        if len(part) < len(room):
            protocol.silent()
            return
        room[:] = part
        protocol.filled()
        if not protocol.begun:
            return  # the driver lets the rest go by


def t1(apdus, wire=None, ifsc=32, with_crc=False, emv=True, ifsd=254):
    """Exchanges after S(IFS request); `wire`: the card's blocks in order, or None to ask the test for each.

    Returns (blocks sent, results); a result is the response or (reason, detail), after which EMV ends the session.
    """
    sent = []
    given = list(wire) if wire is not None else None

    def answer(out):
        sent.append(out)
        if given is None:
            return host("card", out)
        return given.pop(0) if given else b""

    protocol = BlockProtocol()
    protocol.reset(ifsc, with_crc, emv)
    results = []
    apdus.insert(0, None)
    for apdu in apdus:
        try:
            if apdu is None:
                if not ifsd:
                    continue
                protocol.negotiate(ifsd)
            else:
                protocol.start(apdu)
            while not protocol.done:
                _block(protocol, answer)
            if apdu is not None:
                results.append(protocol.response())
        except CardError as error:
            results.append((error.reason, error.detail))
            if error.reason != "RESYNCHED":
                break
    return (sent, results)


def t1_extensions(blocks):
    """How many block waiting times the card has for each of its blocks, in order."""
    seen = []
    given = list(blocks)
    protocol = BlockProtocol()
    protocol.reset(32)
    protocol.start(b"\x00\xb2\x01\x0c\x00")

    def answer(_):
        seen.append(protocol.extension)
        return given.pop(0)

    while not protocol.done:
        _block(protocol, answer)
    return seen


def pps(protocol, rate, answer):
    """(request, characters used, F, D), or (reason, detail)."""
    selection = Pps(protocol, rate)
    used = 0
    try:
        for character in answer:
            if not selection.missing:
                break
            selection.feed(character)
            used += 1
    except CardError as error:
        return (error.reason, error.detail)
    return (selection.request, used, selection.missing, selection.f, selection.d)
