"""Questions and pages of `terminal.ui`, and the character tables under them, without a terminal around."""

import fake_board
from terminal.parameters import Parameters
from terminal.ui.dialogs import Dialogs, Stop
from terminal.ui.screen import Screen


def _dialogs(codes):
    """Dialogs on a fake board whose keys are pressed already; and the list of screens to come, and the events."""
    shown = []
    board = fake_board.Board(None, b"")
    board.display.show = lambda: shown.append(tuple(board.display.rows))
    board.keypad.press(codes)
    return Dialogs(Screen(board.display), board.keypad, Parameters("/no_such_file")), shown, board.events


async def asked(widget, codes, *arguments):
    """What a question gives for key codes: (answer or the reason of its Stop, the screens, PIN entry events)."""
    from terminal.ui import digits_entry, password_entry

    dialogs, shown, events = _dialogs(codes)
    try:
        if widget == "ask_password":
            password = bytearray(password_entry.LONGEST)
            title, prompt = arguments[:2]
            size = await password_entry.ask_password(dialogs, events, title, prompt, password, *arguments[2:])
            answer = password[:size].decode()
        elif widget == "ask_text":
            from terminal.ui.text_entry import ask_text

            text = bytearray(80)
            title, prompt = arguments[:2]
            size = await ask_text(dialogs, events, title, prompt, text, *arguments[2:])
            answer = text[:size].decode()
        elif widget == "ask_pan":
            answer = await digits_entry.ask_pan(dialogs, events, *arguments)
        else:
            answer = await getattr(digits_entry, widget)(dialogs, *arguments)
    except Stop as stop:
        answer = "Stop " + stop.why
    return answer, shown, events.seen


async def pages(codes, body):
    """The screens while a person reads `body`."""
    from terminal.ui.pages import read_pages

    dialogs, shown, _ = _dialogs(codes)
    await read_pages(dialogs, "info", body)
    return shown


def wrapped(text, width):
    from charset.width import wrapped

    return wrapped(text, width)


def laid_out(text, width):
    """Cells of the text, what fits, centred, at the right."""
    from charset import width as w

    fitting = w.fitting(text, width)
    return w.cells(text), fitting, w.centred(text, width), w.right(fitting, width)


def encode(text):
    from charset.gb18030 import encode

    return encode(text)


def decode(data):
    from charset.gb18030 import decode

    return decode(data)


def qr(text, scale):
    """The dot rows of a QR code with its quiet zone."""
    from terminal.slips.qr import QrCode

    code = QrCode(text)
    return [bytes(code.row(y, scale)) for y in range((code.size + 8) * scale)]
