"""Walks through the pure state machines of `iso7816`, step by step."""

from iso7816.apdu import Apdu
from iso7816.atr import Atr
from iso7816.errors import CardError
from iso7816.t0 import Tpdu


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
