"""CA keys, applications and limits that a host has sent, on flash: looked up where they lie, not held in RAM.

Each table is a log of records (`store.py`) of BER-TLV, as it was sent: a key, an application, all limits. Card numbers
are in `number_lists.py`.
"""

from binascii import hexlify, unhexlify

from emv import tlv
from emv.capk import Capk
from emv.config import Aid
from emv.errors import EmvError

from terminal import store
from terminal.number_lists import Refused

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Iterator

CA_KEYS = "/ca_keys"
AIDS = "/aids"
NO_PIN = "/no_pin"

_AID = 0x9F06
_INDEX = 0x9F22


class CaKey(Capk):
    """A key off the flash; its hash was checked when it came, and is not checked again."""

    def __init__(self, body: bytes) -> None:
        found = _objects(body)
        self.rid = found[_AID]
        self.index = found[_INDEX][0]
        self.expiry = unhexlify(found[0xDF05][2:8])
        """YYMMDD, BCD."""
        self.modulus = found[0xDF02]
        self.exponent = int.from_bytes(found[0xDF04], "big")


class CaKeys:
    """The keys in the file `path`, read anew each time that they are gone through."""

    def __init__(self, path: str) -> None:
        self._path = path

    def __iter__(self) -> "Iterator[CaKey]":
        for _, body in store.records(self._path):
            yield CaKey(body)


def check_key(body: bytes) -> None:
    """Raises Refused unless the record is a key whose hash (DF03) fits."""
    try:
        key = CaKey(body)
        Capk(key.rid, key.index, key.modulus, key.exponent, _objects(body)[0xDF03], key.expiry)
    except (EmvError, KeyError, ValueError, IndexError):
        raise Refused("CA KEY")


def key_names(part: bytes) -> "list[bytes]":
    """What a list of keys asks for one after the other: RID and index. Raises Refused."""
    return _names(part, (_AID, _INDEX))


def aid_names(part: bytes) -> "list[bytes]":
    """The same for a list of applications. Raises Refused."""
    return _names(part, (_AID,))


def aid_of(body: bytes) -> Aid:
    """An application with its parameters: 9F08 version, DF11 to DF13 action codes, 9F1B floor limit, DF14 DDOL,
    DF15 to DF17 random selection, DF01 whether the name must fit as a whole. Raises Refused."""
    try:
        found = _objects(body)
        floor = int.from_bytes(found[0x9F1B], "big")
        return Aid(
            found[_AID],
            found[0x9F08],
            tac_denial=found[0xDF13],
            tac_online=found[0xDF12],
            tac_default=found[0xDF11],
            floor_limit=floor,
            partial=not found[0xDF01][0],
            ddol=found.get(0xDF14, b"\x9f\x37\x04"),
            threshold=min(int.from_bytes(found[0xDF15], "big"), max(0, floor - 1)),
            max_target_percent=int(hexlify(found[0xDF16])),
            target_percent=int(hexlify(found[0xDF17])),
        )
    except (EmvError, KeyError, ValueError, IndexError):
        raise Refused("AID")


def loaded_aids(folder: str) -> "list[Aid]":
    """The applications in the table, none if there is no table. Raises store.Damaged, Refused."""
    return [aid_of(body) for _, body in store.records(folder + AIDS)]


def count_limits(part: bytes) -> int:
    """How many limits (TLV) there are. Raises Refused."""
    try:
        return len(list(tlv.walk(part)))
    except EmvError:
        raise Refused("LIMITS")


def limits(folder: str) -> "Iterator[tuple[str, str]]":
    """(tag, value) in hex of each limit below which a tap needs no PIN. Raises store.Damaged."""
    for _, body in store.records(folder + NO_PIN):
        for tag, start, stop in tlv.walk(body):
            yield "%X" % tag, hexlify(body[start:stop]).decode().upper()


def _names(part: bytes, tags: "tuple[int, ...]") -> "list[bytes]":
    names: list[bytes] = []
    try:
        for tag, start, stop in tlv.walk(part):
            if tag == _AID:
                names.append(b"")
            if tag in tags:
                names[-1] += tlv.encode(tag, part[start:stop])
    except (EmvError, IndexError):
        raise Refused("LIST")
    return names


def _objects(body: bytes) -> "dict[int, bytes]":
    found = {}
    for tag, start, stop in tlv.walk(body):
        found[tag] = body[start:stop]
    return found
