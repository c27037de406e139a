"""Drives the EMV kernel step by step; card, PIN pad and entropy are the test's."""

import gc
import sys

from emv import dol, tlv
from emv.config import Aid, Config
from emv.errors import EmvError
from emv.kernel import Kernel
from runner import host

_kernel = None
_found = []
_secrets = []
_records = []
_pin_pad = True


async def _exchange(apdu):
    if isinstance(apdu, bytearray):
        _secrets.append(apdu)
    apdu = bytes(apdu)
    answer = host("apdu", apdu)
    if answer is None:
        raise OSError("no answer to " + apdu.hex().upper())
    return answer


async def _ask_online_pin():
    return host("pin")


async def _ask_offline_pin(tries):
    digits = host("offline_pin", tries)
    if digits is None:
        return None
    buffer = bytearray(digits)
    _secrets.append(buffer)
    return buffer


def secrets_left():
    """How many buffers had a PIN in them, and whether any still has something."""
    count = len(_secrets)
    dirty = any([any(buffer) for buffer in _secrets])
    _secrets.clear()
    return count, dirty


def _entropy(n):
    return host("entropy", n)


def start(aids, terminal):
    """A new kernel. aids: keyword arguments of each Aid; terminal: those of Config; "capks" in it: of each Capk."""
    global _kernel, _pin_pad
    _pin_pad = terminal.pop("pin_pad", True)
    if "capks" in terminal:
        from emv.capk import Capk

        terminal["capks"] = tuple([Capk(**key) for key in terminal["capks"]])
    _kernel = Kernel(_exchange, _entropy, Config([Aid(**aid) for aid in aids], **terminal))


async def step(name, *args):
    """One step of the kernel; returns what it returned, as a literal."""
    if name == "candidates":
        _found[:] = await _kernel.candidates()
        return [(c.aid, c.label, c.priority, c.needs_confirmation) for c in _found]
    if name == "select":
        return await _kernel.select(_found[args[0]])
    if name == "cardholder_verification":
        if not _pin_pad:
            return await _kernel.cardholder_verification(_ask_online_pin)
        return await _kernel.cardholder_verification(_ask_online_pin, _ask_offline_pin)
    if name == "risk_management":
        last_amount = (lambda pan, psn: host("last_amount", pan, psn)) if "last_amount" in args else None
        is_listed = (lambda pan, psn: host("is_listed", pan, psn)) if "is_listed" in args else None
        return await _kernel.risk_management(last_amount, is_listed, "force_online" in args)
    value = getattr(_kernel, name)(*args)
    if hasattr(value, "send"):
        value = await value
    return value


async def steps(*calls):
    """Several steps, each (name, *args); returns the last one's value."""
    value = None
    for call in calls:
        value = await step(*call)
    return value


def state():
    """TVR, TSI, all data elements, whether a reversal is owed, and the applications left."""
    return (
        bytes(_kernel.tvr),
        bytes(_kernel.tsi),
        {tag: bytes(value) for tag, value in _kernel.data.items()},
        _kernel.must_reverse,
        [c.aid for c in _kernel.remaining],
    )


def why():
    """What decided the last step."""
    return _kernel.why


def fallback_allowed():
    return _kernel.fallback_allowed


def listen():
    """Begin to keep trace records."""
    _records.clear()
    _kernel.trace.listener = lambda *record: _records.append(record)


def trace():
    """The records since the last time."""
    found = _records[:]
    _records.clear()
    return found


def objects(buf):
    """[(tag, value)] of a TLV sequence."""
    return [(tag, buf[start:stop]) for tag, start, stop in tlv.walk(buf)]


def objects_or_reason(buf):
    try:
        return objects(buf)
    except EmvError as error:
        return error.reason


def fill(dol_bytes, data):
    return bytes(dol.fill(dol_bytes, data))


def entries(dol_bytes):
    return list(dol.entries(dol_bytes))


async def sale(arc, issuer_data):
    """A whole sale as a terminal runs it: (outcome or reason, must_reverse, CID)."""
    k = _kernel
    try:
        found = await k.candidates()
        if not await k.select(found[0]):
            return "DROPPED", k.must_reverse, 0
        await k.initiate(1234, 0, 0, b"\x26\x11\x23", b"\x10\x11\x12", 42)
        await k.read_records()
        await k.data_authentication()
        k.restrictions()
        await k.cardholder_verification(_ask_online_pin, _ask_offline_pin if _pin_pad else None)
        await k.risk_management()
        outcome = await k.first_generate_ac()
        if outcome == "ARQC":
            outcome = await k.complete(arc, issuer_data)
    except EmvError as error:
        return error.reason, k.must_reverse, 0
    return outcome, k.must_reverse, k.tag("9F27")[0]


def loaded():
    """Modules that are in memory."""
    return sorted(sys.modules)


def heap():
    """Bytes in use after a collection."""
    gc.collect()
    return gc.mem_alloc()
