"""The printer: what is on paper, the bytes that put it there, and what a person does to it."""

from __future__ import annotations

from io import BytesIO
from typing import Annotated, Any

from fastapi import APIRouter, Path
from fastapi.responses import PlainTextResponse, Response
from PIL import Image
from pydantic import BaseModel, Field
from tillbench.host.devices.paper import Receipt
from tillbench.host.devices.printer_profile import DOTS_PER_MM
from tillbench.host.emulator.emulator import Emulator
from tillbench.host.web.event_data import pack_rows
from tillbench.host.web.problems import documented
from tillbench.host.web.routes.access import Body, Seconds, TheTill
from tillbench.host.web.till import PATIENCE_S, Till

router = APIRouter(tags=["printer"], responses=documented(404, 409, 422))

PNG: dict[int | str, dict[str, Any]] = {200: {"content": {"image/png": {}}}}
SlipNumber = Annotated[int, Path(ge=1, description="1 is the first since the start.")]


class PrinterState(BaseModel):
    """Sensors and paper. `text`: what hangs out, uncut; `hanging`: slips that are cut and not taken."""

    paper_mm: int
    paper_end: bool
    cover_open: bool
    cutter_jammed: bool
    head_celsius: int
    text: str
    slips: int
    hanging: int
    missing_glyphs: str
    complaints: list[str]


class PrinterChange(Body):
    """What is done to it; what is absent stays as it is."""

    paper_mm: int | None = Field(None, ge=0, le=100_000, description="Paper left before its end is noticed; 0: out.")
    cover_open: bool | None = None
    cutter_jammed: bool | None = None
    head_celsius: int | None = Field(None, ge=0, le=120)


class Slip(BaseModel):
    """A slip. `cut`: full, partial, torn (by hand)."""

    number: int
    cut: str
    text: str
    height: int = Field(description="Dot rows.")


class Paper(BaseModel):
    """What hangs out, as dots: `rows` are whole bytes, most significant bit left, base64; `top`: where they begin."""

    top: int
    width: int
    rows: str
    slips: int
    hanging: int


class SlipAwaited(Body):
    """Which slip to wait for."""

    number: int | None = Field(None, ge=1, description="Default: the next one.")
    timeout_s: Seconds = PATIENCE_S


@router.get("/printer")
async def printer(till: TheTill) -> PrinterState:
    """How it is."""
    return await till.do(lambda emulator: printer_state(till, emulator))


@router.patch("/printer")
async def change(till: TheTill, body: PrinterChange) -> PrinterState:
    """Load paper or let it end, open the cover, jam the cutter, heat the head."""

    def apply(emulator: Emulator) -> PrinterState:
        model = emulator.printer
        if body.paper_mm is not None:
            model.paper_left(body.paper_mm * DOTS_PER_MM)
        if body.cover_open is not None:
            model.cover(body.cover_open)
        if body.cutter_jammed is not None:
            model.jam_cutter(body.cutter_jammed)
        if body.head_celsius is not None:
            model.warm_up(body.head_celsius)
        return printer_state(till, emulator)

    changed = await till.act(apply)
    if body.paper_mm is not None:
        how = "new" if body.paper_mm else "out"
        await till.note(f"paper {how}", {"paper": how})
    return changed


@router.post("/printer/tear")
async def tear(till: TheTill) -> Slip:
    """Take away the oldest slip that hangs in the printer, or tear off what hangs out uncut. 409: nothing does."""

    return await till.do(lambda emulator: _slip(emulator, till.tear()))


@router.post("/printer/wait")
async def wait_slip(till: TheTill, awaited: SlipAwaited) -> Slip:
    """Wait until a slip is cut."""
    there = await till.do(lambda emulator: len(emulator.printer.receipts()))
    number = awaited.number or there + 1
    if number > there:
        await till.wait_for(lambda event: event.get("slips", 0) >= number, None, awaited.timeout_s, "a slip to be cut")
    return await till.do(lambda emulator: _slip(emulator, number))


@router.get("/printer/paper")
async def paper(till: TheTill) -> Paper:
    """The dots that hang out of it."""

    def look(emulator: Emulator) -> Paper:
        uncut = emulator.printer.uncut()
        top = emulator.printer.strip.length - len(uncut.rows)
        slips = len(emulator.printer.receipts())
        rows = pack_rows(list(uncut.rows), uncut.width)
        return Paper(top=top, width=uncut.width, rows=rows, slips=slips, hanging=len(till.hanging()))

    return await till.do(look)


@router.get("/printer.txt", response_class=PlainTextResponse)
async def text(till: TheTill) -> str:
    """Everything printed since the start, a rule where it was cut."""

    def read(emulator: Emulator) -> str:
        slips = [*emulator.printer.receipts(), emulator.printer.uncut()]
        return ("\n" + "-" * 32 + "\n").join(slip.text for slip in slips) + "\n"

    return await till.do(read)


@router.get("/printer.png", response_class=Response, responses=PNG)
async def image(till: TheTill) -> Response:
    """What hangs out, one pixel a dot."""
    return _png(await till.do(lambda emulator: emulator.printer.uncut()))


@router.get("/printer.bin", response_class=Response, responses={200: {"content": {"application/octet-stream": {}}}})
async def escpos(till: TheTill) -> Response:
    """The latest ESC/POS bytes that the terminal has sent, at most 256 KiB."""
    data = await till.do(lambda _: till.printer_bytes)
    return Response(data, media_type="application/octet-stream")


@router.get("/slips")
async def slips(till: TheTill) -> list[Slip]:
    """Every slip since the start."""
    return await till.do(lambda emulator: [_slip(emulator, at + 1) for at in range(len(emulator.printer.receipts()))])


@router.get("/slips/{slip}.png", response_class=Response, responses=PNG)
async def slip_image(till: TheTill, slip: SlipNumber) -> Response:
    """One slip, one pixel a dot."""
    return _png(await till.do(lambda emulator: _receipt(emulator, slip)))


@router.get("/slips/{slip}.txt", response_class=PlainTextResponse)
async def slip_text(till: TheTill, slip: SlipNumber) -> str:
    """Its text."""
    return await till.do(lambda emulator: _receipt(emulator, slip).text + "\n")


def printer_state(till: Till, emulator: Emulator) -> PrinterState:
    """For the snapshot too."""
    model = emulator.printer
    condition = model.condition
    return PrinterState(
        paper_mm=max(model.mechanism.roll.left - model.profile.sensor_rows, 0) // DOTS_PER_MM,
        paper_end=condition.paper_end,
        cover_open=condition.cover_open,
        cutter_jammed=condition.cutter_jam,
        head_celsius=model.head.temperature // 1_000_000,
        text=model.uncut().text,
        slips=len(model.receipts()),
        hanging=len(till.hanging()),
        missing_glyphs="".join(sorted(model.missing_glyphs)),
        complaints=[
            *(str(error) for error in model.errors[-20:]),
            *(f"network, {error}" for side in model.networks for error in side.errors[-20:]),
        ],
    )


def _receipt(emulator: Emulator, number: int) -> Receipt:
    receipts = emulator.printer.receipts()
    if number > len(receipts):
        raise LookupError(f"no slip {number}: there are {len(receipts)}")
    return receipts[number - 1]


def _slip(emulator: Emulator, number: int) -> Slip:
    receipt = _receipt(emulator, number)
    return Slip(number=number, cut=receipt.cut, text=receipt.text, height=len(receipt.rows))


def _png(receipt: Receipt) -> Response:
    out = BytesIO()
    picture = receipt.image if receipt.rows else Image.new("1", (receipt.width, 1), 1)
    picture.save(out, "PNG")
    return Response(out.getvalue(), media_type="image/png")
