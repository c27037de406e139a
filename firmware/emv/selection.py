"""Application selection: payment system environment, list of AIDs, final selection (EMV Book 1 section 12)."""

from micropython import const

from emv.command import SW_OK, send
from emv.config import Aid, Config
from emv.errors import EmvError
from emv.tlv import members, walk
from emv.transaction import Transaction

TYPE_CHECKING = False
if TYPE_CHECKING:
    Buffer = bytes | bytearray

_PSE = b"1PAY.SYS.DDF01"
_SW_NOT_SUPPORTED = const(0x6A81)  # card blocked, or SELECT not supported
_SW_RECORD_NOT_FOUND = const(0x6A83)
_SW_BLOCKED = const(0x6283)  # application (or PSE) invalidated

_ADF_NAME = const(0x4F)
_LABEL = const(0x50)  # Application Label
_DIRECTORY_ENTRY = const(0x61)  # Application Template
_FCI = const(0x6F)
_RECORD = const(0x70)
_DF_NAME = const(0x84)
_PRIORITY = const(0x87)  # Application Priority Indicator
_SFI = const(0x88)
_FCI_PROPRIETARY = const(0xA5)
_LANGUAGES = const(0x5F2D)  # Language Preference
_AID = const(0x9F06)  # Application Identifier (AID) - terminal
_CODE_TABLE = const(0x9F11)  # Issuer Code Table Index
_PREFERRED_NAME = const(0x9F12)  # Application Preferred Name
_PDOL = const(0x9F38)

_MAX_CANDIDATES = const(16)
_LAST_RECORD = const(254)  # FF is reserved


class Candidate:
    """An application that card and terminal have in common.

    aid: its name in the card (DF name); label: for the display; priority: 1 (highest) to 15, 0 = none;
    needs_confirmation: the cardholder must confirm it, also if it is the only one (Book 1 section 12.4).
    """

    def __init__(self, aid: bytes, label: str, indicator: int, entry: Aid) -> None:
        self.aid = aid
        self.label = label
        self.priority = indicator & 0x0F
        self.needs_confirmation = indicator & 0x80 != 0
        self.entry = entry


async def candidates(tx: Transaction) -> list[Candidate]:
    """Build the candidate list, best priority first (Book 1 sections 12.3.2, 12.3.3, 12.4).

    Raises EmvError("TERMINATE") if the card is blocked; an empty list is an outcome, not an error.
    """
    found = await _from_directory(tx)
    if not found:
        found = await _from_aid_list(tx)
    return _by_priority(found)


async def select(tx: Transaction, candidate: Candidate) -> bool:
    """Final SELECT (Book 1 section 12.4). False: the card does not give this application (any more)."""
    response, sw = await _select(tx, candidate.aid)
    if sw == _SW_BLOCKED:
        tx.fallback_allowed = False
    if sw != SW_OK:
        return False
    tx.clear()
    try:
        fci = _parse_fci(response)
    except EmvError:
        return False
    if fci.get(_DF_NAME) != candidate.aid:
        return False
    tx.data.update(fci)
    tx.data[_AID] = candidate.aid
    tx.aid = candidate.entry
    tx.languages = fci.get(_LANGUAGES, tx.languages)
    return True


async def _select(tx: Transaction, name: bytes, p2: int = 0) -> tuple[bytes, int]:
    return await send(tx, 0x00, 0xA4, 0x04, p2, name)


async def _from_directory(tx: Transaction) -> list[Candidate]:
    """The PSE's directory (12.3.2). Any error in it empties the list, so that the list of AIDs is used."""
    response, sw = await _select(tx, _PSE)
    if sw == _SW_NOT_SUPPORTED:
        tx.fallback_allowed = False
        raise EmvError("TERMINATE", "SELECT: card blocked or command not supported (6A81)")
    if sw != SW_OK:
        return []
    found: list[Candidate] = []
    try:
        fci = _parse_fci(response)
        sfi = fci.get(_SFI, b"")
        if len(sfi) != 1 or not 1 <= sfi[0] <= 10:
            return []
        code_table = fci.get(_CODE_TABLE, b"")
        tx.languages = fci.get(_LANGUAGES, b"")
        for record in range(1, _LAST_RECORD + 1):
            response, sw = await send(tx, 0x00, 0xB2, record, sfi[0] << 3 | 4)
            if sw == _SW_RECORD_NOT_FOUND:
                return found
            if sw != SW_OK:
                return []
            for tag, start, stop in members(response, _RECORD):
                if tag == _DIRECTORY_ENTRY:
                    _add(tx.config, found, _objects(response, start, stop), _ADF_NAME, code_table)
    except EmvError as error:
        if error.reason != "FORMAT":
            raise
        return []
    return found


async def _from_aid_list(tx: Transaction) -> list[Candidate]:
    """Every AID of the terminal, and every application of the card that begins with it (12.3.3)."""
    found: list[Candidate] = []
    first = True
    for entry in tx.config.aids:
        response, sw = await _select(tx, entry.aid)
        if first and sw == _SW_NOT_SUPPORTED:
            tx.fallback_allowed = False
            raise EmvError("TERMINATE", "SELECT: card blocked or command not supported (6A81)")
        first = False
        seen: list[Buffer] = []
        while sw == SW_OK or sw == _SW_BLOCKED:
            if sw == _SW_BLOCKED:
                tx.fallback_allowed = False
            try:
                fci = _parse_fci(response)
            except EmvError:
                break
            name = fci.get(_DF_NAME, b"")
            # The card decides how often SELECT NEXT succeeds: a name that comes again ends the loop.
            if name in seen or len(seen) == _MAX_CANDIDATES or not name.startswith(entry.aid):
                break
            seen.append(name)
            exact = name == entry.aid
            if not exact and not entry.partial:
                break
            if sw == SW_OK:
                _add(tx.config, found, fci, _DF_NAME, fci.get(_CODE_TABLE, b""))
            if exact:
                break
            response, sw = await _select(tx, entry.aid, 0x02)
    return found


def _parse_fci(response: bytes) -> dict[int, Buffer]:
    """The objects of 6F and of the A5 in it. Raises EmvError("FORMAT"), also if 84 or A5 is missing (11.3.4)."""
    fci: dict[int, Buffer] = {}
    proprietary = False
    for tag, start, stop in members(response, _FCI):
        if tag == _DF_NAME:
            fci[_DF_NAME] = response[start:stop]
        elif tag == _FCI_PROPRIETARY:
            proprietary = True
            fci.update(_objects(response, start, stop))
    if not proprietary or not 5 <= len(fci.get(_DF_NAME, b"")) <= 16:
        raise EmvError("FORMAT", "FCI: 84 (5 to 16 bytes) and A5 are mandatory")
    return fci


def _objects(buf: bytes, first: int, last: int) -> dict[int, Buffer]:
    """The data elements of a directory entry or of A5 that the terminal uses."""
    found: dict[int, Buffer] = {}
    for tag, start, stop in walk(buf, first, last):
        if tag in (_ADF_NAME, _LABEL, _PRIORITY, _SFI, _LANGUAGES, _CODE_TABLE, _PREFERRED_NAME, _PDOL):
            if tag == _PRIORITY and stop - start != 1:
                raise EmvError("FORMAT", "tag 87: expected 1 byte, found %d" % (stop - start))
            found[tag] = buf[start:stop]
    return found


def _add(config: Config, found: list[Candidate], objects: dict[int, Buffer], name_tag: int, code_table: Buffer) -> None:
    name = bytes(objects.get(name_tag, b""))
    if not 5 <= len(name) <= 16:
        raise EmvError("FORMAT", "ADF name: expected 5 to 16 bytes, found %d" % len(name))
    entry = _match(config, name)
    if entry is None or len(found) == _MAX_CANDIDATES:
        return
    for other in found:
        if other.aid == name:
            return
    indicator = objects.get(_PRIORITY, b"\0")[0]
    found.append(Candidate(name, _display_name(config, objects, code_table), indicator, entry))


def _match(config: Config, name: bytes) -> Aid | None:
    """The terminal's entry for a card's application: the longest AID that it begins with (12.3.1)."""
    best = None
    for entry in config.aids:
        if name == entry.aid or (entry.partial and name.startswith(entry.aid)):
            if best is None or len(entry.aid) > len(best.aid):
                best = entry
    return best


def _display_name(config: Config, objects: dict[int, Buffer], code_table: Buffer) -> str:
    """Preferred name if its code table can be shown, else the label (12.4); never an error (12.2.4)."""
    name = objects.get(_PREFERRED_NAME, b"")
    latin_1 = True
    if not 1 <= len(name) <= 16 or code_table != b"\x01" or not config.shows_latin_1():
        name = objects.get(_LABEL, b"")[:16]
        latin_1 = False  # the common character set
    return "".join(chr(byte) if 0x20 <= byte < 0x7F or (latin_1 and byte >= 0xA0) else " " for byte in name)


def _by_priority(found: list[Candidate]) -> list[Candidate]:
    """Insertion sort: list.sort is not stable in MicroPython, and equal priorities keep the order found."""
    ordered: list[Candidate] = []
    for candidate in found:
        rank = candidate.priority or 16
        at = len(ordered)
        while at and (ordered[at - 1].priority or 16) > rank:
            at -= 1
        ordered.insert(at, candidate)
    return ordered
