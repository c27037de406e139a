"""Downloads (0800, 0820): parameters, CA public keys, AID parameters, black lists, contactless limits.

A list is asked for in parts: the terminal says how many entries it has, the host answers with a flag and as many more
as fit. Keys and AIDs are listed by name first and then fetched one by one.
"""

from collections.abc import Callable, Sequence

from tillbench.host.acquirer import response_code, wishes
from tillbench.host.acquirer.case import Case
from tillbench.host.acquirer.download_data import DownloadData
from tillbench.host.acquirer.request import Answer
from tillbench.protocols.emv import tlv
from tillbench.protocols.iso8583 import FormatError

FIELD, NAME, BIT_BYTE = 62, "keys, parameters", 9
NONE, ALL_HERE, MORE = b"0", b"1", b"2"
ROOM = 500  # bytes of field 62 that entries may take, of 512
AID, INDEX = 0x9F06, 0x9F22

PARAMETERS, STATUS = "360", "362"
ENDS = {
    "361": wishes.LOAD_PARAMETERS,
    "371": wishes.LOAD_CA_KEYS,
    "381": wishes.LOAD_AIDS,
    "391": wishes.LOAD_BLACKLIST,
    "395": wishes.NOTHING,
    "397": wishes.NOTHING,
    "399": wishes.NOTHING,
}
"""Network codes that end a download, and the wish of the host that it meets."""


def download(case: Case) -> Answer:
    """Answer one message of a download. Raises FormatError for a field 62 that asks for nothing readable."""
    function = case.request.function
    if function in ENDS:
        wishes.meet(case.terminal, ENDS[function])
        return case.answer(response_code.APPROVED)
    return case.answer(
        response_code.APPROVED, payload=PARTS[function](case.institution.downloads, case.request.payload)
    )


def take_status(case: Case) -> Answer:
    """The terminal's state (0820, 362), which goes to the log."""
    wishes.meet(case.terminal, wishes.SEND_STATUS)
    told = case.request.payload.decode("ascii", "replace")
    return case.answer(response_code.APPROVED, f"status: {told}" if told.isprintable() else "status, not printable")


def _parameters(data: DownloadData, _asked: bytes) -> bytes:
    return b"".join(number.encode() + value.encode("gbk") for number, value in sorted(data.parameters.items()))


def _list(entries: Callable[[DownloadData], Sequence[bytes]]) -> Callable[[DownloadData, bytes], bytes]:
    """A list in parts, after the number of entries that the terminal already has."""

    def part(data: DownloadData, asked: bytes) -> bytes:
        every = entries(data)
        if not every:
            return NONE
        text = asked.decode("ascii", "replace")
        if len(text) != 3 or text[0] != "1" or not text.isdecimal():
            raise FormatError(FIELD, BIT_BYTE, "1 and two digits, the entries received", f"{len(asked)} bytes", NAME)
        rest = every[int(text[1:]) :]
        fitting: list[bytes] = []
        for entry in rest:
            if sum(map(len, fitting)) + len(entry) > ROOM:
                break
            fitting.append(entry)
        return (ALL_HERE if len(fitting) == len(rest) else MORE) + b"".join(fitting)

    return part


def _key_names(data: DownloadData) -> Sequence[bytes]:
    return [key.name for key in data.ca_keys]


def _aid_names(data: DownloadData) -> Sequence[bytes]:
    return [tlv.encode(AID, aid) for aid in data.aids]


def _key(data: DownloadData, asked: bytes) -> bytes:
    wanted = _tags(asked, AID, INDEX)
    found = [key for key in data.ca_keys if (key.rid, bytes([key.index])) == wanted]
    return ALL_HERE + found[0].whole if found else NONE


def _aid(data: DownloadData, asked: bytes) -> bytes:
    (aid,) = _tags(asked, AID)
    parameters = data.aids.get(aid)
    return NONE if parameters is None else ALL_HERE + tlv.encode_all([(AID, aid), *parameters.items()])


def _tags(asked: bytes, *wanted: int) -> tuple[bytes, ...]:
    try:
        found = {item.tag: item.value for item in tlv.parse(asked)}
    except tlv.TlvError as error:
        raise FormatError(FIELD, BIT_BYTE, f"TLV: {error.expected}", error.found, NAME) from None
    for tag in wanted:
        if tag not in found:
            raise FormatError(FIELD, BIT_BYTE, f"tag {tlv.tag_hex(tag)}", "no such tag", NAME)
    return tuple(found[tag] for tag in wanted)


def _numbers(numbers: Sequence[str]) -> Sequence[bytes]:
    """Card numbers, or the fronts of some: two digits of length, then the digits."""
    return [f"{len(number):02}{number}".encode("ascii") for number in numbers]


PARTS: dict[str, Callable[[DownloadData, bytes], bytes]] = {
    PARAMETERS: _parameters,
    "372": _list(_key_names),
    "370": _key,
    "382": _list(_aid_names),
    "380": _aid,
    "390": _list(lambda data: _numbers(data.black_list)),
    "394": lambda data, _: ALL_HERE + tlv.encode_all(data.contactless.items()) if data.contactless else NONE,
    "396": _list(lambda data: _numbers(data.no_pin_bins)),
    "398": _list(lambda data: _numbers(data.no_pin_black_bins)),
}
"""By network code: what goes into field 62, after what the terminal's field 62 asks for."""
