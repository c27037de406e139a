"""The terminal: start, idle screen, and what a key at the idle screen begins."""

import asyncio
import json
import os
import sys
import time

from terminal import i18n, store
from terminal.care.progress import Progress
from terminal.clock import Clock
from terminal.counters import Counters
from terminal.i18n import text
from terminal.journal import Journal
from terminal.line.watched import HostLine, WatchedLine
from terminal.parameters import ParameterError, Parameters
from terminal.status import status_row
from terminal.transaction import APPROVED, STATE_TEXTS
from terminal.ui import keys
from terminal.ui.dialogs import Dialogs, Stop
from terminal.ui.screen import Screen, centred
from terminal.ui.waits import first_of
from terminal.unload import resident, unload_if_short
from terminal.vault import Vault
from terminal.working_keys import WorkingKeys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Awaitable, NoReturn

    from terminal.assist import Assistance
    from terminal.board import Board
    from terminal.operators.roster import Roster

VERSION = "0.1.0"
_MINUTE_MS = 60000
_SERVED = -2
_KEY = 16


class OutOfService(Exception):
    """Something on flash cannot be trusted: nothing may be sold. `why` is a key of the text table."""

    def __init__(self, why: str, detail: str = "") -> None:
        super().__init__(why, detail)
        self.why = why
        self.detail = detail


def _is_under_way(record: bytes | None) -> bool:
    # What settlement.Settlement has written; the stages are there.
    return record is not None and json.loads(record)["stage"] not in ("", "done")


class Terminal:
    """Everything that the flows share: the board and its screen, settings, counters, keys and the journal."""

    clock: Clock
    parameters: Parameters
    progress: Progress
    counters: Counters
    journal: Journal
    keys: WorkingKeys
    vault: Vault
    dialogs: Dialogs

    def __init__(self, board: Board) -> None:
        self.board = board
        self.screen = Screen(board.display)
        self.line = WatchedLine(HostLine(self))
        self.paper: bool | None = None
        """Whether the printer had paper when it was last asked; None before that."""
        self.put_aside: tuple[Journal, Counters, WorkingKeys, WatchedLine] | None = None
        """What work goes on with after a training; None while nobody is trained."""
        self._answered = 0
        self._waiting = 0
        """Answers of the host, and what was left to tell it, when that was last looked at."""
        self._roster: Roster | None = None
        self.card_faults = 0
        """Chips that did not do as they should, since the start."""
        self.printer_faults = 0
        """Since the start."""
        self._began = time.ticks_ms()
        self._uptime_ms = 0
        self.tmk = bytearray(_KEY)
        """The terminal master key, all zeros while there is none."""
        self.operator = ""
        """Who works here now; empty while nobody has signed on."""
        self.assistance: Assistance | None = None
        """What somebody has agreed to who lets another one help from elsewhere."""
        self.settling = False
        """A settlement was begun and is not at its end: nothing is sold meanwhile."""
        self.locked = False

    async def run(self) -> NoReturn:
        """Starts the terminal and serves it for ever."""
        warning = text("test_note" if self.board.keyslot.protected else "keys_readable")
        self.screen.show(text("title"), text("starting"), VERSION, warning)
        try:
            self.load()
        except OutOfService as fault:
            await self._stay_out_of_service(fault)
        self.board.keypad.start()
        resident.update(sys.modules)
        tamper = self.board.tamper
        while True:
            if tamper is None:
                await self._serve()
            else:
                await first_of(None, tamper.wait_opened(), self._serve())
                await self._opened()

    async def _serve(self) -> NoReturn:
        """What the terminal does while its case is shut."""
        await self._catch_up()
        while True:
            unload_if_short()
            await self._idle()

    async def _opened(self) -> None:
        """Somebody has opened the case: whatever went on is over, as if the power had failed."""
        from terminal.care import tamper

        if self.assistance is not None:
            self.assistance.end("case opened")
        tamper.wipe(self)
        await tamper.stay_open(self)

    def load(self) -> None:
        """Reads all that is on flash; takes up the language that is set.

        Raises OutOfService at the first thing that is damaged; nothing is repaired.
        """
        folder = self.board.storage
        step = "flash_fault"
        try:
            os.stat(folder)
            step = "parameters_damaged"
            self.parameters = Parameters(folder + "/parameters")
            step = "operators_damaged"
            self._roster = None
            if store.exists(folder + "/operators"):
                self.roster.numbers()
            step = "counters_damaged"
            self.counters = Counters(folder + "/counters")
            step = "journal_damaged"
            self.journal = Journal(folder, folder + "/journal")
            step = "totals_damaged"
            self.settling = _is_under_way(store.read(self.journal.path + "_settlement"))
            step = "keys_damaged"
            self.take_master_key()
            if self.board.certificates:
                self._take_certificates()
            had_key = store.exists(folder + "/working_keys")
            self.progress = Progress(folder + "/commissioning", self.has_master_key, had_key)
        except store.Damaged as damage:
            raise OutOfService(step, "AT %d" % damage.offset)
        except ParameterError as wrong:
            raise OutOfService(step, wrong.name)
        except OSError as fault:
            raise OutOfService("flash_fault", "ERROR %s" % fault.errno)
        if self.counters.fresh and self.journal.count:
            # Counting from one again would repeat trace numbers that the journal knows.
            raise OutOfService("counters_damaged")
        i18n.use(self.parameters.language)
        self.operator = "" if self.parameters.operator_sign_on else self.parameters.operator
        self.clock = Clock()
        self.dialogs = Dialogs(self.screen, self.board.keypad, self.parameters)

    def _take_certificates(self) -> None:
        """What the board was provisioned with for TLS. Raises OSError, ParameterError."""
        from terminal.line import credentials

        for name in self.board.certificates:
            credentials.load(self, name, self.board.certificates[name])
        if self.board.certificates_taken is not None:
            self.board.certificates_taken()

    def take_master_key(self) -> None:
        """Begins to work with the key that is in the slot, or without one. Raises store.Damaged."""
        try:
            self.board.keyslot.key_into("TMK", self.tmk)
        except KeyError:
            pass
        self.keys = WorkingKeys(self.board.storage + "/working_keys", self.tmk)
        self.vault = Vault(self.tmk)

    @property
    def has_master_key(self) -> bool:
        """False before the first key was loaded, and after the case was opened."""
        return any(self.tmk)

    @property
    def roster(self) -> Roster:
        """The operators, read when somebody asks for them first. Raises store.Damaged."""
        if self._roster is None:
            from terminal.operators.roster import Roster

            self._roster = Roster(self.board.storage + "/operators", self.board.entropy)
        return self._roster

    async def _catch_up(self) -> None:
        """Before the first sale: the commissioning if it is not done, working keys if there are none, and what a power
        cut has left owed."""
        if self.progress.under_way:
            await self._guarded(self._commission())
        elif not self.keys.ready:
            await self.sign_on()
        elif self.journal.pending is not None:
            await self._settle_owed()
        await self._guarded(self._send_stored())
        if self.settling:
            await self._guarded(self._go_on_settling())
        await self._guarded(self._heed_host())

    async def _go_on_settling(self) -> None:
        """A power cut has interrupted a settlement."""
        from terminal.flows.settle import settle

        await self.dialogs.message("settle", text("going_on"))
        await settle(self)

    def day_is_over(self) -> bool:
        """True while the journal has transactions of an earlier day."""
        return self.journal.day not in ("", self.clock.now()[:8])

    async def _idle(self) -> None:
        """Shows the idle screen, sleeps until a key, and does what it asks for."""
        self.board.keypad.flush()
        key = await self._first_key()
        await self._guarded(self._begin(key))
        await self._guarded(self._send_stored())
        await self._guarded(self._heed_host())

    async def _begin(self, key: int) -> None:
        """What a key at the idle screen begins."""
        if self.locked:
            from terminal.operators.manage import unlock

            await unlock(self)
        elif self.progress.due and (key == keys.ENTER or keys.digit(key) >= 0):
            await self._commission()
        elif keys.digit(key) > 0:
            await self.sale(keys.digit(key))
        elif key == keys.ENTER or key == keys.MENU:
            await self._choose()
        elif key == keys.FN:
            await self.dialogs.help("help_idle")

    async def _choose(self) -> None:
        """What a person chooses in the menus. They are over when it begins: their heap is for the flow."""
        from terminal.menus import choose

        chosen = await choose(self)
        del choose
        if chosen:
            unload_if_short()
            __import__(chosen[0])
            await getattr(sys.modules[chosen[0]], chosen[1])(self, *chosen[2:])

    async def _guarded(self, flow: Awaitable[None]) -> None:
        """Runs a flow; what ends it early becomes a message."""
        try:
            await flow
        except Stop as stop:
            if stop.why not in ("cancelled", "timed_out"):
                await self.dialogs.message("not_done", text(stop.why), stop.detail)
        except Exception as fault:
            # A fault of ours must not leave a dead screen: the journal knows what is owed, so the terminal can go on.
            sys.print_exception(fault)  # type: ignore[attr-defined]  # MicroPython has it
            self.board.card.deactivate()
            await self.dialogs.message("fault", type(fault).__name__)

    async def _first_key(self) -> int:
        """The idle screen until a key; its clock goes on meanwhile, and so does the time until it locks itself."""
        rested = 0
        while True:
            if self.board.battery is not None:
                await self.board.battery.measure()
            now = self.clock.now()
            status = status_row(self, now)
            title = text("assist" if self.assistance else "title" if self.put_aside is None else "training")
            self.screen.show(title, centred(text(self._state())), status, centred(text("idle_keys")))
            key = await self._key_or_request(_MINUTE_MS - int(now[12:]) * 1000)
            if key >= 0:
                return key
            if key != _SERVED:
                rested += _MINUTE_MS
                await self.line.let_go(even_fresh=False)
            if 0 < self.parameters.auto_lock_ms <= rested and self.operator:
                self.locked = True

    def _state(self) -> str:
        """The most important thing to know about the terminal, a key of the text table."""
        if self.locked:
            return "locked"
        if self.progress.due:
            return "tampered" if self.progress.tampered else "commission_due"
        if not self.operator:
            return "operator_due"
        if not self.keys.ready:
            return "sign_on_due"
        if self.settling:
            return "settle_first"
        if self.journal.owed_text:
            return self.journal.owed_text
        if self.journal.count >= self.parameters.batch_limit:
            return "batch_full"
        if self.parameters.day_change and self.day_is_over():
            return "day_over"
        if self.board.battery is not None and self.board.battery.level == 0:
            return "battery_low"
        return "ready" if self.assistance is None else "assist_ends"

    async def _key_or_request(self, timeout_ms: int) -> int:
        """The next key, -1 when none comes, _SERVED when a program has asked for something and got it."""
        self.uptime_s()
        desk = self.board.desk
        if desk is None:
            first, found = await first_of(timeout_ms, self.board.keypad.get())
        elif self.assistance is not None:
            return await self._key_or_alone(timeout_ms, self.assistance)
        else:
            first, found = await first_of(timeout_ms, self.board.keypad.get(), desk.request())
            if first == 1:
                from terminal.desk import answered

                desk.reply(await answered(self, found))
                return _SERVED
        return found if first == 0 else -1

    async def _key_or_alone(self, timeout_ms: int, assistance: "Assistance") -> int:
        """The same while somebody helps, who has the desk; _SERVED also when that ends."""
        assistance.idle = True
        first, found = await first_of(timeout_ms, self.board.keypad.get(), assistance.over.wait())
        assistance.idle = False
        return found if first == 0 else _SERVED if first == 1 else -1

    def uptime_s(self) -> int:
        """Seconds since the start. Ticks wrap around after days: whoever is idle asks often enough."""
        now = time.ticks_ms()
        self._uptime_ms += time.ticks_diff(now, self._began)
        self._began = now
        return self._uptime_ms // 1000

    async def sale(self, first_digit: int = 0) -> None:
        """A sale that begins with the first digit of its amount."""
        from terminal.flows.sale import sale

        await sale(self, first_digit)

    async def _send_stored(self) -> None:
        """Tells the host what waits: with every transaction that it has answered, and when enough has come together.

        What cannot be sent now is no trouble: it goes on waiting, and the idle screen has its number.
        """
        waiting = len(self.journal.advices) + len(self.journal.notices)
        answered = self.line.answered != self._answered
        enough = self._waiting < waiting >= self.parameters.advices_at_once
        if waiting and (answered or enough):
            from terminal.flows.stored import send_stored

            await send_stored(self)
        self._answered = self.line.answered
        self._waiting = len(self.journal.advices) + len(self.journal.notices)

    async def _commission(self) -> None:
        """The steps of the commissioning that are still to be done."""
        from terminal.care.commission import commission

        await commission(self)

    async def _heed_host(self) -> None:
        """Does what the host's headers have asked for meanwhile."""
        if self.line.wishes:
            from terminal.host_wishes import heed_host

            await heed_host(self)

    async def sign_on(self) -> None:
        """Fetches working keys, says how it went, and settles what had to wait for them."""
        from terminal.flows.sign_on import sign_on

        try:
            await sign_on(self)
        except Stop as stop:
            await self.dialogs.message("sign_on", text(stop.why), stop.detail)
            return
        await self.dialogs.message("sign_on", text("signed_on"), text("batch") + " %06d" % self.counters.batch)
        if self.journal.pending is not None:
            await self._settle_owed()
        # Once is enough: a host that goes on asking would keep the terminal from everything else.
        self.line.wishes = self.line.wishes.replace("3", "")

    async def _settle_owed(self) -> None:
        from terminal.flows.owed import settle_owed
        from terminal.response_codes import to_be_confirmed

        t = self.journal.pending
        what = self.journal.owed_text
        why = await settle_owed(self)
        if why or t is None:
            await self.dialogs.message(what, why, "", text("call_service"))
            if t is not None and self.parameters.fault_slips:
                from terminal.printing import print_fault_slip

                await print_fault_slip(self, t, what)
        else:
            ask = t.state == APPROVED and to_be_confirmed(t.response_code)
            await self.dialogs.message(
                STATE_TEXTS[t.state], text(t.type) + " %06d" % t.stan, text("rc01") if ask else ""
            )

    async def _stay_out_of_service(self, fault: OutOfService) -> NoReturn:
        self.screen.show(text("out_of_service"), text(fault.why), fault.detail, text("call_service"))
        while True:
            await asyncio.Event().wait()
