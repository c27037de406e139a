"""Download of the terminal's parameters (0800, 360 and 361): numbers of two digits, each with a value of known width.

Those that this terminal has a setting for are taken over, all or none; the others are passed over.
"""

from charset.gb18030 import decode

from terminal.host_message import call_host, tell_host
from terminal.i18n import text
from terminal.parameters import ParameterError
from terminal.ui.dialogs import Stop

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.app import Terminal

# 11 application, 12 seconds for an answer, 13 redials, 14 to 17 telephone numbers, 18 tips, 19 tip in per cent, 20
# keyed entry, 21 sign-off after settlement, 22 merchant's name, 23 reversals sent again, 24 advices sent together, 25
# index of the master key, 26 functions, 27 network code of the sign-on.
_WIDTHS = {
    b"11": 2,
    b"12": 2,
    b"13": 1,
    b"14": 14,
    b"15": 14,
    b"16": 14,
    b"17": 14,
    b"18": 1,
    b"19": 2,
    b"20": 1,
    b"21": 1,
    b"22": 40,
    b"23": 1,
    b"24": 1,
    b"25": 1,
    b"26": 4,
    b"27": 3,
}


async def load_parameters(terminal: Terminal) -> None:
    """Asks, takes over, and says that it has. Raises Stop; then nothing has changed."""
    link = await call_host(terminal, "load_params")
    try:
        answer = await tell_host(terminal, link, "0800", "360", {})
        try:
            terminal.parameters.change(changes_of(bytes(answer.get(62, b""))))  # type: ignore[arg-type]  # field 62 is bytes
        except ParameterError as wrong:
            raise Stop("not_possible", wrong.name)
        except ValueError as wrong:
            raise Stop("answer_malformed", str(wrong))
        except OSError:
            raise Stop("flash_fault")
        await tell_host(terminal, link, "0800", "361", {})
    finally:
        await link.close()
    await terminal.dialogs.message("load_params", text("done"))


def changes_of(data: bytes) -> "dict[str, str | int]":
    """The settings that field 62 of the answer changes. Raises ValueError naming the byte that does not fit."""
    found = {}
    at = 0
    while at < len(data):
        number = data[at : at + 2]
        end = at + 2 + _WIDTHS.get(number, len(data))
        if end > len(data):
            raise ValueError("BYTE %d" % at)
        found[number] = data[at + 2 : end]
        at = end
    changes: dict[str, str | int] = {}
    if b"12" in found:
        changes["answer_ms"] = 1000 * int(found[b"12"])
    if b"18" in found:
        changes["tip_percent"] = int(found[b"18"]) and int(found.get(b"19", b"0"))
    if b"21" in found:
        changes["auto_sign_off"] = int(found[b"21"])
    if b"22" in found:
        changes["merchant_name"] = decode(found[b"22"]).strip()
    if b"24" in found:
        changes["advices_at_once"] = int(found[b"24"])
    return changes
