"""A thermal receipt printer on a UART, and on Ethernet if somebody wants it: ESC/POS bytes in, dots on paper out.

It is as slow, as small and as unreliable as a real one: bytes take their time on the wire, the receive buffer holds 256
of them and loses the rest, the head prints at its pace and gets warm, paper ends.
"""

from __future__ import annotations

from collections.abc import Callable

from tillbench.host.devices.cash_drawer import CashDrawer
from tillbench.host.devices.paper import PrintedLine, Receipt, Strip
from tillbench.host.devices.printer_actions import (
    Action,
    Answer,
    AnswerCounter,
    AnswerDrawer,
    AnswerPaper,
    AutomaticStatus,
    AwaitButton,
    Cut,
    Feed,
    Heating,
    Pause,
    Print,
    Pulse,
    RealtimePulse,
    ResetCounter,
)
from tillbench.host.devices.printer_formatter import WireError
from tillbench.host.devices.printer_hand import ByHand
from tillbench.host.devices.printer_head import Head
from tillbench.host.devices.printer_interface import Interface
from tillbench.host.devices.printer_mechanism import Mechanism
from tillbench.host.devices.printer_memory import GraphicsMemory, NonVolatile
from tillbench.host.devices.printer_network import NetworkSide
from tillbench.host.devices.printer_parser import Realtime
from tillbench.host.devices.printer_profile import PrinterProfile
from tillbench.host.devices.printer_serial import SerialSide
from tillbench.host.devices.printer_status import Condition, reply
from tillbench.host.devices.printer_turns import Turns
from tillbench.host.emulator.wires import Clock, Nets, Timer, UartPort
from tillbench.protocols.escpos import ENQ, EOT


class Printer(ByHand):
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
        self.nv = NonVolatile(GraphicsMemory(self.profile.nv_bytes))
        self.drawer = CashDrawer()
        self._clock = clock
        self._nets = nets
        self._busy_net = busy
        self._serial = SerialSide(clock, port, self.profile, self._wake)
        self._wired = Interface(self.profile, self.nv, self.profile.buffer, self._obey_at_once, self._serial.send)
        self._turns = Turns(self._wired)
        self.networks: list[NetworkSide] = []
        """What is plugged in beside the UART."""
        self.mechanism = Mechanism(self.profile, lambda text: self._turns.serving.formatter.complain(text))
        self._powered = True
        self._at = clock.now
        self._living = False
        self._timer: Timer | None = None
        self._last_condition = self.condition
        self._offline = False
        self._start()
        self._wake()

    def _start(self) -> None:
        """As after power on: empty buffers, default modes."""
        self._turns.reset()
        self._busy = False

    # What a person sees and does

    @property
    def errors(self) -> list[WireError]:
        """What in the bytes from the UART could not be obeyed, with its offset."""
        return self._wired.formatter.errors

    @property
    def missing_glyphs(self) -> set[str]:
        """Characters that were printed as an empty box."""
        return set().union(*(interface.formatter.missing_glyphs for interface in self._turns))

    @property
    def bytes_received(self) -> int:
        return self._wired.buffer.received

    @property
    def bytes_lost(self) -> int:
        """Bytes that found the receive buffer full."""
        return self._wired.buffer.lost

    @property
    def framing_errors(self) -> int:
        """Received characters without a stop bit: another baud rate or format than this printer's."""
        return self._serial.framing_errors

    @property
    def condition(self) -> Condition:
        """What the status answers would say now."""
        return self.mechanism.condition(self.drawer.is_open)

    @property
    def head(self) -> Head:
        return self.mechanism.head

    @property
    def strip(self) -> Strip:
        """All that was ever printed, cut or not."""
        return self.mechanism.strip

    @property
    def line_listeners(self) -> list[Callable[[PrintedLine], None]]:
        """Each hears every line as it is on paper."""
        return self.mechanism.line_listeners

    @property
    def receipt_listeners(self) -> list[Callable[[Receipt], None]]:
        """Each hears every slip as it is cut."""
        return self.mechanism.receipt_listeners

    @property
    def wire_listeners(self) -> list[Callable[[bytes], None]]:
        """Each hears the bytes that the device sends, before they are obeyed."""
        return self._serial.listeners

    @property
    def idle(self) -> bool:
        """Whether nothing is left to arrive, to be obeyed or to be printed."""
        moving = self.mechanism.done_at is not None or self._serial.next_arrival() is not None
        return not (moving or self._turns.waiting)

    def attach_network(self, answer: Callable[[bytes], None]) -> NetworkSide:
        """Plug in a network cable; `answer` gets what the printer says to the host there, at its moment.

        The interfaces share head and paper and nothing else. Who prints keeps the printer up to a cut, or until it has
        said nothing for a second; until then it is BUSY for the UART.
        """

        def send(at: int, data: bytes) -> None:
            side.answers_due += 1
            self._clock.at(max(at, self._clock.now), lambda: side.sent(answer, data))

        interface = Interface(self.profile, self.nv, self.profile.network_buffer, self._obey_at_once, send)
        self._turns.add(interface)
        side = NetworkSide(interface, self._wake, lambda: self.mechanism.done_at is not None)
        self.networks.append(side)
        return side

    def receipts(self) -> list[Receipt]:
        """The slips cut so far, oldest first."""
        return list(self.strip.receipts)

    def uncut(self) -> Receipt:
        """What hangs out of the printer."""
        return self.strip.uncut()

    def power(self, on: bool) -> None:
        """Switch off (nothing is kept but what is on paper) or on."""
        self._catch_up()
        self._serial.drop()
        self._powered = on
        self.mechanism.stop()
        self._start()
        self._last_condition = self.condition
        self._offline = self._last_condition.offline
        self._wake()

    # Time

    def _wake(self) -> None:
        self._catch_up()
        if not self._living:
            self._arm()
            for side in self.networks:
                side.on_progress()

    def _catch_up(self) -> None:
        """Live through everything up to now, each thing at its own moment."""
        if self._living:
            return  # a listener has done something to the printer: the loop below goes on with that
        self._living = True
        before = self._at
        try:
            self._live(self._clock.now)
        finally:
            self._living = False
        if self._powered:
            self.mechanism.wear.on_us += self._at - before
        self._drive_busy()

    def _live(self, now: int) -> None:
        self._notice_condition()
        self._work()
        while True:
            moment = _earliest(self.mechanism.done_at, self.head.cool_at(), self._hand_over_at())
            arrival = self._serial.next_arrival()
            if arrival is not None and arrival <= now and (moment is None or arrival < moment):
                self._take_in(now if moment is None else min(now, moment - 1))
            elif moment is not None and moment <= now:
                self._at = max(self._at, moment)
                if self._is_due(self.mechanism.done_at):
                    self.mechanism.finish()
                    if self._turns.serving.held_until:
                        self._turns.hold(self._at)
                else:
                    self.head.advance(self._at)
                self._notice_condition()
                self._work()
            else:
                break
        self._at = max(self._at, now)

    def _take_in(self, until: int) -> None:
        """Take the bytes that arrive up to `until`, or up to the one that sets the mechanism going."""
        moving = self.mechanism.done_at is not None
        while (at := self._serial.next_arrival()) is not None and at <= until:
            self._at = max(self._at, at)
            byte = self._serial.take()
            if not self._powered:
                continue
            self._wired.buffer.arrive(byte, self._following(self._wired))
            if not moving:
                self._work()
                if self.mechanism.done_at is not None:
                    break

    def _is_due(self, moment: int | None) -> bool:
        return moment is not None and moment <= self._at

    def _arm(self) -> None:
        """Be woken at the next moment at which something can be seen from outside."""
        until_busy = self.profile.buffer - self.profile.busy_below + 1 - self._occupied
        due = _earliest(
            self.mechanism.done_at,
            self.head.cool_at(),
            self._hand_over_at(),
            self._serial.next_alarm(self._at),
            None if self._busy else self._serial.arrival_of(max(1, until_busy)),
        )
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
        return self._wired.buffer.occupied(self._following(self._wired))

    def _following(self, interface: Interface) -> bool:
        """Whether its bytes are obeyed as they come."""
        serving = interface is self._turns.serving and not interface.working
        return serving and self.mechanism.done_at is None and not self._offline

    def _obey_at_once(self, interface: Interface, offset: int, command: Realtime) -> None:
        if command.code == EOT:
            answer = self.condition.realtime(command.data[0])
            if answer is None:
                interface.formatter.errors.append(
                    WireError(offset, f"DLE EOT: n expected 1..4, found {command.data[0]}")
                )
            else:
                self._answer(interface, answer)
        elif command.code == ENQ:
            if command.data[0] == 2:
                interface.clear()
            self.mechanism.cutter_jam = False
            self._notice_condition()
        elif command.pulse_pin is not None and interface.pulse_enabled:
            self._kick(command.pulse_pin)
        elif command.clears:
            interface.clear()

    def _kick(self, pin: int) -> None:
        self.drawer.kick(pin)
        self._notice_condition()

    def _answer(self, interface: Interface, data: bytes) -> None:
        interface.send(self._at + self.profile.answer_us, data)

    # Paper

    def _work(self) -> None:
        """Obey what is in the buffers until the mechanism has something to do, or printing stands still."""
        self._turns.pump(self._following)
        while self.mechanism.stands and self._powered and not self._offline:
            turn = self._turns.next(self._at)
            if turn is None:
                break
            self._turns.hold(self._at)
            action = turn.next()
            if action is not None:
                self._begin(turn, action)
            turn.pump(self._following)

    def _hand_over_at(self) -> int | None:
        stands = not self._powered or self._offline or self.mechanism.done_at is not None
        return None if stands else self._turns.over_at()

    def _begin(self, turn: Interface, action: Action) -> None:
        if isinstance(action, Cut) and action.to_blade:
            turn.actions.appendleft(Cut(action.kind))
            turn.actions.appendleft(Feed(self.profile.cutter_rows + action.rows))
        elif isinstance(action, Print | Feed | Cut | Pause):
            self.mechanism.start(action, self._at)
            if isinstance(action, Cut):
                turn.held_until = 0
        elif isinstance(action, Answer | AnswerPaper | AnswerDrawer):
            self._answer(turn, reply(action, self.condition))
        elif isinstance(action, AnswerCounter):
            self._answer(turn, self.mechanism.wear.answer(action.number))
        elif isinstance(action, ResetCounter):
            self.mechanism.wear.reset(action.number)
        elif isinstance(action, AwaitButton):
            self.mechanism.awaits_button = True
        elif isinstance(action, Heating):
            self.head.heating(action.dots, action.time, action.interval)
        elif isinstance(action, AutomaticStatus):
            turn.automatic = action.mask
            if action.mask:
                self._answer(turn, self.condition.automatic())
        elif isinstance(action, Pulse):
            self._kick(action.pin)
        elif isinstance(action, RealtimePulse):
            turn.pulse_enabled = action.enabled

    # Signals

    def _notice_condition(self) -> None:
        """What happens when the condition changes: status is pushed, and some printers throw their buffer away."""
        condition = self.condition
        if condition == self._last_condition or not self._powered:
            return
        before, self._last_condition = self._last_condition, condition
        self._offline = condition.offline
        if condition.paper_end and not before.paper_end and not self.profile.keeps_data_at_paper_end:
            for interface in self._turns:
                interface.clear()
        for interface in self._turns:
            mask = interface.automatic
            if mask and condition.group(mask) != before.group(mask):
                self._answer(interface, condition.automatic())

    def _drive_busy(self) -> None:
        free = self.profile.buffer - self._occupied
        if self._offline or self._turns.elsewhere or free < self.profile.busy_below:
            self._busy = True
        elif free > self.profile.ready_above:
            self._busy = False
        if self._nets and self._busy_net:
            self._nets.drive(self._busy_net, int(self._busy) if self._powered else None)


def _earliest(*moments: int | None) -> int | None:
    return min((moment for moment in moments if moment is not None), default=None)
