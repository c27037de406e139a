"""A thermal receipt printer on a UART: ESC/POS bytes in, dots on paper out.

It is as slow, as small and as unreliable as a real one: bytes take their time on the wire, the receive buffer holds 256
of them and loses the rest, the head prints at its pace and gets warm, paper ends.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from tillbench.host.devices.paper import PrintedLine, Receipt, Roll, Strip
from tillbench.host.devices.printer_actions import (
    Action,
    Answer,
    AnswerDrawer,
    AnswerPaper,
    AutomaticStatus,
    Cut,
    Feed,
    Heating,
    Print,
    Pulse,
    RealtimePulse,
)
from tillbench.host.devices.printer_formatter import Formatter, WireError
from tillbench.host.devices.printer_head import Head
from tillbench.host.devices.printer_interpreter import execute
from tillbench.host.devices.printer_line import dots
from tillbench.host.devices.printer_parser import Invoke, Item, Parser, Realtime, RealtimeScanner
from tillbench.host.devices.printer_profile import DOTS_PER_MM, PrinterProfile
from tillbench.host.devices.printer_serial import SerialSide
from tillbench.host.devices.printer_status import Condition
from tillbench.host.emulator.wires import Clock, Nets, Timer, UartPort
from tillbench.protocols.escpos import DLE, ENQ, EOT

_CUT_US = 250_000
_PULSE, _CLEAR = 1, 8
"""fn of DLE DC4."""
_CLEAR_KEY = bytes((1, 3, 20, 1, 6, 2, 8))


class Printer:
    """The model. Give it the far end of a UART and, for a printer that has the wire, the net of its BUSY output
    (high: send nothing).

    `line_listeners` hear each printed line, `receipt_listeners` each slip as it is cut.
    """

    def __init__(
        self,
        clock: Clock,
        port: UartPort,
        nets: Nets | None = None,
        busy: str | None = None,
        profile: PrinterProfile | None = None,
    ) -> None:
        self.profile = profile or PrinterProfile()
        self.head = Head(self.profile)
        self.roll = Roll()
        self.strip = Strip(self.profile.width)
        self.line_listeners: list[Callable[[PrintedLine], None]] = []
        self.receipt_listeners: list[Callable[[Receipt], None]] = []
        self.bytes_received = 0
        self.bytes_lost = 0
        """Bytes that found the receive buffer full."""
        self.drawer_pulses: list[int] = []
        """The connector pin of each pulse to the cash drawer."""
        self._clock = clock
        self._nets = nets
        self._busy_net = busy
        self._serial = SerialSide(clock, port, self.profile, self._wake)
        self._formatter = Formatter(self.profile)
        self._powered = True
        self._cover_open = False
        self._cutter_jam = False
        self._broken = False
        self._at = clock.now
        self._living = False
        self._timer: Timer | None = None
        self._last_condition = Condition()
        self._start()
        self._wake()

    def _start(self) -> None:
        """As after power on: empty buffers, default modes."""
        self._parser = Parser()
        self._scanner = RealtimeScanner()
        self._formatter.reset()
        self._items: deque[Item] = deque()
        self._held = 0
        self._actions: deque[Action] = deque()
        self._doing: Print | Feed | Cut | None = None
        self._done_at = 0
        self._busy = False
        self._automatic = 0
        self._pulse_enabled = True

    # What a person sees and does

    @property
    def errors(self) -> list[WireError]:
        """What in the received bytes could not be obeyed, with its offset."""
        return self._formatter.errors

    @property
    def missing_glyphs(self) -> set[str]:
        """Characters that were printed as an empty box."""
        return self._formatter.missing_glyphs

    @property
    def framing_errors(self) -> int:
        """Received characters without a stop bit: another baud rate or format than this printer's."""
        return self._serial.framing_errors

    @property
    def condition(self) -> Condition:
        """What the status answers would say now."""
        return Condition(
            paper_end=self.roll.left <= self.profile.sensor_rows,
            near_end=self.roll.left <= self.profile.near_end_rows,
            cover_open=self._cover_open,
            overheated=self.head.overheated,
            cutter_jam=self._cutter_jam,
            broken=self._broken,
            drawer_high=self.profile.drawer_high,
        )

    @property
    def idle(self) -> bool:
        """Whether nothing is left to arrive, to be obeyed or to be printed."""
        return not (self._items or self._actions or self._doing or self._serial.next_arrival() is not None)

    def receipts(self) -> list[Receipt]:
        """The slips cut so far, oldest first."""
        return list(self.strip.receipts)

    def uncut(self) -> Receipt:
        """What hangs out of the printer."""
        return self.strip.uncut()

    def load_paper(self, mm: int = 30_000) -> None:
        """Put in a roll with `mm` of paper; printing goes on if that was what it waited for."""
        self.paper_left(mm * DOTS_PER_MM)

    def paper_left(self, rows: int) -> None:
        """Let the roll have `rows` dot rows before the sensor finds its end; 0 is paper out now."""
        self._catch_up()
        self.roll.left = self.profile.sensor_rows + rows
        self._wake()

    def cover(self, is_open: bool) -> None:
        self._catch_up()
        self._cover_open = is_open
        self._wake()

    def jam_cutter(self, jammed: bool = True) -> None:
        """Jam the cutter: an error that DLE ENQ can end."""
        self._catch_up()
        self._cutter_jam = jammed
        self._wake()

    def break_down(self, broken: bool = True) -> None:
        """An error that only a repair ends."""
        self._catch_up()
        self._broken = broken
        self._wake()

    def warm_up(self, celsius: int) -> None:
        """Bring the head to a temperature, as a long black print would."""
        self._catch_up()
        self.head.temperature = celsius * 1_000_000
        self.head.burn(self._at, 0)
        self._wake()

    def power(self, on: bool) -> None:
        """Switch off (nothing is kept but what is on paper) or on."""
        self._catch_up()
        self._serial.drop()
        self._powered = on
        self._start()
        self._last_condition = self.condition
        self._wake()

    # Time

    def _wake(self) -> None:
        self._catch_up()
        if not self._living:
            self._arm()

    def _catch_up(self) -> None:
        """Live through everything up to now, each thing at its own moment."""
        if self._living:
            return  # a listener has done something to the printer: the loop below goes on with that
        self._living = True
        now = self._clock.now
        self._work()
        while (due := self._next_event()) is not None and due <= now:
            self._at = max(self._at, due)
            if self._doing and self._done_at <= self._at:
                self._finish(self._doing)
            elif (cool := self.head.cool_at()) is not None and cool <= self._at:
                self.head.advance(self._at)
            else:
                self._arrive(self._serial.take())
            self._work()
        self._at = max(self._at, now)
        self._living = False
        self._drive_busy()

    def _next_event(self) -> int | None:
        return min(
            (
                at
                for at in (
                    self._done_at if self._doing else None,
                    self.head.cool_at(),
                    self._serial.next_arrival(),
                )
                if at is not None
            ),
            default=None,
        )

    def _arm(self) -> None:
        """Be woken at the next moment at which something can be seen from outside."""
        until_busy = self.profile.buffer - self.profile.busy_below + 1 - self._occupied
        moments = (
            self._done_at if self._doing else None,
            self.head.cool_at(),
            self._serial.next_alarm(self._at),
            None if self._busy else self._serial.arrival_of(max(1, until_busy)),
        )
        due = min((at for at in moments if at is not None), default=None)
        if self._timer:
            if self._timer.due == due and not self._timer.cancelled:
                return
            self._timer.cancel()
        self._timer = None if due is None else self._clock.at(due, self._on_timer)

    def _on_timer(self) -> None:
        self._timer = None
        self._wake()

    # Bytes

    @property
    def _occupied(self) -> int:
        """Bytes in the receive buffer. What has arrived of a command is not in there while the printer keeps up."""
        following = not (self._items or self._actions or self._doing or self.condition.offline)
        return self._held + (0 if following else self._parser.pending)

    def _arrive(self, byte: int) -> None:
        if not self._powered:
            return
        self.bytes_received += 1
        command = self._scanner.feed(byte)
        if command and (self.profile.realtime_in_data or not self._parser.in_payload):
            self._obey_at_once(command)
        # Between commands a real-time sequence takes no room, so it is not lost in a full buffer.
        if self._occupied >= self.profile.buffer and not self._parser.at_realtime(byte):
            self.bytes_lost += 1
            return
        for item in self._parser.feed(self.bytes_received - 1, byte):
            if not (isinstance(item, Invoke) and item.command.opcode[0] == DLE):
                self._items.append(item)
                self._held += item.size

    def _obey_at_once(self, command: Realtime) -> None:
        if command.code == EOT:
            answer = self.condition.realtime(command.data[0])
            if answer is None:
                self.errors.append(
                    WireError(self.bytes_received - 3, f"DLE EOT: n expected 1..4, found {command.data[0]}")
                )
            else:
                self._answer(answer)
        elif command.code == ENQ:
            if command.data[0] == 2:
                self._clear()
            self._cutter_jam = False
        elif command.data[0] == _PULSE and self._pulse_enabled:
            self.drawer_pulses.append(5 if command.data[1] & 1 else 2)
        elif command.data == bytes((_CLEAR,)) + _CLEAR_KEY:
            self._clear()

    def _clear(self) -> None:
        """Throw away what is received and not yet printed."""
        self._items.clear()
        self._actions.clear()
        self._held = 0
        self._parser = Parser()
        self._formatter.line.cells.clear()

    def _answer(self, data: bytes) -> None:
        self._serial.send(self._at + self.profile.answer_us, data)

    # Paper

    def _work(self) -> None:
        """Obey what is in the buffer until the mechanism has something to do, or printing stands still."""
        self._notice_condition()
        while self._powered and not self._doing and not self.condition.offline:
            if self._actions:
                self._begin(self._actions.popleft())
            elif self._items:
                item = self._items.popleft()
                self._held -= item.size
                self._actions.extend(execute(self._formatter, item))
            else:
                break

    def _begin(self, action: Action) -> None:
        if isinstance(action, Print):
            self._do(action, self.head.print_us(action.rows))
        elif isinstance(action, Feed):
            self._do(action, self.head.print_us([0] * action.rows))
        elif isinstance(action, Cut):
            if action.to_blade:
                self._actions.appendleft(Cut(action.kind))
                self._actions.appendleft(Feed(self.profile.cutter_rows + action.rows))
            else:
                self._do(action, _CUT_US)
        elif isinstance(action, Answer):
            self._answer(action.data)
        elif isinstance(action, AnswerPaper):
            self._answer(self.condition.paper())
        elif isinstance(action, AnswerDrawer):
            self._answer(self.condition.drawer())
        elif isinstance(action, Heating):
            self.head.heating(action.dots, action.time, action.interval)
        elif isinstance(action, AutomaticStatus):
            self._automatic = action.mask
            if action.mask:
                self._answer(self.condition.automatic())
        elif isinstance(action, Pulse):
            self.drawer_pulses.append(action.pin)
        elif isinstance(action, RealtimePulse):
            self._pulse_enabled = action.enabled

    def _do(self, action: Print | Feed | Cut, us: int) -> None:
        self._doing = action
        self._done_at = self._at + us

    def _finish(self, action: Print | Feed | Cut) -> None:
        self._doing = None
        if isinstance(action, Cut):
            receipt, through = self.strip.cut(self.strip.length - self.profile.cutter_rows, action.kind)
            for line in through:
                self._formatter.complain(f"the cut went through the line {line.text!r}")
            for tell in self.receipt_listeners:
                tell(receipt)
            return
        rows = action.rows if isinstance(action, Print) else (0,) * action.rows
        on_paper = rows[: self.roll.left]
        self.roll.left -= len(on_paper)
        self.head.burn(self._at, dots(on_paper))
        if isinstance(action, Feed) or action.text is None:
            self.strip.feed(on_paper)
            return
        if any(rows[len(on_paper) :]):
            self._formatter.complain(f"printed past the end of the paper: {action.text!r}")
        printed = self.strip.add_line(action.text, on_paper)
        for hear in self.line_listeners:
            hear(printed)

    # Signals

    def _notice_condition(self) -> None:
        """What happens when the condition changes: status is pushed, and some printers throw their buffer away."""
        condition = self.condition
        if condition == self._last_condition or not self._powered:
            return
        before, self._last_condition = self._last_condition, condition
        if condition.paper_end and not before.paper_end and not self.profile.keeps_data_at_paper_end:
            self._clear()
        if self._automatic and condition.group(self._automatic) != before.group(self._automatic):
            self._answer(condition.automatic())

    def _drive_busy(self) -> None:
        free = self.profile.buffer - self._occupied
        offline = self.condition.offline
        if offline or free < self.profile.busy_below:
            self._busy = True
        elif free > self.profile.ready_above:
            self._busy = False
        if self._nets and self._busy_net:
            self._nets.drive(self._busy_net, int(self._busy) if self._powered else None)
