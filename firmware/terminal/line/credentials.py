"""Certificates for TLS: the authority that the host is checked against, the terminal's own, and the key of that.

They come as PEM. Certificates are kept as DER in records on flash; the key goes into the board's key slot, which erases
it with the master key when the case is opened, and on flash is its length alone.
"""

from binascii import a2b_base64

from crypto.wiping import wipe

from terminal import store
from terminal.parameters import ParameterError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.app import Terminal

NAMES = ("authority", "certificate", "key")
_LABELS = {"authority": ("CERTIFICATE",), "certificate": ("CERTIFICATE",), "key": ("PRIVATE KEY", "EC PRIVATE KEY")}
_SLOT = "TLS"
_LONGEST_KEY = 1000
"""Bytes: what goes over the link to a key slot at once. One on an elliptic curve has some 140, an RSA key too many."""
_SEQUENCE = 0x30
_UTC_TIME = 0x17


def stored(terminal: Terminal, name: str) -> bytes | None:
    """The DER of `name`; None if it was never loaded, or cannot be read back any more."""
    try:
        return store.read(_path(terminal, name)) or None
    except (OSError, store.Damaged):
        return None


def key_of(terminal: Terminal) -> bytearray:
    """The DER of the terminal's key, for whoever overwrites it after use; empty if there is none, or it was erased."""
    size = stored(terminal, "key")
    key = bytearray(int.from_bytes(size, "big") if size else 0)
    try:
        if key:
            terminal.board.keyslot.key_into(_SLOT, key)
    except KeyError:
        return bytearray()
    return key


def load(terminal: Terminal, name: str, pem: object) -> None:
    """Takes a certificate or a key in PEM, or forgets the one that there is for "". Raises ParameterError, OSError."""
    if name not in NAMES:
        raise ParameterError("certificates", "one of " + ", ".join(NAMES), name)
    if not isinstance(pem, str):
        raise ParameterError(name, "PEM", "a number")
    if not pem:
        return store.replace(_path(terminal, name), b"")
    der = _der(name, pem)
    if name != "key":
        validity(der)
        return store.replace(_path(terminal, name), bytes(der))
    try:
        if len(der) > _LONGEST_KEY:
            raise ParameterError(name, "at most %d bytes, as a key on a curve has" % _LONGEST_KEY, len(der))
        terminal.board.keyslot.store(_SLOT, der)
        store.replace(_path(terminal, name), len(der).to_bytes(2, "big"))
    finally:
        wipe(der)


def overview(terminal: Terminal) -> "dict[str, str | bool]":
    """For each certificate its last day (YYYYMMDD, empty if there is none), and whether there is a key."""
    key = key_of(terminal)
    found: "dict[str, str | bool]" = {"key": any(key)}
    wipe(key)
    for name in ("authority", "certificate"):
        der = stored(terminal, name)
        found[name] = validity(der)[1] if der else ""
    return found


def _path(terminal: Terminal, name: str) -> str:
    return terminal.board.storage + "/tls_" + name


def _der(name: str, pem: str) -> bytearray:
    for label in _LABELS[name]:
        begin, end = "-----BEGIN %s-----" % label, "-----END %s-----" % label
        first, last = pem.find(begin), pem.find(end)
        if 0 <= first < last:
            try:
                return bytearray(a2b_base64(pem[first + len(begin) : last].strip()))
            except ValueError:
                raise ParameterError(name, "Base64 between its lines", "something else")
    # What was found stays unsaid: it might be a key.
    raise ParameterError(name, "PEM: -----BEGIN %s-----" % _LABELS[name][0], "%d characters without" % len(pem))


def validity(der: "bytes | bytearray") -> "tuple[str, str]":
    """First and last day of a certificate, YYYYMMDD (RFC 5280, section 4.1). Raises ParameterError if it is none."""
    try:
        at, _ = _into(der, 0, _SEQUENCE)  # Certificate
        at, _ = _into(der, at, _SEQUENCE)  # TBSCertificate
        if der[at] == 0xA0:
            at = _after(der, at)  # version
        for _ in range(3):
            at = _after(der, at)  # serialNumber, signature, issuer
        at, _ = _into(der, at, _SEQUENCE)
        first = _day(der, at)
        return first, _day(der, _after(der, at))
    except (IndexError, ValueError):
        raise ParameterError("certificate", "an X.509 certificate", "%d bytes of something else" % len(der))


def _into(der: "bytes | bytearray", at: int, tag: int = -1) -> "tuple[int, int]":
    """Where the content of the element at `at` begins, and its length."""
    if tag >= 0 and der[at] != tag:
        raise ValueError
    size = der[at + 1]
    if size < 0x80:
        return at + 2, size
    count = size & 0x7F
    return at + 2 + count, int.from_bytes(der[at + 2 : at + 2 + count], "big")


def _after(der: "bytes | bytearray", at: int) -> int:
    start, size = _into(der, at)
    return start + size


def _day(der: "bytes | bytearray", at: int) -> str:
    start, size = _into(der, at)
    digits = bytes(der[start : start + size]).decode()
    if der[at] == _UTC_TIME:
        digits = ("19" if digits[:2] >= "50" else "20") + digits
    if not digits[:8].isdigit():
        raise ValueError
    return digits[:8]
