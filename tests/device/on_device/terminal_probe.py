"""The terminal on a fake board, and the parts of it that keep the money, under power cuts."""

import asyncio
import os

import fake_board

_LONGEST_MS = 900000

_flash = None


def new_flash():
    """A blank chip for the runs that follow."""
    global _flash
    _flash = fake_board.Flash()


def _power_on():
    global _flash
    _flash = _flash.after_power_on()
    fake_board.mounted(_flash)
    return _flash


async def run(tmk, cut_after=-1, torn=True):
    """Switches the terminal on until `screen` says stop or the power fails, and tells what was seen."""
    from terminal.app import Terminal

    flash = _power_on()
    flash.operations = 0
    flash.cut_after = cut_after
    flash.torn = torn
    board = fake_board.Board(flash, tmk)
    ended = []

    async def life():
        try:
            await Terminal(board).run()
        except asyncio.CancelledError:
            pass
        except Exception as fault:
            ended.append(fault)
        board.stopped.set()

    task = asyncio.create_task(life())
    try:
        await asyncio.wait_for_ms(board.stopped.wait(), _LONGEST_MS)
    except asyncio.TimeoutError:
        pass  # the script has gone astray; the rig says where
    task.cancel()
    await asyncio.sleep_ms(0)
    if ended:
        raise ended[0]
    return {
        "lines": board.printer.lines,
        "beeps": board.buzzer.beeps,
        "pin_entry": board.events.seen,
        "operations": flash.operations,
        "dead": flash.dead,
    }


def burden(size):
    """From now on the sale holds `size` bytes more than it needs."""
    from terminal.flows import sale as module

    real = module.sale

    async def sale(*args):
        held = bytearray(size)
        await real(*args)
        return held

    module.sale = sale


def image(at, size):
    """Bytes of the flash chip, none after its end."""
    return bytes(_flash.cells[at : at + size])


def last_transaction():
    """State and numbers of the newest transaction on the flash that the last run left; None if there is none."""
    from terminal.journal import Journal

    _power_on()
    last = Journal(fake_board.MOUNT, fake_board.MOUNT + "/journal").last
    return last and {"state": last.state, "stan": last.stan, "batch": last.batch, "reason": last.reason}


def _path(name):
    _power_on()
    return fake_board.MOUNT + "/" + name


def write_raw(name, data):
    """Puts bytes into a file of the terminal's flash, as they are; empty ones remove it."""
    path = _path(name)
    if not data:
        os.remove(path)
        return
    with open(path, "wb") as f:
        f.write(data)


def fill_up(size):
    """Puts `size` bytes of something else on the terminal's flash."""
    with open(_path("filler"), "wb") as f:
        for _ in range(size // 500):
            f.write(bytes(500))


def read_raw(name):
    """The bytes of a file of the terminal's flash."""
    with open(_path(name), "rb") as f:
        return f.read()


def log(name, bodies):
    """Appends records."""
    from terminal import store

    for body in bodies:
        store.append(_path(name), body)


def records(name):
    """Offsets and bodies of a log, or the offset and reason of the damage."""
    from terminal import store

    try:
        return list(store.records(_path(name)))
    except store.Damaged as damage:
        return (damage.offset, damage.reason)


def left_in_the_middle(name):
    """Whether a log's file is open while one of its records is looked at."""
    from terminal import store

    opened = []

    def watched(path, mode):
        opened.append(open(path, mode))
        return opened[-1]

    store.open = watched
    try:
        records = store.records(_path(name))
        next(records)
        opened[0].read(1)
        return True
    except ValueError:  # it is closed
        return False
    finally:
        del store.open


def replace_and_read(name, bodies):
    from terminal import store

    seen = [store.read(_path(name))]
    for body in bodies:
        store.replace(_path(name), body)
        seen.append(store.read(_path(name)))
    return seen


def count_stans(start, count):
    """Trace numbers after `start`, each fetched by a terminal that has just been switched on."""
    import struct

    from terminal import store
    from terminal.counters import Counters

    path = _path("counters")
    store.replace(path, struct.pack(">II", start, 7))
    return [Counters(path).next_stan() for _ in range(count)] + [Counters(path).batch]


def journal_of(states):
    """Opens one transaction for each state and records it (P: leaves it), then reads all back."""
    from terminal.journal import Journal
    from terminal.transaction import Transaction

    path = _path("journal")
    journal = Journal(fake_board.MOUNT, path)
    for stan, state in enumerate(states):
        t = Transaction(stan + 1, 3)
        t.type = "sale"
        t.amount = 1 << 36
        t.masked_pan = "620000******0005"
        t.tvr = b"\x80\x00\x04\x80\x00"
        journal.open(t)
        if state != "P":
            t.authorisation_code = "12345%d" % stan
            journal.record(t, state)
    again = Journal(fake_board.MOUNT, path)
    last = again.last
    return again.count, again.pending is not None, last.stan, last.amount, last.authorisation_code, last.tvr


def parameters(changes):
    """Sets parameters one by one and reads them back after a restart; a refusal comes back as its arguments."""
    from terminal.parameters import ParameterError, Parameters

    path = _path("parameters")
    parameters = Parameters(path)
    for name, value in changes:
        try:
            parameters.set(name, value)
        except ParameterError as wrong:
            return wrong.args
    return {name: getattr(Parameters(path), name) for name, _ in changes}


def read_parameters():
    """What differs from the defaults on flash, or the refusal."""
    from terminal.parameters import ParameterError, Parameters

    try:
        values = Parameters(_path("parameters")).all()
    except ParameterError as wrong:
        return wrong.args
    return {name: values[name] for name in values if values[name] != getattr(Parameters, name)}


def change(changes):
    """Changes several settings together; the refusal if there is one."""
    from terminal.parameters import ParameterError, Parameters

    try:
        Parameters(_path("parameters")).change(changes)
    except ParameterError as wrong:
        return wrong.args


def seal(tmk, pan, expiry, stan, batch):
    from terminal.vault import Vault

    return Vault(tmk).seal(pan, expiry, stan, batch)


def unseal(tmk, sealed, stan, batch):
    from terminal.vault import CannotUnseal, Vault

    try:
        return Vault(tmk).unseal(sealed, stan, batch)
    except CannotUnseal as refusal:
        return refusal.args[0]


def clock(epoch, hhmmss, mmdd):
    """The terminal's time at a board's `epoch`, after the host's time was adopted."""
    import terminal.clock as module

    class Time:
        @staticmethod
        def time():
            return epoch

        localtime = staticmethod(module.time.localtime)

    real, module.time = module.time, Time
    try:
        clock = module.Clock()
        clock.adopt(hhmmss, mmdd)
        return clock.now()
    except ValueError as wrong:
        return wrong.args[0]
    finally:
        module.time = real


def slip(copy, cvm, duplicate=False, name="", language="en", font="A"):
    """The lines of the slip of a made-up sale, as (text with its right end in place, style)."""
    from charset.width import cells
    from drivers.escpos import _CELLS, _FONTS
    from terminal import i18n
    from terminal.parameters import Parameters
    from terminal.slips.paper import DOUBLE, Paper
    from terminal.slips.receipt import receipt

    t = _made_up(cvm)
    p = Parameters("/no_parameters")
    if name:
        p.merchant_name = name
    paper = Paper(384, *_CELLS[_FONTS.index(font)])
    lines = []
    i18n.use(language)
    try:
        for left, right, style in receipt(t, p, paper, copy, duplicate):
            columns = paper.columns // 2 if style & DOUBLE else paper.columns
            assert paper.width(left, style) + paper.width(right, style) <= paper.dots, (left, right)
            lines.append((left + " " * (columns - cells(left) - cells(right)) + right if right else left, style))
    finally:
        i18n.use("en")
    return lines


def slip_record(tmk):
    """What the QR code of that slip says."""
    from terminal.parameters import Parameters
    from terminal.slips.record import slip_record
    from terminal.vault import Vault

    return slip_record(_made_up("PIN"), Parameters("/no_parameters"), Vault(tmk))


def _made_up(cvm):
    from terminal.transaction import Transaction

    t = Transaction(12, 2)
    t.type = "sale"
    t.entry_mode = "051"
    t.amount = 1234
    t.masked_pan = "622588******1234"
    t.authorisation_code = "123456"
    t.reference = "632716000002"
    t.time = "20261123160101"
    t.cvm = cvm
    t.aid = b"\xa0\x00\x00\x03\x33\x01\x01\x01"
    t.label = "UnionPay Debit"
    t.cryptogram_type = "TC"
    t.cryptogram = bytes(range(8))
    t.tvr = b"\x80\x00\x04\x80\x00"
    t.tsi = b"\x78\x00"
    t.atc = b"\x00\x01"
    return t


async def first_of(timeout_ms, *delays):
    """(index, result) of the wait that ended first; a negative delay fails after that time."""
    from terminal.ui.waits import first_of

    async def wait(ms):
        await asyncio.sleep_ms(abs(ms))
        if ms < 0:
            raise ValueError("failed")
        return ms

    return await first_of(timeout_ms, *[wait(ms) for ms in delays])


def texts(language, keys):
    """The texts under `keys`; the language is English again after it."""
    from terminal import i18n

    i18n.use(language)
    try:
        return [i18n.text(key) for key in keys]
    finally:
        i18n.use("en")


def names():
    """Names of all settings and of all views of the totals."""
    from terminal import totals
    from terminal.parameters import schema

    return [row[0] for row in schema()], list(totals.VIEWS)


def what_to_do(language, code):
    from terminal import i18n
    from terminal.response_codes import what_to_do

    i18n.use(language)
    try:
        return what_to_do(code)
    finally:
        i18n.use("en")
