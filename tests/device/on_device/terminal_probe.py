"""The terminal on a fake board, and the parts of it that keep the money, under power cuts."""

import asyncio

import fake_board

_LONGEST_MS = 900000

_flash = None


def new_flash():
    """A blank chip for the runs that follow."""
    global _flash
    _flash = fake_board.Flash()


async def run(tmk, cut_after=-1, torn=True):
    """Switches the terminal on until `screen` says stop or the power fails, and tells what was seen."""
    from terminal.app import Terminal

    flash = _flash
    flash.dead = False
    flash.cut_after = -1
    fake_board.mounted(flash)
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


def image():
    """Every byte of the flash."""
    return bytes(_flash.cells)


def last_transaction():
    """State and numbers of the newest transaction on the flash that the last run left; None if there is none."""
    from terminal.journal import Journal

    _flash.dead = False
    _flash.cut_after = -1
    fake_board.mounted(_flash)
    last = Journal(fake_board.MOUNT, fake_board.MOUNT + "/journal").last
    return last and {"state": last.state, "stan": last.stan, "batch": last.batch, "reason": last.reason}
