"""What the bench types at QEMU's REPL ends here: run a program, and end QEMU with it, whatever it does."""

import sys

import umachine


def run(program: str) -> None:
    """Import `program`; when it ends, its traceback is on the console and QEMU exits."""
    try:
        __import__(program)
    except BaseException as error:
        sys.print_exception(error)
    umachine.reset()
