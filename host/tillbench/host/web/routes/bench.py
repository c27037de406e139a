"""The bench around the terminal: its state in one look, its clock, its power, and what goes wrong."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, Field, ValidationError
from tillbench.host.devices.battery import MOST_MV, Divider
from tillbench.host.emulator.emulator import Emulator
from tillbench.host.emulator.lines import AcquirerLine
from tillbench.host.emulator.pace import FASTEST, Pace
from tillbench.host.web.errand import Impossible
from tillbench.host.web.problems import documented
from tillbench.host.web.routes.access import Body, TheTill
from tillbench.host.web.routes.card import InSlot, in_slot
from tillbench.host.web.routes.keys import Done
from tillbench.host.web.routes.printer import PrinterState, printer_state
from tillbench.host.web.till import Till

router = APIRouter(tags=["bench"], responses=documented(404, 409, 422))

DAY_S = 24 * 3600


class ClockState(BaseModel):
    """`now_us`: virtual microseconds since the start; `time`: the date and time that the terminal was given; `speed`:
    virtual seconds in a second, 0 while the clock stands; null: it is steered."""

    now_us: int
    time: str
    speed: float | None


class ClockChange(Body):
    """What to do to the clock."""

    steered: bool | None = Field(
        None, description="Jump from one thing that is due to the next, and only while somebody waits for something."
    )
    speed: float | None = Field(None, ge=0, le=FASTEST, strict=False, description="As the computer's clock, or faster.")
    skip_s: float | None = Field(None, ge=0, le=DAY_S, strict=False, description="Go ahead; what is due happens.")


class Power(Body):
    """The power switch."""

    on: bool
    cut_after_writes: int | None = Field(
        None, ge=1, le=100_000, description="With `on`: the n-th flash operation from then on is torn by a power cut."
    )


class CaseState(Body):
    """The terminal's case, with its tamper switch."""

    open: bool


class BatteryChange(Body):
    """What happens to the battery; all of it that is given, in this order."""

    mv: int | None = Field(
        None, ge=0, le=MOST_MV, description="Millivolts of the cell that is in it from now on; 0: none"
    )
    divider: Divider | None = Field(None, strict=False, description="The resistors in front of the ADC.")
    pulse_mv: int | None = Field(None, ge=0, le=5_000, description="Its contacts have that voltage; 0: a drop-out.")
    pulse_ms: int = Field(10, ge=1, le=60_000, description="For so long.")


class BatteryState(BaseModel):
    """The battery, and the divider in front of the ADC; `mv` is 0 where there is none."""

    mv: int
    divider: Divider


class SlotFaultState(BaseModel):
    """What the card slot does wrong; see `PATCH`."""

    mute: bool
    nulls: int
    reply_delay_etu: int
    out_after_exchanges: int | None
    out_after_characters: int | None


class Faults(BaseModel):
    """What goes wrong at the moment. `violations`: what the terminal did that ISO/IEC 7816-3 forbids."""

    slot: SlotFaultState
    stuck_keys: list[str]
    network_up: bool | None = Field(description="null: the acquirer is elsewhere.")
    violations: list[str]
    link: dict[str, int]


class SlotFaultChange(Body):
    """What the card slot shall do wrong."""

    mute: bool = Field(False, description="No answer to reset.")
    nulls: int = Field(0, ge=0, le=1000, description="NULL procedure bytes before each reply.")
    reply_delay_etu: int = Field(0, ge=0, le=100_000, description="Least time before each reply.")
    out_after_exchanges: int | None = Field(None, ge=0, le=10_000, description="The card leaves after so many TPDUs.")
    out_after_characters: int | None = Field(None, ge=1, le=1_000_000)


class FaultChange(Body):
    """What is absent stays as it is."""

    slot: SlotFaultChange | None = None
    network_up: bool | None = Field(None, description="False: the plug is out, connections are refused.")
    line: dict[str, Any] | None = Field(
        None, description="A scenario of `tillbench line` for new connections; {} behaves again."
    )


class Snapshot(BaseModel):
    """The terminal in one look."""

    number: int
    target: str
    powered: bool
    pin_entry: bool
    display: str = Field(description="Its panel: SSD1306, ST7789 or ILI9341.")
    screen: list[str]
    leds: dict[str, bool]
    buzzer_hz: int
    card: InSlot
    printer: PrinterState
    clock: ClockState
    network_up: bool | None
    case_open: bool
    battery: BatteryState
    heap: dict[str, int] | None = Field(description="As last asked for, in bytes.")
    flash: dict[str, int] = Field(description="Bytes of the image, and of its blocks that are not blank.")
    last_event: int


class Heap(BaseModel):
    """Bytes, after a collection."""

    used: int
    free: int


@router.get("")
async def state(till: TheTill) -> Snapshot:
    """Everything that can be seen of the terminal."""
    return await till.do(lambda emulator: _snapshot(till, emulator))


@router.get("/clock")
async def clock(till: TheTill) -> ClockState:
    """What time it is."""
    return await till.do(_clock)


@router.patch("/clock")
async def change_clock(till: TheTill, body: ClockChange) -> ClockState:
    """Faster, slower, stopped, steered; or ahead, where whatever is due meanwhile happens."""

    def apply(emulator: Emulator) -> ClockState:
        bench = emulator.bench
        if body.steered is not None and body.steered != (bench.pace is None):
            bench.pace = None if body.steered else Pace(bench.clock.now)
        if body.speed is not None:
            if bench.pace is None:
                raise Impossible("the clock is steered: it has no speed")
            bench.pace.set_speed(body.speed)
        if body.skip_s is not None and bench.pace is not None:
            bench.pace.skip(body.skip_s)
        elif body.skip_s is not None:
            bench.run_for(body.skip_s)
        return _clock(emulator)

    return await till.do(apply)


@router.put("/power")
async def power(till: TheTill, body: Power) -> Done:
    """Switch the terminal off (nothing of it runs any more, the flash stays as it is) or on."""
    before = till.events.last
    await till.act(lambda emulator: _switch(emulator, body))
    return Done(n=before)


@router.put("/case")
async def case(till: TheTill, body: CaseState) -> Done:
    """Open the case, with the power on or off, or shut it. Opened, the key slot erases itself."""
    before = till.events.last
    await till.act(lambda emulator: emulator.case.open() if body.open else emulator.case.close())
    return Done(n=before)


@router.post("/battery")
async def battery(till: TheTill, body: BatteryChange) -> Done:
    """Put a cell in, drain it, take it out, or let something be wrong with it. An idle terminal looks once a minute;
    one that was started without a battery looks for it from its next start on."""
    before = till.events.last

    def change(emulator: Emulator) -> None:
        if body.mv:
            emulator.battery.insert(body.mv)
        elif body.mv is not None:
            emulator.battery.remove()
        if body.divider is not None:
            emulator.battery.set_divider(body.divider)
        if body.pulse_mv is not None:
            emulator.battery.pulse(body.pulse_mv, body.pulse_ms)

    await till.act(change)
    return Done(n=before)


@router.get("/heap")
async def heap(till: TheTill) -> Heap | None:
    """Ask the device for its heap; null while it is off."""

    def ask(emulator: Emulator) -> Heap | None:
        if not emulator.bench.powered:
            return None
        memory = emulator.bench.ask_memory()
        return Heap(used=memory.used, free=memory.free)

    return await till.do(ask)


@router.get("/faults")
async def faults(till: TheTill) -> Faults:
    """What goes wrong."""
    return await till.do(_faults)


@router.patch("/faults")
async def change_faults(till: TheTill, body: FaultChange) -> Faults:
    """Let something go wrong, or right again."""

    def apply(emulator: Emulator) -> Faults:
        if body.network_up is not None or body.line is not None:
            _change_line(emulator, body)
        if body.slot is not None:
            for name, value in body.slot.model_dump().items():
                setattr(emulator.slot.faults, name, value)
        return _faults(emulator)

    changed = await till.do(apply)
    if body.network_up is not None:
        how = "plugged" if body.network_up else "unplugged"
        await till.note(f"network {how}", {"network": how})
    return changed


def _change_line(emulator: Emulator, body: FaultChange) -> None:
    line = emulator.line
    if not isinstance(line, AcquirerLine):
        raise Impossible("the acquirer is elsewhere: `tillbench line` goes in between")
    if body.network_up is not None:
        line.up = body.network_up
    if body.line is not None:
        try:
            line.misbehave(body.line)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(map(str, first["loc"]))
            raise ValueError(f"line.{where}: {first['msg']}") from None


def _switch(emulator: Emulator, body: Power) -> None:
    settings = emulator.bench.settings
    if not body.on:
        emulator.power_off()
        return
    if emulator.bench.powered:
        raise Impossible("the terminal is on already")
    settings.pop("cut_after", None)
    if body.cut_after_writes is not None:
        settings["cut_after"] = str(body.cut_after_writes)
    emulator.power_on()


def _clock(emulator: Emulator) -> ClockState:
    bench = emulator.bench
    time = datetime.fromtimestamp(bench.epoch_s + bench.clock.now // 1_000_000, UTC).replace(tzinfo=None)
    return ClockState(now_us=bench.clock.now, time=time.isoformat(), speed=bench.pace.speed if bench.pace else None)


def _network_up(emulator: Emulator) -> bool | None:
    return emulator.line.up if isinstance(emulator.line, AcquirerLine) else None


def _faults(emulator: Emulator) -> Faults:
    slot = emulator.slot.faults
    return Faults(
        slot=SlotFaultState(**{name: getattr(slot, name) for name in SlotFaultState.model_fields}),
        stuck_keys=emulator.keypad.stuck,
        network_up=_network_up(emulator),
        violations=[f"{each.at_us} us: {each.what}" for each in emulator.slot.violations[-50:]],
        link=emulator.bench.faults,
    )


def _snapshot(till: Till, emulator: Emulator) -> Snapshot:
    bench, flash = emulator.bench, emulator.state.flash.read_bytes()
    return Snapshot(
        number=till.number,
        target=emulator.options.target,
        powered=bench.powered,
        pin_entry=emulator.pin_entry_open,
        display=emulator.options.display,
        screen=list(emulator.screen.now.rows),
        leds=dict(emulator.leds.lit),
        buzzer_hz=emulator.buzzer.sounding_hz,
        card=in_slot(emulator),
        printer=printer_state(till, emulator),
        clock=_clock(emulator),
        network_up=_network_up(emulator),
        case_open=emulator.case.is_open,
        battery=BatteryState(mv=emulator.battery.mv, divider=emulator.battery.divider),
        heap={"used": bench.memory.used, "free": bench.memory.free} if bench.memory else None,
        flash={"size": len(flash), "written": _written(flash)},
        last_event=till.events.last,
    )


_BLOCK = 4096
_BLANK = b"\xff" * _BLOCK


def _written(flash: bytes) -> int:
    return _BLOCK * sum(flash[at : at + _BLOCK] != _BLANK for at in range(0, len(flash), _BLOCK))
