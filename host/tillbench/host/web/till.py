"""One terminal that runs in a thread of its own, for callers in an event loop."""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import select
import threading
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from tillbench.host.devices.paper import Receipt
from tillbench.host.emulator.bench import Bench, WaitTimeout
from tillbench.host.emulator.death import FlashDamaged
from tillbench.host.emulator.desk import DeskClient, DeskError
from tillbench.host.emulator.emulator import Emulator
from tillbench.host.emulator.link import LinkLost
from tillbench.host.emulator.timeline import Entry, Timeline
from tillbench.host.mailbox import Mailbox
from tillbench.host.pcsc.lent_card import LentCard
from tillbench.host.pcsc.readers import ReaderState
from tillbench.host.web.errand import Errand, Impossible, InVain
from tillbench.host.web.event_data import frame_data, pack_rows, reader_data, visible
from tillbench.host.web.events import Event, EventLog
from tillbench.host.web.wire_detail import apdu_detail, host_detail

T = TypeVar("T")

PATIENCE_S = 90.0
"""Longer than any time-out of the terminal."""
_LONGEST_TYPING_S = 3600.0
FOREVER_S = 100 * 365 * 24 * 3600
FRAMES_KEPT = 500
PRINTER_BYTES_KEPT = 256 * 1024


class Till:
    """An emulator with its event log.

    Args:
        number: 1 for the first.
        make: makes the emulator, in the thread in which it then runs.
        at_start: hears of the emulator's timeline before the terminal is switched on.

    Attributes:
        events: what has happened; everything else goes through `do`.
    """

    def __init__(
        self, number: int, make: Callable[[], Emulator], at_start: Callable[[Timeline], None] = lambda timeline: None
    ) -> None:
        self.number = number
        self.events = EventLog()
        self._make = make
        self._at_start = at_start
        self._mailbox = Mailbox()
        self._stopping = False
        self._emulator: Emulator | None = None
        self._desk: DeskClient | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._strip_at = 0
        self._printer_bytes = bytearray()
        self.torn = 0
        """Slips that somebody has taken away, in the bench's thread."""
        self.fingers: set[str] = set()
        """The keys that somebody holds down, in the bench's thread."""
        self.playing: asyncio.Task[Any] | None = None
        self.recording_since: int | None = None
        self.errands: list[Errand] = []
        """What somebody waits for, in the bench's thread."""

    # In the event loop

    async def start(self) -> None:
        """Switch the terminal on; returns when it has said hello. Raises what the emulator raises."""
        self._loop = asyncio.get_running_loop()
        ready: concurrent.futures.Future[None] = concurrent.futures.Future()
        self._thread = threading.Thread(target=self._run, args=(ready,), name=f"till {self.number}", daemon=True)
        self._thread.start()
        await asyncio.wrap_future(ready)

    async def give_up(self) -> None:
        """Tell everybody who waits for something that it will not come."""

        def tell(_: Emulator) -> None:
            for errand in list(self.errands):
                errand.fail(Impossible("the emulator ends"))

        await self.do(tell)

    async def stop(self) -> None:
        """Switch it off, store what is to be stored."""
        thread, self._thread = self._thread, None
        if thread is None:
            return
        self._mailbox.put(self._stop)
        await asyncio.to_thread(thread.join)
        self._mailbox.close()

    def _stop(self) -> None:
        self._stopping = True

    async def do(self, job: Callable[[Emulator], T]) -> T:
        """Have `job` done by the bench's thread, at a moment at which the device is idle."""
        return await asyncio.wrap_future(self._mailbox.put(lambda: job(self.emulator)))

    async def act(self, job: Callable[[Emulator], T]) -> T:
        """The same for something that a person does: what happened before is no answer to it."""

        def fenced(emulator: Emulator) -> T:
            outcome = job(emulator)
            self.events.fence = self.events.last
            return outcome

        return await self.do(fenced)

    async def insert_lent(self, reader: str, lend: Callable[[str], LentCard]) -> None:
        """The card in a reader of this computer goes into the slot. NoReader: it is not to be had.

        Args:
            reader: its name, or what `lend` takes for one.
            lend: gets at it, which takes its time.
        """

        def let_go(emulator: Emulator) -> None:
            if emulator.entry.is_lent and reader in emulator.entry.name:
                emulator.entry.remove()  # or it would be in use, by ourselves

        await self.act(let_go)
        card = await asyncio.to_thread(lend, reader)
        await self.act(lambda emulator: emulator.entry.insert(card))

    async def until(self, arrange: Callable[[Emulator, Callable[[T], None]], None], seconds: float, what: str) -> T:
        """What `arrange` sets going, once it is there.

        Args:
            arrange: called in the bench's thread with the emulator and `done`, which it calls, or has called, there.
            seconds: virtual seconds to wait at most.
            what: for the error: "the screen to show 'PIN'".

        Raises:
            InVain: it takes longer.
            Exception: what `arrange` raises.
        """
        outcome: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        await self.do(lambda emulator: Errand(self, outcome, seconds, what).begin(emulator, arrange))
        return await outcome

    async def wait_for(self, matches: Callable[[Event], bool], since: int | None, seconds: float, what: str) -> Event:
        """The first event after `since` (default: since the last act) that matches; InVain."""

        def arrange(_: Emulator, done: Callable[[Event], None]) -> None:
            def hear(event: Event) -> None:
                if matches(event):
                    done(event)

            self.events.listen(hear, self.events.fence if since is None else since)
            leave.append(hear)

        leave: list[Callable[[Event], None]] = []
        try:
            return await self.until(arrange, seconds, what)
        finally:
            for hear in leave:
                self.events.leave(hear)

    async def see(self, *texts: str, since: int | None = None, seconds: float = PATIENCE_S) -> Event:
        """The first frame that shows one of `texts`; InVain, which tells what is shown instead."""

        def shows(event: Event) -> bool:
            return "frame" in event and any(text in visible(event) for text in texts)

        what = f"the screen to show {' or '.join(map(repr, texts))}"
        try:
            return await self.wait_for(shows, since, seconds, what)
        except InVain as error:
            shown = await self.do(lambda emulator: emulator.screen.text)
            raise InVain(f"{error}; it shows\n{shown}") from None

    async def type(self, keys: str) -> None:
        """Press keys as a person does; returns when all are up. ValueError for a key that there is not."""

        def begin(emulator: Emulator, done: Callable[[None], None]) -> None:
            need_power(emulator)
            until = emulator.keypad.type(keys)
            self.events.fence = self.events.last
            emulator.bench.clock.at(until, lambda: done(None))

        await self.until(begin, _LONGEST_TYPING_S, "the keys to be up")

    async def note(self, what: str, step: dict[str, Any] | None = None) -> None:
        """An event of the bench; `step`: as a scenario has it, for something that somebody did."""

        def append(emulator: Emulator) -> None:
            now = None if emulator.pin_entry_open else emulator.bench.clock.now
            self.events.append({"t_us": now, "wire": "bench", "event": what} | ({"step": step} if step else {}))

        await self.do(append)

    async def set_speed(self, speed: float) -> None:
        """Let the clock run at that speed; a steered one has none and stays so."""

        def change(emulator: Emulator) -> None:
            if emulator.bench.pace is not None:
                emulator.bench.pace.set_speed(speed)

        await self.do(change)

    async def pass_time(self, seconds: float) -> None:
        """Wait until so many virtual seconds are over."""

        def begin(emulator: Emulator, done: Callable[[None], None]) -> None:
            emulator.bench.clock.after(int(seconds * 1_000_000), lambda: done(None))

        await self.until(begin, seconds + 1, "time to pass")

    async def ask(self, request: dict[str, Any], seconds: float) -> Any:
        """What the terminal's application answers to a program; it does so while it is idle. DeskError, InVain."""

        def send(emulator: Emulator, done: Callable[[Any], None]) -> None:
            need_power(emulator)
            assert self._desk is not None
            self._desk.send(request, done)

        found = await self.until(send, seconds, "the terminal to be idle")
        if isinstance(found, DeskError):
            raise found
        return found

    def readers_changed(self, states: Sequence[ReaderState]) -> None:
        """A card or a reader of this computer has come or gone; any thread may say so."""
        self._mailbox.put(lambda: self._readers(states))

    # In the bench's thread

    @property
    def emulator(self) -> Emulator:
        """For jobs, which run when there is one."""
        assert self._emulator is not None
        return self._emulator

    @property
    def printer_bytes(self) -> bytes:
        """The latest ESC/POS bytes that the device has sent."""
        return bytes(self._printer_bytes)

    def hanging(self) -> list[Receipt]:
        """The slips that are cut and not taken away."""
        return self.emulator.printer.receipts()[self.torn :]

    def tear(self) -> int:
        """Take away the oldest slip that hangs, or tear off what hangs out uncut; its number. Impossible: nothing."""
        if not self.hanging():
            try:
                self.emulator.printer.tear()
            except ValueError as error:
                raise Impossible(str(error)) from None
        self.torn += 1
        return self.torn

    def _run(self, ready: concurrent.futures.Future[None]) -> None:
        try:
            emulator = self._emulator = self._make()
            emulator.bench.externals[self._mailbox] = self._hear
            self._desk = DeskClient(emulator.bench)
            self._desk.told.append(self._mirrored)
            timeline = Timeline(emulator)
            timeline.listeners.append(self._entry)
            emulator.power_listeners.append(self._power)
            self._at_start(timeline)
            emulator.power_on()
        except BaseException as error:
            if self._emulator is not None:
                self._emulator.close()
            ready.set_exception(error)
            return
        ready.set_result(None)
        while not self._stopping:
            try:
                self._go_on(emulator.bench)
            except (LinkLost, FlashDamaged, WaitTimeout) as error:
                timeline.tell("bench", str(error))
            self._mailbox.empty()
            del emulator.screen.frames[:-FRAMES_KEPT]
        emulator.close()

    def _go_on(self, bench: Bench) -> None:
        """Until there is something to do. A steered clock moves only as long as somebody waits."""
        if bench.powered:
            bench.settle()
        if bench.pace is None and not self.errands:
            select.select([self._mailbox], [], [])
        else:
            bench.run_until(lambda: len(self._mailbox) > 0 or not (bench.pace or self.errands), FOREVER_S, "a job")

    def _hear(self) -> None:
        self._mailbox.hear()
        # Something is due now: the wait for the computer's clock ends.
        self.emulator.bench.clock.after(0, lambda: None)

    def _power(self, on: bool) -> None:
        assert self._desk is not None
        self._desk.forget()
        self.fingers.clear()
        if on and self._printed_bytes not in self.emulator.printer.wire_listeners:
            self.emulator.printer.wire_listeners.append(self._printed_bytes)

    def _readers(self, states: Sequence[ReaderState]) -> None:
        entry = self.emulator.entry
        if entry.is_lent and not any(state.has_card and state.name == entry.name for state in states):
            entry.remove()
            self.events.fence = self.events.last
        told = "; ".join(f"{state.name}: {'a card' if state.has_card else 'empty'}" for state in states)
        now = None if self.emulator.pin_entry_open else self.emulator.bench.clock.now
        readers = [reader_data(state) for state in states]
        self.events.append({"t_us": now, "wire": "bench", "event": told or "no card reader", "readers": readers})

    def _printed_bytes(self, data: bytes) -> None:
        self._printer_bytes += data
        del self._printer_bytes[:-PRINTER_BYTES_KEPT]

    def in_loop(self, call: Callable[..., object], *args: object) -> None:
        """Have something called in the event loop, if there still is one."""
        assert self._loop is not None
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(call, *args)

    def _entry(self, entry: Entry) -> None:
        event: Event = {"t_us": entry.t_us, "wire": entry.wire, "event": entry.event}
        if entry.lines:
            event["lines"] = list(entry.lines)
        if entry.shown is not None:
            event |= frame_data(entry.shown)
        if entry.wire == "printer":
            event |= self._paper()
        if entry.wire == "card" and self.emulator.entry.is_lent and entry.event.endswith(" inserted"):
            event["step"] = {"reader": self.emulator.entry.name}
        if entry.raw and entry.wire == "card":
            event["detail"] = apdu_detail(entry.raw[0], entry.raw[1], [entry.event, *entry.lines])
        elif entry.raw:
            event["detail"] = host_detail(entry.raw[0])
        self.events.append(event)

    def _mirrored(self, told: dict[str, Any]) -> None:
        """What the terminal shows to whom it lets help from elsewhere."""
        if "rows" in told:
            event = " | ".join(row.strip() for row in told["rows"] if row.strip())
        else:
            event = f"ended: {told['ended']}" if "ended" in told else "hidden"
        now = None if self.emulator.pin_entry_open else self.emulator.bench.clock.now
        self.events.append({"t_us": now, "wire": "assist", "event": event, "mirror": told})

    def _paper(self) -> Event:
        """The dot rows that have come out since the last time, and where the strip has been cut."""
        strip = self.emulator.printer.strip
        start, self._strip_at = self._strip_at, strip.length
        return {
            "top": start,
            "rows": pack_rows(strip.rows[start:], strip.width),
            "cut_at": strip.length - len(strip.uncut().rows),
            "slips": len(strip.receipts),
        }


def need_power(emulator: Emulator) -> None:
    """Impossible if the terminal is off."""
    if not emulator.bench.powered:
        raise Impossible("the terminal is switched off")
