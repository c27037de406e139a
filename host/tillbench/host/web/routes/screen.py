"""The display: text, pixels, frames, and waiting for what it shows."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import PlainTextResponse, Response
from pydantic import BaseModel, Field
from tillbench.host.web.event_data import frame_data
from tillbench.host.web.problems import documented
from tillbench.host.web.routes.access import Body, Seconds, Since, TheTill
from tillbench.host.web.till import PATIENCE_S

router = APIRouter(tags=["screen"], responses=documented(404, 422))


class Frame(BaseModel):
    """A frame. `pixels`: 64 rows of 16 bytes, most significant bit left, base64; `rows`: text read from them."""

    frame: int
    rows: list[str]
    pixels: str
    hash: str
    n: int | None = Field(None, description="Number of the event with which it came.")
    t_us: int | None = Field(None, description="Virtual time; null while PIN entry hides it.")


class Awaited(Body):
    """Which text to wait for."""

    text: str | list[str] = Field(min_length=1, description="Or several: the first of them that is shown.")
    since: int | None = Field(None, ge=0, description="Event number; default: since the last key, card or power act.")
    timeout_s: Seconds = PATIENCE_S


@router.get("/screen", response_model_exclude_unset=True)
async def screen(till: TheTill) -> Frame:
    """What is on the glass now."""
    return Frame(**await till.do(lambda emulator: frame_data(emulator.screen.now)))


@router.get("/screen.txt", response_class=PlainTextResponse)
async def screen_text(till: TheTill) -> str:
    """Its text."""
    return await till.do(lambda emulator: emulator.screen.text + "\n")


@router.get("/screen.png", response_class=Response, responses={200: {"content": {"image/png": {}}}})
async def screen_image(till: TheTill, scale: Annotated[int, Query(ge=1, le=16)] = 4) -> Response:
    """Its picture: of a colour panel the whole glass, in its colours."""
    return Response(await till.do(lambda emulator: emulator.screen.png(scale)), media_type="image/png")


@router.get("/frames", response_model_exclude_unset=True)
async def frames(till: TheTill, since: Since = 0) -> list[Frame]:
    """The frames that came after an event, oldest first."""
    return [_frame(event) for event in till.events.since(since) if "frame" in event]


@router.post("/screen/wait", response_model_exclude_unset=True, responses=documented(409))
async def wait_text(till: TheTill, awaited: Awaited) -> Frame:
    """Wait until a frame shows a text. 409 if none does in that time."""
    texts = [awaited.text] if isinstance(awaited.text, str) else awaited.text

    return _frame(await till.see(*texts, since=awaited.since, seconds=awaited.timeout_s))


def _frame(event: dict[str, Any]) -> Frame:
    return Frame(**{name: event[name] for name in Frame.model_fields if name in event})
