"""The terminal on a fake board, and the parts of it that keep the money, under power cuts."""

import asyncio
import os

import fake_board

_flash = None


def new_flash():
    """A blank chip for the runs that follow."""
    global _flash
    _flash = fake_board.Flash()


async def run(tmk, cut_after=-1):
    """Switches the terminal on and leaves it running until `screen` says stop, or the power fails. Says what was seen."""
    from terminal.app import Terminal

    flash = _flash
    flash.dead = False
    flash.cut_after = -1
    fake_board.mounted(flash)
    flash.operations = 0
    flash.cut_after = cut_after
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
    await board.stopped.wait()
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
