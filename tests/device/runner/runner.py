"""Runs firmware functions that the bench names, one after the other, for as long as the process lives."""

import asyncio
import gc
import io
import sys

from port import link as _link
from port import literal

_CALL = 1
_ANSWER = 2
_RESULT = 0x11
_ERROR = 0x12
_ASK = 0x13

_calls = []
_called = asyncio.ThreadSafeFlag()


def _take(payload):
    if payload[0] == _CALL:
        # Taken apart here, where the message is: a copy of it would take its size once more.
        try:
            call = literal.decode(payload[1:])
        except Exception as error:
            call = error
        _calls.append(call)
        _called.set()
    else:
        _link.link().keep_reply(payload)


def host(name, *args):
    """Call the function `name` of the test; literal arguments and result."""
    answer = _link.link().request(_link.RUN, bytes((_ASK,)), literal.encode((name, args)))
    value = literal.decode(memoryview(answer)[1:])
    if answer[0] != _ANSWER:
        raise RuntimeError("the test's %s: %s" % (name, value))
    return value


async def _run(target, args, kwargs):
    module, _, path = target.partition(":")
    value = __import__(module)
    for part in module.split(".")[1:]:
        value = getattr(value, part)
    for part in path.split("."):
        value = getattr(value, part)
    value = value(*args, **kwargs)
    if hasattr(value, "send"):
        value = await value
    return value


async def serve():
    """Serve calls until the link closes."""
    lk = _link.link()
    lk.handlers[_link.RUN] = _take
    while True:
        while not _calls:
            await _called.wait()
        # Arguments of tens of kilobytes want a heap in one piece.
        gc.collect()
        try:
            call = _calls.pop(0)
            if isinstance(call, Exception):
                raise call
            value = literal.encode(await _run(*call))
            op = _RESULT
        except Exception as error:
            trace = io.StringIO()
            sys.print_exception(error, trace)
            value = literal.encode((type(error).__name__, repr(error.args), trace.getvalue()))
            op = _ERROR
        lk.send(_link.RUN, bytes((op,)), value)
