"""What a terminal loads from its host: parameters, CA public keys, applications, the black list, no-PIN limits.

A list is asked for in parts: field 62 is `1` and how many entries are here already (two digits), the answer a flag (0
there are none, 1 that is all, 2 there are more) and as many as fit. Keys and applications are listed by name first and
then fetched one by one. What has come goes into a file beside the one in use, and takes its place when all of it is
there: until then, and after a failure, the old table holds.
"""

import os

from terminal import number_lists, store, tables
from terminal.host_message import call_host, tell_host
from terminal.i18n import text
from terminal.ui.dialogs import Stop

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Awaitable, Callable

    from terminal.app import Terminal
    from terminal.host_link import HostLink

    Take = Callable[[Terminal, HostLink, str, bytes], Awaitable[int]]

_NONE, _ALL_HERE, _MORE = b"0", b"1", b"2"
_MOST = 99
"""Entries: their number has two digits in field 62."""


async def load_ca_keys(terminal: Terminal) -> None:
    """CA public keys (372, 370, 371), each checked against its own hash. Raises Stop."""
    await _load(terminal, "load_ca_keys", tables.CA_KEYS, "372", "371", _take_keys)


async def load_aids(terminal: Terminal) -> None:
    """The applications that are accepted, and their parameters (382, 380, 381). Raises Stop."""
    await _load(terminal, "load_aids", tables.AIDS, "382", "381", _take_aids)


async def load_black_list(terminal: Terminal) -> None:
    """Cards that are not taken (390, 391). Raises Stop."""
    await _load(terminal, "load_black", number_lists.BLACK_LIST, "390", "391", _take_numbers)


async def load_no_pin(terminal: Terminal) -> None:
    """Limits below which a tap needs no PIN (394, 395), and for which cards that holds or not (396 to 399).

    Raises Stop.
    """
    await _load(terminal, "load_no_pin", tables.NO_PIN, "394", "395", _take_limits)
    await _load(terminal, "load_no_pin", number_lists.NO_PIN_CARDS, "396", "397", _take_numbers)
    await _load(terminal, "load_no_pin", number_lists.PIN_CARDS, "398", "399", _take_numbers)


async def _load(terminal: Terminal, title: str, table: str, listing: str, ending: str, take: Take) -> None:
    """One table, from its first part to its end; `take` writes the entries of a part to a file and counts them."""
    path = terminal.board.storage + table
    beside = path + ".new"
    link = await call_host(terminal, title)
    try:
        _remove(beside)
        count = 0
        more = True
        while more:
            answer = await tell_host(terminal, link, "0820", listing, {62: b"1%02d" % count})
            part = bytes(answer.get(62, b""))  # type: ignore[arg-type]  # field 62 is bytes
            flag = part[:1]
            if flag not in (_NONE, _ALL_HERE, _MORE):
                raise Stop("answer_malformed")
            taken = await take(terminal, link, beside, part[1:]) if flag != _NONE else 0
            count += taken
            more = flag == _MORE
            if more and not 0 < taken <= count < _MOST:
                raise Stop("answer_malformed")
            terminal.screen.show(text(title), text("waiting"), "%d" % count)
        if count:
            os.rename(beside, path)
        else:
            _remove(path)
        await tell_host(terminal, link, "0820", ending, {})
    except (number_lists.Refused, OSError) as fault:
        raise _stop_for(fault)
    finally:
        await link.close()
    await terminal.dialogs.message(title, text("done"), "%d" % count)


def _stop_for(fault: Exception) -> Stop:
    return Stop("flash_fault") if isinstance(fault, OSError) else Stop("answer_malformed", str(fault.args[0]))


async def _take_keys(terminal: Terminal, link: HostLink, path: str, part: bytes) -> int:
    return await _fetch(terminal, link, path, "370", tables.key_names(part), tables.check_key)


async def _take_aids(terminal: Terminal, link: HostLink, path: str, part: bytes) -> int:
    return await _fetch(terminal, link, path, "380", tables.aid_names(part), tables.aid_of)


async def _fetch(
    terminal: Terminal,
    link: HostLink,
    path: str,
    function: str,
    names: "list[bytes]",
    check: "Callable[[bytes], object]",
) -> int:
    for name in names:
        answer = await tell_host(terminal, link, "0820", function, {62: name})
        entry = bytes(answer.get(62, b""))  # type: ignore[arg-type]  # field 62 is bytes
        if entry[:1] != _ALL_HERE:
            raise Stop("answer_malformed")
        check(entry[1:])
        store.append(path, entry[1:])
    return len(names)


async def _take_numbers(_terminal: Terminal, _link: HostLink, path: str, part: bytes) -> int:
    count = number_lists.count_numbers(part)
    store.append(path, part)
    return count


async def _take_limits(_terminal: Terminal, _link: HostLink, path: str, part: bytes) -> int:
    count = tables.count_limits(part)
    store.append(path, part)
    return count


def _remove(path: str) -> None:
    if store.exists(path):
        os.remove(path)
