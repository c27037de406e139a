"""The barcode scanner: what is held in front of it."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel, Field, model_validator
from tillbench.host.devices.barcode_scanner import LONGEST
from tillbench.host.emulator.emulator import Emulator
from tillbench.host.web.problems import documented
from tillbench.host.web.routes.access import Body, TheTill

router = APIRouter(tags=["scanner"], responses=documented(404, 422))


class Held(Body):
    """A slip of the printer, or a code with any text; one of them."""

    text: str | None = Field(None, min_length=1, max_length=LONGEST, description="Printable ASCII.")
    slip: int | None = Field(None, ge=1, description="1 is the first since the start.")

    @model_validator(mode="after")
    def _is_one(self) -> Held:
        if (self.text is None) == (self.slip is None):
            raise ValueError("expected text or slip, one of them")
        return self


class Scanned(BaseModel):
    """`n`: number of the last event before it; `text`: what the scanner has read."""

    n: int
    text: str


@router.post("/scanner")
async def scan(till: TheTill, held: Held) -> Scanned:
    """Hold a slip or a code in front of the scanner. The terminal hears of it while it asks for a voucher."""
    before = till.events.last

    def hold(emulator: Emulator) -> str:
        return emulator.scan(held.text) if held.text is not None else emulator.scan_slip(held.slip)

    return Scanned(n=before, text=await till.act(hold))
