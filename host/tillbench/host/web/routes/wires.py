"""Every wire on one timeline: as a list, as JSON Lines, as a live stream, and one exchange taken apart."""

from __future__ import annotations

import asyncio
import json
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, WebSocket, WebSocketDisconnect
from fastapi.responses import Response
from pydantic import BaseModel, Field
from tillbench.host.emulator.timeline import MASK
from tillbench.host.web.events import KEPT, Event
from tillbench.host.web.problems import documented
from tillbench.host.web.routes.access import Body, Seconds, Since, TheTill
from tillbench.host.web.test_code import code_of
from tillbench.host.web.till import PATIENCE_S, Till

router = APIRouter(tags=["wires"], responses=documented(404, 422))
live = APIRouter()

LANES = (
    "keys",
    "screen",
    "card",
    "ccid",
    "host",
    "printer",
    "scanner",
    "leds",
    "buzzer",
    "log",
    "power",
    "case",
    "assist",
    "bench",
)
_NOT_ON_A_LINE = ("detail", "step", "mirror", "pixels", "rows", "top", "cut_at", "slips")
_BEHIND = KEPT + 5_000
"""Events that a listener may be late, beside all the kept ones, before it is told to start again."""
_RESTART = 1013
"""WebSocket close code "try again later" (IANA registry)."""


class WireEvent(BaseModel):
    """Something that happened. `t_us`: virtual time, null while PIN entry hides it; `lines`: decoded and masked."""

    n: int
    t_us: int | None
    wire: str
    event: str
    lines: list[str] = []
    frame: int | None = None
    hash: str | None = None
    exchange: bool = Field(False, description="`/wires/{n}` has more of it.")


class Code(BaseModel):
    """A line of a pytest test, with the fixture `terminal`."""

    code: str


class Detail(BaseModel):
    """The exchange of an event. Each section has its bytes in hex, `**` for those that are not shown, and a tree of
    nodes: path, name, value, meaning, bits, offset and size in those bytes, children."""

    n: int
    wire: str
    event: str
    sections: list[dict[str, Any]]


class EventAwaited(Body):
    """Which event to wait for."""

    wire: str = Field(max_length=20)
    contains: str = Field("", max_length=200)
    since: int | None = Field(None, ge=0, description="Event number; default: since the last key, card or power act.")
    timeout_s: Seconds = PATIENCE_S


@router.get("/wires", response_model_exclude_unset=True)
async def wires(
    till: TheTill,
    since: Since = 0,
    wire: Annotated[list[str] | None, Query(description="Only these: " + ", ".join(LANES))] = None,
) -> list[WireEvent]:
    """The kept events, oldest first."""
    return [_line(event) for event in till.events.since(since) if not wire or event["wire"] in wire]


@router.get("/wires.jsonl", response_class=Response, responses={200: {"content": {"application/jsonl": {}}}})
async def wires_as_lines(till: TheTill, since: Since = 0) -> Response:
    """The same, one JSON object a line."""
    rows = [_line(event).model_dump(exclude_unset=True) for event in till.events.since(since)]
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    return Response(text, media_type="application/jsonl")


@router.get("/wires/{n}")
async def wire_detail(till: TheTill, n: Annotated[int, Path(ge=1, le=2**53)]) -> Detail:
    """One event of the card's or the host's wire, byte by byte."""
    event = till.events.event(n)
    if "detail" not in event:
        raise LookupError(f"event {n} ({event['wire']}: {event['event']}) is no exchange with a card or a host")
    return Detail(n=n, wire=event["wire"], event=event["event"], sections=event["detail"])


@router.get("/wires/{n}/code")
async def wire_code(till: TheTill, n: Annotated[int, Path(ge=1, le=2**53)]) -> Code:
    """What a test says to do, or to expect, the same."""
    return Code(code=code_of(till.events.event(n)))


@router.post("/wires/wait", response_model_exclude_unset=True, responses=documented(409))
async def wait_event(till: TheTill, awaited: EventAwaited) -> WireEvent:
    """Wait until something happens on a wire. 409 if it does not in that time."""

    def matches(event: Event) -> bool:
        return event["wire"] == awaited.wire and awaited.contains in event["event"]

    what = f"the wire {awaited.wire!r} to say {awaited.contains!r}"
    return _line(await till.wait_for(matches, awaited.since, awaited.timeout_s, what))


@live.websocket("/api/terminals/{number}/events")
async def events(socket: WebSocket, number: int, since: int | None = None) -> None:
    """Every event as it happens, as JSON; `since`: first the kept ones after that number.

    Beside what `/wires` gives, frames have their pixels, and printer events the dot rows that came out. `exchange` says
    that `/wires/{n}` has more. 1013: this listener was too slow; connect again with the last number that it has.
    """
    tills: list[Till] = socket.app.state.tills
    await socket.accept()
    if not 1 <= number <= len(tills):
        await socket.close(1008, f"no terminal {number}")
        return
    till = tills[number - 1]
    log = till.events
    queue: asyncio.Queue[Event] = asyncio.Queue()

    def tell(event: Event) -> None:
        till.in_loop(queue.put_nowait, event)

    log.listen(tell, log.last if since is None else since)
    sending = asyncio.ensure_future(_send(socket, queue))
    hearing = asyncio.ensure_future(_hear_out(socket))
    try:
        await asyncio.wait([sending, hearing], return_when=asyncio.FIRST_COMPLETED)
    finally:
        log.leave(tell)
        for task in (sending, hearing):
            task.cancel()
        await asyncio.gather(sending, hearing, return_exceptions=True)


async def _send(socket: WebSocket, queue: asyncio.Queue[Event]) -> None:
    while queue.qsize() < _BEHIND:
        await socket.send_json(_streamed(await queue.get()))
    await socket.close(_RESTART, "too slow")


async def _hear_out(socket: WebSocket) -> None:
    """Until the other side goes; what it says does not matter."""
    try:
        while True:
            await socket.receive_text()
    except (WebSocketDisconnect, KeyError):
        pass


def _streamed(event: Event) -> Event:
    shown = {name: value for name, value in event.items() if name not in ("detail", "step")}
    return shown | ({"exchange": True} if "detail" in event else {})


def _line(event: Event) -> WireEvent:
    hidden = (*_NOT_ON_A_LINE, "frame", "hash") if event["event"] == MASK else _NOT_ON_A_LINE
    shown = {name: value for name, value in event.items() if name not in hidden}
    return WireEvent(**shown, exchange="detail" in event)
